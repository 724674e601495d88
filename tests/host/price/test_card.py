"""What is told of a price, as a line and as a card."""

from __future__ import annotations

from decimal import Decimal

import pytest

from host.price.card import Converted, Priced, blocks_of, facts, line_of, quantity_text
from host.price.quantities import Quantity
from host.price.tag import MultiBuy, Refusal, Tag, UnitPrice

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


def money(amount, currency):
    return f"{amount:f} {currency}".strip()


def test_a_tag_in_a_line():
    priced = Priced(tag=FULL, product="Tomatoes", converted=Converted(Decimal("2.61"), "EUR", "2026-10-30"))
    assert line_of(priced, money) == (
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
    assert said in [fact.text for fact in facts(Priced(tag=tag), money)]


@pytest.mark.parametrize("refusal", list(Refusal))
def test_a_refused_price_is_in_no_fact_and_says_what_to_do(refusal):
    tag = Tag(refusal=refusal, was=Decimal("39.90"), unit_price=UnitPrice(Decimal("59.80"), KG), name="TOMATER")
    told = facts(Priced(tag=tag), money)
    assert [fact.kind for fact in told] == ["refusal", "hint"]
    assert told[0].text == str(refusal)
    assert not any(character.isdigit() for fact in told for character in fact.text)


def test_a_barcode_alone_tells_the_product_and_asks_for_nothing():
    priced = Priced(tag=Tag(), product="Pasta 500 g", gtin="7038010000713", compared=("last 24.90 NOK on 3 Oct",))
    assert [fact.kind for fact in facts(priced, money)] == ["product", "refusal", "compared"]


def test_qr_codes_are_text():
    priced = Priced(tag=TAG, codes=("https://example.com",))
    assert "QR: https://example.com" in line_of(priced, money)


def test_the_card_has_the_price_large():
    sizes = []

    def font_of(_language, size):
        sizes.append(size)

    groups = blocks_of(Priced(tag=TAG, product="Tomatoes"), money, font_of)
    assert [block.text for group in groups for block in group] == ["Tomatoes", "29.90 NOK"]
    assert sizes == ["normal", "large"]


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
