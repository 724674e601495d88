"""Texts from one language into another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Rendering", "SpeechInterpreter", "Translation", "Translator", "TranslatorInfo", "Translators"]


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


@dataclass(frozen=True, slots=True)
class Translation:
    """A sentence in another language, or why there is none.

    Attributes:
        text: data, whatever it says; empty where it is missing, or still to come.
        language: ISO 639-1 code that it is in, or would be.
        translator: what made it, several with a plus between them; empty where it is missing.
        doubts: what speaks against it, as phrases.
        keep_source: True where the original must be shown beside it.
        missing: why there is none, as a phrase; empty where there is one, or will be.
    """

    text: str
    language: str
    translator: str = ""
    doubts: tuple[str, ...] = ()
    keep_source: bool = False
    missing: str = ""

    @property
    def uncertain(self) -> bool:
        """True where something speaks against it; the original must be shown then."""
        return bool(self.doubts)


class SpeechInterpreter(Protocol):
    """Puts sentences as they were heard into another language, or into the other one of two."""

    async def language_of(self, text: str, heard: str | None) -> str:
        """The language of a sentence, ISO 639-1; empty where it cannot be told. Never raises a HostError.

        Args:
            text: of the sentence, not empty.
            heard: what the recogniser takes it for; None where it does not say.
        """
        ...

    async def translate(self, text: str, language: str) -> Translation:
        """A sentence in the language that it is to be read in. Cancelling breaks off what runs.

        Args:
            text: not empty; data, whatever it says.
            language: as `language_of` told.

        Raises:
            HostError: there is no translation.
        """
        ...

    async def try_out(self) -> None:
        """Have one word translated, which nobody sees, so that what is broken is known before anybody speaks.

        Cancelling breaks off what runs.

        Raises:
            HostError: there is no translation.
        """
        ...

    def target_of(self, language: str) -> str:
        """The language that a sentence in `language` is to be read in."""
        ...
