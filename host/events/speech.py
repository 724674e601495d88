"""What was said, as it is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from host.events.event import Event

__all__ = ["Bookmark", "Gap", "Partial", "Sentence", "SpeakerMerged", "Translation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial(Event):
    """What is being said, so far; it may still change."""

    name: ClassVar[str] = "partial"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Event):
    """A finished sentence; it is on disk before this is reported.

    Attributes:
        text: as recognised; data, whatever it says.
        start_s: seconds from the start of the recording to its first sound.
        end_s: seconds from the start of the recording to its last sound.
        language: ISO 639-1 code; empty where it was to be recognised and was not.
        confidence: 0 to 1; None where the recogniser gives none worth having.
        speaker: a name, or a number such as "1"; None where that is not sure, or speakers are not told apart.
    """

    name: ClassVar[str] = "sentence"
    text: str
    start_s: float
    end_s: float
    language: str
    confidence: float | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation(Event):
    """A text in another language.

    Attributes:
        source: the original.
        target: its translation; empty where it is missing.
        from_: ISO 639-1 code of the original, empty where that cannot be told; `from` in JSON.
        to: of the translation.
        backend: what translated it; several with a plus between them.
        uncertain: True where something speaks against it; the original must be shown then.
        reason: what, as a phrase; empty where it is not uncertain.
        keep_source: True where the original must be shown all the same.
        missing: why there is no translation, as a phrase; empty where there is one.
        start_s: of a sentence that was heard, as the sentence has it; None for other texts.
    """

    name: ClassVar[str] = "translation"
    source: str
    target: str
    from_: str
    to: str
    backend: str
    uncertain: bool = False
    reason: str = ""
    keep_source: bool = False
    missing: str = ""
    start_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Event):
    """Sound that is missing, from `start_s` to `end_s` of the recording, and why."""

    name: ClassVar[str] = "gap"
    start_s: float
    end_s: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark(Event):
    """The wearer set a bookmark; it is on disk before this is reported.

    Attributes:
        start_s: where in the recording.
        text: the sentence that was being said or was said last; empty while the recording runs.
        speaker: who said it, as in a sentence.
    """

    name: ClassVar[str] = "bookmark"
    start_s: float
    text: str = ""
    speaker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerMerged(Event):
    """Two speakers turned out to be one: sentences of `speaker` are `into`'s, also those that were reported before."""

    name: ClassVar[str] = "speaker_merged"
    speaker: str
    into: str
