"""Article numbers: check digits, shops' own numbers, UPC-E, weights and prices of GS1."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.read.barcode import Barcode, check_digit, expanded_upc_e, gs1_measures, is_gtin, is_in_store

CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


@pytest.mark.parametrize("gtin", ["4006381333931", "96385074", "036000291452", "09501101530003", "9780764544200"])
def test_published_numbers_are_right(gtin):
    assert is_gtin(gtin)


@pytest.mark.parametrize("text", ["4006381333932", "400638133393", "", "40063813339٣١", "4006381333931 ", "abcdefgh"])
def test_what_is_no_article_number(text):
    assert not is_gtin(text)


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_any_one_wrong_digit_is_found(digits, place, change):
    gtin = digits + check_digit(digits)
    wrong = str((int(gtin[place]) + change) % 10)
    assert is_gtin(gtin)
    assert not is_gtin(gtin[:place] + wrong + gtin[place + 1 :])


def test_check_digit_of_something_else_is_an_error():
    with pytest.raises(ValueError, match="no digits"):
        check_digit("12a")


@pytest.mark.parametrize(
    ("gtin", "in_store"),
    [
        ("2012345678900", True),
        ("2900000000001", True),
        ("3012345678900", False),
        ("0212345678905", True),
        ("212345678905", True),  # UPC-A, number system 2
        ("412345678905", True),
        ("0312345678906", False),
        ("20123451", True),
        ("00123457", True),
        ("96385074", False),
        ("9780764544200", False),
    ],
)
def test_shops_own_numbers(gtin, in_store):
    assert is_in_store(gtin) is in_store


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("01234505", "012000003455"),
        ("04252614", "042100005264"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234565", "012345000065"),
    ],
)
def test_upc_e_expands_as_the_standard_shows(short, long):
    assert expanded_upc_e(short) == long


def test_what_is_no_upc_e():
    for text in ("21234565", "0123456", "0123456x"):
        with pytest.raises(ValueError, match="no UPC-E"):
            expanded_upc_e(text)


def test_weight_and_price_of_gs1():
    assert gs1_measures({"3103": "1.250", "3922": "29.90"}).weight_kg == Decimal("1.250")
    code = Barcode("gs1", "", CORNERS, "", {"3932": "978 29.90", "3202": "1.00"})
    assert (code.price, code.currency, code.weight_kg) == (Decimal("29.90"), "EUR", Decimal("0.4535923700"))
    assert Barcode("gs1", "", CORNERS, "", {"3932": "999 1.00"}).currency == ""
    assert Barcode("qr", "https://example.org", CORNERS).price is None
    assert not Barcode("qr", "https://example.org", CORNERS).in_store
