"""Who speaks: one label a voice, no label where it is unsure, voices put together, names known from before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.contracts import EmbedderInfo, Voice
from host.transcribe.speakers import FOUNDING_S, MOST, SHORTEST_S, heard, start, voices

INFO = EmbedderInfo("test", alike=0.5, unlike=0.4)


def spoken(utterances, state=None, info=INFO):
    """Labels of utterances, each (embedding, seconds); all merges; the state at the end."""
    state = state or start()
    labels, merges = [], []
    for embedding, seconds in utterances:
        state, label, merged = heard(state, embedding, seconds, info)
        labels.append(label)
        merges += merged
    return labels, merges, state


def axis(place, size=8):
    return [float(n == place) for n in range(size)]


def between(a, b, degrees):
    """The direction so many degrees from axis a towards axis b."""
    turn = np.radians(degrees)
    return [float(x) for x in np.cos(turn) * np.array(axis(a)) + np.sin(turn) * np.array(axis(b))]


def test_voices_are_numbered_as_they_come():
    labels, merges, state = spoken([(axis(n), 3.0) for n in (4, 1, 4, 0, 1)])
    assert labels == ["1", "2", "1", "3", "2"]
    assert merges == []
    assert [(v.label, v.seconds) for v in voices(state)] == [("1", 6.0), ("2", 6.0), ("3", 3.0)]


def test_what_is_unsure_is_nobody_s():
    first = (axis(0), 3.0)
    assert spoken([first, (between(0, 1, 63), 3.0)])[0] == ["1", None]  # cosine 0.45: neither alike nor unlike
    assert spoken([first, (axis(1), 3.0), (between(0, 1, 45), 3.0)])[0] == ["1", "2", None]  # as much like both
    assert spoken([first, (axis(1), FOUNDING_S - 0.1)])[0] == ["1", None]  # too short for a new voice
    assert spoken([first, (axis(0), SHORTEST_S)])[0] == ["1", "1"]
    assert spoken([first, (axis(0), SHORTEST_S - 0.1)])[0] == ["1", None]


@pytest.mark.parametrize("nothing", [[], [0.0] * 8, [float("nan")] * 8, [float("inf"), *[0.0] * 7]])
def test_no_embedding_is_nobody_s_and_changes_nothing(nothing):
    state = spoken([(axis(0), 3.0)])[2]
    assert heard(state, nothing, 3.0, INFO) == (state, None, ())


def test_voices_that_come_close_were_one_and_the_later_label_is_given_up():
    way = [(axis(0), 3.0), (between(0, 1, 70), 3.0), *((between(0, 1, 35 - n), 30.0) for n in range(4))]
    labels, merges, state = spoken([*way, (between(0, 1, 60), 3.0)], info=replace(INFO, alike=0.45))
    assert merges == [("2", "1")]
    assert labels[-1] == "1"
    assert [v.label for v in voices(state)] == ["1"]
    assert state.merged == {"2": "1"}


def test_who_is_known_is_called_by_name_and_two_names_stay_two():
    known = [Voice("Ann", tuple(axis(0)), 100.0), Voice("Bob", tuple(between(0, 1, 10)), 5.0)]
    labels, merges, state = spoken([(axis(3), 3.0), (between(1, 0, 10), 3.0), (between(0, 2, 20), 3.0)], start(known))
    assert (labels, merges) == (["1", "2", None], [])  # the third is as much like Ann as like Bob
    assert [v.label for v in voices(state)] == ["1", "2"]  # those who were not heard are not in this recording
    labels, _, state = spoken([(axis(0), 3.0)], start(known[:1]))
    assert labels == ["Ann"]
    assert voices(state) == [Voice("Ann", tuple(axis(0)), 3.0)]


def test_a_number_that_was_somebody_known_gets_the_name():
    known = [Voice("Ann", tuple(axis(0)), 3.0)]
    info = replace(INFO, alike=0.45)
    utterances = [(between(0, 1, 68), 3.0), (between(0, 1, 30), 30.0), (between(0, 1, 60), 3.0)]
    labels, merges, _ = spoken(utterances, start(known), info)
    assert labels == ["1", "Ann", "Ann"]
    assert merges == [("1", "Ann")]


def test_there_is_an_end_to_voices():
    size = MOST + 5
    labels, _, state = spoken([(axis(n, size), 3.0) for n in range(size)])
    assert labels == [*(str(n + 1) for n in range(MOST)), *[None] * 5]
    assert len(voices(state)) == MOST


@st.composite
def meetings(draw):
    """(voice, embedding, seconds) of utterances by up to five voices at right angles, each with its scatter."""
    count = draw(st.integers(1, 5))
    utterances = []
    for _ in range(draw(st.integers(1, 30))):
        voice = draw(st.integers(0, count - 1))
        scatter = draw(st.lists(st.floats(-0.12, 0.12), min_size=8, max_size=8))
        loud = draw(st.floats(0.01, 100.0))
        embedding = [loud * (float(n == voice) + s) for n, s in enumerate(scatter)]
        utterances.append((voice, embedding, draw(st.floats(0.1, 20.0))))
    return utterances


@given(meetings())
def test_voices_that_are_far_apart_are_never_confused(utterances):
    labels, merges, state = spoken([(embedding, seconds) for _, embedding, seconds in utterances])
    pairs = {(voice, label) for (voice, *_), label in zip(utterances, labels, strict=True) if label}
    assert len({voice for voice, _ in pairs}) == len({label for _, label in pairs}) == len(pairs)
    assert merges == []
    founded = {voice for voice, _, seconds in utterances if seconds >= FOUNDING_S}
    assert len(pairs) == len(founded)
    first_heard = list(dict.fromkeys(label for label in labels if label))
    assert first_heard == [str(n + 1) for n in range(len(first_heard))]
    total = sum(s for (*_, s), label in zip(utterances, labels, strict=True) if label)
    assert sum(v.seconds for v in voices(state)) == pytest.approx(total, abs=0.01)


numbers = st.floats(-1.0, 1.0, width=32)
anything = st.lists(st.tuples(st.lists(numbers, min_size=3, max_size=3), st.floats(0.0, 10.0)), max_size=40)


@given(anything, st.booleans())
def test_of_any_embeddings_labels_and_merges_make_sense(utterances, someone_is_known):
    known = [Voice("Ann", (1.0, 0.0, 0.0), 9.0), Voice("Bob", (0.9, 0.1, 0.0), 9.0)] if someone_is_known else []
    state, given_up, used = start(known), set(), {v.label for v in known}
    for embedding, seconds in utterances:
        before = {c.label for c in state.clusters}
        state, label, merges = heard(state, embedding, seconds, INFO)
        assert label is None or label in {c.label for c in state.clusters}
        assert given_up.isdisjoint({label})
        for gone, kept in merges:
            assert gone in before
            assert gone not in {"Ann", "Bob"}
            assert kept not in given_up
            given_up.add(gone)
        new = {c.label for c in state.clusters} - before
        assert new.isdisjoint(used)
        used |= new
        assert {c.label for c in state.clusters}.isdisjoint(given_up)
        assert set(state.merged) == given_up
        assert set(state.merged.values()) <= {c.label for c in state.clusters}
        assert len(state.clusters) <= MOST


def test_known_voices_of_another_length_are_left_out():
    known = start([Voice("Ann", tuple(axis(0, 4)), 30.0), Voice("Bob", tuple(axis(1)), 30.0)])
    labels, _, state = spoken([(axis(0), 3.0), (axis(1), 3.0)], known)
    assert labels == ["1", "Bob"]
    assert [voice.label for voice in voices(state)] == ["Bob", "1"]


def test_many_known_voices_leave_room_for_strangers():
    known = start([Voice(f"friend {n}", tuple(axis(n, MOST + 2)), 30.0) for n in range(MOST)])
    labels, _, _ = spoken([(axis(MOST, MOST + 2), 3.0), (axis(MOST + 1, MOST + 2), 3.0)], known)
    assert labels == ["1", "2"]
