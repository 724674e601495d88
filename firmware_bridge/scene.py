"""What the lens shows, and the fewest orders that change one picture into another; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firmware_bridge.errors import LocalProtocolError
from firmware_bridge.messages import BeginBitmap, FillRect, Order, Remove, ReplaceTail, Strip, WriteText

__all__ = ["COLOURS", "Bitmap", "Item", "Rect", "Scene", "Text", "changes", "split"]

COLOURS: Final = (
    "void", "white", "grey", "red", "pink", "darkbrown", "brown", "orange", "yellow",
    "darkgreen", "green", "lightgreen", "nightblue", "seablue", "skyblue", "cloudblue",
)  # fmt: skip
"""Names of Frame's palette, in its order (device reference 2.3); "void" is the background."""

MAX_TEXT_BYTES: Final = 255  # more than a line of the narrowest glyph holds
STRIP_BYTES: Final = 230  # with its header it fits one packet, so that urgent orders get between


@dataclass(frozen=True, slots=True)
class Text:
    """A line in the glasses' own font: id 0 to 255, top left pixel from 0, at most 255 bytes of UTF-8."""

    id: int
    x: int
    y: int
    text: str
    colour: str = "white"
    spacing: int = 4


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


Item = Text | Bitmap | Rect


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the lens shows, in order of id; bitmaps have ids of their own, over the text of the same id."""

    items: tuple[Item, ...] = ()


def changes(old: Scene, new: Scene) -> list[Order]:
    """The orders that turn `old` into `new`; empty where nothing changed.

    Raises:
        LocalProtocolError: an item that cannot be drawn, or an id used twice.
    """
    before = {_key(item): item for item in old.items}
    after = {_key(item): item for item in new.items}
    if len(after) != len(new.items):
        msg = "two items of a scene have the same id"
        raise LocalProtocolError(msg)
    orders: list[Order] = [Remove(*gone) for gone in sorted(before.keys() - after.keys())]
    for key, item in sorted(after.items()):
        if before.get(key) != item:
            orders += _set(before.get(key), item)
    return orders


def split(scene: Scene) -> tuple[Scene, Scene]:
    """What is small and urgent (text, rectangles), and what takes time (bitmaps): they are sent side by side."""
    light = tuple(item for item in scene.items if not isinstance(item, Bitmap))
    heavy = tuple(item for item in scene.items if isinstance(item, Bitmap))
    return Scene(light), Scene(heavy)


def _key(item: Item) -> tuple[int, int]:
    return item.id, int(isinstance(item, Bitmap))


def _set(old: Item | None, new: Item) -> Iterator[Order]:
    match new:
        case Text():
            yield _text(old, new)
        case Rect():
            if new.width < 8 and new.height < 8:
                msg = f"a rectangle of {new.width} x {new.height} pixels is too small to draw"
                raise LocalProtocolError(msg)
            yield FillRect(new.id, new.x, new.y, new.width, new.height, _colour(new.colour))
        case Bitmap():
            yield from _bitmap(new)


def _text(old: Item | None, new: Text) -> Order:
    text = new.text.encode("utf-8", "replace")
    if len(text) > MAX_TEXT_BYTES:
        msg = f"a line of {len(text)} bytes is longer than {MAX_TEXT_BYTES}"
        raise LocalProtocolError(msg)
    whole = WriteText(new.id, new.x, new.y, _colour(new.colour), new.spacing, text)
    same_place = isinstance(old, Text) and (old.x, old.y, old.colour, old.spacing) == (
        new.x, new.y, new.colour, new.spacing,
    )  # fmt: skip
    if not same_place or not isinstance(old, Text):
        return whole
    before = old.text.encode("utf-8", "replace")
    keep = 0
    while keep < min(len(before), len(text)) and before[keep] == text[keep]:
        keep += 1
    tail = ReplaceTail(new.id, keep, text[keep:])
    return tail if len(tail.encode()) < len(whole.encode()) else whole


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
