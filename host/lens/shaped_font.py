"""A font for every script: the built-in letters where they suffice, else glyphs of ours; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from host.lens.display_list import Glyph, GlyphItem, Item, PlacedGlyph
from host.lens.font import BuiltInFont, Part
from host.lens.shaping import ShapedGlyph, ShapedLine, Typesetter
from host.lens.text import shapeable, typographic
from host.lens.words import bare, joined

__all__ = ["OVERHANG", "ShapedFont"]

OVERHANG = 6
"""Pixels above and below its line that ink may take, unless it is said; further ink is cut off. Half the gap between
two lines, so that no line can erase another; marks of Thai, Arabic and Devanagari need it, marks heaped on one another
want more."""


@dataclass(frozen=True, slots=True)
class ShapedFont:
    """One size of text in every script; the `Font` of `host/lens/font.py`.

    It is decided line by line: what the built-in font shows, with nothing exchanged but punctuation, goes as its text,
    every other line as glyphs, Latin letters among them included. A line takes as much room as it is drawn with.

    Attributes:
        typesetter: shapes and cuts.
        height: pixels of a line.
        built_in: the glasses' own font, used if it has the same height; None for glyphs always.
        language: that the text is in, as the typesetter takes it.
        overhang: pixels above and below its line that ink may take.
    """

    typesetter: Typesetter
    height: int
    built_in: BuiltInFont | None
    language: str = ""
    overhang: int = OVERHANG

    def shown(self, text: str) -> str:
        """The text composed, without what is invisible or could reorder a line."""
        return shapeable(text)

    def words(self, shown: str) -> tuple[str, ...]:
        """Between the breaks that Unicode's line breaking (UAX 14) and phrases of the language allow."""
        return self.typesetter.words(shown, self.language)

    def graphemes(self, shown: str) -> Sequence[str]:
        """Extended grapheme clusters (UAX 29)."""
        return self.typesetter.graphemes(shown)

    def width(self, shown: str) -> int:
        """Pixels that the line takes."""
        if not shown:
            return 0
        plain = self._plain(shown)
        return self._shaped(shown).width if plain is None else plain.width

    def line(self, parts: Sequence[Part], x: int, y: int, width: int) -> list[Item]:
        """The line as text of the built-in font, or as glyphs, one item a part that has ink."""
        text = joined([word for part in parts for word in part.words])
        plain = self._plain(text)
        # A line loses words when they move on, and the letters that are left may be wider as text than as glyphs.
        if plain is not None and plain.width <= width:
            return plain.font.line([_as_text(part, plain.font) for part in parts], x, y, width)
        shaped = self._shaped(text)
        left = x + max(0, width - shaped.width) if shaped.rtl else x
        items: list[Item] = []
        start = 0
        for number, part in enumerate(parts):
            end = len(joined([word for before in parts[: number + 1] for word in before.words]))
            glyphs = (glyph for glyph in shaped.glyphs if start <= glyph.cluster < end)
            items += _item(part, left, y, filter(None, (self._cut(glyph, width, y) for glyph in glyphs)))
            start = end
        return items

    def _plain(self, text: str) -> _Plain | None:
        """The text in characters of the built-in font; None where it goes as glyphs."""
        if self.built_in is None or self.built_in.height != self.height:
            return None
        shown = typographic(text, self.built_in.widths)
        return None if shown is None else _Plain(self.built_in, self.built_in.width(shown))

    def _shaped(self, text: str) -> ShapedLine:
        return self.typesetter.shape(text, self.height, self.language)

    def _cut(self, shaped: ShapedGlyph, width: int, y: int) -> PlacedGlyph | None:
        """What can be seen of a glyph: none of it leaves its line by more than `overhang`, nor the lens at the top."""
        if shaped.glyph is None:
            return None
        top, bottom = max(-self.overhang, -y), self.height + self.overhang
        first_row, last_row = max(0, top - shaped.y), min(shaped.glyph.height, bottom - shaped.y)
        first, last = max(0, -shaped.x), min(shaped.glyph.width, width - shaped.x)
        if first_row >= last_row or first >= last:
            return None
        glyph = shaped.glyph
        if (first_row, first, last_row, last) != (0, 0, glyph.height, glyph.width):
            bits = np.unpackbits(np.frombuffer(glyph.data, np.uint8))[: glyph.height * glyph.width * glyph.bits]
            kept = bits.reshape(glyph.height, glyph.width, glyph.bits)[first_row:last_row, first:last]
            glyph = Glyph(last - first, last_row - first_row, glyph.bits, np.packbits(kept).tobytes())
        return PlacedGlyph(shaped.x + first, shaped.y + first_row, glyph)


@dataclass(frozen=True, slots=True)
class _Plain:
    """The built-in font, and the width of a line that it can show."""

    font: BuiltInFont
    width: int


def _as_text(part: Part, font: BuiltInFont) -> Part:
    words = ((word[: len(word) - len(bare(word))], typographic(bare(word), font.widths)) for word in part.words)
    return Part(part.id, tuple(mark + (shown or "") for mark, shown in words), part.colour)


def _item(part: Part, x: int, y: int, placed: Iterable[PlacedGlyph]) -> list[GlyphItem]:
    """The item of these glyphs, which are counted from (x, y); none where there is no ink."""
    glyphs = tuple(placed)
    if not glyphs:
        return []
    left, top = min(one.x for one in glyphs), min(one.y for one in glyphs)
    moved = tuple(PlacedGlyph(one.x - left, one.y - top, one.glyph) for one in glyphs)
    return [GlyphItem(part.id, x + left, y + top, moved, part.colour)]
