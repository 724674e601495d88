"""What a feature reports: frozen values, each one JSON object for `--json`; pure.

Every object has `event` (its name) and `t` (seconds since the program started). Fields are added, never renamed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

__all__ = [
    "BatteryLevel",
    "Bookmark",
    "ChapterFound",
    "Deleted",
    "DeviceSeen",
    "Emulated",
    "Erased",
    "ErrorReport",
    "Event",
    "Finding",
    "Gap",
    "KnownVoice",
    "LinkState",
    "Match",
    "Measurement",
    "MinutesWritten",
    "ModelEntry",
    "Notice",
    "Partial",
    "Saved",
    "Sentence",
    "ServiceUnit",
    "SetupStep",
    "SpeakerEntry",
    "SpeakerMerged",
    "TranscriptEntry",
    "Translation",
    "to_json",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events.

    Attributes:
        t: seconds since the program started.
    """

    name: ClassVar[str] = ""
    t: float


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
        target: its translation.
        from_: ISO 639-1 code of the original; `from` in JSON.
        to: of the translation.
        backend: what translated it; several with a plus between them.
        uncertain: True where something speaks against it; the original must be shown then.
        reason: what, as a phrase; empty where it is not uncertain.
        keep_source: True where the original must be shown all the same.
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
class BatteryLevel(Event):
    """Charge of the glasses, 0 to 100."""

    name: ClassVar[str] = "battery"
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState(Event):
    """The link to the glasses changed."""

    name: ClassVar[str] = "link"
    state: Literal["connecting", "uploading", "ready", "lost", "closed"]
    detail: str = ""


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
    """

    name: ClassVar[str] = "transcript"
    id: int
    title: str
    started: str
    sentences: int
    duration_s: float = 0.0
    state: Literal["complete", "recording", "interrupted"] = "complete"
    bookmarks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Match(Event):
    """What `transcripts search` found in the transcript `id`, which began at `started` (ISO 8601).

    Attributes:
        kind: "sentence" or "title".
        bookmarked: whether a bookmark was set at this sentence.
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
class Deleted(Event):
    """A transcript was deleted, with its sound."""

    name: ClassVar[str] = "deleted"
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Event):
    """Something of ours was removed from this computer: `what` is in `path`."""

    name: ClassVar[str] = "erased"
    what: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Event):
    """Something the wearer should know that is no error: a rough fallback, a lower sound quality."""

    name: ClassVar[str] = "notice"
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReport(Event):
    """Something failed; the program goes on or ends, as the verb says."""

    name: ClassVar[str] = "error"
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Event):
    """One thing that `doctor` looked at.

    Attributes:
        feature: what it is for, such as "glasses" or "captions".
        check: what was looked at, in a few words.
        state: "ok"; "missing" where everything that is set works without it; "broken" where something that is set
            does not work; "unknown" where it cannot be found out.
        message: one sentence, no full stop.
        fix: how to mend it, commands included; empty where nothing is to be done.
    """

    name: ClassVar[str] = "finding"
    feature: str
    check: str
    state: Literal["ok", "missing", "broken", "unknown"]
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUnit(Event):
    """A unit for the system's service manager: its text, and whether it is installed at `path`."""

    name: ClassVar[str] = "service"
    path: str
    installed: bool
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSeen(Event):
    """Glasses that `devices` has seen, or that are bound and were not seen.

    Attributes:
        device: as they advertise themselves; data, whatever it says.
        address: Bluetooth address, or the system's identifier.
        signal_dbm: strongest signal seen; None where the system does not tell, or they were not seen.
        seen: in range, or connected to this computer.
        connected: this computer holds a connection to them.
        bonded: this computer has a key that it shares with them; None where the system does not tell.
        bound: `ble:` means them.
        battery: charge in percent; None where it was not asked for, or they did not tell.
    """

    name: ClassVar[str] = "device"
    device: str
    address: str
    signal_dbm: int | None
    seen: bool
    connected: bool
    bonded: bool | None
    bound: bool
    battery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupStep(Event):
    """A step of `setup` and what came of it.

    Attributes:
        step: "glasses", "battery", a test ("lens", "microphone", "camera", "tap", "compass"), "language", "currency",
            "model" or "configuration".
        state: "known" from before, or not to be done; "unknown" where nobody could say.
        detail: one phrase.
        hint: what to do next; empty where nothing is to be done.
    """

    name: ClassVar[str] = "setup"
    step: str
    state: Literal["ok", "known", "failed", "skipped", "unknown"]
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement(Event):
    """One row of a benchmark; `values` are its named figures, JSON values, with units in their names."""

    name: ClassVar[str] = "measurement"
    benchmark: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry(Event):
    """A model: one line of `models list`, or what `models get` has got.

    Attributes:
        id: its name.
        purpose: what for.
        backend: the recogniser that runs it.
        languages: ISO 639-1 codes; empty where it is of no language.
        size: bytes to download, as published.
        licence: of the model.
        commercial: False where commercial use is not allowed, or not certainly.
        quality: as published; empty where nothing was found.
        quality_source: who published it.
        source: page that names its files and its licence.
        installed: whether it is here.
        real_time_factor: seconds of computing for a second of sound, as measured here; None before that.
        path: where it is; empty where it is not.
        files: as they came and were checked; empty in a list.
    """

    name: ClassVar[str] = "model"
    id: str
    purpose: str
    backend: str
    languages: Sequence[str]
    size: int
    licence: str
    commercial: bool
    quality: str
    quality_source: str
    source: str
    installed: bool
    real_time_factor: float | None = None
    path: str = ""
    files: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulated(Event):
    """An emulated device can be reached by other programs: by ours at `glasses`, by others through `command`."""

    name: ClassVar[str] = "emulated"
    device: str
    glasses: str
    command: str


def to_json(event: Event) -> str:
    """One line of JSON, ASCII only (so that no terminal control character passes), `event` and `t` first."""
    body: dict[str, object] = {"event": event.name, "t": round(event.t, 3)}
    body.update({f.name.removesuffix("_"): getattr(event, f.name) for f in fields(event) if f.name != "t"})
    return json.dumps(body, ensure_ascii=True, separators=(",", ":"))
