"""What can be wrong with the data folder: one sentence each, with what to do next, and nothing lost."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sqlite3
import sys
from datetime import UTC, datetime

import pytest

from host.contracts import JournalEntry
from host.errors import DiskFullError, StoreError, UsageError
from host.store import database as database_module
from host.store.database import Database
from host.store.journal import SqliteJournal
from host.store.schema import APPLICATION_ID, SCHEMA_VERSION
from host.store.transcripts import Transcripts

STARTED = datetime(2026, 3, 1, tzinfo=UTC)
LONG = "many words " * 400


def sentence(i: int, text: str = LONG) -> JournalEntry:
    return JournalEntry("sentence", i, i + 1, f"{i} {text}")


def assert_says(error: pytest.ExceptionInfo[StoreError], message: str, hint: str) -> None:
    assert message in error.value.message
    assert hint in error.value.hint
    assert "\n" not in error.value.message


def fill(journal: SqliteJournal) -> int:
    """Add until the disk is full; how many fitted."""
    fitted = 0
    with pytest.raises(DiskFullError) as error:  # noqa: PT012 - which of them fails is the disk's business
        for fitted in range(10_000):
            journal.add(sentence(fitted))
    assert_says(error, "no room left on the disk for", "Free some room there; what was saved before is safe")
    return fitted


def test_disk_full_keeps_what_was_and_goes_on_with_room(small_disk):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))
    journal = SqliteJournal.open(small_disk / "data", STARTED)
    fitted = fill(journal)
    assert fitted > 20
    with pytest.raises(DiskFullError):
        journal.add(sentence(fitted))
    ballast.unlink()
    for i in range(fitted, fitted + 5):
        journal.add(sentence(i))
    journal.close()
    with contextlib.closing(Transcripts.open(small_disk / "data")) as store:
        assert [e.text for e in store.entries(journal.id)] == [sentence(i).text for i in range(fitted + 5)]
        assert store.get(journal.id).state == "complete"
        assert len(store.search("words")) == fitted + 5


def test_closing_on_a_full_disk_keeps_everything(small_disk):
    journal = SqliteJournal.open(small_disk, STARTED)
    fitted = fill(journal)
    with contextlib.suppress(OSError), (small_disk / "rest").open("wb", buffering=0) as rest:
        while rest.write(bytes(4096)):
            pass
    with contextlib.suppress(DiskFullError):
        journal.close()
    (small_disk / "rest").unlink()
    with contextlib.closing(Transcripts.open(small_disk)) as store:
        assert len(store.entries(journal.id)) == fitted
        assert store.get(journal.id).state in {"complete", "interrupted"}


def test_a_deletion_without_room_deletes_nothing(small_disk):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_200_000))
    journal = SqliteJournal.open(small_disk, STARTED)
    fitted = fill(journal)
    with contextlib.suppress(DiskFullError):
        journal.close()
    with contextlib.closing(Transcripts.open(small_disk)) as store:
        with pytest.raises(DiskFullError) as error:
            store.delete([journal.id])
        assert_says(error, "no room left on the disk for", "Free some room there")
        assert len(store.entries(journal.id)) == fitted
        ballast.unlink()
        store.delete([journal.id])
        assert store.all() == []


def test_no_room_to_begin_with(small_disk):
    (small_disk / "ballast").write_bytes(bytes(2 * 1024 * 1024))
    with pytest.raises(DiskFullError) as error:
        SqliteJournal.open(small_disk / "data", STARTED)
    assert_says(error, "no room left on the disk for", "Free some room there")


def test_a_full_database_is_a_full_disk(folder):
    """SQLite's own page limit gives the same error on every system, without a mount."""
    journal = SqliteJournal.open(folder, STARTED)
    pages = journal._database.query("PRAGMA page_count")[0][0]
    journal._database.query(f"PRAGMA max_page_count = {pages + 20}")
    fitted = fill(journal)
    assert fitted > 2
    journal._database.query("PRAGMA max_page_count = 100000")
    journal.add(sentence(fitted))
    journal.close()
    with contextlib.closing(Transcripts.open(folder)) as store:
        assert len(store.entries(journal.id)) == fitted + 1


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits")
def test_a_limit_on_file_size(folder):
    journal = SqliteJournal.open(folder, STARTED)
    journal.add(sentence(0))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, hard))
    try:
        with pytest.raises(StoreError) as error:  # noqa: PT012 - which of them fails is the limit's business
            for i in range(1, 100):
                journal.add(sentence(i))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert_says(error, "cannot write", "Check that disk and its quota")
    journal.add(sentence(i))
    journal.close()
    with contextlib.closing(Transcripts.open(folder)) as store:
        assert [e.text for e in store.entries(journal.id)] == [sentence(j).text for j in range(i + 1)]


def test_an_unwritable_place(open_folder, as_ordinary_user):
    open_folder.chmod(0o555)
    with as_ordinary_user(), pytest.raises(StoreError) as error:
        SqliteJournal.open(open_folder / "data", STARTED)
    assert_says(error, f"cannot write the data folder {open_folder / 'data'}: permission denied", "SIDELIGHT_HOME")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs root to make another user's file")
def test_a_database_that_is_another_users(open_folder, as_ordinary_user):
    with contextlib.closing(Transcripts.open(open_folder)):
        pass
    open_folder.chmod(0o777)
    with as_ordinary_user(), pytest.raises(StoreError) as error:
        Transcripts.open(open_folder)
    assert_says(error, "permission denied", "Make it writable for you, or set SIDELIGHT_HOME to another folder")


def test_a_read_only_file(open_folder, as_ordinary_user):
    if os.geteuid() == 0:
        os.chown(open_folder, 65534, 65534)
    with as_ordinary_user():
        with contextlib.closing(SqliteJournal.open(open_folder, STARTED)) as journal:
            journal.add(sentence(0))
        database = open_folder / "sidelight.db"
        database.chmod(0o400)
        with pytest.raises(StoreError) as error:
            Transcripts.open(open_folder)
    assert_says(error, f"cannot write the transcripts in {database}: permission denied", "Make it writable for you")


def test_a_database_that_becomes_read_only(folder, store):
    store._database.query("PRAGMA query_only = ON")
    with pytest.raises(StoreError) as error, store._database.transaction() as connection:
        connection.execute("DELETE FROM transcript")
    assert_says(error, "cannot write", "Make it writable for you")


@pytest.mark.parametrize("place", [".", "inside"])
def test_the_folder_is_a_file(tmp_path, place):
    (tmp_path / "data").write_text("a letter")
    with pytest.raises(StoreError) as error:
        Transcripts.open(tmp_path / "data" / place)
    assert_says(error, "is a file where a folder must be", "Move it away, or set SIDELIGHT_HOME to another folder")
    assert (tmp_path / "data").read_text() == "a letter"


def test_the_database_is_a_folder(folder):
    (folder / "sidelight.db").mkdir(parents=True)
    with pytest.raises(StoreError) as error:
        Transcripts.open(folder)
    assert_says(error, "sidelight.db is a folder", "Move it away")


@pytest.mark.parametrize(
    "content", [b"this is a letter, not a database\n" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database(folder, content):
    folder.mkdir()
    (folder / "sidelight.db").write_bytes(content)
    with pytest.raises(StoreError) as error:
        Transcripts.open(folder)
    assert_says(error, "is damaged, or is no database", "Move it away and a new one is made")
    assert (folder / "sidelight.db").read_bytes() == content


def test_a_database_damaged_inside(folder, recorded):
    number = recorded(*[f"sentence {i} {LONG}" for i in range(50)])
    path = folder / "sidelight.db"
    damaged = bytearray(path.read_bytes())
    damaged[3 * 4096 :] = b"\xa5" * (len(damaged) - 3 * 4096)
    path.write_bytes(damaged)
    with pytest.raises(StoreError) as error, contextlib.closing(Transcripts.open(folder)) as store:
        store.entries(number)
    assert_says(error, "is damaged", ".recover")


def test_another_programs_database(folder):
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / "sidelight.db")) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(StoreError) as error:
        Transcripts.open(folder)
    assert_says(error, "is another program's database", "Move it away")


def test_a_newer_database(folder, store):
    with store._database.transaction() as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StoreError) as error:
        Transcripts.open(folder)
    assert_says(
        error,
        f"was written by a newer Sidelight (schema {SCHEMA_VERSION + 1}, this program knows {SCHEMA_VERSION})",
        "pip install --upgrade sidelight",
    )


def test_the_database_names_its_owner_and_version(folder, store):
    assert store._database.query("PRAGMA application_id") == [(APPLICATION_ID,)]
    assert store._database.query("PRAGMA user_version") == [(SCHEMA_VERSION,)]
    header = (folder / "sidelight.db").read_bytes()[:100]
    assert header[68:72] in {b"SDLT", bytes(4)}  # still in the log perhaps
    assert APPLICATION_ID.to_bytes(4, "big") == b"SDLT"


def test_an_older_database_is_brought_up_to_date(folder, recorded, monkeypatch):
    number = recorded("kept")
    extra = ("CREATE TABLE price (amount TEXT)", "INSERT INTO price VALUES ('1.50')")
    monkeypatch.setattr(database_module, "MIGRATIONS", (*database_module.MIGRATIONS, extra))
    monkeypatch.setattr(database_module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    for _ in range(2):  # the second time there is nothing to do
        with contextlib.closing(Transcripts.open(folder)) as store:
            assert store._database.query("SELECT * FROM price") == [("1.50",)]
            assert store._database.query("PRAGMA user_version") == [(SCHEMA_VERSION + 1,)]
            assert [e.text for e in store.entries(number)] == ["kept"]


def test_a_migration_that_fails_leaves_the_old_database(folder, recorded, monkeypatch):
    number = recorded("kept")
    broken = ("CREATE TABLE price (amount TEXT)", "INSERT INTO nowhere VALUES (1)")
    with monkeypatch.context() as patch:
        patch.setattr(database_module, "MIGRATIONS", (*database_module.MIGRATIONS, broken))
        patch.setattr(database_module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
        with pytest.raises(StoreError, match="nowhere"):
            Transcripts.open(folder)
    with contextlib.closing(Transcripts.open(folder)) as store:
        assert [e.text for e in store.entries(number)] == ["kept"]
        assert store._database.query("SELECT name FROM sqlite_master WHERE name = 'price'") == []


def test_a_database_locked_for_too_long(folder, store, monkeypatch):
    monkeypatch.setattr(database_module, "_BUSY_TIMEOUT_S", 0.05)
    journal = SqliteJournal.open(folder, STARTED)
    with store._database.transaction(), pytest.raises(StoreError) as error:
        journal.add(sentence(0))
    assert_says(error, "another program has kept", "Close it, then try again")
    journal.add(sentence(0))
    journal.close()
    assert len(store.entries(journal.id)) == 1


def test_deleted_though_a_reader_keeps_the_old_pages(folder, recorded, monkeypatch):
    number = recorded("a secret")
    monkeypatch.setattr(database_module, "_BUSY_TIMEOUT_S", 0.05)
    with contextlib.closing(Transcripts.open(folder)) as store, contextlib.closing(Database.open(folder)) as reader:
        reader._connection.execute("BEGIN")
        reader.query("SELECT * FROM entry")
        with pytest.raises(StoreError) as error:
            store.delete([number])
        assert_says(error, "deleted, but the words may be readable in", "when the last Sidelight program ends")
        assert store.all() == []
    assert b"secret" not in (folder / "sidelight.db").read_bytes()


def test_a_recording_is_not_deleted_under_its_writer(folder, store):
    journal = SqliteJournal.open(folder, STARTED)
    with pytest.raises(UsageError) as error:
        store.delete([journal.id])
    assert (error.value.message, error.value.hint) == (
        f"transcript {journal.id} is being recorded",
        "Stop the recording first",
    )
    journal.add(sentence(0))
    journal.close()
