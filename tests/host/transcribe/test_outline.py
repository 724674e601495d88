"""Chapters at silences, and an outline of what was really said."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.contracts import JournalEntry
from host.transcribe.outline import BREAK_S, CHAPTER_MIN_S, chapters, outline


def said(start_s, text, end_s=None, kind="sentence"):
    return JournalEntry(kind, start_s, start_s + 3.0 if end_s is None else end_s, text, "en")


def talk(minutes, pauses, text="we go on"):
    """A sentence every four seconds; `pauses` maps the second of a pause to its length."""
    entries, at_s = [], 0.0
    while at_s < minutes * 60:
        entries.append(said(at_s, f"{text} {len(entries)}"))
        at_s += 4.0
        for second in [p for p in pauses if p <= at_s]:
            at_s += pauses[second]
            pauses = {p: length for p, length in pauses.items() if p != second}
    return entries


MEETING = [
    said(0, "Good morning everybody, shall we begin with the budget"),
    said(4, "The budget for the new office is forty thousand euros"),
    said(8, "Yes"),
    said(12, "I think the office budget should hold the chairs and the tables too"),
    said(16, "Mhm, okay, right"),
    said(20, "The budget for the new office is forty thousand euros then"),
    said(24, "And the moving company comes on Friday morning at eight"),
    said(28, "On Friday the moving company needs somebody with a key"),
]


def test_an_outline_is_the_tellers_own_words_in_their_order():
    best = outline(MEETING, 3)
    assert [entry for entry in MEETING if entry in best] == best
    text = " ".join(entry.text for entry in best)
    assert "budget" in text
    assert "moving company" in text
    assert "Mhm" not in text
    assert "Yes" not in {entry.text for entry in best}
    assert text.count("forty thousand") == 1  # said twice, told once


def test_an_outline_of_a_language_without_spaces():
    meeting = [
        said(0, "我们先说办公室的预算"),
        said(4, "好"),
        said(8, "办公室的预算是四万欧元"),
        said(12, "搬家公司星期五早上来"),
        said(16, "星期五需要有人给搬家公司开门"),
    ]
    text = "".join(entry.text for entry in outline(meeting, 2))
    assert "预算" in text
    assert "搬家公司" in text


def test_an_outline_of_little_and_of_nothing():
    assert outline([], 3) == []
    assert outline([said(0, "sound is missing", kind="gap")], 3) == []
    assert [entry.text for entry in outline([said(0, "hello"), said(4, "bye")], 3)] == ["hello"]
    assert outline(MEETING, 0) == []


def test_a_short_talk_is_one_chapter_and_nothing_is_none():
    assert chapters([]) == []
    (only,) = chapters(MEETING)
    assert (only.start_s, only.end_s, only.entries) == (0, 31.0, tuple(MEETING))
    assert only.title in {entry.text for entry in MEETING}


def test_a_long_meeting_is_cut_at_its_longest_silences():
    entries = talk(60, {600: 8.0, 640: 20.0, 1500: 15.0, 2400: 30.0})
    cuts = [chapter.start_s for chapter in chapters(entries)[1:]]
    pauses = [e.start_s for before, e in pairwise(entries) if e.start_s - before.end_s > 10]
    assert cuts == pauses


def test_a_break_ends_a_chapter_even_of_a_short_talk():
    first, second = talk(2, {}), [said(600.0 + e.start_s, e.text) for e in talk(2, {})]
    assert [chapter.start_s for chapter in chapters([*first, *second])] == [0.0, 600.0]


def test_a_talk_without_a_pause_is_one_chapter():
    assert len(chapters(talk(90, {}))) == 1


def test_a_chapter_of_gaps_has_no_title():
    (only,) = chapters([said(0, "the link was lost", 10.0, "gap")])
    assert only.title == ""


moments = st.lists(
    st.tuples(st.floats(0.0, 400.0), st.floats(0.1, 60.0), st.sampled_from(["sentence", "gap"]), st.text(max_size=30)),
    max_size=80,
)


@settings(max_examples=150, deadline=None)
@given(moments, st.integers(0, 6))
def test_every_entry_is_in_one_chapter_and_an_outline_invents_nothing(moments, count):
    entries, at_s = [], 0.0
    for wait_s, length_s, kind, text in moments:
        entries.append(said(at_s + wait_s, text, at_s + wait_s + length_s, kind))
        at_s = entries[-1].end_s
    found = chapters(entries)
    assert [entry for chapter in found for entry in chapter.entries] == entries
    for before, after in pairwise(found):
        pause_s = after.start_s - before.end_s
        assert pause_s >= BREAK_S or before.end_s - before.start_s >= CHAPTER_MIN_S
    best = outline(entries, count)
    assert len(best) <= count
    assert [entry for entry in entries if entry in best] == best or len(set(map(id, best))) == len(best)
    assert all(entry.kind == "sentence" for entry in best)


@pytest.mark.parametrize("text", ["", "\n# heading", "[x](javascript:1)", "<b>", "\x1b[2J"])
def test_hostile_words_are_only_words(text):
    assert chapters([said(0, text)])[0].title == text
