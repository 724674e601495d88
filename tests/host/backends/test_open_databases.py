"""Open Food Facts, Open Prices and the central bank's rates, asked over HTTP."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from open_data_server import MILK, TABLE, OpenDataServer, archive, place_row, price_row, said

from host.backends.exchange_rates import ExchangeRates, bundled_rates
from host.backends.open_data import agent
from host.backends.open_food_facts import OpenFoodFacts
from host.backends.open_prices import OpenPricesServer
from host.contracts.prices import OpenPrice, Product, Rate
from host.errors import BackendError, UsageError

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 22)


def product(server, gtin=MILK, **options):
    return asyncio.run(OpenFoodFacts(server.url, **options).product(gtin))


def prices(server, **options):
    return asyncio.run(OpenPricesServer(server.url, **options).prices(MILK, "NOK"))


def rates(server, today=TODAY):
    return asyncio.run(ExchangeRates(server.url).newest(today))


def fails(ask, server, *args, **options) -> BackendError:
    with pytest.raises(BackendError) as error:
        ask(server, *args, **options)
    return error.value


def test_an_article_is_named():
    with OpenDataServer().running() as server:
        assert product(server) == Product(gtin=MILK, name="Lettmelk", brand="TINE", quantity="1,75 l")
        path, query, headers = server.requests[0]
    assert path == f"/api/v2/product/{MILK}.json"
    assert query == {"fields": "code,product_name,brands,quantity"}
    assert headers["User-Agent"] == agent()
    assert agent().startswith("Sidelight/")
    assert "(+https://" in agent()
    assert "Authorization" not in headers


def test_an_article_that_nobody_knows_is_none():
    with OpenDataServer().running() as server:
        assert product(server, "4006381333931") is None
        server.answer = lambda *_: said({"code": MILK, "status": 0})
        assert product(server) is None
        server.answer = lambda *_: said({"code": MILK, "status": 1, "product": {"product_name": "", "brands": None}})
        assert product(server) is None


def test_texts_of_articles_are_one_short_line():
    hostile = {"product_name": "\x1b[31mA\nB" + "x" * 9999, "brands": ["no text"], "quantity": "\u202e1 l"}
    with OpenDataServer(lambda *_: said({"status": 1, "product": hostile})).running() as server:
        found = product(server)
    assert found.name.startswith("[31mA B")
    assert len(found.name) == 200
    assert (found.brand, found.quantity) == ("", "1 l")


@pytest.mark.parametrize(
    ("gtin", "code"),
    [("036000291452", "0036000291452"), ("96385074", "96385074"), ("00000096385074", "96385074"), (MILK, MILK)],
)
def test_numbers_are_written_as_the_databases_do(gtin, code):
    with OpenDataServer().running() as server:
        product(server, gtin)
        asyncio.run(OpenPricesServer(server.url).prices(gtin, "NOK"))
        assert (server.requests[0][0], server.requests[1][1]["product_code"]) == (f"/api/v2/product/{code}.json", code)


def test_only_numbers_are_asked_about():
    with OpenDataServer().running() as server:
        assert "no article number" in fails(product, server, "../../etc").message
        assert server.requests == []


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{", b"null", b"[" * 100_000, b'{"status": 1, "product": 3}'])
def test_what_is_no_article_is_refused(body):
    with OpenDataServer(lambda *_: said(body)).running() as server:
        assert fails(product, server).message == "Open Food Facts answered with something that is not understood"


def test_a_page_of_another_server_is_no_missing_article():
    with OpenDataServer(lambda *_: said({"detail": "Not found"}, 404)).running() as server:
        assert "not understood" in fails(product, server).message


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("headers", "wait"), [({"Retry-After": "120"}, 120), ({}, 60)])
def test_a_server_that_wants_quiet_gets_it(status, headers, wait):
    now = [1000.0]
    with OpenDataServer(lambda *_: said({}, status, **headers)).running() as server:
        database = OpenFoodFacts(server.url, clock=lambda: now[0])

        def asked() -> BackendError:
            return fails(lambda _: asyncio.run(database.product(MILK)), server)

        error = asked()
        assert (error.message, error.retry) == ("Open Food Facts takes no more requests", True)
        assert error.hint == f"It is asked again in {wait} s"
        now[0] += wait - 1
        assert asked().hint == "It is asked again in 1 s"
        assert len(server.requests) == 1, "it was asked although it had said no"
        now[0] += 1
        server.answer = server.usual
        assert asyncio.run(database.product(MILK)) is not None


def test_no_more_than_fifteen_articles_a_minute():
    now = [0.0]
    with OpenDataServer().running() as server:
        database = OpenFoodFacts(server.url, clock=lambda: now[0])

        async def ask() -> None:
            await database.product(MILK)

        for _ in range(15):
            asyncio.run(ask())
            now[0] += 1.0
        with pytest.raises(BackendError, match="may be asked 15 times a minute only") as error:
            asyncio.run(ask())
        assert error.value.hint == "It is asked again in 45 s"
        assert len(server.requests) == 15
        now[0] = 60.0
        asyncio.run(ask())
        assert len(server.requests) == 16


def test_other_statuses_and_no_server():
    with OpenDataServer(lambda *_: said({}, 500)).running() as server:
        error = fails(product, server)
        assert (error.message, error.retry) == ("Open Food Facts answered with status 500", True)
        server.answer = lambda *_: said({}, 403)
        assert fails(product, server).retry is False
        gone = server
    assert "nothing listens at" in fails(product, gone).message


def test_a_server_that_hangs_is_left_alone_for_a_minute():
    now = [0.0]
    with OpenDataServer().running() as server:
        server.delay_s = 3.0
        database = OpenFoodFacts(server.url, timeout_s=0.2, clock=lambda: now[0])

        def asked() -> BackendError:
            return fails(lambda _: asyncio.run(database.product(MILK)), server)

        assert "did not answer in 0.2 s" in asked().message
        assert "did not answer in 0.2 s" in asked().message
        assert len(server.requests) == 1
        server.delay_s, now[0] = 0.0, 60.0
        database.database._timeout_s = 5.0
        assert asyncio.run(database.product(MILK)) is not None


def test_a_redirect_is_refused():
    with OpenDataServer(lambda *_: said(b"", 302, Location="http://127.0.0.1:1/")).running() as server:
        assert "sends requests on to" in fails(product, server).message


def test_beyond_this_computer_only_https():
    with pytest.raises(UsageError, match=r"price\.products_url is http"):
        OpenFoodFacts("http://world.openfoodfacts.org")


def test_prices_of_an_article():
    with OpenDataServer().running() as server:
        found = prices(server)
        path, query, _ = server.requests[0]
    assert (path, query["product_code"], query["currency"]) == ("/api/v1/prices", MILK, "NOK")
    assert found[0] == OpenPrice(
        id=1, gtin=MILK, price=Decimal(21), currency="NOK", day=date(2026, 10, 1), country="NO", shop="Kiwi"
    )
    assert len(found) == 4


def test_prices_of_another_article_and_without_a_place_are_left_out():
    rows = [price_row(1, location=place_row(3), product_code="4006381333931"), price_row(2, location=None)]
    rows.append(price_row(3, location=place_row(3), product_code="0" + MILK))
    with OpenDataServer(lambda *_: said({"items": rows})).running() as server:
        assert [price.id for price in prices(server)] == [3]


@pytest.mark.parametrize(
    "body",
    [{}, {"items": 3}, {"items": [3]}, {"items": [{"id": 1}]}, {"items": [price_row(1, price="1e9999")]}],
)
def test_what_are_no_prices_is_refused(body):
    with OpenDataServer(lambda *_: said(body)).running() as server:
        assert "Open Prices answered with something" in fails(prices, server).message


def test_an_answer_that_is_too_large_is_refused():
    with OpenDataServer(lambda *_: said(b" " * (5 << 20))).running() as server:
        assert "answered with more than 4 MB" in fails(prices, server).message


def test_bundled_rates_have_dead_currencies_with_their_last_day():
    pytest.importorskip("currency_converter")
    found = bundled_rates()
    assert found["HRK"].day.year == 2022
    assert found["RUB"].day == date(2022, 3, 1)
    assert found["NOK"].day >= date(2026, 10, 30)
    assert found["CYP"] == Rate(Decimal("0.585274"), date(2007, 12, 31))
    assert not {"TWD", "EUR"} & set(found)


def test_bundled_rates_need_no_network():
    pytest.importorskip("currency_converter")
    program = (
        "import sys\n"
        "def refuse(event, args):\n"
        "    assert not event.startswith('socket.') or event == 'socket.__new__', event\n"
        "sys.addaudithook(refuse)\n"
        "from host.backends.exchange_rates import bundled_rates\n"
        "print(len(bundled_rates()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stderr == ""
    assert int(done.stdout) >= 40


def test_fresh_rates():
    with OpenDataServer().running() as server:
        found = rates(server)
        assert server.requests[0][0] == "/stats/eurofxref/eurofxref.zip"
    assert found["NOK"] == Rate(Decimal("10.3120"), date(2026, 11, 20))
    assert set(found) == {"USD", "JPY", "NOK"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no archive",
        archive()[:-9],
        archive(b"\xff\xfe"),
        archive("", other=TABLE),
        archive("Date, USD\n"),
        archive("Date, USD, \n20 November 2026, -1, \n"),
        archive("Date, USD, \n20 November 2026, 0, \n"),
        archive("Date, USD, \n20 November 2026, 1e99, \n"),
        archive("Date, US, \n20 November 2026, 1, \n"),
        archive("Date, USD, JPY, \n20 November 2026, 1, \n"),
        archive("Date, USD, \n20 Nivember 2026, 1, \n"),
        archive("Date, USD, \n31 December 2026, 1, \n"),
        archive("Date, USD, \n0 January 99999999999999999999, 1, \n"),
        archive(b"0" * (50 << 20)),
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>',
    ],
)
def test_what_are_no_rates_is_refused(body):
    with OpenDataServer(lambda *_: (200, "application/zip", body, {})).running() as server:
        assert "the European Central Bank answered with something" in fails(rates, server).message


def test_a_locked_archive_is_refused():
    body = bytearray(archive())
    body[6] |= 1
    body[body.index(b"PK\x01\x02") + 8] |= 1
    with OpenDataServer(lambda *_: (200, "application/zip", bytes(body), {})).running() as server:
        assert "not understood" in fails(rates, server).message
