"""A translated sign on the lens: pages that a tap turns, and what is said while there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from firmware_bridge import GlassesError
from host.app.pages import Pages, by_tap, by_time
from host.app.wishes import Wishes
from host.errors import HostError
from host.lens.cards import reading_s
from host.lens.display_list import DisplayList
from host.lens.pages import Footer
from host.translate.sign import TranslatedPassage, sign_pages

__all__ = ["SignLens"]

_FIRST: Final = 12  # passages of which the first page is made: more than fit it
_GROWS_S: Final = 0.5  # between two looks of a page on which translations are still coming


Failure = HostError | GlassesError | None


class SignLens:
    """The pages of one sign after the other."""

    def __init__(self, pages: Pages, *, original: bool) -> None:
        """Show them; `original`: whether originals stand below translations that nothing speaks against."""
        self._pages, self._original = pages, original
        self._grown_s = float("-inf")

    async def say(self, text: str, more: str = "") -> None:
        """Show one thing large, and another below it. Raises LensError."""
        await self._pages.say(text, more)

    async def growing(self, passages: Sequence[TranslatedPassage], letters: int) -> None:
        """Show the first page as far as it is translated, now and then; `letters` of all originals."""
        now = asyncio.get_running_loop().time()
        if now - self._grown_s >= _GROWS_S:
            self._grown_s = now
            shown = self._drawn(passages[:_FIRST], lambda _page, _pages: "translating...", letters=letters)
            await self._pages.show(shown[0])

    async def turn(self, passages: Sequence[TranslatedPassage], wishes: Wishes, error: Failure = None) -> None:
        """Show a sign until a new photo is wanted: by one tap on its last page, or two at once on any.

        Args:
            passages: of the sign; none where it could not be read.
            wishes: of the wearer.
            error: what went wrong; shown before the passages.

        Raises:
            LensError: the lens cannot be drawn on any more.
        """
        await self._pages.turn(self._drawn(passages, by_tap, error), wishes)

    async def leave(self, passages: Sequence[TranslatedPassage], wishes: Wishes, error: Failure = None) -> None:
        """Show each page as long as it takes to read, or until the next is wanted, then nothing; as `turn`."""
        text = "".join(passage.source + passage.translation.text for passage in passages)
        await self._pages.leave(self._drawn(passages, by_time, error), wishes, reading_s(text))

    def _drawn(
        self, passages: Sequence[TranslatedPassage], footer: Footer, error: Failure = None, *, letters: int = 0
    ) -> tuple[DisplayList, ...]:
        return sign_pages(
            passages,
            self._pages.font_of,
            self._pages.shape,
            original=self._original,
            footer=footer,
            before=() if error is None else self._pages.message(error.message, error.hint),
            letters=letters,
        )
