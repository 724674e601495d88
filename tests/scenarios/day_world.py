"""What surrounds somebody who wears the emulated Frame for a day: what is said, what is to be read, where they are.

Speech is coded so that a recogniser can really hear it, through the microphone, the radio and whatever is lost: a
word is a stretch of samples that all have one value.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from drawn_photos import photo
from sign_parts import line
from town_map import at

from firmware_bridge.emulator.acts import See
from firmware_bridge.emulator.display import Display
from firmware_bridge.emulator.luaport import LuaPort
from firmware_bridge.emulator.microphone import Microphone
from firmware_bridge.emulator.sound import QuietRoom
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.link import Link, OnLost, OnValue
from host.app import demo_speech as demo
from host.bench.walks import fixes, walked
from host.contracts import Hypothesis, RecogniserInfo, Samples, Word
from host.contracts.position import Fix
from host.navigate.line import Line
from host.read.line import TextLine
from host.read.reader import ReaderInfo

__all__ = [
    "SIGN",
    "Before",
    "DayHearing",
    "DayPositions",
    "DayReader",
    "DaySound",
    "DrowsyLuaPort",
    "Pairs",
    "ReadDisplay",
    "Spoken",
    "recording",
    "spoken",
]

RATE_HZ = 16000
SIGN = "●"
QUIETEST, STEP, CODES = 1024, 256, 120
SHORTEST = RATE_HZ // 10  # samples of a word that is heard
DROWSY_S = ((0.001, 0.004), (0.004, 0.032))  # instead of ACTIVE_MS and IDLE_MS of the device app
PAUSE = round(0.3 * RATE_HZ)  # after the last word of a sentence


class ReadDisplay(Display):
    """A display on which one can read: what was drawn for the picture that is lit."""

    def __init__(self, board):
        self.lines: list[str] = []
        """Each row of text on the lens, from top to bottom."""
        self.drawn: list[str] = []
        """The same as it was drawn, whether or not the lens is on."""
        self.read: Callable[[float, list[str], list[str]], None] = lambda _t, _lines, _drawn: None
        """Told when either is another."""
        self._drawing, self._asked = [], []
        super().__init__(board)
        self.observers.append(self._lit)

    def api(self):
        return {**super().api(), "text": self._texts, "bitmap": self._bitmaps}

    def show(self):
        self._asked, self._drawing = self._drawing, []
        super().show()

    def reset(self):
        self._drawing = []
        super().reset()

    def darken(self, at_s):
        """Nothing is lit any more: the glasses are off."""
        self._is(at_s, [], [])

    def _texts(self, args):
        self._drawing.append((args.integer(3), args.integer(2), args.string(1).decode(errors="replace")))
        return self._text(args)

    def _bitmaps(self, args):
        if args.integer(3) == 8 and args.integer(5) == 2 and args.string(6) == b"\xff" * 8:  # red, 8 by 8
            self._drawing.append((self.size[1], 0, SIGN))
        return self._bitmap(args)

    def _lit(self, lit_at, _picture):
        if self._swap_at is not None:
            return
        rows: dict[int, list[str]] = {}
        for y, _x, text in sorted(self._asked):
            rows.setdefault(y, []).append(text)
        drawn = [" ".join(row) for row in rows.values()]
        self._is(lit_at, [] if self._asleep else drawn, drawn)

    def _is(self, at_s, lines, drawn):
        if (lines, drawn) != (self.lines, self.drawn):
            self.lines, self.drawn = lines, drawn
            self.read(at_s, lines, drawn)


class DrowsyLuaPort(LuaPort):
    """A Lua that sleeps longer than the app's loop asks, unless something happens: a day takes minutes.

    Packets wake it as ever; sound comes 3 ms later, a tap is noticed 30 ms later.
    """

    def _wait(self, seconds, interruptible, fed):
        for asked_s, given_s in DROWSY_S:
            if seconds < 1.1 * asked_s:
                return super()._wait(given_s, interruptible, fed)
        return super()._wait(seconds, interruptible, fed)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word that is said: which sentence it is of, and when, in seconds of the day."""

    text: str
    sentence: int
    start_s: float
    end_s: float


def spoken(sentences: Iterable[tuple[float, str, float]]) -> list[Spoken]:
    """The words of sentences, each with when it begins and how long it takes."""
    words: list[Spoken] = []
    for number, (begins_s, text, takes_s) in enumerate(sentences):
        said = text.split()
        each_s = takes_s / len(said)
        for n, word in enumerate(said):
            words.append(Spoken(word, number, begins_s + n * each_s, begins_s + (n + 1) * each_s))
    return words


def recording(name: str) -> Path | None:
    """The file of a recording, of the project itself or of the data beside it; None where it is not there."""
    shared = Path(__file__).parents[2].parent / "shared" / "data" / "speech" / f"{name}.wav"
    return demo.recording() if name == "demo" else shared if shared.exists() else None


class DaySound:
    """The sound of the day, heard by a microphone when it is there: words, recordings, and the noise of a room."""

    length = None

    def __init__(
        self, words: Sequence[Spoken], played: Sequence[tuple[float, Samples]], microphone: Microphone
    ) -> None:
        self._words, self._played, self._microphone = words, played, microphone
        self._room = QuietRoom(1)
        self._starts = np.array([word.start_s for word in words])

    def take(self, start: int, count: int) -> Samples:
        sound = np.zeros(count, np.int16)
        begins_s = self._microphone.heard_at(start)
        if begins_s is None or not count:
            return sound
        ends_s = begins_s + count / RATE_HZ
        for n in range(max(0, int(np.searchsorted(self._starts, begins_s)) - 1), len(self._words)):
            word = self._words[n]
            if word.start_s >= ends_s:
                break
            first, end = (round((t - begins_s) * RATE_HZ) for t in (word.start_s, word.end_s))
            sound[max(first, 0) : max(end, 0)] = QUIETEST + STEP * (n % CODES)
        for at_s, samples in self._played:
            first = round((at_s - begins_s) * RATE_HZ)
            part = samples[max(0, -first) : max(0, count - first)]
            sound[max(0, first) : max(0, first) + len(part)] = part
        return sound + self._room.take(start, count) if self._played else sound


class DayHearing:
    """Recognises coded words."""

    info = RecogniserInfo("coded", ("en",), streaming=True, segments=True, local=True, quality="exact", licence="none")

    def __init__(self, words: Sequence[Spoken]) -> None:
        self._words = words

    def word(self, code: int, now_s: float) -> int | None:
        """The word of that code that was said last by this time of the day."""
        near = [n for n in range(code, len(self._words), CODES) if self._words[n].start_s <= now_s]
        return near[-1] if near else None

    async def open(self, _language: str, *, start_s: float = 0.0) -> _Session:
        return _Session(self, self._words, round(start_s * RATE_HZ))

    async def close(self) -> None:
        """Nothing to release."""


class _Session:
    def __init__(self, owner: DayHearing, words: Sequence[Spoken], position: int) -> None:
        self._owner, self._words, self._position = owner, words, position
        self._heard: list[Word] = []
        self._sentence = -1
        self._code, self._long, self._quiet = -1, 0, 0

    async def feed(self, samples: Samples) -> list[Hypothesis]:
        codes = (samples.astype(np.int32) - QUIETEST + STEP // 2) // STEP
        codes[samples < QUIETEST - STEP // 2] = -1
        told: list[Hypothesis] = []
        edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
        for first, end in pairwise(edges):
            self._take(int(codes[first]), end - first, told)
        return told

    async def end_utterance(self) -> list[Hypothesis]:
        return [self._said(final=True)] if self._heard else []

    async def close(self) -> None:
        """Nothing to release."""

    def _take(self, code: int, count: int, told: list[Hypothesis]) -> None:
        if code != self._code:
            self._code, self._long = code, 0
        before, self._long = self._long, self._long + count
        self._position += count
        if code >= 0:
            self._quiet = 0
            if before < SHORTEST <= self._long:
                self._word(code, told)
            elif self._heard and before >= SHORTEST:
                self._heard[-1] = Word(self._heard[-1].text, self._heard[-1].start_s, self._position / RATE_HZ)
        else:
            self._quiet += count
            if self._heard and self._quiet >= PAUSE:
                told.append(self._said(final=True))

    def _word(self, code: int, told: list[Hypothesis]) -> None:
        found = self._owner.word(code, asyncio.get_running_loop().time())
        if found is None:
            return
        word = self._words[found]
        if self._heard and word.sentence != self._sentence:
            told.append(self._said(final=True))
        self._sentence = word.sentence
        now_s = self._position / RATE_HZ
        self._heard.append(Word(word.text, now_s - self._long / RATE_HZ, now_s))
        told.append(self._said(final=False))

    def _said(self, *, final: bool) -> Hypothesis:
        words = tuple(self._heard)
        if final:
            self._heard = []
        text = " ".join(word.text for word in words)
        return Hypothesis(text, final, words[0].start_s, words[-1].end_s, words, 1.0, language="en")


class Before:
    """What lies before the camera, and the lines that a reader finds in a photo of it."""

    def __init__(self) -> None:
        self.lines: list[TextLine] = []

    def tag(self, name: str, price: str) -> See:
        """A shelf tag."""
        self.lines = [line(name, 200, 240, 300, 40), line(price, 220, 320, 260, 90, 0.97)]
        return _seen([(160, 200, 44, name), (300, 340, 110, price)])

    def sign(self, *texts: str) -> See:
        """A sign, a passage a line."""
        self.lines = [line(text, 60, 60 + 150 * n, 500, 60) for n, text in enumerate(texts)]
        return _seen([(60, 60 + 150 * n, 60, text) for n, text in enumerate(texts)])


def _seen(rows: Sequence[tuple[int, int, int, str]]) -> See:
    picture = photo(rows)
    height, width, _ = picture.shape
    return See(width, height, picture.tobytes())


class Pairs:
    """The pairs of glasses that somebody has, of which they wear one; a `LinkSource` that finds whichever is on."""

    input_ended = None

    def __init__(self, *pairs: EmulatorSource) -> None:
        self.pairs = pairs
        for spare in pairs[1:]:
            self.off(spare)

    @property
    def worn(self) -> EmulatorSource:
        """The pair that is on, or the first."""
        return next((pair for pair in self.pairs if pair.device.powered), self.pairs[0])

    def off(self, pair: EmulatorSource) -> None:
        """It lies in its cradle."""
        frame: Any = pair.device
        frame.display.darken(pair.device.now())
        frame._emptied()

    def swap(self, percent: float) -> None:
        """Another pair is put on."""
        worn = self.worn
        self.off(worn)
        self.pairs[1 - self.pairs.index(worn)].device.charge_to(percent)

    def pause_input(self, *, paused: bool) -> None:
        """The day does not wait."""

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
        return await self.worn.connect(on_value, on_lost, timeout_s=timeout_s)

    async def close(self) -> None:
        for pair in self.pairs:
            await pair.close()


class DayReader:
    """Reads what lies before the camera."""

    def __init__(self, before: Before) -> None:
        self._before = before

    @property
    def info(self) -> ReaderInfo:
        return ReaderInfo("scripted", ("Latn",), local=True, places=True, quality="as told", licence="")

    async def read(self, _picture: np.ndarray) -> list[TextLine]:
        await asyncio.sleep(0.5)
        return list(self._before.lines)

    async def close(self) -> None:
        """Nothing to release."""


class DayPositions:
    """Where somebody is all day: a fix a second while they walk, one in five seconds while they stand."""

    def __init__(self) -> None:
        self._corner: tuple[float, float] | None = None
        self._fixes: list[Fix] = []  # of the walk that is under way, by the time of the day

    def stand(self, corner: tuple[float, float]) -> None:
        """They are there."""
        self._corner, self._fixes = corner, []

    def walk(self, corners: Sequence[tuple[float, float]], pace_mps: float, now_s: float, seed: int) -> None:
        """They set out from where they are."""
        assert self._corner is not None, "stand first"
        path = Line([at(*corner) for corner in (self._corner, *corners)])
        steps = fixes(walked(path, seed, pace_mps, steady=True), 2.0, seed)
        self._fixes = [_timed(fix, now_s + fix.time_s) for fix in steps]
        self._corner = corners[-1]

    def source(self) -> _Positions:
        """What a program opens."""
        return _Positions(self)

    def fix(self, now_s: float) -> Fix | None:
        """The newest."""
        known = [fix for fix in self._fixes if fix.time_s <= now_s]
        if known and known[-1] is not self._fixes[-1]:
            return known[-1]
        if self._corner is None:
            return None
        here = at(*self._corner)
        return Fix(here.lat, here.lon, 2.0, now_s, 0.0, None, "walk")

    @property
    def moving(self) -> bool:
        return bool(self._fixes) and self._fixes[-1].time_s > asyncio.get_running_loop().time()


class _Positions:
    name = "day"
    moves = True

    def __init__(self, day: DayPositions) -> None:
        self._day = day

    def now_s(self) -> float:
        return asyncio.get_running_loop().time()

    async def reports(self) -> AsyncIterator[Fix]:
        last_s = -1.0
        while True:
            fix = self._day.fix(self.now_s())
            if fix is not None and fix.time_s > last_s:
                last_s = fix.time_s
                yield fix
            await asyncio.sleep(1.0 if self._day.moving else 5.0)


def _timed(fix: Fix, time_s: float) -> Fix:
    return Fix(fix.lat, fix.lon, fix.accuracy_m, time_s, fix.speed_mps, fix.course_deg, fix.source)
