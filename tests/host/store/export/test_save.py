"""An exported file: whole or not at all, closed to others, never over another without being told."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from host.errors import DiskFullError, StoreError, UsageError
from host.store.export import save


def test_written_and_closed_to_others(tmp_path):
    before = os.umask(0)
    try:
        save("会议\n", tmp_path / "talk.txt", replace=False)
    finally:
        os.umask(before)
    assert (tmp_path / "talk.txt").read_bytes() == "会议\n".encode()
    assert [p.name for p in tmp_path.iterdir()] == ["talk.txt"]
    if sys.platform != "win32":
        assert oct((tmp_path / "talk.txt").stat().st_mode & 0o777) == "0o600"


def test_a_file_is_replaced_only_when_told_to(tmp_path):
    path = tmp_path / "talk.txt"
    path.write_text("a letter")
    path.chmod(0o644)
    with pytest.raises(UsageError) as error:
        save("talk", path, replace=False)
    assert (error.value.message, error.value.hint) == (f"{path} is there already", "Add --force to replace it")
    assert path.read_text() == "a letter"
    save("talk", path, replace=True)
    assert path.read_text() == "talk"
    assert [p.name for p in tmp_path.iterdir()] == ["talk.txt"]
    if sys.platform != "win32":
        assert oct(path.stat().st_mode & 0o777) == "0o600"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_where_there_are_no_hard_links(tmp_path, monkeypatch):
    def refuse(path: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "not on this file system")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    save("talk", tmp_path / "talk.txt", replace=False)
    with pytest.raises(UsageError, match="is there already"):
        save("other", tmp_path / "talk.txt", replace=False)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("talk.txt", "talk")]


def test_no_folder_and_no_file(tmp_path):
    with pytest.raises(UsageError, match="there is no folder"):
        save("talk", tmp_path / "nowhere" / "talk.txt", replace=True)
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(UsageError, match="is no file") as error:
        save("talk", tmp_path / "folder.txt", replace=True)
    assert error.value.hint == "Give the name of a file, or - for standard output"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a device")
def test_a_device_is_never_replaced():
    with pytest.raises(UsageError, match="/dev/null is no file"):
        save("talk", Path("/dev/null"), replace=True)


def test_a_name_that_the_system_refuses(tmp_path):
    with pytest.raises(StoreError) as error:
        save("talk", tmp_path / ("x" * 300 + ".txt"), replace=False)
    assert "name too long" in error.value.message
    assert error.value.hint == "Check the disk, or write to another place"


def test_an_unwritable_folder(open_folder, as_ordinary_user):
    open_folder.chmod(0o555)
    with as_ordinary_user(), pytest.raises(StoreError) as error:
        save("talk", open_folder / "talk.txt", replace=False)
    assert error.value.message == f"cannot write {open_folder / 'talk.txt'}: permission denied"
    assert error.value.hint == "Make it writable for you, or write to another place"


def test_a_full_disk_leaves_the_old_file(small_disk):
    path = small_disk / "talk.txt"
    path.write_text("old")
    with pytest.raises(DiskFullError) as error:
        save("x" * 3_000_000, path, replace=True)
    assert "no room left on the disk for" in error.value.message
    assert path.read_text() == "old"
    assert [p.name for p in small_disk.iterdir()] == ["talk.txt"]
