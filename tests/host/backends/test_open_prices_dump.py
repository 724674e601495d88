"""Dumps of Open Prices: read line by line, filtered, and refused with the number of a line that is not understood."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open_data_server import MILK, place_row, price_row

from host.backends import open_prices
from host.backends.open_prices import dumped_prices, places_in
from host.contracts.prices import OpenPrice
from host.errors import DumpError

PLACES = {3: ("NO", "Kiwi")}


def dump(path, *rows, packed=False):
    """A file of these rows, each an object or bytes as they are."""
    lines = b"".join(row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows)
    path.write_bytes(gzip.compress(lines) if packed else lines)
    return path


def read(path, places=PLACES):
    return list(dumped_prices(path, "NO", places))


def refused(path, places=PLACES) -> str:
    with pytest.raises(DumpError) as error:
        read(path, places)
    assert "nothing was imported" in error.value.message
    assert "\n" not in error.value.message
    assert error.value.hint
    return error.value.message


@pytest.mark.parametrize("packed", [False, True])
def test_prices_of_the_country_are_read(tmp_path, packed):
    rows = [price_row(1), price_row(2, location_id=4), price_row(3, "19.90", price_is_discounted=True)]
    found = read(dump(tmp_path / "prices.jsonl", *rows, packed=packed))
    assert [price.id for price in found] == [1, 3]
    assert found[1] == OpenPrice(
        id=3,
        gtin=MILK,
        price=Decimal("19.90"),
        currency="NOK",
        day=date(2026, 10, 1),
        country="NO",
        shop="Kiwi",
        discounted=True,
    )


@pytest.mark.parametrize(
    "useless",
    [
        {"product_code": None, "category_tag": "en:apples", "price_per": "KILOGRAM"},
        {"price": None},
        {"price": 0},
        {"currency": None},
        {"date": None},
        {"location_id": None},
        {"duplicate_of": 1},
        {"product_code": "12345"},
    ],
)
def test_rows_that_say_nothing_of_use_are_left_out(tmp_path, useless):
    assert read(dump(tmp_path / "prices.jsonl", price_row(1, **useless) | useless)) == []


@pytest.mark.parametrize(
    ("place", "count"),
    [
        ({"location": place_row(3)}, 1),
        ({"location": place_row(3, "SE")}, 0),
        ({"location_osm_address_country_code": "no", "location_osm_name": "Kiwi"}, 1),
    ],
)
def test_a_row_may_say_itself_where(tmp_path, place, count):
    assert len(read(dump(tmp_path / "prices.jsonl", price_row(1, **place)), None)) == count


def test_without_the_places_it_says_what_is_missing(tmp_path):
    message = refused(dump(tmp_path / "prices.jsonl", price_row(1)), None)
    assert "line 1: it names its place by a number, and there is no locations.jsonl.gz" in message


def test_places_of_a_country(tmp_path):
    rows = [place_row(3), place_row(4, "SE"), place_row(5, None), place_row(6, "no", osm_brand=None)]
    online = {"id": 7, "type": "ONLINE", "website_url": "https://example.org"}
    assert places_in(dump(tmp_path / "locations.jsonl.gz", *rows, online, packed=True), "NO") == {
        3: ("NO", "Kiwi"),
        6: ("NO", "Kiwi Grønland"),
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{\n", "it is no JSON"),
        (b"[]\n", "it is no object"),
        (b"\n", "it is no JSON"),
        (b"\xff\xfe\n", "it is no JSON"),
        (b"[" * 100_000 + b"\n", "it is no JSON"),
        (b'{"id": NaN}\n', "it is no JSON"),
        (b'{"id": ' + b"9" * 5000 + b"}\n", "it is no JSON"),
        (b'{"id": 1}\n', "it is no price"),
        (json.dumps(price_row(True)).encode(), "it has no id"),
        (json.dumps(price_row(-1)).encode(), "it has no id"),
        (json.dumps(price_row(1 << 70)).encode(), "it has no id"),
        (json.dumps(price_row(1, "abc")).encode(), "price is no amount"),
        (json.dumps(price_row(1, "1e999999")).encode(), "price is no amount"),
        (json.dumps(price_row(1, -3.5)).encode(), "price is no amount"),
        (json.dumps(price_row(1, True)).encode(), "price is no amount"),
        (json.dumps(price_row(1, date="2026-13-01")).encode(), "month must be in 1..12"),
        (json.dumps(price_row(1, date=20261001)).encode(), "date is no day"),
        (json.dumps(price_row(1, currency=["NOK"])).encode(), "product_code and currency must be text"),
        (json.dumps(price_row(1, location=place_row(3, 5))).encode(), "osm_address_country_code must be text"),
        (b" " * ((1 << 20) + 2), "it is longer than 1 MB"),
    ],
)
def test_a_line_that_is_not_understood_is_named(tmp_path, line, said):
    message = refused(dump(tmp_path / "prices.jsonl", price_row(1), line))
    assert message.startswith("prices.jsonl, line 2: ")
    assert said in message


def test_files_that_are_no_dump(tmp_path):
    whole = dump(tmp_path / "prices.jsonl.gz", *[price_row(n) for n in range(1, 500)], packed=True).read_bytes()
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(whole[:-30])
    assert "torn.jsonl.gz is damaged behind line" in refused(torn)
    torn.write_bytes(whole[: len(whole) // 2] + b"damaged" + whole[len(whole) // 2 + 7 :])
    assert "nothing was imported" in refused(torn)
    with pytest.raises(DumpError, match="is empty"):
        read(dump(tmp_path / "empty.jsonl"))
    with pytest.raises(DumpError, match="no such file or directory"):
        read(tmp_path / "nowhere.jsonl")
    with pytest.raises(DumpError, match="is a directory"):
        read(tmp_path)


def test_what_unpacks_to_too_much_is_refused_within_little_memory(tmp_path, monkeypatch):
    bomb = tmp_path / "bomb.jsonl.gz"
    bomb.write_bytes(gzip.compress(b"0" * (64 << 20)))
    tracemalloc.start()
    try:
        assert "bomb.jsonl.gz, line 1: it is longer than 1 MB" in refused(bomb)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    monkeypatch.setattr(open_prices, "DUMP_LIMIT", 2000)
    many = dump(tmp_path / "many.jsonl.gz", *[price_row(n) for n in range(1, 9)], packed=True)
    assert "many.jsonl.gz is larger than" in refused(many)


def test_memory_does_not_grow_with_the_dump(tmp_path):
    path = tmp_path / "prices.jsonl"
    with path.open("wb") as file:
        for number in range(1, 20_001):
            file.write(json.dumps(price_row(number)).encode() + b"\n")
    shares = []
    tracemalloc.start()
    try:
        count = sum(1 for _ in dumped_prices(path, "NO", PLACES, lambda share, found: shares.append((share, found))))
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert len(shares) == 4
    assert shares == sorted(shares)
    assert shares[-1][0] == 1.0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*price_row(1), "location"]), JSON, max_size=4))
def test_whatever_a_row_holds_it_is_a_price_or_a_line_with_an_error(tmp_path_factory, changed):
    path = dump(tmp_path_factory.mktemp("dump") / "prices.jsonl", price_row(1) | changed)
    try:
        found = read(path)
    except DumpError as error:
        assert "prices.jsonl, line 1: " in error.message  # noqa: PT017 - either may be
    else:
        assert all(price.price > 0 and price.country == "NO" and price.gtin.isdecimal() for price in found)
