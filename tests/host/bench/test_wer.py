"""Word error rate: what counts as a word, and how errors are counted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.bench.wer import Errors, bootstrap_interval, count_errors, normalise, number_words

words = st.lists(st.sampled_from("abcd"), max_size=9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ask NOT, what; your country!", "ask not what your country"),
        ("an ill-disposed man\u2014don\u2019t, don't", "an ill disposed man dont dont"),
        ("Mr. Dashwood & Mrs. Smith, 100 %", "mister dashwood and missus smith one hundred percent"),
        ("5 10 42 1,200 2024", "five ten forty two one thousand two hundred two thousand twenty four"),
        ("007 3.5", "zero zero seven three five"),
        ("\uff21\uff22\uff23 \ufb01sh caf\u00e9", "abc fish caf\u00e9"),
        ("ok, etc.", "okay et cetera"),
        ("... -- ' _", ""),
    ],
)
def test_words_as_they_are_compared(text, expected):
    assert normalise(text) == expected.split()


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("0", "zero"),
        ("13", "thirteen"),
        ("90", "ninety"),
        ("101", "one hundred one"),
        ("1000000", "one million"),
        ("999000017", "nine hundred ninety nine million seventeen"),
        ("1000000000000", "one" + " zero" * 12),
    ],
)  # fmt: skip
def test_numbers(digits, expected):
    assert number_words(digits) == expected.split()


@settings(max_examples=60)
@given(st.integers(1, 999_999))
def test_a_number_and_its_words_are_the_same(number):
    assert normalise(str(number)) == normalise(" ".join(number_words(str(number)))) == normalise(f"{number:,}")


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_normalising_twice_is_normalising_once(text):
    once = normalise(text)
    assert normalise(" ".join(once)) == once


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        ("a b c", "a b c", Errors(0, 0, 0, 3)),
        ("a b c", "", Errors(0, 3, 0, 3)),
        ("", "a b", Errors(0, 0, 2, 0)),
        ("a b c d", "a x c", Errors(1, 1, 0, 4)),
        ("a b", "x y z", Errors(2, 0, 1, 2)),
        ("a b c", "b c d", Errors(0, 1, 1, 3)),
    ],
)
def test_errors_are_counted_as_the_field_does(said, heard, expected):
    assert count_errors(said.split(), heard.split()) == expected


@settings(max_examples=150)
@given(words, words)
def test_errors_are_a_distance(said, heard):
    there, back = count_errors(said, heard), count_errors(heard, said)
    assert there.total == back.total
    assert (there.deleted, there.inserted) == (back.inserted, back.deleted)
    assert there.words - there.deleted + there.inserted == len(heard)
    assert abs(len(said) - len(heard)) <= there.total <= max(len(said), len(heard))
    assert (there.total == 0) == (said == heard)


@settings(max_examples=60)
@given(words, words, words)
def test_errors_in_parts_are_at_least_errors_in_one(first, second, third):
    assert count_errors(first, third).total <= count_errors(first, second).total + count_errors(second, third).total


def test_the_rate_is_per_word_said():
    assert (Errors(1, 1, 2, 8).rate, Errors(0, 0, 3, 0).rate, (Errors(1, 0, 0, 2) + Errors(0, 1, 1, 4)).rate) == (
        0.5,
        0.0,
        0.5,
    )


def test_the_interval_holds_the_rate_and_tells_how_sure_it_is():
    few = [Errors(0, 0, 0, 10), Errors(5, 0, 0, 10), Errors(2, 0, 0, 10)]
    many = few * 20
    low, high = bootstrap_interval(few)
    assert low <= sum(few, Errors()).rate <= high
    assert (low, high) == bootstrap_interval(few)
    narrow_low, narrow_high = bootstrap_interval(many)
    assert low < narrow_low < narrow_high < high
    assert bootstrap_interval([]) == (0.0, 0.0)
    assert bootstrap_interval([Errors(1, 0, 0, 4)]) == (0.25, 0.25)
