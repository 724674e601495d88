"""Keeps the lens showing the newest picture asked for, through lost links, sending only what changed."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from firmware_bridge.errors import GlassesError
from firmware_bridge.messages import Clear, Show
from firmware_bridge.reconnect import Reconnector
from firmware_bridge.scene import Scene, changes, split
from firmware_bridge.session import Session

__all__ = ["LensKeeper"]

log = logging.getLogger(__name__)

VERSIONS: Final = 0xFFFF  # a version is 16 bits; 0 means that the app has shown nothing yet


class LensKeeper:
    """The newest picture wins: one that was not sent yet when the next is asked for is never sent.

    Text and bitmaps are kept apart, so that a line of text never waits for a picture that is still on its way.
    """

    def __init__(self) -> None:
        self._asked = 0  # pictures asked for
        self._version = 0  # of the scene shown last
        self._light = _Part(self, urgent=True)
        self._heavy = _Part(self, urgent=False)
        self._waiting: dict[int, asyncio.Future[None]] = {}  # by the number of the picture
        self._end: GlassesError | None = None

    async def show(self, scene: Scene) -> None:
        """Ask for a picture; returns when the glasses have it or a newer one.

        Raises:
            LocalProtocolError: the scene cannot be drawn; the lens stays as it is.
            GlassesError: the glasses are out of reach for good.
        """
        for order in changes(Scene(), scene):
            order.encode()
        if self._end is not None:
            raise self._end
        self._asked += 1
        mine = self._asked
        light, heavy = split(scene)
        self._light.ask(light, mine)
        self._heavy.ask(heavy, mine)
        self._waiting[mine] = asyncio.get_running_loop().create_future()
        try:
            await self._waiting[mine]
        finally:
            del self._waiting[mine]

    def resume(self, session: Session) -> None:
        """A new session is ready: unless its lens shows what was sent last, it begins with nothing."""
        same = session.start.was_running and self._version and session.greeting.shown == self._version
        if not self._version:  # not where other programs began to count: one may use the glasses while we are away
            self._version = session.link.info.nonce % VERSIONS + 1
        if not (same and self._light.settled and self._heavy.settled):
            session.post(Clear())
            session.post(Show(self.next_version()))  # what was on the lens goes, even if nothing is to be shown
            self._light.restart()
            self._heavy.restart()

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

    def next_version(self) -> int:
        """A number for the next scene."""
        self._version = self._version % VERSIONS + 1
        return self._version


class _Part:
    """One share of the scene; `reached` is the newest picture of which the glasses have this share."""

    def __init__(self, lens: LensKeeper, *, urgent: bool) -> None:
        self.reached = 0
        self.settled = True  # the glasses have `_known` and nothing is on its way
        self._lens = lens
        self._urgent = urgent
        self._target, self._asked = Scene(), 0
        self._known = Scene()
        self._wanted = asyncio.Event()

    def ask(self, target: Scene, number: int) -> None:
        self._target, self._asked = target, number
        self._wanted.set()

    def restart(self) -> None:
        """The glasses were told to forget everything."""
        self._known = Scene()
        self.settled = True
        if self._target.items:
            self._wanted.set()

    async def run(self, sessions: Reconnector) -> None:
        while True:
            await self._wanted.wait()
            session = await sessions.session()
            self._wanted.clear()
            await self._send(session)

    async def _send(self, session: Session) -> None:
        target, asked = self._target, self._asked
        orders = changes(self._known, target)
        if orders:
            self.settled = False
            try:
                await session.send(*orders, Show(self._lens.next_version()), urgent=self._urgent)
            except GlassesError:
                if not session.over.done():
                    raise
                self._wanted.set()  # the next session gets all of it
                return
            self.settled = True
        self._known = target
        self.reached = asked
        self._lens.moved()
