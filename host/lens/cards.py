"""Texts of any length as cards: lines from top to bottom, page after page; pure.

A text and its translation stand together as `both_texts` has it: the translation above, large, the original below it,
small and dimmed. Where something speaks against the translation they change places: the original is what is read, and
the translation stands below behind a question mark.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from host.lens.display_list import DisplayList
from host.lens.flow import Block, Row, drawn, flow
from host.lens.font import Font
from host.lens.layout import fill, words_of
from host.lens.shape import LensShape
from host.lens.shaping import TextSize

__all__ = ["UNCERTAIN", "Block", "FontOf", "Row", "both_texts", "cards", "reading_s", "rows"]

UNCERTAIN: Final = "? "
"""Begins a translation that is not to be trusted."""

_LETTERS: Final = 15.0  # a second: slow for subtitles, which have 12 to 20
_WIDE: Final = 4.5  # ideographs and syllables a second: 4 to 5 are usual in Japanese subtitles

FontOf = Callable[[str, TextSize], Font]
"""The font for text in a language (ISO 639-1), in a size."""


def both_texts(
    source: tuple[str, str], target: tuple[str, str], font_of: FontOf, *, uncertain: bool, original: bool = True
) -> list[Block]:
    """A text and its translation, as they stand on a card.

    Args:
        source: the original, and its language.
        target: its translation, and the language of that.
        font_of: finds the fonts.
        uncertain: whether something speaks against the translation.
        original: whether the original is shown below a translation that nothing speaks against.
    """
    (text, spoken), (translated, read) = source, target
    if uncertain:
        doubted = Block(UNCERTAIN + translated, font_of(read, "small"), "yellow")
        return [Block(text, font_of(spoken, "large")), doubted]
    first = Block(translated, font_of(read, "large"))
    return [first, Block(text, font_of(spoken, "small"), "grey")] if original else [first]


def rows(blocks: Sequence[Block], room: int) -> list[Row]:
    """The lines of the blocks, one below the other; `room` is the pixels of a line."""
    return [
        Row(words, block.font, block.colour)
        for block in blocks
        for paragraph in block.text.splitlines()
        for words in fill(words_of(paragraph, block.font, room), block.font, room)
        if words
    ]


def cards(blocks: Sequence[Block], shape: LensShape) -> tuple[DisplayList, ...]:
    """The blocks one below the other, on as many cards as it takes, at least one; a line is never divided.

    Args:
        blocks: in reading order.
        shape: of the lens.
    """
    return tuple(drawn(page, shape) for page in flow([blocks], shape, shape.bottom))


def reading_s(text: str) -> float:
    """Seconds that reading takes: an ideograph or a syllable says more than a letter, and a mark is none of its own."""
    seconds = 0.0
    for character in text:
        if not unicodedata.category(character).startswith("M"):
            seconds += 1 / (_WIDE if unicodedata.east_asian_width(character) in {"W", "F"} else _LETTERS)
    return seconds
