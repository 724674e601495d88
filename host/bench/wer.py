"""Word error rate: what counts as the same word, how errors are counted, and how sure the figure is; pure.

A rate without its word count and interval says little: eleven short clips give one that is good to ten points at best.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Errors", "bootstrap_interval", "count_errors", "normalise", "number_words"]

# fmt: off
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
# fmt: on
_TENS = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))
_LARGEST_SPELT = 999_999_999_999

# What a reader says for what a writer abbreviates; the left side is compared after lower-casing, without its full stop.
_SPOKEN = {
    "mr": "mister",
    "mrs": "missus",
    "dr": "doctor",
    "st": "saint",
    "vs": "versus",
    "etc": "et cetera",
    "ok": "okay",
    "&": "and",
    "%": "percent",
}
_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+|\d+|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[&%]")


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of a recognised text against what was said.

    Attributes:
        substituted: words that came out as another word.
        deleted: words that are missing.
        inserted: words that nobody said.
        words: words that were said.
    """

    substituted: int = 0
    deleted: int = 0
    inserted: int = 0
    words: int = 0

    @property
    def total(self) -> int:
        """All errors."""
        return self.substituted + self.deleted + self.inserted

    @property
    def rate(self) -> float:
        """Errors per word that was said; may exceed 1, and is 0 where nothing was said."""
        return self.total / self.words if self.words else 0.0

    def __add__(self, other: Errors) -> Errors:
        return Errors(
            self.substituted + other.substituted,
            self.deleted + other.deleted,
            self.inserted + other.inserted,
            self.words + other.words,
        )


def normalise(text: str) -> list[str]:
    """The words of a text as they are compared.

    In this order: Unicode compatibility form (NFKC); case folded; anything but letters, digits, `&`, `%` and an
    apostrophe inside a word separates words, so "ill-disposed" is two; apostrophes go ("don't" is "dont"); whole
    numbers are spelt as English cardinals ("42" is "forty two"; a year is read as a number too, on both sides); a few
    abbreviations are spelt as they are read ("Mr." is "mister").
    """
    words: list[str] = []
    for token in _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold()):
        if token[0].isdigit():
            words.extend(number_words(token.replace(",", "")))
        else:
            word = token.replace("'", "").replace("\u2019", "")
            words.extend(_SPOKEN.get(word, word).split())
    return words


def number_words(digits: str) -> list[str]:
    """A whole number as English words, without "and"; beyond 999,999,999,999 or with leading zeros, digit by digit."""
    number = int(digits)
    if number > _LARGEST_SPELT or (len(digits) > 1 and digits[0] == "0"):
        return [_ONES[int(digit)] for digit in digits]
    return _spell(number) or ["zero"]


def count_errors(said: Sequence[str], recognised: Sequence[str]) -> Errors:
    """The smallest number of substitutions, deletions and insertions that turn one into the other.

    Among equally small sets it takes the one with most substitutions, as the field's tools do.
    """
    # One row of the table at a time: (errors, deletions, insertions) is ordered so that min() prefers substitutions.
    row = [(j, 0, j) for j in range(len(recognised) + 1)]
    for i, word in enumerate(said, start=1):
        previous, row = row, [(i, i, 0)]
        for j, heard in enumerate(recognised, start=1):
            total, deleted, inserted = previous[j - 1]
            match = (total + (word != heard), deleted, inserted)
            total, deleted, inserted = previous[j]
            delete = (total + 1, deleted + 1, inserted)
            total, deleted, inserted = row[j - 1]
            insert = (total + 1, deleted, inserted + 1)
            row.append(min(match, delete, insert))
    total, deleted, inserted = row[-1]
    return Errors(total - deleted - inserted, deleted, inserted, len(said))


def bootstrap_interval(
    clips: Sequence[Errors], *, level: float = 0.95, rounds: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """How far the word error rate may be off: percentile bootstrap over clips.

    Clips are drawn with replacement, not words, because errors within one recording go together.

    Args:
        clips: errors of each clip.
        level: share of the drawn rates inside the interval, 0 to 1.
        rounds: how many draws.
        seed: of the draws; the same seed gives the same interval.

    Returns:
        Lower and upper bound of the rate; (0, 0) without clips.
    """
    if not clips:
        return 0.0, 0.0
    draw = random.Random(seed)  # noqa: S311 - statistics, not secrets
    rates = sorted(sum(draw.choices(clips, k=len(clips)), Errors()).rate for _ in range(rounds))
    tail = (1.0 - level) / 2.0
    return rates[round(tail * (rounds - 1))], rates[round((1.0 - tail) * (rounds - 1))]


def _spell(number: int) -> list[str]:
    """Words of 1 to `_LARGEST_SPELT`; nothing for 0."""
    for scale, name in _SCALES:
        if number >= scale:
            return [*_spell(number // scale), name, *_spell(number % scale)]
    if number >= len(_ONES):
        return [_TENS[number // 10], *_spell(number % 10)]
    return [_ONES[number]] if number else []
