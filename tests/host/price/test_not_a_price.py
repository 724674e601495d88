"""Numbers as large as a price that are none, and prices that not everybody pays."""

from __future__ import annotations

from decimal import Decimal

import pytest

from host.price.gate import View
from host.price.understand import understand
from host.read.line import TextLine


def line(text: str, left: float, top: float, height: float) -> TextLine:
    right, bottom = left + 0.55 * height * len(text), top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.97)


@pytest.mark.parametrize(
    ("currency", "label", "text"),
    [
        ("NOK", "BEST FØR", "12.05"),
        ("EUR", "Haltbar bis", "12.05"),
        ("GBP", "USE BY", "12.05"),
        ("EUR", "", "-2,00 €"),
        ("EUR", "", "\u2212 2,00"),
        ("EUR", "% vol", "12,50"),
    ],
)
def test_dates_discounts_and_shares_are_no_prices(currency, label, text):
    beside = label.startswith("%")
    lines = [line(text, 220, 160, 80)]
    lines += [line(label, 430 if beside else 220, 190 if beside else 125, 30)] if label else []
    assert not understand(lines, View((300, 200), currency)).accepted


@pytest.mark.parametrize("label", ["Clubcard Price", "Member price", "Nectar Price"])
def test_a_price_for_members_is_not_the_price_however_small_that_is_said(label):
    lines = [line(label, 150, 115, 24), line("£2.00", 150, 150, 90), line("£3.50", 420, 220, 40)]
    tag = understand(lines, View((300, 200), "GBP"))
    assert tag.price in (None, Decimal("3.50"))
    assert tag.member == Decimal("2.00")


@pytest.mark.parametrize("first", "IlOoQDZzSsBGgbqTAJi?!]")
def test_a_first_figure_that_was_read_as_a_letter(first):
    for price in ([line(f"{first}9.90", 180, 140, 90)], [line(first, 130, 140, 90), line("9.90", 180, 140, 90)]):
        assert not understand([line("BRUNOST", 150, 60, 30), *price], View((300, 200), "NOK")).accepted


@pytest.mark.parametrize(
    ("currency", "label", "price"),
    [
        ("NOK", "i 24 måneder", "299,-"),
        ("EUR", "24 meses", "29,90 €"),
        ("GBP", "pcm", "£29.90"),
        ("JPY", "×24回", "2,980円"),
        ("NOK", "med Trumf", "19,90"),
        ("NOK", "Æ-pris", "19,90"),
        ("EUR", "Nur mit Lidl Plus App", "3,99"),
        ("GBP", "with Nectar", "£3.99"),
        ("CNY", "PLUS会员价", "¥19.80"),
        ("SEK", "Lägsta pris 30 dgr", "39,90"),
        ("NOK", "Laveste pris siste 30 dager", "39,90"),
        ("EUR", "30-Tage-Bestpreis", "39,90"),
        ("EUR", "Niedrigster Gesamtpreis der letzten 30 Tage", "39,90"),
        ("EUR", "Prix le plus bas 30 jours", "39,90"),
        ("EUR", "zzgl. Pfand", "0,25"),
        ("EUR", "sis. pantti", "0,20"),
        ("GBP", "ANY 2", "£5.00"),
        ("SEK", "Välj 3", "50:-"),
        ("NOK", "for 2 stk", "30,00"),
        ("NOK", "pr stk v/3", "10,00"),
        ("EUR", "LOT DE 2", "5,00"),
        ("JPY", "よりどり3点", "500円"),
        ("JPY", "半額", "398円"),
        ("GBP", "cheaper", "£2.00"),
        ("NOK", "Nettovekt", "0,51"),
        ("NOK", "Pakkedag", "12.05"),
    ],
)
def test_words_above_or_below_that_make_it_another_price(currency, label, price):
    for top in (105, 245):
        lines = [line("BRUNOST", 150, 40, 30), line(price, 180, 150, 80), line(label, 180, top, 26)]
        assert not understand(lines, View((300, 200), currency)).accepted


@pytest.mark.parametrize("label", ["3 STK", "2 RASIAA", "2 PKT", "2/", "3個"])
def test_how_many_it_is_for_in_large_print(label):
    lines = [line("BRUNOST", 150, 40, 30), line(label, 230 - 22 * len(label), 150, 40), line("50,00", 240, 140, 90)]
    assert not understand(lines, View((300, 200), "NOK")).accepted
    small = [line("BRUNOST", 150, 40, 30), line(label, 150, 280, 20), line("50,00", 240, 140, 90)]
    assert understand(small, View((300, 200), "NOK")).price == Decimal("50.00")


def test_what_a_litre_costs_at_the_price_beside_it_is_no_price():
    lines = [line("COLA 0,5 L", 150, 60, 30), line("29,90", 150, 140, 90), line("14,95", 200, 260, 50)]
    assert not understand(lines, View((300, 200), "NOK")).accepted
    agreed = [*lines[:1], line("14,95", 150, 140, 90), line("29,90 kr/l", 200, 260, 30)]
    assert understand(agreed, View((300, 200), "NOK")).price == Decimal("14.95")


def test_a_deposit_beside_a_price_does_not_make_it_one():
    lines = [line("COLA", 150, 60, 30), line("1,99", 180, 150, 80), line("zzgl. Pfand", 180, 245, 26)]
    assert understand(lines, View((300, 200), "EUR")).price == Decimal("1.99")
