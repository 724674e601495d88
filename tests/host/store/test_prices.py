"""The history of prices: kept, found, exported and forgotten for good."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.contracts.prices import OpenPrice, Product, SeenPrice
from host.errors import DiskFullError, UsageError
from host.store.database import DATABASE_NAME
from host.store.prices import Prices
from host.store.prices_export import FORMATS, price_format
from host.store.prices_open import OpenPrices
from host.store.schema import APPLICATION_ID, MIGRATIONS

MILK = "7038010000782"
DAY = date(2026, 11, 20)
SEEN = SeenPrice(
    seen=datetime(2026, 10, 3, 17, 30, tzinfo=timezone(timedelta(hours=2))),
    price=Decimal("24.90"),
    currency="NOK",
    gtin=MILK,
    name="TINE Melk Crème",
    quantity=Decimal("1.75"),
    quantity_unit="l",
    unit_price=Decimal("14.23"),
    per="l",
    without_tax=True,
    shop="Kiwi Grønland",
    country="NO",
)


@pytest.fixture
def prices(folder):
    with contextlib.closing(Prices.open(folder)) as opened:
        yield opened


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith(DATABASE_NAME))


def test_a_price_comes_back_as_it_was_seen(prices, folder):
    number = prices.add(SEEN)
    assert prices.all() == [replace(SEEN, id=number)]
    with contextlib.closing(Prices.open(folder)) as again:
        assert again.all() == prices.all()


def test_a_price_without_anything_else_is_kept(prices):
    bare = SeenPrice(seen=SEEN.seen, price=Decimal("0.5"), currency="")
    assert prices.all() == []
    prices.add(bare)
    assert replace(prices.all()[0], id=0) == bare


@pytest.mark.parametrize("wrong", [{"price": Decimal(0)}, {"price": Decimal("NaN")}, {"seen": datetime(2026, 1, 1)}])  # noqa: DTZ001
def test_what_is_no_price_is_not_kept(prices, wrong):
    with pytest.raises(ValueError, match="more than 0"):
        prices.add(replace(SEEN, **wrong))
    assert prices.all() == []


def test_like_ones_are_found_by_code_in_any_form_or_by_folded_name(prices):
    by_code = prices.add(replace(SEEN, gtin="036000291452", name=""))
    by_name = prices.add(replace(SEEN, gtin="", name="tine melk CREME!"))
    prices.add(replace(SEEN, gtin="", name=""))

    def like(**wanted):
        return {seen.id for seen in prices.like(replace(SEEN, **wanted))}

    assert like(gtin="0036000291452", name="") == {by_code}
    assert like(gtin="") == {by_name}
    assert like(gtin="", name="") == set()
    assert like(id=by_name) == set()


@pytest.mark.parametrize("text", ["", "melk", "CREME tine", "grøn", "7038010", "nok", "Kiwi  Melk"])
def test_words_find_a_price(prices, text):
    prices.add(SEEN)
    assert len(prices.all(text)) == 1


@pytest.mark.parametrize(
    "text", ["ost", "elk", "'; DROP TABLE price_seen; --", '"*', "%", "\x00", "melk ost", "NEAR(a b)"]
)
def test_other_words_find_nothing_and_break_nothing(prices, text):
    prices.add(SEEN)
    assert prices.all(text) == []
    assert len(prices.all()) == 1


def test_an_article_without_a_name_has_that_of_the_open_database(prices, folder):
    prices.add(replace(SEEN, name=""))
    with contextlib.closing(OpenPrices.open(folder)) as known:
        known.keep_product("0" + MILK, Product(gtin=MILK, name="Lettmelk"), DAY)
    assert [seen.name for seen in prices.all("lettmelk")] == ["Lettmelk"]


def test_forgetting_leaves_no_byte(prices, folder):
    number = prices.add(replace(SEEN, name="Zahnpasta Geheimnis", shop="Geheimladen"))
    kept = prices.add(SEEN)
    assert b"Geheim" in bytes_of(folder)
    assert prices.forget([number]) == 1
    assert b"Geheim" not in bytes_of(folder)
    assert [seen.id for seen in prices.all()] == [kept]


def test_forgetting_takes_what_was_asked_about_but_no_dump(prices, folder):
    number = prices.add(SEEN)
    opened = OpenPrice(id=1, gtin=MILK, price=Decimal(20), currency="NOK", day=DAY, country="NO", shop="Geheimladen")
    with contextlib.closing(OpenPrices.open(folder)) as known:
        known.keep_product(MILK, Product(gtin=MILK, name="Geheimmelk"), DAY)
        known.keep_prices(MILK, [opened], DAY)
        known.take_over([replace(opened, id=2, shop="Dump")])
        known.keep_rates({}, DAY)
        assert prices.forget(None) == 1
        assert known.product(MILK) is None
        assert [price.id for price in known.prices(MILK, "NO")[0]] == [2]
        assert known.rates()[1] == DAY
    assert b"Geheim" not in bytes_of(folder)
    assert prices.add(SEEN) > number, "a number is never used twice"


def test_forgetting_one_that_is_not_there_forgets_none(prices):
    number = prices.add(SEEN)
    for wrong in (number + 1, 1 << 70):
        with pytest.raises(UsageError, match="no price has the number") as error:
            prices.forget([number, wrong])
        assert error.value.hint == "See sidelight price history"
    assert len(prices.all()) == 1


def test_a_full_disk_keeps_what_was(small_disk):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))
    with contextlib.closing(Prices.open(small_disk / "data")) as prices:
        long, fitted = replace(SEEN, name="Melk " * 60), 0
        with pytest.raises(DiskFullError, match="no room left on the disk") as error:  # noqa: PT012
            for fitted in range(10_000):  # noqa: B007
                prices.add(long)
        assert "what was saved before is safe" in error.value.hint
        assert len(prices.all()) == fitted > 20
        ballast.unlink()
        prices.add(SEEN)
        assert len(prices.all()) == fitted + 1


def test_an_older_database_is_brought_up_to_date(folder):
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / DATABASE_NAME)) as database:
        for statement in (statement for statements in MIGRATIONS[:2] for statement in statements):
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute("PRAGMA user_version = 2")
        database.commit()
    with contextlib.closing(Prices.open(folder)) as prices:
        assert prices.add(SEEN) == 1


def opens(folder):
    return contextlib.closing(OpenPrices.open(folder))


def open_price(number: int, **more) -> OpenPrice:
    given = {"gtin": MILK, "price": Decimal("20.00"), "currency": "NOK", "day": DAY, "country": "NO", **more}
    return OpenPrice(id=number, **given)


def test_articles_are_kept_with_their_day_also_that_there_is_none(folder):
    with opens(folder) as known:
        assert known.product(MILK) is None
        known.keep_product(MILK, None, DAY)
        assert known.product(MILK) == (None, DAY)
        milk = Product(gtin=MILK, name="Melk", brand="TINE", quantity="1,75 l")
        known.keep_product(MILK, milk, DAY)
        assert known.product(MILK) == (milk, DAY)


def test_prices_are_kept_beside_a_dump_and_never_twice(folder):
    with opens(folder) as known:
        known.take_over([open_price(1), open_price(2, country="SE")])
        known.keep_prices(MILK, [open_price(1, price=Decimal(21)), open_price(3)], DAY)
        found, asked = known.prices(MILK, "NO")
        assert ([(price.id, price.price) for price in found], asked) == ([(3, Decimal(20)), (1, Decimal(21))], DAY)
        assert known.take_over([open_price(1), open_price(1), open_price(4)]) == 2
        assert known.count() == 4


def test_a_dump_that_breaks_off_is_not_here_at_all(folder):
    def broken():
        yield open_price(1)
        raise RuntimeError("line 2")

    with opens(folder) as known:
        with pytest.raises(RuntimeError, match="line 2"):
            known.take_over(broken())
        assert known.count() == 0


def test_a_dump_that_is_read_holds_up_no_transcript(folder):
    """Others write while it is read: reading takes minutes, and a sentence must be on the disk at once."""

    def slow():
        yield open_price(1)
        with contextlib.closing(sqlite3.connect(folder / DATABASE_NAME, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        yield open_price(2)

    with opens(folder) as known:
        assert known.take_over(slow()) == 2


def test_a_dump_that_does_not_fit_leaves_what_was(small_disk):
    with opens(small_disk / "data") as known:
        known.keep_prices(MILK, [open_price(1)], DAY)
        with pytest.raises(DiskFullError):
            known.take_over(open_price(n, shop="x" * 90) for n in range(2, 40_000))
        assert known.count() == 1


def exported(name: str, *history: SeenPrice) -> str:
    return FORMATS[name](history)


def test_exports_have_all_fields():
    assert json.loads(exported("json", SEEN))[0]["unit_price"] == "14.23"
    rows = list(csv.DictReader(io.StringIO(exported("csv", SEEN).removeprefix("\ufeff"))))
    assert (rows[0]["name"], rows[0]["price"], rows[0]["seen"]) == (
        "TINE Melk Crème",
        "24.90",
        "2026-10-03T17:30:00+02:00",
    )
    assert exported("csv").count("\r\n") == 1
    assert json.loads(exported("json")) == []


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", "\n@x", '"=1', "\x00=1"]
)
def test_no_text_becomes_a_formula(name):
    rows = list(csv.reader(io.StringIO(exported("csv", replace(SEEN, name=name, shop=name)).removeprefix("\ufeff"))))
    assert len(rows) == 2
    for cell in rows[1]:
        assert not cell.lstrip()[:1] or cell.lstrip()[0] not in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20))
def test_a_document_holds_nothing_that_a_terminal_obeys(text):
    hostile = replace(SEEN, name=text, shop=text)
    for name in FORMATS:
        document = exported(name, hostile).removeprefix("\ufeff")
        assert all(c.isprintable() or c in "\r\n" for c in document)
    rows = list(csv.reader(io.StringIO(exported("csv", hostile).removeprefix("\ufeff"), newline="")))
    assert len(rows) == 2
    assert json.loads(exported("json", hostile))[0]["name"] == text


def test_the_extension_names_the_format():
    assert price_format(Path("a.CSV")) == "csv"
    with pytest.raises(UsageError, match="no known extension") as error:
        price_format(Path("a.txt"))
    assert error.value.hint == "Use .csv or .json"
