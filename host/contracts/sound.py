"""Sound, where it comes from and where it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["AudioChunk", "Microphone", "Samples", "SoundKeeper", "VoiceActivity"]


Samples = npt.NDArray[np.int16]
"""Mono sound, shape (n,), -32768 to 32767."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of sound as it came from a microphone.

    Attributes:
        samples: shape (n,), n >= 1, int16 whatever bit depth it was carried with.
        start: index of the first sample in the recording; chunks are contiguous and a gap is a chunk of silence.
        rate_hz: samples a second, 16000 or 8000.
        bits: bit depth it was carried with, 8 or 16.
        lost_reason: None for sound; for a stretch of silence that stands for lost sound, why it was lost.
        heard_at_s: event loop time at which the last sample was spoken, as near as it is known; what latency
            figures are measured from.
    """

    samples: Samples
    start: int
    rate_hz: int
    bits: int = 16
    lost_reason: str | None = None
    heard_at_s: float = 0.0


class Microphone(Protocol):
    """A source of sound: the glasses, a file, this computer's microphone."""

    @property
    def rate_hz(self) -> int:
        """Samples a second of every chunk."""
        ...

    def chunks(self) -> AsyncIterator[AudioChunk]:
        """Sound until the source ends (a file) or the iterator is closed (`aclose` stops the microphone)."""
        ...


class VoiceActivity(Protocol):
    """Tells speech from the rest, frame by frame of 512 samples at 16 kHz; holds state, one object a stream."""

    def probability(self, frame: Samples) -> float:
        """Probability of speech in the next frame, 0 to 1. Raises ValueError for a frame of another length."""
        ...


class SoundKeeper(Protocol):
    """Where the sound itself is kept, if the user asked for it."""

    def write(self, samples: Samples) -> None:
        """Append sound. Raises StoreError, DiskFullError."""
        ...
