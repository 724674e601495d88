"""Keeps a session with the glasses: when the link breaks, a new session is made and what was going on is resumed."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final, Self

from firmware_bridge.errors import AdapterError, GlassesError, LinkLostError, LinkTimeoutError
from firmware_bridge.link import LinkSource
from firmware_bridge.messages import Order
from firmware_bridge.session import Session, SessionListener

__all__ = ["Reconnector", "answered", "delays"]

log = logging.getLogger(__name__)

FIRST_DELAY_S: Final = 0.2  # Frame advertises again at once, every 20 ms (device reference 1.1)
MAX_DELAY_S: Final = 5.0  # a wearer who comes back into range waits no longer than this
LONG_AWAY_S: Final = 600.0  # they charge, or lie in another room: a computer need not search all the time
LONG_DELAY_S: Final = 30.0
FACTOR: Final = 1.7
FIRST_TRIES: Final = 3  # of the first session, where its link breaks before it is ready
STEADY_S: Final = 3.0  # a session that ended sooner did not work: the delays grow on, and so does the time away
GIVE_UP_S: Final = 3600.0  # glasses charging in another room come back; a lost pair does not


def delays() -> Iterator[float]:
    """Seconds to wait before each try, growing without end towards `MAX_DELAY_S`."""
    delay = FIRST_DELAY_S
    while True:
        yield delay
        delay = min(delay * FACTOR, MAX_DELAY_S)


@contextlib.asynccontextmanager
async def answered(within_s: float, otherwise: str) -> AsyncIterator[None]:
    """Limit how long the glasses are waited for, lost links included. Raises LinkTimeoutError saying `otherwise`."""
    try:
        async with asyncio.timeout(within_s):
            yield
    except TimeoutError:
        raise LinkTimeoutError(otherwise, "Come closer to the computer and try again.") from None


class Reconnector:
    """Makes the first session, then one after another. `async with` it: leaving ends the running session."""

    def __init__(
        self,
        source: LinkSource,
        listener: SessionListener,
        resume: Callable[[Session], Awaitable[None]],
        on_lost: Callable[[GlassesError], None],
        on_end: Callable[[GlassesError], None],
        *,
        give_up_s: float = GIVE_UP_S,
    ) -> None:
        """`resume` brings a session that is ready up to date; `on_lost` hears why one ended, `on_end`, once, why
        there will be no more: given up, or closed.
        """
        self._source = source
        self._listener = listener
        self._resume = resume
        self._on_lost = on_lost
        self._on_end = on_end
        self._give_up_s = give_up_s
        self._session: Session | None = None
        self._changed = asyncio.Event()
        self._ended: GlassesError | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Make the first session and resume on it; a link that breaks while it is made is made again.

        Raises what `Session` raises where it cannot be made.
        """
        try:
            session = await self._first()
            self._task = asyncio.create_task(self._run(session), name="reconnect")
            await self.session()
        except BaseException as error:
            await self._close(error if isinstance(error, GlassesError) else _closed())
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close(_closed())

    @property
    def ready(self) -> Session | None:
        """The session that is ready, or None while there is none."""
        return self._session

    async def session(self) -> Session:
        """The session that is ready; waits for one.

        Raises:
            GlassesError: there will be no more sessions.
        """
        while self._session is None or self._session.over.done():
            if self._ended is not None:
                raise self._ended
            self._changed.clear()
            await self._changed.wait()
        return self._session

    async def send(self, *orders: Order) -> None:
        """Send orders; if the link breaks before all are acknowledged, the next session sends them all again.

        Raises:
            GlassesError: there will be no more sessions.
        """
        while True:
            session = await self.session()
            try:
                await session.send(*orders)
            except GlassesError:
                if not session.over.done():
                    raise
            else:
                return

    async def _first(self) -> Session:
        for pause in itertools.islice(delays(), FIRST_TRIES - 1):
            with contextlib.suppress(LinkLostError):
                return await Session(self._source, self._listener).__aenter__()
            await asyncio.sleep(pause)
        return await Session(self._source, self._listener).__aenter__()

    def _set(self, session: Session | None) -> None:
        self._session = session
        self._changed.set()

    async def _close(self, reason: GlassesError) -> None:
        try:
            if self._task is not None:
                self._task.cancel()
                await asyncio.wait({self._task})
        finally:
            self._end(reason)

    def _end(self, reason: GlassesError) -> None:
        """There will be no more sessions; whoever waits for one learns why."""
        if self._ended is None:
            self._ended = reason
            self._on_end(reason)
        self._set(None)

    async def _run(self, session: Session) -> None:
        loop = asyncio.get_running_loop()
        pauses, lost_at = delays(), loop.time()
        try:
            while True:
                began = loop.time()
                reason = await self._use(session)
                self._on_lost(reason)
                if loop.time() - began > STEADY_S:
                    pauses, lost_at = delays(), loop.time()
                session = await self._again(reason, pauses, lost_at)
        except GlassesError as error:
            self._end(error)
        except Exception as error:
            log.exception("reconnecting failed")
            self._end(GlassesError(f"an unexpected error ended the connection: {error!r}"))

    async def _use(self, session: Session) -> GlassesError:
        """Resume on this session and keep it until it is over; why it ended."""
        try:
            await self._resume(session)
            self._set(session)
            return await asyncio.shield(session.over)
        except GlassesError as error:
            return error
        finally:
            self._set(None)
            await session.__aexit__()

    async def _again(self, reason: GlassesError, pauses: Iterator[float], lost_at: float) -> Session:
        loop = asyncio.get_running_loop()
        while loop.time() - lost_at <= self._give_up_s:
            long_away = loop.time() - lost_at > LONG_AWAY_S
            await asyncio.sleep(LONG_DELAY_S if long_away else next(pauses))
            session = Session(self._source, self._listener)
            try:
                return await session.__aenter__()
            except GlassesError as error:
                log.info("not connected yet: %s", error.message)
                if not error.retry and not isinstance(error, AdapterError):  # an adapter can be plugged in again
                    raise
                reason = error
        minutes = round((loop.time() - lost_at) / 60)
        msg = f"the glasses have been out of reach for {minutes} minutes: {reason.message}"
        raise LinkLostError(msg, "Bring them into range, charged, and start again; what was saved is safe.")


def _closed() -> GlassesError:
    return LinkLostError("the glasses were closed")
