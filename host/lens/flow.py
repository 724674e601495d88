"""Text set row after row into the shape of a lens, page after page; pure.

Each row takes as many words as are seen at its height. On a round lens a word that is too wide for a row near the top
stands in the first one that is wide enough, and what fits one page stands in its middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from host.lens.display_list import Colour, DisplayList, Item
from host.lens.font import Font, Part
from host.lens.layout import fill, words_of
from host.lens.shape import LensShape
from host.lens.words import joined

__all__ = ["Block", "PlacedRow", "Row", "drawn", "flow"]

_STEP: Final = 2  # pixels by which a page is moved down until it is in the middle


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


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a card: words that fit it."""

    words: tuple[str, ...]
    font: Font
    colour: Colour = "white"

    def items(self, item_id: int, x: int, y: int, room: int) -> list[Item]:
        """Its picture: the id of its item, its left edge, its top, and the pixels that it may take."""
        return self.font.line([Part(item_id, self.words, self.colour)], x, y, room)


PlacedRow = tuple[int, Row]
"""The top of a row, and what it is."""


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Words that are still to be set, and how they look."""

    words: tuple[str, ...]
    block: Block


_Groups = list[list[_Paragraph]]


def flow(
    groups: Sequence[Sequence[Block]], shape: LensShape, bottom: int, *, together: float = 0.0
) -> list[list[PlacedRow]]:
    """Groups of blocks below each other, on at least one page.

    Args:
        groups: in reading order.
        shape: of the lens.
        bottom: where the last row of a page ends at the latest.
        together: pixels up to which a group begins the next page where it does not fit behind what is there.
    """
    left = [[_paragraph(text, block, shape) for block in group for text in block.text.splitlines()] for group in groups]
    pages: list[list[PlacedRow]] = []
    while left or not pages:
        page, rest = _page(left, shape, shape.top, bottom, together)
        if shape.round and not rest:
            page = _in_the_middle(left, page, shape, bottom)
        pages.append(page)
        left = rest
    return pages


def drawn(page: Sequence[PlacedRow], shape: LensShape) -> DisplayList:
    """The picture of a page; on a round lens each row stands in its middle."""
    items: list[Item] = []
    for number, (y, row) in enumerate(page):
        x, room = shape.row(y, row.font.height)
        if shape.round:
            wide = min(room, row.font.width(joined(row.words)))
            x, room = x + (room - wide) // 2, wide
        items += row.items(number, x, y, room)
    return DisplayList(tuple(items))


def _paragraph(text: str, block: Block, shape: LensShape) -> _Paragraph:
    return _Paragraph(words_of(text, block.font, shape.room(block.font.height)), block)


def _in_the_middle(left: _Groups, page: list[PlacedRow], shape: LensShape, bottom: int) -> list[PlacedRow]:
    """The page with which all that is left fits, as far down as there is as much room above it as below."""
    for start in range(shape.top + _STEP, (shape.top + bottom) // 2, _STEP):
        lower, rest = _page(left, shape, start, shape.top + bottom - start, 0.0)
        if rest or not lower or lower[-1][0] + lower[-1][1].font.height > shape.top + bottom - start:
            break
        page = lower
    return page


def _page(left: _Groups, shape: LensShape, start: int, bottom: int, together: float) -> tuple[list[PlacedRow], _Groups]:
    """As much of what is left as a page holds from `start` to `bottom`, at least a row; and the rest."""
    page: list[PlacedRow] = []
    y = start
    for number, group in enumerate(left):
        if page and 0 < (tall := _height(group, shape)) <= together and y + tall - shape.gap > bottom:
            return page, left[number:]
        for place, paragraph in enumerate(group):
            words, font = paragraph.words, paragraph.block.font
            while words:
                top = _top(words[0], font, shape, y, bottom, first=not page)
                if top is None:
                    return page, [[replace(paragraph, words=words), *group[place + 1 :]], *left[number + 1 :]]
                count = _fitting(words, font, shape.row(top, font.height)[1])
                page.append((top, Row(words[:count], font, paragraph.block.colour)))
                words = words[count:]
                y = top + font.height + shape.gap
    return page, []


def _height(group: list[_Paragraph], shape: LensShape) -> int:
    """Pixels of a group where rows are longest, with the gap below."""
    fonts = [
        (len(fill(paragraph.words, font, shape.room(font.height))), font.height + shape.gap)
        for paragraph in group
        if paragraph.words
        for font in [paragraph.block.font]
    ]
    return sum(lines * pitch for lines, pitch in fonts)


def _top(word: str, font: Font, shape: LensShape, y: int, bottom: int, *, first: bool) -> int | None:
    """The top of the next row, from `y` on, that has room for a word; None where none has before `bottom`."""
    if not first and y + font.height > bottom:
        return None
    wide = min(font.width(joined((word,))), shape.room(font.height))
    while shape.row(y, font.height)[1] < wide:
        y += 1
        if y + font.height > bottom:
            return (shape.height - font.height) // 2 if first else None
    return y


def _fitting(words: Sequence[str], font: Font, room: int) -> int:
    """How many words fit a row, at least one."""
    count = 1
    while count < len(words) and font.width(joined(words[: count + 1])) <= room:
        count += 1
    return count
