"""Numbers, prices, times and addresses that a translation must not lose."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.translate.kept import lost
from host.translate.numbers import quantities

KEPT = [
    ("It costs $12.50", "Cuesta 12,50 dólares", "en", "es"),
    ("1,234 people", "1.234 Menschen", "en", "de"),
    ("1 234,50 €", "€1,234.50", "fr", "en"),
    ("1.234.567 Euro", "1,234,567 euros", "de", "en"),
    ("2,5 Liter", "2.5 litres", "de", "en"),
    ("10,000 yen", "1万円", "en", "ja"),
    ("3万円", "30,000 yen", "ja", "en"),
    ("3 tickets", "三张票", "en", "zh"),
    ("25 people", "二十五人", "en", "zh"),
    ("105 rooms", "一百零五个房间", "en", "zh"),
    ("١٢ يورو", "12 euros", "ar", "en"),
    ("١٬٢٣٤٫٥ كغ", "1,234.5 kg", "ar", "en"),
    ("At 7:30 pm", "A las 19:30", "en", "es"),
    ("At 7:30 pm", "下午7点30分", "en", "zh"),
    ("At 19:30", "7:30 de la tarde", "en", "es"),
    ("um 19.30 Uhr", "at 7:30 pm", "de", "en"),
    ("at 19:30", "um 19.30 Uhr", "en", "de"),
    ("7 pm", "19 Uhr", "en", "de"),
    ("at 12:00 am", "0:00", "en", "de"),
    ("12/05/2026", "12.05.2026", "en", "de"),
    ("Write to a@b.com now", "Escribe a a@b.com.", "en", "es"),
    ("see https://example.com/a.", "voir https://example.com/a !", "en", "fr"),
    ("Call +44 20 7946 0958", "Llame al +44 2079460958", "en", "es"),
    ("Tel:0791 555 123: Ann", "Tel. 0791 555 123: Ann", "en", "es"),
    ("Abierto 9:00 - 18:30", "Open 9:00 - 18:30", "es", "en"),
    ("Abierto 09:00 - 18:30", "Open 9 am to 6:30 pm", "es", "en"),
    ("09 - 10:30", "09 to 10:30", "es", "en"),
    ("Gate B12", "Puerta B12", "en", "es"),
    ("221B Baker Street", "Baker Street 221B", "en", "de"),
    ("500 g sugar", "500 г сахара", "en", "ru"),
    ("Room 007", "Zimmer 007", "en", "de"),
    ("Seven trains", "Sept trains", "en", "fr"),
]

LOST = [
    ("It costs $12.50", "Cuesta 1250 dólares", "en", "es", "12.50"),
    ("It costs $12.50", "Cuesta 12,50", "en", "es", "$"),
    ("12 euros", "12 dollars", "en", "fr", "€"),
    ("1,234 people", "1,234 Menschen", "en", "de", "1,234"),
    ("At 7:30 pm", "午前7時30分", "en", "ja", "7:30 pm"),
    ("At 7:30", "A las 8:30", "en", "es", "7:30"),
    ("2 and 2", "2 y dos", "en", "es", "2"),
    ("see example.com", "voir exemple.com", "en", "fr", "example.com"),
    ("mail a@b.com", "courriel a@c.com", "en", "fr", "a@b.com"),
    ("Call +44 20 7946 0958", "Llame al +44 20 7946 0959", "en", "es", "+44 20 7946 0958"),
    ("Abierto 9:00 - 18:30", "Open 9:00 - 18:00", "es", "en", "18:30"),
    ("Tel:0791 555 123", "Tel. 0791 555 124", "en", "es", "0791 555 123"),
    ("Gate B12", "Puerta 12", "en", "es", "B12"),
    ("221B Baker Street", "Baker Street 221", "en", "de", "221B"),
    ("Room 007", "Zimmer 7", "en", "de", "007"),
    ("500 g", "Zucker", "en", "de", "500"),
]


@pytest.mark.parametrize(("source", "result", "a", "b"), KEPT)
def test_what_is_there_in_another_form_is_not_lost(source, result, a, b):
    assert lost(source, result, a, b) == ()


@pytest.mark.parametrize(("source", "result", "a", "b", "what"), LOST)
def test_what_is_not_there_is_named(source, result, a, b, what):
    assert what in lost(source, result, a, b)


@settings(max_examples=200)
@given(st.text(max_size=200), st.sampled_from(["en", "de", "fr", "zh", "ar"]))
def test_a_text_loses_nothing_to_itself(text, language):
    assert lost(text, text, language, language) == ()


@settings(max_examples=200)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_can_be_compared(source, result):
    assert all(isinstance(what, str) and what for what in lost(source, result, "en", "ja"))


@settings(max_examples=100)
@given(st.decimals(0, 999_999, places=2), st.sampled_from(["de", "en"]), st.sampled_from(["fr", "en", "zh"]))
def test_an_amount_is_known_in_the_form_of_each_language(value, a, b):
    def written(language):
        plain = f"{value:,.2f}"
        if language == "de":
            return plain.translate(str.maketrans(",.", ".,"))
        return plain.replace(",", "\u202f").replace(".", ",") if language == "fr" else plain

    assert lost(f"so {written(a)} all", f"ca {written(b)} tout", a, b) == ()
    assert lost(f"so {written(a)} all", f"ca {value + 1:.2f}", a, "en") == (written(a),)


def test_long_and_hostile_texts_take_bounded_work():
    for text in ("1," * 50_000, "0 " * 50_000, "a@" * 50_000, "www." * 30_000, "一" * 50_000, "9" * 50_000):
        lost(text, text, "en", "zh")


def test_chinese_numerals_have_values():
    found = quantities("三百二十一 两千零五 一万二千 十", "zh", spelt=True)
    assert [value for _, value in found.numbers] == [Decimal(n) for n in (321, 2005, 12_000, 10)]
