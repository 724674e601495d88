"""What the lens shows, and the fewest orders that change one picture into another; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from firmware_bridge.errors import LocalProtocolError
from firmware_bridge.glyphs import Glyph, PlacedGlyph, bounds, composed, drawing_order, encode_placed
from firmware_bridge.messages import (
    BeginBitmap,
    CopyText,
    FillRect,
    Order,
    Remove,
    ReplaceTail,
    Strip,
    WriteGlyphs,
    WriteText,
)

__all__ = [
    "COLOURS",
    "Bitmap",
    "Glyph",
    "Glyphs",
    "Item",
    "PlacedGlyph",
    "Rect",
    "Scene",
    "Text",
    "bitmap_bytes",
    "changes",
    "glyphs_of",
    "removals",
    "split",
]

COLOURS: Final = (
    "void", "white", "grey", "red", "pink", "darkbrown", "brown", "orange", "yellow",
    "darkgreen", "green", "lightgreen", "nightblue", "seablue", "skyblue", "cloudblue",
)  # fmt: skip
"""Names of Frame's palette, in its order (device reference 2.3); "void" is the background."""

WIDTH: Final = 640
HEIGHT: Final = 400
MAX_KEPT_BYTES: Final = 255  # of a text or of glyphs' steps, that an order can say to keep
MAX_TEXT_BYTES: Final = 255  # more than a line of the narrowest glyph holds
STRIP_BYTES: Final = 230  # with its header it fits one packet, so that urgent orders get between


@dataclass(frozen=True, slots=True)
class Text:
    """A line in the glasses' own font: id 0 to 255, top left pixel from 0, at most 255 bytes of UTF-8.

    Frame's font has one size and `spacing` pixels after each letter; Halo's has cells of `size` x `size` pixels, a
    multiple of 8 (0: 16).
    """

    id: int
    x: int
    y: int
    text: str
    colour: str = "white"
    spacing: int = 4
    size: int = 0


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Pixels: bits 1, 2 or 4 each, most significant first, rows not byte aligned; 0 is the background."""

    id: int
    x: int
    y: int
    width: int
    bits: int
    data: bytes
    colour: str = "white"


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle, at least 8 pixels wide or high."""

    id: int
    x: int
    y: int
    width: int
    height: int
    colour: str = "white"


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A line of glyphs, placed from the corner x, y of the item and wholly on the lens, at least one.

    Each distinct glyph crosses the link once and is kept on the glasses; more than they have room for cross as one
    bitmap. What lies under a glyph's box, or under the bitmap, is erased.
    """

    id: int
    x: int
    y: int
    placed: tuple[PlacedGlyph, ...]
    colour: str = "white"


Item = Text | Bitmap | Rect | Glyphs


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the lens shows, in order of id; bitmaps have ids of their own, over the text of the same id.

    Glyphs share their id with nothing.
    """

    items: tuple[Item, ...] = ()


def changes(old: Scene, new: Scene, slots: Mapping[Glyph, int]) -> list[Order]:
    """The orders that turn `old` into `new`; empty where nothing changed.

    Args:
        old: what the glasses have.
        new: what they shall have.
        slots: where the glyphs of both are.

    Raises:
        LocalProtocolError: an item that cannot be drawn, or an id used twice.
    """
    before = {_key(item): item for item in old.items}
    after = {_key(item): item for item in new.items}
    twice = any(isinstance(item, Glyphs) and (item.id, 1) in after for item in new.items)
    if len(after) != len(new.items) or twice:
        msg = "two items of a scene have the same id"
        raise LocalProtocolError(msg)
    orders: list[Order] = [Remove(*gone) for gone in sorted(before.keys() - after.keys())]
    for name, item in sorted(after.items()):
        if before.get(name) != item:
            # Orders come in order of id: what stays and is behind this one still has its old text.
            behind = {_text_of(old, slots): old.id for other, old in before.items() if other > name and other in after}
            orders += _set(before.get(name), item, behind, slots)
    return orders


def removals(scene: Scene) -> list[Order]:
    """The orders that take everything away."""
    return [Remove(*_key(item)) for item in scene.items]


def split(scene: Scene, shown: Iterable[Glyph], fits: Callable[[set[Glyph], int], bool]) -> tuple[Scene, Scene]:
    """What is small and urgent (text, rectangles, glyphs), and what takes time (bitmaps): they are sent side by side.

    Args:
        scene: to be shown.
        shown: glyphs of the picture on the lens, which are kept until the scene is there.
        fits: whether the glasses can keep these glyphs beside so many bytes of bitmaps; other lines become bitmaps.
    """
    light: list[Item] = []
    heavy = [item for item in scene.items if isinstance(item, Bitmap)]
    kept = set(shown)
    for item in scene.items:
        if isinstance(item, Glyphs):
            line = replace(item, placed=drawing_order(item.placed))
            more = kept.union(one.glyph for one in line.placed)
            if fits(more, bitmap_bytes(heavy)):
                kept = more
                light.append(line)
            else:
                heavy.append(_as_bitmap(item))
        elif not isinstance(item, Bitmap):
            light.append(item)
    return Scene(tuple(light)), Scene(tuple(heavy))


def bitmap_bytes(items: Iterable[Item]) -> int:
    """Of the glasses' memory."""
    return sum(len(item.data) for item in items if isinstance(item, Bitmap))


def glyphs_of(scene: Scene) -> list[Glyph]:
    """All glyphs, in order of use."""
    return [one.glyph for item in scene.items if isinstance(item, Glyphs) for one in item.placed]


def _key(item: Item) -> tuple[int, int]:
    """An item's name on the glasses: its id, and whether it is a bitmap."""
    return item.id, int(isinstance(item, Bitmap))


def _as_bitmap(item: Glyphs) -> Bitmap:
    whole = composed(item.placed)
    glyph = whole.glyph
    return Bitmap(item.id, item.x + whole.x, item.y + whole.y, glyph.width, glyph.bits, glyph.data, item.colour)


def _set(old: Item | None, new: Item, behind: Mapping[bytes, int], slots: Mapping[Glyph, int]) -> Iterator[Order]:
    """The orders for an item; `behind` are texts that the glasses still have, and in which item."""
    match new:
        case Text():
            _check_text(new)
            colour, text = _colour(new.colour), _text_of(new, slots)
            same_place = isinstance(old, Text) and replace(old, text=new.text) == new
            whole = WriteText(new.id, new.x, new.y, colour, new.size or new.spacing, text)
            yield _shortest(whole, _text_of(old, slots), text, behind) if old and same_place else whole
        case Glyphs():
            _check_glyphs(new)
            colour, steps = _colour(new.colour), _text_of(new, slots)
            same_place = isinstance(old, Glyphs) and replace(old, placed=new.placed) == new
            line = WriteGlyphs(new.id, new.x, new.y, colour, steps)
            yield _shortest(line, _text_of(old, slots), steps, behind) if old and same_place else line
        case Rect():
            if new.width < 8 and new.height < 8:
                msg = f"a rectangle of {new.width} x {new.height} pixels is too small to draw"
                raise LocalProtocolError(msg)
            yield FillRect(new.id, new.x, new.y, new.width, new.height, _colour(new.colour))
        case Bitmap():
            yield from _bitmap(new)


def _text_of(item: Item, slots: Mapping[Glyph, int]) -> bytes:
    """What the glasses keep of a line; empty for what is none."""
    match item:
        case Text():
            return item.text.encode("utf-8", "replace")
        case Glyphs():
            return encode_placed(item.placed, slots)
        case _:
            return b""


def _check_text(new: Text) -> None:
    size = len(new.text.encode("utf-8", "replace"))
    if size > MAX_TEXT_BYTES:
        msg = f"a line of {size} bytes is longer than {MAX_TEXT_BYTES}"
        raise LocalProtocolError(msg)


def _check_glyphs(new: Glyphs) -> None:
    if not new.placed:
        msg = "a line of no glyphs cannot be drawn"
        raise LocalProtocolError(msg)
    left, top, right, bottom = bounds(new.placed)
    if new.x + left < 0 or new.y + top < 0 or new.x + right > WIDTH or new.y + bottom > HEIGHT:
        msg = f"glyphs from {new.x + left}, {new.y + top} to {new.x + right}, {new.y + bottom} are not on the lens"
        raise LocalProtocolError(msg)


def _shortest(whole: WriteText | WriteGlyphs, old: bytes, new: bytes, behind: Mapping[bytes, int]) -> Order:
    """The order, or a shorter one: that keeps what `new` begins with as `old` does, or takes another item's text."""
    keep = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    keep = min(keep, MAX_KEPT_BYTES)
    ways: list[Order] = [ReplaceTail(whole.id, keep, new[keep:]), whole]
    if new and new in behind:
        ways.insert(0, CopyText(whole.id, behind[new]))
    return min(ways, key=lambda order: len(order.encode()))


def _bitmap(new: Bitmap) -> Iterator[Order]:
    pixels = len(new.data) * 8 // new.bits if new.bits in (1, 2, 4) else 0
    if not 1 <= new.width <= 640 or not pixels or pixels < new.width:
        msg = f"a bitmap of {len(new.data)} bytes, {new.width} wide and {new.bits} bits deep, cannot be drawn"
        raise LocalProtocolError(msg)
    yield BeginBitmap(new.id, new.x, new.y, new.width, new.bits, _colour(new.colour))
    row_bits = new.width * new.bits
    unit = next(rows for rows in (1, 2, 4, 8) if row_bits * rows % 8 == 0)  # fewest rows that fill whole bytes
    rows = max(unit, STRIP_BYTES * 8 // row_bits // unit * unit)
    height = pixels // new.width
    for row in range(0, height, rows):
        count = min(rows, height - row)
        start = row * row_bits // 8
        yield Strip(new.id, count, new.data[start : start + -(-count * row_bits // 8)])


def _colour(name: str) -> int:
    try:
        return COLOURS.index(name, 1)
    except ValueError:
        msg = f"{name!r} is no colour of the glasses"
        raise LocalProtocolError(msg) from None
