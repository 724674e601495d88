"""What is added is kept: in order, exactly, privately, and known to be unfinished while it is."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.contracts import Journal, JournalEntry, Word
from host.errors import NoSuchTranscriptError, StoreError, UsageError
from host.store.database import DATABASE_NAME, Database
from host.store.journal import SqliteJournal
from host.store.transcripts import Transcripts

STARTED = datetime(2026, 3, 1, 9, 5, 7, tzinfo=timezone(timedelta(hours=5, minutes=45)))
SENTENCE = JournalEntry(
    "sentence", 1.25, 2.5, "Hello there.", "en", 0.5, "1", (Word("Hello", 1.25, 1.75, 0.9), Word("there", 2.0, 2.5))
)
GAP = JournalEntry("gap", 2.5, 12.5, "link lost")

# Everything a Python string can hold, lone surrogates and NUL included.
ANY_TEXT = st.text(st.characters(), max_size=60)
ANY_TIME = st.floats(width=64)


def test_entries_come_back_in_order_and_exactly(folder):
    journal: Journal = SqliteJournal.open(folder, STARTED)
    given_entries = [SENTENCE, GAP, JournalEntry("sentence", 12.5, 13.0, "", "de"), SENTENCE]
    for entry in given_entries:
        journal.add(entry)
    journal.close()
    with contextlib.closing(Transcripts.open(folder)) as store:
        assert store.entries(journal.id) == given_entries
        transcript = store.get(journal.id)
    assert (transcript.started, transcript.sentences, transcript.duration_s) == (STARTED, 3, 13.0)
    assert transcript.started.isoformat() == "2026-03-01T09:05:07+05:45"


def test_an_open_journal_is_recording_then_complete(folder, store):
    journal = SqliteJournal.open(folder, STARTED)
    assert store.get(journal.id).state == "recording"
    journal.add(SENTENCE)
    assert [e.text for e in store.entries(journal.id)] == ["Hello there."]
    journal.close()
    journal.close()
    assert store.get(journal.id).state == "complete"
    with pytest.raises(ValueError, match="closed"):
        journal.add(SENTENCE)


def test_a_title_may_be_given_at_the_start_and_a_bad_one_starts_nothing(folder, store):
    journal = SqliteJournal.open(folder, STARTED, " Monday\nmeeting\ud800 ")
    journal.close()
    assert store.get(journal.id).title == "Monday meeting\ufffd"
    with pytest.raises(UsageError, match="at most 200"):
        SqliteJournal.open(folder, STARTED, "x" * 201)
    assert len(store.all()) == 1
    assert not list(folder.glob("recording-*"))


def test_one_without_entries_can_be_discarded(folder, store):
    journal = SqliteJournal.open(folder, STARTED, "nothing yet")
    assert journal.empty
    journal.discard()
    journal.close()
    assert store.all() == []
    assert not list(folder.glob("recording-*"))


def test_closing_waits_for_an_entry_that_is_being_written(folder, store):
    journal = SqliteJournal.open(folder, STARTED)
    writing = threading.Barrier(2)

    def slow_insert(*args):
        writing.wait(10)
        time.sleep(0.1)
        return SqliteJournal._insert(journal, *args)

    journal._insert = slow_insert
    thread = threading.Thread(target=journal.add, args=(SENTENCE,))
    thread.start()
    writing.wait(10)
    journal.close()
    thread.join()
    assert [e.text for e in store.entries(journal.id)] == ["Hello there."]
    assert store.get(journal.id).state == "complete"


def test_journals_side_by_side_keep_to_themselves(folder, store):
    first, second = SqliteJournal.open(folder, STARTED), SqliteJournal.open(folder, STARTED)
    for i in range(5):
        first.add(JournalEntry("sentence", i, i + 1, f"first {i}"))
        second.add(JournalEntry("sentence", i, i + 1, f"second {i}"))
    first.close()
    assert [store.get(j.id).state for j in (first, second)] == ["complete", "recording"]
    second.close()
    assert [e.text for e in store.entries(first.id)] == [f"first {i}" for i in range(5)]
    assert [e.text for e in store.entries(second.id)] == [f"second {i}" for i in range(5)]


def test_a_journal_says_that_its_transcript_was_deleted(folder):
    journal = SqliteJournal.open(folder, STARTED)
    with contextlib.closing(Database.open(folder)) as database, database.transaction() as connection:
        connection.execute("DELETE FROM transcript")
    with pytest.raises(StoreError, match=f"transcript {journal.id} was deleted while it was being recorded"):
        journal.add(SENTENCE)
    journal.close()


def test_a_number_is_never_used_again(folder, store, recorded):
    number = recorded("one")
    store.delete([number])
    assert recorded("two") == number + 1
    with pytest.raises(NoSuchTranscriptError):
        store.get(number)


def test_a_start_needs_an_offset(folder):
    with pytest.raises(ValueError, match="offset"):
        SqliteJournal.open(folder, datetime(2026, 3, 1))  # noqa: DTZ001 - that is the point


def test_every_commit_is_synced_and_erases(folder):
    with contextlib.closing(Database.open(folder)) as database:
        settings_of = {p: database.query(f"PRAGMA {p}")[0][0] for p in ("journal_mode", "synchronous", "secure_delete")}
    assert settings_of == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_everything_is_private_whatever_the_umask(tmp_path, umask):
    folder = tmp_path / "new" / "data"
    before = os.umask(umask)
    try:
        journal = SqliteJournal.open(folder, STARTED)
        journal.add(SENTENCE)
    finally:
        os.umask(before)
    modes = {p.name: oct(p.stat().st_mode & 0o777) for p in folder.iterdir()}
    journal.close()
    files = ["recording-1.lock", "sidelight.db", "sidelight.db-shm", "sidelight.db-wal"]
    assert modes == dict.fromkeys(files, "0o600")
    assert [oct(p.stat().st_mode & 0o777) for p in (folder, folder.parent)] == ["0o700", "0o700"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_folder_and_a_database_that_were_open_are_closed(folder, recorded):
    recorded("one")
    folder.chmod(0o755)
    (folder / "sidelight.db").chmod(0o644)
    recorded("two")
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert oct((folder / "sidelight.db").stat().st_mode & 0o777) == "0o600"


def test_a_closed_journal_leaves_only_the_database(folder, recorded):
    recorded("one")
    assert [p.name for p in folder.iterdir()] == ["sidelight.db"]


def test_any_text_and_any_time_is_kept_and_read(folder, store):
    journal = SqliteJournal.open(folder, STARTED)

    @given(ANY_TEXT, st.none() | ANY_TEXT, ANY_TIME, ANY_TIME, st.none() | ANY_TIME)
    @settings(max_examples=80, deadline=None)
    def check(text, speaker, start_s, end_s, confidence):
        word = Word(text, end_s, start_s, confidence)
        journal.add(JournalEntry("sentence", start_s, end_s, text, text, confidence, speaker, [word]))
        entry = store.entries(journal.id)[-1]
        assert store.get(journal.id).title
        if not any("\ud800" <= c <= "\udfff" for c in text):
            assert entry.text == text
        entry.text.encode("utf-8")  # what is no Unicode text was replaced
        assert entry.words[0].text == entry.text == entry.language
        assert 0 <= entry.start_s <= entry.end_s < math.inf
        assert all(math.isfinite(t) for t in (entry.words[0].start_s, entry.words[0].end_s))
        assert entry.confidence is None or entry.confidence == confidence

    check()
    journal.close()


def test_lone_surrogates_are_replaced_and_pairs_joined(folder, store, recorded):
    number = recorded("a\ud800b \ud83d\ude00 \udfff")
    assert store.entries(number)[0].text == "a\ufffdb \N{GRINNING FACE} \ufffd"


def test_a_program_that_looks_in_takes_nothing_from_one_that_writes(folder):
    """To close a descriptor of the file gives up SQLite's locks; whoever looked in then deleted the writer's log."""

    def seen_by_another() -> list[str]:
        words = [sys.executable, "-c", LOOK, str(folder / DATABASE_NAME)]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()

    journal = SqliteJournal.open(folder, STARTED)
    journal.add(SENTENCE)
    Database.open(folder).close()  # as prices and places do, beside a transcript
    assert seen_by_another() == ["Hello there."]
    journal.add(JournalEntry("sentence", 3.0, 4.0, "Still here."))
    assert seen_by_another() == ["Hello there.", "Still here."]
    journal.close()


LOOK = """
import contextlib, sqlite3, sys
with contextlib.closing(sqlite3.connect(sys.argv[1])) as store:
    print(*(text for text, in store.execute("SELECT text FROM entry ORDER BY id")), sep="\\n")
"""
