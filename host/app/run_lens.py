"""The lens that several features share: each draws on its own, and the stage says what is seen."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from host.app.pages import Pages
from host.app.wishes import Wish, Wishes
from host.assistant.stage import CORNER_IDS, Box, Card, Rank, Seen, Stage, dropped, put, seen
from host.contracts import Lens
from host.lens.cards import FontOf, cards, reading_s
from host.lens.display_list import DisplayList, GlyphItem, Item, RectItem, TextItem
from host.lens.shape import LensShape

__all__ = ["AnswerPages", "SharedLens", "StageLens", "StageWishes", "rows_of"]

_MOMENT_S: Final = 0.001  # what is left of a time by rounding, and less than anybody sees
_TEXT_PX: Final = 64  # at least as high as a line of the built-in fonts, where an item does not say


class SharedLens:
    """The lens of the glasses with a stage before it."""

    def __init__(self, lens: Lens) -> None:
        """Share this one, inside the event loop; nobody else may draw on it."""
        self.lens = lens
        self._stage = Stage(shape=lens.shape)
        self._clock = asyncio.get_running_loop().time
        self._changed, self._stale = asyncio.Event(), asyncio.Event()
        self._seen = self._asked = DisplayList()
        self.source = ""
        """Whose card is in sight; empty for none."""

    async def put(self, card: Card) -> None:
        """Put a card on the stage; returns when the glasses show what is seen then. Raises LensError."""
        self._stage = put(self._stage, card, self._clock())
        self._stale.set()
        await self._show()

    def drop(self, source: str) -> None:
        """Take the card of a source away, soon."""
        self._stage = dropped(self._stage, source, self._clock())
        self._stale.set()

    def quieten(self, *, quiet: bool) -> None:
        """Hide what merely runs, or show it again, soon."""
        self._stage = replace(self._stage, quiet=quiet)
        self._stale.set()

    def record(self, *, recording: bool) -> None:
        """Show that sound is recorded, or no longer, soon."""
        self._stage = replace(self._stage, recording=recording)
        self._stale.set()

    async def change(self) -> None:
        """Wait until another card is in sight."""
        await self._changed.wait()

    async def run(self) -> None:
        """Show what is seen as time goes on, until cancelled. Raises LensError."""
        while True:
            self._stale.clear()
            until_s = self._look().until_s
            if self._seen != self._asked:
                await self._show()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(None if until_s == math.inf else max(until_s, self._clock() + _MOMENT_S)):
                    await self._stale.wait()

    def _look(self) -> Seen:
        """What is seen at this time."""
        self._stage, now = seen(self._stage, self._clock())
        self._seen = now.picture
        if now.source != self.source:
            self.source = now.source
            self._changed.set()
            self._changed = asyncio.Event()
        return now

    async def _show(self) -> None:
        self._asked = self._look().picture
        await self.lens.show(self._asked)


class StageLens:
    """What one feature has of the lens; the `Lens` of `host/contracts`. An empty picture takes its card away."""

    def __init__(
        self, shared: SharedLens, source: str, rank: Rank, *, beside: bool = False, reading_s: float | None = None
    ) -> None:
        """Draw as this source; the rest as a `Card` has it."""
        self._shared, self._source = shared, source
        self._rank, self._beside, self._reading_s = rank, beside, reading_s

    @property
    def shape(self) -> LensShape:
        """Of the whole lens."""
        return self._shared.lens.shape

    @property
    def in_sight(self) -> bool:
        """Whether it is this feature's card that is seen."""
        return self._shared.source == self._source

    async def change(self) -> None:
        """Wait until something else may be in sight."""
        await self._shared.change()

    async def show(self, picture: DisplayList) -> None:
        """As the contract says; returns at once while another card covers it. Raises LensError."""
        if not picture.items:
            self._shared.drop(self._source)
            return
        items = picture.items
        if self._beside:  # ids of its own, as few as there is room for
            items = tuple(replace(item, id=number) for number, item in enumerate(items[:CORNER_IDS]))
        box = rows_of(items, self.shape)
        await self._shared.put(
            Card(self._source, DisplayList(items), self._rank, self._reading_s, box=box, beside=self._beside)
        )


def rows_of(items: Sequence[Item], shape: LensShape) -> Box:
    """What of a lens items take, as whole rows of pixels."""
    ends = [_bottom(item) for item in items]
    return 0, max(0, min(item.y for item in items)), shape.width, min(shape.height, max(ends))


class StageWishes(Wishes):
    """The wishes of a feature on a stage: time to read passes only while its card is in sight."""

    def __init__(self, lens: StageLens) -> None:
        """Of the feature that draws on this."""
        super().__init__()
        self._lens = lens

    async def wish(self, within_s: float | None = None) -> Wish | None:
        """As `Wishes.wish`, within so many seconds in sight."""
        if within_s is None:
            return await super().wish()
        clock, left_s = asyncio.get_running_loop().time, within_s
        wished = asyncio.ensure_future(super().wish())
        try:
            while left_s > _MOMENT_S and not wished.done():
                in_sight, began = self._lens.in_sight, clock()
                changed = asyncio.ensure_future(self._lens.change())
                try:
                    await asyncio.wait(
                        {wished, changed},
                        timeout=left_s if in_sight else None,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                finally:
                    changed.cancel()
                left_s -= clock() - began if in_sight else 0.0
            return wished.result() if wished.done() else None
        finally:
            wished.cancel()
            await asyncio.wait({wished})


class AnswerPages(Pages):
    """The pages of answers, of which the last can be shown again."""

    def __init__(
        self,
        lens: Lens,
        font_of: FontOf,
        keep: Callable[[Sequence[DisplayList], float], None] = lambda _pages, _reading_s: None,
    ) -> None:
        """Draw as `Pages`; `keep` gets what is left to be read, and for how many seconds."""
        super().__init__(lens, font_of)
        self._keep = keep

    async def leave(self, pages: Sequence[DisplayList], wishes: Wishes, reading_s: float) -> None:
        """As `Pages.leave`. Raises LensError."""
        self._keep(pages, reading_s)
        await super().leave(pages, wishes, reading_s)

    async def tell(self, text: str, more: str, wishes: Wishes) -> None:
        """Say two things for as long as they take to read; not to be shown again. Raises LensError."""
        pages = cards(self.message(text, more), self.shape)
        await super().leave(pages, wishes, reading_s(text + more))


def _bottom(item: Item) -> int:
    match item:
        case TextItem():
            return item.y + (item.size or _TEXT_PX)
        case RectItem():
            return item.y + item.height
        case GlyphItem():
            return item.y + max((one.y + one.glyph.height for one in item.placed), default=0)
        case _:
            return item.y + len(item.data) * 8 // item.bits // item.width + 1
