"""Speech to words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from host.contracts.sound import Samples

__all__ = ["Hypothesis", "Recogniser", "RecogniserInfo", "RecogniserSession", "Word"]


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word with its place in the recording, and the recogniser's trust in it (0 to 1 or None)."""

    text: str
    start_s: float
    end_s: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a recogniser makes of the sound so far.

    Attributes:
        text: as recognised; data, whatever it says.
        final: True when it will not change any more.
        start_s: where its sound begins in the recording.
        end_s: where its sound ends.
        words: its words with times, where the recogniser gives them.
        confidence: 0 to 1; None where the recogniser gives none worth having.
        language: ISO 639-1 code; None where the recogniser does not say.
        speaker: a label; None where speakers are not told apart.
    """

    text: str
    final: bool
    start_s: float
    end_s: float
    words: Sequence[Word] = ()
    confidence: float | None = None
    language: str | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class RecogniserInfo:
    """What a recogniser can do; known without loading it.

    Attributes:
        name: as given to `--transcriber`.
        languages: ISO 639-1 codes it can be opened with; empty for "ask the server".
        streaming: True if partial hypotheses come while somebody speaks.
        segments: True if it finds the ends of sentences itself; else the caller says where an utterance ends.
        local: True if no sound leaves this computer.
        quality: one phrase, honest: "rough" for what gets a third of the words wrong.
        licence: of code and models.
    """

    name: str
    languages: tuple[str, ...]
    streaming: bool
    segments: bool
    local: bool
    quality: str
    licence: str


class RecogniserSession(Protocol):
    """One stream of sound being recognised; 16 kHz. Made by `Recogniser.open`, closed by its `async with`."""

    async def feed(self, samples: Samples) -> list[Hypothesis]:
        """Take the next stretch of sound; what is new, oldest first (often nothing).

        Calls are made one after another. Cancelling leaves the session unusable: close it.

        Raises:
            BackendError: the recogniser failed; with `retry` the session goes on with the next utterance.
        """
        ...

    async def end_utterance(self) -> list[Hypothesis]:
        """Somebody stopped speaking (or the sound ends): what is left, finished. Raises BackendError."""
        ...

    async def close(self) -> None:
        """Release the session; repeated calls do nothing. Never raises."""
        ...


class Recogniser(Protocol):
    """A loaded speech recogniser; its model is ready and shared by the sessions it opens."""

    @property
    def info(self) -> RecogniserInfo:
        """What it can do."""
        ...

    async def open(self, language: str, *, start_s: float = 0.0) -> RecogniserSession:
        """Start recognising; `start_s` is the place in the recording of the first sample that will be fed.

        Raises:
            LanguageError: it does not speak `language`.
            BackendError: it cannot start.
        """
        ...

    async def close(self) -> None:
        """Unload. Repeated calls do nothing. Never raises."""
        ...
