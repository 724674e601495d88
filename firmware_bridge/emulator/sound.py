"""What the emulated microphone can hear: samples of 16 kHz, 16 bit, mono.

A recording is brought to that form once, when it is opened (`inputs.read_sound`); one that has it already is passed
on bit for bit.
"""

from __future__ import annotations

import math
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 16_000  # 2.7: the microphone's own rate

Samples = NDArray[np.int16]


class Sound(Protocol):
    """A sound with a beginning, sample 0."""

    @property
    def length(self) -> int | None:
        """Samples there are; None where the sound never ends."""
        ...

    def take(self, start: int, count: int) -> Samples:
        """The samples from `start` on: `count` of them, fewer where the sound ends before."""
        ...


class Recording:
    """Samples held in memory, played once or over and over."""

    def __init__(self, samples: Samples, *, loop: bool = False) -> None:
        """Play `samples` (at least one)."""
        self._samples = samples
        self._loop = loop

    @property
    def length(self) -> int | None:
        """Samples there are; None when looped."""
        return None if self._loop else len(self._samples)

    def take(self, start: int, count: int) -> Samples:
        """The samples from `start` on; a looped recording begins again after its last one."""
        if self._loop:
            return self._samples[np.arange(start, start + count) % len(self._samples)]
        return self._samples[start : start + count]


class QuietRoom:
    """A noise floor without end: what a microphone hears in a silent room.

    Digital silence would be wrong: a real microphone never delivers it, and recognisers trained on real ones break on
    it.
    """

    LEVEL_LSB: Final = 3.0  # standard deviation; about -81 dB of full scale, as of a MEMS microphone's own noise

    length: Final = None

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._last = (-1, np.empty(0, np.int16))  # number and samples of the block made last

    def take(self, start: int, count: int) -> Samples:
        """Any stretch of the noise; the same stretch is always the same."""
        first, last = start // _NOISE_BLOCK, (start + count - 1) // _NOISE_BLOCK
        if first == last:
            return self._block(first)[start % _NOISE_BLOCK :][:count]
        noise = np.concatenate([self._block(n) for n in range(first, last + 1)] or [np.empty(0, np.int16)])
        offset = start - first * _NOISE_BLOCK
        return noise[offset : offset + count]

    def _block(self, number: int) -> Samples:
        if self._last[0] != number:
            generator = np.random.Generator(np.random.Philox(key=self._seed, counter=[0, 0, 0, number]))
            self._last = number, np.rint(generator.normal(0, self.LEVEL_LSB, _NOISE_BLOCK)).astype(np.int16)
        return self._last[1]


class LiveSound:
    """A sound into which others are played while it is heard."""

    def __init__(self, room: Sound) -> None:
        """Until something is played, `room` is heard; and again when it is over, if it has no end itself."""
        self._room = room
        self._played: list[tuple[int, int, Samples]] = []  # from, to, and what is heard meanwhile

    @property
    def length(self) -> int | None:
        """Samples there are: with the last that was played, if the room itself has an end."""
        if self._room.length is None or not self._played:
            return self._room.length
        return self._played[-1][1]

    def play(self, samples: Samples, at: int, heard: int) -> None:
        """Let these be heard from sample `at` on; what is before sample `heard` will not be taken again."""
        before = [(start, min(end, at), sound) for start, end, sound in self._played]
        self._played = [one for one in before if one[1] > max(one[0], heard)]
        self._played.append((at, at + len(samples), samples))

    def take(self, start: int, count: int) -> Samples:
        """The samples from `start` on."""
        end, pieces = start + count, []
        for first, last, sound in (*self._played, (end, end, None)):
            if start < min(first, end):  # before it, the room
                pieces.append(self._room.take(start, min(first, end) - start))
                start = min(first, end)
            if sound is not None and first <= start < min(last, end):
                pieces.append(sound[start - first : min(last, end) - first])
                start = min(last, end)
        return np.concatenate(pieces) if pieces else np.empty(0, np.int16)


class Resampler:
    """From any rate to 16 kHz, piece by piece, by Fourier transforms of overlapping blocks.

    Flat up to 0.91 of the lower Nyquist frequency, nothing beyond it. Output sample 0 lies on input sample 0, and the
    output lasts exactly as long as the input.
    """

    def __init__(self, rate_hz: int) -> None:
        """Convert from `rate_hz` (1 000 to 768 000)."""
        common = math.gcd(rate_hz, RATE_HZ)
        self._up, self._down = RATE_HZ // common, rate_hz // common
        # Whole numbers of `down` input samples, so that block borders fall on output samples.
        turns = math.ceil(_OVERLAP_SAMPLES * max(1.0, rate_hz / RATE_HZ) / self._down)
        self._overlap, self._skip = turns * self._down, turns * self._up
        self._block = _BLOCK_OVERLAPS * self._overlap
        self._response = _low_pass(self._block, _BLOCK_OVERLAPS * self._skip)
        self._pending = np.zeros(self._overlap)  # silence before the first sample
        self._taken = 0
        self._made = 0

    def feed(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take more input, -1 to 1; return the output that is complete."""
        self._taken += len(samples)
        self._pending = np.concatenate([self._pending, samples])
        made = [np.empty(0)]
        while len(self._pending) >= self._block:
            made.append(self._convert(self._pending[: self._block]))
            self._pending = self._pending[self._block - 2 * self._overlap :]
        result = np.concatenate(made)
        self._made += len(result)
        return result

    def finish(self) -> NDArray[np.float64]:
        """Return the rest."""
        missing = -(-self._taken * self._up // self._down) - self._made
        return self.feed(np.zeros(2 * self._block))[:missing]

    def _convert(self, block: NDArray[np.float64]) -> NDArray[np.float64]:
        spectrum = np.fft.rfft(block)[: len(self._response)] * self._response
        size = len(block) // self._down * self._up
        result: NDArray[np.float64] = np.fft.irfft(spectrum, size) * (self._up / self._down)
        return result[self._skip : -self._skip]


_NOISE_BLOCK: Final = 4096
_OVERLAP_SAMPLES: Final = 1024  # at the lower rate: the filter's response has died down to rounding by then
_BLOCK_OVERLAPS: Final = 16
_PASS: Final = 0.91


def _low_pass(size_in: int, size_out: int) -> NDArray[np.float64]:
    """Gain of each Fourier bin up to the lower Nyquist frequency, with a raised-cosine edge."""
    nyquist = min(size_in, size_out) // 2
    edge = np.clip((np.arange(nyquist + 1) / nyquist - _PASS) / (1 - _PASS), 0, 1)
    gain: NDArray[np.float64] = (1 + np.cos(np.pi * edge)) / 2
    return gain
