"""Chunks of any length and rate into frames of 512 samples at 16 kHz, gaps found and measured; pure.

Frame n holds samples 512 n to 512 n + 511 of the recording, however the sound was cut into chunks. A short gap stays in
the sound as the silence that stands for it. A long one is not worth feeding to anybody: it becomes a `Break`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from host.contracts import AudioChunk, Samples

__all__ = ["FRAME_S", "FRAME_SAMPLES", "RATE_HZ", "Break", "Frame", "Framer", "Missing"]

RATE_HZ: Final = 16000
FRAME_SAMPLES: Final = 512
FRAME_S: Final = FRAME_SAMPLES / RATE_HZ

_LONG_GAP_S: Final = 0.5
"""As long as the pause that ends an utterance: across it nothing is one sentence."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The next 512 samples.

    Attributes:
        index: counted from the start of the recording, silence for lost sound included.
        samples: shape (512,).
        heard_at_s: event loop time at which the last one was spoken.
        arrived_at_s: event loop time at which the chunk with the last one arrived.
    """

    index: int
    samples: Samples
    heard_at_s: float
    arrived_at_s: float


@dataclass(frozen=True, slots=True)
class Missing:
    """Sound that was lost: from where to where in the recording, and why."""

    start_s: float
    end_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Break:
    """So many frames are left out, for a long gap lies there."""

    frames: int


class Framer:
    """The chunks of one recording; one object a stream, fed in order."""

    def __init__(self) -> None:
        self._held: Samples = np.zeros(0, np.int16)
        self._position = 0
        self._gap = 0
        self._gap_reason: str | None = None
        self._heard_at_s = self._arrived_at_s = 0.0
        self._doubler = _Doubler()

    def feed(self, chunk: AudioChunk, arrived_at_s: float) -> list[Frame | Missing | Break]:
        """Take the next chunk; what is complete with it. A gap is known in full when sound follows it.

        Args:
            chunk: contiguous with the one before.
            arrived_at_s: event loop time.
        """
        scale = RATE_HZ // chunk.rate_hz
        done = self.finish() if chunk.lost_reason != self._gap_reason else []
        self._heard_at_s, self._arrived_at_s = chunk.heard_at_s, arrived_at_s
        if chunk.lost_reason is not None:
            self._gap += len(chunk.samples) * scale
            self._gap_reason = chunk.lost_reason
            return done
        return done + self._cut(self._doubler.feed(chunk.samples) if scale == 2 else chunk.samples)

    def finish(self) -> list[Frame | Missing | Break]:
        """The gap that is still open, if any. What is left of a frame stays for the sound that follows."""
        count, reason = self._gap, self._gap_reason
        self._gap, self._gap_reason = 0, None
        if reason is None:
            return []
        start_s = (self._position + len(self._held)) / RATE_HZ
        missing = Missing(start_s, start_s + count / RATE_HZ, reason)
        if count < _LONG_GAP_S * RATE_HZ:
            return [missing, *self._cut(np.zeros(count, np.int16))]
        fill = -len(self._held) % FRAME_SAMPLES
        last = self._cut(np.zeros(fill, np.int16))
        frames, rest = divmod(count - fill, FRAME_SAMPLES)
        self._position += frames * FRAME_SAMPLES
        self._held = np.zeros(rest, np.int16)
        return [*last, Break(frames), missing]  # what was said before comes before

    def rest(self) -> list[Frame | Missing | Break]:
        """The recording has ended: its last gap, and its last frame filled with silence."""
        out = self.finish()
        return out + self._cut(np.zeros(-len(self._held) % FRAME_SAMPLES, np.int16))

    def _cut(self, samples: Samples) -> list[Frame | Missing | Break]:
        self._held = np.concatenate([self._held, samples])
        frames: list[Frame | Missing | Break] = []
        while len(self._held) >= FRAME_SAMPLES:
            frame, self._held = self._held[:FRAME_SAMPLES], self._held[FRAME_SAMPLES:]
            heard_at_s = self._heard_at_s - len(self._held) / RATE_HZ
            frames.append(Frame(self._position // FRAME_SAMPLES, frame, heard_at_s, self._arrived_at_s))
            self._position += FRAME_SAMPLES
        return frames


class _Doubler:
    """8 kHz to 16 kHz: a zero between each two samples, then a windowed sinc at half the band.

    31 taps put what a doubling mirrors above 4 kHz down by some 40 dB; the delay is 15 samples, one millisecond.
    """

    _TAPS: Final = 31

    def __init__(self) -> None:
        n = np.arange(self._TAPS) - self._TAPS // 2
        self._filter: npt.NDArray[np.float64] = np.sinc(n / 2) * np.hamming(self._TAPS)
        self._before = np.zeros(self._TAPS - 1)

    def feed(self, samples: Samples) -> Samples:
        """The next samples, twice as many."""
        spread = np.zeros(2 * len(samples))
        spread[::2] = samples
        sound = np.concatenate([self._before, spread])
        self._before = sound[-(self._TAPS - 1) :]
        return np.convolve(sound, self._filter, "valid").round().clip(-32768, 32767).astype(np.int16)
