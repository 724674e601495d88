"""Keeps the lens showing the newest picture asked for, through lost links, sending only what changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from firmware_bridge.errors import GlassesError
from firmware_bridge.glyph_cache import GlyphCache
from firmware_bridge.glyphs import Glyph
from firmware_bridge.messages import (
    MAX_VERSION,
    BeginBitmap,
    Clear,
    CopyText,
    Failed,
    FillRect,
    ForgetGlyphs,
    KeepGlyph,
    Order,
    Remove,
    ReplaceTail,
    Show,
    Strip,
    WriteGlyphs,
    WriteText,
    next_version,
)
from firmware_bridge.reconnect import Reconnector
from firmware_bridge.scene import Scene, bitmap_bytes, changes, glyphs_of, removals, split
from firmware_bridge.session import Session

__all__ = ["LensKeeper"]

log = logging.getLogger(__name__)

REPAIRS: Final = 2  # of a picture: what fails that often fails always, for want of memory most likely
_KINDS: Final = (BeginBitmap, Clear, CopyText, FillRect, Remove, ReplaceTail, Show, Strip, WriteGlyphs, WriteText)
SCENE_ORDERS: Final = frozenset(kind.CODE for kind in (*_KINDS, ForgetGlyphs, KeepGlyph))
"""Codes of the orders whose failure leaves a wrong picture; the failure of `Show` is one of drawing."""


class LensKeeper:
    """The newest picture wins: one that was not sent yet when the next is asked for is never sent.

    Text and bitmaps are kept apart, so that a line of text never waits for a picture that is still on its way.

    Attributes:
        observers: called with each picture as it is asked for; they must not block, and steer nothing.
    """

    def __init__(self) -> None:
        self.observers: list[Callable[[Scene], None]] = []
        self._asked = 0  # pictures asked for
        self._scene = Scene()  # asked for last
        self._repairs = 0  # that it may still have
        self._version = 0  # of the scene shown last
        self._glyphs = GlyphCache()
        self._light = _Part(self, self._glyphs, urgent=True)
        self._heavy = _Part(self, self._glyphs, urgent=False)
        self._waiting: dict[int, asyncio.Future[None]] = {}  # by the number of the picture
        self._end: GlassesError | None = None

    async def show(self, scene: Scene) -> None:
        """Ask for a picture; returns when the glasses have it or a newer one.

        Raises:
            LocalProtocolError: the scene cannot be drawn; the lens stays as it is.
            GlassesError: the glasses are out of reach for good.
        """
        for order in changes(Scene(), scene, dict.fromkeys(glyphs_of(scene), 1)):
            order.encode()
        if self._end is not None:
            raise self._end
        self._asked += 1
        mine = self._asked
        if scene != self._scene:
            self._scene, self._repairs = scene, REPAIRS
            for observer in self.observers:
                observer(scene)
        self._share()
        self._waiting[mine] = asyncio.get_running_loop().create_future()
        try:
            await self._waiting[mine]
        finally:
            del self._waiting[mine]

    def resume(self, session: Session) -> None:
        """A new session is ready: unless its lens shows what was sent last, it begins with nothing."""
        ready = session.greeting
        same = session.start.was_running and self._version and ready.shown == self._version
        if not self._glyphs.resume(ready.cache, ready.kept):
            same = same and self._glyphs.empty
            self._glyphs.begin(session.link.info.nonce or 1, ready.heap_kib * 1024)
        if not self._version:  # not where other programs began to count: one may use the glasses while we are away
            self._version = session.link.info.nonce % MAX_VERSION + 1
        if not (same and self._light.settled and self._heavy.settled):
            session.post(Clear())
            self.count_picture()
            session.post(Show(self._version))  # what was on the lens goes, even if nothing is to be shown
            self._light.restart()
            self._heavy.restart()
            self._share()

    def on_failed(self, report: Failed) -> None:
        """An order failed on the glasses: if one of ours, all of the picture is sent again, `REPAIRS` times at most."""
        pending = self._light.unknown and self._heavy.unknown
        if report.order not in SCENE_ORDERS or pending or not self._repairs:
            return
        self._repairs -= 1
        self._light.unknown = self._heavy.unknown = True
        self._glyphs.restart(smaller=report.order == KeepGlyph.CODE)
        self._share()

    async def run(self, sessions: Reconnector) -> None:
        """Send pictures until there will be no more sessions."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._light.run(sessions), name="lens: text")
                group.create_task(self._heavy.run(sessions), name="lens: bitmaps")
        except* GlassesError as errors:
            self.end(next(error for error in errors.exceptions if isinstance(error, GlassesError)))
        except* Exception as errors:
            log.exception("showing pictures failed")
            self.end(GlassesError(f"an unexpected error ended the pictures: {errors.exceptions[0]!r}"))

    def end(self, reason: GlassesError) -> None:
        """No more pictures will be shown; whoever waits for one is told."""
        self._end = reason
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(reason)
                waiting.exception()  # whoever waits gets it, unless it is being cancelled

    def moved(self) -> None:
        """A part has something more on the glasses."""
        reached = min(self._light.reached, self._heavy.reached)
        for number, waiting in self._waiting.items():
            if number <= reached and not waiting.done():
                waiting.set_result(None)

    def count_picture(self) -> None:
        """One more is sent; the glasses count as well, in whatever order the two parts' pictures come."""
        self._version = next_version(self._version)

    def _share(self) -> None:
        light, heavy = split(self._scene, self._light.glyphs, self._glyphs.fits)
        self._light.beside_bytes = bitmap_bytes(heavy.items)
        self._light.ask(light, self._asked)
        self._heavy.ask(heavy, self._asked)


class _Part:
    """One share of the scene.

    Attributes:
        reached: the newest picture of which the glasses have this share.
        settled: nothing is on its way to the glasses.
        beside_bytes: what bitmaps of the other share take of the glasses' memory.
        unknown: what the glasses have is not sure; all of it is to be taken away and sent again.
    """

    def __init__(self, lens: LensKeeper, glyphs: GlyphCache, *, urgent: bool) -> None:
        self.reached = 0
        self.settled = True
        self.beside_bytes = 0
        self.unknown = False
        self._lens = lens
        self._glyphs = glyphs
        self._urgent = urgent
        self._target, self._asked = Scene(), 0
        self._known = self._sending = Scene()
        self._wanted = asyncio.Event()

    @property
    def glyphs(self) -> set[Glyph]:
        """Those of what the glasses have or are about to have."""
        return set() if self.unknown else {*glyphs_of(self._known), *glyphs_of(self._sending)}

    def ask(self, target: Scene, number: int) -> None:
        """Make this the scene to be shown."""
        self._target, self._asked = target, number
        self._wanted.set()

    def restart(self) -> None:
        """The glasses were told to forget everything."""
        self._known = self._sending = Scene()
        self.unknown = False
        self.settled = True

    async def run(self, sessions: Reconnector) -> None:
        while True:
            await self._wanted.wait()
            session = await sessions.session()
            self._wanted.clear()
            await self._send(session)

    async def _send(self, session: Session) -> None:
        target, asked = self._target, self._asked
        orders = self._orders(target)
        if orders:
            self._sending = target
            self.settled = False
            try:
                self._lens.count_picture()
                await session.send(*orders, urgent=self._urgent, shows=True)
            except GlassesError:
                if not session.over.done():
                    raise
                self._wanted.set()  # the next session gets all of it
                return
            self.settled = True
            if self._urgent:
                self._glyphs.confirmed()
        self._known = target
        self.reached = asked
        self._lens.moved()

    def _orders(self, target: Scene) -> list[Order]:
        """What makes this share of the lens show the target."""
        removed: list[Order] = []
        if self.unknown:
            removed = removals(self._known)
            self._known = Scene()
            self.unknown = False
        kept, slots = self._glyphs.slots(glyphs_of(target), glyphs_of(self._known), self.beside_bytes)
        return [*removed, *kept, *changes(self._known, target, slots)]
