"""Whose voice it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from host.contracts.sound import Samples

__all__ = ["EmbedderInfo", "SpeakerEmbedder", "Voice"]


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """What a speaker embedder's figures mean; known without loading it.

    Attributes:
        model: name of the model; embeddings of different models cannot be compared.
        alike: cosine from which two utterances are taken to be of one voice, -1 to 1.
        unlike: cosine below which they are taken to be of two, at most `alike`.
    """

    model: str
    alike: float
    unlike: float


class SpeakerEmbedder(Protocol):
    """Turns an utterance into a direction that depends on the voice, not on the words."""

    @property
    def info(self) -> EmbedderInfo:
        """What its figures mean."""
        ...

    async def embed(self, samples: Samples) -> tuple[float, ...]:
        """The embedding of an utterance of one speaker, 16 kHz; empty where there is too little sound for one.

        All that are not empty have the same length. Raises BackendError.
        """
        ...

    async def close(self) -> None:
        """Unload. Repeated calls do nothing. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice as a model hears it.

    Attributes:
        label: a person's name, or a number as text.
        embedding: the direction, not empty; its length says nothing.
        seconds: of speech that it was made of, more than 0.
    """

    label: str
    embedding: tuple[float, ...]
    seconds: float
