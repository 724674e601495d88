"""What a feature needs of the world: microphone, lens, voice activity, recogniser.

Features import this file, never a backend or the glasses; `host/app` joins the two. Sound is mono; one sample is a
signed 16-bit integer; times are seconds from the first sample of a recording.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from host.lens.display_list import DisplayList

Samples = npt.NDArray[np.int16]
"""Mono sound, shape (n,), -32768 to 32767."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of sound as it came from a microphone.

    Attributes:
        samples: shape (n,), n >= 1, int16 whatever bit depth it was carried with.
        start: index of the first sample in the recording; chunks are contiguous and a gap is a chunk of silence.
        rate_hz: samples a second, 16000 or 8000.
        bits: bit depth it was carried with, 8 or 16.
        lost_reason: None for sound; for a stretch of silence that stands for lost sound, why it was lost.
        heard_at_s: event loop time at which the last sample was spoken, as near as it is known; what latency
            figures are measured from.
    """

    samples: Samples
    start: int
    rate_hz: int
    bits: int = 16
    lost_reason: str | None = None
    heard_at_s: float = 0.0


class Microphone(Protocol):
    """A source of sound: the glasses, a file, this computer's microphone."""

    @property
    def rate_hz(self) -> int:
        """Samples a second of every chunk."""
        ...

    def chunks(self) -> AsyncIterator[AudioChunk]:
        """Sound until the source ends (a file) or the iterator is closed (`aclose` stops the microphone)."""
        ...


class Lens(Protocol):
    """What the wearer looks at."""

    @property
    def width(self) -> int:
        """Pixels across: 640 on Frame."""
        ...

    @property
    def height(self) -> int:
        """Pixels down: 400 on Frame."""
        ...

    async def show(self, picture: DisplayList) -> None:
        """Make the lens show this and nothing else; only what changed crosses the link.

        Returns when the glasses have it. While a call waits, a newer picture replaces it: the newest always wins,
        and every waiting call returns when its picture or a newer one is there. During a lost link it waits for
        the link to come back. Cancelling leaves either the old or the new picture, whole.

        Raises:
            LensError: it cannot be drawn, or the glasses are gone for good.
        """
        ...


class VoiceActivity(Protocol):
    """Tells speech from the rest, frame by frame of 512 samples at 16 kHz; holds state, one object a stream."""

    def probability(self, frame: Samples) -> float:
        """Probability of speech in the next frame, 0 to 1. Raises ValueError for a frame of another length."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word with its place in the recording, and the recogniser's trust in it (0 to 1 or None)."""

    text: str
    start_s: float
    end_s: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a recogniser makes of the sound so far.

    Attributes:
        text: as recognised; data, whatever it says.
        final: True when it will not change any more.
        start_s: where its sound begins in the recording.
        end_s: where its sound ends.
        words: its words with times, where the recogniser gives them.
        confidence: 0 to 1; None where the recogniser gives none worth having.
        language: ISO 639-1 code; None where the recogniser does not say.
        speaker: a label; None where speakers are not told apart.
    """

    text: str
    final: bool
    start_s: float
    end_s: float
    words: Sequence[Word] = ()
    confidence: float | None = None
    language: str | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class RecogniserInfo:
    """What a recogniser can do; known without loading it.

    Attributes:
        name: as given to `--transcriber`.
        languages: ISO 639-1 codes it can be opened with; empty for "ask the server".
        streaming: True if partial hypotheses come while somebody speaks.
        segments: True if it finds the ends of sentences itself; else the caller says where an utterance ends.
        local: True if no sound leaves this computer.
        quality: one phrase, honest: "rough" for what gets a third of the words wrong.
        licence: of code and models.
    """

    name: str
    languages: tuple[str, ...]
    streaming: bool
    segments: bool
    local: bool
    quality: str
    licence: str


class RecogniserSession(Protocol):
    """One stream of sound being recognised; 16 kHz. Made by `Recogniser.open`, closed by its `async with`."""

    async def feed(self, samples: Samples) -> list[Hypothesis]:
        """Take the next stretch of sound; what is new, oldest first (often nothing).

        Calls are made one after another. Cancelling leaves the session unusable: close it.

        Raises:
            BackendError: the recogniser failed; with `retry` the session goes on with the next utterance.
        """
        ...

    async def end_utterance(self) -> list[Hypothesis]:
        """Somebody stopped speaking (or the sound ends): what is left, finished. Raises BackendError."""
        ...

    async def close(self) -> None:
        """Release the session; repeated calls do nothing. Never raises."""
        ...


class Recogniser(Protocol):
    """A loaded speech recogniser; its model is ready and shared by the sessions it opens."""

    @property
    def info(self) -> RecogniserInfo:
        """What it can do."""
        ...

    async def open(self, language: str, *, start_s: float = 0.0) -> RecogniserSession:
        """Start recognising; `start_s` is the place in the recording of the first sample that will be fed.

        Raises:
            LanguageError: it does not speak `language`.
            BackendError: it cannot start.
        """
        ...

    async def close(self) -> None:
        """Unload. Repeated calls do nothing. Never raises."""
        ...


class SoundKeeper(Protocol):
    """Where the sound itself is kept, if the user asked for it."""

    def write(self, samples: Samples) -> None:
        """Append sound. Raises StoreError, DiskFullError."""
        ...


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """What a speaker embedder's figures mean; known without loading it.

    Attributes:
        model: name of the model; embeddings of different models cannot be compared.
        alike: cosine from which two utterances are taken to be of one voice, -1 to 1.
        unlike: cosine below which they are taken to be of two, at most `alike`.
    """

    model: str
    alike: float
    unlike: float


class SpeakerEmbedder(Protocol):
    """Turns an utterance into a direction that depends on the voice, not on the words."""

    @property
    def info(self) -> EmbedderInfo:
        """What its figures mean."""
        ...

    async def embed(self, samples: Samples) -> tuple[float, ...]:
        """The embedding of an utterance of one speaker, 16 kHz; empty where there is too little sound for one.

        All that are not empty have the same length. Raises BackendError.
        """
        ...

    async def close(self) -> None:
        """Unload. Repeated calls do nothing. Never raises."""
        ...


class LanguageModel(Protocol):
    """Answers questions in words. It gets no tools; what it is given to read is data, and so is its answer."""

    @property
    def name(self) -> str:
        """Model and where it runs, fit to be shown."""
        ...

    @property
    def local(self) -> bool:
        """True if nothing leaves this computer."""
        ...

    async def ask(self, instructions: str, text: str, *, as_json: bool = False) -> str:
        """One answer to `text`, following `instructions`; with `as_json` it should be one JSON object.

        Raises:
            BackendError: no answer, or none that is whole.
        """
        ...

    async def close(self) -> None:
        """Let go of it. Repeated calls do nothing. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice as a model hears it.

    Attributes:
        label: a person's name, or a number as text.
        embedding: the direction, not empty; its length says nothing.
        seconds: of speech that it was made of, more than 0.
    """

    label: str
    embedding: tuple[float, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class TranslatorInfo:
    """What a translator can do; known without asking it.

    Attributes:
        name: as given to `--translator`.
        local: True if no text leaves this computer.
        streaming: True if a translation can be seen while it grows.
        sentences: True if it takes one sentence at a time; else texts of any length up to `longest`.
        longest: characters of a text that it takes at once.
        complete: False if it answers only what it holds, and nothing else.
        quality: one phrase, honest: "rough" for what gives no more than the gist.
        licence: of code and models or phrases.
    """

    name: str
    local: bool
    streaming: bool
    sentences: bool
    longest: int
    complete: bool
    quality: str
    licence: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """One text in another language.

    Attributes:
        text: data, whatever it says.
        doubt: why the translator itself does not trust it, as a phrase; empty where it does.
        keep_source: True where the original must be shown beside it.
    """

    text: str
    doubt: str = ""
    keep_source: bool = False


class Translator(Protocol):
    """Texts from one language into another. What it is given is data, and so is its answer."""

    @property
    def info(self) -> TranslatorInfo:
        """What it can do."""
        ...

    async def translate(
        self,
        texts: Sequence[str],
        source: str,
        target: str,
        *,
        progress: Callable[[int, str], None] | None = None,
    ) -> list[Rendering | None]:
        """Each text in the language `target`; None for one that it does not hold.

        Cancelling breaks off what runs; the translator can be used again.

        Args:
            texts: none empty; of sentences and lengths as `info` says.
            source: ISO 639-1 code of the language they are in.
            target: of the other.
            progress: told the index of a text and its translation so far, where `info.streaming`.

        Raises:
            LanguageError: it does not do this pair.
            BackendError: it failed; with `retry` the next call may succeed.
        """
        ...

    async def close(self) -> None:
        """Let go of it. Repeated calls do nothing. Never raises."""
        ...


class Translators(Protocol):
    """The translators there are for a pair of languages."""

    def sources(self, target: str) -> frozenset[str] | None:
        """Languages (ISO 639-1) that can be translated into `target`; None where only a server knows."""
        ...

    async def for_pair(self, source: str, target: str) -> Sequence[Translator]:
        """Those to ask, one after the other, until one has an answer. Raises HostError where there is none."""
        ...

    def ways(self, source: str, target: str) -> str:
        """What would give a (better) translator for this pair, with the exact commands."""
        ...


class LanguageIdentifier(Protocol):
    """Tells which language a text is in."""

    async def identify(self, text: str, among: Collection[str] | None) -> tuple[str, float]:
        """The most likely language (ISO 639-1), of these where any are given, and how likely, 0 to 1.

        Raises:
            LanguageError: it knows none of these.
            BackendMissingError: its library is not installed.
        """
        ...


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What the journal keeps of one sentence, gap or bookmark.

    Attributes:
        kind: which of the three.
        start_s: where it begins; of a bookmark, where it was set.
        end_s: where it ends; of a bookmark, `start_s`.
        text: what was said; of a gap, its reason; of a bookmark, empty.
        language: ISO 639-1 code of a sentence; empty where nobody knows.
        confidence: 0 to 1, or None.
        speaker: a name, a number as text, or None.
        words: with times, where the recogniser gives them.
    """

    kind: Literal["sentence", "gap", "bookmark"]
    start_s: float
    end_s: float
    text: str
    language: str = ""
    confidence: float | None = None
    speaker: str | None = None
    words: Sequence[Word] = field(default=())


class Journal(Protocol):
    """An open transcript; what `add` returned for is on disk and survives a crash or a power cut."""

    @property
    def id(self) -> int:
        """Number of the transcript, as `transcripts show` takes it."""
        ...

    def add(self, entry: JournalEntry) -> None:
        """Commit one entry to disk before returning. Raises StoreError, DiskFullError; earlier entries are safe."""
        ...

    def keep_voices(self, model: str, voices: Sequence[Voice], merged: Mapping[str, str]) -> None:
        """Commit what the voices of this transcript sound like, in place of what was kept before.

        Args:
            model: whose embeddings they are.
            voices: one a label.
            merged: labels that turned out to be another's voice, and whose; their sentences become that one's.

        Raises:
            StoreError, DiskFullError: nothing has changed.
        """
        ...

    def close(self) -> None:
        """Mark the transcript complete. An unclosed one is kept too, marked as interrupted."""
        ...
