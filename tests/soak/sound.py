"""What the microphone hears in a soak, and whether what arrives of it is that, sample for sample."""

from __future__ import annotations

import contextlib
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from firmware_bridge import AudioChunk, Glasses
from firmware_bridge.sound import SoundAssembler

RATE = 16000
SECONDS = 30
KEY = 12  # samples that are found again in noise without a doubt

Samples = npt.NDArray[np.int16]


def recording() -> Samples:
    """Noise that repeats nowhere within itself."""
    return np.random.default_rng(1).integers(-32768, 32767, SECONDS * RATE).astype(np.int16)


def write_recording(path: Path) -> None:
    """The same as a file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(recording().tobytes())


@contextlib.contextmanager
def streams_marked() -> Iterator[None]:
    """Meanwhile each assembler of sound remembers where in its recording it began with another stream."""
    begin = SoundAssembler.begin

    def marked(self: SoundAssembler, *args: Any) -> list[AudioChunk]:
        chunks = begin(self, *args)
        self.__dict__.setdefault("began_at", []).append(self.position)
        return chunks

    SoundAssembler.begin = marked  # type: ignore[method-assign]
    try:
        yield
    finally:
        SoundAssembler.begin = begin  # type: ignore[method-assign]


def stream_starts(glasses: Glasses) -> Sequence[int]:
    """Where streams began in the recording that is running."""
    return list(vars(glasses._microphone._assembler).get("began_at", ()))


class SoundCheck:
    """Follows one listener: each stretch of sound must be of the recording, and go on where the last one ended,
    unless silence between them says that something is missing.

    Attributes:
        samples: that arrived and were right.
        lost: samples of silence that say so.
        damaged: samples that differ from the recording: the link does not check sound, for the radio does.
        wrong: in words, what must not be.
    """

    def __init__(self, truth: Samples, rate_hz: int) -> None:
        self.samples = self.lost = self.damaged = 0
        self.wrong: list[str] = []
        self._truth = truth
        self._step = RATE // rate_hz
        self._start = 0
        self._at: int | None = None  # where in the recording the next sample is
        self._missing = 0

    def take(self, chunk: AudioChunk, starts: Sequence[int]) -> None:
        """Check a stretch of sound. `starts`: where streams began; between two, what is missing is an estimate."""
        if chunk.start != self._start:
            self.wrong.append(f"sound at {chunk.start} comes after {self._start}")
        self._start = chunk.start + len(chunk.samples)
        if chunk.lost_reason is not None:
            self.lost += len(chunk.samples)
            self._missing += len(chunk.samples)
            if chunk.samples.any():
                self.wrong.append("lost sound is not silent")
            return
        same_stream = not any(chunk.start - self._missing <= start <= chunk.start for start in starts)
        expected = None if self._at is None else (self._at + self._missing * self._step) % len(self._truth)
        differ = None if expected is None else self._difference(chunk, expected)
        if differ is None or differ > 1:
            found = self._find(chunk)
            if found is None:
                self.wrong.append(f"{len(chunk.samples)} samples at {chunk.start} are not of the recording")
                return
            if self._at is not None and not self._missing:
                self.wrong.append(f"sound at {chunk.start}: {self._off(found, expected)} samples missing, untold")
            elif self._at is not None and same_stream:
                self.wrong.append(
                    f"sound at {chunk.start}: {self._missing} samples were said to be missing, "
                    f"{self._off(found, expected)} too few"
                )
            expected, differ = found, 0
        assert expected is not None
        self.damaged += differ
        self.samples += len(chunk.samples)
        self._at = (expected + len(chunk.samples) * self._step) % len(self._truth)
        self._missing = 0

    def _off(self, found: int, expected: int | None) -> float:
        return ((found - (expected or 0)) % len(self._truth)) / self._step

    def _of(self, at: int, count: int, bits: int) -> Samples:
        part = np.take(self._truth, np.arange(at, at + count * self._step, self._step), mode="wrap")
        return part if bits == 16 else part >> 8 << 8

    def _difference(self, chunk: AudioChunk, at: int) -> int:
        return int(np.count_nonzero(self._of(at, len(chunk.samples), chunk.bits) != chunk.samples))

    def _find(self, chunk: AudioChunk) -> int | None:
        """Where in the recording it is; at most one sample may differ."""
        truth = self._truth if chunk.bits == 16 else self._truth >> 8 << 8
        for first in range(min(len(chunk.samples), 2 * KEY)):
            for at in np.flatnonzero(truth == chunk.samples[first]):
                begin = (int(at) - first * self._step) % len(truth)
                if self._difference(chunk, begin) <= 1:
                    return begin
        return None
