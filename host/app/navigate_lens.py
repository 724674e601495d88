"""A trip on the lens: the newest picture, and only where it is another one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from host.app.pages import Pages
from host.contracts import Lens
from host.lens.display_list import DisplayList
from host.navigate.card import Look, far, near
from host.navigate.guidance import Guidance
from host.navigate.notices import Notice
from host.navigate.showing import Showing, looked, tapped
from host.navigate.sketch import upwards
from host.navigate.trip import Phase, Trip

__all__ = ["TripLens"]


class TripLens:
    """Draws what guidance tells; never slower than the glasses, and a picture that came too late is left out."""

    def __init__(self, pages: Pages, look: Look, aside: Lens | None = None) -> None:
        """Draw on the lens that `pages` has; what is small, on `aside`, where others use the lens, too."""
        self._pages, self._look, self._aside = pages, look, aside
        self._showing = Showing()
        self._up: float | None = None
        self._picture, self._small = DisplayList(), True
        self._changed = asyncio.Event()
        self._shown = asyncio.Event()
        self._sketched = asyncio.Event()

    @property
    def sketched(self) -> bool:
        """Whether there is a sketch to be seen, which turns with the head."""
        return self._sketched.is_set()

    async def sketch(self) -> None:
        """Wait until there is one."""
        await self._sketched.wait()

    def turns(self, heading_deg: float) -> bool:
        """Whether the sketch turns with this heading; the head is never quite still."""
        return self._up is None or upwards(self._up, heading_deg) != self._up

    def tap(self, now_s: float) -> None:
        """The wearer wants the card."""
        self._showing = tapped(self._showing, now_s)

    def told(
        self, trip: Trip, guidance: Guidance, notices: Sequence[Notice], now_s: float, *, destination: str, arrives: str
    ) -> None:
        """Have what guidance says shown, as far as it is to be seen.

        Args:
            trip: that is being made.
            guidance: of it, newest.
            notices: what else is to be said; with any the card stays.
            now_s: the time, on the clock of the fixes.
            destination: what it is called.
            arrives: when they will be there, as a time of the day.
        """
        self._showing = looked(self._showing, guidance, trip.pace_mps, now_s)
        if not self._showing.card and not notices:
            self._sketched.clear()
            self._show(far(guidance, self._look), small=True)
            return
        facing = guidance.facing_deg
        if facing is not None and (guidance.by_heading or not guidance.standing or self._up is None):
            self._up = upwards(self._up, facing)  # who stands has no walking direction but the last
        up = self._up if self._up is not None else upwards(None, guidance.ahead_deg)
        sketched = guidance.phase not in {Phase.WAITING, Phase.ARRIVED}
        if sketched:
            self._sketched.set()
        else:
            self._sketched.clear()
        self._show(
            near(
                trip,
                guidance,
                self._look,
                destination=destination,
                notices=tuple(notices),
                up_deg=up if sketched else None,
                arrives=arrives,
            )
        )

    async def run(self) -> None:
        """Draw until cancelled; a picture is taken of each thing that is told. Raises LensError."""
        before: object = None
        while True:
            await self._changed.wait()
            self._changed.clear()
            picture, what = self._picture, (self._showing.step, self._showing.phase, self._showing.card)
            await self._draw(picture, small=self._small)
            if what != before:
                before = what
                await self._pages.take()
            if picture is self._picture:
                self._shown.set()

    async def settled(self) -> None:
        """Wait until the newest picture is there."""
        await self._shown.wait()

    async def _draw(self, picture: DisplayList, *, small: bool) -> None:
        if self._aside is None:
            await self._pages.show(picture)
        elif small:
            await self._pages.show(DisplayList())
            await self._aside.show(picture)
        else:
            await self._aside.show(DisplayList())
            await self._pages.show(picture)

    def _show(self, picture: DisplayList, *, small: bool = False) -> None:
        if picture != self._picture:
            self._picture, self._small = picture, small
            self._shown.clear()
            self._changed.set()
