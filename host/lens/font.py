"""What layout needs to know of the glasses' own font: how wide each glyph is; pure.

The numbers come from the glasses' side as an argument, so that one layout serves Frame, Halo and glyphs of our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["Font", "font_of"]


@dataclass(frozen=True, slots=True)
class Font:
    """A font of one size as the glasses draw it: each glyph, then `spacing` pixels.

    Attributes:
        widths: pixels across of each character the font has.
        height: pixels from the top of a line to its bottom.
        spacing: pixels after each glyph, 0 to 15.
    """

    widths: Mapping[str, int] = field(repr=False)
    height: int
    spacing: int = 4

    def __contains__(self, character: str) -> bool:
        return character in self.widths

    def width(self, text: str) -> int:
        """Pixels from the left edge of the first glyph to the right edge of the last; KeyError if one is missing."""
        return self.advance(text) - self.spacing if text else 0

    def advance(self, text: str) -> int:
        """Pixels from the first glyph of `text` to where the next one would begin; KeyError if one is missing."""
        return sum(self.widths[c] for c in text) + self.spacing * len(text)


def font_of(cells: Mapping[int, tuple[int, int]], *, spacing: int = 4) -> Font:
    """The font of a pair of glasses.

    The line height is that of most glyphs; glyphs of another height (the emoji of Frame's font, which lie in the
    private use area) are left out, for they do not fit a line of text.

    Args:
        cells: code point to width and height in pixels of every glyph; at least one.
        spacing: pixels after each glyph, 0 to 15.
    """
    heights = [height for _, height in cells.values()]
    usual = max(set(heights), key=heights.count)
    widths = {chr(code): width for code, (width, height) in cells.items() if height == usual}
    return Font(MappingProxyType(widths), usual, spacing)
