"""Prices as they are kept and looked up: what the wearer saw, what open databases say, what a currency is worth.

Money is `Decimal`, as printed. A GTIN is its digits, its check digit verified, and empty where an article has none or
only a number of one shop's own.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

__all__ = ["OpenPrice", "Product", "Rate", "SeenPrice", "gtin_key", "name_key"]

Unit = Literal["kg", "l", "piece", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPrice:
    """A price that the wearer saw and that was accepted.

    Attributes:
        seen: when, with its offset.
        price: more than 0.
        currency: ISO 4217; empty where nobody knows.
        gtin: of the article, or empty.
        name: of the product as read, or empty.
        quantity: how much is sold, of `quantity_unit`; None where the tag does not say.
        quantity_unit: empty where there is no quantity.
        unit_price: as printed, of one `per`; None where there is none.
        per: empty where there is no unit price.
        without_tax: whether the tag said that its price is without tax; what is paid is then more.
        shop: as the wearer calls it, or empty.
        country: ISO 3166, two letters, or empty.
        id: its number in the history; 0 before it is kept.
    """

    seen: datetime
    price: Decimal
    currency: str
    gtin: str = ""
    name: str = ""
    quantity: Decimal | None = None
    quantity_unit: Unit = ""
    unit_price: Decimal | None = None
    per: Unit = ""
    without_tax: bool = False
    shop: str = ""
    country: str = ""
    id: int = 0

    @property
    def for_one(self) -> tuple[Decimal, Unit] | None:
        """The price of one kilogram, litre or piece: as printed, else of price and quantity; None where neither is."""
        if self.unit_price is not None and self.per:
            return self.unit_price, self.per
        if self.quantity and self.quantity_unit:
            return self.price / self.quantity, self.quantity_unit
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPrice:
    """A price that somebody reported to an open database.

    Attributes:
        id: the database's number of it.
        gtin: of the article.
        price: more than 0, of one package.
        currency: ISO 4217.
        day: when it was seen.
        country: ISO 3166, two letters.
        shop: its name, or empty; text from outside.
        discounted: whether it was reported as reduced.
    """

    id: int
    gtin: str
    price: Decimal
    currency: str
    day: date
    country: str
    shop: str = ""
    discounted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What an open database says of an article; text from outside, each empty where it does not say."""

    gtin: str
    name: str = ""
    brand: str = ""
    quantity: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """How much of a currency one euro was on a day: more than 0."""

    per_euro: Decimal
    day: date


def gtin_key(gtin: str) -> str:
    """What is alike in all ways to write one GTIN: its fourteen digits (UPC-A is EAN-13 with a zero before)."""
    return gtin.zfill(14) if gtin else ""


def name_key(name: str) -> str:
    """What is alike in names that differ in case, accents and signs only; empty where there is no letter."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split()
    return " ".join(words) if any(c.isalpha() for word in words for c in word) else ""
