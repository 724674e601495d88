"""The table of words: every meaning in every language, and none that says too much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.price.words import LANGUAGES, WORDS, folded, leads, says, tax_of


def test_every_meaning_is_there_in_every_language():
    for meaning, words in WORDS.items():
        assert set(words) == set(LANGUAGES), meaning


def test_every_word_means_what_the_table_says_with_and_without_accents_and_capitals():
    for meaning, languages in WORDS.items():
        for language, words in languages.items():
            for word in words.split(","):
                text = word.strip().rstrip("*+") + " 2,99"
                for said in (text, text.upper(), folded(text)):
                    assert says(said, meaning), (meaning, language, said)
                    assert leads(said, meaning) or said.startswith("+"), (meaning, language, said)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("VAN HOUTEN", "was"), ("Spargel", "save"), ("CLUB SODA", "member"), ("PRIMA PASTA", "was"), ("Art deco", "code"),
     ("PANTENE", "deposit"), ("Lait du jour", "date"), ("NORMANDIE", "was"), ("Wasabi", "was"), ("FORELLE", "was")],
)  # fmt: skip
def test_names_of_products_are_no_such_words(text: str, meaning):
    assert not says(text, meaning)


@pytest.mark.parametrize(
    ("text", "tax"),
    [("inkl. MwSt.", "in"), ("TTC", "in"), ("HT", "out"), ("税込", "in"), ("税抜", "out"), ("本体価格", "out"),
     ("excl. btw", "out"), ("IVA incluido", "in"), ("WHITE", "")],
)  # fmt: skip
def test_tax(text: str, tax: str):
    assert tax_of(text) == tax


@given(st.text(max_size=300))
def test_anything_may_stand_there(text: str):
    for meaning in WORDS:
        assert not leads(text, meaning) or says(text, meaning)
