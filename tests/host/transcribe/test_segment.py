"""Where utterances begin and end."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from host.transcribe.segment import Begin, End, Rules, Segmenter, broken, heard

RULES = Rules(onset=2, pre_roll=4, hangover=6, soft_limit=40, hard_limit=60)
PROBABILITIES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.34, 0.35, 0.4, 0.49, 0.5, 0.9, 1.0]), st.integers(1, 30)), max_size=14
).map(lambda runs: [p for p, count in runs for _ in range(count)])


def segments(probabilities: list[float], rules: Rules = RULES) -> list[tuple[int, int]]:
    """(first frame, end) of each utterance; what is still open at the end is closed."""
    state, actions = Segmenter(), []
    for probability in probabilities:
        state, new = heard(state, probability, rules)
        actions += new
    actions += broken(state)[1]
    assert [type(a) for a in actions] == [Begin, End] * (len(actions) // 2)
    return [(b.first, e.end) for b, e in zip(actions[::2], actions[1::2], strict=True)]


def test_an_utterance_has_what_came_before_and_the_pause_that_ends_it():
    assert segments([0.0] * 20 + [0.9] * 10 + [0.0] * 20) == [(16, 36)]


def test_a_click_is_no_utterance():
    assert segments([0.0] * 20 + [0.9] + [0.0] * 20) == []


def test_a_pause_shorter_than_the_hangover_ends_nothing():
    assert len(segments([0.9] * 10 + [0.0] * 5 + [0.9] * 10 + [0.0] * 9)) == 1


def test_doubtful_frames_carry_speech_on_but_do_not_begin_it():
    assert segments([0.4] * 30) == []
    assert segments([0.9] * 2 + [0.4] * 20) == [(0, 22)]


def test_the_frames_before_an_utterance_do_not_belong_to_two():
    assert segments([0.9] * 5 + [0.0] * 7 + [0.9] * 5) == [(0, 11), (11, 17)]


def test_a_long_utterance_ends_at_a_short_pause():
    assert segments([0.9] * 45 + [0.2] + [0.9] * 10)[0] == (0, 46)


def test_speech_without_a_pause_is_cut_at_the_hard_limit_and_goes_on_at_once():
    assert segments([1.0] * 100) == [(0, 60), (60, 100)]
    assert segments([1.0] * 60 + [0.4] * 40) == [(0, 60), (60, 100)]
    assert segments([1.0] * 60 + [0.1] * 40) == [(0, 60)]
    assert segments([1.0] * 60) == [(0, 60)]


def test_the_later_the_less_of_a_pause_is_needed():
    early = segments([0.9] * 42 + [0.6] + [0.9] * 40)[0]
    late = segments([0.9] * 56 + [0.6] + [0.9] * 40)[0]
    assert early[1] > 43
    assert late[1] == 57


def test_lost_sound_ends_an_utterance_and_nothing_of_it_belongs_to_the_next():
    state = Segmenter()
    for _ in range(10):
        state, _ = heard(state, 0.9, RULES)
    state, actions = broken(state, 100)
    assert actions == (End(10),)
    for _ in range(2):
        state, actions = heard(state, 0.9, RULES)
    assert actions == (Begin(110),)
    assert broken(Segmenter())[1] == ()


def test_the_default_rules_are_as_documented():
    assert segments([1.0] * 30 + [0.0] * 20, Rules()) == [(0, 30 + 16)]
    assert segments([1.0] * 1000, Rules()) == [(0, 625), (625, 1000)]


@given(PROBABILITIES)
@settings(deadline=None)
def test_every_frame_of_speech_is_in_one_utterance(probabilities):
    found = segments(probabilities)
    inside = {frame for first, end in found for frame in range(first, end)}
    run = 0
    for frame, probability in enumerate([*probabilities, 0.0]):
        if probability >= RULES.on:
            run += 1
            continue
        if run >= RULES.onset:
            assert set(range(frame - run, frame)) <= inside
        run = 0


@given(PROBABILITIES)
@settings(deadline=None)
def test_utterances_are_in_order_apart_and_of_bounded_length(probabilities):
    found = segments(probabilities)
    assert all(0 <= first < end <= len(probabilities) for first, end in found)
    assert all(end <= first for (_, end), (first, _) in pairwise(found))
    assert all(end - first <= RULES.hard_limit for first, end in found)


@given(PROBABILITIES, st.integers(0, 300))
@settings(deadline=None)
def test_the_past_does_not_change_with_what_comes_later(probabilities, cut):
    early = [s for s in segments(probabilities[:cut]) if s[1] < min(cut, len(probabilities))]
    assert segments(probabilities)[: len(early)] == early
