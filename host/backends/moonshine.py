"""Moonshine's models on this computer (moonshine-voice): streaming, finds the ends of sentences itself.

The model is a folder that the user names; nothing is fetched. The library itself downloads only in functions that are
not called here. Who speaks is told only where the folder of the model for that is given.

A model's language and size are read from its folder's name (`tiny-streaming-en`), as its makers' download lays it out;
a folder called otherwise is taken to be of the language asked for.

The library's voice activity keeps its state from one stream to the next: in a process of its own, the same sound cut
anyhow gives the same lines; a second recording in the same process may have them begin a frame (32 ms) off.

Licences, by the README of moonshine-voice 0.1.5: the code and all models MIT, but for the models of other languages
than English that do not stream, which are under the non-commercial Moonshine Community License. Earlier texts of its
makers put all but the English ones under it; the user is told either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from host.backends.local import RATE_HZ, LocalRecogniser, require_language
from host.config import Settings
from host.contracts import Hypothesis, RecogniserInfo, Samples, Word
from host.errors import BackendError, ModelMissingError
from host.models.folders import model_files

__all__ = ["LANGUAGES", "Model", "MoonshineEngine", "find_model", "hypothesis", "info", "notices", "start"]

LANGUAGES: Final = ("en", "ar", "de", "es", "ja", "ko", "tl", "uk", "vi", "zh")

_STREAMING_FILES: Final = ("streaming_config.json", "encoder.ort", "adapter.ort", "cross_kv.ort", "decoder_kv.ort")
_WHOLE_FILES: Final = ("encoder_model.ort", "decoder_model_merged.ort")
_FRONTENDS: Final = ("frontend.ort", "frontend.model.ort")
_TOKENIZER: Final = "tokenizer.bin"
_ALIGNERS: Final = ("decoder_kv_with_attention.ort", "decoder_with_attention.ort", "alignment_model.ort")
_TINY_DECODER_BYTES: Final = 60_000_000  # tiny's decoder has 30 MB, base's 109 MB
_FOLDER: Final = re.compile(r"^(tiny|base|small|medium)(-streaming)?-([a-z]{2})$")

_LATIN: Final = frozenset({"en", "de", "es", "tl", "vi"})
_FORCE_UPDATE: Final = 1  # MOONSHINE_FLAG_FORCE_UPDATE of its C API
_UPDATE: Final = RATE_HZ // 4  # samples between two looks at a model that streams: what a partial waits for at most
_UPDATE_WHOLE: Final = RATE_HZ  # the others hear a sentence again from its start each time
_SILENCE: Final = 2 * RATE_HZ  # samples: after these its voice activity has ended any sentence
_FRESH: Final = 120 * RATE_HZ  # samples after which a stream is begun anew at a pause: it keeps all its lines
_OVERLAP: Final = RATE_HZ  # samples that a new stream hears again: it looks back half a second for a word's beginning


@dataclass(frozen=True, slots=True)
class Model:
    """A model's folder, and what could be told of it.

    Attributes:
        folder: where it lies.
        streaming: whether it hears as sound comes; else it hears each sentence again and again.
        tiny: the smaller of the two that do not stream.
        language: ISO 639-1 code; empty where the folder's name does not say.
        timed: whether it tells where words are.
    """

    folder: Path
    streaming: bool
    tiny: bool
    language: str
    timed: bool


async def start(
    settings: Settings,
    _environment: Mapping[str, str],
    on_cpu: Callable[[float], None] | None,
) -> LocalRecogniser:
    """Load the model that `settings.model` names in a process of its own.

    Raises:
        ModelMissingError: no model there.
        LanguageError: the model is of another language.
        BackendError: it cannot be loaded.
    """
    model = find_model(settings.model)
    about = info(model, settings.language)
    require_language(about, settings.language)
    options = {"identify_speakers": "true", "diarization_model_dir": settings.speaker_model}
    told = options if settings.speaker_model else {}
    return await LocalRecogniser.start(about, MoonshineEngine, model, settings.language, told, on_cpu=on_cpu)


def notices(settings: Settings) -> list[tuple[str, str, str]]:
    """What a user should know: the licence of a model that is not English."""
    model = find_model(settings.model)
    if settings.language == "en":
        return []
    if model.streaming:
        text = f"this {settings.language} model is MIT by its makers' newest word; before, it was non-commercial"
    else:
        text = f"this {settings.language} model is under the Moonshine Community License: no commercial use"
    return [("model-licence", text, "The licence that came with the model decides")]


def find_model(path: str) -> Model:
    """The model in a folder. Raises ModelMissingError, which says what is missing."""
    how = "sidelight models get moonshine-small-streaming-en gets one; --model takes the folder of your own"
    if not path:
        raise ModelMissingError("moonshine needs a model, and none was given", how)
    folder, names = model_files(path, "a Moonshine model", how)
    there = set(names)
    streaming = "streaming_config.json" in there
    wanted = [*(_STREAMING_FILES if streaming else _WHOLE_FILES), _TOKENIZER]
    missing = [name for name in wanted if name not in there]
    if streaming and not there.intersection(_FRONTENDS):
        missing.append(_FRONTENDS[0])
    if missing:
        raise ModelMissingError(f"there is no whole Moonshine model in {path!a}: {', '.join(missing)} missing", how)
    named = [found for part in folder.resolve().parts if (found := _FOLDER.match(part))]
    size, language = (named[-1][1], named[-1][3]) if named else ("", "")
    if not size and not streaming:
        size = "tiny" if (folder / _WHOLE_FILES[1]).stat().st_size < _TINY_DECODER_BYTES else "base"
    return Model(folder, streaming, size == "tiny", language, bool(there.intersection(_ALIGNERS)))


def info(model: Model, language: str) -> RecogniserInfo:
    """What that model can do, opened for a language where its folder's name does not tell."""
    spoken = model.language or (language if language in LANGUAGES else "en")
    if spoken == "en":
        licence = "MIT, code and model"
    elif model.streaming:
        licence = "MIT code; the model MIT by its makers' newest word, non-commercial before"
    else:
        licence = "MIT code; the model non-commercial (Moonshine Community License)"
    return RecogniserInfo(
        name="moonshine",
        languages=(spoken,),
        streaming=True,
        segments=True,
        local=True,
        quality="good (its makers publish 7 to 13 % word errors for English)" if spoken == "en" else "good",
        licence=licence,
    )


@dataclass(slots=True)
class _Stream:
    """One session: a stream of the library, and where it is in the recording."""

    lines: Any = None
    base: int = 0  # sample of the recording that the library's stream began with
    fed: int = 0  # samples it has had
    finished: int = 0  # lines of it that are done; they come first
    open: bool = False  # whether somebody is speaking
    shown: str = ""  # newest wording of what is being spoken
    ended: int = 0  # sample of the recording that finished lines reach
    held: list[Samples] = field(default_factory=list)  # less than a block
    recent: Samples = field(default_factory=lambda: np.empty(0, np.int16))
    before: int = 0  # voices of the session's earlier streams: a stream numbers its own from the start
    voices: int = 0  # those and its own


class MoonshineEngine:
    """The half in the child process."""

    def __init__(self, model: Model, language: str, options: Mapping[str, str] | None = None) -> None:
        """Load the model.

        Args:
            model: which.
            language: of the model; those in other scripts than Latin have more tokens a second.
            options: of the library, beside ours.

        Raises:
            BackendError: it cannot be loaded.
        """
        settings = {
            "identify_speakers": "false",
            "return_audio_data": "false",
            "word_timestamps": "true" if model.timed else "false",
            "max_tokens_per_second": "6.5" if language in _LATIN else "13.0",  # its makers' figures
        }
        self._tells_voices = (options or {}).get("identify_speakers") == "true"
        try:
            from moonshine_voice.moonshine_api import ModelArch  # noqa: PLC0415 - imported when used
            from moonshine_voice.transcriber import Transcriber  # noqa: PLC0415

            # A model that streams says its size itself; any of the streaming kinds will do.
            kind = ModelArch.TINY_STREAMING if model.streaming else ModelArch.TINY if model.tiny else ModelArch.BASE
            self._transcriber: Any = Transcriber(str(model.folder), kind, options=settings | dict(options or {}))
        except Exception as error:
            voices, how = "", "Fetch the model again"
            if self._tells_voices:
                voices, how = " or the one that tells voices apart", f"{how}; --speakers off leaves voices out"
            raise BackendError(
                f"moonshine cannot load the model in {str(model.folder)!a}{voices}: {error}", how
            ) from error
        self._block = _UPDATE if model.streaming else _UPDATE_WHOLE
        self._language = language
        self._streams: dict[int, _Stream] = {}

    def feed(self, session: int, position: int, samples: Samples) -> list[Hypothesis]:
        """Take the next stretch of sound; each new wording, and the sentences that ended."""
        stream = self._streams.setdefault(session, _Stream())
        if stream.lines is None:
            self._begin(stream, position)
        out: list[Hypothesis] = []
        held = np.concatenate([*stream.held, samples])
        while len(held) >= self._block:
            out += self._heard(stream, self._take(stream, held[: self._block]))
            held = held[self._block :]
            # A new stream numbers its speakers anew: where they are told, the lines of hours are kept instead.
            if stream.fed >= _FRESH and not stream.open and not self._tells_voices:
                self._begin_anew(stream)
        stream.held = [held]
        return out

    def end(self, session: int) -> list[Hypothesis]:
        """Finish the sentence: silence is what ends one."""
        stream = self._streams.get(session)
        if stream is None or stream.lines is None:
            return []
        held = np.concatenate([np.empty(0, np.int16), *stream.held])
        out = self._heard(stream, self._take(stream, held)) if len(held) else []
        limit = stream.base + stream.fed
        for _ in range(_SILENCE // self._block):
            out += self._heard(stream, self._take(stream, np.zeros(self._block, np.int16)), limit)
        out += self._heard(stream, stream.lines.stop().lines, limit)
        stream.lines.close()
        self._streams[session] = _Stream(before=stream.voices, voices=stream.voices)
        return out

    def close(self, session: int) -> None:
        """Forget the session."""
        stream = self._streams.pop(session, None)
        if stream is not None and stream.lines is not None:
            stream.lines.close()

    def _begin(self, stream: _Stream, position: int) -> None:
        stream.lines = self._transcriber.create_stream(update_interval=1e9)  # updated here, by samples, not by time
        stream.lines.start()
        stream.base, stream.fed, stream.finished, stream.open, stream.shown = position, 0, 0, False, ""

    def _begin_anew(self, stream: _Stream) -> None:
        """A new stream of the library in a pause, so that it does not keep the lines of hours."""
        now = stream.base + stream.fed
        again = min(_OVERLAP, len(stream.recent), max(0, now - stream.ended))
        stream.lines.close()
        self._begin(stream, now - again)
        if again:
            stream.fed = again
            stream.lines.add_audio(_floats(stream.recent[-again:]), RATE_HZ)

    def _take(self, stream: _Stream, block: Samples) -> Sequence[Any]:
        """Have the library hear a block; all its lines of this stream."""
        stream.lines.add_audio(_floats(block), RATE_HZ)
        stream.fed += len(block)
        stream.recent = np.concatenate([stream.recent, block])[-_OVERLAP:]
        lines: Sequence[Any] = stream.lines.update_transcription(_FORCE_UPDATE).lines
        return lines

    def _heard(self, stream: _Stream, lines: Sequence[Any], limit: int | None = None) -> list[Hypothesis]:
        """What is new in the lines; nothing ends later than the sample `limit`."""
        out: list[Hypothesis] = []
        for line in lines[stream.finished :]:
            found = hypothesis(line, stream.base, limit, self._language, stream.before)
            if found.final:
                stream.voices = max(stream.voices, int(found.speaker or 0))
                stream.finished += 1
                stream.ended = round(found.end_s * RATE_HZ)
                if found.text or stream.shown:
                    out.append(found)
                stream.shown = ""
            elif found.text and found.text != stream.shown:
                stream.shown = found.text
                out.append(found)
        stream.open = len(lines) > stream.finished
        return out


def hypothesis(line: Any, base: int, limit: int | None, language: str, voices: int = 0) -> Hypothesis:
    """A line of the library as it stands in the recording.

    Args:
        line: its TranscriptLine, with times from the start of its stream.
        base: sample of the recording that the stream began with.
        limit: last sample there was, where silence was added behind it.
        language: of the model.
        voices: how many there were before the stream, which may be the same people: nobody can tell.
    """
    base_s = base / RATE_HZ
    limit_s = limit / RATE_HZ if limit is not None else float("inf")

    def place(seconds: float) -> float:
        return round(min(base_s + max(0.0, seconds), limit_s), 3)

    text = " ".join(line.text.split())
    words = tuple(
        Word(word.word.strip(), place(word.start), place(word.end), min(1.0, max(0.0, word.confidence)))
        for word in line.words or ()
        if word.word.strip()
    )
    known = [word.confidence for word in words if word.confidence is not None]
    return Hypothesis(
        text=text,
        final=line.is_complete,
        start_s=place(line.start_time),
        end_s=place(line.start_time + line.duration),
        words=words,
        confidence=sum(known) / len(known) if line.is_complete and known else None,
        language=language,
        speaker=_speaker(line, voices) if line.is_complete else None,
    )


def _speaker(line: Any, voices: int) -> str | None:
    """Who says most of the line, as a number behind those of `voices` others; None where the library does not tell."""
    spoken: dict[int, float] = {}
    for span in getattr(line, "speaker_spans", None) or ():
        spoken[span.speaker_index] = spoken.get(span.speaker_index, 0.0) + span.duration
    return str(voices + max(spoken, key=lambda index: spoken[index]) + 1) if spoken else None


def _floats(samples: Samples) -> list[float]:
    values: list[float] = (samples / 32768).tolist()
    return values
