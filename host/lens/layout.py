"""Words into lines of a given width; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from host.lens.font import Font
from host.lens.text import displayable

__all__ = ["fill", "shortened", "words_of"]


def words_of(text: str, font: Font, width: int) -> tuple[str, ...]:
    """The words of any text as the font can show them; one too wide for a line comes in pieces that fit.

    Args:
        text: from anywhere.
        font: of the glasses.
        width: pixels of a line; at least the widest glyph.
    """
    return tuple(piece for word in displayable(text, font).split() for piece in _pieces(word, font, width))


def fill(words: Sequence[str], font: Font, width: int, *, taken: int = 0) -> list[tuple[str, ...]]:
    """Set words into lines, each as full as it gets.

    Args:
        words: none wider than a line.
        font: of the glasses.
        width: pixels of a line.
        taken: pixels of the first line that are in use already; 0 for none.

    Returns:
        At least one line; the first is empty where the first word does not fit behind what is there.
    """
    lines: list[tuple[str, ...]] = []
    line: list[str] = []
    space = font.advance(" ")
    for word in words:
        wide = font.width(word)
        before = taken + font.spacing + space if taken else 0
        if taken and before + wide > width:
            lines.append(tuple(line))
            line, before = [], 0
        line.append(word)
        taken = before + wide
    return [*lines, tuple(line)]


def shortened(text: str, font: Font, width: int) -> str:
    """The text on one line; where it is too wide, its beginning and `...`."""
    shown = displayable(text, font)
    if font.width(shown) <= width:
        return shown
    while shown and font.width(shown + "...") > width:
        shown = shown[:-1].rstrip()
    return shown + "..."


def _pieces(word: str, font: Font, width: int) -> Iterator[str]:
    piece = ""
    for character in word:
        if piece and font.width(piece + character) > width:
            yield piece
            piece = ""
        piece += character
    yield piece
