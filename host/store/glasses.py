"""The glasses that this computer keeps to: bound once by `sidelight setup`, several if there are several."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from host.store.database import DATABASE_NAME, Database, storable

__all__ = ["BoundPair", "GlassesStore", "bound_pairs"]


@dataclass(frozen=True, slots=True)
class BoundPair:
    """One pair.

    Attributes:
        address: Bluetooth address, or the system's identifier; as the radio gives it.
        radio: over which it is reached: empty for the system's, else as `via=` names it; "emulator".
        name: as it advertised itself; text from outside.
        bound: when, ISO 8601 with its offset.
        tests: names of the tests that it has passed.
    """

    address: str
    radio: str
    name: str
    bound: str
    tests: frozenset[str] = frozenset()


class GlassesStore:
    """The table of bound pairs; close it, or use it in a `contextlib.closing`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the store in that folder, made if it is not there. Raises StoreError, DiskFullError."""
        return cls(Database.open(folder))

    def all(self) -> list[BoundPair]:
        """Every pair, those bound first before others. Raises StoreError."""
        return _pairs(self._database)

    def bind(self, pair: BoundPair) -> None:
        """Keep to this pair, too; one of the same address and radio is replaced. Raises StoreError, DiskFullError."""
        values = (pair.address, pair.radio, storable(pair.name), pair.bound, " ".join(sorted(pair.tests)))
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO bound_glasses (address, radio, name, bound, tests) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (address, radio) DO UPDATE SET name = excluded.name, bound = excluded.bound,"
                " tests = excluded.tests",
                values,
            )

    def forget(self, pairs: Iterable[BoundPair]) -> None:
        """Keep to these no more. Raises StoreError."""
        with self._database.transaction() as connection:
            for pair in pairs:
                connection.execute(
                    "DELETE FROM bound_glasses WHERE address = ? AND radio = ?", (pair.address, pair.radio)
                )

    def close(self) -> None:
        """Release the database. Repeated calls do nothing. Never raises."""
        self._database.close()


def bound_pairs(folder: Path, radio: str | None) -> list[BoundPair]:
    """The pairs bound on a radio, or none where nothing was ever kept in that folder; nothing is made or changed there.

    Raises:
        StoreError: what is kept cannot be read.
    """
    if radio is None or not (folder / DATABASE_NAME).exists():
        return []
    with contextlib.closing(Database.read(folder)) as database:
        if database.query("PRAGMA user_version")[0][0] == 0:  # made a moment ago by another program, or killed with it
            return []
        return [pair for pair in _pairs(database) if pair.radio == radio]


def _pairs(database: Database) -> list[BoundPair]:
    rows = database.query("SELECT address, radio, name, bound, tests FROM bound_glasses ORDER BY rowid")
    return [BoundPair(row[0], row[1], row[2], row[3], frozenset(row[4].split())) for row in rows]
