"""Words into lines."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from host.lens.layout import fill, shortened, words_of

WIDTH = 300
TEXT = st.text(st.sampled_from("aiwWm é/-…你\u202e \t"), max_size=80)


@given(TEXT)
def test_no_word_is_wider_than_a_line_and_none_is_lost(font, text):
    words = words_of(text, font, WIDTH)
    assert all(0 < font.width(word) <= WIDTH for word in words)
    assert "".join(words) == "".join(words_of(text, font, 10_000))


@given(TEXT, st.integers(0, 2 * WIDTH))
def test_lines_fit_and_keep_every_word_in_order(font, text, taken):
    words = words_of(text, font, WIDTH)
    lines = fill(words, font, WIDTH, taken=taken)
    assert [word for line in lines for word in line] == list(words)
    assert all(font.width(" ".join(line)) <= WIDTH for line in lines)
    assert all(lines[1:])
    if taken and lines[0]:
        assert taken + font.width("_ " + " ".join(lines[0])) - font.width("_") <= WIDTH


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
