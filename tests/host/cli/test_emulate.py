"""`sidelight emulate`, run as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from host.cli import main

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
SIDELIGHT = [sys.executable, "-m", "host.cli", "emulate"]

PROGRAM = """
import asyncio
from firmware_bridge import Glasses, Scene, Text

async def main():
    async with Glasses.open("ble:Frame 4F?via=PLACE") as glasses:
        await glasses.show(Scene((Text(1, 1, 1, "Hello"),)))
        print(glasses.info.name)

asyncio.run(main())
"""


BLEAK_PROGRAM = """
import asyncio
from bleak import BleakClient, BleakScanner

async def main():
    device = await BleakScanner.find_device_by_name("Frame 4F")
    answers = asyncio.Queue()
    async with BleakClient(device, pair=True) as client:
        await client.start_notify("7a230003-5475-a6a4-654c-8431f6ad49c4", lambda _, value: answers.put_nowait(value))
        await client.write_gatt_char("7a230002-5475-a6a4-654c-8431f6ad49c4", b"print(#('x'):rep(50000))")
        print((await answers.get()).decode())

asyncio.run(main())
"""


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*SIDELIGHT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    )


def test_it_says_how_to_reach_it_films_the_lens_and_ends_cleanly(tmp_path: Path) -> None:
    process = started("frame", "--radio", "tcp:127.0.0.1:0", "--lens-out", str(tmp_path / "pictures"), "--json")
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert said["event"] == "emulated"
    assert said["device"] == "Frame 4F"
    place = said["glasses"].removeprefix("ble:?via=")
    assert said["command"] == f"{sys.executable} -m firmware_bridge.bumble_radio {place}"
    (tmp_path / "program.py").write_text(PROGRAM.replace("PLACE", place))
    program = subprocess.run(
        [sys.executable, str(tmp_path / "program.py")], check=True, capture_output=True, text=True, env=ENVIRONMENT
    )
    assert program.stdout == "Frame 4F\n"
    process.send_signal(signal.SIGTERM)  # as Ctrl-C: see program.py
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err == ""
    assert [json.loads(line)["state"] for line in out.splitlines()] == ["ready", "ready", "closed"]
    assert (tmp_path / "pictures" / "lens.gif").read_bytes()[-1:] == b";"


@pytest.mark.parametrize("device", ["frame", "frame?battery=50"])
def test_strict_leaves_the_least_memory(device: str, tmp_path: Path) -> None:
    process = started(device, "--strict", "--radio", "tcp:127.0.0.1:0", "--json")
    assert process.stdout is not None
    command = json.loads(process.stdout.readline())["command"].split()
    (tmp_path / "program.py").write_text(BLEAK_PROGRAM)
    try:
        ran = subprocess.run(
            [*command, str(tmp_path / "program.py")], check=True, capture_output=True, text=True, env=ENVIRONMENT
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert ran.stdout == "not enough memory\n"


def test_a_person_reads_the_two_commands() -> None:
    process = started("frame?name=Frame 7C", "--radio", "tcp:127.0.0.1:0")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    assert lines[0] == "Frame 7C is on the air for the programs of this computer.\n"
    assert "sidelight transcribe --glasses 'ble:?via=tcp:127.0.0.1:" in lines[1]
    assert lines[2].endswith(" program.py\n")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 130


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["fram"], 2, "there is no emulated device 'fram'; did you mean 'frame'?"),
        (["frame?mik=x"], 2, "did you mean 'mic'?"),
        (["frame?speed=max"], 2, "speed=max is not possible over a radio"),
        (["frame", "--radio", "tcp:0.0.0.0:9600"], 2, "'tcp:0.0.0.0:9600' is no radio"),
        (["frame", "--radio", "usb:7f"], 1, "the Bluetooth dongle usb:7f cannot be used: th"),  # none, or no USB
        (["frame?mic=/not/there.wav"], 1, "/not/there.wav"),
        (["frame", "--lens-out", "/dev/null/x"], 1, "cannot make the folder /dev/null/x"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    words: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["emulate", "--radio", "tcp:127.0.0.1:0", *words]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert message in shown.err


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("device not found", "there is none"),
        ("LIBUSB_ERROR_BUSY [-6]", "the system uses it"),
        ("LIBUSB_ERROR_ACCESS [-3]", "this user has no access to it"),
        ("something else", "something else"),
    ],
)
def test_why_a_dongle_cannot_be_used(
    said: str, why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No dongle is at hand: Bumble's error is the only stand-in here."""

    async def fails(_spec: str) -> None:
        raise OSError(said)

    monkeypatch.setattr("bumble.transport.open_transport", fails)
    assert main(["emulate", "frame", "--radio", "usb:0"]) == 1
    assert f"the Bluetooth dongle usb:0 cannot be used: {why}. Plug it in" in capsys.readouterr().err


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert main(["emulate", "frame", "--radio", f"tcp:127.0.0.1:{port}"]) == 1
    assert f"port {port} cannot be used: another program has it" in capsys.readouterr().err
