"""How loud sound is, for a level meter; pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from host.contracts import AudioChunk

__all__ = ["Meter"]

_LEVELS_A_SECOND: Final = 10


class Meter:
    """Loudness of sound, ten times a second."""

    def __init__(self) -> None:
        self._squares = 0.0
        self._count = 0

    def feed(self, chunk: AudioChunk) -> Iterator[float]:
        """Loudness in dB below full scale where another tenth of a second is complete; -inf for silence."""
        self._squares += float(np.square(chunk.samples, dtype=np.float64).sum())
        self._count += len(chunk.samples)
        if self._count >= chunk.rate_hz // _LEVELS_A_SECOND:
            mean = self._squares / self._count
            self._squares, self._count = 0.0, 0
            yield 10 * math.log10(mean / 32768**2) if mean else -math.inf
