"""The saved transcripts: listed, read, searched, renamed, deleted."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from host.contracts import JournalEntry, Word
from host.errors import NoSuchTranscriptError, StoreError, UsageError
from host.store.audio import audio_path
from host.store.bookmarks import bookmarked
from host.store.database import Database, storable
from host.store.liveness import is_recording
from host.store.private import explained
from host.store.search import SearchTerms, index_text, search_terms
from host.store.transcript import Hit, State, Transcript, checked_title, default_title
from host.store.translations import COLUMNS, translation_of

__all__ = ["Transcripts"]

_TRANSCRIPT = (
    "SELECT id, started, title, opening, sentences, bookmarks, translations, duration_s, complete FROM transcript "
)

_SENTENCE = (
    "SELECT transcript.id, started, title, opening, bookmarks, start_s, end_s, entry.text, speaker,"
    " coalesce(translation.text, '') FROM entry JOIN transcript ON transcript.id = transcript_id"
    " LEFT JOIN translation ON translation.entry_id = entry.id WHERE kind = 'sentence' "
)

# Largest number SQLite holds; a larger one names no transcript.
_LARGEST_ID = 2**63 - 1


class Transcripts:
    """The store of a data folder; close it, or use it in a `contextlib.closing`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the store in that folder, made if it is not there. Raises StoreError, DiskFullError."""
        return cls(Database.open(folder))

    def all(self) -> list[Transcript]:
        """Every transcript, newest first. Raises StoreError."""
        rows = self._database.query(_TRANSCRIPT + "ORDER BY id DESC")
        return [self._transcript(row) for row in rows]

    def get(self, transcript_id: int) -> Transcript:
        """One transcript. Raises NoSuchTranscriptError, StoreError."""
        if 0 < transcript_id <= _LARGEST_ID:
            rows = self._database.query(_TRANSCRIPT + "WHERE id = ?", transcript_id)
            if rows:
                return self._transcript(rows[0])
        raise NoSuchTranscriptError(f"there is no transcript {transcript_id}", "See sidelight transcripts list")

    def entries(self, transcript_id: int) -> list[JournalEntry]:
        """Its entries in the order they happened (`bookmarks.in_time`). Raises NoSuchTranscriptError, StoreError."""
        self.get(transcript_id)
        rows = self._database.query(
            f"SELECT kind, start_s, end_s, entry.text, entry.language, confidence, speaker, words, {COLUMNS} FROM entry"  # noqa: S608 - ours
            " LEFT JOIN translation ON entry_id = id WHERE transcript_id = ? ORDER BY id",
            transcript_id,
        )
        return [
            JournalEntry(
                kind=kind,
                start_s=start_s,
                end_s=end_s,
                text=text,
                language=language,
                confidence=confidence,
                speaker=speaker,
                words=tuple(Word(*word) for word in json.loads(words)),
                translation=translation_of(tuple(translation)),
            )
            for kind, start_s, end_s, text, language, confidence, speaker, words, *translation in rows
        ]

    def search(self, text: str) -> list[Hit]:
        """Titles, and sentences, with all these words in any order; newest transcript first, each in order of time.

        The name of who said a sentence counts as words of it, and so does its translation. Case and diacritics do not
        matter; a word is found by its beginning, a word of a script without spaces anywhere. No sign in the text has a
        meaning of its own.

        Args:
            text: what the user typed.

        Raises:
            UsageError: there is no word in it.
            StoreError: the database cannot be read.
        """
        terms = search_terms(storable(text))
        if not terms.match and not terms.literal:
            raise UsageError("nothing to search for", "Give at least one word")
        found = self._titles(terms) + self._sentences(terms)
        return sorted(found, key=lambda hit: -hit.transcript_id)  # which keeps the order within a transcript

    def _titles(self, terms: SearchTerms) -> list[Hit]:
        condition = "AND id IN (SELECT rowid FROM title_index WHERE title_index MATCH ?)" if terms.match else ""
        rows = self._database.query(
            f"SELECT id, started, title FROM transcript WHERE title IS NOT NULL {condition}",  # noqa: S608 - ours
            *([terms.match] if terms.match else []),
        )
        return [
            Hit(number, title, datetime.fromisoformat(started), 0.0, 0.0, title, kind="title")
            for number, started, title in rows
            if all(word in title for word in terms.literal)
        ]

    def _sentences(self, terms: SearchTerms) -> list[Hit]:
        condition = "AND entry.id IN (SELECT rowid FROM sentence_index WHERE sentence_index MATCH ?) "
        rows = self._database.query(
            _SENTENCE + (condition if terms.match else "") + "ORDER BY start_s, entry.id",
            *([terms.match] if terms.match else []),
        )
        marked: dict[int, set[tuple[float, float, str]]] = {}
        hits = []
        for number, started, title, opening, bookmarks, start_s, end_s, said, speaker, translated in rows:
            if not all(word in said or word in translated for word in terms.literal):
                continue
            if bookmarks and number not in marked:
                marked[number] = {(s.start_s, s.end_s, s.text) for _, s in bookmarked(self.entries(number)) if s}
            is_marked = (start_s, end_s, said) in marked.get(number, ())
            name, when = title or default_title(opening), datetime.fromisoformat(started)
            hits.append(
                Hit(
                    number,
                    name,
                    when,
                    start_s,
                    end_s,
                    said,
                    speaker=speaker,
                    bookmarked=is_marked,
                    translation=translated,
                )
            )
        return hits

    def rename(self, transcript_id: int, title: str) -> Transcript:
        """Give a transcript a title: one line of at most 200 characters. Returns it as it is afterwards.

        Raises:
            NoSuchTranscriptError: there is none.
            UsageError: the title is empty, or too long.
            StoreError: it cannot be written.
        """
        self.get(transcript_id)
        title = checked_title(storable(title))
        with self._database.transaction() as connection:
            connection.execute("UPDATE transcript SET title = ? WHERE id = ?", (title, transcript_id))
            connection.execute("DELETE FROM title_index WHERE rowid = ?", (transcript_id,))
            connection.execute(
                "INSERT INTO title_index (rowid, words) VALUES (?, ?)", (transcript_id, index_text(title))
            )
        return self.get(transcript_id)

    def delete(self, transcript_ids: Sequence[int]) -> None:
        """Delete transcripts with their sound, for good: all of them, or none if one cannot be.

        What voices in them sound like goes with them, but for those that the user has named (`voices.forget`).

        Their words are gone from the database file and its log when this returns; copies and exports elsewhere are
        not ours to find.

        Raises:
            NoSuchTranscriptError: one of them is not there.
            UsageError: one of them is being recorded.
            DiskFullError: no room for the new index; nothing was deleted but perhaps some sound.
            StoreError: cannot be written; or they are deleted, but another program keeps the old pages from being
                overwritten, as the message says.
        """
        numbers = sorted(set(transcript_ids))
        transcripts = [self.get(number) for number in numbers]
        for transcript in transcripts:
            if transcript.state == "recording":
                raise UsageError(f"transcript {transcript.id} is being recorded", "Stop the recording first")
        self._make_room()
        for transcript in transcripts:
            # Sound first: if anything goes wrong after this, no voice is left without a transcript that shows it.
            with explained(f"the sound {transcript.audio}"):
                if transcript.audio:
                    transcript.audio.unlink(missing_ok=True)
        with self._database.transaction() as connection:
            for number in numbers:
                connection.execute(
                    "DELETE FROM sentence_index WHERE rowid IN (SELECT id FROM entry WHERE transcript_id = ?)",
                    (number,),
                )
                connection.execute("DELETE FROM title_index WHERE rowid = ?", (number,))
                connection.execute(
                    "DELETE FROM translation WHERE entry_id IN (SELECT id FROM entry WHERE transcript_id = ?)",
                    (number,),
                )
                connection.execute("DELETE FROM entry WHERE transcript_id = ?", (number,))
                connection.execute("DELETE FROM voice WHERE transcript_id = ? AND NOT named", (number,))
                connection.execute("UPDATE voice SET transcript_id = NULL WHERE transcript_id = ?", (number,))
                connection.execute("DELETE FROM transcript WHERE id = ?", (number,))
            # A deletion only adds tombstones to an FTS5 index, with the words in them.
            connection.execute("INSERT INTO sentence_index (sentence_index) VALUES ('rebuild')")
            connection.execute("INSERT INTO title_index (title_index) VALUES ('rebuild')")
        try:
            self._database.shrink()
        except StoreError as error:
            raise StoreError(
                f"deleted, but the words may be readable in {self._database.path} a little longer: {error.message}",
                "They are overwritten when the last Sidelight program ends; free some room or close the others",
            ) from error

    def close(self) -> None:
        """Let go of the store. Never raises."""
        self._database.close()

    def _make_room(self) -> None:
        """Empty the log, whose room a deletion on a full disk then has."""
        with contextlib.suppress(StoreError):
            self._database.empty_log()

    def _transcript(self, row: tuple[Any, ...]) -> Transcript:
        number, started_text, title, opening, sentences, bookmarks, translations, duration_s, complete = row
        folder = self._database.path.parent
        state: State = "complete"
        if not complete:
            state = "recording" if is_recording(folder, number) else "interrupted"
        audio = audio_path(folder, number)
        return Transcript(
            id=number,
            title=title or default_title(opening),
            started=datetime.fromisoformat(started_text),
            duration_s=duration_s,
            sentences=sentences,
            bookmarks=bookmarks,
            translations=translations,
            state=state,
            audio=audio if audio.exists() else None,
        )
