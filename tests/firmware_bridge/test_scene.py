"""The fewest orders that change one picture into another."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lua_scene import LuaScene

from firmware_bridge.errors import LocalProtocolError
from firmware_bridge.messages import (
    BeginBitmap,
    CopyText,
    FillRect,
    KeepGlyph,
    Order,
    Remove,
    ReplaceTail,
    Show,
    Strip,
    WriteGlyphs,
    WriteText,
)
from firmware_bridge.scene import (
    COLOURS,
    Bitmap,
    Glyph,
    Glyphs,
    Item,
    PlacedGlyph,
    Rect,
    Scene,
    Text,
    glyphs_of,
    removals,
    split,
)
from firmware_bridge.scene import changes as changes_with

texts = st.builds(
    Text,
    id=st.integers(0, 5),
    x=st.sampled_from([0, 20]),
    y=st.sampled_from([0, 60]),
    text=st.one_of(st.sampled_from(["one line", "another line", "a third"]), st.text(max_size=40)),
    colour=st.sampled_from(COLOURS[1:3]),
    spacing=st.sampled_from([0, 4]),
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
ALPHABET = tuple(Glyph(w, h, 1, bytes(-(-w * h // 8))) for w in (5, 8, 30) for h in (1, 7, 12))
glyphs = st.builds(
    Glyphs,
    id=st.integers(0, 5),
    x=st.integers(0, 100),
    y=st.integers(0, 100),
    placed=st.lists(
        st.builds(PlacedGlyph, x=st.integers(0, 500), y=st.integers(0, 40), glyph=st.sampled_from(ALPHABET)),
        min_size=1,
        max_size=8,
    ).map(tuple),
    colour=st.sampled_from(COLOURS[1:3]),
)


def scene_of(items: list[Item]) -> Scene:
    lines = {item.id for item in items if isinstance(item, Glyphs)}
    return Scene(tuple(item for item in items if not (isinstance(item, Bitmap) and item.id in lines)))


scenes = st.lists(
    st.one_of(texts, rects, bitmaps, glyphs), max_size=6, unique_by=lambda item: (item.id, isinstance(item, Bitmap))
).map(scene_of)

SLOTS = {glyph: n + 1 for n, glyph in enumerate(ALPHABET)}


def changes(old: Scene, new: Scene) -> list[Order]:
    return changes_with(old, new, SLOTS)


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
                item[-1] = item[-1][: order.keep] + order.text
            case CopyText():
                state[order.id, 0][-1] = state[order.other, 0][-1]
            case WriteGlyphs():
                state[order.id, 0] = [order.x, order.y, order.colour, order.steps]
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


@settings(max_examples=60)
@given(st.lists(scenes, min_size=1, max_size=6))
def test_the_glasses_draw_the_last_of_any_sequence(sequence: list[Scene]) -> None:
    """The real scene.lua, beside another that got the last picture alone."""
    glasses, other = LuaScene(), LuaScene()
    kept = [KeepGlyph(slot, glyph.width, glyph.bits, glyph.data) for glyph, slot in SLOTS.items()]
    glasses.obey(*kept)
    other.obey(*kept, *changes(Scene(), sequence[-1]), Show(1))
    for old, new in itertools.pairwise([Scene(), *sequence]):
        glasses.obey(*changes(old, new), Show(1))
    assert glasses.draw() == other.draw()
    assert not glasses.failed
    assert not other.failed


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


def test_a_line_that_moves_up_is_copied_on_the_glasses() -> None:
    placed = tuple(PlacedGlyph(31 * n, 0, ALPHABET[n]) for n in range(9))
    before = Scene((Text(1, 0, 0, "the first line"), Text(2, 0, 60, "the second"), Glyphs(3, 0, 99, placed[:2])))
    after = Scene((Text(1, 0, 0, "the second"), Text(2, 0, 60, "of all"), Glyphs(3, 0, 99, placed[:2])))
    assert changes(before, after) == [CopyText(1, 2), ReplaceTail(2, 0, b"of all")]
    upper = Scene((Glyphs(1, 0, 0, placed[:4]), Glyphs(2, 0, 60, placed[4:])))
    moved = Scene((Glyphs(1, 0, 0, placed[4:]), Glyphs(2, 0, 60, placed[:1])))
    assert changes(upper, moved)[0] == CopyText(1, 2)


def test_a_line_is_not_copied_from_where_it_is_no_more() -> None:
    both = Scene((Text(1, 0, 0, "one"), Text(2, 0, 60, "two lines")))
    assert CopyText(2, 1) not in changes(both, Scene((Text(1, 0, 0, "three"), Text(2, 0, 60, "one"))))
    assert changes(both, Scene((Text(1, 0, 0, "two lines"),))) == [Remove(2, 0), ReplaceTail(1, 0, b"two lines")]


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


def test_a_line_of_glyphs_that_grows_sends_its_new_glyphs_only() -> None:
    placed = tuple(PlacedGlyph(31 * n, n % 3, ALPHABET[n % 9]) for n in range(12))
    whole, more = changes(Scene((Glyphs(1, 9, 50, placed[:-1]),)), Scene((Glyphs(1, 9, 50, placed),))), placed[-1]
    steps = bytes((SLOTS[more.glyph], 31, more.y - placed[-2].y & 0xFF))
    assert whole == [ReplaceTail(1, 33, steps)]


def test_glyphs_off_the_lens_are_refused() -> None:
    glyph = Glyph(8, 8, 1, bytes(8))
    inside = [Glyphs(1, 0, 0, (PlacedGlyph(0, 0, glyph),)), Glyphs(1, 640, 400, (PlacedGlyph(-8, -8, glyph),))]
    outside = [(-1, 0), (0, -1), (633, 0), (0, 393)]
    for item in inside:
        assert [order.encode() for order in changes_with(Scene(), Scene((item,)), {glyph: 1})]
    for x, y in outside:
        with pytest.raises(LocalProtocolError, match="not on the lens"):
            changes_with(Scene(), Scene((Glyphs(1, 0, 0, (PlacedGlyph(x, y, glyph),)),)), {glyph: 1})
    with pytest.raises(LocalProtocolError, match="no glyphs"):
        changes(Scene(), Scene((Glyphs(1, 0, 0, ()),)))


def test_glyphs_share_their_id_with_nothing() -> None:
    line = Glyphs(1, 0, 0, (PlacedGlyph(0, 0, ALPHABET[0]),))
    for other in (Text(1, 0, 0, "a"), Rect(1, 0, 0, 8, 8), Bitmap(1, 0, 0, 8, 1, b"x")):
        with pytest.raises(LocalProtocolError, match="same id"):
            changes(Scene(), Scene((line, other)))


@given(scenes)
def test_text_and_bitmaps_are_sent_side_by_side(scene: Scene) -> None:
    light, heavy = split(scene, (), lambda _glyphs, _bytes: True)
    assert not any(isinstance(item, Bitmap) for item in light.items)
    assert all(isinstance(item, Bitmap) for item in heavy.items)
    assert {(item.id, type(item)) for item in (*light.items, *heavy.items)} == {
        (item.id, type(item)) for item in scene.items
    }


@given(scenes, st.integers(0, 12))
def test_lines_of_more_glyphs_than_fit_become_bitmaps(scene: Scene, room: int) -> None:
    light, heavy = split(scene, (), lambda glyphs, _bytes: len(glyphs) <= room)
    assert len(set(glyphs_of(light))) <= room
    assert sorted(item.id for item in (*light.items, *heavy.items)) == sorted(item.id for item in scene.items)
    assert changes_with(light, light, dict.fromkeys(glyphs_of(light), 1)) == []


@given(scenes)
def test_all_of_a_scene_can_be_taken_away(scene: Scene) -> None:
    state = as_state(scene)
    apply(state, removals(scene))
    assert state == {}
