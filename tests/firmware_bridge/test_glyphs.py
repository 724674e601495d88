"""Glyphs as Frame draws them look like all of them laid over one another."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.errors import LocalProtocolError
from firmware_bridge.glyphs import Glyph, PlacedGlyph, composed, drawing_order, encode_placed, pixels_of

LEFT, TOP, WIDTH, HEIGHT = 40, 30, 160, 90  # a canvas around what the strategies place


@st.composite
def some_glyphs(draw: st.DrawFn) -> Glyph:
    width, height = draw(st.one_of(st.integers(1, 3), st.integers(1, 20))), draw(st.integers(1, 14))
    bits = draw(st.sampled_from([1, 1, 2]))
    size = -(-width * height * bits // 8)
    spare = size * 8 - width * height * bits
    value = draw(st.one_of(st.just(0), st.integers(0, 2 ** (size * 8) - 1), st.just(2 ** (size * 8) - 1)))
    return Glyph(width, height, bits, (value >> spare << spare).to_bytes(size, "big"))


lines = st.lists(
    st.builds(PlacedGlyph, x=st.integers(-20, 60), y=st.integers(-10, 20), glyph=some_glyphs()), min_size=1, max_size=8
).map(tuple)


def union(placed: tuple[PlacedGlyph, ...]) -> np.ndarray:
    """What must be seen."""
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    for one in placed:
        y, x = one.y + TOP, one.x + LEFT
        part = canvas[y : y + one.glyph.height, x : x + one.glyph.width]
        np.maximum(part, pixels_of(one.glyph), out=part)
    return canvas


def drawn(placed: tuple[PlacedGlyph, ...]) -> np.ndarray:
    """What Frame makes of it: pixel after pixel of whole bytes, zeros too."""
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    for one in placed:
        glyph = one.glyph
        text = "".join(f"{byte:08b}" for byte in glyph.data)
        for n in range(len(text) // glyph.bits):
            value = int(text[n * glyph.bits : (n + 1) * glyph.bits], 2)
            canvas[TOP + one.y + n // glyph.width, LEFT + one.x + n % glyph.width] = value
    return canvas


def block(width: int, height: int, *lit: tuple[int, int]) -> Glyph:
    pixels = np.zeros((height, width), np.uint8)
    for x, y in lit:
        pixels[y, x] = 1
    return Glyph(width, height, 1, np.packbits(pixels).tobytes())


@given(lines)
def test_drawn_in_order_nothing_is_erased(placed: tuple[PlacedGlyph, ...]) -> None:
    assert (drawn(drawing_order(placed)) == union(placed)).all()


@given(lines)
def test_one_glyph_looks_like_all_it_is_made_of(placed: tuple[PlacedGlyph, ...]) -> None:
    assert (drawn((composed(placed),))[:HEIGHT] == union(placed)).all()


def test_drawn_as_they_come_they_would_erase_one_another() -> None:
    """The quirk is real, and neither order alone mends it."""
    left, right = block(8, 2, (7, 0)), block(8, 2, (0, 1))
    placed = (PlacedGlyph(0, 0, left), PlacedGlyph(6, 0, right))
    assert (drawn(placed) != union(placed)).any()
    assert (drawn(placed[::-1]) != union(placed)).any()
    (one,) = drawing_order(placed)
    assert (one.glyph.width, one.glyph.height) == (14, 2)


def test_an_order_is_found_where_there_is_one() -> None:
    over, under = block(8, 2, (0, 0), (7, 0)), block(8, 2, (3, 0))
    placed = (PlacedGlyph(0, 0, over), PlacedGlyph(6, 0, under))
    assert (drawn(placed) != union(placed)).any()
    assert drawing_order(placed) == placed[::-1]


def test_the_spare_bits_of_a_last_byte_erase_too() -> None:
    odd, below = block(3, 3, (0, 0)), block(8, 1, (0, 0))
    placed = (PlacedGlyph(0, 1, below), PlacedGlyph(0, -2, odd))  # 9 pixels: 7 spare ones fall on the next rows
    assert (drawn(placed) != union(placed)).any()
    assert (drawn(drawing_order(placed)) == union(placed)).all()


def test_only_the_spare_bits_of_a_narrow_glyph_reach_the_next() -> None:
    narrow, below = block(1, 25, (0, 3)), block(2, 4, (0, 0))  # 25 pixels: 7 spare ones run down the column
    placed = (PlacedGlyph(5, 0, narrow), PlacedGlyph(5, 28, below))
    assert (drawn(drawing_order(placed)) == union(placed)).all()


def test_glyphs_that_do_not_touch_stay_as_they_are_from_left_to_right() -> None:
    placed = tuple(PlacedGlyph(9 * n, n % 2, block(8, 8, (n, n))) for n in range(8))
    assert drawing_order(placed[::-1]) == placed


def test_a_heap_of_marks_takes_no_time() -> None:
    mark = block(9, 9, *((n, n) for n in range(9)))
    placed = tuple(PlacedGlyph(n % 7, n % 5, mark) for n in range(3000))
    began = time.process_time()
    assert len(drawing_order(placed)) == 1
    assert time.process_time() - began < 20


@given(lines)
def test_steps_lead_to_every_glyph(placed: tuple[PlacedGlyph, ...]) -> None:
    slots = {glyph: n + 1 for n, glyph in enumerate({one.glyph for one in placed})}
    far = tuple(PlacedGlyph(one.x * 9, one.y * 30, one.glyph) for one in placed)
    steps = encode_placed(far, slots)
    x = y = 0
    found = []
    for at in range(0, len(steps), 3):
        slot, right, down = steps[at : at + 3]
        x, y = x + (right ^ 128) - 128, y + (down ^ 128) - 128
        if slot:
            found.append((slot, x, y))
    assert found == [(slots[one.glyph], one.x, one.y) for one in far]


@pytest.mark.parametrize(
    ("width", "height", "bits", "data"),
    [
        (0, 8, 1, b"x"),
        (8, 0, 1, b"x"),
        (641, 1, 1, bytes(81)),
        (8, 401, 1, bytes(401)),
        (8, 8, 4, bytes(32)),
        (8, 8, 1, bytes(7)),
        (8, 8, 1, bytes(9)),
        (8, 8, 1, b""),
        (3, 3, 1, b"\0\1"),
        (8, 1, 3, bytes(3)),
    ],
)
def test_what_is_no_glyph_is_refused(width: int, height: int, bits: int, data: bytes) -> None:
    with pytest.raises(LocalProtocolError, match="are no glyph of"):
        Glyph(width, height, bits, data)


def test_glyphs_far_apart_are_no_glyph() -> None:
    dot = block(8, 1, (0, 0))
    with pytest.raises(LocalProtocolError, match="no glyph of 641 x 401"):
        composed((PlacedGlyph(0, 0, dot), PlacedGlyph(5000, 9000, dot)))
