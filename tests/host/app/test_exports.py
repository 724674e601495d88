"""Transcripts as documents: chapters where there are several, bookmarks where they were set."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from host.app.exports import exported, headings
from host.contracts import JournalEntry
from host.store.transcript import Transcript

TALK = Transcript(3, "A *talk*", datetime(2026, 3, 1, 9, 5, tzinfo=UTC), 1400.0, 4, "complete", None, 2)


def said(start_s, text, speaker=None):
    return JournalEntry("sentence", start_s, start_s + 2.0, text, "en", speaker=speaker)


MORNING = (
    said(0.0, "Good morning, this is about the *roof*.", "Ann"),
    JournalEntry("bookmark", 5.0, 5.0, ""),
    said(4.0, "The roof leaks where the old roof was.", "Ann"),
)
BREAK = JournalEntry("gap", 6.5, 1199.0, "paused")
AFTERNOON = (said(1200.0, "Back again, now the garden.", "2"), said(1204.0, "The garden is fine."))


@pytest.mark.parametrize("entries", [(*MORNING, BREAK, *AFTERNOON), (*MORNING, *AFTERNOON)])
def test_a_long_break_or_a_pause_begins_a_chapter(entries):
    assert [(h.start_s, h.end_s) for h in headings(entries)] == [(0.0, 6.0), (1200.0, 1206.0)]
    assert [h.title for h in headings(MORNING)] == ["Good morning, this is about the *roof*."]
    assert headings((BREAK,)) == headings(()) == []


def test_plain_text_has_chapters_and_bookmarks():
    lines = exported(TALK, (*MORNING, BREAK, *AFTERNOON), "txt").splitlines()
    assert lines[2:] == [
        "",
        "0:00:00 to 0:00:06  Good morning, this is about the *roof*.",
        "",
        "[0:00:00] Ann: Good morning, this is about the *roof*.",
        "[0:00:04] The roof leaks where the old roof was.",
        "[0:00:05] (bookmark)",
        "[0:00:06] (1192.5 s missing: paused)",
        "",
        "0:20:00 to 0:20:06  Back again, now the garden.",
        "",
        "[0:20:00] 2: Back again, now the garden.",
        "[0:20:04] The garden is fine.",
    ]
    assert " to " not in exported(TALK, MORNING, "txt")  # one chapter needs no heading


def test_markdown_has_chapters_as_headings_whose_words_are_no_markup():
    blocks = exported(TALK, (*MORNING, *AFTERNOON), "md").split("\n\n")
    assert blocks[2] == "## 0:00:00 to 0:00:06 Good morning, this is about the \\*roof\\*."
    assert "**0:00:05** *(bookmark)*" in blocks
    assert sum(block.startswith("## ") for block in blocks) == 2


def test_json_has_chapters_and_bookmarks_exactly():
    document = json.loads(exported(TALK, (*MORNING, *AFTERNOON), "json"))
    assert [c["start_s"] for c in document["chapters"]] == [0.0, 1200.0]
    assert [e["kind"] for e in document["entries"]] == ["sentence", "bookmark", *["sentence"] * 3]


@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_subtitles_have_neither(name):
    document = exported(TALK, (*MORNING, *AFTERNOON), name)
    assert "bookmark" not in document
    assert " to 0:" not in document
    assert document.count("-->") == 4
