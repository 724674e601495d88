"""Keeps the lens showing the newest picture asked for, through lost links, sending only what changed."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from firmware_bridge.errors import GlassesError
from firmware_bridge.messages import Show
from firmware_bridge.reconnect import Reconnector
from firmware_bridge.scene import Scene, changes
from firmware_bridge.session import Session

__all__ = ["LensKeeper"]

VERSIONS: Final = 0xFFFF  # a version is 16 bits; 0 means that the app has shown nothing yet


class LensKeeper:
    """The newest picture wins: one that was not sent yet when the next is asked for is never sent."""

    def __init__(self) -> None:
        self._target: Scene | None = None
        self._known: Scene | None = None  # what the glasses have; None where that is not known
        self._version = 0
        self._wanted = asyncio.Event()
        self._asked = 0  # pictures asked for
        self._shown = asyncio.Condition()
        self._reached = 0  # the picture that the glasses have, counted as `_asked`
        self._failure: GlassesError | None = None

    async def show(self, scene: Scene) -> None:
        """Ask for a picture; returns when the glasses have it or a newer one.

        Raises:
            LocalProtocolError: the scene cannot be drawn; the lens stays as it is.
            GlassesError: the glasses are out of reach for good.
        """
        changes(None, scene)
        self._target = scene
        self._asked += 1
        mine = self._asked
        self._wanted.set()
        async with self._shown:
            await self._shown.wait_for(lambda: self._reached >= mine or self._failure is not None)
        if self._reached < mine and self._failure is not None:
            raise self._failure

    def resume(self, session: Session) -> None:
        """A new session is ready: find out what its lens shows."""
        if not (session.start.was_running and self._version and session.greeting.shown == self._version):
            self._known = None
            if self._target is not None:
                self._wanted.set()

    async def run(self, sessions: Reconnector) -> None:
        """Send pictures for ever. Ends when there will be no more sessions; whoever waits is told."""
        try:
            while True:
                await self._wanted.wait()
                session = await sessions.session()
                self._wanted.clear()
                await self._send(session)
        except GlassesError as error:
            self._failure = error
            async with self._shown:
                self._shown.notify_all()

    async def _send(self, session: Session) -> None:
        target, asked = self._target, self._asked
        if target is None:
            return
        orders = changes(self._known, target)
        if orders:
            self._known = None
            self._version = self._version % VERSIONS + 1
            try:
                await session.send(*orders, Show(self._version))
            except GlassesError:
                self._wanted.set()  # the next session sends the whole picture
                with contextlib.suppress(GlassesError):
                    await session.over
                return
        self._known = target
        self._reached = asked
        async with self._shown:
            self._shown.notify_all()
