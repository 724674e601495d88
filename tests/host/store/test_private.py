"""Folders and files that are closed to others from their first moment on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from host.store.private import make_private_folder, write_private_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")


def test_no_folder_is_open_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    closed = Path.chmod

    def watched(path: Path, mode: int) -> None:
        seen.append(path.stat().st_mode & 0o777)
        closed(path, mode)

    monkeypatch.setattr(Path, "chmod", watched)
    before = os.umask(0)
    try:
        make_private_folder(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert seen == [0o700, 0o700]


def test_a_strict_umask_does_not_lock_its_owner_out(tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        make_private_folder(tmp_path / "a")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700


def test_a_file_is_closed_though_it_replaces_an_open_one(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_bytes(b"old")
    file.chmod(0o666)
    write_private_file(file, b"new", replace=True)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o600)
    with pytest.raises(FileExistsError):
        write_private_file(file, b"newer", replace=False)
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]
