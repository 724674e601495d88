from __future__ import annotations

from decimal import Decimal

import pytest

from host.price.gate import View
from host.price.tag import Refusal
from host.price.understand import understand
from host.read.line import TextLine

NOK = View(centre=(225, 170), currency="NOK")


def line(text: str, left: float, top: float, height: float, *, sure: float = 0.99, width: float = 0) -> TextLine:
    right, bottom = left + (width or 0.55 * height * len(text)), top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), sure)


def test_unit_price_and_quantity_settle_where_the_cents_begin():
    tag = understand([line("RØD LØK 250G", 85, 90, 24), line("1790", 210, 118, 63), line("r/kg71.6", 92, 125, 18)], NOK)
    assert (tag.price, tag.currency, tag.name) == (Decimal("17.90"), "NOK", "RØD LØK 250G")
    assert tag.unit_price is not None
    assert tag.unit_price.amount == Decimal("71.6")


@pytest.mark.parametrize(
    ("size", "price", "unit", "shown"),
    [
        ("OST 400G", "122,46", "306,16", None),  # 306.15
        ("OST 400G", "122,46", "306,15", "306.15"),
        ("KRYDDER 80G", "29,90", "373,76", None),  # 373.75
        ("KRYDDER 80G", "29,90", "373,75", "373.75"),
        ("KRYDDER", "29,90", "373,76", None),
        ("KRYDDER", "29,90", "373,75", "373.75"),
        ("OST 300G", "29,90", "99,66", "99.66"),  # 99.667: shops round either way
        ("OST 300G", "29,90", "99,67", "99.67"),
        ("OST 300G", "29,90", "99,7", "99.7"),
        ("OST 300G", "29,90", "99,65", None),
    ],
)
def test_a_unit_price_with_a_figure_that_price_and_quantity_do_not_make_is_left_out(size, price, unit, shown):
    lines = [line(size, 85, 90, 24), line(price, 210, 118, 63), line(f"kr/kg {unit}", 20, 200, 18)]
    tag = understand(lines, NOK)
    assert tag.price == Decimal(price.replace(",", "."))
    assert (tag.unit_price and tag.unit_price.amount) == (shown and Decimal(shown))


def test_raised_cents_that_were_read_apart_belong_to_their_price():
    tag = understand([line("54", 264, 91, 75), line("90", 345, 92, 34)], NOK)
    assert tag.price == Decimal("54.90")


def test_figures_without_a_point_are_no_price_as_long_as_nothing_settles_it():
    tag = understand([line("TOMATER", 133, 116, 31), line("2990", 294, 152, 85)], NOK)
    assert (tag.price, tag.refusal) == (None, Refusal.CENTS)


def test_cents_that_the_reader_lost_are_noticed():
    """26 of 26.90: 26 at 538 a kilogram would be 48.3 g, a size that no package has."""
    tag = understand([line("26", 151, 44, 81), line("538.00", 48, 93, 29)], NOK)
    assert (tag.price, tag.refusal) == (None, Refusal.CENTS)


def test_a_price_that_unit_price_and_quantity_contradict_is_none():
    lines = [line("OST 500 g", 20, 10, 24), line("39.90", 200, 50, 80), line("kr/kg 159.60", 20, 100, 20)]
    assert understand(lines, NOK).refusal is Refusal.SUMS


def test_of_several_tags_the_middle_one_is_read():
    lines = [
        line(text, left, top, height)
        for left in (0, 400, 800)
        for text, top, height in (("MELK", 100, 24), (f"{left // 100 + 11}.50", 140, 60))
        for left, top, height in ((left, top, height),)
    ]
    tag = understand(lines, View(centre=(500, 150), currency="NOK"))
    assert (tag.price, tag.in_view) == (Decimal("15.50"), 3)


@pytest.mark.parametrize(
    ("text", "was", "price"),
    [("was 6.99 now 4.99", "6.99", "4.99"), ("statt 12,99 nur 9,99", "12.99", "9.99")],
)
def test_the_price_before_is_not_the_price(text: str, was: str, price: str):
    tag = understand([line(text, 20, 20, 40)], View(centre=(250, 50), currency="EUR"))
    assert (tag.was, tag.price) == (Decimal(was), Decimal(price))


@pytest.mark.parametrize(
    ("second", "name"),
    [("Pt/Veki(Kg)", "TOMATER"), ("M/KJØTT 500G", "TOMATER M/KJØTT 500G"), ("SØTE & SMÅ", "TOMATER SØTE & SMÅ")],
)
def test_the_second_line_of_a_name_is_words(second: str, name: str):
    lines = [line("TOMATER", 150, 60, 30), line(second, 150, 95, 28), line("29.90", 200, 150, 80)]
    assert understand(lines, View((300, 200), "NOK")).name == name
