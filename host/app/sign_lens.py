"""A translated sign on the lens: pages that a tap turns, and what is said while there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from firmware_bridge import Glasses, GlassesError
from host.app.glasses import GlassesLens
from host.app.lens_pictures import LensPictures
from host.app.wishes import Wish, Wishes
from host.errors import HostError
from host.lens.cards import Block, FontOf, cards, reading_s
from host.lens.display_list import DisplayList
from host.translate.sign import Footer, TranslatedPassage, sign_pages

__all__ = ["SHORTEST_S", "SignLens"]

SHORTEST_S: Final = 4.0  # a page that turns by itself is never gone sooner
_FIRST: Final = 12  # passages of which the first page is made: more than fit it
_GROWS_S: Final = 0.5  # between two looks of a page on which translations are still coming


Failure = HostError | GlassesError | None


class SignLens:
    """The pages of one sign after the other."""

    def __init__(
        self, glasses: Glasses, font_of: FontOf, *, original: bool, pictures: LensPictures | None = None
    ) -> None:
        """Draw on the lens of `glasses`, which are open.

        Args:
            glasses: whose lens.
            font_of: finds the fonts.
            original: whether originals are shown below translations that nothing speaks against.
            pictures: takes one of each page.
        """
        self._lens, self._font_of, self._original, self._pictures = GlassesLens(glasses), font_of, original, pictures
        self._grown_s = float("-inf")

    async def say(self, text: str, more: str = "") -> None:
        """Show one thing large, and another below it. Raises LensError."""
        await self._lens.show(cards(self._message(text, more), self._lens.width, self._lens.height)[0])

    async def growing(self, passages: Sequence[TranslatedPassage], letters: int) -> None:
        """Show the first page as far as it is translated, now and then; `letters` of all originals."""
        now = asyncio.get_running_loop().time()
        if now - self._grown_s >= _GROWS_S:
            self._grown_s = now
            await self._lens.show(
                self._pages(passages[:_FIRST], lambda _page, _pages: "translating...", letters=letters)[0]
            )

    async def turn(self, passages: Sequence[TranslatedPassage], wishes: Wishes, error: Failure = None) -> None:
        """Show a sign until a new photo is wanted: by one tap on its last page, or two at once on any.

        Args:
            passages: of the sign; none where it could not be read.
            wishes: of the wearer.
            error: what went wrong; shown before the passages.

        Raises:
            LensError: the lens cannot be drawn on any more.
        """
        for page in self._pages(passages, _by_tap, error):
            if await self._shown(page, wishes, None) == "new":
                return

    async def leave(self, passages: Sequence[TranslatedPassage], wishes: Wishes, error: Failure = None) -> None:
        """Show each page as long as it takes to read, or until the next is wanted, then nothing; as `turn`."""
        pages = self._pages(passages, _alone, error)
        text = "".join(passage.source + passage.translation.text for passage in passages)
        wishes.forget()
        for page in pages:
            await self._shown(page, wishes, max(SHORTEST_S, reading_s(text) / len(pages)))
        await self._lens.show(DisplayList())

    async def _shown(self, page: DisplayList, wishes: Wishes, within_s: float | None) -> Wish | None:
        """The wish that ends a page, if one is made within so many seconds."""
        await self._lens.show(page)
        try:
            return await wishes.wish(within_s)
        finally:
            if self._pictures is not None:
                self._pictures.take()

    def _pages(
        self, passages: Sequence[TranslatedPassage], footer: Footer, error: Failure = None, *, letters: int = 0
    ) -> tuple[DisplayList, ...]:
        lens = self._lens
        before = () if error is None else self._message(error.message, error.hint)
        return sign_pages(
            passages,
            self._font_of,
            lens.width,
            lens.height,
            original=self._original,
            footer=footer,
            before=before,
            letters=letters,
        )

    def _message(self, text: str, more: str) -> tuple[Block, ...]:
        return Block(text, self._font_of("en", "normal")), Block(more, self._font_of("en", "small"), "grey")


def _by_tap(page: int, pages: int) -> str:
    what = "tap: new photo" if page == pages else "tap: next, twice: photo"
    return " \u00b7 ".join(filter(None, (_alone(page, pages), what)))


def _alone(page: int, pages: int) -> str:
    return f"{page} of {pages}" if pages > 1 else ""
