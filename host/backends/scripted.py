"""A recogniser that hears what a script says it hears: for tests, and to measure everything but recognition.

It streams as a good one would: each word appears when its last sample has arrived, and a sentence is finished a pause
after its last word. It gets all sound and counts samples, so its words stay at their places in the recording as long as
nothing is lost.

A script is text: a line `START END WORD` for each word, seconds from the start of the recording; an empty line ends a
sentence.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from host.backends.local import RATE_HZ, require_language
from host.backends.worker import Load
from host.config import Settings
from host.contracts import Hypothesis, RecogniserInfo, Samples, Word
from host.errors import ModelMissingError, UsageError

__all__ = ["ScriptedRecogniser", "notices", "parse_script", "read_script", "start"]

PAUSE_S = 0.3  # from the end of a sentence's last word to its final hypothesis: a short pause in speech

Sentence = tuple[Word, ...]


async def start(
    settings: Settings,
    _environment: Mapping[str, str],
    _on_cpu: Callable[[float], None] | None,
) -> ScriptedRecogniser:
    """The recogniser of the script that `settings.model` names. Raises ModelMissingError, UsageError."""
    return ScriptedRecogniser(read_script(Path(settings.model)), language=settings.language)


def notices(_settings: Settings) -> list[tuple[str, str, str]]:
    """What a user should know: nobody listens."""
    return [("scripted", "what is recognised comes from a script, not from the sound", "")]


def read_script(path: Path) -> list[Sentence]:
    """The sentences of a file. Raises ModelMissingError, UsageError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelMissingError(
            f"there is no script at {str(path)!a}", "Name a file of START END WORD lines with --model"
        ) from error
    return parse_script(text)


def parse_script(text: str) -> list[Sentence]:
    """The sentences of a script. Raises UsageError, which names the line."""
    sentences: list[list[Word]] = [[]]
    last_s = 0.0
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split(maxsplit=2)
        if not parts:
            sentences.append([])
            continue
        try:
            start_s, end_s, word = float(parts[0]), float(parts[1]), parts[2].strip()
        except (ValueError, IndexError):
            raise UsageError(f"line {number} of the script is not START END WORD") from None
        if not (math.isfinite(end_s) and last_s <= start_s <= end_s):
            raise UsageError(f"line {number} of the script goes back in time")
        sentences[-1].append(Word(word, start_s, end_s))
        last_s = end_s
    return [tuple(words) for words in sentences if words]


class ScriptedRecogniser:
    """Says its script to every session."""

    def __init__(self, script: Sequence[Sequence[Word]], *, language: str = "en") -> None:
        """Prepare.

        Args:
            script: sentences, in the order they are spoken; times from the start of the recording.
            language: ISO 639-1 code of all of them.
        """
        self._script = [tuple(sentence) for sentence in script if sentence]
        self._info = RecogniserInfo(
            name="scripted",
            languages=(language,),
            streaming=True,
            segments=True,
            local=True,
            quality="says what its script says",
            licence="Apache-2.0",
        )

    @property
    def info(self) -> RecogniserInfo:
        """What it can do."""
        return self._info

    @property
    def load(self) -> Load:
        """Nothing."""
        return Load()

    async def open(self, language: str, *, start_s: float = 0.0) -> _Session:
        """Start listening. Raises LanguageError."""
        require_language(self._info, language)
        return _Session(self._script, language, round(start_s * RATE_HZ))

    async def close(self) -> None:
        """Nothing to release."""


class _Session:
    def __init__(self, script: Sequence[Sentence], language: str, position: int) -> None:
        self._language, self._position = language, position
        heard_s = position / RATE_HZ
        self._sentences = list(
            itertools.dropwhile(lambda sentence: sentence[-1].end_s <= heard_s, script),
        )
        self._said = 0  # words of the first sentence that have been shown

    async def feed(self, samples: Samples) -> list[Hypothesis]:
        self._position += len(samples)
        out: list[Hypothesis] = []
        while self._sentences:
            sentence = self._sentences[0]
            heard = self._heard(sentence)
            if len(heard) == len(sentence) and self._now_s >= sentence[-1].end_s + PAUSE_S:
                out.append(self._hypothesis(sentence, final=True))
                self._next(len(sentence))
                continue
            if len(heard) > self._said:
                self._said = len(heard)
                out.append(self._hypothesis(heard, final=False))
            break
        return out

    async def end_utterance(self) -> list[Hypothesis]:
        heard = self._heard(self._sentences[0]) if self._sentences else ()
        if not heard:
            return []
        said = self._hypothesis(heard, final=True)
        self._next(len(heard))
        return [said]

    async def close(self) -> None:
        self._sentences.clear()

    @property
    def _now_s(self) -> float:
        return self._position / RATE_HZ

    def _heard(self, sentence: Sentence) -> Sentence:
        return tuple(itertools.takewhile(lambda word: word.end_s <= self._now_s, sentence))

    def _next(self, finished: int) -> None:
        """Go on behind so many words of the first sentence."""
        rest = self._sentences.pop(0)[finished:]
        if rest:
            self._sentences.insert(0, rest)
        self._said = 0

    def _hypothesis(self, words: Sentence, *, final: bool) -> Hypothesis:
        return Hypothesis(
            text=" ".join(word.text for word in words),
            final=final,
            start_s=words[0].start_s,
            end_s=words[-1].end_s,
            words=words,
            confidence=1.0,
            language=None if self._language == "auto" else self._language,
        )
