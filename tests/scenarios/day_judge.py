"""What was seen of a day that was played, and whether that is what its file expects."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenarios.day_file import Line, Scenario, clock, said
from scenarios.day_world import SIGN

from host.app.run_assistant import Assistant
from host.contracts import JournalEntry
from host.paths import data_folder
from host.store.prices import Prices
from host.store.transcripts import Transcripts

__all__ = ["Day", "judge"]


@dataclass
class Day:
    """A day that is played, and what was seen of it.

    Attributes:
        scenario: what is played.
        folder: where the program keeps what it saves.
        wrong: what was not as expected, each with file and line.
        lens: when which text was lit, in seconds of the day.
        drawn: likewise what was drawn, whether or not the lens was on.
        events: likewise what was told.
    """

    scenario: Scenario
    folder: Path
    wrong: list[str] = field(default_factory=list)
    lens: list[tuple[float, str]] = field(default_factory=list)
    drawn: list[tuple[float, str]] = field(default_factory=list)
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    assistant: Assistant | None = None

    def fails(self, line: Line, why: str) -> None:
        """An expectation is not met."""
        self.wrong.append(f"{self.scenario.path.name}:{line.number}: {why}")


def judge(day: Day) -> None:
    """Look up in what was written down of the day all that its file expects."""
    _Judge(day).judge()


class _Judge:
    """Looks at what a day expects."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.transcripts: list[list[JournalEntry]] = []

    def judge(self) -> None:
        """Every expectation of the file."""
        day = self.day
        with (day.folder / "day.jsonl").open(encoding="utf-8") as log:
            for written in map(json.loads, log):
                if "lens" in written:
                    day.lens.append((written["t"], written["lens"]))
                    day.drawn.append((written["t"], written["drawn"]))
                else:
                    day.events.append((written["t"], written["event"]))
        with contextlib.closing(Transcripts.open(data_folder())) as store:
            for one in reversed(store.all()):
                self.transcripts.append(store.entries(one.id))
        for line in day.scenario.lines:
            if (expected := _EXPECTED.get(line.verb)) is not None and (why := expected(self, line)):
                day.fails(line, why)

    def seen(self, from_s: float, to_s: float) -> list[tuple[float, str]]:
        """What is on the lens at that time, and what comes on it until the other."""
        return _between(self.day.lens, from_s, to_s)

    def told(self, line: Line) -> list[dict[str, Any]]:
        """The events of a line's name and time, that have its texts."""
        ends_s = line.at_s + (line.span_s or 0.0)
        return [
            event
            for t, event in self.day.events
            if line.at_s <= t <= ends_s
            and event["event"] == line.words[0]
            and all(text in " ".join(map(str, event.values())) for text in line.texts)
        ]

    def lens(self, line: Line) -> str:
        seen = self.seen(line.at_s, line.at_s + (line.span_s or 0.0))
        fits = [all(text in lit for text in line.texts) for _, lit in seen]
        if line.span == "for":
            wrong = [one for one, fit in zip(seen, fits, strict=True) if not fit]
            return f"{self.when(wrong[0])}" if wrong or not seen else ""
        return "" if any(fits) else f"the lens shows {self.all(seen)}"

    def never(self, line: Line) -> str:
        seen = self.seen(line.at_s, line.at_s + (line.span_s or 0.0))
        wrong = [one for one in seen if any(text in one[1] for text in line.texts)]
        return self.when(wrong[0]) if wrong else ""

    def dark(self, line: Line) -> str:
        seen = self.seen(line.at_s, line.at_s + (line.span_s or 0.0))
        return "" if any(not lit for _, lit in seen) else f"the lens shows {self.all(seen)}"

    def is_told(self, line: Line) -> str:
        return "" if self.told(line) else f"no {line.words[0]} like that"

    def is_silent(self, line: Line) -> str:
        found = self.told(line)
        return f"there is {found[0]}" if found else ""

    def said(self, line: Line) -> str:
        """It is on the lens in time, and saved."""
        _, text, takes_s = said(line)
        ends_s = line.at_s + takes_s
        if line.span == "within":
            seen = self.seen(line.at_s, ends_s + (line.span_s or 0.0))
            if not any(text in lit for _, lit in seen):
                return f"the lens shows {self.all(seen)}"
        if self.recorded(line.at_s, ends_s) and not any(
            text in entry.text for entries in self.transcripts for entry in entries
        ):
            return "it was lost"
        return ""

    def recorded(self, from_s: float, to_s: float) -> bool:
        """Whether the wearer must believe that what is said then is recorded, for nothing is in the way of it."""
        margin_s = 2.5  # a link is lost so long after the glasses went out of range
        for t, event in self.day.events:
            if event["event"] == "link" and event["state"] != "ready" and from_s - margin_s <= t <= to_s + margin_s:
                return False
        states = [event["state"] for t, event in self.day.events if event["event"] == "link" and t <= from_s]
        shown = _between(self.day.drawn, from_s - 0.5, to_s + 0.5)
        return states[-1:] == ["ready"] and bool(shown) and all(SIGN in lit for _, lit in shown)

    def transcript(self, line: Line) -> str:
        entries = self.transcripts[int(line.words[0]) - 1 : int(line.words[0])]
        if not entries:
            return f"there are {len(self.transcripts)} transcripts"
        return _in_order(line.texts, [entry.text for entry in entries[0] if entry.kind == "sentence"])

    def gaps(self, line: Line) -> str:
        entries = self.transcripts[int(line.words[0]) - 1 : int(line.words[0])]
        lost_s = sum(entry.end_s - entry.start_s for one in entries for entry in one if entry.kind == "gap")
        return f"{lost_s:.1f} s are missing" if lost_s > (line.span_s or 0.0) else ""

    def history(self, line: Line) -> str:
        with contextlib.closing(Prices.open(data_folder())) as prices:
            kept = [str(one) for one in prices.all()]
        return "" if any(all(text in one for text in line.texts) for one in kept) else f"there are {kept}"

    def when(self, one: tuple[float, str]) -> str:
        """What is wrong, with the time of the day."""
        return f"at {clock(one[0] + self.day.scenario.begins_s)} the lens shows {one[1]!r}"

    def all(self, seen: Sequence[tuple[float, str]]) -> str:
        """What was seen, the last ones."""
        return "; ".join(f"{clock(t + self.day.scenario.begins_s)} {lit!r}" for t, lit in seen[-6:]) or "nothing"


_EXPECTED: dict[str, Callable[[_Judge, Line], str]] = {
    "say": _Judge.said,
    "lens": _Judge.lens,
    "never": _Judge.never,
    "dark": _Judge.dark,
    "told": _Judge.is_told,
    "silent": _Judge.is_silent,
    "transcript": _Judge.transcript,
    "gaps": _Judge.gaps,
    "history": _Judge.history,
}


def _between(texts: Sequence[tuple[float, str]], from_s: float, to_s: float) -> list[tuple[float, str]]:
    before = [text for t, text in texts if t <= from_s][-1:]
    return [(from_s, text) for text in before] + [one for one in texts if from_s < one[0] <= to_s]


def _in_order(wanted: Sequence[str], texts: Sequence[str]) -> str:
    rest = iter(texts)
    for text in wanted:
        if text not in rest:
            return f"{text!r} is missing, or not in its order, in {list(texts)}"
    return ""
