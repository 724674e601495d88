"""Streaming transducers on this computer (sherpa-onnx, k2-fsa): several languages, one a model; finds sentences itself.

A model is a folder as its makers pack it: `tokens.txt` and an encoder, a decoder and a joiner in ONNX; where there are
several, the smallest kind (int8) is taken. Its language is read from the folder's name, as they name it
(`sherpa-onnx-streaming-zipformer-en-2023-06-26`); a folder called otherwise is taken to be of the language asked for.
The library loads files by path and has no downloads.

Models of most recipes write capitals only: what they say is put into small letters.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from host.backends.local import RATE_HZ, LocalRecogniser, require_language
from host.config import Settings
from host.contracts import Hypothesis, RecogniserInfo, Samples, Word
from host.errors import BackendError, ModelMissingError
from host.models.folders import model_files

__all__ = ["LANGUAGES", "Model", "SherpaEngine", "find_model", "info", "notices", "start", "words_of"]

LANGUAGES: Final = ("en", "zh", "fr", "de", "es", "ko", "ru", "bn", "vi", "ja", "th", "id", "ar", "tr", "pt", "nl")
"""Those that its makers publish streaming transducers for, or name in the folders of theirs."""

_HOW: Final = "sidelight models list names models to get; --model takes the folder of your own"
_NAMES: Final = {"korean": "ko", "chinese": "zh", "english": "en", "french": "fr", "russian": "ru"}

_BLOCK: Final = RATE_HZ // 10  # samples between two looks: what a partial waits for at most, beyond the model's chunk
_TAIL: Final = RATE_HZ  # samples of silence behind the last word: a chunk and its look-ahead, so that it comes out
_NO_SPEECH_S: Final = 2.4  # silence before anything was said after which the decoder starts afresh; the library's own
_PAUSE_S: Final = 0.8  # silence that ends a sentence; the library's 1.2 is long to wait, and 0.5 splits at a breath
_LONGEST_S: Final = 20.0  # the library's own
_REASON: Final = 200  # characters of what the library says that are worth reading
_LAST_TOKEN_S: Final = 0.2  # how long the last word's last token is taken to be: it has a beginning only


@dataclass(frozen=True, slots=True)
class Model:
    """A model's files, and what could be told of it; `languages` is empty where the folder's name does not say."""

    folder: Path
    tokens: Path
    encoder: Path
    decoder: Path
    joiner: Path
    languages: tuple[str, ...]


async def start(
    settings: Settings,
    _environment: Mapping[str, str],
    on_cpu: Callable[[float], None] | None,
) -> LocalRecogniser:
    """Load the model in the folder `settings.model` in a process of its own.

    Raises:
        ModelMissingError: no model there.
        LanguageError: the model is of another language.
        BackendError: it cannot be loaded.
    """
    model = find_model(settings.model)
    about = info(model, settings.language)
    require_language(about, settings.language)
    try:
        return await LocalRecogniser.start(about, SherpaEngine, model, settings.language, on_cpu=on_cpu)
    except BackendError as error:
        # The library ends its process over a file that it does not understand.
        raise BackendError(
            f"sherpa cannot load the model in {str(model.folder)!a}: {error.message}", "Get the model again"
        ) from error


def notices(_settings: Settings) -> list[tuple[str, str, str]]:
    """Nothing to know: `models list` tells the licence."""
    return []


def find_model(path: str) -> Model:
    """The model in a folder. Raises ModelMissingError, which says what is missing."""
    if not path:
        raise ModelMissingError("sherpa needs a model, and none was given", _HOW)
    folder, names = model_files(path, "a sherpa-onnx model", _HOW)
    parts = {part: _smallest(part, names) for part in ("encoder", "decoder", "joiner")}
    missing = [part for part, name in parts.items() if not name]
    missing += [] if "tokens.txt" in names else ["tokens.txt"]
    if missing:
        raise ModelMissingError(
            f"there is no whole streaming transducer in {path!a}: {', '.join(missing)} missing", _HOW
        )
    said = re.split(r"[^a-z]+", folder.resolve().name.lower())
    languages = tuple(dict.fromkeys(_NAMES.get(word, word) for word in said if _NAMES.get(word, word) in LANGUAGES))
    return Model(
        folder=folder,
        tokens=folder / "tokens.txt",
        encoder=folder / parts["encoder"],
        decoder=folder / parts["decoder"],
        joiner=folder / parts["joiner"],
        languages=languages,
    )


def info(model: Model, language: str) -> RecogniserInfo:
    """What that model can do, opened for a language where its folder's name does not tell."""
    return RecogniserInfo(
        name="sherpa",
        languages=model.languages or (language,),
        streaming=True,
        segments=True,
        local=True,
        quality="good, by model",
        licence="Apache-2.0, code; that of the model is its own",
    )


def words_of(tokens: Sequence[str], starts_s: Sequence[float], chances: Sequence[float]) -> list[Word]:
    """Words of tokens, each from its first token's beginning to the next word's.

    Args:
        tokens: as the library gives them: a space before a token begins a word, and so does any character of a script
            without spaces.
        starts_s: when each begins, ascending; may be missing.
        chances: 0 to 1, of each; may be missing.
    """
    groups: list[list[int]] = []
    for number, token in enumerate(tokens):
        before = tokens[number - 1] if number else " "
        if number == 0 or token.startswith(" ") or _alone(token) or _alone(before):
            groups.append([])
        groups[-1].append(number)
    if len(starts_s) != len(tokens):
        return []
    out = []
    for place, group in enumerate(groups):
        text = "".join(tokens[n] for n in group).strip()
        end_s = starts_s[groups[place + 1][0]] if place + 1 < len(groups) else starts_s[group[-1]] + _LAST_TOKEN_S
        known = [chances[n] for n in group] if len(chances) == len(tokens) else []
        confidence = round(sum(known) / len(known), 3) if known else None
        if text:
            out.append(Word(text, starts_s[group[0]], max(end_s, starts_s[group[0]]), confidence))
    return out


@dataclass(slots=True)
class _Stream:
    """One session: a stream of the library, and where it is in the recording."""

    heard: Any
    base: int  # sample of the recording that it began with
    held: Samples
    fed: int = 0
    shown: str = ""


class SherpaEngine:
    """The half in the child process."""

    def __init__(self, model: Model, language: str) -> None:
        """Load the model. Raises BackendError; a file that is no model ends the process."""
        try:
            import sherpa_onnx  # noqa: PLC0415 - imported when used

            self._recogniser: Any = sherpa_onnx.OnlineRecognizer.from_transducer(
                tokens=str(model.tokens),
                encoder=str(model.encoder),
                decoder=str(model.decoder),
                joiner=str(model.joiner),
                num_threads=min(2, os.cpu_count() or 1),
                sample_rate=RATE_HZ,
                enable_endpoint_detection=True,
                rule1_min_trailing_silence=_NO_SPEECH_S,
                rule2_min_trailing_silence=_PAUSE_S,
                rule3_min_utterance_length=_LONGEST_S,
            )
            written = model.tokens.read_text(encoding="utf-8", errors="replace")
        except Exception as error:
            raise BackendError(" ".join(str(error).split())[:_REASON]) from error
        if not written.strip():
            raise BackendError("tokens.txt is empty")
        self._small = not any(c.islower() for c in re.sub(r"<[^>]*>", "", written))
        self._language = language
        self._streams: dict[int, _Stream] = {}

    def feed(self, session: int, position: int, samples: Samples) -> list[Hypothesis]:
        """Take the next stretch of sound; each new wording, and the sentences that ended."""
        stream = self._streams.get(session)
        if stream is None:
            stream = _Stream(self._recogniser.create_stream(), position, np.empty(0, np.int16))
            self._streams[session] = stream
        out: list[Hypothesis] = []
        held = np.concatenate([stream.held, samples])
        while len(held) >= _BLOCK:
            out += self._take(stream, held[:_BLOCK])
            held = held[_BLOCK:]
        stream.held = held
        return out

    def end(self, session: int) -> list[Hypothesis]:
        """Finish the sentence. What comes next is a new stream: this one has heard silence that was not there."""
        stream = self._streams.pop(session, None)
        if stream is None:
            return []
        out = self._take(stream, stream.held) if len(stream.held) else []
        limit = stream.base + stream.fed
        stream.heard.accept_waveform(RATE_HZ, np.zeros(_TAIL, np.float32))
        stream.heard.input_finished()
        self._decode(stream)
        return out + self._finished(stream, limit)

    def close(self, session: int) -> None:
        """Forget the session."""
        self._streams.pop(session, None)

    def _take(self, stream: _Stream, block: Samples) -> list[Hypothesis]:
        """Hear a block: a new wording, or the end of a sentence."""
        stream.heard.accept_waveform(RATE_HZ, (block / 32768).astype(np.float32))
        stream.fed += len(block)
        self._decode(stream)
        if self._recogniser.is_endpoint(stream.heard):
            out = self._finished(stream, stream.base + stream.fed)
            self._recogniser.reset(stream.heard)
            return out
        found = self._hypothesis(stream, stream.base + stream.fed, final=False)
        if not found.text or found.text == stream.shown:
            return []
        stream.shown = found.text
        return [found]

    def _decode(self, stream: _Stream) -> None:
        while self._recogniser.is_ready(stream.heard):
            self._recogniser.decode_stream(stream.heard)

    def _finished(self, stream: _Stream, limit: int) -> list[Hypothesis]:
        found = self._hypothesis(stream, limit, final=True)
        told, stream.shown = bool(stream.shown), ""
        return [found] if found.text or told else []

    def _hypothesis(self, stream: _Stream, limit: int, *, final: bool) -> Hypothesis:
        result = self._recogniser.get_result_all(stream.heard)
        begun_s, limit_s = stream.base / RATE_HZ + result.start_time, limit / RATE_HZ

        def place(seconds: float) -> float:
            return round(float(min(begun_s + max(0.0, seconds), limit_s)), 3)

        tokens = [token.lower() for token in result.tokens] if self._small else list(result.tokens)
        chances = [min(1.0, math.exp(min(0.0, p))) for p in result.ys_probs]
        found = words_of(tokens, list(result.timestamps), chances)
        words = tuple(Word(w.text, place(w.start_s), place(w.end_s), w.confidence) for w in found)
        known = [w.confidence for w in words if w.confidence is not None]
        text = " ".join(result.text.split())
        return Hypothesis(
            text=text.lower() if self._small else text,
            final=final,
            start_s=words[0].start_s if words else place(0.0),
            end_s=words[-1].end_s if words else place(0.0),
            words=words,
            confidence=round(sum(known) / len(known), 3) if final and known else None,
            language=self._language,
        )


def _smallest(part: str, names: Sequence[str]) -> str:
    """The file of that part: int8 before the others; of several windows the widest, which is the first by name."""
    fitting = [name for name in names if name.startswith(part) and name.endswith(".onnx")]
    return next((name for name in fitting if name.endswith(".int8.onnx")), fitting[0] if fitting else "")


def _alone(token: str) -> bool:
    """Whether a token is of a script that puts no spaces between words."""
    text = token.strip()
    return bool(text) and all("\u2e80" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff" for c in text)
