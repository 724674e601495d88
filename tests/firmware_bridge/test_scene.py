"""The fewest orders that change one picture into another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.errors import LocalProtocolError
from firmware_bridge.messages import (
    BeginBitmap,
    FillRect,
    Order,
    Remove,
    ReplaceTail,
    Strip,
    WriteText,
)
from firmware_bridge.scene import COLOURS, Bitmap, Item, Rect, Scene, Text, changes, split

texts = st.builds(
    Text,
    id=st.integers(0, 5),
    x=st.integers(0, 639),
    y=st.integers(0, 399),
    text=st.text(max_size=40),
    colour=st.sampled_from(COLOURS[1:]),
    spacing=st.integers(0, 15),
)
rects = st.builds(
    Rect,
    id=st.integers(0, 5),
    x=st.integers(0, 600),
    y=st.integers(0, 300),
    width=st.integers(8, 640),
    height=st.integers(1, 400),
)
bitmaps = st.builds(
    Bitmap,
    id=st.integers(0, 5),
    x=st.just(0),
    y=st.just(0),
    width=st.sampled_from([8, 13, 64, 640]),
    bits=st.sampled_from([1, 2, 4]),
    data=st.binary(min_size=320, max_size=700),
)
scenes = st.lists(
    st.one_of(texts, rects, bitmaps), max_size=6, unique_by=lambda item: (item.id, isinstance(item, Bitmap))
).map(lambda items: Scene(tuple(items)))


def apply(state: dict[tuple[int, int], object], orders: list[Order]) -> None:
    """What scene.lua does with orders, in Python."""
    for order in orders:
        match order:
            case Remove():
                state.pop((order.id, order.bitmap), None)
            case WriteText():
                state[order.id, 0] = [order.x, order.y, order.colour, order.spacing, order.text]
            case ReplaceTail():
                item = state[order.id, 0]
                item[4] = item[4][: order.keep] + order.text
            case FillRect():
                state[order.id, 0] = order
            case BeginBitmap():
                state[order.id, 1] = [order, b"", 0]
            case Strip():
                item = state[order.id, 1]
                item[1] += order.pixels
                item[2] += order.rows


def as_state(scene: Scene) -> dict[tuple[int, int], object]:
    state: dict[tuple[int, int], object] = {}
    apply(state, changes(Scene(), scene))
    return state


@given(st.lists(scenes, min_size=1, max_size=6))
def test_any_sequence_of_pictures_ends_as_the_last(sequence: list[Scene]) -> None:
    state: dict[tuple[int, int], object] = {}
    old = Scene()
    for scene in sequence:
        apply(state, changes(old, scene))
        old = scene
    assert state == as_state(sequence[-1])


@given(scenes)
def test_nothing_is_sent_where_nothing_changed(scene: Scene) -> None:
    assert changes(scene, scene) == []


@given(bitmaps)
def test_strips_hold_whole_bytes_and_all_pixels(bitmap: Bitmap) -> None:
    strips = [o for o in changes(Scene(), Scene((bitmap,))) if isinstance(o, Strip)]
    height = len(bitmap.data) * 8 // bitmap.bits // bitmap.width
    assert sum(s.rows for s in strips) == height
    for strip in strips[:-1]:
        assert strip.rows * bitmap.width * bitmap.bits == len(strip.pixels) * 8
    joined = b"".join(s.pixels for s in strips)
    assert bitmap.data.startswith(joined)
    assert len(joined) * 8 >= height * bitmap.width * bitmap.bits


def test_a_caption_that_grows_sends_its_tail_only() -> None:
    before = Scene((Text(1, 0, 0, "the quick brown"), Text(2, 0, 60, "other line")))
    after = Scene((Text(1, 0, 0, "the quick brown fox"), Text(2, 0, 60, "other line")))
    assert changes(before, after) == [ReplaceTail(1, 15, b" fox")]


def test_an_item_that_goes_is_removed() -> None:
    both = Scene((Text(1, 0, 0, "a"), Text(2, 0, 60, "b")))
    assert changes(both, Scene((Text(1, 0, 0, "a"),))) == [Remove(2, 0)]
    assert changes(both, Scene()) == [Remove(1, 0), Remove(2, 0)]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (Text(1, 0, 0, "x" * 256), "256 bytes is longer than 255"),
        (Text(1, 0, 0, "x", colour="void"), "'void' is no colour"),
        (Text(1, -1, 0, "x"), "WriteText"),
        (Rect(1, 0, 0, 7, 7), "7 x 7 pixels is too small"),
        (Bitmap(1, 0, 0, 0, 1, b"x"), "cannot be drawn"),
        (Bitmap(1, 0, 0, 8, 3, b"x"), "cannot be drawn"),
        (Bitmap(1, 0, 0, 8, 1, b""), "cannot be drawn"),
    ],
)
def test_what_cannot_be_drawn_is_refused(item: Item, message: str) -> None:
    with pytest.raises(LocalProtocolError, match=message):
        [order.encode() for order in changes(Scene(), Scene((item,)))]


def test_two_items_with_one_id_are_refused() -> None:
    with pytest.raises(LocalProtocolError, match="same id"):
        changes(Scene(), Scene((Text(1, 0, 0, "a"), Text(1, 0, 9, "b"))))


@given(scenes)
def test_text_and_bitmaps_are_sent_side_by_side(scene: Scene) -> None:
    light, heavy = split(scene)
    state: dict[tuple[int, int], object] = {}
    apply(state, changes(Scene(), heavy))
    apply(state, changes(Scene(), light))
    assert state == as_state(scene)
