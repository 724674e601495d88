"""Groups of blocks on as many pages as it takes, each with a line at its foot; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from host.lens.cards import GAP, MARGIN, Block, Row, rows
from host.lens.display_list import DisplayList
from host.lens.font import Font
from host.lens.layout import shortened

__all__ = ["Footer", "paged"]

Footer = Callable[[int, int], str]
"""The line at the foot of a page, by its number from 1 and how many there are; empty for none."""

_TOGETHER: Final = 0.5
"""Share of a page up to which a group is kept on one."""


def paged(
    groups: Sequence[Sequence[Block]], font: Font, width: int, height: int, footer: Footer
) -> tuple[DisplayList, ...]:
    """Groups of blocks below each other, at least one page; a line is never divided, and a short group not either.

    Args:
        groups: in reading order.
        font: of the feet.
        width: of the lens, pixels.
        height: of the lens, pixels.
        footer: says what stands at the foot.
    """
    room, foot = width - 2 * MARGIN, height - MARGIN - font.height
    pages: list[list[tuple[int, Row]]] = [[]]
    y = MARGIN
    for group in groups:
        lines = rows(group, room)
        tall = sum(line.font.height + GAP for line in lines)
        if y > MARGIN and y + tall > foot and tall <= _TOGETHER * foot:
            pages.append([])
            y = MARGIN
        for line in lines:
            if y > MARGIN and y + line.font.height + GAP > foot:
                pages.append([])
                y = MARGIN
            pages[-1].append((y, line))
            y += line.font.height + GAP
    pictures = []
    for number, page in enumerate(pages, 1):
        if words := font.words(shortened(footer(number, len(pages)), font, room)):
            page.append((foot, Row(words, font, "seablue")))
        pictures.append(DisplayList(tuple(i for k, (top, row) in enumerate(page) for i in row.items(k, top, room))))
    return tuple(pictures)
