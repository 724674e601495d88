"""The glasses' microphone as a stream of contiguous sound that outlives lost links."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final

from firmware_bridge.errors import RESTART_HINT, DeviceError, GlassesError, LocalProtocolError
from firmware_bridge.link import LinkSource
from firmware_bridge.messages import Failed, Listen
from firmware_bridge.reconnect import Reconnector
from firmware_bridge.session import Session
from firmware_bridge.sound import AudioChunk, SoundAssembler, SoundQueue
from firmware_bridge.sound_coding import NO_CODEC, Pcm, SoundCoding, coding_for
from firmware_bridge.wire import AudioPacket

__all__ = ["MicrophoneKeeper"]

EPOCHS: Final = 64
NO_STREAM: Final = 255  # the epoch of audio.lua while no stream runs
QUIET_S: Final = 0.5  # no sound for so long after a recording ended: all of it is here
PAUSE_S: Final = 2.0  # sound that waits before a recording is told to wait
SLOW_LAG_S: Final = 0.5  # sound that comes so late comes over a link that cannot carry it; the ring holds 2.05 s
SLOW_S: Final = 1.0  # so long, without becoming less: what the ring kept through a fade or a lost link catches up


class MicrophoneKeeper:
    """One listener at a time. A stream that its session lost is ordered again by the next."""

    def __init__(self, source: LinkSource, on_quality: Callable[[str], None]) -> None:
        """`on_quality` hears, in one sentence, that the sound got worse, or is from the start, and why."""
        self._source = source
        self._on_quality = on_quality
        self._listening = False
        self._session: Session | None = None  # the newest, ready or not: to one that is over nothing is sent
        self._epoch = -1  # of the stream ordered last
        self._ordered = False  # that is one of this recording
        self._rate_hz = 16000
        self._asked_bits = self._bits = self._most_bits = 16  # asked for, of the stream, and allowed
        self._slow = False  # the link is, so that this recording goes on with 8 bits
        self._coding: SoundCoding = Pcm(16)  # of the stream ordered last
        self._assembler = SoundAssembler(self._rate_hz)  # this and the queue stay when a recording ends, for the count
        self._queue = SoundQueue(self._rate_hz)
        self._came = asyncio.Event()
        self._failure: GlassesError | None = None
        self._paused = False
        self._told = False  # that a codec is missing
        self._late: tuple[float, float] | None = None  # since when sound comes late, and by how much it did then
        self._changing: asyncio.Task[None] | None = None

    @property
    def lost_samples(self) -> int:
        """Samples of the newest recording that were replaced by silence."""
        return self._assembler.lost_samples + self._queue.given_up

    async def chunks(self, sessions: Reconnector, rate_hz: int, bits: int) -> AsyncGenerator[AudioChunk, None]:
        """Sound from now on; ends when the source of sound has ended. Closing the iterator stops the microphone.

        Raises:
            LocalProtocolError: somebody listens already, or a rate or depth that the glasses do not have.
            DeviceError: the microphone does not start.
            GlassesError: the glasses are out of reach for good.
        """
        if self._listening:
            msg = "somebody listens to the glasses already"
            raise LocalProtocolError(msg)
        if rate_hz not in (8000, 16000) or bits not in (8, 16):
            msg = f"the glasses record at 8000 or 16000 Hz with 8 or 16 bits, not at {rate_hz} Hz with {bits}"
            raise LocalProtocolError(msg)
        self._listening, self._ordered, self._failure = True, False, None
        self._rate_hz, self._asked_bits, self._slow, self._late = rate_hz, bits, False, None
        self._bits = min(bits, self._most_bits)
        self._assembler, self._queue = SoundAssembler(rate_hz), SoundQueue(rate_hz)
        watch = asyncio.create_task(self._watch_end(), name="end of recording")
        try:
            session = await sessions.session()
            if not self._ordered:  # unless this session came while we waited, and began with it
                await self._listen(session)
            while (chunk := await self._next(sessions)) is not None:
                yield chunk
        finally:
            watch.cancel()
            if self._changing is not None:
                self._changing.cancel()
                self._changing = None
            self._listening = False
            self._pause(paused=False)
            self._stop_unheard()

    def on_audio(self, packet: AudioPacket) -> None:
        """Take a packet; find out whether the link can carry this much."""
        if not self._listening:
            return
        now = asyncio.get_running_loop().time()
        self._put(self._assembler.feed(packet, now))
        if self._too_slow(now) and self._coding == Pcm(16, self._rate_hz) and self._session and not self._changing:
            self._bits, self._slow = 8, True
            self._on_quality("the link is too slow for 16 bit sound; it goes on with 8 bit")
            self._changing = asyncio.create_task(self._change(self._session), name="bit depth")

    def limit(self, bits: int) -> None:
        """Let samples have so many bits at most from here on, those of a recording that runs, too."""
        self._most_bits = bits
        wanted = 8 if self._slow else min(self._asked_bits, bits)
        if not self._listening or wanted == self._bits:
            return
        self._bits = wanted
        session = self._session
        if session is None or not self._ordered or self._changing is not None:
            return  # the next stream has so many
        if self._coding == Pcm(24 - wanted, self._rate_hz):
            self._changing = asyncio.create_task(self._change(session), name="bit depth")

    def link_lost(self) -> None:
        """The link broke; what is missing next is its fault."""
        self._assembler.link_lost()

    def on_failed(self, report: Failed) -> None:
        """The glasses cannot record."""
        text = report.text.decode("utf-8", "replace")
        msg = "the glasses' microphone does not start"
        self.end(DeviceError(msg, RESTART_HINT, text))

    def end(self, reason: GlassesError) -> None:
        """There will be no more sound."""
        self._failure = reason
        self._came.set()

    async def resume(self, session: Session) -> None:
        """A new session is ready: if somebody listens, go on. Sound kept on the glasses comes first."""
        self._session = session
        running = session.greeting.epoch
        if not self._listening:
            if running != NO_STREAM:  # whoever ordered it could not stop it
                session.post(Listen(running, self._rate_hz, 0))
            return
        if self._ordered and session.start.was_running and running == self._epoch:
            return
        await self._listen(session)

    def _too_slow(self, now: float) -> bool:
        lag = self._assembler.lag_s
        if lag <= SLOW_LAG_S:
            self._late = None
            return False
        since, lag_then = self._late or (now, lag)
        late_for = now - since
        if self._late is None or (late_for >= SLOW_S and lag < lag_then):
            self._late = (now, lag)
        return late_for >= SLOW_S and lag >= lag_then

    async def _listen(self, session: Session) -> None:
        """Order a stream. If the link breaks before the glasses have the order, the next session gives it again."""
        # A number that is not that of the stream that runs: the app goes on with one of the same number.
        self._epoch = (self._epoch + 1) % EPOCHS
        if self._epoch == session.greeting.epoch:
            self._epoch = (self._epoch + 1) % EPOCHS
        self._session, self._ordered, self._late = session, True, None
        self._coding = coding_for(session.link.info.glasses, self._rate_hz, self._bits)
        if self._coding.bits < self._bits and not self._told:
            self._told = True
            self._on_quality(NO_CODEC)
        self._put(self._assembler.begin(self._epoch, self._coding, asyncio.get_running_loop().time()))
        try:
            await session.send(self._order())
        except GlassesError:
            if not session.over.done():
                raise
        self._stop_unheard()  # given up meanwhile: the order to stop may have gone before this one

    def _order(self) -> Listen:
        return Listen(self._epoch, self._coding.rate_hz, self._coding.carried)

    def _stop_unheard(self) -> None:
        if not self._listening and self._ordered and self._session is not None:
            self._session.post(Listen(self._epoch, self._rate_hz, 0))

    async def _change(self, session: Session) -> None:
        try:
            await self._listen(session)
        finally:
            self._changing = None

    async def _watch_end(self) -> None:
        if self._source.input_ended is not None:
            await self._source.input_ended.wait()
            self._came.set()

    async def _next(self, sessions: Reconnector) -> AudioChunk | None:
        """The next chunk, or None when the source of sound has ended."""
        ended = self._source.input_ended
        while (chunk := self._queue.take()) is None:
            if self._failure is not None:
                raise self._failure
            self._came.clear()
            try:
                async with asyncio.timeout(QUIET_S if ended is not None and ended.is_set() else None):
                    await self._came.wait()
            except TimeoutError:
                if await self._answers(sessions):
                    rest = self._assembler.finish(asyncio.get_running_loop().time())
                    if not rest:
                        return None
                    self._put(rest)
        if self._paused and self._queue.samples < PAUSE_S * self._rate_hz / 2:
            self._pause(paused=False)
        return chunk

    async def _answers(self, sessions: Reconnector) -> bool:
        """Whether silence is silence, and not a link that is lost, noticed or not."""
        session = sessions.ready
        if session is None:
            return False
        try:
            await session.send(self._order())  # what runs already: nothing changes
        except GlassesError:
            return False
        return not self._queue

    def _put(self, chunks: list[AudioChunk]) -> None:
        if chunks:
            self._queue.put(chunks)
            self._came.set()
        if self._queue.samples > PAUSE_S * self._rate_hz:
            self._pause(paused=True)

    def _pause(self, *, paused: bool) -> None:
        if paused != self._paused:
            self._paused = paused
            self._source.pause_input(paused=paused)
            self._assembler.rebase()
