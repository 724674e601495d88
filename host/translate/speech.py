"""Sentences that were heard, translated one way or both ways between two languages; a `SpeechInterpreter`."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final

from host.contracts import Translation
from host.errors import HostError, LanguageError
from host.languages import LANGUAGES
from host.translate.pipeline import AUTO, Interpreter
from host.translate.scripts import language_by_script

__all__ = ["OneWay", "TwoWay", "some_source"]

_WORD: Final = "Hello"  # to try a translator out

_LONGEST: Final = 10_000  # characters of a sentence that are given to a translator

_SURE: Final = 0.9
"""Share of probability from which statistics are trusted. Of 1092 phrases in six pairs of languages, most of one to
five words, 974 of 980 above it were told rightly, and 72 of 112 below it."""

_DOUBTED: Final = 64  # sentences whose language is doubted and that are still to be translated; there are a few


def some_source(target: str) -> str:
    """A language (ISO 639-1) that most translators put into `target`, where nobody knows which will be spoken."""
    return "es" if target == "en" else "en"


class OneWay:
    """Everything is put into one language."""

    def __init__(self, interpreter: Interpreter, source: str, target: str) -> None:
        """Translate from `source` (ISO 639-1, or `AUTO`) to `target`."""
        self._interpreter, self._source, self._target = interpreter, source, target

    async def language_of(self, text: str, heard: str | None) -> str:
        """The one that is spoken, else the recogniser's own answer, else that of the text; empty where none tells."""
        if self._source != AUTO:
            return self._source
        if heard:
            return heard
        try:
            return await self._interpreter.language_of(text)
        except HostError:
            return ""

    async def try_out(self) -> None:
        """Translate a word. Raises HostError."""
        source = self._source if self._source != AUTO else some_source(self._target)
        await self._interpreter.translate(_WORD, source, self._target)

    def target_of(self, language: str) -> str:  # noqa: ARG002 - a `SpeechInterpreter`
        """Always the same."""
        return self._target

    async def translate(self, text: str, language: str) -> Translation:
        """A sentence in the other language. Raises HostError."""
        return await _translated(self._interpreter, text, language or AUTO, self._target)


class TwoWay:
    """Each sentence is in one of two languages and is put into the other."""

    def __init__(self, interpreter: Interpreter, languages: tuple[str, str], *, told_apart: bool) -> None:
        """Translate between two languages (ISO 639-1).

        Args:
            interpreter: translates, and tells languages by script and by statistics.
            languages: the two.
            told_apart: whether the recogniser says of each sentence which language it is in.
        """
        self._interpreter, self._languages, self._told_apart = interpreter, languages, told_apart
        self._doubted: deque[str] = deque(maxlen=_DOUBTED)

    async def language_of(self, text: str, heard: str | None) -> str:
        """By the script, where only one has it; else the recogniser's own answer; else by statistics of the two."""
        by_script = language_by_script(text, self._languages)
        if by_script is not None:
            return by_script
        if self._told_apart and heard in self._languages:
            return str(heard)
        try:
            language, share = await self._interpreter.identified(text, self._languages)
        except HostError:
            return ""
        if share < _SURE:
            self._doubted.append(text)
        return language

    async def try_out(self) -> None:
        """Translate a word one way. Raises HostError."""
        await self._interpreter.translate(_WORD, *self._languages)

    def target_of(self, language: str) -> str:
        """The other one; the second where nobody knows the language."""
        return self._languages[0] if language == self._languages[1] else self._languages[1]

    async def translate(self, text: str, language: str) -> Translation:
        """A sentence in the other language, uncertain where it may have been in that one. Raises HostError."""
        if not language:
            names = " or ".join(LANGUAGES.get(code, code) for code in self._languages)
            raise LanguageError(f"whether it is {names} cannot be told")
        target = self.target_of(language)
        found = await _translated(self._interpreter, text, language, target)
        if text not in self._doubted:
            return found
        return replace(found, doubts=(*found.doubts, f"it may be {LANGUAGES.get(target, target)} already"))


async def _translated(interpreter: Interpreter, text: str, source: str, target: str) -> Translation:
    both = await interpreter.translate(text[:_LONGEST], source, target)
    return Translation(both.target, target, both.backend, both.doubts, both.keep_source)
