"""`--record FILE` and `replay:FILE`, as a user has them."""

from __future__ import annotations

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
from link_rigs import LentFrames

from firmware_bridge import session
from firmware_bridge.link_replay import read_recording
from firmware_bridge.trace_format import Connection, Value
from host.cli import main

FAST = "emulator:frame?speed=max"
SCRIPT = "0.50 0.80 hello\n0.85 1.20 there\n\n1.60 1.90 good\n1.95 2.30 night\n"


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    sound = np.random.default_rng(1).normal(0, 3000, 3 * 16000).astype(np.int16)
    soundfile.write(tmp_path / "talk.wav", sound, 16000)
    (tmp_path / "script.txt").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


def words(folder: Path, glasses: str, *more: str) -> list[str]:
    script = ["--transcriber", "scripted", "--model", str(folder / "script.txt")]
    return ["transcribe", "--glasses", glasses, *script, *more]


def emulated(folder: Path) -> str:
    return f"emulator:frame?mic={folder / 'talk.wav'}"


def kept(path: Path) -> tuple[int, int]:
    """Bytes of sound that were heard, and how many of them are in the recording."""
    values = [
        event
        for attempt in read_recording(path).attempts
        if isinstance(attempt, Connection)
        for event in attempt.events
        if isinstance(event, Value) and not event.out and len(event.data) > 100
    ]
    return sum(len(value.data) for value in values), sum(len(value.data.rstrip(b"\0")) for value in values)


def sentences(shown: str) -> list[str]:
    events = [json.loads(line) for line in shown.splitlines()]
    return [event["text"] for event in events if event["event"] == "sentence"]


@pytest.mark.parametrize("media", [False, True])
def test_a_recording_plays_as_what_it_recorded(talk: Path, capsys: pytest.CaptureFixture[str], media: bool) -> None:  # noqa: FBT001
    path = talk / "link.jsonl"
    flags = ["--record", str(path), *(["--record-media"] if media else [])]
    assert main(words(talk, f"{emulated(talk)}&speed=max", *flags, "--json")) == 0
    assert sentences(capsys.readouterr().out) == ["hello there", "good night"]
    assert path.stat().st_mode & 0o777 == 0o600
    heard, there = kept(path)
    assert heard > 90_000
    assert there > 80_000 if media else there < 5_000
    assert main(words(talk, f"replay:{path}?speed=20", "--json")) == 0
    assert sentences(capsys.readouterr().out) == ["hello there", "good night"]


def test_a_killed_program_leaves_a_recording_that_plays(
    talk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = talk / "link.jsonl"
    command = [sys.executable, "-m", "host.cli", *words(talk, emulated(talk), "--record", str(path))]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ) as program:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (not path.exists() or path.read_bytes().count(b'"in"') < 300):
            time.sleep(0.02)
        program.send_signal(signal.SIGKILL)
    assert path.read_bytes().endswith(b"}\n")
    recording = read_recording(path)
    assert not recording.cut
    assert kept(path)[0] > 10_000
    monkeypatch.setattr(session, "SILENCE_S", 1.0)  # after the last recorded word nothing comes, however long it waits
    assert main(words(talk, f"replay:{path}?speed=20", "--json")) == 1
    shown = capsys.readouterr().out
    assert sentences(shown) == ["hello there"]
    assert json.loads(shown.splitlines()[-1])["message"] == f"{path} ends here"


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (["--record", "{0}/talk.wav"], 1, "talk.wav exists already. Name another file, or remove that one."),
        (["--record", "{0}/no/link.jsonl"], 1, "no/link.jsonl cannot be written: No such file or directory"),
        (["--record", "{0}"], 1, "exists already"),
        (["--record-media"], 2, "--record-media belongs to a recording of the link. Name its file: --record FILE"),
        (
            ["--record", "{0}/link.jsonl", "--glasses", "none", "--audio", "{0}/talk.wav"],
            2,
            "without glasses there is no link to record",
        ),
    ],
)
def test_what_cannot_be_recorded_is_said_in_one_line(
    talk: Path, capsys: pytest.CaptureFixture[str], more: list[str], code: int, message: str
) -> None:
    more = [word.format(talk) for word in more]
    assert main(words(talk, f"{emulated(talk)}&speed=max", *more)) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert len(shown.err.splitlines()) == 1
    assert not (talk / "link.jsonl").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_said_and_the_captions_go_on(
    talk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every write fails as on a full disk; all else is real."""
    path, opening = talk / "link.jsonl", os.open

    def on_full_disk(name: object, flags: int, *more: int, **options: int) -> int:
        if name == path:
            return opening("/dev/full", os.O_WRONLY)
        return opening(name, flags, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", on_full_disk)
    assert main(words(talk, f"{emulated(talk)}&speed=max", "--record", str(path), "--json")) == 0
    shown = capsys.readouterr()
    assert sentences(shown.out) == ["hello there", "good night"]
    assert shown.err.count("recording stops: No space left on device") == 1


@pytest.mark.parametrize(
    "verb",
    [
        ["doctor", "--glasses", FAST],
        ["translate", "Hello", "--to", "es", "--glasses", FAST],
        ["setup", "--yes", "--skip-tests", "--glasses", FAST],
    ],
)
def test_every_verb_that_connects_records(talk: Path, verb: list[str]) -> None:
    path = talk / "link.jsonl"
    main([*verb, "--record", str(path)])
    (attempt,) = read_recording(path).attempts
    assert isinstance(attempt, Connection)
    assert sum(isinstance(event, Value) for event in attempt.events) > 10


def test_asking_for_the_charge_is_recorded_one_file_a_pair(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On glasses that `sidelight emulate` lends, bound under the address that they have."""
    pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")
    path = talk / "link.jsonl"
    frames = LentFrames()
    try:
        where = f"ble:?via={frames.at('emulator:frame').where}"
        flags = ["devices", "--glasses", where, "--seconds", "1", "--battery", "--record", str(path)]
        assert main(flags) == 0
        assert "no bound glasses are in range, so nothing was recorded" in capsys.readouterr().err
        assert main(["setup", "--glasses", where, "--skip-tests", "--yes"]) == 0
        assert main(flags) == 0
        (attempt,) = read_recording(path).attempts
        assert isinstance(attempt, Connection)
        assert sum(isinstance(event, Value) for event in attempt.events) > 5
        assert main(flags) == 1
        assert "link.jsonl exists already" in capsys.readouterr().err
        again = ["setup", "--glasses", where, "--skip-tests", "--yes", "--record", str(talk / "setup.jsonl")]
        assert main(again) == 2
        assert "where all is known there is no link to record" in capsys.readouterr().err
        assert main([*again, "--again", "glasses"]) == 0
        assert len(read_recording(talk / "setup.jsonl").attempts) == 1
    finally:
        frames.close()


@pytest.mark.parametrize(
    "verb",
    [
        ["doctor"],
        ["translate", "Hello", "--to", "es"],
        ["setup", "--yes", "--glasses", "none"],
        ["devices"],
        ["devices", "--battery", "--forget", "Frame 4F"],
    ],
)
def test_without_glasses_there_is_nothing_to_record(
    talk: Path, verb: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*verb, "--record", str(talk / "link.jsonl")]) == 2
    assert "there is no link to record" in capsys.readouterr().err
    assert not (talk / "link.jsonl").exists()


@pytest.mark.parametrize(
    "verb",
    [
        ["transcribe"],
        ["translate", "Hello", "--from", "en", "--to", "es"],
        ["translate", "--listen", "--from", "en", "--to", "es"],
        ["translate", "--sign", "--to", "es"],
        ["price", "--country", "NO"],
    ],
)
def test_a_lens_that_cannot_be_pictured_is_refused_before_anything_is_recorded(talk, capsys, verb):
    both = ["--record", str(talk / "link.jsonl"), "--lens-out", str(talk / "lens")]
    assert main([*verb, "--glasses", FAST, *both]) == 2
    assert "error: the lens cannot be pictured while the link is recorded. Leave" in capsys.readouterr().err
    assert not (talk / "link.jsonl").exists()
    assert not (talk / "lens").exists()
