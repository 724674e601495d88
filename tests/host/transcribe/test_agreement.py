"""Which words of changing hypotheses are fixed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from host.transcribe.agreement import Agreement, heard

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8)


def after(*hypotheses: str, times: int = 2) -> Agreement:
    agreement = Agreement()
    for text in hypotheses:
        agreement = heard(agreement, text.split(), times)
    return agreement


def test_words_that_came_twice_are_fixed_but_the_last():
    assert after("i want", "i want to", "i want to buy").fixed == ("i", "want", "to")
    assert after("i want", "i want").fixed == ("i",)


def test_a_changed_word_starts_again_with_all_behind_it():
    agreement = after("a b c d", "a x c d", "a x c d")
    assert agreement.fixed == ("a", "x", "c")
    assert after("a b c d", "a x c d").fixed == ("a",)


def test_three_hypotheses_can_be_asked_for():
    assert after("a b c", "a b c", times=3).fixed == ()
    assert after("a b c", "a b c", "a b c", times=3).fixed == ("a", "b")


def test_a_fixed_word_stays_and_the_tail_follows_what_stands_for_it():
    agreement = after("we want to by a", "we want to by a house")
    assert agreement.fixed == ("we", "want", "to", "by", "a")
    assert after("we want to by a", "we want to by a house", "we want to buy a home now").tail == ("home", "now")


def test_a_shorter_hypothesis_leaves_the_fixed_words():
    agreement = after("a b c d", "a b c d", "a")
    assert agreement.fixed == ("a", "b", "c")
    assert agreement.tail == ()


@given(st.lists(WORDS, max_size=8), st.integers(1, 4))
def test_fixed_words_only_grow_and_agreed_words_are_fixed(hypotheses, times):
    agreement = Agreement()
    for words in hypotheses:
        before = agreement
        agreement = heard(before, words, times)
        assert agreement.fixed[: len(before.fixed)] == before.fixed
        assert len(agreement.seen) == len(agreement.tail)
        assert all(n >= m for n, m in zip(agreement.seen, agreement.seen[1:], strict=False))
        if list(words[: len(before.fixed)]) == list(before.fixed):
            assert list(agreement.fixed + agreement.tail) == list(words)


@given(WORDS, st.integers(1, 4))
def test_the_same_hypothesis_over_and_over_is_fixed_but_for_its_last_word(words, times):
    agreement = Agreement()
    for _ in range(times):
        agreement = heard(agreement, words, times)
    assert list(agreement.fixed) == words[:-1]
