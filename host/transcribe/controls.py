"""What the wearer does while a recording runs: sets bookmarks, pauses; pure.

What was said before a pause may still be on its way when it begins, so each chunk of sound is judged by when it was
spoken. What was said in a pause is replaced by silence before anybody hears or keeps it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from host.contracts import AudioChunk

__all__ = ["COMMAND", "PAUSED", "Marked", "Paused", "Pauses", "place_of"]

PAUSED: Final = "paused"
"""Reason of a gap that the wearer wanted."""

COMMAND: Final = "spoken command"
"""Likewise, of what was said to the program."""

_AHEAD_MAX_S: Final = 3.0  # that a moment lies behind the newest sound at most: sound is late, not gone for good


@dataclass(frozen=True, slots=True)
class Marked:
    """A bookmark was set, so many seconds into the recording."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Paused:
    """A pause has begun, or (not `on`) is over."""

    on: bool


class Pauses:
    """The pauses of one recording; `now` is the event loop's time, never less than before."""

    def __init__(self) -> None:
        self.on = False
        """Whether it is paused, as the wearer sees it."""
        self._turns: deque[float] = deque()
        self._heard_on = False

    def toggle(self, now: float) -> Paused:
        """Begin a pause, or end it."""
        self.on = not self.on
        self._turns.append(now)
        return Paused(self.on)

    def heard(self, chunk: AudioChunk) -> AudioChunk:
        """The next chunk as it may be heard: silence that says why, if its end was spoken in a pause."""
        while self._turns and self._turns[0] <= chunk.heard_at_s:
            self._turns.popleft()
            self._heard_on = not self._heard_on
        if not self._heard_on:
            return chunk
        return replace(chunk, samples=np.zeros_like(chunk.samples), lost_reason=PAUSED)


def place_of(moment: float, newest: AudioChunk | None) -> float:
    """Where in the recording a moment is, in seconds from its start.

    Args:
        moment: event loop time.
        newest: what came out of the microphone last; None if nothing has.
    """
    if newest is None:
        return 0.0
    end_s = (newest.start + len(newest.samples)) / newest.rate_hz
    return round(max(0.0, end_s + min(moment - newest.heard_at_s, _AHEAD_MAX_S)), 3)
