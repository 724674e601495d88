"""How much is sold, and for how much a unit price is, as tags print it; pure.

Weights become kilograms, volumes litres, everything counted pieces, so that prices can be compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

__all__ = ["Quantity", "Span", "agrees", "implied_size", "makes", "measures", "per_unit", "quantities"]

Unit = Literal["kg", "l", "piece"]

_KG, _L, _PIECE = ("kg", "l", "piece")

# Unit as printed, in lower case, to base unit and how many of those it is. Pound and ounce: international avoirdupois;
# gallon, pint and fluid ounce: US customary, in which tags with "fl oz" are written.
_UNITS: Final[dict[str, tuple[str, str]]] = {
    "kg": (_KG, "1"), "kilo": (_KG, "1"), "kilogram": (_KG, "1"), "公斤": (_KG, "1"), "千克": (_KG, "1"),
    "g": (_KG, "0.001"), "gr": (_KG, "0.001"), "gram": (_KG, "0.001"), "克": (_KG, "0.001"), "dag": (_KG, "0.01"),
    "mg": (_KG, "0.000001"), "hg": (_KG, "0.1"), "斤": (_KG, "0.5"), "lb": (_KG, "0.45359237"),
    "lbs": (_KG, "0.45359237"), "oz": (_KG, "0.028349523125"),
    "l": (_L, "1"), "lt": (_L, "1"), "ltr": (_L, "1"), "liter": (_L, "1"), "litre": (_L, "1"), "升": (_L, "1"),
    "dl": (_L, "0.1"), "cl": (_L, "0.01"), "ml": (_L, "0.001"), "毫升": (_L, "0.001"),
    "fl oz": (_L, "0.0295735295625"), "fl.oz": (_L, "0.0295735295625"), "gal": (_L, "3.785411784"),
    "stk": (_PIECE, "1"), "stück": (_PIECE, "1"), "stuck": (_PIECE, "1"), "st": (_PIECE, "1"), "szt": (_PIECE, "1"),
    "pcs": (_PIECE, "1"), "pc": (_PIECE, "1"), "pk": (_PIECE, "1"), "pz": (_PIECE, "1"), "ud": (_PIECE, "1"),
    "uds": (_PIECE, "1"), "un": (_PIECE, "1"), "kpl": (_PIECE, "1"), "each": (_PIECE, "1"), "ea": (_PIECE, "1"),
    "pièce": (_PIECE, "1"), "piece": (_PIECE, "1"), "个": (_PIECE, "1"), "個": (_PIECE, "1"), "本": (_PIECE, "1"),
    "枚": (_PIECE, "1"), "袋": (_PIECE, "1"), "瓶": (_PIECE, "1"), "盒": (_PIECE, "1"), "件": (_PIECE, "1"),
}  # fmt: skip

_UNIT: Final = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_LETTER: Final = r"[a-z\u00c0-\u024f]"  # "5 large" is not five litres; Chinese and Japanese go on without a space
_NUMBER: Final = r"(?!0\d)\d{1,5}(?:[.,]\d{1,3})?"  # "025 l" lost its point
_QUANTITY: Final = re.compile(
    rf"(?<![\d.,])(?<!\d )(?:(?P<times>\d{{1,3}})\s?[x\u00d7*]\s?)?"
    rf"(?P<number>{_NUMBER})\s?(?P<unit>{_UNIT})(?!{_LETTER})",
    re.IGNORECASE,
)
# "per" in the languages of tags: before a unit, it makes the amount beside it a unit price.
_PER: Final = (
    r"(?:/|(?<![a-z])per|\bpr\.?|\bpro|\bje|\bpar|\bal|\bau|\ble|\bel|\bo|\bpor|\bza|\bcada|\bom|毎|每|\bà)\s?/?"
)
_UNIT_PRICE: Final = re.compile(rf"{_PER}\s?(?P<number>{_NUMBER})?\s?(?P<unit>{_UNIT})(?!{_LETTER})", re.IGNORECASE)
# Readers take a small "l" for "1": "0,90 €/1", "$1.99 per 1".
_LITRE: Final = re.compile(rf"{_PER}\s?[1I|](?![\w.,/]|\s\w)", re.IGNORECASE)
_EQUALS: Final = re.compile(
    rf"(?<![\d.,])(?P<number>{_NUMBER})\s?(?P<unit>{_UNIT})\s?(?:=|当たり|当り|あたり)", re.IGNORECASE
)
# "kg 15,53", "1 l 2,65 €", "100g 250円": a line that begins with one of a unit and goes on with money.
_LEADING: Final = re.compile(
    rf"^\W{{0,2}}(?:(?P<number>100)\s?(?=m?[gl])|1\s?(?=[kl]))?(?P<unit>kg|lb|lt|l|(?<=00)m?[gl]|(?<=00 )m?[gl])"
    rf"(?!{_LETTER})\s?[:=]?\s?(?:[^\w\s]|r\$|chf|kr\.?|eur)?\s?(?=\d+[.,:]\d|\d+\s?円)",
    re.IGNORECASE,
)
MAX_LETTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Quantity:
    """So much of something: more than 0, of a base unit."""

    amount: Decimal
    unit: Unit


Span = tuple[int, int, Quantity]
"""First character, the one behind the last, and what stands there."""


def quantities(text: str) -> list[Quantity]:
    """How much is sold, of everything in a line that says so; "6 x 33 cl" is 1.98 litres. Unit prices are left out."""
    return [quantity for _, _, quantity in measures(text)[0]]


def per_unit(text: str) -> Quantity | None:
    """What the unit price in a line is for: "kr/kg", "per 100 g", "1 kg = 4,98", "元/500g"; None where it is none."""
    priced = measures(text)[1]
    return priced[0][2] if priced else None


def measures(text: str) -> tuple[list[Span], list[Span]]:
    """Where a line says how much is sold, and where for how much a unit price is; indices are of the NFKC text."""
    line = _plain(text)
    priced = _spans(_EQUALS, line) or _spans(_UNIT_PRICE, line) or _spans(_LEADING, line)
    priced = priced or [(*match.span(), Quantity(Decimal(1), "l")) for match in _LITRE.finditer(line)]
    sold = [span for span in _spans(_QUANTITY, line) if not any(s < span[1] and span[0] < e for s, e, _ in priced)]
    return sold, priced


def _spans(pattern: re.Pattern[str], line: str) -> list[Span]:
    found = []
    for match in pattern.finditer(line):
        times = int(match.groupdict().get("times") or 1)
        quantity = _quantity(match["number"] or "1", match["unit"], times)
        if quantity is not None:
            found.append((*match.span(), quantity))
    return found


def agrees(price: Decimal, unit_price: Decimal, per: Quantity, sold: Sequence[Quantity]) -> bool:
    """Whether a price is what its unit price and one of the quantities sold make, as far as both are rounded.

    The strongest check there is: it settles where the point is and which number is the price. A unit price is rounded
    to its last printed digit, a price to its own; shops round either way.
    """
    for quantity in sold:
        if quantity.unit == per.unit and per.amount > 0:
            share = quantity.amount / per.amount
            slack = share * _step(unit_price) + _step(price)
            if abs(unit_price * share - price) <= slack:
                return True
    return False


def makes(price: Decimal, unit_price: Decimal, per: Quantity, sold: Sequence[Quantity]) -> bool:
    """Whether a price makes this very unit price with one of the quantities sold, to its last printed digit.

    Shops round either way. A unit price that only `agrees` may be wrong in its last digit, where that is worth less
    than the price's: 306.16 a kilogram and 400 g make 122.46 as 306.15 does.
    """
    exponent = unit_price.as_tuple().exponent
    digit = Decimal(1).scaleb(min(0, exponent) if isinstance(exponent, int) else 0)
    return any(
        abs(price * per.amount / quantity.amount - unit_price) < digit for quantity in sold if quantity.unit == per.unit
    )


def implied_size(price: Decimal, unit_price: Decimal, per: Quantity) -> tuple[Quantity, float] | None:
    """The package size that price and unit price make together, if it is one that packages have.

    Packages are sold in whole pieces and in steps of 5 g or 5 ml, larger ones in coarser steps; two numbers that have
    nothing to do with each other rarely make such a size.

    Returns:
        The size and how likely chance alone would have made one, 0 to 1; None where they make no such size.
    """
    if unit_price <= 0 or price <= 0:
        return None
    size = price / unit_price * per.amount
    slack = size * (_step(unit_price) / unit_price + _step(price) / price) / 2
    step = _size_step(size, per.unit)
    nearest = (size / step).to_integral_value() * step
    if nearest <= 0 or abs(size - nearest) > slack:
        return None
    return Quantity(nearest, per.unit), min(1.0, float(2 * slack / step))


def _size_step(size: Decimal, unit: Unit) -> Decimal:
    """How coarse the sizes of packages are about this one."""
    if unit == "piece":
        return Decimal(1)
    for most, step in (("0.1", "0.001"), ("0.5", "0.005"), ("1", "0.01"), ("5", "0.05"), ("100", "0.5")):
        if size <= Decimal(most):
            return Decimal(step)
    return Decimal(5)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:MAX_LETTERS])


def _quantity(number: str, unit: str, times: int) -> Quantity | None:
    base, factor = _UNITS[unit.lower()]
    amount = Decimal(number.replace(",", ".")) * Decimal(factor) * times
    if not 0 < amount < 10_000:
        return None
    return Quantity(amount, "kg" if base == _KG else "l" if base == _L else "piece")


def _step(value: Decimal) -> Decimal:
    """One of the last digit as written, at most a hundredth: 17.9 is 17.90."""
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(min(-2, exponent) if isinstance(exponent, int) else -2)
