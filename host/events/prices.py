"""What is reported of prices that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from host.events.event import Event

__all__ = ["PriceKept", "PricesExported", "PricesForgotten", "PricesImported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceKept(Event):
    """A line of `price history`. Amounts are decimal strings; texts are data, whatever they say.

    Attributes:
        id: its number.
        seen: when, ISO 8601 with its offset.
        name_: of the product; `name` in JSON; empty where nobody knows.
        gtin: number of the article, or empty.
        price: of one package.
        currency: ISO 4217; empty where it was not known.
        quantity: how much is sold, of `quantity_unit`; None where the tag did not say.
        quantity_unit: "kg", "l", "piece", or empty.
        unit_price: of one `per`; None where none was printed.
        per: "kg", "l", "piece", or empty.
        without_tax: whether the tag said that its price is without tax.
        shop: as the wearer calls it, or empty.
        country: ISO 3166, or empty.
    """

    name: ClassVar[str] = "kept"
    id: int
    seen: str
    name_: str
    gtin: str
    price: str
    currency: str
    quantity: str | None
    quantity_unit: str
    unit_price: str | None
    per: str
    without_tax: bool
    shop: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesExported(Event):
    """So many prices of the history were written to the file `path`."""

    name: ClassVar[str] = "exported"
    prices: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesImported(Event):
    """So many prices of a country were taken from a dump of Open Prices; `licence` holds for all of them."""

    name: ClassVar[str] = "imported"
    prices: int
    country: str
    path: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesForgotten(Event):
    """So many prices of the history were deleted for good."""

    name: ClassVar[str] = "forgotten"
    prices: int
