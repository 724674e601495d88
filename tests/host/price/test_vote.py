"""Readings of several photos of one tag."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.price.quantities import Quantity
from host.price.tag import MultiBuy, Refusal, Tag, UnitPrice
from host.price.vote import voted

PRICE = Decimal("29.90")
OTHER = Decimal("28.90")


def read(price: Decimal = PRICE, **more) -> Tag:
    return Tag(**({"price": price, "currency": "NOK", "refusal": None, "confidence": 0.95} | more))


def refused(*candidates: Decimal, refusal: Refusal = Refusal.UNSURE, confidence: float = 0.7) -> Tag:
    return Tag(currency="NOK", refusal=refusal, confidence=confidence, candidates=candidates)


def test_one_photo_is_taken_as_it_is():
    assert voted([read()]) == read()
    with pytest.raises(ValueError, match="nothing"):
        voted([])


def test_photos_that_agree_have_all_that_either_saw():
    kilo = UnitPrice(Decimal("59.80"), Quantity(Decimal(1), "kg"))
    tag = voted([read(unit_price=kilo, codes=("1",)), read(name="BRUNOST", deposit=Decimal(2), codes=("1", "2"))])
    assert (tag.price, tag.unit_price, tag.name, tag.deposit) == (PRICE, kilo, "BRUNOST", Decimal(2))
    assert tag.codes == ("1", "2")


def test_what_two_photos_say_differently_is_left_out():
    tag = voted([read(was=Decimal(40)), read(was=Decimal(46))])
    assert (tag.price, tag.was) == (PRICE, None)


@pytest.mark.parametrize(("amount", "right"), [("59.80", True), ("59.81", False)])
def test_a_unit_price_that_the_quantity_of_another_photo_does_not_make_is_left_out(amount, right):
    kilo, half = UnitPrice(Decimal(amount), Quantity(Decimal(1), "kg")), Quantity(Decimal("0.5"), "kg")
    tag = voted([read(unit_price=kilo), read(quantity=half)])
    assert (tag.price, tag.unit_price) == (PRICE, kilo if right else None)
    pair = MultiBuy(2, total=PRICE)
    tag = voted([read(unit_price=kilo, multi_buy=pair), read(quantity=Quantity(Decimal("0.25"), "kg"), multi_buy=pair)])
    assert (tag.price, tag.unit_price) == (PRICE, kilo if right else None)


@pytest.mark.parametrize(
    "other",
    [
        read(OTHER),
        read(currency="SEK"),
        read(multi_buy=MultiBuy(2, total=PRICE)),
        read(per=Quantity(Decimal(1), "kg")),
        refused(OTHER),
        refused(OTHER, Decimal(2890), refusal=Refusal.CENTS, confidence=0.99),
    ],
)
def test_photos_that_contradict_each_other_give_no_price(other):
    for tags in ([read(), other], [other, read()], [read(), read(), other]):
        assert (voted(tags).price, voted(tags).refusal) == (None, Refusal.PHOTOS)


def test_a_photo_that_shows_nothing_speaks_neither_for_nor_against():
    blurred = Tag(refusal=Refusal.NONE_FOUND)
    guess = refused(OTHER, confidence=0.2)
    assert voted([blurred, read(), guess]).price == PRICE


def test_two_photos_hardly_legible_are_no_proof_of_what_both_misread():
    assert voted([refused(PRICE, confidence=0.79), refused(PRICE, confidence=0.79)]).price is None
    assert voted([refused(PRICE)] * 3).price is None


def test_two_photos_hardly_legible_are_believed_if_a_unit_price_and_a_quantity_make_the_price():
    kilo, half = UnitPrice(Decimal("59.80"), Quantity(Decimal(1), "kg")), Quantity(Decimal("0.5"), "kg")
    first, second = replace(refused(PRICE), unit_price=kilo), replace(refused(PRICE), quantity=half)
    assert voted([first, second]).price == PRICE
    assert voted([first, first]).price is None
    other = replace(refused(OTHER), unit_price=kilo, quantity=half)
    assert voted([other, other]).price is None
    assert voted([first, replace(second, candidates=(OTHER,))]).price is None
    assert voted([replace(first, confidence=0.4), second]).price is None


def test_no_number_of_photos_finds_the_cents():
    lost = refused(Decimal(2990), PRICE, refusal=Refusal.CENTS, confidence=0.99)
    assert voted([lost, lost, lost]).price is None
    assert voted([refused(Decimal(2990), PRICE)] * 2).price is None


tags = st.builds(
    lambda price, ok, sure, name: (
        read(price, confidence=sure, name=name) if ok else refused(price, Decimal(2990), confidence=sure)
    ),
    st.sampled_from([PRICE, OTHER]),
    st.booleans(),
    st.floats(0, 1),
    st.sampled_from(["", "MELK"]),
)


@given(st.lists(tags, min_size=1, max_size=4))
def test_no_price_comes_of_a_vote_that_no_photo_had(photos):
    tag = voted(photos)
    had = {p.price for p in photos} | {c for p in photos for c in p.candidates}
    assert tag.price in {None, *had}
    assert tag.price == voted(photos[::-1]).price
    if {p.price for p in photos if p.accepted} == {PRICE, OTHER}:
        assert tag.price is None
