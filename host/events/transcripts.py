"""What is kept of what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from host.events.event import Event

__all__ = [
    "ChapterFound",
    "Deleted",
    "KnownVoice",
    "Match",
    "MinutesWritten",
    "Saved",
    "SpeakerEntry",
    "TranscriptEntry",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved(Event):
    """A transcript is complete on disk; `path` is the exported file where one was asked for, else the store."""

    name: ClassVar[str] = "saved"
    id: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptEntry(Event):
    """One line of `transcripts list`.

    Attributes:
        id: its number.
        title: the user's, else how its first sentence begins.
        started: ISO 8601 with its offset.
        sentences: how many.
        duration_s: to the end of its last sentence or gap.
        state: "recording" while a program writes it; "interrupted" if that program died before closing it.
        bookmarks: how many.
        translations: how many of its sentences have one.
    """

    name: ClassVar[str] = "transcript"
    id: int
    title: str
    started: str
    sentences: int
    duration_s: float = 0.0
    state: Literal["complete", "recording", "interrupted"] = "complete"
    bookmarks: int = 0
    translations: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Match(Event):
    """What `transcripts search` found in the transcript `id`, which began at `started` (ISO 8601).

    Attributes:
        kind: "sentence" or "title".
        bookmarked: whether a bookmark was set at this sentence.
        translation: of the sentence; empty where there is none.
    """

    name: ClassVar[str] = "match"
    id: int
    title: str
    started: str
    start_s: float
    end_s: float
    text: str
    snippet: str
    kind: Literal["sentence", "title"] = "sentence"
    speaker: str | None = None
    bookmarked: bool = False
    translation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterFound(Event):
    """A chapter of the transcript `id`; in an outline with the sentences that tell most of it.

    Attributes:
        title: the sentence that tells most of it.
        sentences: `{start_s, speaker, text}` each.
    """

    name: ClassVar[str] = "chapter"
    id: int
    start_s: float
    end_s: float
    sentences: Sequence[Mapping[str, object]] = ()
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesWritten(Event):
    """Minutes of the transcript `id`, by a language model.

    Attributes:
        model: which one, and where it runs.
        summary: sentences.
        decisions: `{text, at_s}` each, with the times of the sentences that say so.
        actions: `{text, who, due, at_s}` each; `who` and `due` may be empty.
        unfounded: how many decisions and actions were left out because no sentence bore them out.
    """

    name: ClassVar[str] = "minutes"
    id: int
    model: str
    summary: Sequence[str]
    decisions: Sequence[Mapping[str, object]]
    actions: Sequence[Mapping[str, object]]
    unfounded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerEntry(Event):
    """Somebody who speaks in the transcript `id`.

    Attributes:
        id: of the transcript.
        speaker: a name, or a number within the transcript.
        sentences: how many.
        seconds: of speech.
        first_s: when the first sentence begins.
        last_s: when the last one ends.
        sample: the longest sentence.
        voice: whether it is kept what the voice sounds like, so that a name would be remembered.
    """

    name: ClassVar[str] = "speaker"
    id: int
    speaker: str
    sentences: int
    seconds: float
    first_s: float
    last_s: float
    sample: str
    voice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVoice(Event):
    """A voice that is remembered by name; `forgotten` once it no longer is."""

    name: ClassVar[str] = "voice"
    speaker: str
    seconds: float = 0.0
    transcripts: int = 0
    forgotten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(Event):
    """A transcript was deleted, with its sound."""

    name: ClassVar[str] = "deleted"
    id: int
