"""A picture for the lens as a list of drawing items; pure values.

`host/app` turns it into what the glasses understand. Coordinates are pixels from the top left corner, (0, 0) first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = Literal[
    "white",
    "grey",
    "red",
    "pink",
    "darkbrown",
    "brown",
    "orange",
    "yellow",
    "darkgreen",
    "green",
    "lightgreen",
    "nightblue",
    "seablue",
    "skyblue",
    "cloudblue",
]
"""The fifteen colours that Frame's palette names (device reference 2.3)."""


@dataclass(frozen=True, slots=True)
class TextItem:
    """One line of text in the glasses' own font.

    Attributes:
        id: name of the item, unique in its picture, 0 to 255; the same id in the next picture is the same thing
            changed, so that only the change crosses the link.
        x: left edge of the first glyph, 0 to width - 1.
        y: top edge of the glyph cell, 0 to height - 1.
        text: characters the glasses' font has; others are dropped by the glasses.
        colour: of the glyphs.
        spacing: pixels after each glyph, 0 to 15.
        size: pixels of a letter's cell where the glasses have several sizes (Halo: a multiple of 8, which is also how
            wide it is; there is no spacing then); 0 where they have one.
    """

    id: int
    x: int
    y: int
    text: str
    colour: Colour = "white"
    spacing: int = 4
    size: int = 0


@dataclass(frozen=True, slots=True)
class BitmapItem:
    """Pixels of our own making.

    Attributes:
        id: as in `TextItem`.
        x: left edge.
        y: top edge.
        width: pixels across, 1 to 640.
        bits: bits a pixel, 1, 2 or 4.
        data: pixels row after row, most significant bits first, rows not byte aligned; 0 is transparent black.
        colour: colour of index 1 (the other indices follow it in the palette).
    """

    id: int
    x: int
    y: int
    width: int
    bits: int
    data: bytes
    colour: Colour = "white"


@dataclass(frozen=True, slots=True)
class RectItem:
    """A filled rectangle: x, y, width, height in pixels, width and height at least 1."""

    id: int
    x: int
    y: int
    width: int
    height: int
    colour: Colour = "white"


@dataclass(frozen=True, slots=True)
class Glyph:
    """The picture of one glyph, cut to its ink; equal pictures are the same glyph, which crosses the link once.

    Attributes:
        width: pixels across, at least 1.
        height: pixels down, at least 1.
        bits: bits a pixel, 1 or 2.
        data: pixels as those of a `BitmapItem`; what is left of the last byte is 0.
    """

    width: int
    height: int
    bits: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PlacedGlyph:
    """A glyph and where its top left pixel is, counted from the corner of its item."""

    x: int
    y: int
    glyph: Glyph


@dataclass(frozen=True, slots=True)
class GlyphItem:
    """Text as glyphs of our own, in the order in which they are seen from left to right. They may overlap.

    Attributes:
        id: as in `TextItem`; no other item of the picture has it.
        x: left edge of the leftmost glyph.
        y: top edge of the highest glyph.
        placed: at least one, all of them on the lens.
        colour: of the ink.
    """

    id: int
    x: int
    y: int
    placed: tuple[PlacedGlyph, ...]
    colour: Colour = "white"


Item = TextItem | BitmapItem | RectItem | GlyphItem


@dataclass(frozen=True, slots=True)
class DisplayList:
    """Everything the lens shows, drawn in order."""

    items: tuple[Item, ...] = ()
