"""Words and the amount behind them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.read.menu import is_amount, parted


@pytest.mark.parametrize(
    ("text", "words", "amount"),
    [
        ("Crème brûlée 8,50", "Crème brûlée", "8,50"),
        ("Crème brûlée ........ 8,50 €", "Crème brûlée", "8,50 €"),
        ("Steak frites € 24,-", "Steak frites", "€ 24,-"),
        ("ラーメン800円", "ラーメン", "800円"),
        ("Espresso…2.20", "Espresso", "2.20"),
        ("Kuchen 3,- kr", "Kuchen", "3,- kr"),
        ("Wein 5,50 / 22,00", "Wein", "5,50 / 22,00"),
        ("Pint R$ 12,90", "Pint", "R$ 12,90"),
        ("Salade ..... 9", "Salade", "9"),
        ("Rent 1 299,00 zł", "Rent", "1 299,00 zł"),
        ("борщ 350 руб.", "борщ", "350 руб."),
    ],
)
def test_an_amount_at_the_end_is_a_part_of_its_own(text, words, amount):
    assert parted(text) == (words, amount)
    assert is_amount(amount)
    assert not is_amount(text)


@pytest.mark.parametrize(
    "text",
    [
        "Room 12",
        "Bus 5",
        "Open 9:00-17:00",
        "Bitte warten...",
        "Tel. +49 30 123456",
        "www.example.com/12.50",
        "Since 1984",
        "8,50 €",
        "10.-",
        "1" * 100,
        "",
        "Version 1.2.30",
    ],
)
def test_other_numbers_are_left_in_their_text(text):
    assert parted(text) == (text,)


@settings(max_examples=200)
@given(st.text(alphabet="ab 0123456789.,€$/-…·\u202e\n", max_size=80))
def test_nothing_but_leaders_and_spaces_is_lost(text):
    def solid(some):
        return [c for c in some if c not in " .·…\n"]

    assert solid("".join(parted(text))) == solid(text)


def test_a_line_of_any_length_takes_no_time():
    for text in ("." * 100_000, "1 " * 50_000, "a" * 100_000 + " 8,50", " " * 100_000 + "9"):
        assert "".join(parted(text))[-1:] == text[-1:]
