"""What is on this computer: what works, what is set up, what was got or erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from host.events.event import Event

__all__ = ["Erased", "Finding", "ModelEntry", "ServiceUnit", "SetupStep"]


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
class ServiceUnit(Event):
    """A unit for the system's service manager: its text, and whether it is installed at `path`."""

    name: ClassVar[str] = "service"
    path: str
    installed: bool
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Event):
    """Something of ours was removed from this computer: `what` is in `path`."""

    name: ClassVar[str] = "erased"
    what: str
    path: str
