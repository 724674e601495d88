"""Unicode's rules for text, from ICU: direction (UAX 9), scripts (UAX 24), graphemes (UAX 29), line breaks (UAX 14).

The only file that imports `icu`. ICU counts UTF-16 code units; everything here counts characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from typing import Any, Final

__all__ = ["Run", "graphemes", "letters_of", "line_breaks", "script_of", "visual_runs"]

_LONGEST_GRAPHEME: Final = 64
"""Characters. Twice what any writing needs; only text that is made to be endless (joined without end) is cut."""

_LEFT_OR_RIGHT: Final = 0xFE
"""ICU's UBIDI_DEFAULT_LTR: the first strong letter decides, and left to right if there is none (rules P2 and P3)."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters `start` to `end` (exclusive) of a text, which are read in one direction."""

    start: int
    end: int
    rtl: bool


def visual_runs(text: str, *, rtl: bool | None) -> tuple[bool, list[Run]]:
    """Cut one line into runs of one direction, as they stand from left to right.

    Args:
        text: at least one character; nothing that ends a paragraph.
        rtl: direction of the line; None for that of its first strong letter.

    Returns:
        Whether the line is read from the right, and the runs.
    """
    import icu  # noqa: PLC0415 - an extra

    bidi = icu.Bidi()
    units = icu.UnicodeString(text)
    bidi.setPara(units, _LEFT_OR_RIGHT if rtl is None else int(rtl))
    characters = _characters(text)
    runs = []
    for number in range(bidi.countRuns()):
        start, length, direction = bidi.getVisualRun(number)
        runs.append(Run(characters[start], characters[start + length], bool(direction)))
    return bool(bidi.getParaLevel() % 2), runs


@cache
def script_of(character: str) -> str:
    """ISO 15924 code: `Latn`; `Zyyy` for what all scripts share, `Zinh` for marks that go with any letter."""
    import icu  # noqa: PLC0415 - an extra

    return str(icu.Script.getScript(ord(character)).getShortName())


@cache
def letters_of(language: str) -> frozenset[str]:
    """The letters a language is spelled with (CLDR's main exemplars, composed); empty where it is not known.

    Args:
        language: BCP 47 tag.
    """
    import icu  # noqa: PLC0415 - an extra

    locale = _locale(language)
    if locale.getLanguage() not in icu.Locale.getISOLanguages():
        return frozenset()
    letters = icu.LocaleData(locale.getName()).getExemplarSet()
    return frozenset(c for letter in letters for c in letter if not unicodedata.combining(c))


def graphemes(text: str) -> list[str]:
    """Extended grapheme clusters; one of endless length in pieces."""
    whole = _cut(text, _character_breaker())
    return [part for one in whole for part in _in_pieces(one)]


def line_breaks(text: str, language: str) -> list[int]:
    """Places at which a line may be broken, in characters from the beginning, the end of the text among them."""
    breaker = _line_breaker(language)
    breaker.setText(text)
    characters = _characters(text)
    return [characters[place] for place in breaker]


def _cut(text: str, breaker: Any) -> Iterator[str]:
    breaker.setText(text)
    characters = _characters(text)
    return (text[a:b] for a, b in pairwise([0, *(characters[place] for place in breaker)]))


def _in_pieces(grapheme: str) -> Iterator[str]:
    return (grapheme[k : k + _LONGEST_GRAPHEME] for k in range(0, len(grapheme), _LONGEST_GRAPHEME))


def _characters(text: str) -> Sequence[int]:
    """Index of the character at each UTF-16 code unit, and of the end."""
    if not text or max(text) <= "\uffff":
        return range(len(text) + 1)
    places = {units: k for k, units in enumerate(accumulate((1 + (c > "\uffff") for c in text), initial=0))}
    return [places.get(unit, -1) for unit in range(max(places) + 1)]


@cache
def _character_breaker() -> Any:
    import icu  # noqa: PLC0415 - an extra

    return icu.BreakIterator.createCharacterInstance(icu.Locale.getRoot())


@cache
def _line_breaker(language: str) -> Any:
    import icu  # noqa: PLC0415 - an extra

    return icu.BreakIterator.createLineInstance(_locale(language))


def _locale(language: str) -> Any:
    """ICU's locale of a tag; the root where it is none."""
    import icu  # noqa: PLC0415 - an extra

    try:
        return icu.Locale.forLanguageTag(language)
    except icu.ICUError:
        return icu.Locale.getRoot()
