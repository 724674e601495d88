"""The database: opened, brought up to date, written in transactions; SQLite's errors become sentences here.

WAL, so that readers and a writer do not wait for each other; synchronous=FULL, so that a commit is on the disk when
it returns; secure_delete, so that what is deleted is overwritten.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

from host.errors import DiskFullError, StoreError
from host.store.private import explained, make_private_file, make_private_folder
from host.store.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION

__all__ = ["DATABASE_NAME", "Database", "storable"]

T = TypeVar("T")

DATABASE_NAME = "sidelight.db"

# Another program may be overwriting a deleted transcript; a store of 150 hours of talk takes it a few seconds.
_BUSY_TIMEOUT_S = 20.0

# Whoever only looks does not wait for a writer for long; WAL makes readers wait at all only while it is set up.
_LOOK_TIMEOUT_S = 1.0

# Virtual machine instructions of SQLite between two looks at the clock: some tenths of a millisecond.
_STEPS_BETWEEN_LOOKS = 10_000

# Two programs that make the same new database WAL get "locked" at once, without the time-out above.
_WAL_RETRY_S = 0.02

# Pages of the write-ahead log after which it is moved into the database: half a mebibyte, some ten sentences. SQLite's
# own 1000 would take four mebibytes of a disk that is nearly full; a sentence every few seconds feels no difference.
_LOG_PAGES = 128

# Below this an I/O error on the disk is taken for what it is most likely to be: SQLite cannot grow its shared
# memory file (32 KiB) on a full disk, and calls it an I/O error.
_NEARLY_FULL_BYTES = 1 << 20


class Database:
    """An open database; one object a thread at a time. `path` is its file."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the database in that folder, made if it is not there, and bring it to this program's version.

        Raises:
            StoreError: folder or file cannot be used, are damaged, another program's, or a newer Sidelight's.
            DiskFullError: no room to make it.
        """
        path = folder / DATABASE_NAME
        make_private_folder(folder)
        with explained(f"the transcripts in {path}"):
            # SQLite would make it with the umask's permissions; -wal and -shm take those of the database.
            make_private_file(path)
        with _translated(path):
            # Rows are read by whoever calls; sqlite3 serialises calls, so a worker thread may make them.
            connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
            try:
                _prepare(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Open the database that is in that folder to look at it: nothing is made, changed or brought up to date.

        Not read-only for SQLite, which would leave its log and shared memory behind.

        Raises:
            StoreError: as `open`; also where there is none.
        """
        path = folder / DATABASE_NAME
        with _translated(path):
            where = f"{path.absolute().as_uri()}?mode=rw"
            connection = sqlite3.connect(where, uri=True, timeout=_LOOK_TIMEOUT_S, isolation_level=None)
            try:
                connection.execute("PRAGMA query_only = ON")
                _check_owner(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    def is_whole(self, within_s: float) -> bool:
        """Whether SQLite finds the file whole; False where it was not through with it in time.

        Raises:
            StoreError: it is damaged, or cannot be read.
        """
        deadline = time.monotonic() + within_s
        self._connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
        try:
            with _translated(self.path):
                rows = self._connection.execute("PRAGMA quick_check(1)").fetchall()
        except StoreError:
            if time.monotonic() > deadline:
                return False
            raise
        finally:
            self._connection.set_progress_handler(None, 0)
        if rows != [("ok",)]:
            raise _damaged(self.path)
        return True

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a SELECT. Raises StoreError."""
        with _translated(self.path):
            return self._connection.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything in the block is on the disk when it ends, or nothing of it.

        Raises:
            DiskFullError: no room; the next transaction works when there is some.
            StoreError: it cannot be written; what was there is untouched.
        """
        with _translated(self.path), _transaction(self._connection):
            yield self._connection

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` gives, in a transaction; on a full disk it is done again once the log's room has been had back.

        Raises:
            DiskFullError, StoreError: as `transaction`.
        """
        try:
            with self.transaction() as connection:
                return work(connection)
        except DiskFullError:
            with contextlib.suppress(StoreError):
                self.empty_log()
            with self.transaction() as connection:
                return work(connection)

    def shrink(self) -> None:
        """Give free pages back and empty the write-ahead log, so that nothing deleted is left in either file.

        Raises:
            DiskFullError: no room for the copy this makes.
            StoreError: another program is in the way.
        """
        with _translated(self.path):
            self._connection.execute("VACUUM")
        self.empty_log()

    def empty_log(self) -> None:
        """Move everything from the write-ahead log into the database file. Raises StoreError."""
        busy, *_ = self.query("PRAGMA wal_checkpoint(TRUNCATE)")[0]
        if busy:
            raise _busy(self.path)

    def close(self) -> None:
        """Release it; repeated calls do nothing. Never raises: what was committed stays committed."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()


def storable(text: str) -> str:
    """The text without what is no Unicode text: pairs of surrogates joined, lone ones replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Check whose database it is, set the connection up, migrate."""
    _check_owner(connection, path)
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    if _pragma(connection, "user_version") < SCHEMA_VERSION:
        with _transaction(connection):
            # Read again: another program may have migrated while this one waited for the lock.
            for statements in MIGRATIONS[_pragma(connection, "user_version") :]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    with _read_snapshot(connection):
        owner, version = _pragma(connection, "application_id"), _pragma(connection, "user_version")
        empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if owner != APPLICATION_ID and not (owner == 0 and version == 0 and empty):
        raise StoreError(
            f"{path} is another program's database", "Move it away, or set SIDELIGHT_HOME to another folder"
        )
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer Sidelight (schema {version}, this program knows {SCHEMA_VERSION})",
            "Update with: pip install --upgrade sidelight",
        )


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY_S)
        else:
            return


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextlib.contextmanager
def _read_snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite has rolled back by itself after some errors
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours; a mistake in our own SQL stays what it is."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise
    except sqlite3.DatabaseError as error:
        raise _explain(error, path) from error


def _explain(error: sqlite3.DatabaseError, path: Path) -> StoreError:
    code = _primary(error)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _nearly_full(path)):
        return DiskFullError(
            f"no room left on the disk for {path}", "Free some room there; what was saved before is safe"
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return _busy(path)
    elsewhere = "set SIDELIGHT_HOME to another folder"
    match code:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damaged(path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            message, hint = f"cannot write {path}: permission denied", f"Make it writable for you, or {elsewhere}"
        case sqlite3.SQLITE_IOERR:
            message, hint = f"cannot write {path}: input/output error", f"Check that disk and its quota, or {elsewhere}"
        case _:
            message, hint = f"cannot use {path}: {error}", f"Check that disk, or {elsewhere}"
    return StoreError(message, hint)


def _primary(error: sqlite3.Error) -> int:
    """The error's code without its extension (the upper bits say more about the same thing)."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _damaged(path: Path) -> StoreError:
    return StoreError(
        f"{path} is damaged, or is no database",
        f"Move it away and a new one is made; `sqlite3 {path.name} .recover` may bring back what was in it",
    )


def _busy(path: Path) -> StoreError:
    return StoreError(f"another program has kept {path} locked for too long", "Close it, then try again")


def _nearly_full(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return shutil.disk_usage(path.parent).free < _NEARLY_FULL_BYTES
    return False
