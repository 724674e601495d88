"""Amounts as people write them, and in another currency."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.contracts.prices import Rate
from host.errors import BackendMissingError
from host.price.money import Converted, Unconverted, converted, day_shown, locale_of, money_shown, rounded

pytest.importorskip("babel")

DAY = date(2026, 10, 30)
RATES = {
    "NOK": Rate(Decimal("10.312"), DAY),
    "JPY": Rate(Decimal("175.68"), DAY),
    "RUB": Rate(Decimal("117.201"), date(2022, 3, 1)),
}


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        ("29.90", "NOK", "nb_NO", "29,90 kr"),
        ("29.90", "NOK", "en", "NOK 29.90"),
        ("29.90", "SEK", "nb_NO", "29,90 SEK"),
        ("1.599", "EUR", "de_DE", "1,599 €"),
        ("29", "EUR", "fr_FR", "29,00 €"),
        ("1298", "JPY", "zh_CN", "JP¥1,298"),
        ("12.8", "CNY", "zh_CN", "¥12.80"),
        ("2.9", "", "de", "2,90"),
        ("1298", "", "de", "1.298"),
        ("0.0005", "", "en", "0.0005"),
    ],
)
def test_money_is_written_as_people_do(amount, currency, locale, text):
    assert money_shown(Decimal(amount), currency, locale) == text


@settings(max_examples=150, deadline=None)
@given(
    st.decimals(0, 10**7, places=3, allow_nan=False),
    st.sampled_from(["NOK", "EUR", "JPY", "KWD", ""]),
    st.sampled_from(["en", "nb_NO", "de_DE"]),
)
def test_no_digit_is_ever_lost(amount, currency, locale):
    shown = money_shown(amount, currency, locale)
    decimal = "." if locale == "en" else ","
    digits = "".join(c for c in shown if c.isdigit() or c == decimal).replace(decimal, ".")
    assert Decimal(digits) == amount


def test_the_year_is_said_where_it_is_another():
    assert day_shown(date(2026, 10, 3), DAY, "en_GB") == "3 Oct"
    assert day_shown(date(2025, 10, 3), DAY, "en_GB") == "3 Oct 2025"


@pytest.mark.parametrize(
    ("names", "locale"),
    [
        (("nb_NO.UTF-8",), "nb_NO"),
        (("", "C.UTF-8", "de-DE"), "de_DE"),
        (("POSIX",), "en"),
        ((), "en"),
        (("../../etc/passwd", "x" * 5000, "\x1b[31m"), "en"),
        (("nn_NO@euro",), "nn_NO"),
    ],
)
def test_the_locale_is_the_first_that_is_one(names, locale):
    assert locale_of(*names) == locale


def test_conversion_goes_through_the_euro_and_says_its_day():
    assert converted(Decimal("29.90"), "NOK", "EUR", RATES, DAY) == Converted(Decimal("2.90"), "EUR", DAY, 0)
    assert converted(Decimal("29.90"), "NOK", "JPY", RATES, DAY) == Converted(Decimal(509), "JPY", DAY, 0)
    assert converted(Decimal("29.90"), "NOK", "NOK", {}, DAY) == Converted(Decimal("29.90"), "NOK", DAY, 0)


@settings(max_examples=100, deadline=None)
@given(st.decimals("0.01", 10**6, places=2), *[st.sampled_from(["NOK", "EUR", "USD"])] * 2, st.integers(0, 400))
def test_there_and_back_is_the_same_but_for_rounding(amount, one, other, age):
    rates = {"NOK": Rate(Decimal("10.312"), DAY), "USD": Rate(Decimal("1.1172"), DAY)}
    today = DAY + timedelta(days=age)
    there = converted(amount, one, other, rates, today)
    if one != other and age > 366:
        assert isinstance(there, Unconverted)
        return
    back = converted(there.amount, other, one, rates, today)
    assert abs(back.amount - amount) <= Decimal("0.06")
    assert there.age_days == (age if one != other else 0)


def test_rates_are_said_to_be_old_and_not_used_when_older():
    assert not converted(Decimal(1), "NOK", "EUR", RATES, date(2026, 11, 30)).old
    assert converted(Decimal(1), "NOK", "EUR", RATES, date(2026, 12, 1)).old
    assert converted(Decimal(1), "NOK", "EUR", RATES, date(2027, 12, 1)) == Unconverted(
        "the exchange rates are too old, of 2026-10-30; price.fresh_rates = true gets newer ones"
    )


@pytest.mark.parametrize(
    ("currency", "into", "reason"),
    [
        ("TWD", "EUR", "the European Central Bank gives no rate for TWD"),
        ("NOK", "UAH", "the European Central Bank gives no rate for UAH"),
        ("RUB", "EUR", "there has been no rate for RUB since 2022-03-01"),
        ("EUR", "RUB", "there has been no rate for RUB since 2022-03-01"),
        ("", "EUR", "the currency of the price is not known"),
    ],
)
def test_what_cannot_be_converted_says_why(currency, into, reason):
    assert converted(Decimal(1), currency, into, RATES, DAY) == Unconverted(reason)


def test_without_rates_nothing_is_converted():
    assert isinstance(converted(Decimal(1), "NOK", "EUR", {}, DAY), Unconverted)


def test_amounts_have_the_decimals_of_their_currency():
    assert [str(rounded(Decimal("1.2345"), code)) for code in ("EUR", "JPY", "KWD")] == ["1.23", "1", "1.235"]
    assert str(rounded(Decimal("2.5"), "JPY")) == "3"


def test_without_babel_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "babel", None)
    with pytest.raises(BackendMissingError) as error:
        money_shown(Decimal(1), "EUR", "en")
    assert "pip install 'sidelight[price]'" in error.value.hint
