"""Whose voice each finished sentence is: its sound, an embedding of it, and `speakers` to judge that."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from host.contracts import Hypothesis, Samples, SpeakerEmbedder, Voice
from host.errors import BackendError
from host.transcribe import speakers
from host.transcribe.framing import FRAME_S, RATE_HZ, Frame

__all__ = ["Attribution", "Untold", "VoicesHeard"]

_KEPT_FRAMES: Final = 1250  # 40 s: twice the longest sentence that a recogniser makes


@dataclass(frozen=True, slots=True)
class VoicesHeard:
    """What the voices of a recording sound like so far.

    Attributes:
        model: whose embeddings they are.
        voices: one a label.
        merged: all labels that were given up so far, and whose they turned out to be.
        merges: those of them that the newest sentence showed.
    """

    model: str
    voices: Sequence[Voice]
    merged: Mapping[str, str]
    merges: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Untold:
    """Voices cannot be told apart for the time being."""

    error: BackendError


class Attribution:
    """The voices of one recording; calls are made one after another."""

    def __init__(self, embedder: SpeakerEmbedder, known: Iterable[Voice] = ()) -> None:
        """Prepare; `known` are voices with names, made by the same model."""
        self._embedder = embedder
        self._state = speakers.start(known)
        self._recent: deque[Frame] = deque(maxlen=_KEPT_FRAMES)
        self._failed = False

    def keep(self, frame: Frame) -> None:
        """Keep the next frame of the recording until a sentence needs it."""
        self._recent.append(frame)

    async def told(self, heard: Hypothesis) -> tuple[Hypothesis, VoicesHeard | Untold | None]:
        """A finished sentence with its speaker, if that can be told; and what has changed by it. Never raises."""
        try:
            sound = self._sound(heard)
            embedding = await self._embedder.embed(sound)
        except BackendError as error:
            first, self._failed = not self._failed, True
            return heard, Untold(error) if first else None
        self._failed = False
        before, info = self._state, self._embedder.info
        self._state, label, merges = speakers.heard(before, embedding, len(sound) / RATE_HZ, info)
        if self._state is before:
            return heard, None
        news = VoicesHeard(info.model, speakers.voices(self._state), self._state.merged, merges)
        return replace(heard, speaker=label), news

    def _sound(self, heard: Hypothesis) -> Samples:
        """The sound of a sentence, as far as it is still there."""
        first, last = int(heard.start_s / FRAME_S), int(heard.end_s / FRAME_S)
        frames = [frame.samples for frame in self._recent if first <= frame.index <= last]
        return np.concatenate([np.zeros(0, np.int16), *frames])
