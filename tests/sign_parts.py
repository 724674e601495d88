"""Parts for the tests of signs: a reader and translators that say what they are told to say."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from host.contracts import Rendering, TranslatorInfo
from host.read.line import TextLine
from host.read.reader import ReaderInfo


def line(
    text: str, left: float, top: float, width: float = 300, height: float = 30, confidence: float = 0.95
) -> TextLine:
    right, bottom = left + width, top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), confidence)


def rows(*texts: str, confidence: float = 0.95) -> list[TextLine]:
    """Lines far enough from each other to be blocks of their own."""
    return [line(text, 20, 20 + 100 * k, confidence=confidence) for k, text in enumerate(texts)]


@dataclass
class ScriptedReader:
    """Says one list of lines a photo, the last one again and again; an exception is raised."""

    said: Sequence[Sequence[TextLine] | Exception]
    local: bool = True
    takes_s: float = 0.0
    seen: list[np.ndarray] = field(default_factory=list)
    closed: bool = False

    @property
    def info(self) -> ReaderInfo:
        return ReaderInfo("scripted", ("Latn",), local=self.local, places=True, quality="as told", licence="")

    async def read(self, picture: np.ndarray) -> list[TextLine]:
        self.seen.append(picture)
        await asyncio.sleep(self.takes_s)
        answer = self.said[min(len(self.seen), len(self.said)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    async def close(self) -> None:
        self.closed = True


class SaidTranslator:
    """Says what it was told to say; else the text in brackets, or nothing where it is not complete."""

    def __init__(self, answers=None, *, complete: bool = True) -> None:
        self.answers, self.asked = answers or {}, []
        self.info = TranslatorInfo("said", True, False, False, 2000, complete, "test", "none")

    async def translate(self, texts, source, target, *, progress=None):
        self.asked += [(text, source, target) for text in texts]
        found = []
        for text in texts:
            answer = self.answers.get(text, f"<{text}>" if self.info.complete else None)
            if isinstance(answer, Exception):
                raise answer
            found.append(Rendering(answer) if isinstance(answer, str) else answer)
        return found

    async def close(self) -> None:
        pass


class Pairs:
    """Translators for every pair, from `sources`."""

    def __init__(self, *translators: SaidTranslator, sources=None) -> None:
        self.translators, self._sources = translators, sources

    def sources(self, _target):
        return self._sources

    async def for_pair(self, _source, _target):
        return self.translators

    def ways(self, source, target):
        return f"What would: {source}-{target}"

    async def close(self) -> None:
        pass


class Identified:
    """Takes every text for one language."""

    def __init__(self, language: str = "fr") -> None:
        self.language, self.asked = language, []

    async def identify(self, text, among):
        self.asked.append((text, among))
        return self.language, 0.9
