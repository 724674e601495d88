"""A price beside what was seen before, and beside what open databases have of the article; pure.

Only what can be compared is: the same article, in the same size or else by the price of a kilogram, litre or piece, in
the same currency or else with the rate and its date; and never a price without tax with one that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Final, Literal

from host.contracts.prices import OpenPrice, SeenPrice, gtin_key, name_key
from host.price.money import Converted, Unconverted

__all__ = ["Market", "Past", "market_of", "past_of", "sentences"]

RECENT_DAYS: Final = 730
"""Reports of open databases older than this say more about inflation than about a shop."""

_SAME_SIZE: Final = Decimal("0.005")
"""Sizes that differ by a share of this at most are one: tags round "0.33 l" and "330 ml" alike, ounces worse."""

Basis = Literal["price", "unit price"]
_BASES: Final[tuple[Basis, ...]] = ("price", "unit price")
Exchange = Callable[[Decimal, str], Converted | Unconverted]
"""An amount in a currency, in that of the price that is looked at."""


@dataclass(frozen=True, slots=True)
class Past:
    """What the wearer has seen of this article, the price that is looked at left out.

    Attributes:
        basis: what is compared; "unit price" where no other was of the same size.
        times: how often it was seen.
        last: the newest of those.
        cheapest: the cheapest of those, the newest of equals; the last one where they are of another currency.
        rate: for `last` where it is of another currency, it in this one; None else.
    """

    basis: Basis
    times: int
    last: SeenPrice
    cheapest: SeenPrice
    rate: Converted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What an open database has of an article in a country, reduced prices left out.

    Attributes:
        country: ISO 3166.
        currency: ISO 4217.
        count: prices, 1 or more.
        median: of them; between the middle two where they are even.
        lowest: of them.
        highest: of them.
        first: day of the oldest.
        last: day of the newest.
    """

    country: str
    currency: str
    count: int
    median: Decimal
    lowest: Decimal
    highest: Decimal
    first: date
    last: date


def past_of(now: SeenPrice, earlier: Iterable[SeenPrice], exchange: Exchange | None = None) -> Past | None:
    """What was seen of this article before; None where nothing can be compared.

    Args:
        now: the price that is looked at.
        earlier: prices from the history, of this article and of others, in any order.
        exchange: to compare with a price in another currency where there is none in this one; None never does.
    """
    found = [(how, seen) for seen in earlier if (how := _basis(now, seen)) is not None]
    for basis in _BASES:
        own = [seen for how, seen in found if how == basis and seen.currency == now.currency and now.currency]
        if own:
            newest = sorted(own, key=lambda seen: (seen.seen, seen.id), reverse=True)
            cheapest = min(newest, key=lambda seen: _amount(seen, basis))
            return Past(basis, len(own), newest[0], cheapest)
    abroad = [seen for how, seen in found if how == "price" and seen.currency and seen.currency != now.currency]
    if abroad and exchange is not None and now.currency:
        last = max(abroad, key=lambda seen: (seen.seen, seen.id))
        rate = exchange(last.price, last.currency)
        if isinstance(rate, Converted):
            return Past("price", len(abroad), last, last, rate)
    return None


def market_of(now: SeenPrice, reported: Iterable[OpenPrice], country: str, today: date) -> Market | None:
    """What an open database has of this article, of the last two years; None where that is nothing.

    Args:
        now: the price that is looked at.
        reported: prices of this article and of others.
        country: ISO 3166; prices of others are left out.
        today: for their age.
    """
    if now.without_tax:  # databases have what was paid
        return None
    key, since = gtin_key(now.gtin), today - timedelta(days=RECENT_DAYS)
    fitting = [
        price
        for price in reported
        if key and gtin_key(price.gtin) == key and price.currency == now.currency and price.country == country
        if not price.discounted and since <= price.day <= today
    ]
    if not fitting:
        return None
    amounts, days = [price.price for price in fitting], [price.day for price in fitting]
    return Market(
        country=country,
        currency=now.currency,
        count=len(fitting),
        median=median(amounts),
        lowest=min(amounts),
        highest=max(amounts),
        first=min(days),
        last=max(days),
    )


def sentences(
    now: SeenPrice,
    past: Past | None,
    market: Market | None,
    money: Callable[[Decimal, str], str],
    day: Callable[[date], str],
) -> Sequence[str]:
    """What a card says of it, a phrase each: "last 24.90 on 3 Oct, cheapest 19.90 on 1 Aug at Kiwi".

    Args:
        now: the price that is looked at.
        past: of the wearer's history.
        market: of an open database.
        money: writes an amount of a currency.
        day: writes a day.
    """
    said = []
    if past is not None:
        said.append(_past_said(now, past, money, day))
    if market is not None:
        middle = money(market.median, market.currency)
        if market.count == 1:
            said.append(f"Open Prices {market.country}: {middle}, reported once, {day(market.last)}")
        else:
            span = f"{money(market.lowest, market.currency)} to {money(market.highest, market.currency)}"
            days = f"{day(market.first)} to {day(market.last)}" if market.first != market.last else day(market.last)
            said.append(f"Open Prices {market.country}: mostly {middle} ({span}; {market.count} prices, {days})")
    return tuple(said)


def _past_said(now: SeenPrice, past: Past, money: Callable[[Decimal, str], str], day: Callable[[date], str]) -> str:
    def said(seen: SeenPrice) -> str:
        per = ""
        if past.basis == "unit price" and (one := seen.for_one) is not None:
            per = f" per {one[1]}"
        where = f" at {seen.shop}" if seen.shop and seen.shop != now.shop else ""
        return f"{money(_amount(seen, past.basis), seen.currency)}{per} on {day(seen.seen.date())}{where}"

    if past.rate is not None:
        value = money(past.rate.amount, past.rate.currency)
        return f"last {said(past.last)}, {value} at the rate of {day(past.rate.day)}"
    if past.cheapest is past.last:
        return f"last {said(past.last)}" + (", never cheaper" if past.times > 1 else "")
    if _amount(past.cheapest, past.basis) == _amount(past.last, past.basis):
        return f"last {said(past.last)}"
    return f"last {said(past.last)}, cheapest {said(past.cheapest)}"


def _basis(now: SeenPrice, seen: SeenPrice) -> Basis | None:
    """By what two prices can be compared; None where they are not of one article, or of sizes that nobody knows."""
    same_gtin = bool(now.gtin) and gtin_key(now.gtin) == gtin_key(seen.gtin)
    if now.without_tax != seen.without_tax:
        return None
    if not same_gtin:
        if now.gtin and seen.gtin:
            return None
        key = name_key(now.name)
        if not key or key != name_key(seen.name):
            return None
    known = now.quantity is not None and seen.quantity is not None
    if known and _same_size(now, seen):
        return "price"
    if not known and (same_gtin or (now.quantity is None and seen.quantity is None)):
        return "price"
    one, other = now.for_one, seen.for_one
    return "unit price" if one is not None and other is not None and one[1] == other[1] else None


def _same_size(one: SeenPrice, other: SeenPrice) -> bool:
    if one.quantity is None or other.quantity is None or one.quantity_unit != other.quantity_unit:
        return False
    return abs(one.quantity - other.quantity) <= _SAME_SIZE * max(one.quantity, other.quantity)


def _amount(seen: SeenPrice, basis: Basis) -> Decimal:
    one = seen.for_one
    return one[0] if basis == "unit price" and one is not None else seen.price
