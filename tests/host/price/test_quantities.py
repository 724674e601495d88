"""Quantities and unit prices, and the check that one makes the other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.price.quantities import Quantity, agrees, makes, per_unit, quantities

KG = Quantity(Decimal(1), "kg")


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("RØD STJERNELØK 250G", "0.25", "kg"),
        ("6x50cl", "3", "l"),
        ("6 × 0,33 l", "1.98", "l"),
        ("1,5 L", "1.5", "l"),
        ("Butter 2 hg", "0.2", "kg"),
        ("12 stk", "12", "piece"),
        ("10 Stück", "10", "piece"),
        ("2斤", "1", "kg"),
        ("500克装", "0.5", "kg"),
        ("牛乳 1000ml", "1", "l"),
        ("1 lb", "0.45359237", "kg"),
        ("16 fl oz", "0.47317647300000", "l"),
    ],
)
def test_what_is_sold(text, amount, unit):
    (found,) = quantities(text)
    assert (found.amount, found.unit) == (Decimal(amount), unit)
    assert per_unit(text) is None


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("71,60 kr/kg", "1", "kg"),
        ("Pr/kg 71.6", "1", "kg"),
        ("per 100 g", "0.1", "kg"),
        ("je 100g", "0.1", "kg"),
        ("prix au litre: 1,20 €/l", "1", "l"),
        ("1 kg = 4,98 EUR", "1", "kg"),
        ("5.6元/500g", "0.5", "kg"),
        ("毎100g", "0.1", "kg"),
        ("100g当たり 198円", "0.1", "kg"),
        ("2,11/stk", "1", "piece"),
    ],
)
def test_what_a_unit_price_is_for(text, amount, unit):
    found = per_unit(text)
    assert (found.amount, found.unit) == (Decimal(amount), unit)
    assert quantities(text) == []


@pytest.mark.parametrize("text", ["TOMATER", "15W E27", "3 tomatoes", "5 large", "0 g", "29.90", ""])
def test_what_is_no_quantity(text):
    assert quantities(text) == []
    assert per_unit(text) is None


def test_a_quantity_beside_a_unit_price_is_kept():
    assert quantities("500 g (per kg 3,98)") == [Quantity(Decimal("0.500"), "kg")]


def test_the_unit_price_settles_where_the_point_is():
    sold = [Quantity(Decimal("0.25"), "kg")]
    assert agrees(Decimal("17.90"), Decimal("71.6"), KG, sold)
    assert not agrees(Decimal(1790), Decimal("71.6"), KG, sold)
    assert not agrees(Decimal("71.6"), Decimal("71.6"), KG, sold)
    assert not agrees(Decimal("17.90"), Decimal("71.6"), KG, [Quantity(Decimal("0.25"), "l")])
    assert not agrees(Decimal("17.90"), Decimal("71.6"), KG, [])


@given(st.decimals("0.10", "9999", places=2), st.integers(1, 10_000), st.sampled_from(["0.1", "1"]))
def test_any_price_agrees_with_its_own_unit_price_rounded(price, grams, per):
    sold = Quantity(Decimal(grams) / 1000, "kg")
    unit = Quantity(Decimal(per), "kg")
    printed = (price * unit.amount / sold.amount).quantize(Decimal("0.01"))
    assert agrees(price, printed, unit, [sold])
    assert makes(price, printed, unit, [sold])
    assert not makes(price, printed + Decimal("0.02"), unit, [sold])
    assert not makes(price, printed, Quantity(Decimal(1), "l"), [sold])


@given(st.text(alphabet="0123456789.,xgklmstoz /=per", max_size=40) | st.text(max_size=40))
def test_any_line(text):
    assert all(quantity.amount > 0 for quantity in quantities(text))
    found = per_unit(text)
    assert found is None or found.amount > 0
