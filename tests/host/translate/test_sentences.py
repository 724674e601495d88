"""Texts in pieces, and put together again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.translate.sentences import Piece, joined, pieces


def texts(text, longest=200, **how):
    return [piece.text for piece in pieces(text, longest, **how)]


def test_sentences_end_where_a_reader_sees_it():
    assert texts("Hello there. How are you? Fine!") == ["Hello there.", "How are you?", "Fine!"]
    assert texts("Dr. Smith is here at 7.30 p.m. tomorrow.") == ["Dr. Smith is here at 7.30 p.m. tomorrow."]
    assert texts("これは駅です。どこ？ はい。") == ["これは駅です。", "どこ？", "はい。"]
    assert texts("one\n\n two") == ["one", "two"]
    assert texts("كيف حالك؟ أنا بخير.") == ["كيف حالك؟", "أنا بخير."]


def test_what_is_too_long_is_cut_at_a_space_or_anywhere():
    assert texts("aaa bbb ccc", 8) == ["aaa bbb", "ccc"]
    assert texts("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]


def test_pieces_are_packed_where_sentences_need_not_stand_alone():
    assert texts("One. Two. Three.", 10, each=False) == ["One. Two.", "Three."]


def test_joined_as_the_language_does():
    source = [Piece("a.", " "), Piece("b.", "\n"), Piece("c.", "")]
    assert joined(["A.", "B.", "C."], source, "en") == "A. B.\nC."
    assert joined(["甲。", "乙。", "丙。"], source, "zh") == "甲。乙。\n丙。"


@settings(max_examples=200)
@given(st.text(max_size=300), st.integers(1, 50), st.booleans())
def test_nothing_is_lost_and_no_piece_is_too_long(text, longest, each):
    found = pieces(text, longest, each=each)
    assert "".join("".join(p.text + p.space for p in found).split()) == "".join(text.split())
    assert all(p.text and len(p.text) <= longest for p in found)


@pytest.mark.parametrize("text", ["." * 100_000 + "a", "a" + " " * 100_000 + "a", "a." + "\t" * 100_000 + "a"])
def test_runs_of_signs_and_spaces_take_no_time(text):
    """They would take minutes if each sign of a run were where a sentence may begin to end."""
    found = "".join(piece.text for piece in pieces(text, 1000))
    assert [*filter(None, found)] == [c for c in text if not c.isspace()]
