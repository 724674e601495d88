"""From a text to its translation: its language, the user's glossary, the translators, what speaks against the answer.

Sentences that were heard, lines that were read and texts that were typed all come through `Interpreter.translate`; what
it gives is shown by `bilingual.cards`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from host.contracts import LanguageIdentifier, Rendering, Translator, Translators
from host.errors import BackendMissingError, LanguageError, UntranslatedError, UsageError
from host.languages import LANGUAGES
from host.translate.bilingual import Bilingual
from host.translate.doubt import doubts
from host.translate.glossary import EMPTY, Glossary
from host.translate.scripts import language_by_script, scripts_in
from host.translate.sentences import Piece, joined, pieces

__all__ = ["AUTO", "Interpreter"]

AUTO = "auto"
"""Stands for the language of a text where that has to be found out."""

_GLOSSARY = "glossary"
"""What a term of the user's glossary is translated by."""

_SIGN = 12
"""Characters of a sign of nothing but Chinese ones."""

_ALREADY = 0.8
"""How likely a text is in the language that it is to be translated to, where that is taken for certain."""

_PHRASE = 200
"""Characters of a text that may be a phrase as a whole, though it has several sentences."""


@dataclass(slots=True)
class _Asked:
    """A piece of a text.

    Attributes:
        piece: as it was said.
        prepared: with the terms of the glossary in the other language.
        terms: that must be in its translation.
        answer: its translation; None as long as there is none.
        by: who gave that, or was asked last.
    """

    piece: Piece
    prepared: str
    terms: tuple[str, ...]
    answer: Rendering | None
    by: str


class Interpreter:
    """Translates texts; what it holds between them is only its parts."""

    def __init__(self, translators: Translators, identifier: LanguageIdentifier, *, glossary: Glossary = EMPTY) -> None:
        """Use these translators, this identifier for texts whose language is not known, and this glossary."""
        self._translators, self._identifier, self._glossary = translators, identifier, glossary

    async def language_of(self, text: str, among: Collection[str] | None = None) -> str:
        """The language of a text, ISO 639-1; as `identified`."""
        return (await self.identified(text, among))[0]

    async def identified(self, text: str, among: Collection[str] | None = None) -> tuple[str, float]:
        """The language of a text, ISO 639-1, and how likely it is, 0 to 1.

        Args:
            text: from anywhere.
            among: the languages it can be; None for all that are known.

        Raises:
            LanguageError: it holds no words, or none of these languages can be told.
            BackendMissingError: the script does not tell, and what would is not installed.
        """
        if not scripts_in(text):
            raise LanguageError("there are no words that a language could be told by", "Name it: --from")
        if among is not None and len(among) == 1:
            return next(iter(among)), 1.0
        by_script = language_by_script(text, among if among is not None else LANGUAGES)
        if by_script is not None:
            return by_script, 1.0
        return await self._identifier.identify(text, among)

    async def translate(
        self, text: str, source: str, target: str, *, progress: Callable[[str], None] | None = None
    ) -> Bilingual:
        """A text in another language. Cancelling breaks off what runs.

        Args:
            text: not empty; data, whatever it says.
            source: ISO 639-1 code of its language, or `AUTO`.
            target: ISO 639-1 code.
            progress: told the translation of a text of one piece while it grows.

        Raises:
            UsageError: the text is empty.
            LanguageError: its language is not known, is `target`, or nothing does this pair.
            UntranslatedError: those that do the pair do not hold it.
            BackendError: a translator failed.
        """
        text = text.strip()
        if not text:
            raise UsageError("there is no text to translate", "Give one")
        if source == AUTO:
            among = self._translators.sources(target)
            if among is not None and not among:
                raise LanguageError(
                    f"nothing here translates into {_name(target)}", "Name the language of the text, too: --from"
                )
            if (held := await self._sign(text, target, among)) is not None:
                return held
            source = await self._language_of(text, target, among)
            if source != target:
                try:
                    return await self.translate(text, source, target, progress=progress)
                except (LanguageError, UntranslatedError) as error:
                    taken = f"the text was taken for {_name(source)} (--from names another language), and "
                    raise type(error)(taken + error.message, error.hint) from error
        if source == target:
            raise LanguageError(
                f"the text is in {_name(target)} already", "Name its language (--from), or another one (--to)"
            )
        (found,) = await self.translate_all([text], source, target, progress=progress)
        if isinstance(found, UntranslatedError):
            raise found
        return found

    async def _language_of(self, text: str, target: str, among: Collection[str] | None) -> str:
        """The language of a text that is to be translated to `target`; that itself only where it is hardly another.

        Raises as `identified`.
        """
        if among is not None and "Han" not in scripts_in(text):  # no statistics tell a few Chinese characters apart
            with contextlib.suppress(BackendMissingError, LanguageError):
                language, share = await self.identified(text, {*among, target})
                if language != target or share >= _ALREADY:
                    return language
        return await self.language_of(text, among)

    async def translate_all(
        self, texts: Sequence[str], source: str, target: str, *, progress: Callable[[str], None] | None = None
    ) -> list[Bilingual | UntranslatedError]:
        """Texts in another language with as few questions to a translator as there can be. Cancelling breaks off.

        Args:
            texts: none empty; data, whatever they say.
            source: ISO 639-1 code of their language, which is not `target`.
            target: ISO 639-1 code.
            progress: as that of `translate`, if it is one text.

        Returns:
            Each text's translation, or that those that do the pair do not hold it.

        Raises:
            LanguageError: nothing does this pair.
            BackendError: a translator failed.
        """
        texts = [text.strip() for text in texts]
        terms = [self._glossary.whole(text, source, target) for text in texts]
        found: list[Bilingual | UntranslatedError | None] = [
            None if term is None else Bilingual(text, term, source, target, _GLOSSARY)
            for text, term in zip(texts, terms, strict=True)
        ]
        if None in found:
            translators = await self._translators.for_pair(source, target)
            for k, text in enumerate(texts):
                found[k] = found[k] or await self._phrase(text, source, target, translators)
            left = [k for k, held in enumerate(found) if held is None]
            done = await self._in_pieces([texts[k] for k in left], source, target, translators, progress)
            for k, both in zip(left, done, strict=True):
                found[k] = both
        return [both for both in found if both is not None]

    async def holds(self, text: str, source: str, target: str) -> bool:
        """Whether a text is a term of the glossary or a phrase as a whole.

        Args:
            text: data, whatever it says.
            source: ISO 639-1 code of its language.
            target: ISO 639-1 code.

        Raises:
            LanguageError: nothing does this pair.
            BackendError: a translator failed.
        """
        if self._glossary.whole(text, source, target) is not None:
            return True
        return await self._phrase(text, source, target, await self._translators.for_pair(source, target)) is not None

    async def _sign(self, text: str, target: str, among: Collection[str] | None) -> Bilingual | None:
        """A few Chinese characters as a phrase of whichever language has it; no statistics tell these apart."""
        if set(scripts_in(text)) != {"Han"} or len(text) > _SIGN:
            return None
        for language in ("zh", "ja"):
            if language != target and (among is None or language in among):
                held = await self._phrase(text, language, target, await self._translators.for_pair(language, target))
                if held is not None:
                    return held
        return None

    async def _phrase(self, text: str, source: str, target: str, translators: Sequence[Translator]) -> Bilingual | None:
        """The text as a phrase that a translator holds as a whole."""
        for translator in translators:
            if not translator.info.complete and len(text) <= _PHRASE:
                found = (await translator.translate([text], source, target))[0]
                if found is not None:
                    against = (*_given(found.doubt), *doubts(text, found.text, source, target))
                    name = translator.info.name
                    return Bilingual(text, found.text, source, target, name, against, found.keep_source)
        return None

    async def _in_pieces(
        self,
        texts: Sequence[str],
        source: str,
        target: str,
        translators: Sequence[Translator],
        progress: Callable[[str], None] | None,
    ) -> list[Bilingual | UntranslatedError]:
        """The texts piece by piece, each by the first translator that has an answer; each is asked once for all."""
        info = translators[-1].info
        texts_cut = [
            [self._asked(piece, source, target) for piece in pieces(text, info.longest, each=info.sentences)]
            for text in texts
        ]
        every = [asked for cut in texts_cut for asked in cut]
        follow = _only_text(progress) if progress is not None and len(every) == 1 else None
        for translator in translators:
            left = [asked for asked in every if asked.answer is None]
            if left:
                given = [asked.prepared if translator.info.complete else asked.piece.text for asked in left]
                found = await translator.translate(given, source, target, progress=follow)
                for asked, answer in zip(left, found, strict=True):
                    asked.answer, asked.by = answer, translator.info.name
        return [
            self._together(text, cut, source, target, translators) for text, cut in zip(texts, texts_cut, strict=True)
        ]

    def _asked(self, piece: Piece, source: str, target: str) -> _Asked:
        prepared, terms = self._glossary.applied(piece.text, source, target)
        whole = self._glossary.whole(piece.text, source, target)
        return _Asked(piece, prepared, terms, None if whole is None else Rendering(whole), _GLOSSARY)

    def _together(
        self, text: str, cut: Sequence[_Asked], source: str, target: str, translators: Sequence[Translator]
    ) -> Bilingual | UntranslatedError:
        """A text's translation from those of its pieces."""
        answers: list[Rendering] = []
        against: list[str] = []
        for asked in cut:
            answer, said = asked.answer, asked.piece.text
            if answer is None:
                return self._untranslated(said, source, target, translators)
            answers.append(answer)
            against += [*_given(answer.doubt), *doubts(said, answer.text, source, target)]
            folded = answer.text.casefold()
            against += [f"{term!r} of the glossary is missing" for term in asked.terms if term.casefold() not in folded]
        result = joined([answer.text for answer in answers], [asked.piece for asked in cut], target)
        names = (_GLOSSARY, *(translator.info.name for translator in translators))
        backend = "+".join(name for name in names if name in {asked.by for asked in cut})
        keep = any(answer.keep_source for answer in answers)
        return Bilingual(text, result, source, target, backend, tuple(dict.fromkeys(against)), keep)

    def _untranslated(
        self, piece: str, source: str, target: str, translators: Sequence[Translator]
    ) -> UntranslatedError:
        names = " and ".join(translator.info.name for translator in translators)
        pair = f"{_name(source)} to {_name(target)}"
        return UntranslatedError(
            f"{piece!r:.80} is not in the {names}, and nothing else here translates {pair}",
            self._translators.ways(source, target),
        )


def _name(language: str) -> str:
    return LANGUAGES.get(language, language)


def _given(doubt: str) -> tuple[str, ...]:
    return (doubt,) if doubt else ()


def _only_text(progress: Callable[[str], None]) -> Callable[[int, str], None]:
    return lambda _index, text: progress(text)
