"""Folders that appear whole: put, replaced, removed, and what a program leaves that is killed at any of these."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from pathlib import Path

import pytest

from host.errors import DownloadError, StoreError
from host.store.whole_folders import WholeFolders, bytes_in


class Killed(BaseException):
    """Nothing catches it, as nothing catches the end of a process."""


@pytest.fixture
def folders(tmp_path):
    return WholeFolders(tmp_path / "things", ".making", lambda name: DownloadError(f"{name} is busy"))


def put(folders: WholeFolders, name: str, content: bytes) -> Path:
    with folders.making(name) as place:
        ready = place / "ready"
        ready.mkdir()
        (ready / "content").write_bytes(content)
        return folders.put(name, ready, "record.json", b"{}")


def test_one_is_put_replaced_and_removed(folders):
    assert not folders.is_there("a")
    place = put(folders, "a", b"old")
    assert put(folders, "a", b"newer") == place
    assert sorted((p.name, p.read_bytes()) for p in place.iterdir()) == [("content", b"newer"), ("record.json", b"{}")]
    assert folders.is_there("a")
    assert folders.remove("a") == len(b"newer{}")
    assert not folders.is_there("a")
    assert not bytes_in(folders.root)


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
def test_it_is_closed_to_others(folders):
    put(folders, "a", b"x")
    assert stat.S_IMODE(folders.root.stat().st_mode) == 0o700
    assert stat.S_IMODE((folders.root / "a" / "record.json").stat().st_mode) == 0o600


def test_one_program_at_a_time(folders):
    with folders.making("a") as place:
        with pytest.raises(DownloadError, match="a is busy"):
            folders.remove("a")
        assert place.is_dir()  # empty so far, and not the other's to remove
        with folders.making("b"):
            pass
    put(folders, "a", b"x")


def test_what_was_begun_is_there_the_next_time(folders):
    with folders.making("a") as place:
        (place / "part").write_bytes(b"half")
    assert folders.is_there("a")
    with folders.making("a") as place:
        assert (place / "part").read_bytes() == b"half"
    assert folders.remove("a") == 4


@contextlib.contextmanager
def killed_after(monkeypatch, steps: int):
    """What is done within ends after so many steps, each a renaming or an erasing of something that is there."""
    rename, rmtree, done = Path.rename, shutil.rmtree, []

    def step(path):
        if path.exists():
            if len(done) == steps:
                raise Killed
            done.append(path)

    def renamed(path, target):
        step(path)
        return rename(path, target)

    def erased(path, **options):
        step(path)
        rmtree(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", renamed)
        patch.setattr(shutil, "rmtree", erased)
        yield


@pytest.mark.parametrize(("steps", "left"), [(0, b"old"), (1, b"old"), (2, b"new")])
def test_killed_while_it_is_replaced_the_old_or_the_new_one_is_there_with_the_next_call(
    folders, monkeypatch, steps, left
):
    put(folders, "a", b"old")
    with killed_after(monkeypatch, steps), pytest.raises(Killed):
        put(folders, "a", b"new")
    with folders.making("a") as place:
        assert not (place / "old").exists()
    assert (folders.root / "a" / "content").read_bytes() == left


@pytest.mark.parametrize(("steps", "there"), [(0, True), (1, False)])
def test_killed_while_it_is_removed_it_is_there_whole_or_gone_with_the_next_call(folders, monkeypatch, steps, there):
    put(folders, "a", b"x")
    with killed_after(monkeypatch, steps), pytest.raises(Killed):
        folders.remove("a")
    with folders.making("a"):
        pass
    assert folders.is_there("a") == there
    assert not there or (folders.root / "a" / "content").read_bytes() == b"x"


def test_what_cannot_be_made_is_said(folders):
    folders.root.write_bytes(b"")
    with pytest.raises(StoreError, match="things"), folders.making("a"):
        pass


def test_what_cannot_be_put_leaves_what_was_there(folders, monkeypatch):
    place = put(folders, "a", b"old")
    renamed = Path.rename

    def refuse(path, target):
        if path.name == "ready":
            raise OSError(5, os.strerror(5))
        return renamed(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StoreError, match="input/output error"):
        put(folders, "a", b"new")
    assert (place / "content").read_bytes() == b"old"
