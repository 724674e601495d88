"""Where what was said is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from host.contracts.recognition import Word
from host.contracts.translation import Translation
from host.contracts.voices import Voice

__all__ = ["Journal", "JournalEntry"]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What the journal keeps of one sentence, gap or bookmark.

    Attributes:
        kind: which of the three.
        start_s: where it begins; of a bookmark, where it was set.
        end_s: where it ends; of a bookmark, `start_s`.
        text: what was said; of a gap, its reason; of a bookmark, empty.
        language: ISO 639-1 code of a sentence; empty where nobody knows.
        confidence: 0 to 1, or None.
        speaker: a name, a number as text, or None.
        words: with times, where the recogniser gives them.
        translation: of a sentence; None where it was not to be translated; without text while it is to come.
    """

    kind: Literal["sentence", "gap", "bookmark"]
    start_s: float
    end_s: float
    text: str
    language: str = ""
    confidence: float | None = None
    speaker: str | None = None
    words: Sequence[Word] = field(default=())
    translation: Translation | None = None


class Journal(Protocol):
    """An open transcript; what `add` returned for is on disk and survives a crash or a power cut."""

    @property
    def id(self) -> int:
        """Number of the transcript, as `transcripts show` takes it."""
        ...

    def add(self, entry: JournalEntry) -> int:
        """Commit one entry to disk before returning, with the translation that it has; its number.

        Raises:
            StoreError, DiskFullError: nothing of it is kept; earlier entries are safe.
        """
        ...

    def add_translation(self, entry_id: int, translation: Translation) -> None:
        """Commit the translation of a sentence, in place of one that it has, in a transaction of its own.

        Args:
            entry_id: number of the sentence, as `add` gave it.
            translation: of it, or why there is none.

        Raises:
            StoreError, DiskFullError: nothing has changed; it may be given again.
        """
        ...

    def keep_voices(self, model: str, voices: Sequence[Voice], merged: Mapping[str, str]) -> None:
        """Commit what the voices of this transcript sound like, in place of what was kept before.

        Args:
            model: whose embeddings they are.
            voices: one a label.
            merged: labels that turned out to be another's voice, and whose; their sentences become that one's.

        Raises:
            StoreError, DiskFullError: nothing has changed.
        """
        ...

    def close(self) -> None:
        """Mark the transcript complete. An unclosed one is kept too, marked as interrupted."""
        ...
