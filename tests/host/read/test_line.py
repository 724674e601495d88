"""Lines of text: script, size, direction."""

from __future__ import annotations

import math

import pytest

from host.read.line import Box, TextLine, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Rødløk 1 kg", "Latn"),
        ("ЦЕНА 29,90", "Cyrl"),
        ("Τιμή", "Grek"),
        ("禁煙", "Hani"),
        ("駅はどこですか", "Jpan"),
        ("コーヒー", "Jpan"),
        ("ｺｰﾋｰ", "Jpan"),
        ("大韓民國 가격", "Kore"),
        ("ราคา", "Thai"),
        ("سعر", "Arab"),
        ("מחיר", "Hebr"),
        ("मूल्य", "Deva"),
        ("ＳＡＬＥ", "Latn"),
        ("29.90 €", "Zyyy"),
        ("", "Zyyy"),
        ("Wi-Fi 有料エリア案内", "Jpan"),
    ],
)
def test_script(text, script):
    assert script_of(text) == script


def test_size_and_direction_follow_the_writing():
    turned = TextLine("29.90", ((10, 0), (10, 100), (-20, 100), (-20, 0)))
    assert (turned.width, turned.height) == (100, 30)
    assert turned.angle == pytest.approx(math.pi / 2)
    assert turned.box == Box(-20, 0, 10, 100)


def test_writing_downwards_is_known_by_shape_and_script():
    tall = ((0, 0), (20, 0), (20, 100), (0, 100))
    sign = TextLine("禁煙席", tall)
    assert (sign.vertical, sign.height, sign.width) == (True, 20, 100)
    assert not TextLine("29.90", tall).vertical
    assert not TextLine("禁", tall).vertical


def test_a_line_without_a_confidence_is_not_called_unsure():
    corners = ((0, 0), (9, 0), (9, 9), (0, 9))
    assert [TextLine("a", corners, c).unsure for c in (None, 0.79, 0.8)] == [False, True, False]


@pytest.mark.parametrize("text", ["Cola 0,5 I", "0.75I", "1,5 |"])
def test_a_litre_that_was_read_as_another_letter_is_unsure(text):
    assert TextLine(text, ((0, 0), (9, 0), (9, 9), (0, 9)), 0.99).unsure


@pytest.mark.parametrize("text", ["Cola 0,5 l", "Henry V, Part I", "2,5 Inch", "1.5 I/O"])
def test_other_letters_behind_numbers_are_sure(text):
    assert not TextLine(text, ((0, 0), (9, 0), (9, 9), (0, 9)), 0.99).unsure
