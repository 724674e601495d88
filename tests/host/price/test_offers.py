"""Offers for several, as fourteen languages write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.price.offers import offer


@pytest.mark.parametrize(
    ("text", "count", "total"),
    [
        ("2 for 5", 2, "5"), ("Any 3 for £5", 3, "5"), ("2/$5", 2, "5"), ("3 Stück nur 11,79", 3, "11,79"),
        ("2 für 3,50", 2, "3,50"), ("Les 2 : 10 €", 2, "10 €"), ("2 pour 5 €", 2, "5 €"), ("2 x 5 €", 2, "5 €"),
        ("2 unidades por 5 €", 2, "5 €"), ("Leve3porR$26,99", 3, "26,99"), ("2 per 5", 2, "5"),
        ("2 a 5 €", 2, "5 €"), ("2 voor 5", 2, "5"), ("2 stuks 5,00", 2, "5,00"), ("3 for kr 130,90", 3, "130,90"),
        ("2 stk 40", 2, "40"), ("2 för 47", 2, "47"), ("2 kpl 5", 2, "5"), ("2 szt. za 10 zł", 2, "10 zł"),
        ("2个8.99元", 2, "8.99元"), ("4件151.49元", 4, "151.49元"), ("2点で500円", 2, "500円"),
        ("よりどり2点 599円", 2, "599円"), ("2 for", 2, ""),
    ],
)  # fmt: skip
def test_so_many_for_a_total(text: str, count: int, total: str):
    found = offer(text)
    assert found is not None
    assert (found.count, found.paid, text[found.start :]) == (count, None, total)


@pytest.mark.parametrize(
    ("text", "count", "paid"),
    [
        ("3x2", 3, 2), ("3 for 2", 3, 2), ("Buy 2 get 1 free", 3, 2), ("Nimm 3 zahl 2", 3, 2), ("1+1 gratis", 2, 1),
        ("2 achetés = 1 offert", 3, 2), ("3 achetés 2 payés", 3, 2), ("Lleva 3 paga 2", 3, 2),
        ("Prendi 3 paghi 2", 3, 2), ("Leve 3 pague 2", 3, 2), ("3 halen 2 betalen", 3, 2),
        ("Ta 3 betal for 2", 3, 2), ("Ta 3 betala för 2", 3, 2), ("Tag 3 betal for 2", 3, 2),
        ("Osta 3 maksa 2", 3, 2), ("3 w cenie 2", 3, 2), ("买2送1", 3, 2),
    ],
)  # fmt: skip
def test_so_many_for_the_price_of_fewer(text: str, count: int, paid: int):
    found = offer(text)
    assert found is not None
    assert (found.count, found.paid) == (count, paid)


@pytest.mark.parametrize(
    "text",
    ["6x33cl", "6 x 33 cl", "1/2 price", "2 kg 5,00", "12 ct 3.99", "2 stk", "15 for pris", "1 kg = 4,98", "29,90"],
)
def test_no_offer(text: str):
    assert offer(text) is None


@given(st.text(max_size=300))
def test_anything_may_stand_there(text: str):
    found = offer(text)
    assert found is None or (found.count >= 2 and 0 <= found.begin <= found.start <= 200 * 18)
