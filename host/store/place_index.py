"""The index of a map's places: one SQLite file, written once, then only read.

FTS5's unicode61 over folded names (`host/folding.py`), with what a place is as words in a column of its own, so that
"gare" finds a station whose name has no such word. What was asked is always data: every word is a quoted string. The
words of all names stand once more forwards and backwards: a word with one letter wrong has one of its halves right.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Self

from host.contracts import Place
from host.contracts.places import MapPlace, Term
from host.errors import DiskFullError, MapError
from host.folding import folded
from host.store.private import create_private_file

__all__ = ["PlaceIndex", "build_index"]

_APPLICATION_ID: Final = 0x53444C50  # "SDLP"
_VERSION: Final = 1

_TOKENS: Final = "tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'\""
_SCHEMA: Final = (
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_VERSION}",
    """
    CREATE TABLE place (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,                   -- '' where it has none
        kind TEXT NOT NULL,                   -- an OpenStreetMap tag
        lat REAL NOT NULL,
        lon REAL NOT NULL,
        names TEXT NOT NULL,                  -- JSON: {language or kind of name: name}
        address TEXT NOT NULL,
        locality TEXT NOT NULL
    )
    """,
    # Row ids are those of `place`.
    f"CREATE VIRTUAL TABLE words USING fts5 (names, kind, address, content = '', {_TOKENS}, prefix = '2 3')",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, 'col')",
    "CREATE TABLE word (forwards TEXT PRIMARY KEY, backwards TEXT NOT NULL) WITHOUT ROWID",
)
_RAW: Final = """
    CREATE TEMP TABLE raw (
        key TEXT, kind TEXT, name TEXT, lat REAL, lon REAL, names TEXT, address TEXT, locality TEXT
    )
"""
_SHORTEST_CORRECTED: Final = 4  # letters; of three, one letter is a third of the word
_HALVES: Final = 2000  # words that share a half with the one that was asked; more are not looked at


def build_index(
    file: Path, places: Iterable[MapPlace], same: Callable[[Sequence[MapPlace]], Iterable[Sequence[int]]]
) -> int:
    """Write the index; how many places there are in it.

    Args:
        file: where to; must not be there yet.
        places: all of the map.
        same: of places that have a name and a kind in common, those that are one: their numbers, from 0.

    Raises:
        DiskFullError: no room.
        MapError: it cannot be written.
    """
    with _explained(file), contextlib.closing(_made(file)) as connection:
        connection.execute(_RAW)
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_row, places))
        rows = connection.execute("SELECT * FROM raw ORDER BY key, kind, lat, lon")
        count = 0
        for _, group in groupby(rows, key=lambda row: (row[0], row[1])):
            alike = [_place((row[2], row[1], *row[3:])) for row in group]
            for numbers in same(alike):
                count += 1
                _insert(connection, count, _merged([alike[n] for n in numbers]))
        found = connection.execute("SELECT DISTINCT term FROM vocabulary WHERE col IN ('names', 'address')").fetchall()
        terms = (term for (term,) in found if len(term) >= _SHORTEST_CORRECTED - 1 and not term.isdigit())
        connection.executemany("INSERT INTO word VALUES (?, ?)", ((term, term[::-1]) for term in terms))
        connection.execute("CREATE INDEX word_backwards ON word (backwards)")
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        connection.execute("COMMIT")
    return count


class PlaceIndex:
    """An index, open for reading; close it, or use it in a `contextlib.closing`."""

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        self._file, self._connection = file, connection

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open it. Raises MapError: it is not there, damaged, or of another version."""
        with _explained(file):
            connection = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
            try:
                _require_ours(file, connection)
            except BaseException:
                connection.close()
                raise
        return cls(file, connection)

    def find(self, terms: Sequence[Term], *, every: bool, near: Place | None, limit: int) -> list[MapPlace]:
        """The places that have these terms in their names, address or kind, in no order that means anything.

        Args:
            terms: what was asked.
            every: whether a place must have all of them.
            near: of too many, half are the nearest to here.
            limit: how many at most, 1 or more.

        Raises:
            MapError: the index is damaged.
        """
        match = (" AND " if every else " OR ").join(filter(None, map(_expression, terms)))
        if not match:
            return []
        sql = "SELECT rowid FROM words WHERE words MATCH ?"
        with _explained(self._file):
            if near is None:
                rows = self._connection.execute(f"{sql} ORDER BY rank LIMIT ?", (match, limit)).fetchall()
            else:
                rows = self._connection.execute(f"{sql} ORDER BY rank LIMIT ?", (match, limit // 2)).fetchall()
                rows += self._connection.execute(
                    f"SELECT id FROM place WHERE id IN ({sql})"  # noqa: S608 - our own words; what was asked is bound
                    " ORDER BY (lat - ?) * (lat - ?) + (lon - ?) * (lon - ?) * ? LIMIT ?",
                    (match, near.lat, near.lat, near.lon, near.lon, _squeeze(near.lat), limit - limit // 2),
                ).fetchall()
            numbers = sorted({row[0] for row in rows})
            marks = ", ".join("?" * len(numbers))
            return [
                _place(row)
                for row in self._connection.execute(
                    f"SELECT name, kind, lat, lon, names, address, locality FROM place WHERE id IN ({marks})",  # noqa: S608 - question marks
                    numbers,
                )
            ]

    def nearest(self, place: Place, limit: int) -> list[MapPlace]:
        """The places with a name that are nearest to here, nearest first. Raises MapError: the index is damaged."""
        with _explained(self._file):
            rows = self._connection.execute(
                "SELECT name, kind, lat, lon, names, address, locality FROM place WHERE name != ''"
                " ORDER BY (lat - ?) * (lat - ?) + (lon - ?) * (lon - ?) * ? LIMIT ?",
                (place.lat, place.lat, place.lon, place.lon, _squeeze(place.lat), limit),
            ).fetchall()
        return [_place(row) for row in rows]

    def alike(self, word: str) -> list[str]:
        """Words of names that share a half with this one: among them all that differ from it by one letter.

        Args:
            word: folded, in lower case.

        Raises:
            MapError: the index is damaged.
        """
        if len(word) < _SHORTEST_CORRECTED:
            return []
        half = (len(word) - 1) // 2  # two letters that were swapped may be in the middle
        found: dict[str, None] = {}
        with _explained(self._file):
            for column, text in (("forwards", word), ("backwards", word[::-1])):
                begin = text[:half]
                rows = self._connection.execute(
                    f"SELECT forwards FROM word WHERE {column} >= ? AND {column} < ?"  # noqa: S608 - one of two columns
                    " AND length(forwards) BETWEEN ? AND ? LIMIT ?",
                    (begin, begin + "\U0010ffff", len(word) - 1, len(word) + 1, _HALVES),
                )
                found |= dict.fromkeys(row[0] for row in rows)
        return list(found)

    def close(self) -> None:
        """Release the file. Repeated calls do nothing. Never raises."""
        self._connection.close()


def _made(file: Path) -> sqlite3.Connection:
    os.close(create_private_file(file))
    connection = sqlite3.connect(file, isolation_level=None)
    # It appears with its whole folder, and only then is on the disk for good.
    for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", *_SCHEMA):
        connection.execute(statement)
    return connection


def _require_ours(file: Path, connection: sqlite3.Connection) -> None:
    held = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if held != _APPLICATION_ID or version != _VERSION:
        raise MapError(f"{file} is no index of places of this version", "Add the map again")


def _row(place: MapPlace) -> tuple[Any, ...]:
    names = json.dumps(dict(place.names), ensure_ascii=False)
    key = _text(place.name) or _text(place.address)
    stored = (_storable(place.name), place.place.lat, place.place.lon, _storable(names))
    return (key, _storable(place.kind), *stored, _storable(place.address), _storable(place.locality))


def _insert(connection: sqlite3.Connection, number: int, place: MapPlace) -> None:
    row = _row(place)
    connection.execute("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (number, row[2], row[1], *row[3:]))
    names = " . ".join(dict.fromkeys(map(_text, (place.name, *place.names.values()))))
    kind = place.kind.replace("=", " ").replace("_", " ")
    connection.execute(
        "INSERT INTO words (rowid, names, kind, address) VALUES (?, ?, ?, ?)",
        (number, names, kind, _text(f"{place.address} {place.locality}")),
    )


def _merged(places: Sequence[MapPlace]) -> MapPlace:
    """One place of several: that in their middle, with the names of all."""
    lat = sum(p.place.lat for p in places) / len(places)
    lon = sum(p.place.lon for p in places) / len(places)
    squeeze = _squeeze(lat)
    middle = min(places, key=lambda p: (p.place.lat - lat) ** 2 + (p.place.lon - lon) ** 2 * squeeze)
    names = {key: name for place in reversed(places) for key, name in place.names.items()}
    address = middle.address or next((p.address for p in places if p.address), "")
    locality = middle.locality or next((p.locality for p in places if p.locality), "")
    return MapPlace(
        name=middle.name, kind=middle.kind, place=middle.place, names=names, address=address, locality=locality
    )


def _expression(term: Term) -> str:
    """A term in FTS5's language."""
    texts = [text for text in map(_text, term.texts) if _has_word(text)]
    # A number is meant as it is: house 12 is not house 126.
    parts = [f'{{names address}} : "{_quoted(text)}"{"" if text[-1].isdigit() else " *"}' for text in texts]
    parts += [f'kind : "{_quoted(kind.replace("=", " ").replace("_", " "))}"' for kind in term.kinds]
    return f"({' OR '.join(parts)})" if parts else ""


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def _text(text: str) -> str:
    """As it is in the index."""
    return folded(_storable(text)).casefold()


def _has_word(text: str) -> bool:
    """Whether the tokenizer finds anything in it."""
    return any(unicodedata.category(c)[0] in "LN" for c in text)


def _storable(text: str) -> str:
    """Without what SQLite does not take: a lone surrogate, a zero byte."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")


def _place(row: Sequence[Any]) -> MapPlace:
    name, kind, lat, lon, names, address, locality = row
    return MapPlace(
        name=name, kind=kind, place=Place(lat, lon), names=json.loads(names), address=address, locality=locality
    )


def _squeeze(lat: float) -> float:
    """How much less a degree to the east is than one to the north, squared."""
    return math.cos(math.radians(lat)) ** 2


@contextlib.contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if "full" in str(error):
            raise DiskFullError(
                f"no room left on the disk for {file.name}", f"Free some room at {file.parent}"
            ) from error
        raise MapError(f"the index of places {file} cannot be used: {error}", "Add the map again") from error
    except (ValueError, OSError) as error:
        raise MapError(f"the index of places {file} cannot be used: {error}", "Add the map again") from error
