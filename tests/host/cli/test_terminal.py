"""Text from outside made fit for a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.cli.terminal import display_width, fit_end, meter, neutral


@given(st.text())
def test_neutral_text_is_one_line_without_controls(text):
    clean = neutral(text)
    assert len(clean) == len(text)
    assert clean.splitlines() in ([], [clean])
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in clean)
    assert not set(clean) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert neutral(clean) == clean
    clean.encode("utf-8")


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2Jgone", "�[2Jgone"),
        ("\x1b]0;title\x07", "�]0;title�"),
        ("\x9b31mred", "�31mred"),
        ("two\r\nlines\x85here\u2028now", "two  lines here now"),
        ("evil\u202egpj.exe", "evil�gpj.exe"),
        ("tag\U000e0041", "tag�"),
        ("lone \ud800 surrogate", "lone � surrogate"),
        ("क्\u200dष 👩\u200d🚀", "क्\u200dष 👩\u200d🚀"),
        ("\u200fשלום", "\u200fשלום"),
    ],
)
def test_hostile_text_becomes_plain(hostile, shown):
    assert neutral(hostile) == shown


@given(st.text(), st.integers(0, 60))
def test_fitted_text_fits_and_is_the_end(text, columns):
    clean = neutral(text)
    fitted = fit_end(clean, columns)
    assert display_width(fitted) <= columns
    assert fitted == clean or clean.endswith(fitted.removeprefix("…"))


def test_wide_characters_take_two_columns():
    assert display_width("漢字ab") == 6
    assert display_width("e\u0301") == 1
    assert fit_end("漢字ab", 5) == "…字ab"
    assert fit_end("漢字ab", 4) == "…ab"
    assert fit_end("abc", 0) == ""


def test_meter_goes_from_silence_to_full_scale():
    assert meter(float("-inf")) == "[----------]"
    assert meter(-30.0) == "[#####-----]"
    assert meter(3.0) == "[##########]"
