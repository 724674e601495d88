"""One microphone for two: captions, and now and then a spoken command, which is then no part of what is written down.

While a command is listened to, captions are held back. Once it is known, they go on where they were: what was a command
is a gap for them that says so, and everything else is there as if nobody had asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from host.contracts import AudioChunk, Microphone, Samples, VoiceActivity
from host.transcribe import segment
from host.transcribe.controls import COMMAND
from host.transcribe.framing import FRAME_S, Break, Frame, Framer

__all__ = ["STARTS_WITHIN_S", "SharedMicrophone", "Taken", "spoken"]

STARTS_WITHIN_S: Final = 5.0
"""After a tap somebody has begun to speak, or will not; our choice."""

_GIVEN_S: Final = 1.0  # sound comes every few hundredths of a second, unless the link is lost

_RULES: Final = segment.Rules(onset=3, pre_roll=12, hangover=16, soft_limit=157, hard_limit=218)
"""A command is over after 0.5 s of quiet, after 5 s with less, and after 7 s whatever is heard: none lasts three. It
begins with 0.1 s of speech, for the click of the tap itself is none."""


class Taken:
    """The sound from one tap on, for whoever listens to the command."""

    def __init__(self) -> None:
        """Nothing has come yet; inside the event loop."""
        self.chunks: list[AudioChunk] = []
        self.listened = 0
        """Chunks that were listened to."""
        self.is_command: bool | None = None
        """Whether those were a command; None until it is known."""
        self.given = asyncio.Event()
        """Captions have what is theirs of it."""
        self._came = asyncio.Event()
        self._over = False

    def put(self, chunk: AudioChunk) -> None:
        """The next chunk has come."""
        self.chunks.append(chunk)
        self._came.set()

    def close(self) -> None:
        """No more will come."""
        self._over = True
        self._came.set()

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        """Chunks as they come, until no more will."""
        while True:
            while self.listened < len(self.chunks):
                self.listened += 1
                yield self.chunks[self.listened - 1]
            if self._over:
                return
            self._came.clear()
            await self._came.wait()

    def rest(self) -> Iterable[AudioChunk]:
        """What captions are given of it, once it is known what it was."""
        for number, chunk in enumerate(self.chunks):
            if self.is_command and number < self.listened:
                yield replace(chunk, samples=np.zeros_like(chunk.samples), lost_reason=COMMAND)
            else:
                yield chunk


class SharedMicrophone:
    """The `Microphone` that captions read; where they do not, it is opened for as long as a command takes."""

    def __init__(self, microphone: Microphone) -> None:
        """Share this one, inside the event loop; nobody else may read it."""
        self._microphone = microphone
        self._reading = asyncio.Lock()  # it has one reader at a time
        self._captions = False
        self._held: list[Taken] = []  # the last may still be listened to; captions have none of them yet
        self._alone: asyncio.Task[None] | None = None

    @property
    def rate_hz(self) -> int:
        """Samples a second of every chunk."""
        return self._microphone.rate_hz

    async def chunks(self) -> AsyncGenerator[AudioChunk, None]:
        """As the contract says; a command that is being said is held back until it is known what it was.

        A command that is listened to as this begins ends there.

        Raises:
            GlassesError: the glasses are out of reach for good.
        """
        self._captions = True
        try:
            if self._alone is not None:
                self._alone.cancel()
            async with self._reading, contextlib.aclosing(_closable(self._microphone)) as chunks:
                async for chunk in chunks:
                    listening = bool(self._held) and self._held[-1].is_command is None
                    if listening:
                        self._held[-1].put(chunk)
                    while self._held and self._held[0].is_command is not None:
                        taken = self._held.pop(0)
                        for held in taken.rest():
                            yield held
                        taken.given.set()
                    if not listening:
                        yield chunk
            ended, self._held = self._held, []
            for taken in ended:
                taken.close()
                for held in taken.rest():
                    yield held
        finally:
            self._captions = False
            for taken in self._held:
                taken.close()
            self._held = []

    @contextlib.asynccontextmanager
    async def command(self) -> AsyncIterator[Taken]:
        """Take the sound from here on; whoever does says in the end what it was, or it was no command.

        Nobody else may take it meanwhile. Where captions do not read the microphone it is opened for this. Where they
        do, it ends when they have what they were held back, for the command may be one that ends them.
        """
        taken = Taken()
        if self._captions:
            self._held.append(taken)
        else:
            self._alone = asyncio.create_task(self._read_alone(taken), name="spoken command")
        try:
            yield taken
        finally:
            taken.is_command = bool(taken.is_command)
            await self._leave()
            if taken in self._held:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_GIVEN_S):
                        await taken.given.wait()

    async def _read_alone(self, taken: Taken) -> None:
        try:
            async with self._reading, contextlib.aclosing(_closable(self._microphone)) as chunks:
                async for chunk in chunks:
                    taken.put(chunk)
        finally:
            taken.close()

    async def _leave(self) -> None:
        """Close the microphone, where it was opened for a command. Raises GlassesError: it failed."""
        alone, self._alone = self._alone, None
        if alone is not None:
            alone.cancel()
            await asyncio.wait({alone})
            if not alone.cancelled() and (error := alone.exception()) is not None:
                raise error


async def spoken(taken: Taken, voice: VoiceActivity) -> Samples:
    """What is said from here on, until a pause; empty if nobody says anything in time.

    Args:
        taken: the sound.
        voice: used for this alone.

    Returns:
        16 kHz, with some of the quiet before and behind.
    """
    framer, segmenter = Framer(), segment.Segmenter()
    frames: list[Samples] = []
    begun: int | None = None
    async for chunk in taken:
        for item in framer.feed(chunk, 0.0):
            if isinstance(item, Break):
                frames += [np.zeros(len(frames[0]), np.int16)] * item.frames if frames else []
                segmenter, actions = segment.broken(segmenter, item.frames)
            elif isinstance(item, Frame):
                frames.append(item.samples)
                segmenter, actions = segment.heard(segmenter, voice.probability(item.samples), _RULES)
            else:
                continue
            for action in actions:
                if isinstance(action, segment.End):
                    return np.concatenate(frames[begun : action.end])
                begun = action.first
            if begun is None and len(frames) * FRAME_S >= STARTS_WITHIN_S:
                return np.empty(0, np.int16)
    return np.concatenate(frames[begun:]) if begun is not None else np.empty(0, np.int16)


def _closable(microphone: Microphone) -> AsyncGenerator[AudioChunk, None]:
    chunks = microphone.chunks()
    assert isinstance(chunks, AsyncGenerator), "every microphone's is"  # noqa: S101
    return chunks
