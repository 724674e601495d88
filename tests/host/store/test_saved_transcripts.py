"""The list, titles, renaming, and deletion that leaves nothing."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.contracts import JournalEntry
from host.errors import NoSuchTranscriptError, UsageError
from host.store.audio import AudioFile, audio_path
from host.store.journal import SqliteJournal
from host.store.transcript import default_title
from host.store.transcripts import Transcripts

STARTED = datetime(2026, 3, 1, 9, 5, tzinfo=timezone(timedelta(hours=-3)))


def test_newest_first_with_what_is_known(store, recorded):
    first = recorded("Good morning everyone.", JournalEntry("gap", 2.0, 7.5, "link lost"))
    second = recorded()
    transcripts = store.all()
    assert [(t.id, t.sentences, t.duration_s, t.state) for t in transcripts] == [
        (second, 0, 0.0, "complete"),
        (first, 1, 7.5, "complete"),
    ]
    assert [t.title for t in transcripts] == ["(no words)", "Good morning everyone."]


def test_one_that_was_not_closed_is_interrupted_once_its_program_is_gone(folder, store):
    journal = SqliteJournal.open(folder, STARTED)
    journal.add(JournalEntry("sentence", 0, 1, "kept"))
    assert store.get(journal.id).state == "recording"
    os.close(journal._lock._descriptor)  # as the system does for a program that died
    journal._lock._descriptor = -1
    assert (folder / f"recording-{journal.id}.lock").exists()
    assert store.get(journal.id).state == "interrupted"
    assert not (folder / f"recording-{journal.id}.lock").exists()
    assert [e.text for e in store.entries(journal.id)] == ["kept"]
    journal._database.close()


@pytest.mark.parametrize("number", [-1, 0, 7, 2**63 - 1, 2**63, 10**30])
def test_a_number_that_names_nothing(store, number):
    for call in (store.get, store.entries, lambda n: store.rename(n, "x"), lambda n: store.delete([n])):
        with pytest.raises(NoSuchTranscriptError) as error:
            call(number)
        assert error.value.message == f"there is no transcript {number}"
        assert error.value.hint == "See sidelight transcripts list"


def test_rename(store, recorded):
    number = recorded("x")
    assert store.rename(number, "  Monday\n'); DROP TABLE transcript; --\t ").title == (
        "Monday '); DROP TABLE transcript; --"
    )
    assert store.rename(number, "a\ud800").title == "a\ufffd"
    assert [t.title for t in store.all()] == ["a\ufffd"]


@pytest.mark.parametrize(("title", "message"), [("", "at least one"), (" \n\x1b", "at least one"), ("x" * 201, "200")])
def test_a_title_that_is_none(store, recorded, title, message):
    number = recorded("x")
    with pytest.raises(UsageError, match=message):
        store.rename(number, title)


@pytest.mark.parametrize(
    ("opening", "title"),
    [
        ("", "(no words)"),
        ("Short.", "Short."),
        (" two\n lines ", "two lines"),
        ("word " * 9 + "six",  "word " * 9 + "six"),
        ("word " * 9 + "four",  "word " * 8 + "word…"),
        ("x" * 60,  "x" * 48 + "…"),
        ("会" * 30,  "会" * 24 + "…"),
    ],
)  # fmt: skip
def test_default_titles(opening, title):
    assert default_title(opening) == title


@given(st.text(max_size=100))
@settings(deadline=None)
def test_default_titles_are_one_short_line(opening):
    title = default_title(opening)
    assert "\n" not in title
    assert 0 < len(title) <= 49


def test_deleted_text_is_gone_from_every_file(folder, store, recorded):
    kept = recorded("an ordinary sentence", "of every day")
    secrets = [f"zebrafish{i} quokka{i} 秘密{i}" for i in range(300)]
    number = recorded(*secrets)
    store.rename(number, "platypus meeting")
    store.delete([number])
    content = b"".join(p.read_bytes() for p in folder.iterdir())
    assert b"ordinary" in content
    for word in ("zebrafish", "quokka", "秘密", "platypus", "zebr"):
        assert word.encode() not in content
    assert store.search("zebrafish") == []
    assert [h.transcript_id for h in store.search("ordinary")] == [kept]


def test_deletion_is_all_or_nothing_and_forgives_repeats(store, recorded):
    first, second = recorded("one"), recorded("two")
    with pytest.raises(NoSuchTranscriptError):
        store.delete([first, 99])
    assert len(store.all()) == 2
    store.delete([first, first])
    assert [t.id for t in store.all()] == [second]


def test_deletion_takes_the_sound(folder, store, recorded):
    number, other = recorded("one"), recorded("two")
    for n in (number, other):
        with contextlib.closing(AudioFile(folder, n, 16000)) as sound:
            sound.write(np.zeros(5000, np.int16))
    assert store.get(number).audio == audio_path(folder, number)
    store.delete([number])
    assert not audio_path(folder, number).exists()
    assert store.get(other).audio == audio_path(folder, other)


def test_deletion_while_another_records(folder, store, recorded):
    number = recorded("one secret")
    journal = SqliteJournal.open(folder, datetime.now(UTC))
    journal.add(JournalEntry("sentence", 0, 1, "before"))
    store.delete([number])
    journal.add(JournalEntry("sentence", 1, 2, "after"))
    journal.close()
    assert [e.text for e in store.entries(journal.id)] == ["before", "after"]
    assert b"secret" not in (folder / "sidelight.db").read_bytes()


def test_two_stores_see_each_other(folder, store, recorded):
    with contextlib.closing(Transcripts.open(folder)) as other:
        number = recorded("one")
        other.rename(number, "renamed")
        assert store.get(number).title == "renamed"
