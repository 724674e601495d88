"""Whether a number that seems to be the price may be shown as read, and what its value is; pure.

The strongest witness is the unit price: times the quantity it gives the price, and settles where the cents begin. The
next is the ink: how many figures there are and which of them are raised. A price needs legible digits, a point that is
beyond doubt, and nothing on the tag that contradicts it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from host.price.amounts import DECIMALS
from host.price.beside import Sides
from host.price.figures import Figure, Look
from host.price.quantities import Quantity, agrees, implied_size, makes
from host.price.tag import Refusal, Tag, UnitPrice
from host.read.line import Point, TextLine

__all__ = ["AGREED", "BACKED", "CERTAIN", "SURE", "View", "judged"]

AGREED: Final = "unit price and quantity agree"
"""The strongest evidence: it stands against what the place of a price alone would say."""

SURE: Final = 0.8  # confidence of a line whose figures are taken as read; host.read.line.UNSURE has the source
BACKED: Final = 0.6  # of one whose figures are what unit price and quantity make
CERTAIN: Final = 0.9  # of one that can contradict a price
CHANCE: Final = 0.1  # a package's size that chance makes as often as this proves nothing
# Sizes of packages that a price and its unit price tell apart from the same figures with the point elsewhere.
LEAST_SIZE, MOST_SIZE = Decimal("0.02"), Decimal(3)
FEW: Final = 3  # figures: "2" and "26" make a package's size with too many unit prices
WHOLE_TOTAL: Final = 100  # "2/$5": below, no cents were lost between the digits
_ONE: Final = (Quantity(Decimal(1), "kg"), Quantity(Decimal(1), "l"), Quantity(Decimal(1), "piece"))

UnitFigure = tuple[Figure, Quantity | None, bool]
"""A figure that is or may be a unit price, what it is for if the tag says so, and whether words call it one."""


@dataclass(frozen=True, slots=True)
class View:
    """What is known of a photo beside its lines.

    Attributes:
        centre: of the photo, pixels; half its width and height.
        currency: of the shop's country; empty where that is not known.
        looks: second looks at lines that may be the price.
        beside: what may hide figures of such lines.
    """

    centre: Point
    currency: str = ""
    looks: Mapping[TextLine, Look] = field(default_factory=dict)
    beside: Mapping[TextLine, Sides] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Witness:
    """What unit prices say of a value."""

    value: Decimal
    unit: UnitPrice
    exact: bool  # a quantity on the tag agrees; else the two make a size that packages have
    size: Quantity | None


def judged(
    tag: Tag,
    price: Figure,
    *,
    rivals: Sequence[Figure],
    units: Sequence[UnitFigure],
    sold: Sequence[Quantity],
    total: bool = False,
) -> Tag:
    """The tag with its price, or with the reason why it has none.

    Args:
        tag: what is known of it beside its price, with its currency.
        price: the figure that seems to be the price.
        rivals: others as tall.
        units: the tag's unit prices.
        sold: the quantities that it names.
        total: True if the price is for several: totals are often whole ("2/$5").
    """
    values = _payable(price.amount.values, tag.currency)
    if not values:
        return replace(tag, refusal=Refusal.CENTS)
    figures = sum(c.isdigit() for c in price.line.line.text)
    witnesses = [
        witness
        for value in values
        for witness in _witnesses(value, units, sold, few=figures < FEW and not price.settled)
    ]
    exact = {witness.value for witness in witnesses if witness.exact}
    sized = {witness.value for witness in witnesses}
    evidence = []
    value, settled = values[0], False
    if len(exact) == 1 or (not exact and len(sized) == 1):
        value, settled = next(iter(exact or sized)), True
        evidence.append(AGREED if exact else "price and unit price make a package's size")
    if not settled and (price.exact or (DECIMALS.get(tag.currency, 2) == 0 and price.clean)):
        settled = True
        evidence.append("the ink shows where the cents begin" if price.settled else "the point is printed")
    if not settled and total and value == value.to_integral_value() < WHOLE_TOTAL and price.confidence >= CERTAIN:
        settled = price.clean
    said = next((witness for witness in witnesses if witness.value == value), None)
    found = replace(
        tag,
        confidence=round(price.confidence, 3),
        unit_price=_shown(value, said.unit if said is not None else _said(units), said, sold),
        quantity=tag.quantity or (said.size if said is not None else None),
        evidence=tuple(evidence),
    )
    refusal = _refusal(price, value, settled=settled, backed=bool(exact), rivals=rivals)
    if refusal is None and not exact and _contradicted(units, sold):
        refusal = Refusal.SUMS
    if refusal is not None:
        return replace(found, refusal=refusal, candidates=tuple(values))
    return replace(found, refusal=None, price=value)


def _refusal(price: Figure, value: Decimal, *, settled: bool, backed: bool, rivals: Sequence[Figure]) -> Refusal | None:
    if price.confidence < (BACKED if backed else SURE) or value <= 0:
        return Refusal.UNSURE
    if not price.clean and not backed:
        return Refusal.UNSURE
    if rivals and not backed and any(value not in rival.amount.values for rival in rivals):
        return Refusal.SEVERAL
    return None if settled else Refusal.CENTS


def _payable(values: Sequence[Decimal], currency: str) -> list[Decimal]:
    """The values that the currency has coins for."""
    decimals = DECIMALS.get(currency, 2)
    return [value for value in values if -int(value.as_tuple().exponent) <= decimals]


def _witnesses(value: Decimal, units: Sequence[UnitFigure], sold: Sequence[Quantity], *, few: bool) -> list[_Witness]:
    """What unit prices say of a value; a size that nobody printed takes exact figures, and enough of them."""
    found = []
    for figure, per, _ in units:
        if figure.confidence < SURE:
            continue
        for amount in figure.amount.values:
            if amount <= 0:
                continue
            for unit in [per] if per is not None else _ONE:
                if agrees(value, amount, unit, sold):
                    size = next(quantity for quantity in sold if quantity.unit == unit.unit)
                    found.append(_Witness(value, UnitPrice(amount, unit), True, size))
                    continue
                implied = implied_size(value, amount, unit) if figure.exact and not few else None
                if implied is not None and implied[1] <= CHANCE and LEAST_SIZE <= implied[0].amount <= MOST_SIZE:
                    found.append(_Witness(value, UnitPrice(amount, unit), False, implied[0]))
    return sorted(found, key=lambda witness: not witness.exact)


def _shown(
    value: Decimal, unit: UnitPrice | None, witness: _Witness | None, sold: Sequence[Quantity]
) -> UnitPrice | None:
    """The unit price, unless price and quantity make another: then one of its figures is misread."""
    sizes = [*sold, witness.size] if witness is not None and witness.size is not None else sold
    known = unit is not None and any(quantity.unit == unit.per.unit for quantity in sizes)
    return None if unit is not None and known and not makes(value, unit.amount, unit.per, sizes) else unit


def _said(units: Sequence[UnitFigure]) -> UnitPrice | None:
    """The one unit price that words call one, if its figures are beyond doubt."""
    named = [(figure, per) for figure, per, said in units if said and figure.exact and figure.confidence >= SURE]
    if len(named) == 1 and named[0][1] is not None:
        return UnitPrice(named[0][0].amount.values[0], named[0][1])
    return None


def _contradicted(units: Sequence[UnitFigure], sold: Sequence[Quantity]) -> bool:
    """Whether the tag names a unit price and a quantity that no reading of its price agrees with."""
    sure = [per for figure, per, said in units if said and per and figure.exact and figure.confidence >= CERTAIN]
    return any(quantity.unit == per.unit for per in sure for quantity in sold)
