"""What all events are, those that every verb may report, and their line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

__all__ = ["ErrorReport", "Event", "Measurement", "Notice", "to_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events.

    Attributes:
        t: seconds since the program started.
    """

    name: ClassVar[str] = ""
    t: float


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
class Measurement(Event):
    """One row of a benchmark; `values` are its named figures, JSON values, with units in their names."""

    name: ClassVar[str] = "measurement"
    benchmark: str
    values: Mapping[str, object]


def to_json(event: Event) -> str:
    """One line of JSON, ASCII only (so that no terminal control character passes), `event` and `t` first."""
    body: dict[str, object] = {"event": event.name, "t": round(event.t, 3)}
    body.update({f.name.removesuffix("_"): getattr(event, f.name) for f in fields(event) if f.name != "t"})
    return json.dumps(body, ensure_ascii=True, separators=(",", ":"))
