"""A sign or a menu in another language, passage by passage, and the pages of the lens that show it.

Amounts are never given to a translator: a dish is translated and its price stands behind it as printed. What may be
misread, what has lost something, and what has no translation shows the original with a question mark.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from host.contracts import Translation
from host.errors import BackendError, HostError, LanguageError, UntranslatedError
from host.lens.cards import UNCERTAIN, Block, FontOf, both_texts
from host.lens.display_list import DisplayList
from host.lens.font import Font
from host.lens.pages import Footer, paged
from host.lens.shape import LensShape
from host.lens.shaping import TextSize
from host.read.layout import Block as TextBlock
from host.read.layout import Passage
from host.read.menu import is_amount
from host.translate.bilingual import Bilingual
from host.translate.kept import is_address
from host.translate.pipeline import AUTO, Interpreter
from host.translate.scripts import scripts_in, written_in

__all__ = [
    "MAX_LETTERS",
    "MAX_PASSAGES",
    "MISREAD",
    "SignInterpreter",
    "TranslatedPassage",
    "bounded",
    "sign_pages",
]

MAX_LETTERS: Final = 10_000
"""Characters of one photo that are translated: some fifty pages of the lens."""

MAX_PASSAGES: Final = 200
"""Passages of one photo that are translated: each is a question to a translator."""

MISREAD: Final = "it may be misread"
"""The doubt of a translation whose original the reader was not sure of."""

SURE: Final = 0.99
"""How likely the language of a block must be to be told by itself; else all text of its script is looked at together.

Of 120 short signs and dishes in six languages 47 are as likely, all of them right; at 0.9 two of 59 are wrong.
"""

_FIRST: Final = 4  # passages that a translator is first asked for at once: a page of the lens
_BATCH: Final = 16  # afterwards

_SIGN: Final = 80
"""Characters of a sign that is shown in large letters."""

_HAN: Final = 12  # characters without kana that may as well be Chinese as Japanese


@dataclass(frozen=True, slots=True)
class TranslatedPassage:
    """A passage of a sign, and what became of it.

    Attributes:
        source: the original; data, whatever it says.
        language: ISO 639-1 code that it is in; empty where there are no words.
        translation: of it, the same text by no translator where nothing is to be translated.
        error: why there is no translation; None where there is.
    """

    source: str
    language: str
    translation: Translation
    error: HostError | None = None

    @property
    def kept(self) -> bool:
        """True where nothing was to be translated: amounts, addresses, text in the reader's language."""
        return not self.translation.missing and not self.translation.translator


def bounded(blocks: Sequence[TextBlock]) -> tuple[list[list[Passage]], int]:
    """The passages of each block, as far as they are translated, and how many are left out."""
    kept: list[list[Passage]] = []
    letters = count = left = 0
    for block in blocks:
        inside = []
        for passage in block.passages:
            room = MAX_LETTERS - letters
            if count >= MAX_PASSAGES or room <= 0 or (len(passage.text) > room and len(passage.cells) > 1):
                left += 1
                continue
            if len(passage.text) > room:
                passage = replace(passage, cells=(passage.cells[0][:room],), ends=())  # noqa: PLW2901 - its beginning
                left += 1
            letters += len(passage.text)
            count += 1
            inside.append(passage)
        if inside:
            kept.append(inside)
    return kept, left


class SignInterpreter:
    """Translates what was read in photos into one language."""

    def __init__(self, interpreter: Interpreter, source: str, target: str, among: Collection[str] | None) -> None:
        """Translate.

        Args:
            interpreter: what translates.
            source: ISO 639-1 code of all there is to read, or `AUTO`.
            target: ISO 639-1 code.
            among: languages that can be translated into `target`; None for all.
        """
        self._interpreter, self.source, self._target = interpreter, source, target
        self._among = frozenset(among) | {target} if among else None

    async def translate(self, blocks: Sequence[Sequence[Passage]]) -> AsyncIterator[TranslatedPassage]:
        """The passages in reading order, each as it is translated; never raises for one that cannot be.

        After a translator failed none is asked again for this sign.

        Args:
            blocks: as `bounded` gives them.

        Raises:
            BackendMissingError: what would tell the language is not installed.
        """
        parts = [
            (part, language)
            for block, language in zip(blocks, await self._languages(blocks), strict=True)
            for passage in block
            for part in await self._parts(passage, language)
        ]
        failed: BackendError | None = None
        for language, batch in _batches(parts):
            answers = await self._answers(batch, language, failed)
            for part in batch:
                done = self._passage(part, language, answers)
                if isinstance(done.error, BackendError):
                    failed = done.error
                yield done

    async def _languages(self, blocks: Sequence[Sequence[Passage]]) -> list[str]:
        """The language of each block; empty where there are no words."""
        if self.source != AUTO:
            return [self.source] * len(blocks)
        cells = [[cell for passage in block for cell in passage.cells if not _is_kept(cell)] for block in blocks]
        texts = [" ".join(of_block) for of_block in cells]
        scripts = [_script(text) for text in texts]
        together = {
            script: " ".join(t for t, s in zip(texts, scripts, strict=True) if s == script) for script in scripts
        }
        found = []
        for text, script in zip(texts, scripts, strict=True):
            language, likely = await self._language(text) if script else ("", 1.0)
            found.append(language if likely >= SURE else (await self._language(together[script]))[0])
        return found

    async def _language(self, text: str) -> tuple[str, float]:
        """Its language, and how likely; of those that can be translated, unless its script is none of theirs."""
        script = scripts_in(text).most_common(1)[0][0]
        known = self._among is None or any(script in written_in(language) for language in self._among)
        try:
            return await self._interpreter.identified(text, self._among if known else None)
        except LanguageError:
            return await self._interpreter.identified(text)

    async def _parts(self, passage: Passage, language: str) -> list[Passage]:
        """The passage; a row that it was joined from, or a pair of rows, that is held as it is stands by itself."""
        if not passage.ends or language in ("", self._target) or await self._holds(passage.text, language):
            return [passage]
        text, ends = passage.text, (0, *passage.ends)
        found: list[str] = []
        joins = False  # whether the next row goes on with what was found last
        at = 0
        while at + 1 < len(ends):
            for rows in (2, 1):
                row = text[ends[at] : ends[min(at + rows, len(ends) - 1)]]
                if held := await self._holds(row.strip(), language):
                    break
            found = [*found[:-1], found[-1] + row] if joins and not held else [*found, row]
            joins, at = not held, at + (rows if held else 1)
        return [Passage((part.strip(),), passage.unsure) for part in found]

    async def _holds(self, text: str, language: str) -> bool:
        """Whether a text is a phrase as a whole; False where nobody can tell."""
        try:
            return any(
                [await self._interpreter.holds(text, tag, self._target) for tag in self._readings(text, language)]
            )
        except HostError:
            return False

    async def _answers(
        self, batch: Sequence[Passage], language: str, failed: BackendError | None
    ) -> dict[str, Bilingual | HostError]:
        """What becomes of each cell that is to be translated."""
        if language in ("", self._target):
            return {}
        cells = list(dict.fromkeys(cell for passage in batch for cell in passage.cells if not _is_kept(cell)))
        if not cells or failed is not None:
            return dict.fromkeys(cells, failed) if failed is not None else {}
        try:
            found = await self._asked(cells, language)
        except BackendError as error:
            if len(cells) == 1 or error.retry:
                return dict.fromkeys(cells, error)
            found = await self._one_by_one(cells, language)
        except HostError as error:
            return dict.fromkeys(cells, error)
        return dict(zip(cells, found, strict=True))

    async def _one_by_one(self, cells: Sequence[str], language: str) -> list[Bilingual | HostError]:
        """Cells of which a translator cannot do one: those before it are translated. After it none is asked for."""
        found: list[Bilingual | HostError] = []
        for cell in cells:
            try:
                found += await self._asked([cell], language)
            except BackendError as error:
                return [*found, *[error] * (len(cells) - len(found))]
        return found

    async def _asked(self, cells: Sequence[str], language: str) -> list[Bilingual | HostError]:
        """Each in the other language; a few Chinese characters may be a phrase of Japanese, or the other way round."""
        found: list[Bilingual | HostError] = [*await self._interpreter.translate_all(cells, language, self._target)]
        for k, cell in enumerate(cells):
            if isinstance(found[k], UntranslatedError):
                for other in self._readings(cell, language)[1:]:
                    with contextlib.suppress(HostError):
                        (held,) = await self._interpreter.translate_all([cell], other, self._target)
                        found[k] = held if isinstance(held, Bilingual) else found[k]
        return found

    def _passage(
        self, passage: Passage, language: str, answers: Mapping[str, Bilingual | HostError]
    ) -> TranslatedPassage:
        said, names, doubts, keep = [], [], [MISREAD] if passage.unsure else [], False
        for cell in passage.cells:
            both = answers.get(cell)
            if both is None:
                said.append(cell)
                continue
            if isinstance(both, HostError):
                return self._missing(passage, language, both)
            said.append(both.target)
            names.append(both.backend)
            doubts += both.doubts
            keep = keep or both.keep_source
            language = both.source_language
        if not names and language != self._target:
            language = ""
        translation = Translation(
            "  ".join(said),
            self._target,
            "+".join(dict.fromkeys("+".join(names).split("+"))) if names else "",
            tuple(dict.fromkeys(doubts)),
            keep,
        )
        return TranslatedPassage(passage.text, language, translation)

    def _readings(self, text: str, language: str) -> list[str]:
        """The languages that a text may be in: the one that it was taken for, and what looks the same."""
        other = {"zh": "ja", "ja": "zh"}.get(language, "")
        either = self.source == AUTO and set(scripts_in(text)) == {"Han"} and len(text) <= _HAN
        return [language, other] if either and other not in ("", self._target) else [language]

    def _missing(self, passage: Passage, language: str, error: HostError) -> TranslatedPassage:
        return TranslatedPassage(passage.text, language, Translation("", self._target, missing=_why(error)), error)


def sign_pages(
    passages: Sequence[TranslatedPassage],
    font_of: FontOf,
    shape: LensShape,
    *,
    original: bool = True,
    footer: Footer = lambda _page, _pages: "",
    before: Sequence[Block] = (),
    letters: int = 0,
) -> tuple[DisplayList, ...]:
    """The pictures that show a sign, one after the other; at least one.

    Args:
        passages: in reading order.
        font_of: finds the fonts.
        shape: of the lens.
        original: whether the original is shown below a translation that nothing speaks against.
        footer: the line at the foot of each page.
        before: what stands before the passages.
        letters: characters of the originals of all passages, where there will be more.
    """
    size: TextSize = "large" if max(letters, sum(len(passage.source) for passage in passages)) <= _SIGN else "normal"

    def sized(language: str, wanted: TextSize) -> Font:
        return font_of(language, size if wanted == "large" else wanted)

    groups = [before, *(_blocks(passage, sized, original=original) for passage in passages)]
    return paged(groups, font_of("en", "small"), shape, footer)


def _blocks(passage: TranslatedPassage, font_of: FontOf, *, original: bool) -> list[Block]:
    translation = passage.translation
    spoken = passage.language or translation.language
    if translation.missing or (passage.kept and translation.uncertain):
        return [Block(UNCERTAIN + passage.source, font_of(spoken, "large"), "yellow")]
    if passage.kept:
        return [Block(passage.source, font_of(spoken, "large"))]
    return both_texts(
        (passage.source, spoken),
        (translation.text, translation.language),
        font_of,
        uncertain=translation.uncertain,
        original=original or translation.keep_source,
    )


def _batches(parts: Sequence[tuple[Passage, str]]) -> Iterator[tuple[str, list[Passage]]]:
    """Passages of one language that follow each other, in order: few for the first page, then more at a time."""
    most = _FIRST
    for language, together in groupby(parts, key=lambda part: part[1]):
        left = [passage for passage, _ in together]
        while left:
            yield language, left[:most]
            left, most = left[most:], _BATCH


def _is_kept(cell: str) -> bool:
    return is_amount(cell) or not scripts_in(cell) or is_address(cell)


def _why(error: HostError) -> str:
    """Short where it is said once what would translate it."""
    return "nothing here translates it" if isinstance(error, UntranslatedError) else error.message


def _script(text: str) -> str:
    """The script that most letters are in; Chinese characters are counted with kana."""
    found = scripts_in(text)
    found["Kana"] += found.pop("Han", 0) if "Kana" in found else 0
    return found.most_common(1)[0][0] if found.total() else ""
