"""The emulated display's text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from display_parts import bitmap, make, shown, text
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import call, error_of

from firmware_bridge import glyph_cells
from firmware_bridge.emulator import font
from firmware_bridge.emulator.display import _code_points
from firmware_bridge.emulator.palette import COLOURS


@pytest.mark.reference("2.3 text defaults")
def test_text_cells_and_spacing() -> None:
    """2.3: each glyph in its cell, spacing 4 after each drawn one by default."""
    board, display = make()
    text(display, b"HH", 11, 21)
    width, height = glyph_cells()[ord("H")]
    picture = shown(board, display)
    expected = np.zeros((400, 640), int)
    for x in (10, 10 + width + 4):
        expected[20 : 20 + height, x : x + width] = font.glyph(ord("H"))
    assert np.array_equal(picture, expected)


@pytest.mark.parametrize("name", COLOURS[1:])
@pytest.mark.reference("2.3 text colours")
def test_text_colours(name: bytes) -> None:
    """2.3: the fifteen names; glyph bit 1 plus the colour's offset."""
    board, display = make()
    text(display, b"H", 1, 1, color=name)
    assert set(np.unique(shown(board, display))) == {0, COLOURS.index(name)}


@pytest.mark.parametrize("name", [b"VOID", b"white", b"", b"PURPLE"])
@pytest.mark.reference("2.3 text colours", "5 text")
def test_text_refuses_void_and_unknown_names(name: bytes) -> None:
    """2.3 and 5, Frame 9: exact names only, and not VOID."""
    _, display = make()
    assert error_of(display.api(), "text", b"a", 1, 1, {b"color": name}) == "Invalid color name"


@pytest.mark.parametrize("ignored", [True, 5, b"RED", None])
@pytest.mark.reference("2.3 text defaults")
def test_text_ignores_a_fourth_argument_that_is_no_table(ignored: Any) -> None:
    """2.3."""
    board, display = make()
    call(display.api(), "text", b"H", 1, 1, ignored)
    assert shown(board, display).max() == 1


@pytest.mark.reference("2.3 text fit")
def test_text_skips_what_does_not_fit_without_advancing() -> None:
    """2.3: drawn only if x + width <= 640 and y + height <= 400; a narrower glyph may still be drawn."""
    board, display = make()
    wide, narrow = glyph_cells()[ord("M")][0], glyph_cells()[ord("i")][0]
    text(display, b"Mi", 640 - wide + 1, 1)
    columns = np.flatnonzero(shown(board, display).any(axis=0))
    assert columns.min() >= 640 - wide
    assert columns.max() < 640 - wide + narrow
    text(display, b"M", 640 - wide, 352)
    assert shown(board, display).any()
    text(display, b"M", 1, 353)
    assert not shown(board, display).any()


@pytest.mark.reference("2.3 text position")
def test_text_position_errors_come_only_with_a_drawn_glyph() -> None:
    """2.3: x < 1 or y < 1 raises the bitmap error, but only when a glyph is drawn."""
    _, display = make()
    assert error_of(display.api(), "text", b"a", 0, 1) == "x_position must be between 1 and 640 pixels"
    assert error_of(display.api(), "text", b"a", 1, -5) == "y_position must be between 1 and 400 pixels"
    for nothing in (b"", b"/", "一".encode(), b"\xff\xfe"):
        text(display, nothing, -3, -3)


@pytest.mark.reference("2.3 text unknown", "5 text")
def test_text_skips_unknown_code_points_and_broken_utf8() -> None:
    """2.3 and 5, Frame 9: no '/', no typographic punctuation; nothing of them advances."""
    board, display = make()
    text(display, b"H" + b"\xff\x80" + "/–…Ж漢".encode() + b"H\xe4\xb8", 1, 1)
    odd = shown(board, display)
    text(display, b"HH", 1, 1)
    assert np.array_equal(odd, shown(board, display))


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(exclude_characters="\0"), max_size=20))
def test_utf8_is_read_as_everywhere(text: str) -> None:
    assert list(_code_points(text.encode("utf-8", "surrogatepass"))) == [ord(character) for character in text]


@settings(max_examples=200, deadline=None)
@given(text=st.binary(max_size=20))
def test_broken_utf8_is_read_to_its_end(text: bytes) -> None:
    """2.3: a byte that begins nothing is skipped; what follows one that does is taken without a look."""
    assert len(list(_code_points(text))) <= len(text)
    assert list(_code_points(b"\xc3A")) == [0xC1]


@pytest.mark.reference("2.3 text cell", "5 text")
def test_text_erases_what_was_beneath_its_cell() -> None:
    """2.3: draws the whole glyph cell."""
    board, display = make()
    bitmap(display, 1, 1, 640, 2, 6, b"\xff" * 80 * 60)
    text(display, b" ", 11, 6)
    picture = shown(board, display)
    assert not picture[5:53, 10:23].any()
    assert (picture[:60] == 0).sum() == 48 * 13


def test_text_spacing_and_type_errors() -> None:
    """2.3."""
    board, display = make()
    text(display, b"ii", 1, 1, spacing=30)
    assert np.flatnonzero(shown(board, display).any(axis=0)).max() >= 5 + 30
    assert "number expected, got string" in error_of(display.api(), "text", b"a", 1, 1, {b"spacing": b"x"})
    assert "string expected, got boolean" in error_of(display.api(), "text", b"a", 1, 1, {b"color": True})
    assert error_of(display.api(), "text", b"a") == "bad argument #2 to 'text' (number expected, got no value)"


@pytest.mark.reference("2.3 font", "5 text")
def test_no_glyph_for_slash_and_200_in_all() -> None:
    """2.3: 200 glyphs, 183 of 48 px, 17 emoji; '/' missing; space 13 px."""
    cells = glyph_cells()
    assert len(cells) == 200
    assert sum(height == 48 for _, height in cells.values()) == 183
    assert ord("/") not in cells
    assert cells[ord(" ")] == (13, 48)
    for code, (width, height) in cells.items():
        pixels = font.glyph(code)
        assert pixels is not None
        assert pixels.shape == (height, width)
        assert pixels.any() == (code != ord(" "))
