"""Currencies by code and by country."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.currencies import CURRENCIES, country_code, currency_code, currency_in, currency_of
from host.errors import UsageError


@pytest.mark.parametrize(
    ("locale", "currency"),
    [
        ("de_DE.UTF-8", "EUR"),
        ("en-US", "USD"),
        ("en_GB", "GBP"),
        ("zh_Hans_CN", "CNY"),
        ("ja_JP.eucJP", "JPY"),
        ("fr_CH", "CHF"),
        ("bg_BG", "EUR"),
        ("es_SV", "USD"),
        ("wo_SN", "XOF"),
        ("C.UTF-8", ""),
        ("POSIX", ""),
        ("en", ""),
        ("en_001", ""),
        ("", ""),
    ],
)
def test_the_currency_of_a_locale(locale: str, currency: str) -> None:
    assert currency_of(locale) == currency


@given(st.text())
def test_any_locale_gives_a_currency_or_none(locale: str) -> None:
    assert currency_of(locale) in CURRENCIES | {""}


def test_codes_are_taken_as_people_write_them() -> None:
    assert [currency_code(text) for text in ("eur", " USD ", "")] == ["EUR", "USD", ""]


@pytest.mark.parametrize(
    ("text", "message"), [("EURO", "did you mean EUR?"), ("$", "'$' is no currency"), ("XX\x1b[2J", "")]
)
def test_what_is_no_currency(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        currency_code(text)
    assert message in caught.value.message
    assert caught.value.message.isprintable()
    assert "three letters" in caught.value.hint


@pytest.mark.parametrize(("country", "currency"), [("NO", "NOK"), ("DE", "EUR"), ("XK", "EUR"), ("XA", ""), ("", "")])
def test_the_currency_of_a_country(country: str, currency: str) -> None:
    assert currency_in(country) == currency


def test_a_country_is_two_letters_in_any_case() -> None:
    assert [country_code(text) for text in ("no", " JP ", "")] == ["NO", "JP", ""]


@pytest.mark.parametrize("text", ["Norway", "QQ", "N", "NOR", "\x1b[31m"])
def test_what_is_no_country_says_so(text: str) -> None:
    with pytest.raises(UsageError, match="is no country"):
        country_code(text)
