"""Each thing that `doctor` looks at, in the states that it can be in, brought about for real where that is possible."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import locale
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from checkups import found, states
from fake_bluetoothd import FakeBluetoothd, message_bus

from firmware_bridge import GlassesInfo, LinkLostError
from host.app import lens_text
from host.app.doctor import computer as computer_file
from host.app.doctor import glasses as glasses_file
from host.app.doctor import microphone as microphone_file
from host.app.doctor import program as program_file
from host.app.doctor.checkup import Checkup, broken, ok
from host.app.doctor.computer import computer
from host.app.doctor.examination import EXAMINATIONS, examine
from host.app.doctor.glasses import emulated_glasses, glasses
from host.app.doctor.lens import lens
from host.app.doctor.microphone import microphone
from host.app.doctor.program import program
from host.config import Settings
from host.errors import StoreError, UsageError
from host.events import Notice, to_json
from host.fonts import FontFile, Fonts
from host.scripts import SCRIPTS
from host.store.glasses import BoundPair, GlassesStore

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
EMULATED = Settings(glasses="emulator:frame")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


# --- all of them ------------------------------------------------------------------------------------------------


def test_a_finding_knows_its_feature_and_its_time():
    both = {"one": lambda _: [ok("a", "fine")], "two": lambda _: [broken("b", "bad", "mend it")]}
    first, second = examine(Checkup(settings=Settings()), lambda: 1.5, both)
    assert (first.feature, first.check, first.state, first.t) == ("one", "a", "ok", 1.5)
    assert json.loads(to_json(second)) == {
        "event": "finding", "t": 1.5, "feature": "two", "check": "b", "state": "broken", "message": "bad",
        "fix": "mend it",
    }  # fmt: skip


@pytest.mark.parametrize(("error", "state", "message", "fix"), [
    (StoreError("no room", "make some"), "broken", "no room", "make some"),
    (LinkLostError("gone", "come back"), "broken", "gone", "come back"),
    (ZeroDivisionError("x"), "unknown", "this could not be examined: ZeroDivisionError: x",
     "This is a bug; --log debug shows where"),
])  # fmt: skip
def test_an_examination_that_fails_does_not_hide_the_others(error, state, message, fix):
    def fails(_checkup):
        yield ok("before", "fine")
        raise error

    before, failed, after = examine(
        Checkup(settings=Settings()), lambda: 0.0, {"one": fails, "two": lambda _: [ok("after", "fine")]}
    )
    assert (failed.feature, failed.state, failed.message, failed.fix) == ("one", state, message, fix)
    assert (before.check, after.check) == ("before", "after")


def test_every_feature_that_is_here_is_examined():
    assert {"program", "glasses", "captions", "lens text", "storage", "this computer's microphone"} <= set(EXAMINATIONS)


# --- this program -----------------------------------------------------------------------------------------------


def test_the_program_itself(home):
    findings = found(program)
    assert states(findings) | {"sidelight": "", "python": "", "page": ""} == {
        "sidelight": "", "python": "", "packages": "ok", "page": "", "configuration": "ok",
    }  # fmt: skip
    assert "bleak 3." in findings["packages"].message
    assert "the defaults; there is no" in findings["configuration"].message
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text('language = "de"\n')
    assert "read from" in found(program)["configuration"].message


def test_a_python_that_nobody_tried(monkeypatch):
    monkeypatch.setattr(program_file, "_NEWEST", (3, 10))
    python = found(program)["python"]
    assert (python.state, python.fix) == ("unknown", "Use Python 3.10 if it fails")


def test_a_configuration_that_cannot_be_used():
    refused = UsageError("config.toml, line 3: unknown setting lines", "Known are ...")
    configuration = found(program, Checkup(settings=Settings(), refused=refused))["configuration"]
    assert configuration.state == "broken"
    assert (configuration.message, configuration.fix) == (refused.message, refused.hint)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_keys_that_others_may_read(home):
    (home / "config").mkdir(parents=True)
    secrets = home / "config" / "service.env"
    secrets.write_text("SIDELIGHT_OPENAI_API_KEY=...")
    secrets.chmod(0o644)
    keys = found(program)["keys"]
    assert (keys.state, keys.fix) == ("broken", f"Run: chmod 600 {secrets}")
    secrets.chmod(0o600)
    assert "keys" not in found(program)


# --- the glasses ------------------------------------------------------------------------------------------------


@on_linux
@pytest.mark.parametrize(("address", "daemon", "condition"), [
    ("ble:", FakeBluetoothd(powered=False), "broken"),
    ("ble:?via=tcp:127.0.0.1:9", FakeBluetoothd(powered=False), "missing"),
    ("emulator:frame", FakeBluetoothd(powered=False), "missing"),
    ("none", FakeBluetoothd(powered=False), "missing"),
    ("ble:", FakeBluetoothd(), "ok"),
])  # fmt: skip
def test_bluetooth_matters_where_it_is_used(monkeypatch, address, daemon, condition):
    async def main():
        async with message_bus(monkeypatch) as bus, daemon.running(bus):
            return await asyncio.to_thread(found, glasses, glasses=address)

    findings = asyncio.run(main())
    assert findings["power"].state == condition
    if address == "none":
        assert "glasses" not in findings
    else:
        assert findings["glasses"].state == "unknown"
        assert findings["glasses"].message == "the glasses were not connected to"


def test_glasses_are_asked_about_themselves_only_if_named():
    findings = found(glasses, Checkup(settings=replace(EMULATED, glasses="emulator:frame?speed=max"), connect=True))
    assert findings["glasses"].message == "connected to 'Frame 4F'"
    assert findings["MTU"].message == "247: a packet carries 244 bytes"
    assert findings["battery"].state == "ok"
    assert findings["firmware"].message == "v25.278.1113"
    assert "Latin letters only" in findings["known limits of the firmware"].message
    assert findings["memory"].state == "ok"


def test_what_is_known_of_halo():
    findings = found(glasses, Checkup(settings=replace(EMULATED, glasses="emulator:halo?speed=max"), connect=True))
    assert findings["MTU"].state == "ok"
    assert (findings["firmware"].state, findings["firmware"].message) == ("ok", "0.8.8")
    assert "ASCII" in findings["known limits of the firmware"].message


def test_glasses_of_somebody_else_are_told(monkeypatch):
    info = GlassesInfo("Frame 7A", "frame", "Frame v25.278.1113", 640, 400, 64 << 10, 244)
    others = Notice(t=0.0, code="not-bound", message="these are not your glasses: Frame 7A", hint="Bind them")

    async def met(_address, _record):
        return info, 80, others

    monkeypatch.setattr(glasses_file, "_met", met)
    whose = found(glasses, Checkup(settings=Settings(glasses="ble:Frame 7A"), connect=True))["whose they are"]
    assert (whose.state, whose.message, whose.fix) == ("missing", others.message, others.hint)


def test_glasses_in_a_bad_way():
    worst = GlassesInfo("\x1b[2J" + "x" * 200, "frame", "Frame v24.179.0818", 640, 400, 8 << 10, 20)
    findings = {finding.check: finding for finding in glasses_file._of_glasses(worst, 7)}
    assert "\x1b" not in findings["glasses"].message
    assert len(findings["glasses"].message) < 100
    assert findings["MTU"].message == "a packet carries 20 bytes instead of 244, so everything is slow"
    assert (findings["battery"].message, findings["battery"].state) == ("7 % is little", "missing")
    assert "a bug that an update mends" in findings["firmware"].message
    assert findings["memory"].message == "only 8 KiB are free"
    assert all(findings[check].fix for check in ("MTU", "battery", "firmware", "memory"))
    stranger = {f.check: f for f in glasses_file._of_firmware("\x1b[31mHalo v99")}
    assert stranger["firmware"].state == "unknown"
    assert "\x1b" not in stranger["firmware"].message
    assert next(iter(glasses_file._of_firmware("Frame v99.1.1"))).message.endswith(
        "than what Sidelight was written for"
    )


def test_whose_glasses_are_meant(home):
    bound = found(glasses)["bound glasses"]
    assert (bound.state, bound.fix) == ("missing", "Run: sidelight setup")
    assert not home.exists()
    with contextlib.closing(GlassesStore.open(home / "data")) as store:
        store.bind(BoundPair("C6:11:22:33:44:4F", "", "Frame \x1b[2J4F", "2026-01-02T00:00:00+00:00"))
    bound = found(glasses)["bound glasses"]
    assert (bound.state, bound.message) == ("ok", "'Frame \\x1b[2J4F'")
    elsewhere = found(glasses, glasses="ble:?via=tcp:127.0.0.1:9")["bound glasses"]
    assert (elsewhere.state, elsewhere.fix) == ("missing", "Run: sidelight setup --glasses 'ble:?via=tcp:127.0.0.1:9'")
    assert "bound glasses" not in found(glasses, glasses="emulator:frame")


@pytest.mark.parametrize(("address", "check", "state"), [
    ("ble:", "emulator", "missing"),
    ("emulator:frame", "emulator", "broken"),
    ("ble:", "Bluetooth without the system's", "missing"),
    ("ble:?via=tcp:127.0.0.1:9", "Bluetooth without the system's", "broken"),
])  # fmt: skip
def test_extras_matter_where_they_are_used(monkeypatch, address, check, state):
    for name in ("lupa", "bumble"):
        monkeypatch.setitem(sys.modules, name, None)
    finding = found(emulated_glasses, glasses=address)[check]
    assert finding.state == state
    assert finding.message.endswith("is not installed")
    assert finding.fix.startswith("Run: pip install 'sidelight[")


# --- lens, microphone, computer ---------------------------------------------------------------------------------


def test_what_the_lens_can_show(monkeypatch):
    everything = [(FontFile(Path("a.ttf"), 0, "Any Sans"), "Regular", frozenset(s.tag for s in SCRIPTS.values()))]
    monkeypatch.setattr(Fonts, "of_this_computer", lambda: Fonts(everything, {}))
    assert states(found(lens)) == {"font": "ok", "fonts": "ok"}
    only_latin = [(FontFile(Path("a.ttf"), 0, "Any Sans"), "Regular", frozenset(("en", "el")))]
    monkeypatch.setattr(Fonts, "of_this_computer", lambda: Fonts(only_latin, {}))
    missing = found(lens, language="de")
    assert missing["fonts"].message == "Latin and Greek can be shown"
    assert {finding.state for name, finding in missing.items() if name.startswith("font for ")} == {"missing"}
    needed = found(lens, language="ja")["font for Japanese"]
    assert (needed.state, needed.message) == ("broken", "no font for Japanese is installed")
    assert "apt install fonts-noto-cjk" in needed.fix


def test_letters_of_other_scripts_need_the_libraries(monkeypatch):
    monkeypatch.setattr(lens_text, "_LIBRARIES", ("uharfbuzz", "nowhere_to_be_found"))
    assert states(found(lens)) == {"font": "ok", "text in every script": "missing"}
    needed = found(lens, language="ru")["text in every script"]
    assert needed.state == "broken"
    assert "nowhere_to_be_found" in needed.message
    assert "sidelight[text]" in needed.fix


@on_linux
def test_microphones_of_this_computer(monkeypatch, tmp_path):
    try:
        import sounddevice  # noqa: F401, PLC0415
    except (ImportError, OSError):
        pytest.skip("pip install 'sidelight[microphone]', apt install libportaudio2")
    (tmp_path / "talk.raw").write_bytes(bytes(3200))
    file = f'type file slave.pcm "null" file "/dev/null" infile "{tmp_path}/talk.raw" format "raw"'
    alsa = f'pcm.!default {{ type plug slave.pcm "talk" }}\npcm.talk {{ {file} }}\npcm.null {{ type null }}\n'
    (tmp_path / "alsa.conf").write_text(alsa)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "alsa.conf"))
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    assert found(microphone)["microphone"].message == "there is 'talk', 'default'"
    finding = found(microphone, audio_device="blue")["microphone"]
    assert (finding.state, finding.message) == ("broken", "there is no one microphone named 'blue'")
    (tmp_path / "alsa.conf").write_text("pcm.gone { type hw card 31 }")
    finding = found(microphone)["microphone"]
    assert (finding.state, finding.message) == ("missing", "this computer has no microphone")


def test_a_microphone_without_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    finding = found(microphone)["microphone"]
    assert (finding.state, finding.fix) == ("missing", "Run: pip install 'sidelight[microphone]'")
    assert found(microphone, audio_device="blue")["microphone"].state == "broken"


def test_a_sound_system_that_hangs_or_ends_the_program(monkeypatch):
    if importlib.util.find_spec("sounddevice") is None:
        pytest.skip("pip install 'sidelight[microphone]'")
    monkeypatch.setattr(microphone_file, "_ASK", "import time; time.sleep(1000)")
    monkeypatch.setattr(microphone_file, "_ANSWER_S", 0.2)
    assert "did not answer within" in found(microphone)["microphone"].message
    monkeypatch.setattr(microphone_file, "_ASK", "import os; os._exit(3)")
    monkeypatch.setattr(microphone_file, "_ANSWER_S", 60.0)
    assert found(microphone)["microphone"].message == "PortAudio ended the program that asked it (code 3)"


def test_a_clock_that_was_never_set():
    epoch = computer_file._clock(datetime(1970, 1, 1, tzinfo=UTC))
    assert epoch.message == "the clock says 1970-01-01 00:00 +0000, and transcripts would too"
    assert epoch.fix == "Run: sudo timedatectl set-ntp true"
    assert computer_file._clock(datetime(2026, 7, 1, tzinfo=UTC)).state == "ok"


@on_linux
def test_a_locale_that_is_not_installed(monkeypatch):
    before = locale.setlocale(locale.LC_ALL)
    monkeypatch.setenv("LC_ALL", "xx_YY.UTF-8")
    finding = found(computer)["locale"]
    assert (finding.state, "dpkg-reconfigure locales" in finding.fix) == ("missing", True)
    assert locale.setlocale(locale.LC_ALL) == before
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert found(computer)["locale"].message == "C.UTF-8"


@on_linux
def test_a_terminal_without_unicode(monkeypatch):
    with Path(os.devnull).open("w", encoding="ascii") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        finding = found(computer)["terminal"]
    assert (finding.state, finding.fix) == ("missing", "Run: export LANG=C.UTF-8")


@on_linux
@pytest.mark.parametrize(("script", "state"), [
    ('#!/bin/sh\nwhile [ "${1#--}" != "$1" ]; do shift; done\nexec "$@"\n', "ok"),
    ("#!/bin/sh\nexit 1\n", "missing"),
    ("", "unknown"),
])  # fmt: skip
def test_a_computer_that_sleeps(monkeypatch, tmp_path, script, state):
    (tmp_path / "bin").mkdir()
    if script:
        (tmp_path / "bin" / "systemd-inhibit").write_text(script)
        (tmp_path / "bin" / "systemd-inhibit").chmod(0o755)
        (tmp_path / "bin" / "sh").symlink_to("/bin/sh")
        (tmp_path / "bin" / "cat").symlink_to("/bin/cat")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert found(computer)["sleep"].state == state
