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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scenarios.day_file import Line, Scenario, clock, said
from scenarios.day_judge import Day, judge
from scenarios.day_world import (
    Before,
    DayHearing,
    DayPositions,
    DayReader,
    DaySound,
    DrowsyLuaPort,
    Pairs,
    ReadDisplay,
    recording,
    spoken,
)
from sign_parts import Identified, SaidTranslator
from sign_parts import Pairs as TranslatorPairs
from town_map import at, town_folder

from firmware_bridge import Glasses
from firmware_bridge.emulator import device
from firmware_bridge.emulator.acts import Charge, Tap
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.inputs import read_sound
from firmware_bridge.emulator.options import FrameOptions
from firmware_bridge.emulator.source import EmulatorSource
from host.app import price, run, run_features, sign, transcribe, translate, translate_listen, worn
from host.app.glasses import built_in_font
from host.app.run import Request, everyday
from host.app.run_assistant import Assistant
from host.app.transcribe import Observer
from host.backends import registry
from host.backends.readers import OpenedReader
from host.backends.registry import Opened
from host.config import Settings
from host.contracts import Samples
from host.errors import ActionError
from host.events import to_json
from host.lens.shape import FRAME
from host.paths import data_folder
from host.store.saved_places import SavedPlace, save_place
from host.translate.pipeline import Interpreter

__all__ = ["play"]

_ADDRESS = "ble:day"
_TAPS = {(): "single", ("twice",): "double", ("thrice",): "triple"}


def play(scenario: Scenario, folder: Path, monkeypatch: Any) -> Day:
    """Play a day from its beginning to its end, and look at what it expects."""
    day = Day(scenario, folder)
    player = _Player(day)
    player.put_on(monkeypatch)
    run_virtual(player.live())
    day.assistant = None
    gc.collect()  # what nobody waited for is told now, as a warning
    judge(day)
    return day


class _Player:
    def __init__(self, day: Day) -> None:
        self.day = day
        self.lines = day.scenario.lines
        self.words = spoken(said(line) for line in self.lines if line.verb == "say")
        self.played = [(line.at_s, _sound(line.texts[0])) for line in self.lines if line.verb == "hear"]
        self.before, self.positions = Before(), DayPositions()
        self.log = (day.folder / "day.jsonl").open("w", encoding="utf-8", buffering=1)
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
        if not self.played:
            monkeypatch.setattr(registry, "open_recogniser", hears)
        monkeypatch.setattr(price, "open_tag_reader", reads)
        monkeypatch.setattr(price, "barcode_reader", lambda: None)
        monkeypatch.setattr(sign, "open_reader", reads)
        monkeypatch.setattr(sign, "barcode_reader", lambda: None)
        monkeypatch.setattr(sign, "interpreter", interprets)
        monkeypatch.setattr(translate, "interpreter", interprets)
        monkeypatch.setattr(run_features, "card_fonts", _fonts)
        monkeypatch.setattr(translate_listen, "card_fonts", _fonts)
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
            frame.microphone._sound = DaySound(self.words, self.played, frame.microphone)
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
            if not work.cancelled() and (error := work.exception()) is not None:
                at = clock(loop.time() + self.day.scenario.begins_s)
                self.day.wrong.append(f"{self.day.scenario.path.name}: the program ended at {at}: {error!r}")
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


def _sound(name: str) -> Samples:
    path = recording(name)
    assert path is not None, f"there is no recording {name}"
    sound = read_sound(path, loop=False)
    return sound.take(0, sound.length or 0)


def _corner(text: str) -> tuple[float, float]:
    east, north = text.split(",")
    return float(east), float(north)


def _fonts(*_told: Any) -> Any:
    return lambda _language, _size: built_in_font(FRAME)
