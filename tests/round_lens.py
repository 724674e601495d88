"""Whether a picture stays within what is seen of Halo's round lens."""

from __future__ import annotations

from collections.abc import Iterator

from firmware_bridge.emulator.halo.display import VISIBLE
from host.app.glasses import built_in_font
from host.lens.display_list import BitmapItem, DisplayList, GlyphItem, Item, RectItem, TextItem
from host.lens.font import Font
from host.lens.shape import HALO
from host.lens.shaping import TextSize


def halo_font(_language: str, size: TextSize) -> Font:
    """The fonts of Halo itself."""
    return built_in_font(HALO, size)


def boxes(item: Item) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, width and height of what an item draws."""
    match item:
        case TextItem():
            yield item.x, item.y, item.size * len(item.text), item.size
        case RectItem():
            yield item.x, item.y, item.width, item.height
        case BitmapItem():
            yield item.x, item.y, item.width, len(item.data) * 8 // item.bits // item.width
        case GlyphItem():
            for one in item.placed:
                yield item.x + one.x, item.y + one.y, one.glyph.width, one.glyph.height


def all_seen(picture: DisplayList) -> bool:
    """Whether every box lies within the circle, and each item has an id of its own."""
    for item in picture.items:
        for x, y, width, height in boxes(item):
            inside = x >= 0 and y >= 0 and x + width <= HALO.width and y + height <= HALO.height
            if not inside or not VISIBLE[y : y + height, x : x + width].all():
                return False
    return len({item.id for item in picture.items}) == len(picture.items)
