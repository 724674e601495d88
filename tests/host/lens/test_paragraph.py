"""The last wording of a paragraph: which words stay where, over any wording."""

from __future__ import annotations

import string
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.lens.paragraph import CORRECTION, Line, Measure, extended, matches, rewritten

WORD = st.sampled_from(["a", "I", "the", "The,", "when", "they're", "somewhere", "WWWWWWWW", "incomprehensibilities"])
WORDS = st.lists(WORD, max_size=40)
EDIT = st.tuples(st.integers(0, 40), st.integers(0, 6), st.lists(WORD, max_size=6))


@pytest.fixture
def measure(font) -> Measure:
    return Measure(font, 624)


def spoken(words, fixed: int, measure: Measure) -> tuple[Line, ...]:
    """A paragraph as it stands while it is spoken, its first words fixed."""
    return extended((), words, fixed, measure, 0)


def edited(words, edits) -> list[str]:
    for place, count, inserted in edits:
        words = [*words[:place], *inserted, *words[place + count :]]
    return words


def bare(word: str) -> str:
    return word.casefold().strip(string.punctuation) or word


@given(WORDS, st.integers(0, 40), st.lists(EDIT, max_size=4), st.integers(0, 2))
@settings(deadline=None, max_examples=300)
def test_kept_words_stay_on_their_lines_and_no_word_is_lost(font, words, fixed, edits, left):
    measure = Measure(font, 624)
    lines = spoken(words, min(fixed, len(words)), measure)
    gone, lines = [w for line in lines[:left] for w in line.words[: line.fixed]], lines[left:]
    final = edited(words, edits)
    done = rewritten(lines, gone, final, measure, 1000)

    assert len({line.key for line in done}) == len(done)
    assert all(measure.fits(line.words) and line.words and line.fixed == len(line.words) for line in done)

    old = [(line.key, word) for line in lines for word in line.words[: line.fixed]]
    pairs = matches([*gone, *(word for _, word in old)], final)
    places = {line.key: iter([bare(word) for word in line.words]) for line in done}
    for i, _ in pairs:
        if i >= len(gone):
            key, word = old[i - len(gone)]
            assert bare(word) in places[key], f"{word} is not where it was"  # the iterator keeps the order, too

    wanted = final[max((j + 1 for i, j in pairs if i < len(gone)), default=0) :]
    assert not Counter(map(bare, wanted)) - Counter(bare(word) for line in done for word in line.words)
    if not any(line.mark for line in done):
        assert [bare(word) for line in done for word in line.words] == [bare(word) for word in wanted]


@given(WORDS, st.integers(0, 40))
@settings(deadline=None)
def test_the_same_wording_changes_nothing(font, words, fixed):
    measure = Measure(font, 624)
    lines = spoken(words, min(fixed, len(words)), measure)
    done = rewritten(lines, [], words, measure, 1000)
    assert [(line.key, line.words) for line in done] == [(line.key, line.words) for line in lines]


def test_corrections_side_by_side_are_one(measure):
    words = ["WWWWWWWW", "a", "when", "I", "somewhere"]
    lines = spoken(words, len(words), measure)
    assert len(lines) == 1
    final = ["WWWWWWWW", "somewhere", "somewhere", "a", "somewhere", "somewhere", "when", "I", "somewhere"]
    done = rewritten(lines, [], final, measure, 1000)
    assert done[0].words == tuple(words)
    assert (done[1].words[0], done[1].mark) == (CORRECTION, True)
    said = [word for line in done[1:] for word in line.words][1:]
    assert said == ["WWWWWWWW", "somewhere", "somewhere", "a", "somewhere", "somewhere", "when"]


def test_a_comma_that_does_not_fit_is_left_out_and_not_worth_a_line(font):
    measure = Measure(font, font.width("So it goes"))
    done = rewritten(spoken(["so", "it", "goes"], 3, measure), [], ["So", "it,", "goes."], measure, 9)
    assert [line.words for line in done] == [("So", "it", "goes")]
