"""Stand-ins for what a transcription is made of; each behaves as its contract says.

Speech is coded so that a recogniser can really hear it: a word is a stretch of samples that all have one value, a
multiple of 256 so that it outlives 8 bits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from host.contracts import AudioChunk, EmbedderInfo, Hypothesis, JournalEntry, RecogniserInfo, Translation, Word
from host.errors import BackendError, DiskFullError, LensError
from host.lens.display_list import DisplayList, TextItem
from host.lens.shape import FRAME

RATE_HZ = 16000
VOCABULARY = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
QUIETEST, STEP = 1024, 256


def said(*words: str, each_s: float = 0.3) -> np.ndarray:
    """Sound of these words without a pause between them."""
    return np.concatenate(
        [np.full(round(each_s * RATE_HZ), QUIETEST + STEP * VOCABULARY.index(w), np.int16) for w in words]
    )


def pause(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ), np.int16)


def heard(sound: np.ndarray) -> list[tuple[int, int, str]]:
    """(first sample, end, word) of each word in some sound."""
    edges = [0, *(np.flatnonzero(np.diff(sound)) + 1), len(sound)]
    return [
        (int(a), int(b), VOCABULARY[(int(sound[a]) - QUIETEST) // STEP])
        for a, b in pairwise(edges)
        if a < b and sound[a]
    ]


@dataclass
class Microphone:
    """Plays parts: sound, seconds that are lost, or an error. In real time, or as fast as it is read."""

    parts: Iterable[np.ndarray | float | Exception]
    chunk: int = 320
    real_time: bool = True
    endless: bool = False
    rate_hz: int = RATE_HZ
    closed: bool = False
    given: int = 0

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            for part in self.parts:
                if isinstance(part, Exception):
                    raise part
                lost = "link lost" if isinstance(part, float) else None
                sound = pause(part) if isinstance(part, float) else part
                if lost and self.real_time:
                    await asyncio.sleep(part)
                for start in range(0, len(sound), self.chunk):
                    samples = sound[start : start + self.chunk]
                    spoken_s = began + (self.given + len(samples)) / self.rate_hz
                    if self.real_time and not lost:
                        await asyncio.sleep(max(0.0, spoken_s - loop.time()))
                    chunk = AudioChunk(samples, self.given, self.rate_hz, lost_reason=lost, heard_at_s=spoken_s)
                    self.given += len(samples)
                    yield chunk
            if self.endless:
                await asyncio.Event().wait()
        finally:
            self.closed = True


class Voice:
    """Sound is speech, silence is not."""

    def probability(self, frame: np.ndarray) -> float:
        assert len(frame) == 512
        return 0.95 if np.count_nonzero(frame) > 100 else 0.02


INFO = RecogniserInfo("coded", ("en",), streaming=True, segments=False, local=True, quality="exact", licence="none")


@dataclass
class Recogniser:
    """Hears coded words. `failures` are raised by the calls to `end_utterance` (or `open`) in turn; None works."""

    info: RecogniserInfo = INFO
    takes_s: float = 0.0
    end_takes_s: float = 0.0
    failures: list[Exception | None] = field(default_factory=list)
    open_failures: list[Exception | None] = field(default_factory=list)
    opened: int = 0
    open_sessions: int = 0

    async def open(self, language: str, *, start_s: float = 0.0) -> Session:
        assert language == "en"
        if self.open_failures and (failure := self.open_failures.pop(0)):
            raise failure
        self.opened += 1
        self.open_sessions += 1
        return Session(self, round(start_s * RATE_HZ))

    async def close(self) -> None: ...


class Session:
    def __init__(self, owner: Recogniser, start: int) -> None:
        self._owner = owner
        self._sound = np.zeros(0, np.int16)
        self._before = start
        self._last = ""
        self._open = True

    async def feed(self, samples: np.ndarray) -> list[Hypothesis]:
        assert self._open
        if self._owner.takes_s:
            await asyncio.sleep(self._owner.takes_s)
        self._sound = np.concatenate([self._sound, samples])
        if self._owner.info.segments and self._last and not self._sound[-RATE_HZ // 2 :].any():
            return await self.end_utterance()
        text = " ".join(word for *_, word in heard(self._sound))
        if not self._owner.info.streaming or text == self._last:
            return []
        self._last = text
        return [self._hypothesis(final=False)]

    async def end_utterance(self) -> list[Hypothesis]:
        assert self._open
        if self._owner.end_takes_s:
            await asyncio.sleep(self._owner.end_takes_s)
        if self._owner.failures and (failure := self._owner.failures.pop(0)):
            self._forget()
            raise failure
        final = self._hypothesis(final=True)
        self._forget()
        return [final]

    async def close(self) -> None:
        self._owner.open_sessions -= self._open
        self._open = False

    def _hypothesis(self, *, final: bool) -> Hypothesis:
        words = [
            Word(word, (self._before + a) / RATE_HZ, (self._before + b) / RATE_HZ) for a, b, word in heard(self._sound)
        ]
        start_s = words[0].start_s if words else self._before / RATE_HZ
        end_s = words[-1].end_s if words else (self._before + len(self._sound)) / RATE_HZ
        return Hypothesis(" ".join(w.text for w in words), final, start_s, end_s, tuple(words), language="en")

    def _forget(self) -> None:
        self._before += len(self._sound)
        self._sound = np.zeros(0, np.int16)
        self._last = ""


EMBEDDER_INFO = EmbedderInfo("coded", alike=0.5, unlike=0.4)


@dataclass
class Embedder:
    """Voices by the first word of a sentence: a direction for each, `ways`; `failures` are raised by calls in turn."""

    ways: dict[str, tuple[float, ...]] = field(default_factory=dict)
    failures: list[Exception | None] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    info: EmbedderInfo = EMBEDDER_INFO

    async def embed(self, samples: np.ndarray) -> tuple[float, ...]:
        self.lengths.append(len(samples))
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        return self.ways[heard(samples)[0][2]]

    async def close(self) -> None: ...


@dataclass
class Journal:
    """Keeps entries; `full` is how many of the next calls find no room."""

    full: int = 0
    id: int = 7
    entries: list[JournalEntry] = field(default_factory=list)
    voices: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)
    closed: bool = False

    def add(self, entry: JournalEntry) -> int:
        if self.full:
            self.full -= 1
            raise DiskFullError("no room left on the disk", "Free some room")
        self.entries.append(entry)
        return len(self.entries)

    def add_translation(self, entry_id: int, translation: Translation) -> None:
        if self.full:
            self.full -= 1
            raise DiskFullError("no room left on the disk", "Free some room")
        self.entries[entry_id - 1] = replace(self.entries[entry_id - 1], translation=translation)

    def keep_voices(self, model, voices, merged) -> None:
        self.voices.append(([voice.label for voice in voices], dict(merged)))

    def close(self) -> None:
        self.closed = True

    @property
    def texts(self) -> list[str]:
        return [entry.text if entry.kind == "sentence" else f"[{entry.text or entry.kind}]" for entry in self.entries]


class Lens:
    """Records pictures with the time at which they were there; takes its time, and can be away or broken."""

    shape = FRAME

    def __init__(self, takes_s: float = 0.06) -> None:
        self.takes_s = takes_s
        self.pictures: list[tuple[float, DisplayList]] = []
        self.here = asyncio.Event()
        self.here.set()
        self.error: LensError | None = None

    async def show(self, picture: DisplayList) -> None:
        if self.error is not None:
            raise self.error
        await self.here.wait()
        await asyncio.sleep(self.takes_s)
        self.pictures.append((asyncio.get_running_loop().time(), picture))

    @property
    def lines(self) -> list[str]:
        """What the lens shows last, from top to bottom."""
        return lines_of(self.pictures[-1][1]) if self.pictures else []

    @property
    def history(self) -> list[list[str]]:
        return [lines_of(picture) for _, picture in self.pictures]


def lines_of(picture: DisplayList) -> list[str]:
    rows: dict[int, list[TextItem]] = {}
    for item in picture.items:
        assert isinstance(item, TextItem)
        rows.setdefault(item.y, []).append(item)
    return [" ".join(i.text for i in sorted(row, key=lambda i: i.x)) for _, row in sorted(rows.items())]


def failing(*, retry: bool) -> BackendError:
    return BackendError("the server does not answer", "Check it", retry=retry)


def with_info(**changes) -> RecogniserInfo:
    return replace(INFO, **changes)
