"""Pages on the lens that stay until the wearer wants the next, or something new, or as long as they take to read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from host.app.lens_pictures import LensPictures
from host.app.wishes import Wish, Wishes
from host.contracts import Lens
from host.lens.cards import Block, FontOf, cards
from host.lens.display_list import DisplayList
from host.lens.shape import LensShape

__all__ = ["LIT_S", "SHORTEST_S", "Pages", "by_tap", "by_time"]

LIT_S: Final = 0.1
"""From the glasses having a picture to its being lit, twice over."""

SHORTEST_S: Final = 4.0  # a page that turns by itself is never gone sooner


class Pages:
    """The pages of one thing after the other, on one lens."""

    def __init__(self, lens: Lens, font_of: FontOf, pictures: LensPictures | None = None) -> None:
        """Draw on a lens.

        Args:
            lens: of open glasses, or what a feature has of it.
            font_of: finds the fonts.
            pictures: takes one of each page.
        """
        self.font_of = font_of
        self._lens, self._pictures = lens, pictures

    @property
    def shape(self) -> LensShape:
        """Of the lens."""
        return self._lens.shape

    async def show(self, page: DisplayList) -> None:
        """Show this at once. Raises LensError."""
        await self._lens.show(page)

    async def take(self) -> None:
        """Take a picture of what was shown just now, where pictures are taken."""
        if self._pictures is not None:
            await asyncio.sleep(LIT_S)
            self._pictures.take()

    async def say(self, text: str, more: str = "") -> None:
        """Show one thing large, and another below it. Raises LensError."""
        await self.show(cards(self.message(text, more), self.shape)[0])

    def message(self, text: str, more: str) -> tuple[Block, ...]:
        """The blocks of what `say` shows."""
        return Block(text, self.font_of("en", "normal")), Block(more, self.font_of("en", "small"), "grey")

    async def turn(self, pages: Sequence[DisplayList], wishes: Wishes) -> None:
        """Show pages until something new is wanted: by one tap on the last one, or two at once on any.

        Raises:
            LensError: the lens cannot be drawn on any more.
        """
        for page in pages:
            if await self._shown(page, wishes, None) == "new":
                return

    async def leave(self, pages: Sequence[DisplayList], wishes: Wishes, reading_s: float) -> None:
        """Show each page for its share of the time that all take to read, or until the next is wanted, then nothing.

        Raises:
            LensError: the lens cannot be drawn on any more.
        """
        wishes.forget()
        for page in pages:
            await self._shown(page, wishes, max(SHORTEST_S, reading_s / len(pages)))
        await self.show(DisplayList())

    async def _shown(self, page: DisplayList, wishes: Wishes, within_s: float | None) -> Wish | None:
        """The wish that ends a page, if one is made within so many seconds."""
        await self.show(page)
        try:
            return await wishes.wish(within_s)
        finally:
            if self._pictures is not None:
                self._pictures.take()


def by_tap(page: int, pages: int) -> str:
    """The foot of a page that a tap turns."""
    what = "tap: new photo" if page == pages else "tap: next, twice: photo"
    return " \u00b7 ".join(filter(None, (by_time(page, pages), what)))


def by_time(page: int, pages: int) -> str:
    """The foot of a page that turns by itself."""
    return f"{page} of {pages}" if pages > 1 else ""
