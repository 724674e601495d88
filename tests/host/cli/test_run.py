"""`sidelight run` as a user has it: in a real terminal, asked by `sidelight do`, and whatever ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from host.paths import data_folder
from host.store.transcripts import Transcripts

pexpect = pytest.importorskip("pexpect", reason="there are no such terminals on Windows")
pytest.importorskip("lupa")

ROOT = Path(__file__).parents[3]
WAIT_S = 120.0  # far more than any step takes


@pytest.fixture
def home(tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("r")  # the path of a socket is short
    monkeypatch.setenv("SIDELIGHT_HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    soundfile.write(home / "talk.wav", np.full(300 * 16000, 2000, np.int16), 16000)
    (home / "script.txt").write_text("0.5 1 Hello\n\n2 3 Again\n\n4 290 Endless\n\n")
    return home


def sidelight(*words) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "host.cli", *map(str, words)],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=WAIT_S,
    )  # fmt: skip


@contextlib.contextmanager
def running(home, *more):
    """The program in a terminal, once it has heard something."""
    words = [
        "-m", "host.cli", "run", "--glasses", f"emulator:frame?mic={home / 'talk.wav'}",
        "--transcriber", "scripted", "--model", str(home / "script.txt"), *more,
    ]  # fmt: skip
    child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=WAIT_S, dimensions=(24, 120), cwd=ROOT)
    try:
        child.expect_exact("0:00:00  Hello")
        yield child
    finally:
        if not child.closed:
            child.close(force=True)


def saved() -> list[str]:
    """What is in the newest transcript: sentences, and the kinds of the rest."""
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        newest = max(one.id for one in store.all())
        return [one.text if one.kind == "sentence" else one.kind for one in store.entries(newest)]


def test_asked_by_a_script_and_ended_in_the_terminal(home):
    with running(home) as child:
        assert sidelight("do", "bookmark").stdout == "bookmark set\n"
        child.expect_exact("script: bookmark set")
        child.expect_exact("(bookmark)")
        refused = sidelight("do", "where-am-i")
        assert refused.returncode == 1
        assert refused.stderr == "error: it is not known where you are: navigate.position\n"
        assert "end needs a tap" in sidelight("do", "end").stderr
        misspelt = sidelight("do", "pirce").stderr
        assert misspelt.startswith("error: there is no action 'pirce'; did you mean price? There are price, ")
        second = sidelight("run", "--glasses", "emulator:frame")
        assert second.returncode == 2
        assert "error: sidelight run is running already. End it first, or ask it for something: " in second.stderr
        child.expect_exact("Again")
        child.sendintr()
        child.expect_exact("saved: transcript 1")
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == 130
    assert "sidelight run is not running" in sidelight("do", "bookmark").stderr
    assert not list((home / "run").glob("*.sock"))
    assert saved()[:3] == ["Hello", "bookmark", "Again"]


def test_a_terminal_that_is_closed_saves_everything(home):
    with running(home) as child:
        os.close(child.child_fd)
        end = time.monotonic() + WAIT_S
        while child.isalive():
            assert time.monotonic() < end
            time.sleep(0.1)
        child.closed = True  # we closed it
        assert child.exitstatus is not None
    assert saved()[0] == "Hello"
    assert not list((home / "run").glob("*.sock"))


def test_killed_it_leaves_a_socket_that_is_no_obstacle(home):
    with running(home) as child:
        os.kill(child.pid, signal.SIGKILL)
        child.expect(pexpect.EOF)
    assert (home / "run" / "run.sock").exists()
    assert "sidelight run is not running" in sidelight("do", "bookmark").stderr
    with running(home) as child:
        assert sidelight("do", "bookmark").stdout == "bookmark set\n"
        os.kill(child.pid, signal.SIGTERM)
        child.expect_exact("saved: transcript 2")
        child.expect(pexpect.EOF)
    assert saved()[:2] == ["Hello", "bookmark"]


def test_a_broken_configuration_is_said_with_its_line(home):
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text('[taps]\ntriple = "batery"\n')
    said = sidelight("run")
    assert said.returncode == 2
    where = home / "config" / "config.toml"
    assert f"error: {where}, line 2: taps.triple cannot be batery; did you mean battery? It is one of " in said.stderr
