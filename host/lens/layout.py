"""Words into lines of a given width; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from host.lens.font import Font
from host.lens.words import ATTACHED, bare, joined

__all__ = ["fill", "shortened", "words_of"]

_PIECE = 160
"""Graphemes of a word that are looked at at once: more than fit a lens of 640 pixels, but for dots and the like."""


def words_of(text: str, font: Font, width: int) -> tuple[str, ...]:
    """The words of any text as the font can show them; one too wide for a line comes in pieces that fit.

    A single grapheme that is wider than a line stays whole; the font draws what fits of it.

    Args:
        text: from anywhere.
        font: that it is set in.
        width: pixels of a line.
    """
    return tuple(piece for word in font.words(font.shown(text)) for piece in _pieces(word, font, width))


def fill(words: Sequence[str], font: Font, width: int, *, after: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Set words into lines, each as full as it gets.

    Args:
        words: none wider than a line.
        font: that they are set in.
        width: pixels of a line.
        after: words that stand on the first line already.

    Returns:
        At least one line; the first is empty where the first word does not fit behind what is there.
    """
    lines: list[tuple[str, ...]] = []
    before = tuple(after)
    line: list[str] = []
    for word in words:
        if (before or line) and font.width(joined([*before, *line, word])) > width:
            lines.append(tuple(line))
            before, line = (), []
        line.append(word)
    return [*lines, tuple(line)]


def shortened(text: str, font: Font, width: int) -> str:
    """The text on one line; where it is too wide, its beginning and `...`."""
    shown = font.shown(text)
    if font.width(shown) <= width:
        return shown
    characters = font.graphemes(shown)[:_PIECE]
    count = _fitting([*characters], font, width, "...")
    return "".join(characters[:count]).rstrip() + "..."


def _pieces(word: str, font: Font, width: int) -> Iterator[str]:
    if font.width(bare(word)) <= width:
        yield word
        return
    mark = ATTACHED if word.startswith(ATTACHED) else ""
    left = list(font.graphemes(bare(word)))
    start = 0
    while start < len(left):
        piece = left[start : start + _PIECE]
        count = max(1, _fitting(piece, font, width))
        yield mark + "".join(piece[:count])
        start += count
        mark = ATTACHED


def _fitting(characters: Sequence[str], font: Font, width: int, end: str = "") -> int:
    """How many of the characters fit a line, from the first, with `end` behind them."""

    def fits(count: int) -> bool:
        return font.width("".join(characters[:count]) + end) <= width

    low, high = 0, 1
    while high < len(characters) and fits(high):  # most lines are short, and measuring takes time by length
        low, high = high, 2 * high
    high = min(high, len(characters))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
