"""Amounts of money as they are printed on tags, and what each may say; pure.

A reader loses points and raises: "2990" may be 2990 or 29.90, "1.299" 1299 or 1.299. So an amount has all the values
that its digits allow, the likeliest first, and the currencies that its sign allows; which of them is meant is decided
by whoever sees the whole tag. Nothing is rounded; values are `Decimal`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

__all__ = ["DECIMALS", "Amount", "amounts", "likely_currency"]

DECIMALS: Final = {
    "CLP": 0, "HUF": 0, "IDR": 0, "ISK": 0, "JPY": 0, "KRW": 0, "PYG": 0, "TWD": 0, "UGX": 0, "VND": 0, "XAF": 0,
    "XOF": 0, "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip
"""Decimals of prices in shops, where they are not two (ISO 4217; in HUF, IDR and TWD shops use none)."""

_KRONER: Final = ("NOK", "SEK", "DKK", "ISK")
_DOLLARS: Final = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN")
_YEN: Final = ("JPY", "CNY")

# Signs, longest first; what several countries write has several currencies, the most widespread first.
_SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "us$": ("USD",), "hk$": ("HKD",), "nt$": ("TWD",), "ca$": ("CAD",), "a$": ("AUD",), "s$": ("SGD",), "r$": ("BRL",),
    "$": _DOLLARS, "€": ("EUR",), "£": ("GBP",), "¥": _YEN, "円": ("JPY",), "元": ("CNY",), "圓": ("TWD", "HKD"),
    "₩": ("KRW",), "원": ("KRW",), "zł": ("PLN",), "zl": ("PLN",), "kč": ("CZK",), "kc": ("CZK",), "ft": ("HUF",),
    "₽": ("RUB",), "руб": ("RUB",), "₴": ("UAH",), "грн": ("UAH",), "лв": ("BGN",), "₺": ("TRY",), "tl": ("TRY",),  # noqa: RUF001 - Cyrillic letters
    "₹": ("INR",), "₪": ("ILS",), "₫": ("VND",), "฿": ("THB",), "บาท": ("THB",), "fr": ("CHF",), "sfr": ("CHF",),
    "lei": ("RON",), "kr": _KRONER,
}  # fmt: skip
# Only codes that are no words: a tag may say TOP 10 or ALL 5.
_CODES: Final = (
    "AUD", "BGN", "BHD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR",
    "ILS", "INR", "ISK", "JOD", "JPY", "KRW", "KWD", "MXN", "NOK", "NZD", "OMR", "PLN", "RON", "RUB",
    "SEK", "SGD", "THB", "TND", "TRY", "TWD", "UAH", "USD", "VND", "ZAR",
)  # fmt: skip
_SIGNS.update({code.lower(): (code,) for code in _CODES})

_SUBUNITS: Final[dict[str, tuple[str, ...]]] = {"¢": _DOLLARS, "ct": ("EUR",), "cent": ("EUR", "USD"), "p": ("GBP",)}

_SIGN: Final = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
_SUBUNIT: Final = "|".join(sorted(map(re.escape, _SUBUNITS), key=len, reverse=True))
_GAP: Final = r"[ \u2009]?"
# Digits with separators inside; a space parts only whole groups of three, or two raised digits at the end.
_DIGITS: Final = (
    r"[-\u2013\u2014][.,]\d{2}|"
    r"\d{1,3}(?:[.,'\u2019 ]\d{3})+(?:[.,]\d{1,3})?|\d{1,6}(?:[.,:]\d{1,3}|[ '\u2019\u00b0\"^]\d{2})?"
)
_WHOLE: Final = r"[.,:]?[-\u2013\u2014]{1,2}(?!\d)"  # "19.-", "29,--": no cents; "10-22" is none
_AMOUNT: Final = re.compile(
    rf"(?<![\d.,])(?:(?P<before>(?<![^\W\d_])(?:{_SIGN})|[$€£¥])\.?{_GAP})?(?P<digits>{_DIGITS})(?P<whole>{_WHOLE})?"
    rf"(?:{_GAP}(?P<after>{_SIGN}|{_SUBUNIT})(?![^\W\d_]))?(?![\d]|[.,]\d)",
    re.IGNORECASE,
)
# Raised cents leave a mark. A gap alone parts two numbers as well: a sign tells, or cents as shops like them.
_TWO_DECIMALS: Final = re.compile(
    r"[\d\u2013\u2014-][.,]\d\d$|^\d{1,3}['\u2019\u00b0\"^]\d\d$|^\d{1,3} (?:49|50|90|95|99)$"
)
_TWO_RAISED: Final = re.compile(r"^\d{1,3} \d\d$")
_LATIN: Final = "\u024f"  # the last of the letters that words of the Latin script are made of
MAX_LETTERS: Final = 200  # of a line that is looked at


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount that is printed in a line.

    Attributes:
        values: what it may say, the likeliest first; at least one, none negative, no two the same.
        currencies: ISO 4217 codes that its sign stands for, most widespread first; empty where no sign is there.
        exact: True if the digits leave no doubt about the point: "29.90", "29 90" with raised cents, or "19.-".
        start: index of its first character in the line, after NFKC.
        end: index behind its last.
    """

    values: tuple[Decimal, ...]
    currencies: tuple[str, ...]
    exact: bool
    start: int
    end: int


def amounts(text: str) -> list[Amount]:
    """The amounts in one line of text, in order; numbers inside words and codes of many digits are none."""
    line = unicodedata.normalize("NFKC", text[:MAX_LETTERS])
    found = []
    for match in _AMOUNT.finditer(line):
        if _in_word(line, match):
            continue
        after = (match["after"] or "").lower()
        sign = (match["before"] or "").lower() or after
        if after in _SUBUNITS and not match["before"]:
            cents = [value.scaleb(-2) for value in _values(match["digits"])[:1]]
            found.append(Amount(tuple(cents), _SUBUNITS[after], True, *match.span()))
            continue
        currencies = _SIGNS.get(sign, ())
        values = _values(match["digits"])
        if match["whole"] is not None:
            values = [value for value in values if value == value.to_integral_value()] or values
            values = values[:1]
        values = _possible(values, currencies)
        exact = match["whole"] is not None or _TWO_DECIMALS.search(match["digits"]) is not None
        exact = exact or (bool(currencies) and _TWO_RAISED.search(match["digits"]) is not None)
        found.append(Amount(tuple(values), currencies, exact, *match.span()))
    return found


def likely_currency(currencies: Sequence[str], script: str, country_currency: str) -> str:
    """The currency that is meant by an ambiguous sign; empty where that cannot be told.

    Args:
        currencies: what the sign allows; empty for no sign.
        script: ISO 15924 code of the tag's text: kana make a yen sign Japanese, Chinese characters alone Chinese.
        country_currency: of the country that the wearer is in; empty where that is not known.
    """
    if len(currencies) == 1:
        return currencies[0]
    if tuple(currencies) == _YEN and script in ("Jpan", "Hani"):
        return "JPY" if script == "Jpan" else "CNY"
    if not currencies or country_currency in currencies:
        return country_currency
    return ""


def _in_word(line: str, match: re.Match[str]) -> bool:
    """Whether digits belong to a word ("E27", "B12"); readers lose the space of "nur5,99", whose point tells."""
    before = line[match.start() - 1 : match.start()]
    sticks = before.isalpha() and before <= _LATIN
    return sticks and match["whole"] is None and not re.search(r"[.,]\d\d$", match["digits"])


def _values(digits: str) -> list[Decimal]:
    """What digits with separators may say, the likeliest first."""
    if digits[0] in "-\u2013\u2014":  # "-,99"
        return [Decimal(f"0.{digits[2:]}")]
    parts = re.split(r"[^\d]", digits)
    separators = re.findall(r"[^\d]", digits)
    whole = Decimal("".join(parts))
    if not separators:
        # A raised pair of cents is often read as if it stood on the line.
        cents = [whole.scaleb(-2)] if len(digits) >= 3 and not digits.startswith("00") else []
        return [whole, *cents]
    last, separator = parts[-1], separators[-1]
    fraction = Decimal("".join(parts[:-1]) + "." + last)
    if len(last) == 3:
        grouped = parts[0] != "0" and len(parts[0]) <= 3 and separator != ":"
        if len(separators) > 1 and len(set(separators)) == 1:
            return [whole]
        if len(separators) > 1:  # two kinds of separator: the last is the point
            return [fraction]
        return [whole, fraction] if grouped and separator in ".," else [whole] if grouped else [fraction]
    return [fraction]


def _possible(values: Sequence[Decimal], currencies: Sequence[str]) -> list[Decimal]:
    """Those values that the currency can be paid in, if there are such."""
    decimals = {DECIMALS.get(code, 2) for code in currencies}
    if not decimals:
        return list(values)
    most = max(decimals)
    fitting = [value for value in values if -_exponent(value) <= most] or list(values)
    return sorted(fitting, key=_exponent) if most > 2 else fitting  # a group of three is the fraction there


def _exponent(value: Decimal) -> int:
    """Of the value as written: -2 for 29.90."""
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
