"""What is said of folder, disk and database: on disks that are full or read-only, of files that are damaged."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from host.app.doctor import storage as storage_file
from host.app.doctor.checkup import Checkup
from host.app.doctor.examination import examine
from host.app.doctor.storage import storage
from host.config import Settings
from host.contracts import JournalEntry
from host.errors import StoreError
from host.store.database import DATABASE_NAME, Database
from host.store.journal import SqliteJournal

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "data"


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of sixteen mebibytes, where everything is kept."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a disk needs root on Linux")
    mounted = tmp_path / "disk"
    mounted.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", mounted], check=False).returncode != 0:
        pytest.skip("mounting is not allowed here")
    monkeypatch.setenv("SIDELIGHT_HOME", str(mounted))
    try:
        yield mounted
    finally:
        subprocess.run(["umount", mounted], check=True)


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Permissions hold in this block, whoever runs the tests."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def found():
    checkup = Checkup(settings=Settings())
    return {finding.check: finding for finding in examine(checkup, lambda: 0.0, {"storage": storage})}


def recorded(data: Path, *, close: bool = True) -> SqliteJournal:
    journal = SqliteJournal.open(data, datetime(2026, 1, 2, tzinfo=UTC))
    journal.add(JournalEntry("sentence", 0.0, 1.0, "a secret", "en"))
    if close:
        journal.close()
    return journal


def test_nothing_is_there_yet_and_nothing_is_made(data):
    findings = found()
    assert {f.state for f in findings.values()} == {"ok"}
    assert findings["data folder"].message == f"{data} is made when it is needed"
    assert findings["transcripts"].message == "there are none yet"
    assert not data.parent.exists()


@on_posix
def test_a_store_in_order_is_left_as_it_is(data):
    recorded(data)
    before = sorted((p.name, p.stat().st_mtime_ns, p.stat().st_size) for p in data.iterdir())
    findings = found()
    assert {f.state for f in findings.values()} == {"ok"}
    assert findings["data folder"].message == f"{data}, for you alone"
    assert findings["transcripts"].message == "1 are kept"
    assert "whole" in findings["database"].message
    assert sorted((p.name, p.stat().st_mtime_ns, p.stat().st_size) for p in data.iterdir()) == before


@on_posix
def test_a_folder_that_others_may_look_into(data):
    recorded(data)
    data.chmod(0o755)
    finding = found()["data folder"]
    assert (finding.state, finding.fix) == ("missing", f"Run: chmod 700 {data}")


@on_posix
def test_a_folder_of_somebody_else(monkeypatch):
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)  # everybody can reach it, unlike pytest's own
        monkeypatch.setenv("SIDELIGHT_HOME", home)
        data = Path(home) / "data"
        data.mkdir()
        data.chmod(0o555)
        with as_nobody():
            finding = found()["data folder"]
    assert finding.state == "broken"
    assert finding.message == f"nothing can be kept in {data}: it is not writable for you"
    assert finding.fix.startswith(f'Run: sudo chown -R "$USER" {data}, or')


def test_a_read_only_disk(disk):
    (disk / "data").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    finding = found()["data folder"]
    assert finding.message == f"nothing can be kept in {disk / 'data'}: the disk is read-only"
    assert finding.state == "broken"


def test_a_full_disk_and_one_with_little_room(disk, monkeypatch):
    finding = found()["disk"]
    assert (finding.state, finding.message) == ("broken", "only 16 MB are free, so a recording would soon stop")
    monkeypatch.setattr(storage_file, "_FULL", 1 << 20)
    finding = found()["disk"]
    assert finding.state == "missing"
    assert finding.message.startswith("16 MB are free: enough for words")


def test_a_file_where_the_folder_must_be(data):
    data.parent.mkdir()
    data.write_text("what?")
    finding = found()["data folder"]
    assert (finding.state, finding.message) == ("broken", f"{data} is a file where a folder must be")


def test_a_home_that_is_a_file(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("what?")
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "file"))
    finding = found()["storage"]
    assert (finding.state, finding.message) == ("broken", f"SIDELIGHT_HOME names a file, {tmp_path / 'file'}")


@pytest.mark.parametrize("damage", ["header", "pages"])
def test_a_damaged_database(data, damage):
    journal = SqliteJournal.open(data, datetime(2026, 1, 2, tzinfo=UTC))
    for second in range(400):
        journal.add(JournalEntry("sentence", second, second + 1, f"{second} " + "word " * 60, "en"))
    journal.close()
    path = data / DATABASE_NAME
    content = bytearray(path.read_bytes())
    if damage == "header":
        content[:100] = b"x" * 100
    else:
        for page in range(4, len(content) // 4096):
            content[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    path.write_bytes(content)
    finding = found()["storage"]
    assert (finding.state, finding.message) == ("broken", f"{path} is damaged, or is no database")
    assert ".recover" in finding.fix


@pytest.mark.parametrize(("pragma", "message"), [
    ("application_id = 7", "another program's database"),
    ("user_version = 99", "was written by a newer Sidelight"),
])  # fmt: skip
def test_a_database_that_is_not_for_this_program(data, pragma, message):
    recorded(data)
    with contextlib.closing(sqlite3.connect(data / DATABASE_NAME)) as connection:
        connection.execute(f"PRAGMA {pragma}")
    finding = found()["storage"]
    assert finding.state == "broken"
    assert message in finding.message


def test_a_database_of_an_earlier_version_is_not_brought_up_to_date(data):
    recorded(data)
    with contextlib.closing(sqlite3.connect(data / DATABASE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 0")
    assert "brought up to date when they are next used" in found()["transcripts"].message
    with contextlib.closing(sqlite3.connect(data / DATABASE_NAME)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)


def test_a_database_too_large_to_be_gone_through(data, monkeypatch):
    journal = SqliteJournal.open(data, datetime(2026, 1, 2, tzinfo=UTC))
    for second in range(400):
        journal.add(JournalEntry("sentence", second, second + 1, "word " * 60, "en"))
    journal.close()
    monkeypatch.setattr(storage_file, "_LOOK_S", 0.0)
    finding = found()["database"]
    assert finding.state == "unknown"
    assert "PRAGMA quick_check" in finding.fix
    assert found()["transcripts"].state == "ok"


def test_transcripts_that_are_recorded_or_were_interrupted(data):
    for _ in range(7):
        recorded(data, close=False)._lock.release()  # as the system does when a program dies
    journal = recorded(data, close=False)
    findings = found()
    journal.close()
    assert findings["transcripts"].message == "8 are kept; 8 being recorded"
    said = "7, 6, 5, 4, 3 and 2 more: the program ended early; what was said before is saved"
    assert findings["interrupted transcripts"].message == said
    assert findings["interrupted transcripts"].state == "ok"


def test_to_look_needs_a_database(data):
    with pytest.raises(StoreError):
        Database.read(data)
    assert not data.exists()
