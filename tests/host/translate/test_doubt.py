"""What speaks against a translation, and which language a script leaves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.translate.doubt import doubts
from host.translate.scripts import language_by_script, scripts_in

ALL = ("en", "es", "fr", "de", "ru", "zh", "ja", "ko", "ar", "el")


def test_a_good_translation_is_not_doubted():
    assert doubts("Where is platform 4?", "4番線はどこですか？", "en", "ja") == ()
    assert doubts("Coca Cola", "Coca Cola", "en", "ja") == ()


@pytest.mark.parametrize("nothing", ["", " ", "\n"])
def test_nothing_is_no_translation(nothing):
    assert doubts("Salida", nothing, "es", "en") == ("nothing came back",)


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x00", "\x9b", "\ud800"])
def test_what_is_no_text_is_doubted(sign):
    assert doubts("Salida", f"Exit{sign}", "es", "en") == ("it holds control characters",)
    assert doubts("क्ष नमस्ते", "नम\u200dस्ते\n\tक्ष", "mr", "hi") == ()


def test_doubts_say_what():
    assert doubts("Platform 4", "Andén 5", "en", "es") == ("4 is missing",)
    many = doubts(" ".join(f"{n}00000{n}" * 20 for n in range(1, 10)), "nada", "en", "es")
    assert len(many) == 5
    assert max(map(len, many)) < 60
    assert doubts("Where is the nearest station?", "The station is there", "en", "ja") == (
        "it is not in the script of Japanese",
    )
    assert doubts("I would like some tea", "I would like some tea", "en", "de") == ("it is the same as the original",)


@pytest.mark.parametrize(
    ("text", "among", "language"),
    [
        ("お手洗い", ALL, "ja"),
        ("東京タワー", ALL, "ja"),
        ("화장실", ALL, "ko"),
        ("禁煙", ALL, None),
        ("禁煙", ("en", "ja"), "ja"),
        ("Где вокзал?", ALL, "ru"),
        ("Πού είναι;", ALL, "el"),
        ("Bonjour", ALL, None),
        ("Hello", ("en", "ru"), "en"),
        ("12:30", ALL, None),
        ("مرحبا OK", ALL, "ar"),
    ],
)
def test_the_script_tells_the_language_where_it_can(text, among, language):
    assert language_by_script(text, among) == language


@settings(max_examples=200)
@given(st.text(max_size=100), st.text(max_size=100), st.sampled_from(ALL))
def test_any_text(source, result, language):
    scripts_in(source)
    assert language_by_script(source, ALL) in (*ALL, None)
    assert all(doubts(source, result, "en", language))
