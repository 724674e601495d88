"""The bound glasses in the store."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from host.store.database import DATABASE_NAME
from host.store.glasses import BoundPair, GlassesStore, bound_pairs

MINE = BoundPair("4F:52:41:4D:45:46", "", "Frame 4F", "2026-01-02T03:04:05+00:00", frozenset({"lens", "tap"}))
SPARE = BoundPair("C6:11:22:33:44:5A", "", "Robert'); DROP TABLE bound_glasses;--", "2026-01-03T03:04:05+00:00")
LENT = BoundPair("4F:52:41:4D:45:46", "tcp:127.0.0.1:9600", "Frame 4F \ud800", "2026-01-04T03:04:05+00:00")


def test_several_pairs_each_on_its_radio(tmp_path: Path) -> None:
    with contextlib.closing(GlassesStore.open(tmp_path)) as store:
        for pair in (MINE, SPARE, LENT):
            store.bind(pair)
        assert [pair.address for pair in store.all()] == [MINE.address, SPARE.address, LENT.address]
    assert bound_pairs(tmp_path, "") == [MINE, SPARE]
    assert [pair.name for pair in bound_pairs(tmp_path, LENT.radio)] == ["Frame 4F \ufffd"]
    assert bound_pairs(tmp_path, "usb:0") == []
    assert bound_pairs(tmp_path, None) == []


def test_binding_again_replaces_and_forgetting_forgets_one(tmp_path: Path) -> None:
    with contextlib.closing(GlassesStore.open(tmp_path)) as store:
        store.bind(MINE)
        store.bind(LENT)
        later = BoundPair(MINE.address, "", "Frame Z", "2027-01-02T03:04:05+00:00")
        store.bind(later)
        assert store.all()[0] == later
        store.forget([later])
        assert [pair.radio for pair in store.all()] == [LENT.radio]


def test_looking_changes_nothing(tmp_path: Path) -> None:
    """Neither an earlier version of the store, nor one that another program is about to make."""
    with contextlib.closing(GlassesStore.open(tmp_path)) as store:
        store.bind(MINE)
    with contextlib.closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as database:
        database.execute("PRAGMA user_version = 1")
    tmp_path.chmod(0o755)
    assert bound_pairs(tmp_path, "") == [MINE]
    with contextlib.closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / DATABASE_NAME).touch()
    assert bound_pairs(tmp_path / "new", "") == []
    assert (tmp_path / "new" / DATABASE_NAME).stat().st_size == 0


def test_nothing_is_made_where_nothing_was_kept(tmp_path: Path) -> None:
    assert bound_pairs(tmp_path / "data", "") == []
    assert list(tmp_path.iterdir()) == []
