"""Plays the day of a scenario file in virtual time: everyday mode, worn by somebody on the emulated Frame.

What happens is written down as it happens: each text that is lit on the lens, and each event. What the file expects
is looked up there when the day is over, so an expectation never changes the day.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenarios.day_file import Line, Scenario, clock
from scenarios.day_world import (
    SIGN,
    Before,
    DayHearing,
    DayPositions,
    DayReader,
    DaySound,
    DrowsyLuaPort,
    Pairs,
    ReadDisplay,
    spoken,
)
from sign_parts import Identified, SaidTranslator
from sign_parts import Pairs as TranslatorPairs
from town_map import at, town_folder

from firmware_bridge import Glasses
from firmware_bridge.emulator import device
from firmware_bridge.emulator.acts import Charge, Tap
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import FrameOptions
from firmware_bridge.emulator.source import EmulatorSource
from host.app import price, run, run_features, sign, transcribe, translate, worn
from host.app.glasses import built_in_font
from host.app.run import Request, everyday
from host.app.run_assistant import Assistant
from host.app.transcribe import Observer
from host.backends import registry
from host.backends.readers import OpenedReader
from host.backends.registry import Opened
from host.config import Settings
from host.contracts import JournalEntry
from host.errors import ActionError
from host.events import to_json
from host.lens.shape import FRAME
from host.paths import data_folder
from host.store.prices import Prices
from host.store.saved_places import SavedPlace, save_place
from host.store.transcripts import Transcripts
from host.translate.pipeline import Interpreter

__all__ = ["play"]

_ADDRESS = "ble:day"
_TAPS = {(): "single", ("twice",): "double", ("thrice",): "triple"}


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


def play(scenario: Scenario, folder: Path, monkeypatch: Any) -> Day:
    """Play a day from its beginning to its end, and look at what it expects."""
    day = Day(scenario, folder)
    player = _Player(day)
    player.put_on(monkeypatch)
    run_virtual(player.live())
    day.assistant = None
    gc.collect()  # what nobody waited for is told now, as a warning
    _Judge(day).judge()
    return day


class _Player:
    def __init__(self, day: Day) -> None:
        self.day = day
        self.lines = day.scenario.lines
        self.words = spoken(_said(line) for line in self.lines if line.verb == "say")
        self.before, self.positions = Before(), DayPositions()
        self.log = (day.folder / "day.jsonl").open("w", encoding="utf-8")
        self.weights: dict[str, int] = {}
        self.source: Pairs

    def put_on(self, monkeypatch: Any) -> None:
        """Let the program have this day's world."""
        player, scenario = self, self.day.scenario

        class Watched(Assistant):
            def __init__(self, *parts: Any) -> None:
                super().__init__(*parts)
                player.day.assistant = self

        async def hears(*_args: Any, **_options: Any) -> Opened:
            return Opened(DayHearing(player.words), "of the day")

        async def reads(*_args: Any, **_options: Any) -> OpenedReader:
            return OpenedReader(DayReader(player.before), "of the day")

        def interprets(*_args: Any, **_options: Any) -> tuple[Interpreter, TranslatorPairs]:
            pairs = TranslatorPairs(SaidTranslator(dict(scenario.translations)))
            return Interpreter(pairs, Identified("es")), pairs

        @contextlib.asynccontextmanager
        async def awake(_why: str) -> Any:
            yield True

        monkeypatch.setenv("SIDELIGHT_HOME", str(self.day.folder / "home"))
        monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
        monkeypatch.setattr(device, "Display", ReadDisplay)
        if scenario.drowsy:
            monkeypatch.setattr(device, "LuaPort", DrowsyLuaPort)
        monkeypatch.setattr(
            run, "open_glasses", lambda *_, give_up_s, **_more: Glasses(player.source, give_up_s=give_up_s)
        )
        monkeypatch.setattr(run, "Assistant", Watched)
        monkeypatch.setattr(registry, "open_recogniser", hears)
        monkeypatch.setattr(price, "open_tag_reader", reads)
        monkeypatch.setattr(price, "barcode_reader", lambda: None)
        monkeypatch.setattr(sign, "open_reader", reads)
        monkeypatch.setattr(sign, "barcode_reader", lambda: None)
        monkeypatch.setattr(sign, "interpreter", interprets)
        monkeypatch.setattr(translate, "interpreter", interprets)
        monkeypatch.setattr(run_features, "card_fonts", _fonts)
        monkeypatch.setattr(run_features, "open_position", lambda _address: player.positions.source())
        monkeypatch.setattr(worn, "awake", awake)
        monkeypatch.setattr(transcribe, "awake", awake)
        if any(line.verb in ("walk", "stand") for line in self.lines):
            folder = data_folder()
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "maps").symlink_to(town_folder() / "maps")
            for name, corner in scenario.places.items():
                save_place(folder, SavedPlace(name, at(*corner), name))

    async def live(self) -> None:
        """The day, in virtual time."""
        loop = asyncio.get_running_loop()
        options = FrameOptions(speed="max", **self.day.scenario.glasses)
        self.source = Pairs(
            *(EmulatorSource(options) for _ in range(1 + any(one.verb == "swap" for one in self.lines)))
        )
        for pair in self.source.pairs:
            frame: Any = pair.device
            frame.microphone._sound = DaySound(self.words, frame.microphone)
            frame.display.read = self.lit
        observer = Observer(event=self.told, elapsed=loop.time)
        settings = Settings(**{"glasses": _ADDRESS, **self.day.scenario.settings})
        work = asyncio.create_task(everyday(Request(settings=settings), observer))
        for line in self.lines:
            if (act := _ACTS.get(line.verb)) is not None:
                loop.call_at(line.at_s, self.acts, act, line)
        try:
            await asyncio.wait({work}, timeout=self.day.scenario.lasts_s)
            if not work.done():
                work.cancel()
                await asyncio.wait({work})
            if not work.cancelled():
                work.result()
        finally:
            self.log.close()

    def lit(self, at_s: float, lines: list[str], drawn: list[str]) -> None:
        """Other text is on the lens."""
        self.write(at_s, lens=" ".join(lines), drawn=" ".join(drawn))

    def told(self, event: Any) -> None:
        """The program tells something."""
        self.write(asyncio.get_running_loop().time(), event=json.loads(to_json(event)))

    def write(self, at_s: float, **what: Any) -> None:
        """Keep it in a file: what the program holds is weighed, and this is not of it."""
        self.log.write(json.dumps({"t": at_s, **what}) + "\n")

    def acts(self, act: Callable[[_Player, Line], None], line: Line) -> None:
        """Let it happen."""
        try:
            act(self, line)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told with its line
            self.day.fails(line, f"{clock(line.at_s + self.day.scenario.begins_s)} {line.verb}: {error!r}")

    def taps(self, line: Line) -> None:
        self.source.worn.act(Tap(_TAPS[line.words]))

    def does(self, line: Line) -> None:
        self.asked(line)

    def asked(self, line: Line) -> None:
        name, *by = line.words
        assert self.day.assistant is not None, "the program is not ready"
        self.day.assistant.do(name, by[1] if by else "script")  # type: ignore[arg-type]

    def refused(self, line: Line) -> None:
        try:
            self.asked(line)
        except ActionError as error:
            if not all(text in error.message for text in line.texts):
                self.day.fails(line, f"the answer is {error.message!r}")
        else:
            self.day.fails(line, "it was not refused")

    def sees(self, line: Line) -> None:
        seen = {"tag": self.before.tag, "sign": self.before.sign}[line.words[0]]
        self.source.worn.act(seen(*line.texts))

    def stands(self, line: Line) -> None:
        self.positions.stand(_corner(line.words[0]))

    def walks(self, line: Line) -> None:
        words = list(line.words)
        pace_mps = 1.4
        if "at" in words:
            pace_mps = float(words[words.index("at") + 1])
            words = words[: words.index("at")]
        self.positions.walk([_corner(word) for word in words], pace_mps, line.at_s, line.number)

    def away(self, line: Line) -> None:
        assert line.span_s is not None
        self.source.worn.faults.cut_for(line.span_s)

    def charged(self, line: Line) -> None:
        self.source.worn.act(Charge(float(line.words[0])))

    def recharged(self, line: Line) -> None:
        pair = self.source.worn
        self.source.off(pair)
        assert line.span_s is not None
        asyncio.get_running_loop().call_later(line.span_s, pair.device.charge_to, float(line.words[0]))

    def swapped(self, line: Line) -> None:
        self.source.swap(float(line.words[0]))

    def weighs(self, line: Line) -> None:
        gc.collect()
        name, *before = line.texts
        self.weights[name] = weight = sys.getallocatedblocks()
        for other in before:
            more = 100 * (weight / self.weights[other] - 1)
            if more > float(line.words[0]):
                self.day.fails(line, f"{name} has {more:.2f} % more blocks of memory than {other}")
        self.write(line.at_s, event={"event": "memory", "name": name, "blocks": weight})


_ACTS: dict[str, Callable[[_Player, Line], None]] = {
    "tap": _Player.taps,
    "do": _Player.does,
    "refused": _Player.refused,
    "see": _Player.sees,
    "stand": _Player.stands,
    "walk": _Player.walks,
    "away": _Player.away,
    "battery": _Player.charged,
    "recharge": _Player.recharged,
    "swap": _Player.swapped,
    "memory": _Player.weighs,
}


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
        _, text, takes_s = _said(line)
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
        entries = self.transcripts[int(line.words[0]) - 1]
        lost_s = sum(entry.end_s - entry.start_s for entry in entries if entry.kind == "gap")
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


def _said(line: Line) -> tuple[float, str, float]:
    """When it begins, what it is, and how long it takes."""
    text = line.texts[0]
    takes_s = line.span_s if line.span == "for" and line.span_s is not None else 0.4 * len(text.split())
    return line.at_s, text, takes_s


def _in_order(wanted: Sequence[str], texts: Sequence[str]) -> str:
    rest = iter(texts)
    for text in wanted:
        if text not in rest:
            return f"{text!r} is missing, or not in its order, in {list(texts)}"
    return ""


def _corner(text: str) -> tuple[float, float]:
    east, north = text.split(",")
    return float(east), float(north)


def _fonts(*_told: Any) -> Any:
    return lambda _language, _size: built_in_font(FRAME)
