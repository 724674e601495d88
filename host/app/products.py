"""Who knows a product and its price: the wearer's history, open databases, the exchange rates.

What is kept is kept before it is told. Nobody is asked over the network unless that is turned on; who does not answer
costs a note and never the price.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, ParamSpec, Self, TypeVar

from host.backends import open_food_facts, open_prices
from host.backends.exchange_rates import ExchangeRates, bundled_rates
from host.backends.open_food_facts import OpenFoodFacts
from host.backends.open_prices import OpenPricesServer
from host.config import Settings
from host.contracts.prices import OpenPrice, Rate, SeenPrice, gtin_key, name_key
from host.errors import HostError, StoreError
from host.price.card import Writing
from host.price.compare import market_of, past_of, sentences
from host.price.money import NEWER, Converted, Unconverted, converted, rounded
from host.price.tag import Tag
from host.store.prices import Prices
from host.store.prices_open import OpenPrices

__all__ = ["Known", "Products", "seen_of"]

SAME_LOOK: Final = timedelta(hours=1)
"""The same price of the same article again within this is the same visit: told as before, and kept once."""

PRODUCT_DAYS: Final = 30  # a name changes rarely
MISSING_DAYS: Final = 7  # somebody may have added it
PRICES_DAYS: Final = 1  # as often as Open Prices publishes its dumps

Given = ParamSpec("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a price.

    Attributes:
        product: name of the article, as an open database has it; empty where nobody knows.
        converted: the price in the wearer's currency, or why not; None where that is not another one.
        compared: other prices of the article, a sentence each.
        notes: what else is to be said: old rates, whose data it is.
        problems: what failed, for a report; the rest holds.
    """

    product: str = ""
    converted: Converted | Unconverted | None = None
    compared: Sequence[str] = ()
    notes: Sequence[str] = ()
    problems: Sequence[HostError] = ()


class Products:
    """Everybody who is asked; make it with `opened`."""

    def __init__(self, history: Prices, public: OpenPrices, settings: Settings, now: Callable[[], datetime]) -> None:
        """Use what is open; nothing is asked."""
        self._history, self._public, self._settings, self._now = history, public, settings, now
        self._articles = OpenFoodFacts(settings.price_products_url) if settings.price_online else None
        self._prices = OpenPricesServer(settings.price_prices_url) if settings.price_online else None
        self._bank = ExchangeRates(settings.price_rates_url) if settings.price_fresh_rates else None
        self._rates: dict[str, Rate] | None = None
        self._asking, self._storing = asyncio.Lock(), asyncio.Lock()

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(
        cls, folder: Path, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone()
    ) -> AsyncIterator[Self]:
        """Open what is kept in the data folder; closed whatever ends it.

        Raises:
            UsageError: an address that is none.
            StoreError: the data folder cannot be used.
        """
        with (
            contextlib.closing(await asyncio.to_thread(Prices.open, folder)) as history,
            contextlib.closing(await asyncio.to_thread(OpenPrices.open, folder)) as public,
        ):
            products = cls(history, public, settings, now)
            try:
                if settings.currency:
                    await products._have_rates([])  # half a second that no photo waits for
                yield products
            finally:
                products.close()

    async def known(self, seen: SeenPrice, writing: Writing) -> Known:
        """Compare a price with what is known, and keep it; again within an hour it is told the same and kept once.

        Cancelling leaves it kept or not, and breaks off what is asked.

        Args:
            seen: an accepted price.
            writing: how the wearer writes.

        Raises:
            BackendMissingError: the library that writes amounts is not installed.
        """
        notes: list[str] = []
        problems: list[HostError] = []
        earlier = await self._kept(seen, problems)
        into, today = self._settings.currency, self._today()
        abroad = bool(into) and into != seen.currency
        if abroad or any(other.currency != seen.currency for other in earlier):
            await self._have_rates(problems)
        rates = self._rates or {}
        product, reported = await asyncio.gather(
            self._article(seen.gtin, notes, problems), self._reported(seen, problems)
        )
        now = replace(seen, name=seen.name or product)

        def exchange(amount: Decimal, currency: str) -> Converted | Unconverted:
            return converted(amount, currency, seen.currency, rates, today)

        market = market_of(now, reported, seen.country, today)
        if market is not None:
            notes.append(open_prices.LICENCE)
        value = None
        if abroad and rates:
            value = converted(seen.price, seen.currency, into, rates, today)
            if isinstance(value, Converted) and value.old:
                notes.append(f"the exchange rate is {value.age_days} days old; {NEWER}")
        past = past_of(now, earlier, exchange)
        compared = sentences(now, past, market, writing.money, writing.day)
        return Known(product=product, converted=value, compared=compared, notes=notes, problems=problems)

    async def named(self, gtin: str) -> Known:
        """What an article is, where no price was read. Cancelling breaks off."""
        notes: list[str] = []
        problems: list[HostError] = []
        product = await self._article(gtin, notes, problems)
        return Known(product=product, notes=notes, problems=problems)

    def close(self) -> None:
        """Ask no more. Repeated calls do nothing."""
        for server in (self._articles, self._prices, self._bank):
            if server is not None:
                server.close()

    def _today(self) -> date:
        return self._now().date()

    async def _kept(self, seen: SeenPrice, problems: list[HostError]) -> list[SeenPrice]:
        """Keep it, unless this is the same look at it; what was kept of the article before."""

        def keep() -> list[SeenPrice]:
            earlier = self._history.like(seen)
            again = {other.id for other in earlier if _same_look(seen, other)}
            if not again:
                self._history.add(seen)
            return [other for other in earlier if other.id not in again]

        try:
            return await self._stored(keep)
        except StoreError as error:
            problems.append(error)
            return []

    async def _article(self, gtin: str, notes: list[str], problems: list[HostError]) -> str:
        """The article's name, from what is kept or from Open Food Facts."""
        if not gtin:
            return ""
        found = None
        try:
            kept = await self._stored(self._public.product, gtin)
            if kept is not None:
                found = kept[0]
            limit = PRODUCT_DAYS if found else MISSING_DAYS
            if self._articles is not None and (kept is None or self._age(kept[1]) >= limit):
                found = await self._articles.product(gtin)
                await self._stored(self._public.keep_product, gtin, found, self._today())
        except HostError as error:
            problems.append(error)
        if found is None:
            return ""
        notes.append(open_food_facts.LICENCE)
        named = found.name if found.brand.casefold() in found.name.casefold() else f"{found.brand} {found.name}"
        return f"{named.strip()} {found.quantity}".strip()

    async def _reported(self, seen: SeenPrice, problems: list[HostError]) -> list[OpenPrice]:
        """Prices of the article that others reported, from what is kept and from Open Prices."""
        if not (seen.gtin and seen.country and seen.currency):
            return []
        found: list[OpenPrice] = []
        try:
            found, asked = await self._stored(self._public.prices, seen.gtin, seen.country)
            if self._prices is not None and (asked is None or self._age(asked) >= PRICES_DAYS):
                came = await self._prices.prices(seen.gtin, seen.currency)
                await self._stored(self._public.keep_prices, seen.gtin, came, self._today())
                found, _ = await self._stored(self._public.prices, seen.gtin, seen.country)
        except HostError as error:
            problems.append(error)
        return found

    async def _have_rates(self, problems: list[HostError]) -> None:
        """Have the exchange rates: those that came with the library, newer ones that were got, today's if allowed."""
        async with self._asking:
            if self._rates is not None and self._bank is None:
                return
            try:
                if self._rates is None:
                    self._rates = await asyncio.to_thread(bundled_rates)
                kept, asked = await self._stored(self._public.rates)
                if self._bank is not None and (asked is None or asked < self._today()):
                    kept = await self._bank.newest(self._today())
                    await self._stored(self._public.keep_rates, kept, self._today())
            except HostError as error:
                problems.append(error)
            else:
                self._rates |= {code: rate for code, rate in kept.items() if _newer(rate, self._rates.get(code))}

    async def _stored(self, work: Callable[Given, Made], *args: Given.args, **options: Given.kwargs) -> Made:
        """What the store's `work` gives, done off the event loop, one after the other, and to its end if cancelled."""
        async with self._storing:
            done = asyncio.ensure_future(asyncio.to_thread(work, *args, **options))
            try:
                return await asyncio.shield(done)
            except asyncio.CancelledError:
                await asyncio.wait({done})  # whoever cancels closes the store next
                raise

    def _age(self, day: date) -> int:
        """Days since then; as many as there are for a clock that was wrong."""
        return abs((self._today() - day).days)


def seen_of(tag: Tag, gtin: str, settings: Settings, now: datetime) -> SeenPrice | None:
    """The price of an accepted tag, as it is kept; None where there is none.

    Of several for one price it is the price of one, of a price without and with tax that with it, and of goods sold by
    weight the quantity is what the price is for.
    """
    if not tag.accepted or tag.price is None or tag.price <= 0:
        return None
    price, unit, sold = tag.price, tag.unit_price, tag.per or tag.quantity
    if tag.taxed is not None:
        price, unit = tag.taxed, None  # which of the two the unit price belongs to, no tag says
    elif tag.multi_buy is not None and tag.multi_buy.total == price:
        price = rounded(price / tag.multi_buy.count, tag.currency)
    return SeenPrice(
        seen=now,
        price=price,
        currency=tag.currency,
        gtin=gtin,
        name=tag.name,
        quantity=None if sold is None else sold.amount,
        quantity_unit="" if sold is None else sold.unit,
        unit_price=None if unit is None else _plain(unit.amount / unit.per.amount),
        per="" if unit is None else unit.per.unit,
        without_tax=tag.tax == "out" and tag.taxed is None,
        shop=settings.price_shop,
        country=settings.price_country,
    )


def _plain(amount: Decimal) -> Decimal:
    """To four decimals at most, and no more than it has: what is printed for a pound is no round sum for a kilogram."""
    return Decimal(format(round(amount, 4).normalize(), "f"))


def _same_look(seen: SeenPrice, other: SeenPrice) -> bool:
    article = gtin_key(seen.gtin) == gtin_key(other.gtin) and name_key(seen.name) == name_key(other.name)
    same = seen.price == other.price and seen.currency == other.currency and seen.shop == other.shop
    return article and same and abs(seen.seen - other.seen) < SAME_LOOK


def _newer(rate: Rate, than: Rate | None) -> bool:
    return than is None or rate.day > than.day
