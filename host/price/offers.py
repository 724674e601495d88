"""Offers for several: "2 for 5", "2 pour 5 €", "3x2", "3 halen 2 betalen", "2点で500円"; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from host.price.quantities import measures
from host.price.words import folded

__all__ = ["Offer", "offer"]

# Between how many and what for: en, de, fr, es/pt, it, nl, no/da, sv, fi, pl, zh, ja.
_FOR: Final = r"(?:for|/(?=\s?[$€£¥])|fur|pour|por|per|voor|til|kpl|za|pa|点で|點で|個で|本で|つで|コで|件|个|個)"
_TOTAL: Final = re.compile(
    rf"(?<![\d.,/])(?P<count>[2-9]|1\d|20)\s?(?:st|stk|pcs|pk|szt|pack|stuck|stuks|piezas|pezzi|pieces|unid)?\.?\s?{_FOR}"
    rf"\s?(?:[^\w\s]|kr|nur|only)?\s?(?P<total>$|[\d$€£¥])"
)
# Take this many, pay that many.
_PAID: Final = (
    re.compile(r"(?<![\d.,])(?P<count>[2-9])\s?x\s?(?P<paid>[1-8])(?![\d.,])"),
    re.compile(r"(?<![\d.,])(?P<count>[2-9])\s?for\s?(?P<paid>[1-8])(?![\d.,\s]*\d)(?!\s?(?:kr|eur|usd|:|,-))"),
    re.compile(r"(?:nimm|prends|take|buy|leve|lleva|prendi|ta|kop|kjop|tag|osta|ota|wez|kup)\s(?P<count>[2-9])\D{1,20}?(?P<paid>[1-8])(?![\d.,])"),
    re.compile(r"(?<![\d.,])(?P<count>[2-9])\s?(?:halen|hentes|achetes|achete)\W{1,3}(?P<paid>[1-8])\s?(?:betalen|payes|paye)"),
    re.compile(r"买(?P<paid>[1-9])送(?P<free>[1-9])|(?<![\d.,])(?P<paid2>[1-9])\s?\+\s?(?P<free2>[1-9])\s?(?:gratis|free|offert|gratuit|omaggio|graal)"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer for several, in one line.

    Attributes:
        count: how many one takes, 2 or more.
        paid: how many are paid for, fewer than that; None where a total is asked.
        start: index, in the folded line, where the total begins; its length where the total is on another line.
    """

    count: int
    paid: int | None
    start: int


def offer(text: str) -> Offer | None:
    """The offer that a line makes; None where it makes none."""
    line = folded(text)
    total = _TOTAL.search(line)
    pays = [match for pattern in _PAID if (match := pattern.search(line)) is not None]
    for match in pays:
        groups = match.groupdict()
        paid = int(groups.get("paid") or groups.get("paid2") or 0)
        count = int(groups.get("count") or 0) or paid + int(groups.get("free") or groups.get("free2") or 0)
        measured = any(start <= match.start() < end for start, end, _ in measures(line)[0])
        if 0 < paid < count and not measured and (total is None or "x" in match[0] or paid == count - 1):
            return Offer(count, paid, match.end())
    if total is not None:
        return Offer(int(total["count"]), None, total.start("total"))
    return None
