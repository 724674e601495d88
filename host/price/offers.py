"""Offers for several: "2 for 5", "2 pour 5 €", "3x2", "3 halen 2 betalen", "2点で500円"; pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from host.price.quantities import measures

__all__ = ["Offer", "offer"]

_COUNT: Final = r"(?<![\d.,/+\-第])(?P<count>[2-9]|1\d|20)"
_TWO: Final = r"(?<![\d.,/+\-])(?P<two>2)"
# Between how many and what for: en no da sv, de, fr, es pt, nl, it, pl, ja, zh; letters without accents.
_FOR: Final = r"for|fur|pour|por|voor|per|za|(?:点|點|個|本|つ|コ|袋)で|件|个"
_PIECES: Final = r"stuck|stk|st|stuks|pezzi|pz|unidades|unid|uds|kpl|szt|pcs|pk|pack|pieces|点|點|個|本|袋|件|个"
_ONLY: Final = r"(?:nur|only|kun|solo|bara|endast|vain|tylko|seulement|slechts|max\.?)?"
_SIGN: Final = r"(?:[$€£¥]|r\$|kr\.?|chf|eur|fr\.)?"
_TOTAL: Final = (
    # With a word for it; the total may stand on another line.
    re.compile(
        rf"{_COUNT}\s?(?:(?:{_PIECES})\.?\s?)?(?:{_FOR})(?:(?![a-z])|(?=r\$|kr|chf|eur))\s?{_ONLY}\s?{_SIGN}\s?(?:(?P<total>\d)|\W*$)"
    ),
    # Pieces and a price: "3 Stück 5,00", "2 kpl 5".
    re.compile(rf"{_COUNT}\s?(?:{_PIECES})(?![a-z])\.?\s?{_ONLY}\s?/?\s?{_SIGN}\s?(?P<total>\d)"),
    re.compile(rf"(?:\bles|\blot\s?de|よりどり)\s?{_COUNT}(?![.,]\d)\D{{0,4}}?(?P<total>\d)"),
    # A stroke says so only before money: "2/$5"; a cross besides only of two: "4 x 25 €" are as well four payments.
    re.compile(rf"(?:{_COUNT}\s?(?:/|\ba\b)|{_TWO}\s?x)\s?(?:[$€£¥]|r\$|kr\.?)\s?(?P<total>\d)"),
    re.compile(rf"(?:{_COUNT}\s?(?:/|\ba\b)|{_TWO}\s?x)\s?(?P<total>\d[\d.,]*)\s?(?:[$€£¥]|kr|zl|eur)"),
)
_TAKE: Final = r"(?:nimm|prends|prenez|take|leve|lleva|prendi|ta|tag|kop|kjop|osta|ota|wez|kup)"
_GET: Final = r"(?:get|kriegen|bekomm|recevez|recibe|fa|saat)"
_FREE: Final = r"(?:gratis|free|offerts?|gratuits?|omaggio|gratuito|ilmaiseksi|kaupan paalle)"
# Take this many, pay that many; or pay for some and get others free.
_PAID: Final = (
    re.compile(r"(?<![\d.,])(?P<count>[2-9])\s?x\s?(?P<paid>[1-8])(?!\s?[\d.,a-z$€£¥]|\s?(?:kr|eur))"),
    re.compile(r"(?<![\d.,])(?P<count>[2-9])\s?for\s?(?P<paid>[1-8])(?![\d.,\s]*\d)(?!\s?(?:[$€£¥]|kr|eur|usd|:|,-))"),
    re.compile(rf"\b{_TAKE}\s(?P<count>[2-9])\D{{1,20}}?(?P<paid>[1-8])(?![\d.,]|\s?(?:[$€£¥]|kr|eur))"),
    re.compile(
        r"(?<![\d.,])(?P<count>[2-9])\s?(?:halen|hentes|achetes|achete)\W{1,3}(?P<paid>[1-8])\s?(?:betalen|payes|paye)"
    ),
    re.compile(r"(?<![\d.,])(?P<count>[2-9])\sw cenie\s(?P<paid>[1-8])(?![\d.,])"),
    re.compile(rf"\b(?:buy|koop|kauf|achetez|compra)\s(?P<paid>[1-8])\W+{_GET}\s(?P<free>[1-8])"),
    re.compile(r"买(?P<paid>[1-9])送(?P<free>[1-9])"),
    re.compile(
        rf"(?<![\d.,])(?P<paid>[1-9])\s?(?:\+|achetes?\W{{1,3}}|compres?\W{{1,3}})\s?(?P<free>[1-9])\s?(?:{_FREE})"
    ),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer for several, in one line.

    Attributes:
        count: how many one takes, 2 or more.
        paid: how many are paid for, fewer than that; None where a total is asked.
        begin: index of its first character in the line, after NFKC.
        start: where the total begins, for `paid` where the offer ends; the line's length if the total is elsewhere.
    """

    count: int
    paid: int | None
    begin: int
    start: int


def offer(text: str) -> Offer | None:
    """The offer that a line makes; None where it makes none."""
    line = _flat(text)
    for pattern in _PAID:
        match = pattern.search(line)
        if match is None or any(start <= match.start() < end for start, end, _ in measures(line)[0]):
            continue
        paid = int(match["paid"])
        count = paid + int(match["free"]) if "free" in match.groupdict() else int(match["count"])
        if paid < count:
            return Offer(count, paid, match.start(), match.end())
    for pattern in _TOTAL:
        match = pattern.search(line)
        if match is not None:
            start = match.start("total") if match["total"] else len(line)
            group = "two" if match.groupdict().get("two") else "count"
            return Offer(int(match[group]), None, match.start(group), start)
    return None


def _flat(text: str) -> str:
    """Without accents and case, each character still in its place."""
    return "".join(
        "o" if c in "øØ" else "l" if c in "łŁ" else unicodedata.normalize("NFD", c)[0].lower() if c < "\u0250" else c
        for c in unicodedata.normalize("NFKC", text[:200])
    )
