"""What the wearer wants of a card that stays: its next page, or something new; by tap or key."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Literal

from firmware_bridge import GlassesError, Tap
from host.app.taps import DOUBLE_S

__all__ = ["Wish", "Wishes"]

Wish = Literal["next", "new"]


class Wishes:
    """The wish that has not been fulfilled: at most one, and "new" outweighs "next".

    A tap is "next" at once, and with another within `DOUBLE_S` "new": nobody waits for the second of two taps to see
    what the first does.
    """

    def __init__(self) -> None:
        self._wish: Wish | None = None
        self._made = asyncio.Event()
        self._tapped_s = float("-inf")

    def next(self) -> None:
        """The next page is wanted."""
        self._wish = self._wish or "next"
        self._made.set()

    def new(self) -> None:
        """Something new is wanted."""
        self._wish = "new"
        self._made.set()

    def tapped(self, time_s: float) -> None:
        """A tap was made, at this time of the glasses."""
        if 0 <= time_s - self._tapped_s <= DOUBLE_S:
            self._tapped_s = float("-inf")
            self.new()
        else:
            self._tapped_s = time_s
            self.next()

    def forget(self) -> None:
        """Whatever was wanted until here is not any more."""
        self._wish = None
        self._made.clear()

    async def wish(self, within_s: float | None = None) -> Wish | None:
        """The next wish, which is fulfilled thereby; None if none is made within so many seconds."""
        try:
            async with asyncio.timeout(within_s):
                await self._made.wait()
        except TimeoutError:
            return None
        wish = self._wish
        self.forget()
        return wish

    async def follow(self, taps: AsyncIterator[Tap]) -> None:
        """Take the taps, which are closed then, until cancelled or until the glasses are out of reach for good."""
        async with contextlib.aclosing(taps):  # type: ignore[type-var]  # an async generator, typed as an iterator
            with contextlib.suppress(GlassesError):
                async for tap in taps:
                    if tap.button in ("", "single"):
                        self.tapped(tap.time_s)
                    else:
                        self.new()
