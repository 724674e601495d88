"""What layout needs to know of a font, and the glasses' own font; pure.

A `Font` is one size of one look. `BuiltInFont` is what the glasses draw themselves; `ShapedFont` (`shaped_font.py`)
draws every script as glyphs of ours. Layout serves both, and so do captions and cards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from host.lens.display_list import Colour, Item, TextItem
from host.lens.text import displayable
from host.lens.words import joined

__all__ = ["BuiltInFont", "Font", "Part", "font_of"]


@dataclass(frozen=True, slots=True)
class Part:
    """Words of a line that have a colour of their own.

    Attributes:
        id: of the item that they become; items of one picture need different ids.
        words: in reading order, at least one.
        colour: of their ink.
    """

    id: int
    words: tuple[str, ...]
    colour: Colour = "white"


class Font(Protocol):
    """A font of one size: what text looks like in it, how wide that is, and its picture."""

    @property
    def height(self) -> int:
        """Pixels from the top of a line to its bottom."""
        ...

    def shown(self, text: str) -> str:
        """Text from anywhere as this font shows it: one line, single spaces, nothing invisible at its ends.

        Every character that was written is there or has a visible stand-in.
        """
        ...

    def words(self, shown: str) -> tuple[str, ...]:
        """The pieces of `shown` between which a line may be broken, as `host/lens/words.py` has it."""
        ...

    def graphemes(self, shown: str) -> Sequence[str]:
        """What a reader takes for the single characters of a word; never cut."""
        ...

    def width(self, shown: str) -> int:
        """Pixels that the ink of one line of such text takes, 0 for none."""
        ...

    def line(self, parts: Sequence[Part], x: int, y: int, width: int) -> list[Item]:
        """The picture of one line.

        Args:
            parts: in reading order; together not wider than `width`.
            x: left edge of the room for the line.
            y: top of the line.
            width: pixels of that room; a line of a script that is read from right to left ends at its right edge.
        """
        ...


@dataclass(frozen=True, slots=True)
class BuiltInFont:
    """The font of the glasses as they draw it: each glyph, then `spacing` pixels.

    Attributes:
        widths: pixels across of each character the font has.
        height: pixels from the top of a line to its bottom.
        spacing: pixels after each glyph, 0 to 15.
        size: of the letters, where the glasses have several, as `TextItem` has it.
    """

    widths: Mapping[str, int] = field(repr=False, hash=False)
    height: int
    spacing: int = 4
    size: int = 0

    def __contains__(self, character: str) -> bool:
        return character in self.widths

    def shown(self, text: str) -> str:
        """Text in characters of the font; `host/lens/text.py` says how."""
        return displayable(text, self.widths)

    def words(self, shown: str) -> tuple[str, ...]:
        """What stands between spaces."""
        return tuple(shown.split())

    def graphemes(self, shown: str) -> Sequence[str]:
        """The characters: the font has no marks."""
        return shown

    def width(self, shown: str) -> int:
        """Pixels from the left edge of the first glyph to the right edge of the last; KeyError if one is missing."""
        return self.advance(shown) - self.spacing if shown else 0

    def advance(self, shown: str) -> int:
        """Pixels from the first glyph to where the next one would begin; KeyError if one is missing."""
        return sum(self.widths[c] for c in shown) + self.spacing * len(shown)

    def line(self, parts: Sequence[Part], x: int, y: int, width: int) -> list[Item]:  # noqa: ARG002 - a `Font`
        """One item a part, from the left."""
        items: list[Item] = []
        for number, part in enumerate(parts):
            text = joined(part.words)
            items.append(TextItem(part.id, x, y, text, part.colour, self.spacing, self.size))
            if number + 1 < len(parts):
                after = joined((*part.words, *parts[number + 1].words[:1]))
                gap = len(after) - len(text) - len(joined(parts[number + 1].words[:1]))
                x += self.advance(text + " " * gap)
        return items


def font_of(cells: Mapping[int, tuple[int, int]], *, spacing: int = 4) -> BuiltInFont:
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
    return BuiltInFont(MappingProxyType(widths), usual, spacing)
