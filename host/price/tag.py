"""What a shelf tag says, once it is understood; pure values.

Money is `Decimal` as printed, never rounded. A tag that is not accepted carries no price: what was seen of it is in
`evidence`, for a log and never for the lens.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from host.price.quantities import Quantity

__all__ = ["MultiBuy", "Refusal", "Tag", "Tax", "UnitPrice"]

Tax = Literal["in", "out", ""]
"""Whether the tag says that its price is with tax or without; mostly it says nothing."""


class Refusal(StrEnum):
    """Why a price is not shown as read."""

    NONE_FOUND = "no price found"
    UNSURE = "the price is not legible"
    CENTS = "it is not clear where the cents begin"
    SUMS = "price, unit price and quantity do not agree"
    SEVERAL = "several numbers could be the price"
    HIDDEN = "something may hide a figure of the price"
    CUT = "the price is cut off by the photo's edge"
    MEMBERS = "only a price for members was read"
    ASIDE = "the price is not of the tag in the middle"
    PHOTOS = "two photos say different prices"
    READERS = "two readers say different prices"
    ALONE = "nothing confirms what the vision model read"


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price for so much of something: more than 0."""

    amount: Decimal
    per: Quantity


@dataclass(frozen=True, slots=True)
class MultiBuy:
    """So many for a total ("2 for 5"), or for the price of fewer ("3x2").

    Attributes:
        count: how many one takes, 2 or more.
        total: for all of them; None where the tag does not say.
        paid: how many are paid for, fewer than `count`; None for a total.
    """

    count: int
    total: Decimal | None = None
    paid: int | None = None

    def each(self, single: Decimal | None) -> Decimal | None:
        """For one of them, not rounded; None where it cannot be told."""
        if self.total is not None:
            return self.total / self.count
        if self.paid is not None and single is not None:
            return single * self.paid / self.count
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What a tag says.

    Attributes:
        price: as printed; of one package, or of `multi_buy.count` where the tag has no other. None if refused.
        currency: ISO 4217; empty where neither the tag nor the country tells.
        per: what the price is for, of goods sold by weight or measure; None where it is for one package.
        refusal: why there is no price; None where it is accepted.
        confidence: of the figures read, 0 to 1.
        unit_price: as printed; None where none is.
        was: the price before; None where none is.
        member: the price for members, where it is another; None where none is.
        taxed: the price with tax, where `price` is without; None where it is not printed.
        multi_buy: an offer for several; None where none is.
        quantity: how much is sold; None where the tag does not say.
        deposit: for the bottle, on top of the price; None where none is named.
        name: of the product, as read; empty where none is.
        codes: numbers that name the article, as read.
        tax: as far as the tag says.
        candidates: of a refused price, what its figures may say, the likeliest first; for `vote.py` only.
        in_view: tags whose prices were seen, this one included.
        evidence: what spoke for and against, in short words.
    """

    price: Decimal | None = None
    currency: str = ""
    per: Quantity | None = None
    refusal: Refusal | None = Refusal.NONE_FOUND
    confidence: float = 0.0
    unit_price: UnitPrice | None = None
    was: Decimal | None = None
    member: Decimal | None = None
    taxed: Decimal | None = None
    multi_buy: MultiBuy | None = None
    quantity: Quantity | None = None
    deposit: Decimal | None = None
    name: str = ""
    codes: tuple[str, ...] = ()
    tax: Tax = ""
    candidates: tuple[Decimal, ...] = ()
    in_view: int = 0
    evidence: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """True if the price may be shown as read."""
        return self.refusal is None and self.price is not None
