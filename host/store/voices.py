"""Who speaks in the transcripts: named once by the user, known by voice from then on, forgotten when told to.

What a voice sounds like is kept with the transcript it was heard in, so that it can be named afterwards, and is deleted
with it. It is compared with nothing before that. A voice that was named is remembered beyond its transcript.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from host.contracts import Voice
from host.errors import NoSuchTranscriptError, StoreError, UsageError
from host.store.database import Database, storable
from host.store.liveness import is_recording
from host.store.search import indexed_name
from host.store.transcript import checked_name, is_number
from host.suggest import suggestion

__all__ = ["Known", "Speaker", "Voices", "keep_voices", "relabelled"]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who speaks in a transcript.

    Attributes:
        label: a name, or a number.
        sentences: how many.
        seconds: of speech.
        first_s: when the first sentence begins.
        last_s: when the last one ends.
        sample: the longest sentence.
        voice: whether it is known what the voice sounds like.
    """

    label: str
    sentences: int
    seconds: float
    first_s: float
    last_s: float
    sample: str
    voice: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A voice that is remembered: whose, of how many seconds of speech, from how many transcripts."""

    name: str
    seconds: float
    transcripts: int


class Voices:
    """The speakers of a data folder; close it, or use it in a `contextlib.closing`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the store in that folder, made if it is not there. Raises StoreError, DiskFullError."""
        return cls(Database.open(folder))

    def of(self, transcript_id: int) -> list[Speaker]:
        """Who speaks in a transcript, in the order of their first sentences. Raises StoreError."""
        rows = self._database.query(
            "SELECT speaker, count(*), sum(end_s - start_s), min(start_s), max(end_s),"
            " (SELECT text FROM entry AS longest"
            " WHERE longest.transcript_id = entry.transcript_id AND longest.speaker = entry.speaker"
            " ORDER BY length(text) DESC, id LIMIT 1), EXISTS (SELECT 1 FROM voice"
            " WHERE voice.transcript_id = entry.transcript_id AND label = entry.speaker)"
            " FROM entry WHERE transcript_id = ? AND kind = 'sentence' AND speaker IS NOT NULL"
            " GROUP BY speaker ORDER BY min(start_s)",
            transcript_id,
        )
        return [
            Speaker(label, sentences, seconds, first_s, last_s, sample, bool(voice))
            for label, sentences, seconds, first_s, last_s, sample, voice in rows
        ]

    def name(self, transcript_id: int, *names: tuple[str, str]) -> None:
        """Say who some in a transcript are, one after the other: all of them, or none if one cannot be.

        Their voices are remembered by those names. A number as the name says that two are one, and is the number of
        the other. A name that is there already does, too.

        Args:
            transcript_id: where they speak.
            names: the label of each, and the name.

        Raises:
            UsageError: nobody has that label, the name cannot be used, or the transcript is being recorded.
            NoSuchTranscriptError: there is none.
            StoreError: it cannot be written.
        """
        checked = [(storable(label).strip(), checked_name(storable(name))) for label, name in names]
        if not self._database.query("SELECT 1 FROM transcript WHERE id = ?", transcript_id):
            raise NoSuchTranscriptError(f"there is no transcript {transcript_id}", "See sidelight transcripts list")
        labels = [speaker.label for speaker in self.of(transcript_id)]
        for label, name in checked:
            for wanted in (label, *([name] if is_number(name) else [])):
                if wanted not in labels:
                    there = f"There are {', '.join(labels)}" if labels else "Its speakers were not told apart"
                    near = suggestion(wanted, labels)
                    raise UsageError(f"nobody in transcript {transcript_id} is called {wanted}{near}", there)
            labels = [name if known == label else known for known in labels]  # as they will be by then
        if is_recording(self._database.path.parent, transcript_id):
            raise UsageError(f"transcript {transcript_id} is being recorded", "Stop the recording first")
        with self._database.transaction() as connection:
            for label, name in checked:
                if label != name:
                    relabelled(connection, transcript_id, label, name)
                connection.execute(
                    "UPDATE voice SET named = ? WHERE transcript_id = ? AND label = ?",
                    (int(not is_number(name)), transcript_id, name),
                )

    def known(self) -> list[Known]:
        """The voices that are remembered by name, in the order of the names. Raises StoreError."""
        rows = self._database.query(
            "SELECT label, sum(seconds), count(*) FROM voice WHERE named GROUP BY label ORDER BY label"
        )
        return [Known(*row) for row in rows]

    def remembered(self, model: str) -> list[Voice]:
        """What those who are known by name sound like to a model, one voice each. Raises StoreError."""
        rows = self._database.query(
            "SELECT label, seconds, embedding FROM voice WHERE named AND model = ? ORDER BY label, id", model
        )
        heard: dict[str, list[Voice]] = {}
        for label, seconds, data in rows:
            heard.setdefault(label, []).append(Voice(label, _embedding(data), seconds))
        return [_mean(label, parts) for label, parts in heard.items()]

    def forget(self, name: str) -> None:
        """Forget what somebody's voice sounds like, everywhere. The name stays in the words of transcripts.

        Raises:
            UsageError: no voice is remembered by that name.
            StoreError: cannot be written; or it is forgotten, but another program keeps the old pages from being
                overwritten, as the message says.
        """
        name = " ".join(storable(name).split())
        names = [known.name for known in self.known()]
        if name not in names:
            there = f"There are {', '.join(names)}" if names else "No voice is remembered"
            raise UsageError(f"no voice is remembered as {name}{suggestion(name, names)}", there)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM voice WHERE label = ?", (name,))
        try:
            self._database.shrink()
        except StoreError as error:
            raise StoreError(
                f"forgotten, but it may be readable in {self._database.path} a little longer: {error.message}",
                "It is overwritten when the last Sidelight program ends",
            ) from error

    def close(self) -> None:
        """Let go of the store. Never raises."""
        self._database.close()


def keep_voices(connection: sqlite3.Connection, transcript_id: int, model: str, voices: Sequence[Voice]) -> None:
    """Keep what the voices of a transcript sound like, in place of what was kept before."""
    connection.execute("DELETE FROM voice WHERE transcript_id = ?", (transcript_id,))
    connection.executemany(
        "INSERT INTO voice (transcript_id, label, named, model, seconds, embedding) VALUES (?, ?, 0, ?, ?, ?)",
        [(transcript_id, storable(v.label), model, v.seconds, _data(v.embedding)) for v in voices],
    )


def relabelled(connection: sqlite3.Connection, transcript_id: int, label: str, name: str) -> None:
    """Whoever has this label in the transcript gets that one, sentences and voice; two with one label are one."""
    index = "UPDATE sentence_index SET speaker = ? WHERE rowid IN (SELECT id FROM entry"
    connection.execute(
        f"{index} WHERE transcript_id = ? AND kind = 'sentence' AND speaker = ?)",
        (indexed_name(name), transcript_id, label),
    )
    connection.execute(
        "UPDATE entry SET speaker = ? WHERE transcript_id = ? AND speaker = ?", (name, transcript_id, label)
    )
    rows = connection.execute(
        "SELECT id, model, seconds, embedding FROM voice WHERE transcript_id = ? AND label IN (?, ?)"
        " ORDER BY label = ?",
        (transcript_id, label, name, label),
    ).fetchall()
    if len(rows) == 2:  # of one model: a transcript is recorded with one
        whole = _mean(name, [Voice(name, _embedding(data), seconds) for _, _, seconds, data in rows])
        connection.execute("DELETE FROM voice WHERE id = ?", (rows[1][0],))
        connection.execute(
            "UPDATE voice SET seconds = ?, embedding = ? WHERE id = ?",
            (whole.seconds, _data(whole.embedding), rows[0][0]),
        )
    elif rows:
        connection.execute("UPDATE voice SET label = ? WHERE id = ?", (name, rows[0][0]))


def _mean(label: str, parts: Sequence[Voice]) -> Voice:
    """One voice of several stretches of its speech, each weighted by its length; their length says nothing."""
    total = [0.0] * len(parts[0].embedding)
    for part in parts:
        length = sum(value * value for value in part.embedding) ** 0.5 or 1.0
        for place, value in enumerate(part.embedding[: len(total)]):
            total[place] += value / length * part.seconds
    return Voice(label, tuple(total), sum(part.seconds for part in parts))


def _data(embedding: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(embedding)}f", *embedding)


def _embedding(data: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(data) // 4}f", data)
