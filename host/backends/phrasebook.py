"""Sidelight's own phrases in eleven languages: what is in the book is translated, nothing else.

A wording is found whatever its case, accents, punctuation at its ends, and courtesies ("please") around it. Medical and
emergency phrases are found only as the book has them: case, spaces and the punctuation at the ends are all that may
differ; with them the original is kept on the lens. No native speaker has reviewed the book (docs/phrasebook.md).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

from host.config import Settings
from host.contracts import Rendering, TranslatorInfo

__all__ = ["LANGUAGES", "Phrasebook", "PhrasebookTranslator", "sources", "start", "unready"]

LANGUAGES: Final = ("en", "es", "fr", "de", "it", "pt", "zh", "ja", "ko", "ru", "ar")
EXACT_KINDS: Final = ("medical", "emergency")
LONGEST: Final = 200  # characters; no phrase is as long

# A name is of Latin letters, so that a word of the sentence is never taken for one in other scripts; up to four words,
# each with a capital, or with a small particle between them.
_NAME: Final = (
    r"((?:[A-Z\u00c0-\u00de][\w'’.-]*)(?: (?:(?:de|da|di|du|la|le|van|von) )?[A-Z\u00c0-\u00de][\w'’.-]*){0,3})"
)
_NUMBER: Final = r"(\d{1,6})"

_COURTESIES: Final = {
    "en": ("please", "excuse me", "hello"),
    "es": ("por favor", "perdón", "perdone", "disculpe", "hola"),
    "fr": ("s'il vous plaît", "s'il te plaît", "excusez-moi", "pardon", "bonjour"),
    "de": ("bitte", "entschuldigung", "entschuldigen sie", "guten tag", "hallo"),
    "it": ("per favore", "per piacere", "scusi", "mi scusi", "buongiorno"),
    "pt": ("por favor", "com licença", "desculpe", "olá"),
    "zh": ("请问", "请", "你好", "您好"),
    "ja": ("すみません", "すみませんが"),
    "ko": ("저기요", "실례합니다", "안녕하세요"),
    "ru": ("пожалуйста", "извините", "простите", "скажите", "здравствуйте"),
    "ar": ("من فضلك", "لو سمحت", "عفوا", "مرحبا"),
}
_VOICED: Final = "\u3099\u309a"  # marks of kana that make another letter
_ENDS: Final = " .,;:!?…¡¿。，、！？؟،\"'«»“”„()"


def unready(_settings: Settings, _environment: Mapping[str, str]) -> tuple[str, str] | None:
    """It is always there."""
    return None


def sources(_settings: Settings, target: str) -> frozenset[str]:
    """Languages that it has phrases of, if `target` is one of its own."""
    return frozenset(LANGUAGES) - {target} if target in LANGUAGES else frozenset()


async def start(
    _settings: Settings, _environment: Mapping[str, str], _on_cpu: Callable[[float], None] | None
) -> PhrasebookTranslator:
    """Open the book."""
    return PhrasebookTranslator(_bundled())


class PhrasebookTranslator:
    """The book as a `Translator` of `host/contracts`."""

    def __init__(self, book: Phrasebook) -> None:
        self._book = book

    @property
    def info(self) -> TranslatorInfo:
        """What it can do."""
        return TranslatorInfo(
            name="phrasebook",
            local=True,
            streaming=False,
            sentences=True,
            longest=LONGEST,
            complete=False,
            quality="fixed phrases, not reviewed by native speakers",
            licence="Apache-2.0",
        )

    async def translate(
        self,
        texts: Sequence[str],
        source: str,
        target: str,
        *,
        progress: Callable[[int, str], None] | None = None,  # noqa: ARG002 - the contract's
    ) -> list[Rendering | None]:
        """Each text that is in the book. Never fails."""
        return [self._book.find(text, source, target) for text in texts]

    async def close(self) -> None:
        """There is nothing to let go of."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """One phrase: the answer in each language, and whether it must be met exactly."""

    key: str
    answers: Mapping[str, str]
    exact: bool


@dataclass(slots=True)
class _Index:
    """The wordings of one language: fixed ones, and patterns with slots in the order of the book."""

    exact: dict[str, _Phrase] = field(default_factory=dict)
    loose: dict[str, _Phrase] = field(default_factory=dict)
    patterns: list[tuple[re.Pattern[str], tuple[str, ...], _Phrase]] = field(default_factory=list)


class Phrasebook:
    """The phrases, ready to be looked up."""

    def __init__(self, text: str) -> None:
        """Read a book, as in `host/data/phrasebook.toml`. Raises ValueError: it contradicts itself."""
        self.phrases: dict[str, str] = {}
        """Kind of each phrase, by its key."""
        self._indices = {language: _Index() for language in LANGUAGES}
        for key, entry in tomllib.loads(text).items():
            wordings = {language: entry[language].split(" | ") for language in LANGUAGES}
            phrase = _Phrase(key, {at: w[0] for at, w in wordings.items()}, entry["kind"] in EXACT_KINDS)
            self.phrases[key] = entry["kind"]
            for language, ways in wordings.items():
                for way in ways:
                    self._enter(self._indices[language], way, language, phrase)

    def find(self, text: str, source: str, target: str) -> Rendering | None:
        """The translation of a text that is in the book; None for any other."""
        index = self._indices.get(source)
        if index is None or target not in LANGUAGES or len(text) > LONGEST:
            return None
        phrase = index.exact.get(_folded(text)) or index.loose.get(_loosened(text, source))
        if phrase is not None:
            return Rendering(phrase.answers[target], keep_source=phrase.exact)
        written = _uncourteous(_spaced(text), source)
        plain = _unaccented(written)
        for pattern, slots, phrase in index.patterns:
            match = pattern.fullmatch(written if phrase.exact else plain)
            if match:
                values = {slot: written[slice(*match.span(k))] for k, slot in enumerate(slots, 1)}
                return Rendering(phrase.answers[target].format(**values), keep_source=phrase.exact)
        return None

    def _enter(self, index: _Index, wording: str, language: str, phrase: _Phrase) -> None:
        if "{" in wording:
            written = _uncourteous(_spaced(wording), language)
            pattern, slots = _pattern(written if phrase.exact else _unaccented(written))
            index.patterns.append((pattern, slots, phrase))
            return
        table, key = (index.exact, _folded(wording)) if phrase.exact else (index.loose, _loosened(wording, language))
        other = table.setdefault(key, phrase)
        if other is not phrase:
            raise ValueError(f"{wording!r} is both {other.key} and {phrase.key}")


@cache
def _bundled() -> Phrasebook:
    return Phrasebook(files("host").joinpath("data/phrasebook.toml").read_text(encoding="utf-8"))


def _spaced(text: str) -> str:
    """Single spaces, straight apostrophes, ASCII digits, no punctuation at the ends."""
    plain = unicodedata.normalize("NFC", text).replace("’", "'").replace("ʼ", "'")
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    return " ".join(plain.split()).strip(_ENDS)


def _folded(text: str) -> str:
    return _spaced(text).casefold()


def _loosened(text: str, language: str) -> str:
    """As `_folded`, without accents and inner punctuation, and without the courtesies around it."""
    plain = _bare(text)
    for courtesy in sorted(map(_bare, _COURTESIES[language]), key=len, reverse=True):
        space = "" if language in ("zh", "ja") else " "
        shorter = plain.removeprefix(courtesy + space).removesuffix(space + courtesy).strip()
        plain = shorter or plain
    return plain


def _uncourteous(text: str, language: str) -> str:
    """The text without courtesies at its ends; case and accents are kept, for names have them."""
    words = "|".join(re.escape(_unaccented(words)) for words in sorted(_COURTESIES[language], key=len, reverse=True))
    plain = _unaccented(text)
    first = re.match(rf"(?:{words})[\s,،，、]*", plain, re.IGNORECASE)
    last = re.search(rf"[\s,،，、]*(?:{words})$", plain, re.IGNORECASE)
    return text[first.end() if first else 0 : last.start() if last else None] or text


def _unaccented(text: str) -> str:
    """The text without accents, a character for each of it; kana and hangul keep what tells them apart."""
    return "".join(map(_letter, text))


def _letter(character: str) -> str:
    parts = unicodedata.normalize("NFD", character)
    accented = len(parts) > 1 and all(unicodedata.category(c) == "Mn" and c not in _VOICED for c in parts[1:])
    return parts[0] if accented else character


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFD", _folded(text).replace("ß", "ss"))
    kept = "".join(c for c in letters if unicodedata.category(c) != "Mn" or c in _VOICED)
    return " ".join(re.sub(r"[^\w\s]", " ", unicodedata.normalize("NFC", kept)).split())


def _pattern(wording: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """What matches a wording with slots, and their names in order; case counts only in names."""
    slots = tuple(re.findall(r"\{(\w+)\}", wording))
    parts = re.split(r"\{\w+\}", wording)
    found = ""
    for k, part in enumerate(parts):
        words = r"\s?[,،，]?\s?".join(re.escape(p).replace("ß", "(?:ß|ss)") for p in re.split(r"\s?[,،，]\s?", part))
        found += f"(?i:{words})"
        found += (_NAME if slots[k] == "name" else _NUMBER) if k < len(slots) else ""
    return re.compile(found), slots
