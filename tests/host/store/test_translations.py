"""A sentence's translation is kept with it: found, counted, replaced, and gone with it for good."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.contracts import Journal, JournalEntry, Translation
from host.errors import StoreError
from host.store import schema
from host.store.database import Database
from host.store.journal import SqliteJournal
from host.store.transcripts import Transcripts

STARTED = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
PENDING = Translation("", "es", missing="not translated")


def said(text: str, start_s: float = 0.0, translation: Translation | None = None, **more: object) -> JournalEntry:
    return JournalEntry("sentence", start_s, start_s + 1.0, text, "en", translation=translation, **more)


@pytest.fixture
def journal(folder: Path):
    with contextlib.closing(SqliteJournal.open(folder, STARTED)) as opened:
        yield opened


def translations(store: Transcripts, journal: Journal) -> list[Translation | None]:
    return [entry.translation for entry in store.entries(journal.id)]


def test_it_comes_back_exactly_and_replaces_what_was_pending(journal, store):
    given_translations = [
        Translation("¿Dónde está?", "es", "phrasebook"),
        Translation("12 أين", "ar", "glossary+apertium", ("12 is missing", "it is rough"), keep_source=True),
        Translation("", "es", missing="the server does not answer"),
    ]
    numbers = [journal.add(said("Where is it?", i, PENDING)) for i in range(3)]
    journal.add(said("Nobody wants this in another language."))
    assert translations(store, journal) == [PENDING, PENDING, PENDING, None]
    assert store.get(journal.id).translations == 0
    for number, translation in zip(numbers, given_translations, strict=True):
        journal.add_translation(number, translation)
    assert translations(store, journal) == [*given_translations, None]
    transcript = store.get(journal.id)
    assert (transcript.sentences, transcript.translations) == (4, 2)


def test_one_that_is_replaced_is_counted_once_and_found_no_more(journal, store):
    number = journal.add(said("Where is it?"))
    for text in ("primero", "segundo", ""):
        journal.add_translation(number, Translation(text, "es", "x", missing="" if text else "lost"))
        assert store.get(journal.id).translations == bool(text)
        assert len(store.search("where")) == 1
    assert store.search("primero") == store.search("segundo") == []


def test_a_sentence_is_found_by_words_of_both_languages_and_of_who_said_it(journal, store):
    first = journal.add(said("Where is the train station?", 0, speaker="Änne"))
    second = journal.add(said("I need a doctor.", 2))
    journal.add_translation(first, Translation("请问火车站在哪里？", "zh", "x"))
    journal.add_translation(second, Translation("Necesito un médico $", "es", "x"))
    for words in ("火车站", "哪里", "train 火车", "anne 火车站 where"):
        assert [hit.text for hit in store.search(words)] == ["Where is the train station?"], words
    hits = store.search("medico")
    assert [(hit.text, hit.translation) for hit in hits] == [("I need a doctor.", "Necesito un médico $")]
    assert [hit.text for hit in store.search("$ doctor")] == ["I need a doctor."]
    assert store.search("火车站 medico") == []


def test_what_is_found_is_told_with_its_translation_only_where_it_has_one(journal, store):
    journal.add(said("Alone.", 0, PENDING))
    assert [(hit.text, hit.translation) for hit in store.search("alone")] == [("Alone.", "")]


def test_deleted_with_its_sentence_from_every_page(journal, store, folder):
    number = journal.add(said("Where is it?"))
    journal.add_translation(number, Translation("zzqqsecreto", "es", "zzqqbackend", ("zzqqdoubt",), missing=""))
    journal.add_translation(number, Translation("zzqqotro", "es", "zzqqbackend"))
    journal.close()
    assert [hit.translation for hit in store.search("zzqqotro")] == ["zzqqotro"]
    store.delete([journal.id])
    assert store.search("zzqqotro") == []
    store.close()
    files = list(folder.glob("sidelight.db*"))
    assert files
    for file in files:
        assert b"zzqq" not in file.read_bytes(), file
    database = Database.open(folder)
    assert database.query("SELECT count(*) FROM translation") == [(0,)]
    assert database.query("PRAGMA integrity_check") == [("ok",)]
    database.close()


def test_only_sentences_of_its_own_transcript_are_translated(journal, folder):
    other = SqliteJournal.open(folder, STARTED)
    foreign, gap = other.add(said("Hello.")), journal.add(JournalEntry("gap", 0, 1, "link lost"))
    for number in (foreign, gap, 10**9):
        with pytest.raises(ValueError, match=f"{number} is no sentence of transcript {journal.id}"):
            journal.add_translation(number, PENDING)
    other.close()
    with pytest.raises(ValueError, match="closed"):
        other.add_translation(foreign, PENDING)


def test_it_is_said_that_the_transcript_was_deleted(journal, folder):
    number = journal.add(said("Hello."))
    with contextlib.closing(sqlite3.connect(folder / "sidelight.db")) as another:
        for statement in ("DELETE FROM entry", "DELETE FROM transcript"):
            another.execute(statement)
        another.commit()
    with pytest.raises(StoreError, match="was deleted while it was being recorded"):
        journal.add_translation(number, PENDING)


def test_any_text_is_kept(journal, store):
    number = journal.add(said("x"))

    @given(st.text(st.characters(), max_size=40), st.lists(st.text(st.characters(), max_size=10), max_size=3))
    @settings(max_examples=100, deadline=None)
    def check(text, doubts):
        journal.add_translation(number, Translation(text, text, text, tuple(doubts), missing=text))
        kept = translations(store, journal)[0]
        assert kept is not None
        for before, after in ((text, kept.text), (text, kept.missing), *zip(doubts, kept.doubts, strict=True)):
            after.encode("utf-8")  # what is no Unicode text was replaced
            assert after == before or any("\ud800" <= c <= "\udfff" for c in before)
        for word in text.replace("\0", " ").split():
            assert [hit.text for hit in store.search(word)] == ["x"], word

    check()


def test_a_store_of_before_gets_room_for_translations(folder, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr("host.store.database.MIGRATIONS", schema.MIGRATIONS[:1])
        before.setattr("host.store.database.SCHEMA_VERSION", 1)
        old = Database.open(folder)
        with old.transaction() as connection:
            connection.execute(
                "INSERT INTO transcript (id, started, sentences) VALUES (1, '2026-03-01T09:05:00+00:00', 1)"
            )
            connection.execute(
                "INSERT INTO entry (id, transcript_id, kind, start_s, end_s, text, language, words)"
                " VALUES (7, 1, 'sentence', 0, 1, 'An old sentence.', 'en', '[]')"
            )
            connection.execute(
                "INSERT INTO sentence_index (rowid, words, speaker) VALUES (7, 'An old sentence.', 'Ann')"
            )
        old.close()
    with contextlib.closing(Transcripts.open(folder)) as store:
        assert [hit.text for hit in store.search("ann old")] == ["An old sentence."]
        assert store.entries(1)[0].translation is None
        assert store.get(1).translations == 0
    with contextlib.closing(Database.open(folder)) as database:
        assert database.query("SELECT name FROM sqlite_master WHERE name LIKE 'sentence_index_1%'") == []
        assert database.query("PRAGMA user_version") == [(schema.SCHEMA_VERSION,)]
