"""Glasses that another program has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from host.app.in_use import alone_with
from host.cli.program import main
from host.errors import UsageError

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    return tmp_path


def test_they_are_for_one_at_a_time_and_free_behind_it():
    with alone_with("ble:"), pytest.raises(UsageError, match="in use by another sidelight"), alone_with(" ble:"):
        pass
    with alone_with("ble:"), alone_with("ble:Frame 4F"):
        pass


def test_emulated_ones_are_each_programs_own():
    with alone_with("emulator:frame"), alone_with("emulator:frame"):
        pass


def test_where_no_lock_can_be_made_nothing_is_told_apart(home):
    (home / "run").write_text("in the way")
    with alone_with("ble:"), alone_with("ble:"):
        pass


@pytest.mark.parametrize("verb", ["run", "transcribe", "price"])
def test_a_user_is_told_at_once(verb, capsys):
    with alone_with("ble:"):
        assert main([verb, "--glasses", "ble:"]) == 2
    said = "error: these glasses are in use by another sidelight. End that one first, or name another pair: --glasses\n"
    assert capsys.readouterr().err.endswith(said)


def test_a_program_that_was_killed_holds_nothing(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    hold = "from host.app.in_use import alone_with\nwith alone_with('ble:'): print(1, flush=True); input()"
    held = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert held.stdout.readline()
    with pytest.raises(UsageError), alone_with("ble:"):
        pass
    held.kill()
    held.communicate()
    with alone_with("ble:"):
        pass
