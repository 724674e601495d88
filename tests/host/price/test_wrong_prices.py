"""Every way that we know in which a wrong price could pass: none does."""

from __future__ import annotations

from decimal import Decimal

import pytest

from host.price.beside import Sides
from host.price.figures import Look
from host.price.gate import View
from host.price.quantities import Quantity
from host.price.tag import Refusal, Tag
from host.price.understand import understand
from host.read.line import TextLine

KILOGRAM = Quantity(Decimal(1), "kg")


def line(text: str, left: float, top: float, height: float, *, sure: float = 0.98, width: float = 0) -> TextLine:
    right, bottom = left + (width or 0.55 * height * len(text)), top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), sure)


def read(*lines: TextLine, currency: str = "NOK", looks: dict[TextLine, Look] | None = None) -> Tag:
    return understand(lines, View((300, 200), currency, looks or {}))


NAME = line("BRUNOST", 150, 80, 30)


def test_the_tag_that_the_others_are_variants_of_is_read():
    tag = read(NAME, line("29.90", 200, 150, 80), line("59.80 kr/kg", 150, 250, 20))
    assert (tag.price, tag.refusal) == (Decimal("29.90"), None)


@pytest.mark.parametrize(
    ("why", "lines"),
    [
        ("last digit lost", [NAME, line("29.9", 200, 150, 80)]),
        ("cents lost", [NAME, line("29", 200, 150, 80)]),
        ("cents lost, point read", [NAME, line("29.", 200, 150, 80)]),
        ("point lost", [NAME, line("2990", 200, 150, 80)]),
        ("first digit split off", [NAME, line("2", 150, 150, 80), line("9.90", 204, 150, 80)]),
        ("last digits split off", [NAME, line("29.90", 200, 150, 80), line("0", 425, 150, 80)]),
        ("first digit beyond the edge", [NAME, line("9.90", 4, 150, 80)]),
        ("first digit beyond the edge, the next a sixth of its height from it", [NAME, line("7.90", 13.5, 150, 80)]),
        ("last digit beyond the edge", [NAME, line("12.95", 375, 150, 80)]),
        ("digits cut through by the edge", [NAME, line("29.90", 200, 338, 80)]),
        ("digits hardly legible", [NAME, line("29.90", 200, 150, 80, sure=0.7)]),
        ("unit price alone", [NAME, line("59.80 kr/kg", 150, 250, 20)]),
        ("unit price alone, without words", [NAME, line("59.80", 150, 250, 20)]),
        ("old price alone", [NAME, line("Før 39.90", 200, 150, 60)]),
        ("old price beside one not read", [NAME, line("nå", 150, 160, 60), line("før 39.90", 200, 240, 40)]),
        ("deposit alone", [NAME, line("+ pant 2,00", 200, 150, 40)]),
        ("saving alone", [NAME, line("Spar 10,-", 200, 150, 80)]),
        ("saving alone, or a shop", [NAME, line("SPAR 10,00", 150, 150, 60)]),
        ("saving above, or a shop", [NAME, line("SPAR", 200, 122, 24), line("10,00", 200, 150, 80)]),
        ("saving in kroner, or a shop", [NAME, line("Spar kr", 200, 122, 24), line("10,00", 200, 150, 80)]),
        ("without tax, or a shop", [NAME, line("NETTO 12,50", 150, 150, 60)]),
        ("without tax above, or a shop", [NAME, line("Netto", 200, 122, 24), line("12,50", 200, 150, 80)]),
        ("two numbers, or raised cents", [NAME, line("70 20", 200, 150, 80)]),
        ("groups of a number, or raised cents", [NAME, line("815 00", 200, 150, 80)]),
        ("percentage", [NAME, line("-30%", 200, 150, 80)]),
        ("percentage bonus", [NAME, line("25% bonus", 200, 150, 80)]),
        ("member price alone", [NAME, line("Medlem 19,90", 150, 150, 60)]),
        ("year", [NAME, line("2026", 200, 150, 80)]),
        ("date", [NAME, line("12.05.2026", 150, 150, 60)]),
        ("day and month", [NAME, line("Gyldig til 12.05", 150, 150, 50)]),
        ("range of days", [NAME, line("12.05-18.05", 150, 150, 50)]),
        ("weight", [NAME, line("500 g", 200, 150, 80)]),
        ("weight with a point", [NAME, line("1,50 kg", 200, 150, 80)]),
        ("volume", [NAME, line("6x0,33 l", 200, 150, 60)]),
        ("article number", [NAME, line("7312040", 200, 150, 60)]),
        ("article number in groups", [NAME, line("7312-0401", 200, 150, 60)]),
        ("number of the article", [NAME, line("Varenr 12.90", 150, 150, 50)]),
        ("telephone", [NAME, line("Tlf 22 33 44 55", 150, 150, 50)]),
        ("time", [NAME, line("10:30", 200, 150, 80)]),
        ("opening hours", [NAME, line("10.00-22.00", 150, 150, 50)]),
        ("pieces", [NAME, line("12 p", 200, 150, 80)]),
        ("size of a screw", [NAME, line("4,50 mm", 150, 150, 80)]),
        ("power", [NAME, line("E27 15W", 200, 150, 60)]),
        ("smaller than the words", [line("BRUNOST", 150, 80, 60), line("29.90", 200, 180, 50)]),
        ("two numbers as tall", [NAME, line("29.90", 80, 150, 70), line("24.90", 330, 150, 70)]),
        ("a number as tall that is not understood", [NAME, line("29.90", 200, 150, 60), line("I9?9O1", 200, 260, 70)]),
        ("below zero", [NAME, line("0.00", 200, 150, 80)]),
    ],
)
def test_no_price_is_read(why: str, lines: list[TextLine]):
    tag = read(*lines)
    assert tag.price is None, (why, tag)
    assert tag.refusal is not None


def test_what_bears_a_price_out_settles_what_stands_beside_it():
    unit, pack = line("25.00 kr/kg", 150, 250, 20), line("500 g", 350, 250, 20)
    assert read(NAME, line("Netto", 200, 122, 24), line("12,50", 200, 150, 80), unit, pack).price == Decimal("12.50")
    assert read(NAME, line("12 60", 200, 150, 80), line("25.20 kr/kg", 150, 250, 20), pack).price == Decimal("12.60")
    assert read(NAME, line("12 60 kr", 150, 150, 80)).price == Decimal("12.60")
    raised = line("12 60", 200, 150, 80)
    assert read(NAME, raised, looks={raised: Look(2, 2, 0, "12", "60", 0.95)}).price == Decimal("12.60")


def test_a_total_is_never_the_price_of_one():
    tag = read(NAME, line("2 for 40,00", 150, 150, 70))
    assert tag.multi_buy is not None
    assert (tag.price, tag.multi_buy.count, tag.multi_buy.total) == (Decimal("40.00"), 2, Decimal("40.00"))
    both = read(NAME, line("24,90", 200, 150, 80), line("2 for 40,00", 150, 260, 40))
    assert both.multi_buy is not None
    assert (both.price, both.multi_buy.total) == (Decimal("24.90"), Decimal("40.00"))


def test_an_offer_whose_total_stands_on_another_line():
    tag = read(NAME, line("2 for", 130, 170, 60), line("40,00", 235, 160, 70))
    assert tag.price is None or (tag.multi_buy is not None and tag.multi_buy.count == 2)


def test_a_total_that_would_be_no_offer_is_left_out():
    tag = read(NAME, line("24,90", 200, 150, 80), line("2 for 60,00", 150, 260, 40))
    assert (tag.price, tag.multi_buy) == (Decimal("24.90"), None)


def test_members_pay_another_price():
    tag = read(NAME, line("Medlem 19,90", 150, 130, 80), line("24,90", 200, 240, 60))
    assert (tag.price, tag.member) == (Decimal("24.90"), Decimal("19.90"))
    assert read(NAME, line("Medlem 19,90", 150, 130, 80)).refusal is Refusal.MEMBERS


def test_a_members_price_that_is_dearer_was_misread():
    tag = read(NAME, line("Medlem 79,90", 150, 130, 80), line("24,90", 200, 240, 60))
    assert (tag.price, tag.refusal) == (None, Refusal.SUMS)


def test_an_old_price_that_is_cheaper_was_misread():
    tag = read(NAME, line("Før 19,90", 150, 130, 40), line("24,90", 200, 200, 80))
    assert (tag.price, tag.refusal) == (None, Refusal.SUMS)


def test_goods_by_weight_say_so():
    tag = read(line("GULROT", 150, 80, 30), line("29,90 kr/kg", 120, 150, 70))
    assert (tag.price, tag.per) == (Decimal("29.90"), KILOGRAM)
    beside = read(line("GULROT", 150, 80, 30), line("29,90", 180, 150, 80), line("pr kg", 405, 200, 22))
    assert (beside.price, beside.per) == (Decimal("29.90"), KILOGRAM)


def test_a_line_through_a_price_makes_it_the_old_one():
    old = line("39,90", 200, 120, 50)
    looks = {old: Look(4, 0, 1, "3990", "", 0.95, struck=True)}
    tag = read(NAME, old, line("29,90", 200, 200, 80), looks=looks)
    assert (tag.price, tag.was) == (Decimal("29.90"), Decimal("39.90"))
    assert read(NAME, old, looks=looks).price is None


def test_what_may_hide_a_figure_makes_a_price_doubtful():
    price = line("7.90", 200, 150, 80)
    before, behind = ({price: Sides(*sides)} for sides in ((True, False), (False, True)))
    assert understand([NAME, price], View((300, 200), "NOK", {}, before)).refusal is Refusal.HIDDEN
    assert understand([NAME, price], View((300, 200), "NOK", {}, behind)).price == Decimal("7.90")
    whole = line("19,-", 200, 150, 80)
    hidden = {whole: Sides(before=False, behind=True)}
    assert understand([NAME, whole], View((300, 200), "NOK", {}, hidden)).refusal is Refusal.HIDDEN
    made = [NAME, line("500 g", 150, 280, 20), line("15.80 kr/kg", 150, 250, 20), price]
    assert understand(made, View((300, 200), "NOK", {}, before)).price == Decimal("7.90")


def test_the_price_of_the_tag_beside_it_is_not_taken():
    assert read(NAME, line("29,90", 460, 60, 50)).refusal in (Refusal.ASIDE, Refusal.CUT)
    cut = line("1290", 505, 150, 80, width=95)
    assert read(NAME, line("29,90", 260, 160, 60), cut).price == Decimal("29.90")


def test_raised_cents_alone_are_no_price():
    """Readers overlook a "1" by itself; the ink of the cents behind it shows no raised figures."""
    cents = line("79", 300, 150, 50)
    tag = read(NAME, cents, looks={cents: Look(2, 0, 0, "79", "", 1.0)}, currency="EUR")
    assert (tag.price, tag.refusal) == (None, Refusal.CENTS)


@pytest.mark.parametrize(
    ("look", "left"),
    [(None, 290), (Look(2, 2, 0, "15", "29", 1.0), 324), (Look(2, 0, 0, "15", "", 1.0), 324)],
    ids=["boxes overlap", "ink has other figures", "ink has fewer figures"],
)
def test_a_figure_that_is_both_in_the_price_and_in_its_raised_cents(look: Look | None, left: float):
    """15 with raised 29 was read as "152", and beside it, over its last figure, as "29"."""
    whole, cents = line("152", 200, 150, 99, width=124), line("29", left, 155, 52, width=59)
    assert read(NAME, whole, cents, looks={whole: look} if look else {}).price is None
    assert read(NAME, whole, line("29", 324, 155, 52, width=59)).price == Decimal("152.29")


def test_a_unit_price_whose_litre_was_read_as_a_one_contradicts_too():
    lines = [
        line("WATER 750 ml", 150, 80, 30),
        line("7.19", 200, 150, 80),
        line("Unit price $1.99 per 1", 150, 250, 20),
    ]
    assert read(*lines, currency="USD").refusal is Refusal.SUMS


def test_both_points_lost_prove_nothing():
    """190 is 760 times a quarter, and 1.90 is 7.60 times a quarter."""
    tag = read(line("MELK 0,25 l", 150, 80, 30), line("190", 200, 150, 80), line("760 kr/l", 150, 250, 20))
    assert tag.price is None


def test_unit_price_and_quantity_lower_what_trust_is_needed_and_contradiction_raises_it():
    sold, unit = line("BRUNOST 500 g", 150, 80, 30), line("59,80 kr/kg", 150, 250, 20)
    assert read(sold, unit, line("29,90", 200, 150, 80, sure=0.65)).price == Decimal("29.90")
    assert read(sold, unit, line("29,90", 200, 150, 80, sure=0.5)).price is None
    assert read(sold, unit, line("28,90", 200, 150, 80)).refusal is Refusal.SUMS
    assert read(sold, line("59,80 kr/kg", 150, 250, 20, sure=0.5), line("29,90", 200, 150, 80, sure=0.65)).price is None


def test_tax_in_and_out():
    name, out = line("醤油ラーメン", 150, 60, 30), line("本体価格", 100, 190, 22)
    tag = read(name, out, line("298円", 210, 130, 80), line("税込321円", 210, 240, 28), currency="JPY")
    assert (tag.price, tag.tax, tag.taxed) == (Decimal(298), "out", Decimal(321))
    wrong = read(name, out, line("298円", 210, 130, 80), line("税込921円", 210, 240, 28), currency="JPY")
    assert wrong.refusal is Refusal.SUMS


@pytest.mark.parametrize(
    ("text", "country", "price", "currency"),
    [
        ("¥1,280", "JPY", "1280", "JPY"),
        ("¥12.80", "CNY", "12.80", "CNY"),
        ("¥12.80", "JPY", None, "JPY"),
        ("1280円", "", "1280", "JPY"),
        ("12.80元", "", "12.80", "CNY"),
        ("₩8,000", "", "8000", "KRW"),
        ("$5.99", "", "5.99", ""),
        ("$5.99", "CAD", "5.99", "CAD"),
        ("79p", "GBP", "0.79", "GBP"),
        ("79p", "NOK", None, None),
        ("99 ct", "EUR", "0.99", "EUR"),
        ("12 ct", "USD", None, None),
        ("99¢", "USD", "0.99", "USD"),
        ("-,99", "EUR", "0.99", "EUR"),
        ("19 90", "NOK", "19.90", "NOK"),
        ("19 90", "JPY", None, "JPY"),
        ("19:-", "SEK", "19", "SEK"),
        ("1.-", "CHF", "1", "CHF"),
        ("1 299,00", "SEK", "1299.00", "SEK"),
        ("1.299,00 €", "", "1299.00", "EUR"),
        ("1,299.00", "GBP", "1299.00", "GBP"),
        ("1'299.-", "CHF", "1299", "CHF"),
        ("1.299", "EUR", None, "EUR"),
    ],
)
def test_forms_of_prices(text: str, country: str, price: str | None, currency: str | None):
    tag = read(line("N", 150, 60, 10), line(text, 150, 150, 70), currency=country)
    assert tag.price == (None if price is None else Decimal(price)), tag
    if currency is not None:
        assert tag.currency == currency


def test_a_figure_hidden_before_raised_cents_that_are_a_line_of_their_own():
    """168 with raised 90, a sticker over the 8 and the 9."""
    whole, cents = line("16", 200, 150, 90), line("10", 310, 155, 50, width=50)
    sides = {whole: Sides(before=False, behind=True)}
    assert understand([NAME, whole, cents], View((300, 200), "NOK", {}, sides)).refusal is Refusal.HIDDEN
    assert understand([NAME, whole, cents], View((300, 200), "NOK", {}, {})).price == Decimal("16.10")


def test_behind_raised_cents_at_the_edge_of_the_photo_nothing_is_missing():
    price = line("2690", 410, 150, 80)
    assert read(NAME, price, looks={price: Look(2, 2, 0, "26", "90", 0.95)}).price == Decimal("26.90")
    beyond = line("2690", 450, 150, 80)
    assert read(NAME, beyond, looks={beyond: Look(2, 2, 0, "26", "90", 0.95)}).refusal is Refusal.CUT


def test_a_count_that_took_a_sign_for_a_figure_denies_no_figures():
    price = line("2.90", 200, 150, 80)
    assert read(NAME, price, looks={price: Look(4, 0, 1, "£2.90", "", 0.95)}).price == Decimal("2.90")
    assert read(NAME, price, looks={price: Look(4, 0, 1, "12.90", "", 0.95)}).refusal is Refusal.UNSURE
