"""The glasses' microphone as a stream of contiguous sound that outlives lost links."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

import numpy as np

from firmware_bridge.errors import GlassesError, LocalProtocolError
from firmware_bridge.link import LinkSource
from firmware_bridge.messages import Listen
from firmware_bridge.reconnect import Reconnector
from firmware_bridge.session import Session
from firmware_bridge.sound import AudioChunk, SoundAssembler
from firmware_bridge.wire import AudioPacket

__all__ = ["MicrophoneKeeper"]

EPOCHS: Final = 64
QUIET_S: Final = 0.5  # no sound for so long after a recording ended: all of it is here
QUEUE_S: Final = 30.0  # sound that waits for a slow listener before the oldest is given up
PAUSE_S: Final = 2.0  # sound that waits before a recording is told to wait
SLOW_LAG_S: Final = 0.5  # sound that comes so late comes over a link that cannot carry it; the ring holds 2.05 s
SLOW_PACKETS: Final = 20  # so many in a row, so that one slow turn is not taken for a slow link


class MicrophoneKeeper:
    """One listener at a time. The queue is bounded: the oldest sound is replaced by silence that says so."""

    def __init__(self, source: LinkSource, on_quality: Callable[[str], None]) -> None:
        """`on_quality` hears, in one sentence, that the sound got worse and why."""
        self._source = source
        self._on_quality = on_quality
        self._assembler: SoundAssembler | None = None
        self._queue: deque[AudioChunk] = deque()
        self._queued = 0
        self._came = asyncio.Event()
        self._given_up = (0, 0)  # first sample and number of samples dropped from the queue's front
        self._failure: GlassesError | None = None
        self._paused = False
        self._epoch = -1
        self._rate_hz = 16000
        self._bits = 16
        self._slow = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def bits(self) -> int:
        """Bit depth that the sound is carried with."""
        return self._bits

    @property
    def lost_samples(self) -> int:
        """Samples of this recording that were replaced by silence."""
        return self._assembler.lost_samples if self._assembler else 0

    async def chunks(self, sessions: Reconnector, rate_hz: int, bits: int) -> AsyncIterator[AudioChunk]:
        """Sound from now on; ends when the source of sound has ended. Closing the iterator stops the microphone.

        Raises:
            LocalProtocolError: somebody listens already, or a rate or depth that the glasses do not have.
            GlassesError: the glasses are out of reach for good.
        """
        if self._assembler is not None:
            msg = "somebody listens to the glasses already"
            raise LocalProtocolError(msg)
        if rate_hz not in (8000, 16000) or bits not in (8, 16):
            msg = f"the glasses record at 8000 or 16000 Hz with 8 or 16 bits, not at {rate_hz} Hz with {bits}"
            raise LocalProtocolError(msg)
        self._assembler = SoundAssembler(rate_hz)
        self._rate_hz, self._bits, self._failure = rate_hz, bits, None
        self._queue.clear()
        self._queued, self._given_up, self._slow = 0, (0, 0), 0
        watch = asyncio.create_task(self._watch_end(), name="end of recording")
        try:
            session = await sessions.session()
            with contextlib.suppress(GlassesError):  # the next session begins with it
                await self._listen(session)
            async for chunk in self._received(sessions):
                yield chunk
        finally:
            watch.cancel()
            self._assembler = None
            self._pause(paused=False)
            if self._task is not None:
                self._task.cancel()
            session_now = sessions.ready
            if session_now is not None:
                session_now.post(Listen(self._epoch, self._rate_hz, 0))

    def on_audio(self, packet: AudioPacket, session: Session | None) -> None:
        """Take a packet; find out whether the link can carry this much."""
        assembler = self._assembler
        if assembler is None:
            return
        now = asyncio.get_running_loop().time()
        self._put(assembler.feed(packet, now))
        self._slow = self._slow + 1 if assembler.lag_s > SLOW_LAG_S else 0
        if self._slow >= SLOW_PACKETS and self._bits == 16 and session is not None and self._task is None:
            self._slow = 0
            self._bits = 8
            self._on_quality("the link is too slow for 16 bit sound; it goes on with 8 bit")
            self._task = asyncio.create_task(self._change(session), name="bit depth")

    def link_lost(self) -> None:
        """The link broke; what is missing next is its fault."""
        if self._assembler is not None:
            self._assembler.link_lost()

    def failed(self, error: GlassesError) -> None:
        """There will be no more sound."""
        self._failure = error
        self._came.set()

    async def resume(self, session: Session) -> None:
        """A new session is ready: if somebody listens, go on. Sound kept on the glasses comes first."""
        if self._assembler is None or self._epoch < 0:
            return
        self._came.set()
        if session.start.was_running and session.greeting.epoch == self._epoch:
            return
        await self._listen(session)

    async def _listen(self, session: Session) -> None:
        # A number that is not that of the stream that runs: the app goes on with one of the same number.
        self._epoch = (self._epoch + 1) % EPOCHS
        if self._epoch == session.greeting.epoch:
            self._epoch = (self._epoch + 1) % EPOCHS
        if self._assembler is not None:
            self._put(self._assembler.begin(self._epoch, self._bits, asyncio.get_running_loop().time()))
        await session.send(Listen(self._epoch, self._rate_hz, self._bits))

    async def _change(self, session: Session) -> None:
        try:
            with contextlib.suppress(GlassesError):  # the next session begins with the new depth
                await self._listen(session)
        finally:
            self._task = None

    async def _watch_end(self) -> None:
        if self._source.input_ended is not None:
            await self._source.input_ended.wait()
            self._came.set()

    async def _received(self, sessions: Reconnector) -> AsyncIterator[AudioChunk]:
        ended = self._source.input_ended
        while True:
            for chunk in self._silence_given_up():
                yield chunk
            if self._queue:
                chunk = self._queue.popleft()
                self._queued -= len(chunk.samples)
                if self._paused and self._queued < PAUSE_S * self._rate_hz / 2:
                    self._pause(paused=False)
                yield chunk
                continue
            if self._failure is not None:
                raise self._failure
            self._came.clear()
            try:
                # While the link is lost there is more to come, whatever the source of sound says.
                over = ended is not None and ended.is_set() and sessions.ready is not None
                async with asyncio.timeout(QUIET_S if over else None):
                    await self._came.wait()
            except TimeoutError:
                if await self._answers(sessions):
                    break
        if self._assembler is not None:
            for chunk in self._assembler.finish(asyncio.get_running_loop().time()):
                yield chunk

    async def _answers(self, sessions: Reconnector) -> bool:
        """Whether silence is silence, and not a link whose loss nobody has noticed yet."""
        session = sessions.ready
        if session is None:
            return False
        try:
            await session.send(Listen(self._epoch, self._rate_hz, self._bits))  # what runs already: nothing changes
        except GlassesError:
            return False
        return not self._queue

    def _put(self, chunks: list[AudioChunk]) -> None:
        for chunk in chunks:
            self._queue.append(chunk)
            self._queued += len(chunk.samples)
        while self._queued > QUEUE_S * self._rate_hz:
            oldest = self._queue.popleft()
            self._queued -= len(oldest.samples)
            first, count = self._given_up
            self._given_up = (first if count else oldest.start, count + len(oldest.samples))
        if self._queued > PAUSE_S * self._rate_hz:
            self._pause(paused=True)
        if chunks:
            self._came.set()

    def _silence_given_up(self) -> Iterator[AudioChunk]:
        """What was dropped from the queue, as silence that says so."""
        (first, count), self._given_up = self._given_up, (0, 0)
        now = asyncio.get_running_loop().time()
        while count > 0:
            n = min(count, self._rate_hz)
            yield AudioChunk(np.zeros(n, np.int16), first, self._rate_hz, self._bits, "this computer is too slow", now)
            first, count = first + n, count - n

    def _pause(self, *, paused: bool) -> None:
        if paused != self._paused:
            self._paused = paused
            self._source.pause_input(paused=paused)
            if self._assembler is not None:
                self._assembler.rebase()
