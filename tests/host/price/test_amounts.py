"""Amounts as tags print them, and as readers lose their points."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.price.amounts import amounts, likely_currency


def first(text):
    (found,) = amounts(text)
    return found


@pytest.mark.parametrize(
    ("text", "value", "currency", "exact"),
    [
        ("29.90", "29.90", None, True),
        ("29,90 kr", "29.90", "NOK", True),
        ("kr. 29,90", "29.90", "NOK", True),
        ("1.299,00 €", "1299.00", "EUR", True),
        ("€1,299.00", "1299.00", "EUR", True),
        ("1 299,00 kr", "1299.00", "NOK", True),
        ("CHF 1'299.00", "1299.00", "CHF", True),
        ("19 90", "19.90", None, True),
        ('27"90', "27.90", None, True),
        ("19:-", "19", None, True),
        ("-,99", "0.99", None, True),
        ("Nur5,99", "5.99", None, True),
        ("特价34.99元", "34.99", "CNY", True),
        ("Preis regular$32.90", "32.90", "USD", True),
        ("1.-", "1", None, True),
        ("129,-", "129", None, True),
        ("Kč 49,--", "49", "CZK", True),
        ("¥1,280", "1280", "JPY", False),
        ("１，２８０円", "1280", "JPY", False),
        ("12.80元", "12.80", "CNY", True),
        ("₩8,000", "8000", "KRW", False),
        ("8,000원", "8000", "KRW", False),
        ("12,99 zł", "12.99", "PLN", True),
        ("R$ 12,90", "12.90", "BRL", True),
        ("99¢", "0.99", "USD", True),
        ("79p", "0.79", "GBP", True),
        ("EUR 2.49", "2.49", "EUR", True),
        ("KWD 1.250", "1.250", "KWD", False),
        ("1.234.567 ₫", "1234567", "VND", False),
    ],
)
def test_what_is_printed(text, value, currency, exact):
    found = first(text)
    assert str(found.values[0]) == value
    assert (found.currencies[:1] or (None,))[0] == currency
    assert found.exact is exact


def test_digits_without_a_point_say_both_where_the_currency_has_cents():
    assert first("2990").values == (Decimal(2990), Decimal("29.90"))
    assert first("¥2990").values == (Decimal(2990), Decimal("29.90"))  # Chinese prices have two decimals
    assert first("2990円").values == (Decimal(2990),)
    assert first("90").values == (Decimal(90),)


def test_a_point_before_three_digits_says_both():
    assert first("1.299").values == (Decimal(1299), Decimal("1.299"))
    assert first("1.299 kr").values == (Decimal(1299),)
    assert first("0,750").values == (Decimal("0.750"),)


@pytest.mark.parametrize("text", ["7039610004321", "E27", "A4", "CO2neutral", "", "kr", "12.34.56.78", "1.5.2026 10"])
def test_what_is_no_amount(text):
    assert [a for a in amounts(text) if a.exact] == []


def test_several_on_a_line_are_found_where_they_stand():
    text = "was $6.99 now $4.99"
    assert [(str(a.values[0]), text[a.start : a.end]) for a in amounts(text)] == [("6.99", "$6.99"), ("4.99", "$4.99")]


@pytest.mark.parametrize(
    ("sign", "script", "country", "meant"),
    [
        ("¥1", "Jpan", "", "JPY"),
        ("¥1", "Hani", "JPY", "CNY"),
        ("¥1", "Zyyy", "JPY", "JPY"),
        ("¥1", "Zyyy", "", ""),
        ("kr 1", "Latn", "SEK", "SEK"),
        ("kr 1", "Latn", "EUR", ""),
        ("1", "Latn", "EUR", "EUR"),
        ("€1", "Latn", "NOK", "EUR"),
        ("$1", "Latn", "", ""),
    ],
)
def test_which_currency_is_meant(sign, script, country, meant):
    assert likely_currency(first(sign).currencies, script, country) == meant


GROUPS = st.sampled_from([".", ",", " ", "'", ""])


@given(
    st.integers(0, 999_999),
    st.integers(0, 99),
    GROUPS,
    st.sampled_from([".", ","]),
    st.sampled_from(["", "€", "£", "zł"]),
)
def test_any_price_with_cents_is_read_back(whole, cents, group, point, sign):
    if group == point:
        group = ""
    text = f"{sign}{whole:,}".replace(",", group) + f"{point}{cents:02}"
    found = first(text)
    assert found.values == (Decimal(f"{whole}.{cents:02}"),)
    assert found.exact


@given(st.text(alphabet="0123456789.,'- ¥€$krKR円x/%\"^:a¢p", max_size=40) | st.text(max_size=40))
def test_any_line_has_amounts_that_can_be(text):
    for found in amounts(text):
        assert found.values
        assert len(set(found.values)) == len(found.values)
        assert all(value.is_finite() and value >= 0 for value in found.values)
        assert found.start < found.end
