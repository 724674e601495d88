"""A store in an empty folder, and folders that cannot be written."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from host.contracts import JournalEntry
from host.store.journal import SqliteJournal
from host.store.transcripts import Transcripts

STARTED = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def started() -> datetime:
    return STARTED


@pytest.fixture
def store(folder: Path) -> Iterator[Transcripts]:
    with contextlib.closing(Transcripts.open(folder)) as opened:
        yield opened


@pytest.fixture
def recorded(folder: Path) -> Callable[..., int]:
    """Record a complete transcript of these sentences (or entries), two seconds each; its number."""

    def record(*texts: str | JournalEntry) -> int:
        with contextlib.closing(SqliteJournal.open(folder, STARTED)) as journal:
            for i, text in enumerate(texts):
                is_entry = isinstance(text, JournalEntry)
                journal.add(text if is_entry else JournalEntry("sentence", 2.0 * i, 2.0 * i + 1.5, text, "en"))
            return journal.id

    return record


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of two mebibytes."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root on Linux")
    mounted = Path(tempfile.mkdtemp())
    try:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mounted], check=False).returncode != 0:
            pytest.skip("mounting is not allowed here")
        try:
            yield mounted
        finally:
            subprocess.run(["umount", mounted], check=True)
    finally:
        shutil.rmtree(mounted)


@pytest.fixture
def as_ordinary_user() -> Callable[[], contextlib.AbstractContextManager[None]]:
    """A block in which permissions hold, for whoever runs the tests as root."""
    if sys.platform == "win32":
        pytest.skip("POSIX permissions")

    @contextlib.contextmanager
    def ordinary() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    return ordinary


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can reach, unlike pytest's own."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)
