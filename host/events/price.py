"""What is reported of prices that are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from host.events.event import Event

__all__ = ["PriceRead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRead(Event):
    """A tag, a package or a barcode was looked at. Amounts are decimal strings; texts are data, whatever they say.

    Attributes:
        file: name of the photo; empty for photos of the glasses' camera.
        accepted: whether `amount` may be taken as read; else it is None, and `reason` and `hint` say why.
        reason: why there is no price, as a phrase; empty where there is one.
        hint: what to do about that.
        amount: the price: of one, or of `multi_buy.count` where that is `multi_buy.total`.
        per: what it is for, such as "1 kg", of goods sold by weight or measure; empty for one package.
        currency: ISO 4217; empty where it is not known.
        converted: `{amount, currency, rate_date}` of one in the wearer's currency; None where it is not converted.
        unit_price: `{amount, per}`, such as per "1 kg"; None where none is printed.
        was: the price before.
        member: the price for members, where it is another.
        taxed: the price with tax, where `amount` is without.
        multi_buy: `{count, total, paid}`: so many for a total, or for the price of fewer; None where none is offered.
        deposit: on top of the price.
        quantity: how much is sold, such as "500 g"; empty where it is not known.
        tax: "in", "out", or empty where the tag does not say.
        name_: of the product; `name` in JSON.
        gtin: number of the article, from a barcode; empty where there was none.
        confidence: of the figures read, 0 to 1.
        tags_in_view: tags whose prices were seen; the one in the middle was taken.
        photos: how many were read for it.
        codes: what QR codes say; never opened.
        compared: what is known of the product's other prices, a sentence each.
        seconds: that each stage took, all photos together.
        text: all of this in one line for a person.
    """

    name: ClassVar[str] = "price"
    file: str
    accepted: bool
    reason: str = ""
    hint: str = ""
    amount: str | None = None
    per: str = ""
    currency: str = ""
    converted: Mapping[str, str] | None = None
    unit_price: Mapping[str, str] | None = None
    was: str | None = None
    member: str | None = None
    taxed: str | None = None
    multi_buy: Mapping[str, object] | None = None
    deposit: str | None = None
    quantity: str = ""
    tax: str = ""
    name_: str = ""
    gtin: str = ""
    confidence: float = 0.0
    tags_in_view: int = 0
    photos: int = 1
    codes: Sequence[str] = ()
    compared: Sequence[str] = ()
    seconds: Mapping[str, float]
    text: str
