"""A speech server that speaks OpenAI's protocol: POST {base}/audio/transcriptions, one WAV file an utterance.

OpenAI itself, vLLM, speaches, LocalAI and others answer so (reference: platform.openai.com/docs/api-reference/audio).
Nothing comes back while somebody speaks. Times of words are asked for; a server that refuses them is asked once more
for the text alone, and only for that from then on. A request that failed for a passing reason is made once more.
"""

from __future__ import annotations

import json
import math
import re
import secrets
import struct
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from host.backends.openai_protocol import Server, patiently, refusal
from host.backends.worker import Load
from host.config import Settings
from host.contracts import Hypothesis, RecogniserInfo, Samples, Word
from host.endpoint import Answer, Endpoint
from host.errors import BackendError, LanguageError, UsageError
from host.languages import language_code

__all__ = ["OpenAiRecogniser", "form", "notices", "parse_answer", "start", "wav"]

RATE_HZ: Final = 16_000
ANSWER_TIMEOUT_S: Final = 60.0  # 20 s of speech on a server that runs a large model without a GPU
SHORTEST_S: Final = 0.1  # OpenAI refuses less: "Minimum audio length is 0.1 seconds"
LONGEST_S: Final = 120.0  # 3.8 MB, within OpenAI's limit of 25 MB; an utterance is finished here whoever goes on
DEFAULT_MODEL: Final = "whisper-1"  # the name in OpenAI's reference; servers with one model take any name

AUTO: Final = "auto"
"""The language that stands for "whichever is spoken"; the server is then not told one, as its reference has it."""

_WORDS_LIMIT: Final = 5000
_TEXT_LIMIT: Final = 50_000  # characters; two minutes of speech have two thousand
_SERVER: Final = Server("transcription", "openai.base_url", "openai.model", "SIDELIGHT_OPENAI_API_KEY")

# A segment is silence in which the model imagines words where it says both: Whisper's own rule and thresholds
# (openai/whisper, transcribe.py: no_speech_threshold, logprob_threshold).
_NO_SPEECH: Final = 0.6
_UNLIKELY: Final = -1.0


async def start(
    settings: Settings,
    environment: Mapping[str, str],
    _on_cpu: Callable[[float], None] | None,
) -> OpenAiRecogniser:
    """The server that the settings name; nothing is sent yet. Raises UsageError."""
    endpoint = _SERVER.endpoint(settings.openai_base_url, environment)
    return OpenAiRecogniser(endpoint, settings.openai_model or DEFAULT_MODEL)


def notices(settings: Settings) -> list[tuple[str, str, str]]:
    """What a user should know: that what is said leaves the computer, and where it goes."""
    endpoint = Endpoint(settings.openai_base_url, setting=_SERVER.address)
    if endpoint.loopback:
        return []
    return [("sound-leaves", f"the sound is sent to {endpoint}", "")]


class OpenAiRecogniser:
    """A speech server; sessions share it."""

    def __init__(self, endpoint: Endpoint, model: str, *, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        """Prepare; nothing is sent.

        Args:
            endpoint: the server.
            model: what it calls its model.
            timeout_s: for a whole answer.
        """
        self.endpoint, self.model, self.timeout_s = endpoint, model, timeout_s
        self._info = RecogniserInfo(
            name="openai",
            languages=(),
            streaming=False,
            segments=False,
            local=endpoint.loopback,
            quality="as good as the server's model; text comes when a sentence is over",
            licence="the server's",
        )
        self.with_times = True
        """Whether times are asked for; False after the server has refused them."""
        self._calls = 0
        self._waiting = 0

    @property
    def info(self) -> RecogniserInfo:
        """What it can do."""
        return self._info

    @property
    def load(self) -> Load:
        """Requests so far; the server's work is not ours."""
        return Load(calls=self._calls, waiting=self._waiting)

    async def open(self, language: str, *, start_s: float = 0.0) -> _Session:
        """Start a session; "auto" leaves it to the server. Raises LanguageError for what is no language code."""
        if language != AUTO and not re.fullmatch(r"[a-z]{2,3}", language):
            raise LanguageError(f"{language!r:.20} is no language code", "Write it as en, de or zh")
        return _Session(self, language, round(start_s * RATE_HZ))

    async def close(self) -> None:
        """Let go of the server. Repeated calls do nothing. Never raises."""
        self.endpoint.close()

    async def transcribe(self, samples: Samples, language: str) -> bytes:
        """The server's answer about an utterance. Raises BackendError."""
        self._waiting += 1
        try:
            answer = await patiently(lambda: self._post(samples, language, with_times=self.with_times))
            if answer.status in (400, 422) and self.with_times:
                # Either the server cannot give times, or the request is bad; without them it shows which.
                plain = await self._post(samples, language, with_times=False)
                if plain.status < 400:
                    self.with_times = False
                answer = plain
            if answer.status >= 400:
                raise refusal(answer, self.endpoint, _SERVER, self.model)
        finally:
            self._waiting -= 1
        self._calls += 1
        return answer.body

    async def _post(self, samples: Samples, language: str, *, with_times: bool) -> Answer:
        body, kind = form(wav(samples), self.model, language, with_times=with_times)
        return await self.endpoint.post("/audio/transcriptions", body, kind, timeout_s=self.timeout_s)


class _Session:
    """Collects an utterance and has it transcribed when it is over."""

    def __init__(self, recogniser: OpenAiRecogniser, language: str, position: int) -> None:
        self._recogniser, self._language = recogniser, language
        self._begun = position
        self._held: list[Samples] = []
        self._count = 0

    async def feed(self, samples: Samples) -> list[Hypothesis]:
        self._held.append(samples)
        self._count += len(samples)
        return await self.end_utterance() if self._count >= LONGEST_S * RATE_HZ else []

    async def end_utterance(self) -> list[Hypothesis]:
        samples = np.concatenate([np.empty(0, np.int16), *self._held])
        begun, self._begun = self._begun, self._begun + len(samples)
        self._held, self._count = [], 0
        if len(samples) < SHORTEST_S * RATE_HZ:
            return []
        body = await self._recogniser.transcribe(samples, self._language)
        try:
            heard = parse_answer(body, len(samples) / RATE_HZ)
        except ValueError as error:
            address = self._recogniser.endpoint
            raise BackendError(
                f"{address} answered {error}", f"Check {_SERVER.address}; it usually ends in /v1"
            ) from error
        return [_placed(heard, begun / RATE_HZ, self._language)] if heard.text else []

    async def close(self) -> None:
        self._held = []


def wav(samples: Samples) -> bytes:
    """16 kHz mono 16-bit samples as a WAV file."""
    data = samples.astype("<i2", copy=False).tobytes()
    head = struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16
    )
    return head + struct.pack("<4sI", b"data", len(data)) + data


def form(sound: bytes, model: str, language: str, *, with_times: bool) -> tuple[bytes, str]:
    """The request's body and its media type (multipart/form-data, RFC 7578)."""
    fields = [("model", model), ("response_format", "verbose_json" if with_times else "json")]
    if language != AUTO:
        fields.append(("language", language))
    if with_times:
        fields += [("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment")]
    boundary = secrets.token_hex(16)  # 128 random bits are not in the sound
    parts = [f'form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields]
    parts.append(b'form-data; name="file"; filename="speech.wav"\r\nContent-Type: audio/wav\r\n\r\n' + sound)
    body = b"".join(b"--%s\r\nContent-Disposition: %s\r\n" % (boundary.encode(), part) for part in parts)
    return body + b"--%s--\r\n" % boundary.encode(), f"multipart/form-data; boundary={boundary}"


def parse_answer(body: bytes, duration_s: float) -> Hypothesis:
    """What the server heard, with times from the start of the utterance; its text may be empty.

    Args:
        body: the answer.
        duration_s: of the utterance; times beyond it are cut off.

    Raises:
        ValueError: the answer is none; the words say what it is instead.
    """
    if body.lstrip()[:1] == b"<":
        raise ValueError("with a web page")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("with something that is not JSON") from None
    text = found.get("text") if isinstance(found, dict) else None
    if not isinstance(text, str):
        raise ValueError("without a text")  # noqa: TRY004 - the value is what is wrong, as above
    segments = [s for s in _entries(found, "segments") if isinstance(s.get("text"), str)]
    spoken = [s for s in segments if not _imagined(s)]
    if len(spoken) < len(segments):
        text = " ".join(s["text"] for s in spoken)
    words = () if len(spoken) < len(segments) else tuple(_words(found, duration_s))
    return Hypothesis(
        text=_line(text),
        final=True,
        start_s=words[0].start_s if words else 0.0,
        end_s=words[-1].end_s if words else duration_s,
        words=words,
        confidence=_confidence(spoken),
        language=_language(found.get("language")),
    )


def _placed(heard: Hypothesis, begun_s: float, language: str) -> Hypothesis:
    """At its place in the recording."""
    return replace(
        heard,
        start_s=heard.start_s + begun_s,
        end_s=heard.end_s + begun_s,
        words=tuple(replace(w, start_s=w.start_s + begun_s, end_s=w.end_s + begun_s) for w in heard.words),
        language=heard.language if language == AUTO else language,
    )


def _entries(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    entries = found.get(name)
    return [e for e in entries[:_WORDS_LIMIT] if isinstance(e, dict)] if isinstance(entries, list) else []


def _words(found: Mapping[str, Any], duration_s: float) -> Iterator[Word]:
    """Words whose times make sense: in order, and within the utterance."""
    last_s = 0.0
    for entry in _entries(found, "words"):
        text, start_s, end_s = entry.get("word"), _number(entry.get("start")), _number(entry.get("end"))
        if isinstance(text, str) and start_s is not None and end_s is not None and (word := _line(text)):
            begun_s = min(max(start_s, last_s), duration_s)
            last_s = min(max(end_s, begun_s), duration_s)
            yield Word(word, begun_s, last_s)


def _imagined(segment: Mapping[str, Any]) -> bool:
    silent, likely = _number(segment.get("no_speech_prob")), _number(segment.get("avg_logprob"))
    return silent is not None and likely is not None and silent > _NO_SPEECH and likely < _UNLIKELY


def _confidence(segments: list[dict[str, Any]]) -> float | None:
    """The likelihood of a token, averaged as Whisper's segments give it; None where the server does not."""
    likely = [p for s in segments if (p := _number(s.get("avg_logprob"))) is not None]
    return math.exp(min(0.0, sum(likely) / len(likely))) if likely else None


def _language(said: object) -> str | None:
    """The code of a language that the server names, by its English name or its code; None where it names none."""
    try:
        found = language_code(said) if isinstance(said, str) else AUTO
    except UsageError:
        return None
    return None if found == AUTO else found


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _line(text: str) -> str:
    """One line without control characters."""
    kept = "".join(c if unicodedata.category(c) != "Cc" else " " for c in text[:_TEXT_LIMIT])
    return " ".join(kept.split())
