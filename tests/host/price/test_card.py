"""What is told of a price, as a line and as a card."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from host.app.glasses import built_in_font
from host.lens.shape import FRAME
from host.price.card import Fact, Priced, Writing, card_pages, facts, line_of, quantity_text, what_to_do
from host.price.money import Converted, Unconverted
from host.price.quantities import Quantity
from host.price.tag import MultiBuy, Refusal, Tag, UnitPrice

FONT = built_in_font(FRAME)
KG = Quantity(Decimal(1), "kg")
TAG = Tag(price=Decimal("29.90"), currency="NOK", refusal=None, name="TOMATER", in_view=1)
FULL = Tag(
    price=Decimal("29.90"),
    currency="NOK",
    refusal=None,
    unit_price=UnitPrice(Decimal("59.80"), KG),
    was=Decimal("39.90"),
    multi_buy=MultiBuy(2, total=Decimal("50.00")),
    deposit=Decimal("2.00"),
    tax="out",
    in_view=3,
)


WRITING = Writing(lambda amount, currency: f"{amount:f} {currency}".strip(), date.isoformat)


def test_a_tag_in_a_line():
    priced = Priced(tag=FULL, product="Tomatoes", converted=Converted(Decimal("2.61"), "EUR", date(2026, 10, 30), 3))
    assert line_of(priced, WRITING) == (
        "Tomatoes, 29.90 NOK; 2.61 EUR (rate of 2026-10-30); 59.80 NOK per kg; was 39.90 NOK; "
        "2 for 50.00 NOK (25.00 NOK each); + deposit 2.00 NOK; without tax; 3 tags in view: the middle one"
    )


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        (MultiBuy(3, total=Decimal(10)), "3 for 10 NOK"),
        (MultiBuy(2, total=Decimal(5)), "2 for 5 NOK (2.50 NOK each)"),
        (MultiBuy(3, paid=2), "3 for the price of 2"),
    ],
)
def test_several_at_once_and_each_only_where_it_is_exact(offer, said):
    tag = Tag(price=Decimal("4.00"), currency="NOK", refusal=None, multi_buy=offer)
    assert said in [fact.text for fact in facts(Priced(tag=tag), WRITING)]


def test_a_price_of_several_is_never_told_as_that_of_one():
    tag = Tag(price=Decimal(5), currency="USD", refusal=None, multi_buy=MultiBuy(2, total=Decimal(5)))
    priced = Priced(tag=tag, converted=Converted(Decimal("2.20"), "EUR", date(2026, 10, 30), 3))
    assert line_of(priced, WRITING) == "2 for 5 USD (2.50 USD each); 2.20 EUR each (rate of 2026-10-30)"


def test_what_is_sold_by_weight_says_so_once():
    tag = Tag(price=Decimal("24.90"), currency="NOK", refusal=None, per=KG, unit_price=UnitPrice(Decimal("24.90"), KG))
    assert line_of(Priced(tag=tag), WRITING) == "24.90 NOK per kg"


def test_prices_for_members_and_with_tax():
    tag = Tag(price=Decimal(100), currency="JPY", refusal=None, member=Decimal(90), taxed=Decimal(108), tax="out")
    assert line_of(Priced(tag=tag), WRITING) == "100 JPY; 90 JPY for members; 108 JPY with tax; without tax"


def test_what_is_to_be_done_is_known_for_every_refusal():
    assert {refusal for refusal in Refusal if what_to_do(Tag(refusal=refusal)) == ""} == set()
    assert what_to_do(TAG) == ""


@pytest.mark.parametrize("refusal", list(Refusal))
def test_a_refused_price_is_in_no_fact_and_says_what_to_do(refusal):
    tag = Tag(refusal=refusal, was=Decimal("39.90"), unit_price=UnitPrice(Decimal("59.80"), KG), name="TOMATER")
    told = facts(Priced(tag=tag), WRITING)
    assert [fact.kind for fact in told] == ["refusal", "hint"]
    assert told[0].text == str(refusal)
    assert not any(character.isdigit() for fact in told for character in fact.text)


def test_a_barcode_alone_tells_the_product_and_asks_for_nothing():
    priced = Priced(tag=Tag(), product="Pasta 500 g", gtin="7038010000713", compared=("last 24.90 NOK on 3 Oct",))
    assert [fact.kind for fact in facts(priced, WRITING)] == ["product", "refusal", "compared"]


def test_qr_codes_are_text():
    priced = Priced(tag=TAG, codes=("https://example.com",))
    assert "QR: https://example.com" in line_of(priced, WRITING)


def test_the_card_has_the_price_large():
    sizes = []

    def font_of(_language, size):
        sizes.append(size)
        return FONT

    pages = card_pages(Priced(tag=TAG, product="Tomatoes"), WRITING, font_of, FRAME, footer=lambda *_: "tap")
    assert [[item.text for item in page.items] for page in pages] == [["Tomatoes", "29.90 NOK", "tap"]]
    assert sizes == ["normal", "large", "small"]


def test_a_long_card_has_pages():
    priced = Priced(tag=FULL, product="Tomatoes", compared=("last 24.90 NOK on 3 Oct",) * 3)
    pages = card_pages(priced, WRITING, lambda *_: FONT, FRAME, footer=lambda page, of: f"{page} of {of}")
    assert [page.items[-1].text for page in pages] == ["1 of 3", "2 of 3", "3 of 3"]
    assert pages[0].items[1].text == "29.90 NOK"


def test_a_price_that_cannot_be_converted_says_why():
    priced = Priced(tag=TAG, converted=Unconverted("the European Central Bank gives no rate for VND"))
    assert facts(priced, WRITING)[-1] == Fact("note", "the European Central Bank gives no rate for VND")


def test_a_price_in_the_currency_of_the_wearer_stands_once():
    priced = Priced(tag=TAG, converted=Converted(Decimal("29.90"), "NOK", date(2026, 10, 30), 0))
    assert line_of(priced, WRITING) == "29.90 NOK"


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [
        ("1", "kg", "1 kg"),
        ("0.500", "kg", "500 g"),
        ("0.33", "l", "330 ml"),
        ("1.98", "l", "1.98 l"),
        ("10", "piece", "10 pieces"),
        ("1", "piece", "1 piece"),
    ],
)
def test_quantities_as_tags_write_them(amount, unit, said):
    assert quantity_text(Quantity(Decimal(amount), unit)) == said
