"""Numbers and times as people write them in different languages, by their value; pure.

`1,234.50` in English, `1.234,50` in German, `1 234,50` in French and the same in the digits of Arabic are one number;
`3万` is 30000. Which of comma and point is which is known by the language where the digits alone do not tell it:
`1,234` is a thousand in English and one and a bit in German.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

__all__ = ["Quantities", "Time", "ascii_digits", "quantities"]

# CLDR 45: languages whose decimal sign is a comma. The others use a point.
_COMMA: Final = (
    "af az be bg bs ca cs da de el es et eu fi fo fr gl hr hu hy id is it ka kk ky lt lv mk mn nb nl nn no oc pl pt "
    "ro ru sk sl sq sr sv tg tk tr uk uz vi"
)
_DECIMAL_COMMA: Final = frozenset(_COMMA.split())

_LIKE_ASCII: Final = str.maketrans("：．，％／＋－", ":.,%/+-")

# Groups of three behind spaces or apostrophes, or digits with points and commas between them.
_NUMBER: Final = re.compile(
    r"(?<![\d.,])(?:\d{1,3}(?:[ \u00a0\u202f\u2009'\u2019]\d{3})+(?:[.,\u066b]\d+)?|\d+(?:[.,\u066b\u066c]\d+)*)(?!\d)"
)
_TIME: Final = re.compile(r"(?<![\d:])([01]?\d|2[0-4])(?::|\s?[hH]\s?|\s?[時时点點]\s?|시\s?)([0-5]\d)(?![\d:])")
_WITH_HALF: Final = re.compile(r"(?<![\d.,:])(1[0-2]|0?[1-9])(?:[:.]([0-5]\d))?\s?([ap])\.?\s?m\b\.?", re.IGNORECASE)

_THOUSANDS: Final = {"百": 100, "千": 1000, "천": 1000, "万": 10**4, "萬": 10**4, "만": 10**4}
_MULTIPLIERS: Final = _THOUSANDS | {"億": 10**8, "亿": 10**8, "억": 10**8}
_NUMERALS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_NUMBER: Final = re.compile(r"[零〇一二三四五六七八九两兩十百千万萬億亿]+")
_TENS: Final = {"十": 10, "百": 100, "千": 1000}
_BY_HAN: Final = ("zh", "ja")

_AFTERNOON: Final = (
    r"\bp\.?\s?m\b|下午|晚上|午後|夜|오후|저녁|مساء|de la tarde|de la noche|del pomeriggio|di sera|du soir|"
    r"de l['’]après-midi|da tarde|da noite|вечера|дня|nachmittags|abends"
)
_MORNING: Final = (
    r"\ba\.?\s?m\b|上午|早上|凌晨|午前|朝|오전|아침|صباح|de la mañana|del mattino|di mattina|du matin|da manhã|утра|"
    r"ночи|morgens|vormittags"
)
_MORNING_RE, _AFTERNOON_RE = re.compile(_MORNING, re.IGNORECASE), re.compile(_AFTERNOON, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Time:
    """A time of the day.

    Attributes:
        hour: 0 to 24.
        minute: 0 to 59.
        sure: whether it is known which half of the day it is in: by its hour, or by a word in the text.
    """

    hour: int
    minute: int
    sure: bool

    def may_be(self, other: Time) -> bool:
        """Whether both can be the same; `7:30` may be any of two."""
        apart = (self.hour - other.hour) % (24 if self.sure and other.sure else 12)
        return apart == 0 and self.minute == other.minute


@dataclass(frozen=True, slots=True)
class Quantities:
    """What a text holds, each as it is written (with ASCII digits) and as it is meant.

    Attributes:
        numbers: their values; what has leading zeros is known by its digits, and a date or an address such as 10.0.0.1
            is a number for each part.
        times: of the day.
    """

    numbers: tuple[tuple[str, Decimal | str], ...]
    times: tuple[tuple[str, Time], ...]


def ascii_digits(text: str) -> str:
    """The text with the digits of every script, and wide punctuation between them, as ASCII has them."""
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in text)
    return plain.translate(_LIKE_ASCII)


def quantities(text: str, language: str, *, spelt: bool = False) -> Quantities:
    """The numbers and times in a text.

    Args:
        text: from anywhere.
        language: ISO 639-1 code of it.
        spelt: take numerals of Chinese characters for numbers, too, in a text of a language that has them.
    """
    plain = ascii_digits(text)
    times: list[tuple[str, Time]] = []

    def half(match: re.Match[str]) -> str:
        hour = int(match[1]) % 12 + (12 if match[3] in "pP" else 0)
        times.append((match[0], Time(hour, int(match[2] or 0), sure=True)))
        return " "

    def clock(match: re.Match[str]) -> str:
        times.append((match[0], _time(int(match[1]), int(match[2]), plain)))
        return " "

    rest = _TIME.sub(clock, _WITH_HALF.sub(half, plain))
    numbers = [(m[0], value) for m in _NUMBER.finditer(rest) for value in _values(m, rest, language)]
    if spelt and language in _BY_HAN:
        numbers += [(m[0], _han(m[0])) for m in _HAN_NUMBER.finditer(plain)]
    return Quantities(tuple(numbers), tuple(times))


def _time(hour: int, minute: int, text: str) -> Time:
    """The time, by a half of the day that is named anywhere in the text."""
    afternoon, morning = bool(_AFTERNOON_RE.search(text)), bool(_MORNING_RE.search(text))
    if hour > 12 or hour == 0 or afternoon == morning:
        return Time(hour, minute, sure=hour > 12 or hour == 0)
    return Time(hour % 12 + (12 if afternoon else 0), minute, sure=True)


def _values(match: re.Match[str], text: str, language: str) -> list[Decimal | str]:
    written = match[0]
    joined = re.sub(r"[ \u00a0\u202f\u2009'\u2019\u066c]", "", written).replace("\u066b", ".")
    if "\u066b" in written:
        return [Decimal(joined.replace(",", ""))]
    beside = text[max(0, match.start() - 2) : match.start()] + text[match.end() : match.end() + 2]
    part = bool(re.search(r"\d[/-]|[/-]\d", beside))
    signs = re.sub(r"\d", "", joined)
    if not signs:
        if len(joined) > 1 and joined[0] == "0" and not part:
            return [joined]
        return [_multiplied(Decimal(joined), text, match.end())]
    if len(set(signs)) == 1 and len(signs) > 1 and not re.fullmatch(r"\d{1,3}([.,]\d{3})+", joined):
        return [Decimal(digits) for digits in re.split(r"[.,]", joined)]  # a date, or an address of a computer
    return [_multiplied(_decimal(joined, signs, language), text, match.end())]


def _decimal(joined: str, signs: str, language: str) -> Decimal:
    """The value of digits with one point or comma, or with groups."""
    if len(signs) > 1:
        decimal = "" if len(set(signs)) == 1 or signs.count(signs[-1]) > 1 else signs[-1]
    else:
        whole, _, rest = joined.partition(signs)
        usual = "," if language in _DECIMAL_COMMA else "."
        grouped = len(rest) == 3 and len(whole) <= 3 and whole[0] != "0" and signs != usual
        decimal = "" if grouped else signs
    kept = "".join(c for c in joined if c.isdigit() or c == decimal)
    if kept.count(decimal or ".") > 1:
        kept = kept.replace(decimal, "")
    return Decimal(kept.replace(",", "."))


def _multiplied(value: Decimal, text: str, end: int) -> Decimal:
    while end < len(text) and text[end] in _MULTIPLIERS:
        value *= _MULTIPLIERS[text[end]]
        end += 1
    return value


def _han(written: str) -> Decimal:
    """The value of Chinese numerals, such as 二十五 or 一百零五."""
    if not any(c in _TENS or c in _MULTIPLIERS for c in written):
        return Decimal("".join(str(_NUMERALS[c]) for c in written))
    total = part = digit = 0
    for c in written:
        if c in _NUMERALS:
            digit = _NUMERALS[c]
        elif c in _TENS:
            part += (digit or 1) * _TENS[c]
            digit = 0
        else:
            total = (total + part + digit or 1) * _MULTIPLIERS[c]
            part = digit = 0
    return Decimal(total + part + digit)
