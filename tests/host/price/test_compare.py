"""What a price is compared with, and never with what."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.contracts.prices import OpenPrice, SeenPrice, gtin_key, name_key
from host.price.compare import Past, market_of, past_of, sentences
from host.price.money import Converted, Unconverted

TODAY = date(2026, 11, 20)
MILK = "7038010000782"


def seen(price: str, day: int = 1, **more) -> SeenPrice:
    given = {"currency": "NOK", "gtin": MILK, **more}
    return SeenPrice(seen=datetime(2026, 10, day, 12, tzinfo=UTC), price=Decimal(price), id=day, **given)


def named(price: str, day: int = 1, **more) -> SeenPrice:
    return seen(price, day, **{"gtin": "", "name": "TINE Melk", **more})


def kilograms(amount: str) -> dict:
    return {"quantity": Decimal(amount), "quantity_unit": "kg"}


def reported(price: str, number: int = 1, **more) -> OpenPrice:
    given = {"currency": "NOK", "gtin": MILK, "country": "NO", "day": date(2026, 9, number), **more}
    return OpenPrice(id=number, price=Decimal(price), **given)


def said(now: SeenPrice, past: Past | None, market=None) -> list[str]:
    return list(sentences(now, past, market, lambda a, c: f"{a}", lambda d: f"{d.day}/{d.month}"))


def test_last_and_cheapest_of_one_article():
    past = past_of(seen("22"), [seen("24.90", 3), seen("19.90", 2), seen("26.90", 1)])
    assert (past.times, past.last.price, past.cheapest.price) == (3, Decimal("24.90"), Decimal("19.90"))
    assert said(seen("22"), past) == ["last 24.90 on 3/10, cheapest 19.90 on 2/10"]


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        ([seen("24.90", 3)], "last 24.90 on 3/10"),
        ([seen("24.90", 3), seen("29.90", 2)], "last 24.90 on 3/10, never cheaper"),
        ([seen("24.90", 3), seen("24.90", 2)], "last 24.90 on 3/10, never cheaper"),
        ([seen("24.90", 3, shop="Kiwi")], "last 24.90 on 3/10 at Kiwi"),
    ],
)
def test_it_says_no_more_than_it_knows(earlier, words):
    now = seen("22")
    assert said(now, past_of(now, earlier)) == [words]


def test_another_article_is_not_compared():
    assert past_of(seen("22"), [seen("10", gtin="7038010000001")]) is None
    assert past_of(named("22"), [named("10", name="TINE Ost")]) is None
    assert past_of(named("22", name=""), [named("10", name="")]) is None
    assert past_of(named("22", name="1234"), [named("10", name="1234")]) is None, "digits are no name"


def test_a_price_without_tax_is_compared_with_its_like_only():
    bare = seen("22", without_tax=True)
    assert past_of(bare, [seen("20")]) is None
    assert past_of(seen("22"), [seen("20", without_tax=True)]) is None
    assert past_of(bare, [seen("20", without_tax=True)]) is not None
    assert market_of(bare, [reported("20")], "NO", TODAY) is None


def test_names_are_compared_without_case_accents_and_signs():
    assert past_of(named("22", name="Crème  fraîche!"), [named("10", name="CREME FRAICHE")]) is not None


def test_upc_and_ean_of_one_article_are_one():
    assert past_of(seen("22", gtin="036000291452"), [seen("10", gtin="0036000291452")]) is not None


def test_other_sizes_are_compared_by_unit_price_only():
    now = named("30", **kilograms("0.5"))
    past = past_of(now, [named("50", 2, **kilograms("1")), named("20", 1, **kilograms("0.25"))])
    assert past.basis == "unit price"
    assert said(now, past) == ["last 50 per kg on 2/10, never cheaper"]


def test_one_of_the_same_size_is_preferred_to_others():
    now = named("30", **kilograms("0.5"))
    past = past_of(now, [named("5", 2, **kilograms("1")), named("31", 1, **kilograms("0.5"))])
    assert (past.basis, past.times, past.last.price) == ("price", 1, Decimal(31))


@pytest.mark.parametrize("other", [{}, {"quantity": Decimal("0.5"), "quantity_unit": "l"}])
def test_sizes_that_cannot_be_compared_are_not(other):
    assert past_of(named("30", **kilograms("0.5")), [named("20", **other)]) is None


def test_the_same_code_with_an_unknown_size_is_the_same_package():
    assert past_of(seen("30", **kilograms("0.5")), [seen("20")]).basis == "price"
    assert past_of(seen("30", **kilograms("0.5")), [seen("20", **kilograms("1"))]).basis == "unit price"


def test_a_printed_unit_price_is_taken_before_a_computed_one():
    now = named("30", **kilograms("0.5"))
    other = named("7", unit_price=Decimal("49.90"), per="kg", **kilograms("0.141"))
    assert said(now, past_of(now, [other])) == ["last 49.90 per kg on 1/10"]


def test_another_currency_is_named_with_the_date_of_its_rate():
    def exchange(amount: Decimal, currency: str) -> Converted | Unconverted:
        assert currency == "EUR"
        return Converted(amount * 10, "NOK", date(2026, 10, 30), 21)

    now = seen("22")
    earlier = [seen("2", 2, currency="EUR"), seen("1", 1, currency="EUR")]
    past = past_of(now, earlier, exchange)
    assert said(now, past) == ["last 2 on 2/10, 20 at the rate of 30/10"]
    assert past_of(now, [*earlier, seen("25", 1)], exchange).last.currency == "NOK", "its own goes first"


@pytest.mark.parametrize("exchange", [None, lambda *_: Unconverted("no rate")])
def test_currencies_are_never_compared_without_a_rate(exchange):
    assert past_of(seen("22"), [seen("2", currency="EUR")], exchange) is None
    assert past_of(seen("22", currency=""), [seen("2", currency="")], exchange) is None


def test_the_market_is_the_median_of_the_country():
    prices = [reported("20", 1), reported("24", 2), reported("25", 3), reported("40", 4)]
    others = [
        reported("1", 5, country="SE"),
        reported("1", 6, currency="EUR"),
        reported("1", 7, gtin="7038010000001"),
        reported("1", 8, discounted=True),
        reported("1", 9, day=date(2020, 1, 1)),
        reported("1", 10, day=date(2027, 1, 1)),
    ]
    market = market_of(seen("22"), prices + others, "NO", TODAY)
    assert (market.count, market.median, market.lowest, market.highest) == (4, Decimal("24.5"), 20, 40)
    assert said(seen("22"), None, market) == ["Open Prices NO: mostly 24.5 (20 to 40; 4 prices, 1/9 to 4/9)"]


def test_a_market_of_one_or_none():
    assert market_of(seen("22"), [], "NO", TODAY) is None
    assert market_of(seen("22", gtin=""), [reported("20", gtin="")], "NO", TODAY) is None
    assert said(seen("22"), None, market_of(seen("22"), [reported("20")], "NO", TODAY)) == [
        "Open Prices NO: 20, reported once, 1/9"
    ]


PRICES = st.builds(
    lambda price, day, currency, gtin, name, size: seen(
        str(price), day, currency=currency, gtin=gtin, name=name, **(kilograms(size) if size else {})
    ),
    st.integers(1, 99),
    st.integers(1, 28),
    st.sampled_from(["NOK", "EUR", ""]),
    st.sampled_from([MILK, "7038010000001", ""]),
    st.sampled_from(["Melk", "melk!", "Ost", ""]),
    st.sampled_from(["0.5", "1", ""]),
)


@settings(max_examples=200, deadline=None)
@given(PRICES, st.lists(PRICES, max_size=8), st.randoms())
def test_what_is_compared_is_comparable_in_any_order(now, earlier, random):
    past = past_of(now, earlier)
    shuffled = list(earlier)
    random.shuffle(shuffled)
    again = past_of(now, shuffled)
    assert (past is None) == (again is None)
    if past is None:
        return
    assert past.cheapest.price == again.cheapest.price or past.basis == "unit price"
    for other in (past.last, past.cheapest):
        assert other.currency == now.currency != ""
        same = gtin_key(other.gtin) == gtin_key(now.gtin) != ""
        assert same or (name_key(other.name) == name_key(now.name) != "" and not (other.gtin and now.gtin))
        if past.basis == "price" and not same:
            assert other.quantity == now.quantity
