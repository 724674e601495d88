"""The computer stays awake, by a stand-in for systemd-inhibit that does what it is told as the real one does."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from host.awake import awake

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-in is that of Linux")

HOLDS = """#!/bin/sh
echo "$@" > "$(dirname "$0")/asked"
while [ "${1#--}" != "$1" ]; do shift; done
echo $$ > "$(dirname "$0")/pid"
"$@"
echo ended > "$(dirname "$0")/ended"
"""
REFUSES = "#!/bin/sh\necho 'Failed to inhibit: Access denied' >&2\nexit 1\n"
RECORDS = """
import asyncio
from host.awake import awake
async def main():
    async with awake("x") as held:
        print(held, flush=True)
        await asyncio.sleep(99)
asyncio.run(main())
"""
IGNORES = "#!/bin/sh\nexec sleep 1000\n"


@pytest.fixture
def inhibit(tmp_path, monkeypatch):
    def placed(script):
        (tmp_path / "systemd-inhibit").write_text(script)
        (tmp_path / "systemd-inhibit").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return tmp_path

    return placed


def held_while(body=lambda: None):
    async def main():
        async with awake("recording a transcript; rm -rf $HOME") as held:
            body()
            return held

    return asyncio.run(main())


def test_the_lock_is_held_and_let_go(inhibit):
    folder = inhibit(HOLDS)
    assert held_while(lambda: (folder / "ended").exists() and pytest.fail("ended too early"))
    assert (folder / "ended").exists()
    asked = (folder / "asked").read_text()
    assert "--what=sleep:idle --who=Sidelight --why=recording a transcript; rm -rf $HOME --mode=block" in asked


def test_a_system_that_refuses(inhibit):
    inhibit(REFUSES)
    assert held_while() is False


def test_a_program_that_cannot_be_started_costs_no_recording(inhibit):
    inhibit("\x7fELF, or so it says")
    assert held_while() is False


def test_a_system_that_has_no_such_lock(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert held_while() is True


def test_a_lock_that_hangs_is_given_up(inhibit, monkeypatch):
    inhibit(IGNORES)
    monkeypatch.setattr("host.awake._ANSWER_S", 0.1)
    assert held_while() is False


def test_the_lock_ends_with_a_program_that_is_killed(inhibit):
    folder = inhibit(HOLDS)
    program = subprocess.Popen(
        [sys.executable, "-c", RECORDS],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert program.stdout.readline() == "True\n"
    program.send_signal(signal.SIGKILL)
    program.communicate()
    until = time.monotonic() + 10
    while not (folder / "ended").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert (folder / "ended").exists()
