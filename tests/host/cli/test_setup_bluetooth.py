"""`sidelight setup` and `devices` over Bluetooth, without a radio: pair, bind, and refuse a stranger."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from setup_runs import ROOT, SETTLED, ended, own_home, terminal, written

from firmware_bridge import link_ble
from host.cli import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return own_home(tmp_path, monkeypatch)


class Lent:
    """An emulated Frame in a process of its own, that this computer reaches over Bluetooth."""

    def __init__(self, options: str) -> None:
        words = [sys.executable, str(ROOT / "tests" / "lent_frame.py"), f"emulator:frame{options}"]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.glasses = f"ble:?via={self._process.stdout.readline().strip()}"

    def do(self, order: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def lent(options: str = "") -> Iterator[Lent]:
    pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")
    it = Lent(options)
    try:
        yield it
    finally:
        it.end()


def test_pair_bind_and_refuse_a_stranger(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with lent() as frame:
        with terminal("setup", "--glasses", frame.glasses, "--skip-tests") as child:
            child.expect("looking for glasses")
            child.expect("pairing")
            child.expect(r"Frame 4F \(4F:52:41:4D:45:46\) is paired and bound; ble: means it and no other")
            child.expect(r"Which language is spoken around you \(or auto\)\? \[de\]")
            child.sendline("Klingon")
            child.expect("\r\n'Klingon' is no language. Write a code")  # no flag was wrong
            child.expect(r"\[de\]")
            child.sendline("English")
            child.expect(r"language do you read, for translations\? \[de\]")
            child.sendline("")
            child.expect(r"currency, for prices abroad\? \[EUR\]")
            child.sendline("")
            child.expect("models that fit this computer, best first")
            child.expect(r"Get which one \(number, name or none\)\? \[none\]")
            child.sendline("99")
            child.expect("a number from 1 to")
            child.sendline("none")
            child.expect("configuration +ok")
            assert ended(child) == 0
        assert written(home) == {
            "glasses": frame.glasses,
            "language": "en",
            "translate": {"to": "de"},
            "currency": "EUR",
            "transcriber": "auto",
        }
        with terminal("setup", "--skip-tests") as child:  # nothing is asked twice
            child.expect("glasses +known +Frame 4F")
            assert ended(child) == 0
            assert "?" not in child.before

        assert frame.do("stranger") == "done"
        assert main(["devices", "--seconds", "2", "--json"]) == 0
        seen = {event["address"]: event for event in map(json.loads, capsys.readouterr().out.splitlines())}
        assert {address: (event["device"], event["bound"], event["bonded"]) for address, event in seen.items()} == {
            "4F:52:41:4D:45:46": ("Frame 4F", True, True),
            "AA:52:41:4D:45:46": ("Frame 4F", False, False),
        }
        assert frame.do("off") == "done"
        with monkeypatch.context() as patched:
            patched.setattr(link_ble, "SCAN_S", 2.0)  # only the stranger comes, however long it looks
            assert main(["setup", "--again", "tap", "--json"]) == 1
        error = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert error["message"] == "your glasses are not in range: Frame 4F (4F:52:41:4D:45:46)"
        assert "In range: Frame 4F (AA:52:41:4D:45:46" in error["hint"]
        assert "has the same name and is another device; it was left alone" in error["hint"]
        assert frame.do("stranger 4F:52:41:4D:45:46") == "done"
        assert main(["setup", "--again", "tap", "--json"]) == 1
        error = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert "does not have the bond of your glasses, so nothing was sent to it" in error["message"]
        assert frame.do("written") == "0"


def test_a_bond_that_the_glasses_lost_and_a_pair_that_is_unbound(capsys: pytest.CaptureFixture[str]) -> None:
    with lent() as frame:
        assert main(["setup", "--glasses", frame.glasses, "--skip-tests", *SETTLED]) == 0
        assert main(["devices", "--battery", "--seconds", "1"]) == 0
        assert "bound, bonded, battery 80 %" in capsys.readouterr().out
        frame.do("button")
        assert main(["transcribe"]) == 1
        assert "does not have the bond of your glasses" in capsys.readouterr().err
        assert main(["devices", "--forget", "Frame 5A"]) == 2
        assert "Bound are: 'Frame 4F' ('4F:52:41:4D:45:46')" in capsys.readouterr().err
        assert main(["devices", "--forget", "frame 4f"]) == 0
        assert "is not bound any more" in capsys.readouterr().out


def test_several_pairs_in_range(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lent() as frame:
        frame.do("stranger")
        assert main(["setup", "--glasses", frame.glasses, "--skip-tests", *SETTLED]) == 1
        said = capsys.readouterr().err
        assert "2 pairs of glasses are in range: Frame 4F (4F:52:41:4D:45:46, -50 dBm)" in said
        assert "Give the address of one" in said
        assert not (home / "config").exists()
        with terminal("setup", "--glasses", frame.glasses, "--skip-tests", *SETTLED) as child:
            child.expect(r"1  Frame 4F \(4F:52:41:4D:45:46\), -50 dBm")
            child.expect(r"Which are yours \(number\)\? \[1\]")
            child.sendline("3")
            child.expect("a number from 1 to 2")
            child.sendline("1")
            child.expect("is paired and bound")
            assert ended(child) == 0


def test_glasses_that_are_bonded_to_another_computer(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lent("?paired=other") as frame:
        assert main(["setup", "--glasses", frame.glasses, "--skip-tests", *SETTLED]) == 1
    assert "refused to pair with this computer, most likely because it is bonded to another" in capsys.readouterr().err
    assert not (home / "config").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is Linux only")
def test_a_computer_whose_bluetooth_service_is_not_running(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        pytest.skip("dbus-daemon is not installed: apt install dbus")
    arguments = [daemon, "--session", "--nofork", "--nopidfile", "--print-address"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as bus:
        assert bus.stdout is not None
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.stdout.readline().strip())
        for verb in (["setup", "--skip-tests", *SETTLED], ["devices", "--seconds", "1"]):
            assert main(verb) == 1
            said = capsys.readouterr().err
            assert "the Bluetooth service is not running. Start it with 'sudo systemctl start bluetooth'" in said
        bus.terminate()
