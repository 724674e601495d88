"""Keys in a real terminal: bookmarks and pauses while it runs, and the terminal as it was, whatever ends it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from host.cli.keys import plain

pexpect = pytest.importorskip("pexpect", reason="there are no such terminals on Windows")

ROOT = Path(__file__).parents[3]
WAIT_S = 60.0  # far more than any step takes
HINT = "keys: b bookmark, p pause and go on"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    sound = np.random.default_rng(1).normal(0, 300, 600 * 16000).astype(np.int16)
    soundfile.write(tmp_path / "talk.wav", sound, 16000)
    lines = [f"{n / 2:.2f} {n / 2 + 0.4:.2f} word{n}\n\n" for n in range(1, 1200)]
    (tmp_path / "script.txt").write_text("".join(lines), encoding="utf-8")
    return tmp_path


def command(home, *more):
    return [
        "-m", "host.cli", "transcribe", "--glasses", f"emulator:frame?mic={home / 'talk.wav'}",
        "--transcriber", "scripted", "--model", str(home / "script.txt"), *more,
    ]  # fmt: skip


@contextlib.contextmanager
def terminal(home, *more):
    child = pexpect.spawn(sys.executable, command(home, *more), encoding="utf-8", timeout=WAIT_S, dimensions=(24, 120))
    try:
        yield child
    finally:
        child.close(force=True)


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("bp", "bp"),
        ("\x1b[A\x1b[Bb\x1b[C", "b"),  # arrows
        ("\x1bOPp\x1bOR", "p"),  # F1, F3
        ("\x1b[15~b\x1b[3;5~", "b"),  # F5, Ctrl-Delete
        ("\x1bb", ""),  # Alt-b
        ("\x1b", ""),
        ("b\x1b[1;", "b"),
        ("\x1b\x1b[Bü", "ü"),  # Escape, then an arrow: what Alt and an arrow send, too
    ],
)
def test_keys_that_are_no_characters_are_none(typed, keys):
    assert plain(typed) == keys


def is_cooked(child) -> bool:
    """Whether the terminal waits for Enter and shows what is typed."""
    import termios  # noqa: PLC0415 - not on Windows

    local = termios.tcgetattr(child.child_fd)[3]
    return bool(local & termios.ICANON and local & termios.ECHO)


def kept() -> list[str]:
    """The kinds and reasons of what is in transcript 1, in order of time, without sentences."""
    shown = subprocess.run(
        [sys.executable, "-m", "host.cli", "transcripts", "show", "1", "--json"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    events = [json.loads(line) for line in shown.stdout.splitlines()]
    return [e.get("reason", e["event"]) for e in events if e["event"] in {"bookmark", "gap"}]


def test_keys_set_bookmarks_and_pause_and_the_terminal_is_given_back(home):
    with terminal(home) as child:
        child.expect_exact(HINT)
        assert not is_cooked(child)
        child.expect("word1")
        child.send("\x1b[B\x1bOP")  # arrow down, F1
        child.send("b")
        child.expect(r"\(bookmark\)")
        child.send("p")
        child.expect("paused: nothing is heard")
        child.send("xP")  # one that means nothing, and a capital
        child.expect("listening again")
        child.sendintr()
        child.expect("saved: transcript 1")
        child.expect(pexpect.EOF)
        assert is_cooked(child)
        child.wait()
        assert child.exitstatus == 130
    assert kept()[0] == "bookmark"
    assert kept().count("bookmark") == 1
    assert kept().count("paused") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_gives_the_terminal_back(home, number):
    with terminal(home) as child:
        child.expect_exact(HINT)
        os.kill(child.pid, number)
        child.expect(pexpect.EOF)
        assert is_cooked(child)


def test_stopped_and_continued_it_gives_the_terminal_back_and_takes_it_again(home):
    with terminal(home) as child:
        child.expect_exact(HINT)
        os.kill(child.pid, signal.SIGTSTP)
        _until(lambda: is_cooked(child))
        os.kill(child.pid, signal.SIGCONT)
        _until(lambda: not is_cooked(child))
        child.send("b")
        child.expect(r"\(bookmark\)")
        child.sendintr()
        child.expect(pexpect.EOF)
        assert is_cooked(child)


@pytest.mark.parametrize("flag", ["--json", "--plain"])
def test_there_are_no_keys_where_a_script_reads(home, flag):
    with terminal(home, flag) as child:
        child.expect("word1")
        assert is_cooked(child)
        child.sendintr()
        child.expect(pexpect.EOF)
        assert "keys:" not in child.before


def _until(holds):
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
