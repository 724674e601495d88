"""Groups of blocks on as many pages as it takes, each with a line at its foot; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from host.lens.display_list import DisplayList
from host.lens.flow import Block, Row, drawn, flow
from host.lens.font import Font
from host.lens.layout import shortened
from host.lens.shape import LensShape

__all__ = ["Footer", "foot", "paged"]

Footer = Callable[[int, int], str]
"""The line at the foot of a page, by its number from 1 and how many there are; empty for none."""

_TOGETHER: Final = 0.5
"""Share of a page up to which a group is kept on one."""

_MANY: Final = 9  # pages whose numbers have room at the foot


def paged(groups: Sequence[Sequence[Block]], font: Font, shape: LensShape, footer: Footer) -> tuple[DisplayList, ...]:
    """Groups of blocks below each other, at least one page; a line is never divided, and a short group not either.

    Args:
        groups: in reading order.
        font: of the feet.
        shape: of the lens.
        footer: says what stands at the foot.
    """
    lowest = min(foot(footer(1, pages), font, shape) for pages in (1, _MANY))
    pages = flow(groups, shape, lowest - shape.gap, together=_TOGETHER * lowest)
    for number, page in enumerate(pages, 1):
        text = footer(number, len(pages))
        top = max(lowest, foot(text, font, shape))
        if words := font.words(shortened(text, font, shape.row(top, font.height)[1])):
            page.append((top, Row(words, font, "skyblue")))
    return tuple(drawn(page, shape) for page in pages)


def foot(text: str, font: Font, shape: LensShape) -> int:
    """The top of a line at the foot: as low as all of it is seen, where that is not far up."""
    lowest, wide = shape.bottom - font.height, font.width(font.shown(text))
    tops = range(lowest, lowest - 2 * (font.height + shape.gap), -1)
    return next((top for top in tops if shape.row(top, font.height)[1] >= wide), lowest)
