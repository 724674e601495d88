"""A price as the event that scripts read; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from host.events import PriceRead
from host.price.card import Priced, Writing, line_of, quantity_text, what_to_do
from host.price.money import Converted

__all__ = ["event_of"]


def event_of(
    priced: Priced, writing: Writing, *, t: float, file: str, photos: int, seconds: Mapping[str, float]
) -> PriceRead:
    """The event of a price; one that was refused has no amounts.

    Args:
        priced: what is known.
        writing: how amounts and days are written in its line of text.
        t: seconds since the program started.
        file: name of the photo; empty for photos of the camera.
        photos: how many were read.
        seconds: that each stage took.
    """
    tag = priced.tag
    event = PriceRead(
        t=t,
        file=file,
        accepted=tag.accepted,
        reason=str(tag.refusal or ""),
        hint=what_to_do(tag),
        currency=tag.currency,
        name_=priced.product,
        gtin=priced.gtin,
        confidence=tag.confidence,
        tags_in_view=tag.in_view,
        photos=photos,
        codes=list(priced.codes),
        compared=list(priced.compared),
        seconds=seconds,
        text=line_of(priced, writing),
    )
    if not tag.accepted:
        return event
    converted, unit, offer = priced.converted, tag.unit_price, tag.multi_buy
    return replace(
        event,
        amount=_text(tag.price),
        converted=None
        if not isinstance(converted, Converted)
        else {
            "amount": f"{converted.amount:f}",
            "currency": converted.currency,
            "rate_date": converted.day.isoformat(),
        },
        unit_price=None if unit is None else {"amount": f"{unit.amount:f}", "per": quantity_text(unit.per)},
        per="" if tag.per is None else quantity_text(tag.per),
        was=_text(tag.was),
        member=_text(tag.member),
        taxed=_text(tag.taxed),
        multi_buy=None if offer is None else {"count": offer.count, "total": _text(offer.total), "paid": offer.paid},
        deposit=_text(tag.deposit),
        quantity="" if tag.quantity is None else quantity_text(tag.quantity),
        tax=tag.tax,
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
