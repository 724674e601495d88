"""`sidelight erase`: everything of ours goes, nothing of anybody else's."""

from __future__ import annotations

import errno
import io
import json
import os
import pty
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from host.cli.program import main
from host.contracts import JournalEntry
from host.store.erasing import holdings
from host.store.journal import SqliteJournal


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    data, config = tmp_path / "home" / "data", tmp_path / "home" / "config"
    with_words(data)
    (data / "audio").mkdir()
    (data / "audio" / "1.flac").write_bytes(b"fLaC" * 100)
    (data / "models" / "small").mkdir(parents=True)
    (data / "models" / "small" / "weights.bin").write_bytes(bytes(1000))
    config.mkdir()
    (config / "config.toml").write_text('language = "en"\n')
    (config / ".0123456789abcdef.part").write_text("killed while it was written")
    return tmp_path / "home"


def with_words(data):
    journal = SqliteJournal.open(data, datetime(2026, 1, 2, tzinfo=UTC), "")
    journal.add(JournalEntry("sentence", 0.0, 1.0, "a secret", "en"))
    return journal.close()


def test_everything_of_ours_is_gone(home, capsys):
    assert main(["erase", "--yes", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {event["what"] for event in events} == {
        "transcripts, prices and bound glasses",
        "sound",
        "models",
        "settings",
        "unfinished files",
    }
    assert list(home.rglob("*")) == []
    assert main(["erase", "--yes"]) == 0
    assert "nothing to erase" in capsys.readouterr().err


def test_what_is_not_ours_stays_and_is_named(home, capsys, tmp_path):
    (home / "data" / "thesis.odt").write_text("years of work")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "big.bin").touch()
    (home / "data" / "maps").symlink_to(elsewhere)
    assert main(["erase", "--yes"]) == 0
    assert [path.name for path in home.rglob("*") if path.is_file()] == ["thesis.odt"]
    assert (elsewhere / "big.bin").exists()
    assert not (home / "data" / "maps").is_symlink()
    assert "thesis.odt" in capsys.readouterr().err


def test_not_while_something_is_recorded(home, capsys):
    journal = SqliteJournal.open(home / "data", datetime(2026, 1, 2, tzinfo=UTC), "")
    before = sorted(home.rglob("*"))
    assert main(["erase", "--yes"]) == 2
    assert f"transcript {journal.id} is being recorded" in capsys.readouterr().err
    assert sorted(home.rglob("*")) == before
    journal.close()


def test_what_is_gone_is_said_though_the_rest_cannot_be_removed(home, capsys, monkeypatch):
    removed = shutil.rmtree

    def fails(path):
        if path.name == "models":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        removed(path)

    monkeypatch.setattr(shutil, "rmtree", fails)
    assert main(["erase", "--yes"]) == 1
    said = capsys.readouterr()
    assert said.out == f"erased: sound, {home / 'data' / 'audio'}\n"
    assert f"cannot write {home / 'data' / 'models'}: permission denied" in said.err
    assert (home / "config" / "config.toml").exists()


def test_a_data_folder_that_is_a_link(home, capsys, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    (home / "data").rename(elsewhere)
    (home / "data").symlink_to(elsewhere)
    assert main(["erase", "--yes"]) == 0
    assert list(elsewhere.iterdir()) == []
    assert "error" not in capsys.readouterr().err


def test_a_file_that_goes_away_while_it_is_looked_at(home, monkeypatch):
    monkeypatch.setattr(Path, "lstat", lambda path: os.lstat(f"{path}.gone"))
    assert {holding.size_bytes for holding in holdings(home / "data", home / "config")[0]} == {0}


def test_a_service_that_stays_is_named(home, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    unit = tmp_path / "xdg" / "systemd" / "user" / "sidelight.service"
    unit.parent.mkdir(parents=True)
    unit.touch()
    assert main(["erase", "--yes"]) == 0
    assert "the service of systemd is still there" in capsys.readouterr().err


def test_a_folder_that_cannot_be_changed(home, capsys):
    if os.geteuid() == 0:
        pytest.skip("root may change everything")
    (home / "config").chmod(0o500)
    assert main(["erase", "--yes"]) == 1
    assert "permission denied" in capsys.readouterr().err


def test_without_a_terminal_it_does_not_guess(home, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["erase"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert (home / "config" / "config.toml").exists()


@pytest.mark.parametrize(("answer", "code"), [(b"\n", 1), (b"n\n", 1), (b"y\n", 0)])
def test_it_asks_and_shows_what_it_would_erase(home, answer, code):
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "host.cli", "erase"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "SIDELIGHT_HOME": str(home)},
    )
    os.write(ours, answer)
    said, _ = program.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)
    assert program.returncode == code
    assert b"0.0 MB  sound: " in said
    assert (home / "data" / "audio").exists() == (code == 1)
