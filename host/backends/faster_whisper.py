"""Whisper on this computer (faster-whisper, CTranslate2): one utterance at a time, many languages, also recognised.

A model is a folder as Whisper's CTranslate2 conversions are published: `model.bin`, `config.json`, `tokenizer.json` and
a vocabulary. Nothing is fetched: the library is given a folder, told to stay local, and a folder without
`tokenizer.json` is refused, because it would fetch that one whatever it was told.

Nothing comes while somebody speaks. Each utterance is heard by itself, without the text before it: Whisper repeats what
it was given when it understands nothing. One temperature, so that the time of an utterance is bounded.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from host.backends.local import RATE_HZ, LocalRecogniser, require_language
from host.config import Settings
from host.contracts import Hypothesis, RecogniserInfo, Samples, Word
from host.errors import BackendError, LanguageError, ModelMissingError
from host.models.folders import model_files
from host.models.languages import WHISPER

__all__ = ["AUTO", "LANGUAGES", "WhisperEngine", "find_model", "info", "notices", "start"]

AUTO: Final = "auto"
"""The language that stands for "whichever is spoken"."""

LANGUAGES: Final = (*WHISPER, AUTO)

_HOW: Final = "sidelight models get whisper-small gets one; --model takes the folder of your own"
_FILES: Final = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES: Final = ("vocabulary.txt", "vocabulary.json")
_SHORTEST: Final = RATE_HZ // 10  # samples: less is a click
_LONGEST: Final = 30 * RATE_HZ  # samples: what Whisper hears at once; an utterance is finished here whoever goes on
_REASON: Final = 200  # characters of what the library says that are worth reading
_THREADS: Final = 4  # the library's own default, where the computer has as many


async def start(
    settings: Settings,
    _environment: Mapping[str, str],
    on_cpu: Callable[[float], None] | None,
) -> LocalRecogniser:
    """Load the model in the folder `settings.model` in a process of its own.

    Raises:
        ModelMissingError: no model there.
        LanguageError: the model does not speak the language.
        BackendError: it cannot be loaded.
    """
    folder = find_model(settings.model)
    about = info(folder)
    require_language(about, settings.language)
    try:
        return await LocalRecogniser.start(about, WhisperEngine, folder, settings.language, on_cpu=on_cpu)
    except BackendError as error:
        raise BackendError(
            f"whisper cannot load the model in {str(folder)!a}: {error.message}", "Get the model again"
        ) from error


def notices(_settings: Settings) -> list[tuple[str, str, str]]:
    """What a user should know."""
    return [("no-partials", "whisper answers when a sentence is over: nothing is shown while somebody speaks", "")]


def find_model(path: str) -> Path:
    """The folder of the model. Raises ModelMissingError, which says what is missing."""
    if not path:
        raise ModelMissingError("whisper needs a model, and none was given", _HOW)
    folder, names = model_files(path, "a Whisper model", _HOW)
    missing = [name for name in _FILES if name not in names]
    missing += [] if set(names).intersection(_VOCABULARIES) else [_VOCABULARIES[0]]
    if missing:
        raise ModelMissingError(f"there is no whole Whisper model in {path!a}: {', '.join(missing)} missing", _HOW)
    return folder


def info(folder: Path) -> RecogniserInfo:
    """What the model in that folder can do; those whose name ends in `.en` know English only."""
    return RecogniserInfo(
        name="whisper",
        languages=("en",) if folder.resolve().name.endswith(".en") else LANGUAGES,
        streaming=False,
        segments=False,
        local=True,
        quality="good, by model; answers when a sentence is over",
        licence="MIT, code and OpenAI's models",
    )


@dataclass(slots=True)
class _Utterance:
    """What a session has heard since the last end."""

    begun: int
    held: list[Samples] = field(default_factory=list)
    count: int = 0


class WhisperEngine:
    """The half in the child process."""

    def __init__(self, folder: Path, language: str) -> None:
        """Load the model. Raises LanguageError, BackendError."""
        os.environ["HF_HUB_OFFLINE"] = "1"  # read when the library's downloader is imported
        try:
            from faster_whisper import WhisperModel  # noqa: PLC0415 - imported when used

            threads = min(_THREADS, os.cpu_count() or 1)
            self._model: Any = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except Exception as error:
            raise BackendError(" ".join(str(error).split())[:_REASON]) from error
        if language not in (*self._model.supported_languages, AUTO):
            raise LanguageError(
                f"the model in {str(folder)!a} does not recognise the language {language!r:.20}",
                "Get a Whisper model whose name does not end in .en",
            )
        self._language = None if language == AUTO else language
        self._utterances: dict[int, _Utterance] = {}

    def feed(self, session: int, position: int, samples: Samples) -> list[Hypothesis]:
        """Keep the next stretch of sound; finishes an utterance that has become as long as may be."""
        utterance = self._utterances.setdefault(session, _Utterance(position))
        utterance.held.append(samples)
        utterance.count += len(samples)
        return self.end(session) if utterance.count >= _LONGEST else []

    def end(self, session: int) -> list[Hypothesis]:
        """Hear the utterance; nothing where no word was said."""
        utterance = self._utterances.pop(session, None)
        if utterance is None or utterance.count < _SHORTEST:
            return []
        sound = np.concatenate(utterance.held).astype(np.float32) / 32768
        segments, about = self._model.transcribe(
            sound,
            language=self._language,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
        )
        return self._hypotheses(utterance, list(segments), self._language or about.language)

    def close(self, session: int) -> None:
        """Forget the session."""
        self._utterances.pop(session, None)

    def _hypotheses(self, utterance: _Utterance, segments: list[Any], language: str) -> list[Hypothesis]:
        begun_s, limit_s = utterance.begun / RATE_HZ, (utterance.begun + utterance.count) / RATE_HZ

        def place(seconds: float) -> float:
            return round(float(min(begun_s + max(0.0, seconds), limit_s)), 3)

        words = tuple(
            Word(
                word.word.strip(),
                place(word.start),
                place(word.end),
                round(float(min(1.0, max(0.0, word.probability))), 3),
            )
            for segment in segments
            for word in segment.words or ()
            if word.word.strip()
        )
        text = " ".join("".join(segment.text for segment in segments).split())
        if not text:
            return []
        chances = [math.exp(min(0.0, segment.avg_logprob)) for segment in segments]
        return [
            Hypothesis(
                text=text,
                final=True,
                start_s=words[0].start_s if words else place(0.0),
                end_s=words[-1].end_s if words else limit_s,
                words=words,
                confidence=round(sum(chances) / len(chances), 3),
                language=language,
            )
        ]
