"""Any text in the characters that a font has."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.lens.font import BuiltInFont
from host.lens.text import PLACEHOLDER, SUBSTITUTES, displayable

ASCII = BuiltInFont({chr(c): 8 for c in range(0x20, 0x7F)}, 8, 0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("60 km/h", "60 km\\h"),
        ("“so” – he said — it’s…", '"so" - he said - it\'s...'),
        ("ő ű ą ę ş ğ č ř ŝ", "o u a e s g c r s"),
        ("cafe\u0301 Straße œuvre", "café Straße œuvre"),
        ("ﬁne ﬂow", "fine flow"),
        ("đak Đ", "dak Ð"),
        ("10²", "10^2"),
        ("2½ cups", "2 1\\2 cups"),
        ("CO₂", "CO2"),
        ("a\u00a0b\tc\r\nd\u2028e\u3000f", "a b c d e f"),
        ("№ 5 ™", "No. 5 TM"),
    ],
)
def test_what_the_font_lacks_is_shown_as_what_a_reader_takes_for_it(font, text, shown):
    assert displayable(text, font) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Москва", "______"),
        ("你好 world", "__ world"),
        ("a\U000f0000b", "a_b"),
        ("\ud800", "_"),
        ("👍", "_"),
    ],
)
def test_what_stays_unknown_is_seen(font, text, shown):
    assert displayable(text, font) == shown


@pytest.mark.parametrize("text", ["a\u202eb", "a\x1bb", "a\x00b", "a\u200db", "a\u2066b", "a\ufeffb", "\u0301ab"])
def test_controls_and_direction_marks_go(font, text):
    assert displayable(text, font) == "ab"


def test_a_font_that_has_the_slash_keeps_it():
    assert displayable("60 km/h, 1½ – 2", ASCII) == "60 km/h, 1 1/2 - 2"


def test_the_table_ends_in_what_the_font_has(font):
    for character in SUBSTITUTES:
        assert PLACEHOLDER not in displayable(character, font), character


@given(st.text(max_size=60))
def test_the_result_is_in_the_font_and_stays_as_it_is(font, text):
    shown = displayable(text, font)
    assert all(c in font for c in shown)
    assert displayable(shown, font) == shown
    assert "  " not in shown
    assert shown == shown.strip()


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"]), min_size=1, max_size=20))
def test_no_visible_character_vanishes(font, text):
    for character in unicodedata.normalize("NFC", text):
        if unicodedata.category(character) not in {"Mn", "Me"} and not character.isspace():
            assert displayable(character, font)
