"""Shaped text, and what shapes it; pure.

Letters become glyphs in a library that has the fonts. This is what it is asked for and what it answers; `host/text`
fulfils it, and a test may with pictures of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from host.lens.display_list import Glyph

__all__ = ["BASELINE", "EM", "HEIGHTS", "ShapedGlyph", "ShapedLine", "TextSize", "Typesetter"]

TextSize = Literal["small", "normal", "large"]

HEIGHTS: Final[dict[TextSize, int]] = {"small": 32, "normal": 48, "large": 72}
"""Pixels of a line in each size: the built-in font's, two thirds of it, and half as much again."""

EM: Final = 0.75
"""Size of the letters in heights of a line. At `small` it is 24 pixels, at which the densest ideographs can be told
apart in one bit a pixel."""

BASELINE: Final = 0.78
"""Place of the base line in heights of a line: an ideograph, 0.88 em above it and 0.12 below, has as much room above as
below, and the marks of Thai, 1.05 em above, touch the upper edge."""


@dataclass(frozen=True, slots=True)
class ShapedGlyph:
    """One glyph of a line.

    Attributes:
        cluster: index in the text of the first character that it stands for.
        name: number of the glyph in its font; 0 where the font has none for the character.
        font: of which family it is.
        x: left edge of its ink, pixels from the left end of the line.
        y: top edge of its ink, pixels from the top of the line; may be negative.
        glyph: its picture; None where there is nothing to see, as in a space.
    """

    cluster: int
    name: int
    font: str
    x: int
    y: int
    glyph: Glyph | None


@dataclass(frozen=True, slots=True)
class ShapedLine:
    """A line of text as glyphs.

    Attributes:
        glyphs: as they stand from left to right.
        width: pixels from the left end of the line to the right end of its ink.
        rtl: True if the line is read from the right.
    """

    glyphs: tuple[ShapedGlyph, ...]
    width: int
    rtl: bool


class Typesetter(Protocol):
    """Shapes text and cuts it; everything it answers depends on its arguments and its fonts alone."""

    def shape(self, text: str, height: int, language: str) -> ShapedLine:
        """One line of text.

        Args:
            text: as `host.lens.text.shapeable` gives it.
            height: of a line, pixels.
            language: BCP 47 tag; empty if unknown. It decides between shapes that share a code point (Chinese,
                Japanese, Korean) and, where there is a letter read from the right, the direction of the line.
        """
        ...

    def words(self, text: str, language: str) -> tuple[str, ...]:
        """Text of one line cut where a line may be broken, as `host/lens/words.py` has it."""
        ...

    def graphemes(self, text: str) -> Sequence[str]:
        """What a reader takes for single characters."""
        ...
