"""Two or three photos of one tag, to one reading: what they agree on, and no price where they do not; pure.

Two photos are two witnesses only as far as their errors differ: both lose the same point. So what a vote lends is trust
in figures that something else bears out, not a place for the cents that no photo shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final, TypeVar

from host.price.gate import AGREED, BACKED
from host.price.quantities import Quantity, agrees, makes
from host.price.tag import Refusal, Tag

__all__ = ["voted"]

_T = TypeVar("_T")
TWICE: Final = "two photos agree"


def voted(tags: Sequence[Tag]) -> Tag:
    """The tag that these photos show together.

    A price is accepted if a photo had it accepted and no other saw figures that cannot be it. Two photos that were
    refused for being hardly legible are no proof, however alike they were read: both are blurred, and a 3 becomes an 8
    in both. They are believed if a third thing says so: a unit price and a quantity, which one of them shows, make the
    price. Readings that contradict each other are refused, whatever the majority: three photos are not three opinions.

    Args:
        tags: readings of the same tag, in the order of the photos; at least one.

    Returns:
        The price if it is accepted, and what the photos say of everything else, the best reading first.

    Raises:
        ValueError: there is no reading.
    """
    if not tags:
        raise ValueError("nothing was read")
    if len(tags) == 1:
        return tags[0]
    best = sorted(tags, key=lambda tag: (not tag.accepted, -tag.confidence))
    united = _without_misread_unit_price(_united(best))
    accepted = {(tag.price, _count(tag), tag.per) for tag in best if tag.accepted}
    if len(accepted) > 1 or len({tag.currency for tag in tags if tag.currency and _spoke(tag)}) > 1:
        return _refused(united, Refusal.PHOTOS)
    if accepted:
        price = best[0].price
        denied = any(_denies(tag, price) for tag in best if not tag.accepted)
        if denied:
            return _refused(united, Refusal.PHOTOS)
        twice = sum(tag.price == price or price in tag.candidates for tag in best) > 1
        return replace(united, evidence=(*united.evidence, TWICE)) if twice else united
    seen = [tag for tag in best if tag.refusal is Refusal.UNSURE and tag.confidence >= BACKED and tag.candidates]
    alike = {tag.candidates for tag in seen}
    if len(seen) > 1 and len(alike) == 1 and len(seen) == len([tag for tag in best if tag.candidates]):
        (values,) = alike
        if len(values) == 1 and _made(values[0], united):
            evidence = (*united.evidence, TWICE, AGREED)
            return replace(united, price=values[0], refusal=None, candidates=(), evidence=evidence)
    return united


def _made(price: Decimal, tag: Tag) -> bool:
    """Whether a unit price and a quantity that the photos show make this price."""
    unit, sold = tag.unit_price, tag.quantity
    return unit is not None and sold is not None and agrees(price, unit.amount, unit.per, [sold])


def _without_misread_unit_price(tag: Tag) -> Tag:
    """The tag, and no unit price of one photo that an accepted price does not make with the quantity of another."""
    unit, sold = tag.unit_price, tag.quantity
    if tag.price is None or tag.per is not None or unit is None or sold is None or unit.per.unit != sold.unit:
        return tag
    whole = Quantity(sold.amount * _count(tag), sold.unit)
    return tag if makes(tag.price, unit.amount, unit.per, [sold, whole]) else replace(tag, unit_price=None)


def _spoke(tag: Tag) -> bool:
    return tag.accepted or bool(tag.candidates)


def _count(tag: Tag) -> int:
    """For how many the price is."""
    offer = tag.multi_buy
    return offer.count if offer is not None and offer.total == tag.price else 1


def _denies(tag: Tag, price: Decimal | None) -> bool:
    """Whether a refused reading saw, legibly, figures that cannot be this price."""
    return bool(tag.candidates) and tag.confidence >= BACKED and price not in tag.candidates


def _refused(tag: Tag, refusal: Refusal) -> Tag:
    return replace(tag, price=None, refusal=refusal, candidates=())


def _united(best: Sequence[Tag]) -> Tag:
    """The best reading, completed by what only others have; what two of them say differently is left out."""
    return replace(
        best[0],
        currency=next((tag.currency for tag in best if tag.currency), ""),
        was=_agreed([tag.was for tag in best]),
        member=_agreed([tag.member for tag in best]),
        taxed=_agreed([tag.taxed for tag in best]),
        deposit=_agreed([tag.deposit for tag in best]),
        quantity=_agreed([tag.quantity for tag in best]),
        unit_price=_agreed([tag.unit_price for tag in best]),
        multi_buy=_agreed([tag.multi_buy for tag in best]),
        name=max((tag.name for tag in best), key=len) if not best[0].name else best[0].name,
        codes=tuple(dict.fromkeys(code for tag in best for code in tag.codes)),
        tax=best[0].tax or next((tag.tax for tag in best if tag.tax), ""),
        in_view=max(tag.in_view for tag in best),
    )


def _agreed(values: Sequence[_T | None]) -> _T | None:
    """What all who say something say; None where they differ."""
    said = [value for value in values if value is not None]
    return said[0] if said and all(value == said[0] for value in said) else None
