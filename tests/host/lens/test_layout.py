"""Words into lines."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from host.lens.layout import fill, shortened, words_of
from host.lens.words import ATTACHED, bare, joined

WIDTH = 300
TEXT = st.text(st.sampled_from("aiwWm é/-…你\u202e \t"), max_size=80)


@given(TEXT)
def test_no_word_is_wider_than_a_line_and_none_is_lost(font, text):
    words = words_of(text, font, WIDTH)
    assert all(0 < font.width(bare(word)) <= WIDTH for word in words)
    assert joined(words) == joined(words_of(text, font, 10_000))


@given(TEXT, st.lists(st.sampled_from(["a", "wide", "W" * 9, ATTACHED + "b"]), max_size=4))
def test_lines_fit_and_keep_every_word_in_order(font, text, after):
    words = words_of(text, font, WIDTH)
    lines = fill(words, font, WIDTH, after=after)
    assert [word for line in lines for word in line] == list(words)
    assert all(font.width(joined(line)) <= WIDTH for line in lines)
    assert all(lines[1:])
    if after and lines[0]:
        assert font.width(joined([*after, *lines[0]])) <= WIDTH


def test_a_word_too_wide_for_a_line_goes_on_where_it_was_cut(font):
    words = words_of("a " + "W" * 30, font, WIDTH)
    assert len(words) > 3
    assert joined(words) == "a " + "W" * 30
    assert fill(words, font, WIDTH)[0] == ("a",)


def test_words_that_follow_directly_have_no_space():
    assert joined(("a", "b", ATTACHED + "c", "d")) == "a bc d"
    assert joined((ATTACHED + "c", "d")) == "c d"
    assert joined(()) == ""


def test_a_line_is_as_full_as_it_gets(font):
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight")
    lines = fill(words, font, WIDTH)
    for line, following in pairwise(lines):
        assert font.width(" ".join([*line, following[0]])) > WIDTH


def test_what_is_too_long_for_one_line_ends_in_dots(font):
    assert shortened("short", font, WIDTH) == "short"
    long = shortened("listening to everything there is", font, WIDTH)
    assert long.endswith("...")
    assert font.width(long) <= WIDTH
