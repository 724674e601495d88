"""Texts of any length as cards: lines from top to bottom, page after page; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from host.lens.display_list import Colour, DisplayList, Item
from host.lens.font import Font, Part
from host.lens.layout import fill, words_of

__all__ = ["GAP", "MARGIN", "Block", "cards"]

MARGIN = 8
"""Pixels free at every edge of a card."""

GAP = 12
"""Pixels between two lines: the ink of shaped text may take half of it from either side."""


@dataclass(frozen=True, slots=True)
class Block:
    """A text of one look; each of its lines begins a line on the card, and an empty one is left out.

    Attributes:
        text: from anywhere.
        font: that it is set in, not higher than the card without its margins.
        colour: of its ink.
    """

    text: str
    font: Font
    colour: Colour = "white"


def cards(blocks: Sequence[Block], width: int, height: int) -> tuple[DisplayList, ...]:
    """The blocks one below the other, on as many cards as it takes, at least one; a line is never divided.

    Args:
        blocks: in reading order.
        width: of the lens, pixels.
        height: of the lens, pixels.
    """
    pages: list[list[Item]] = [[]]
    y = MARGIN
    room = width - 2 * MARGIN
    for block in blocks:
        for paragraph in block.text.splitlines():
            for words in filter(None, fill(words_of(paragraph, block.font, room), block.font, room)):
                if y > MARGIN and y + block.font.height > height - MARGIN:
                    pages.append([])
                    y = MARGIN
                pages[-1] += block.font.line([Part(len(pages[-1]), words, block.colour)], MARGIN, y, room)
                y += block.font.height + GAP
    return tuple(DisplayList(tuple(page)) for page in pages)
