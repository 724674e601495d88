"""Two looks at one photo: the surer reading of a place, and never a part instead of the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from host.read.line import TextLine
from host.read.looks import merged, middle, moved

LOOK = (100, 100, 500, 500)


def line(text, left, top, width=100, height=30, confidence=0.9):
    right, bottom = left + width, top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), confidence)


def texts(lines):
    return sorted(found.text for found in lines)


def test_the_surer_reading_of_a_place_is_taken():
    whole = [line("T0MATO", 200, 200, confidence=0.7), line("HEADER", 10, 10)]
    assert texts(merged(whole, [line("TOMATO", 202, 201, 98, confidence=0.95)], LOOK)) == ["HEADER", "TOMATO"]
    assert texts(merged(whole, [line("TOMAT", 202, 201, 98, confidence=0.6)], LOOK)) == ["HEADER", "T0MATO"]


def test_what_only_the_second_look_sees_is_added():
    assert texts(merged([line("29.90", 200, 200)], [line("per kg", 200, 300)], LOOK)) == ["29.90", "per kg"]


def test_a_part_never_replaces_the_whole_however_sure():
    whole = [line("29.90", 200, 200, 100, confidence=0.85)]
    assert texts(merged(whole, [line("29", 200, 200, 50, confidence=1.0)], LOOK)) == ["29.90"]


def test_the_whole_replaces_a_part_if_it_is_sure_itself():
    whole = [line("29", 200, 200, 50, confidence=1.0)]
    assert texts(merged(whole, [line("29.90", 200, 200, 100, confidence=0.85)], LOOK)) == ["29.90"]
    assert texts(merged(whole, [line("29.9D", 200, 200, 100, confidence=0.6)], LOOK)) == ["29"]


def test_what_the_edge_of_the_second_look_cuts_off_is_left_out():
    assert merged([], [line("29.9", 402, 200, 98)], LOOK) == []


def test_the_middle_is_inside_and_never_empty():
    assert middle(720, 720) == (144, 144, 576, 576)
    assert middle(1, 1) == (0, 0, 1, 1)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_the_middle_of_any_photo(width, height):
    left, top, right, bottom = middle(width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


def test_moving_keeps_text_and_size():
    found = moved([line("a", 1, 2, 10, 5)], 100, 50)[0]
    assert found.corners == ((101, 52), (111, 52), (111, 57), (101, 57))
    assert (found.text, found.confidence) == ("a", 0.9)
