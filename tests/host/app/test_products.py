"""Who knows a product: the history, open databases, exchange rates; and what fails without costing the price."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from open_data_server import MILK, OpenDataServer, archive, said

from host.app.products import Known, Products, seen_of
from host.config import Settings
from host.contracts.prices import OpenPrice, SeenPrice
from host.price.card import Writing
from host.price.money import Converted, Unconverted
from host.price.quantities import Quantity
from host.price.tag import MultiBuy, Tag, UnitPrice
from host.store.prices import Prices
from host.store.prices_open import OpenPrices

pytest.importorskip("currency_converter")

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
PLAIN = Writing(lambda amount, currency: f"{amount} {currency}".strip(), lambda day: day.isoformat())
OFFLINE = Settings(currency="EUR", price_country="NO", price_shop="Kiwi")


def seen(price="24.90", **more) -> SeenPrice:
    given = {"currency": "NOK", "gtin": MILK, "name": "Melk", "country": "NO", "shop": "Kiwi", "seen": NOW, **more}
    return SeenPrice(price=Decimal(price), **given)


def known(folder, *prices: SeenPrice, settings=OFFLINE, now=NOW) -> Known:
    """What is known of the last of these prices, looked at one after the other."""

    async def main() -> Known:
        clock = [now]
        async with Products.opened(folder, settings, lambda: clock[0]) as products:
            for price in prices:
                clock[0] = max(now, price.seen)
                found = await products.known(price, PLAIN)
        return found

    return asyncio.run(main())


def kept(folder) -> list[SeenPrice]:
    with contextlib.closing(Prices.open(folder)) as history:
        return history.all()


def online(server, **more) -> Settings:
    urls = {f"price_{name}_url": server.url for name in ("products", "prices", "rates")}
    return replace(OFFLINE, **{"price_online": True, **urls, **more})


def messages(found: Known) -> list[str]:
    return [problem.message for problem in found.problems]


def test_a_price_is_kept_converted_and_compared_the_next_time(tmp_path):
    first = known(tmp_path, seen())
    assert first.converted == Converted(Decimal("2.41"), "EUR", date(2026, 10, 30), 23)
    assert (first.compared, first.problems, first.notes) == ((), [], [])
    later = seen("19.90", seen=NOW + timedelta(days=1))
    assert known(tmp_path, later).compared == ("last 24.90 NOK on 2026-11-22",)
    assert [price.price for price in kept(tmp_path)] == [Decimal("19.90"), Decimal("24.90")]


def test_the_same_look_is_kept_once_and_told_the_same(tmp_path):
    known(tmp_path, seen("20", seen=NOW - timedelta(days=9)), now=NOW - timedelta(days=9))
    again = [seen(), seen(seen=NOW + timedelta(minutes=50))]
    assert known(tmp_path, *again).compared == ("last 20 NOK on 2026-11-13",)
    assert len(kept(tmp_path)) == 2
    assert "24.90" in known(tmp_path, seen(seen=NOW + timedelta(hours=2))).compared[0]
    assert len(kept(tmp_path)) == 3


def test_another_price_or_shop_within_the_hour_is_another(tmp_path):
    known(tmp_path, seen(), seen("26"), seen(shop="Rema"))
    assert len(kept(tmp_path)) == 3


@pytest.mark.parametrize(
    ("currency", "into", "reason"),
    [
        ("TWD", "EUR", "the European Central Bank gives no rate for TWD"),
        ("RUB", "EUR", "there has been no rate for RUB since 2022-03-01"),
        ("HRK", "NOK", "there has been no rate for HRK since 2022-12-30"),
        ("", "EUR", "the currency of the price is not known"),
    ],
)
def test_what_cannot_be_converted_says_so(tmp_path, currency, into, reason):
    settings = replace(OFFLINE, currency=into)
    assert known(tmp_path, seen(currency=currency), settings=settings).converted == Unconverted(reason)


def test_old_rates_are_said_and_older_ones_not_used(tmp_path):
    found = known(tmp_path, seen(), now=datetime(2027, 1, 30, tzinfo=UTC))
    assert found.converted.old
    assert found.notes == ["the exchange rate is 92 days old; price.fresh_rates = true gets newer ones"]
    found = known(tmp_path, seen(), now=datetime(2028, 1, 30, tzinfo=UTC))
    assert found.converted == Unconverted(
        "the exchange rates are too old, of 2026-10-30; price.fresh_rates = true gets newer ones"
    )


def test_without_a_currency_of_ones_own_nothing_is_converted(tmp_path):
    assert known(tmp_path, seen(), settings=replace(OFFLINE, currency="")).converted is None
    assert known(tmp_path, seen(), settings=replace(OFFLINE, currency="NOK")).converted is None


def test_abroad_it_is_compared_with_the_date_of_the_rate(tmp_path):
    known(tmp_path, seen("2.50", currency="EUR", seen=NOW - timedelta(days=3)), now=NOW - timedelta(days=3))
    assert known(tmp_path, seen()).compared == ("last 2.50 EUR on 2026-11-19, 25.78 NOK at the rate of 2026-10-30",)


def test_nobody_is_asked_unless_that_is_turned_on(tmp_path):
    with OpenDataServer().running() as server:
        known(tmp_path, seen(), settings=replace(online(server), price_online=False))
        assert server.requests == []


def test_open_databases_name_the_article_and_compare_once_a_day(tmp_path):
    with OpenDataServer().running() as server:
        found = known(tmp_path, seen(name=""), settings=online(server))
        assert found.product == "TINE Lettmelk 1,75 l"
        assert found.compared == ("Open Prices NO: mostly 22.5 NOK (21 NOK to 24 NOK; 4 prices, 2026-10-01)",)
        assert sorted(found.notes) == [
            "Prices: Open Prices contributors, ODbL 1.0 (prices.openfoodfacts.org)",
            "Product data: Open Food Facts contributors, ODbL 1.0 (openfoodfacts.org)",
        ]
        assert len(server.requests) == 2
        again = known(tmp_path, seen(name=""), settings=online(server))
        assert len(server.requests) == 2, "it is kept"
        assert (again.product, again.compared) == (found.product, found.compared)
        known(tmp_path, seen(name=""), settings=online(server), now=NOW + timedelta(days=2))
        assert [path for path, *_ in server.requests[2:]] == ["/api/v1/prices"]
    assert kept(tmp_path)[0].name == "TINE Lettmelk 1,75 l"[5:13]


def test_what_nobody_knows_is_not_asked_again_for_a_week(tmp_path):
    with OpenDataServer().running() as server:
        other = seen(gtin="4006381333931", name="", country="")
        for days, asked in ((0, 1), (6, 1), (7, 2)):
            assert known(tmp_path, other, settings=online(server), now=NOW + timedelta(days=days)).product == ""
            assert len(server.requests) == asked


@pytest.mark.parametrize("status", [429, 500, 503])
def test_databases_that_will_not_answer_cost_no_price(tmp_path, status):
    with OpenDataServer(lambda *_: said({}, status)).running() as server:
        found = known(tmp_path, seen("20", seen=NOW - timedelta(days=9)), seen(), settings=online(server))
    assert found.converted.amount == Decimal("2.41")
    assert found.compared == ("last 20 NOK on 2026-11-13",)
    names = {message.split(" answered")[0].split(" takes")[0] for message in messages(found)}
    assert names == {"Open Food Facts", "Open Prices"}
    assert len(kept(tmp_path)) == 2


def test_databases_out_of_reach_cost_no_price(tmp_path):
    with OpenDataServer().running() as server:
        settings = online(server, price_fresh_rates=True)
    found = known(tmp_path, seen(), settings=settings)
    assert found.converted.day == date(2026, 10, 30), "the rates that came with the library"
    assert len(messages(found)) == 3
    assert all("nothing listens" in message for message in messages(found))


def test_imported_prices_are_compared_without_a_network(tmp_path):
    row = OpenPrice(id=1, gtin=MILK, price=Decimal("22.50"), currency="NOK", day=date(2026, 9, 1), country="NO")
    with contextlib.closing(OpenPrices.open(tmp_path)) as public:
        public.take_over([row, replace(row, id=2, country="SE")])
    found = known(tmp_path, seen())
    assert found.compared == ("Open Prices NO: 22.50 NOK, reported once, 2026-09-01",)
    assert len(found.notes) == 1


def test_fresh_rates_are_got_once_a_day_if_allowed(tmp_path):
    with OpenDataServer().running() as server:
        settings = online(server, price_fresh_rates=True, price_online=False)
        for _ in range(2):
            assert known(tmp_path, seen(), settings=settings).converted.day == date(2026, 11, 20)
        assert len(server.requests) == 1
        assert known(tmp_path, seen(), settings=OFFLINE).converted.day == date(2026, 11, 20), "what is here is used"
        known(tmp_path, seen(), settings=settings, now=NOW + timedelta(days=1))
        assert len(server.requests) == 2


def test_rates_that_are_nonsense_leave_those_that_are_here(tmp_path):
    with OpenDataServer(lambda *_: (200, "application/zip", archive(b"0" * (9 << 20)), {})).running() as server:
        found = known(tmp_path, seen(), settings=online(server, price_fresh_rates=True, price_online=False))
    assert found.converted.day == date(2026, 10, 30)
    assert "the European Central Bank answered with something" in messages(found)[0]


def test_a_store_that_fails_costs_no_price(tmp_path):
    async def main() -> Known:
        async with Products.opened(tmp_path, OFFLINE, lambda: NOW) as products:
            connection = products._history._database._connection
            connection.execute("PRAGMA max_page_count = 1")
            for day in range(100):
                found = await products.known(seen(name="x" * 300, seen=NOW + timedelta(days=day)), PLAIN)
                if found.problems:
                    break
            return found

    found = asyncio.run(main())
    assert "no room left" in messages(found)[0]
    assert found.converted.amount == Decimal("2.41")


def test_an_article_without_a_price(tmp_path):
    async def main(settings) -> Known:
        async with Products.opened(tmp_path, settings, lambda: NOW) as products:
            return await products.named(MILK)

    with OpenDataServer().running() as server:
        assert asyncio.run(main(online(server))).product == "TINE Lettmelk 1,75 l"
    assert asyncio.run(main(OFFLINE)).product == "TINE Lettmelk 1,75 l"
    assert kept(tmp_path) == []


def test_several_at_once_do_not_disturb_each_other(tmp_path):
    numbers = [f"{n:012}" for n in range(12)]

    async def main(settings) -> list[Known]:
        async with Products.opened(tmp_path, settings, lambda: NOW) as products:
            return await asyncio.gather(*(products.known(seen(gtin=gtin, name=gtin), PLAIN) for gtin in numbers))

    with OpenDataServer().running() as server:
        assert [found.problems for found in asyncio.run(main(online(server)))] == [[]] * 12
    assert sorted(price.gtin for price in kept(tmp_path)) == numbers


def test_whoever_breaks_off_leaves_a_price_whole(tmp_path):
    async def main() -> None:
        async with Products.opened(tmp_path, OFFLINE, lambda: NOW) as products:
            for turns in range(40):
                looking = asyncio.create_task(products.known(seen(name=f"n{turns}", gtin=""), PLAIN))
                for _ in range(turns):
                    await asyncio.sleep(0)
                looking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await looking

    asyncio.run(main())
    assert all(price.price == Decimal("24.90") for price in kept(tmp_path))


def test_a_tag_becomes_what_is_kept():
    tag = Tag(
        price=Decimal("24.90"),
        currency="NOK",
        refusal=None,
        unit_price=UnitPrice(Decimal("1.99"), Quantity(Decimal("0.1"), "kg")),
        quantity=Quantity(Decimal("1.25"), "kg"),
        name="Melk",
    )
    found = seen_of(tag, MILK, OFFLINE, NOW)
    assert found == seen(quantity=Decimal("1.25"), quantity_unit="kg", unit_price=Decimal("19.9"), per="kg")
    several = replace(tag, price=Decimal(5), multi_buy=MultiBuy(3, total=Decimal(5)))
    assert seen_of(several, "", OFFLINE, NOW).price == Decimal("1.67")
    taxed = seen_of(replace(tag, tax="out", taxed=Decimal("27.39")), "", OFFLINE, NOW)
    assert (taxed.price, taxed.unit_price, taxed.without_tax) == (Decimal("27.39"), None, False)
    assert seen_of(replace(tag, tax="out"), "", OFFLINE, NOW).without_tax
    weighed = seen_of(replace(tag, per=Quantity(Decimal("0.1"), "kg")), "", OFFLINE, NOW)
    assert (weighed.quantity, weighed.quantity_unit) == (Decimal("0.1"), "kg")
    assert seen_of(Tag(), "", OFFLINE, NOW) is None
    assert seen_of(replace(tag, refusal="doubt", price=None), "", OFFLINE, NOW) is None
