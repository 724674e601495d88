"""The journal of one recording: every entry is on the disk before `add` returns."""

from __future__ import annotations

import json
import math
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from host.contracts import JournalEntry, Translation, Voice, Word
from host.errors import StoreError
from host.store.database import Database, storable
from host.store.liveness import RecordingLock
from host.store.search import index_text, indexed_name
from host.store.transcript import checked_title
from host.store.translations import keep_translation
from host.store.voices import keep_voices, relabelled

__all__ = ["SqliteJournal"]

# What a default title needs of the first sentence, with room to cut it at a word.
_OPENING_CHARACTERS = 80


class SqliteJournal:
    """An open transcript; the `Journal` of `host/contracts`.

    Calls may come from any thread, and wait for one another. A call takes as long as the disk needs to have the entry
    for certain: about a millisecond on a solid-state disk, some ten on a spinning one.
    """

    def __init__(self, database: Database, lock: RecordingLock, transcript_id: int) -> None:
        self._database, self._lock, self._id = database, lock, transcript_id
        self._calls = threading.Lock()  # an entry that nobody waits for any more may still be written when it is closed
        self._end_s = 0.0
        self._empty = True
        self._closed = False

    @classmethod
    def open(cls, folder: Path, started: datetime, title: str = "") -> Self:
        """Start a transcript in the store of that folder, made if it is not there.

        Args:
            folder: the data folder, `host.paths.data_folder()`.
            started: when the recording began, with its offset from UTC.
            title: the user's; empty for one that is made from how the first sentence begins.

        Raises:
            ValueError: `started` has no offset.
            UsageError: the title is too long, or nothing that can be read; nothing was started.
            StoreError: the folder or the database cannot be used.
            DiskFullError: no room.
        """
        if started.tzinfo is None:
            raise ValueError("started needs an offset from UTC")
        named = checked_title(storable(title)) if title else None
        database = Database.open(folder)
        lock: RecordingLock | None = None
        try:
            with database.transaction() as connection:
                number = connection.execute(
                    "INSERT INTO transcript (started, title) VALUES (?, ?)",
                    (started.isoformat("T", "seconds"), named),
                ).lastrowid
                assert number is not None, "an INSERT has a row id"  # noqa: S101
                if named:
                    connection.execute(
                        "INSERT INTO title_index (rowid, words) VALUES (?, ?)", (number, index_text(named))
                    )
                # Before the transcript can be seen, so that it is never taken for an interrupted one.
                lock = RecordingLock.take(folder, number)
        except BaseException:
            if lock:
                lock.release()
            database.close()
            raise
        return cls(database, lock, number)

    @property
    def id(self) -> int:
        """Number of the transcript, as `transcripts show` takes it."""
        return self._id

    @property
    def path(self) -> Path:
        """File of the database."""
        return self._database.path

    @property
    def empty(self) -> bool:
        """True as long as nothing was added."""
        return self._empty

    def add(self, entry: JournalEntry) -> int:
        """Commit one entry to disk before returning, with the translation that it has; its number.

        What is no Unicode text in it (lone surrogates) is replaced; a time that is no number, or runs backwards,
        becomes the nearest that makes sense, since the words matter more.

        Raises:
            DiskFullError: no room; nothing of this entry is kept, it may be given again when there is room.
            StoreError: the database cannot be written; earlier entries are safe.
            ValueError: the journal is closed.
        """
        with self._calls:
            if self._closed:
                raise ValueError("the journal is closed")
            return self._add(entry)

    def _add(self, entry: JournalEntry) -> int:
        start_s = _time(entry.start_s, otherwise=self._end_s)
        end_s = max(start_s, _time(entry.end_s, otherwise=start_s))
        text = storable(entry.text)
        row = (
            self._id,
            entry.kind,
            start_s,
            end_s,
            text,
            storable(entry.language),
            _number(entry.confidence),
            None if entry.speaker is None else storable(entry.speaker),
            _words_json(entry.words, start_s, end_s),
        )
        entry_id = self._database.write(lambda connection: self._insert(connection, row, entry.translation))
        self._end_s = end_s
        self._empty = False
        return entry_id

    def add_translation(self, entry_id: int, translation: Translation) -> None:
        """Commit the translation of a sentence, in place of one that it has, in a transaction of its own.

        Args:
            entry_id: number of the sentence, as `add` gave it.
            translation: of it, or why there is none.

        Raises:
            DiskFullError: no room; nothing has changed, it may be given again.
            StoreError: the database cannot be written, or the transcript was deleted.
            ValueError: the journal is closed, or has no such sentence.
        """

        def work(connection: sqlite3.Connection) -> None:
            if not connection.execute("SELECT 1 FROM transcript WHERE id = ?", (self._id,)).fetchone():
                raise self._deleted()
            where = "id = ? AND transcript_id = ? AND kind = 'sentence'"
            if not connection.execute(f"SELECT 1 FROM entry WHERE {where}", (entry_id, self._id)).fetchone():  # noqa: S608
                raise ValueError(f"{entry_id} is no sentence of transcript {self._id}")
            keep_translation(connection, entry_id, translation)

        with self._calls:
            if self._closed:
                raise ValueError("the journal is closed")
            self._database.write(work)

    def keep_voices(self, model: str, voices: Sequence[Voice], merged: Mapping[str, str]) -> None:
        """Commit what the voices of this transcript sound like, in place of what was kept before.

        Raises:
            DiskFullError: no room; it may be given again.
            StoreError: the database cannot be written.
            ValueError: the journal is closed.
        """

        def work(connection: sqlite3.Connection) -> None:
            for gone, kept in merged.items():
                relabelled(connection, self._id, gone, kept)
            keep_voices(connection, self._id, model, voices)

        with self._calls:
            if self._closed:
                raise ValueError("the journal is closed")
            self._database.write(work)

    def close(self) -> None:
        """Mark the transcript complete and let go of the store. Repeated calls do nothing.

        Raises:
            StoreError: it could not be marked (a full disk, say): everything added is safe, and it is listed as
                interrupted. The store is let go of all the same.
        """
        self._end(self._complete)

    def discard(self) -> None:
        """Close it as if it had never been opened; only while it is `empty`.

        Raises:
            StoreError: it could not be removed: it is listed as interrupted. The store is let go of all the same.
        """
        self._end(self._remove)

    def _end(self, last: Callable[[sqlite3.Connection], None]) -> None:
        with self._calls:
            if self._closed:
                return
            self._closed = True
            try:
                self._database.write(last)
            finally:
                self._database.close()
                self._lock.release()

    def _insert(self, connection: sqlite3.Connection, row: tuple[Any, ...], translation: Translation | None) -> int:
        _, kind, _, end_s, text, _, _, speaker, _ = row
        is_sentence, is_bookmark = kind == "sentence", kind == "bookmark"
        known = connection.execute(
            "UPDATE transcript SET duration_s = max(duration_s, ?), sentences = sentences + ?,"
            " bookmarks = bookmarks + ?, opening = CASE WHEN opening = '' THEN ? ELSE opening END WHERE id = ?",
            (end_s, int(is_sentence), int(is_bookmark), text[:_OPENING_CHARACTERS] if is_sentence else "", self._id),
        ).rowcount
        if not known:
            raise self._deleted()
        entry_id = connection.execute(
            "INSERT INTO entry (transcript_id, kind, start_s, end_s, text, language, confidence, speaker, words)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        ).lastrowid
        assert entry_id is not None, "an INSERT has a row id"  # noqa: S101
        if is_sentence:
            connection.execute(
                "INSERT INTO sentence_index (rowid, words, speaker, translation) VALUES (?, ?, ?, '')",
                (entry_id, index_text(text), indexed_name(speaker)),
            )
            if translation is not None:
                keep_translation(connection, entry_id, translation)
        return entry_id

    def _deleted(self) -> StoreError:
        return StoreError(f"transcript {self._id} was deleted while it was being recorded", "Start a new one")

    def _complete(self, connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE transcript SET complete = 1 WHERE id = ?", (self._id,))

    def _remove(self, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM voice WHERE transcript_id = ?", (self._id,))
        connection.execute("DELETE FROM title_index WHERE rowid = ?", (self._id,))
        connection.execute("DELETE FROM transcript WHERE id = ?", (self._id,))


def _time(value: float, *, otherwise: float) -> float:
    return value if math.isfinite(value) and value >= 0.0 else otherwise


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _words_json(words: Sequence[Word], start_s: float, end_s: float) -> str:
    rows = [
        (
            storable(word.text),
            _time(word.start_s, otherwise=start_s),
            _time(word.end_s, otherwise=end_s),
            _number(word.confidence),
        )
        for word in words
    ]
    return json.dumps(rows, separators=(",", ":"))
