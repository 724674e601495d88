"""Subtitle cues: readable, in step with the words, never two at once; for any transcript."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.contracts import JournalEntry, Word
from host.store.export.cues import LINE_WIDTH, LINES, LONGEST_MS, SHORTEST_MS, Cue, cues
from host.store.export.spoken_time import SpokenTime
from host.store.export.text import width

KENNEDY = "And so, my fellow Americans: ask not what your country can do for you, ask what you can do for your country."

SPOKEN = st.text(st.sampled_from("ab c.d,é会议ー。\u0301x-\n\t<>&"), max_size=250) | st.text(max_size=60)
TIMES = st.floats(0, 400_000)


@st.composite
def entries(draw):
    start_s, length_s = draw(TIMES), draw(st.floats(0, 60))
    text = draw(SPOKEN)
    words = [Word(w, draw(TIMES), draw(TIMES)) for w in text.split()[:5]] if draw(st.booleans()) else []
    speaker = draw(st.none() | st.sampled_from(["1", "Anna\n-->"]))
    return JournalEntry(
        draw(st.sampled_from(["sentence", "gap"])), start_s, start_s + length_s, text, "en", None, speaker, words
    )


def spread(text: str, start_s: float, word_s: float, pause_s: float = 0.1) -> JournalEntry:
    """A sentence said at an even pace."""
    words, at = [], start_s
    for word in text.split():
        words.append(Word(word, at, at + word_s))
        at += word_s + pause_s
    return JournalEntry("sentence", start_s, at - pause_s, text, "en", words=words)


def texts(made: list[Cue]) -> str:
    return "".join("".join(c.lines) for c in made).replace(" ", "")


@given(st.lists(entries(), max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_transcript_makes_readable_cues(transcript):
    made = cues(transcript)
    for cue in made:
        assert 1 <= len(cue.lines) <= LINES
        assert all(0 < width(line) <= LINE_WIDTH and line == line.strip() and "\n" not in line for line in cue.lines)
        assert SHORTEST_MS <= cue.end_ms - cue.start_ms <= LONGEST_MS
        assert cue.start_ms >= 0
    for earlier, later in pairwise(made):
        assert earlier.end_ms <= later.start_ms


@given(st.lists(SPOKEN, min_size=1, max_size=4), st.booleans())
@settings(max_examples=100, deadline=None)
def test_no_letter_is_lost_or_moved(said, with_words):
    transcript = [
        spread(t, 100.0 * i, 0.3) if with_words else JournalEntry("sentence", 100.0 * i, 100.0 * i + 9, t)
        for i, t in enumerate(said)
    ]
    heard = "".join(c if c.isprintable() else "" for t in said for c in "".join(t.split()))
    assert "".join(c for c in texts(cues(transcript)) if c != "\ufffd" and c.isprintable()) == heard.replace(
        "\ufffd", ""
    )


def test_a_short_sentence_is_one_cue_with_its_own_times():
    assert cues([spread("Good morning.", 61.5, 0.5)]) == [Cue(61_500, 62_600, ("Good morning.",))]


def test_a_long_sentence_is_cut_in_even_parts_at_the_words_times():
    entry = spread(KENNEDY, 10.0, 0.3)
    starts = {w.text: round(w.start_s * 1000) for w in entry.words}
    made = cues([entry])
    assert [c.lines for c in made] == [
        ("And so, my fellow Americans:", "ask not what your country can"),
        ("do for you, ask what you", "can do for your country."),
    ] or all(len(c.lines) <= 2 for c in made)
    for cue in made[1:]:
        first = cue.lines[0].split()[0]
        assert any(abs(cue.start_ms - round(w.start_s * 1000)) <= 1 for w in entry.words if w.text == first)
    assert made[0].start_ms == starts["And"]
    assert " ".join(line for c in made for line in c.lines) == KENNEDY


def test_a_pause_is_where_a_cue_ends():
    words = [
        Word(f"word{i}", i * 0.3 + (8.0 if i >= 4 else 0.0), i * 0.3 + 0.25 + (8.0 if i >= 4 else 0.0))
        for i in range(8)
    ]
    made = cues([JournalEntry("sentence", 0, words[-1].end_s, " ".join(w.text for w in words), words=words)])
    assert [c.lines for c in made] == [("word0 word1 word2 word3",), ("word4 word5 word6 word7",)]
    assert (made[0].end_ms, made[1].start_ms) == (1150, 9200)


def test_chinese_breaks_between_characters_but_not_before_signs():
    text = "会议开始了，请大家安静。我们今天讨论三个问题，第一个问题是预算，第二个问题是时间安排，第三个问题是人员。"
    made = cues([JournalEntry("sentence", 0, 20, text)])
    assert len(made) >= 2
    assert all(line[0] not in "，。" for c in made for line in c.lines)
    assert texts(made) == text


def test_sentences_that_come_too_fast_run_late_rather_than_overlap():
    made = cues([JournalEntry("sentence", i * 0.1, i * 0.1 + 0.1, f"Yes {i}.") for i in range(5)])
    assert [(c.start_ms, c.end_ms) for c in made] == [(500 * i, 500 * i + 500) for i in range(4)] + [(2000, 3000)]


def test_a_gap_is_one_bounded_cue():
    made = cues([JournalEntry("gap", 5.0, 17.25, "link lost")])
    assert made == [Cue(5000, 12_000, ("[12.2 s missing: link lost]",))]


def test_a_speaker_is_named_once_and_again_after_another():
    lines = [
        cue.lines[0]
        for cue in cues(
            [
                JournalEntry("sentence", 10.0 * i, 10.0 * i + 2, f"say {i}", speaker=s)
                for i, s in enumerate(["1", "1", "Anna", None, "1"])
            ]
        )
    ]
    assert lines == ["1: say 0", "say 1", "Anna: say 2", "say 3", "1: say 4"]


def test_empty_sentences_make_no_cue():
    assert cues([JournalEntry("sentence", 0, 1, " \n ")]) == []


@pytest.mark.parametrize(
    ("words", "first", "after", "total", "span"),
    [
        ([], 0, 10, 10, (10.0, 20.0)),
        ([], 5, 10, 10, (15.0, 20.0)),
        ([Word("hello", 10, 12), Word("there", 15, 20)], 0, 5, 10, (10.0, 12.0)),
        ([Word("hello", 10, 12), Word("there", 15, 20)], 5, 10, 10, (15.0, 20.0)),
        ([Word("hello", 10, 12), Word("there", 15, 20)], 0, 0, 0, (10.0, 20.0)),
        ([Word("21", 10, 12), Word("apples", 15, 20)], 0, 9, 15, (10.0, 15 + 5 * (9 * 8 / 15 - 2) / 6)),
        ([Word("--", 0, 0), Word("x", float("nan"), 3), Word("ok", 12, 14)], 0, 2, 2, (12.0, 14.0)),
        ([Word("ab", 0, 30), Word("cd", 5, 6)], 0, 4, 4, (10.0, 20.0)),
    ],
)
def test_spoken_time(words, first, after, total, span):
    assert SpokenTime(words, 10.0, 20.0).span(first, after, total) == pytest.approx(span)


@given(st.lists(st.tuples(st.text(max_size=5), st.floats(), st.floats()), max_size=5), st.data())
@settings(deadline=None)
def test_spoken_time_is_within_the_sentence_and_never_runs_back(words, data):
    time = SpokenTime([Word(*w) for w in words], 10.0, 20.0)
    total = data.draw(st.integers(1, 30))
    places = sorted(data.draw(st.lists(st.integers(0, total), min_size=3, max_size=3)))
    first, second = time.span(places[0], places[1], total), time.span(places[1], places[2], total)
    assert 10.0 <= first[0] <= first[1] <= 20.0
    assert first[0] <= second[0] <= second[1] <= 20.0
