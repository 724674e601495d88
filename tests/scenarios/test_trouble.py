"""What goes wrong in a meeting: the link is pulled, the program is killed. Nothing said may be lost unnoticed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

RATE = 16000


def noise_file(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        sound = np.random.default_rng(1).normal(0, 3, round(seconds * RATE))
        file.writeframes(np.rint(sound).astype("<i2").tobytes())
    return path


def script_file(path: Path, seconds: float) -> Path:
    """A sentence every two seconds: three words and a pause."""
    lines = []
    for n in range(int(seconds / 2)):
        lines += [f"{2 * n + 0.2 + 0.4 * k:.2f} {2 * n + 0.5 + 0.4 * k:.2f} s{n}w{k}" for k in range(3)] + [""]
    path.write_text("\n".join(lines))
    return path


def command(folder: Path, seconds: float, *, device: str = "frame", **options: object) -> list[str]:
    sound = noise_file(folder / "room.wav", seconds)
    query = "&".join(f"{name}={quote(str(value))}" for name, value in {"mic": sound, **options}.items())
    script = script_file(folder / "script.txt", seconds)
    uri = f"emulator:{device}?{query}"
    words = ["transcribe", "--json", "--glasses", uri, "--transcriber", "scripted", "--model", str(script)]
    return [sys.executable, "-m", "host.cli", *words]


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "SIDELIGHT_HOME": str(folder / "home")}


def sidelight(folder: Path, *words: str) -> list[dict]:
    done = subprocess.run(
        [sys.executable, "-m", "host.cli", *words, "--json"],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_link_pulled_for_ten_seconds_loses_nothing_that_halo_keeps(tmp_path: Path) -> None:
    """Its microphone keeps 16 s of LC3: what is said meanwhile comes late, and nothing is missing."""
    pytest.importorskip("lc3", reason="pip install 'sidelight[lc3]'")
    done = subprocess.run(
        command(tmp_path, 40, device="halo", speed="max", cut="15:10"),
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    lost = sum(event["end_s"] - event["start_s"] for event in events if event["event"] == "gap")
    assert lost < 0.3  # what was in the air
    assert len([event for event in events if event["event"] == "sentence"]) >= 18
    assert [event["state"] for event in events if event["event"] == "link"].count("ready") == 2
    assert events[-1]["event"] == "saved"


def test_a_link_pulled_for_ten_seconds_is_a_gap_of_its_length_and_captions_go_on(tmp_path: Path) -> None:
    done = subprocess.run(
        command(tmp_path, 40, speed="max", cut="15:10"),
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    gaps = [event for event in events if event["event"] == "gap"]
    lost = sum(gap["end_s"] - gap["start_s"] for gap in gaps)
    assert 8 < lost < 12.5
    assert {gap["reason"] for gap in gaps} == {"link lost"}
    first, last = gaps[0]["start_s"], gaps[-1]["end_s"]
    sentences = [event for event in events if event["event"] == "sentence"]
    assert len([s for s in sentences if s["end_s"] <= first]) >= int(first / 2) - 1
    assert len([s for s in sentences if s["start_s"] >= last]) >= int((40 - last) / 2) - 2
    assert [event["state"] for event in events if event["event"] == "link"].count("ready") == 2
    assert events[-1]["event"] == "saved"
    number = events[-1]["id"]
    text = subprocess.run(
        [sys.executable, "-m", "host.cli", "transcripts", "show", str(number)],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    assert "lost" in text


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on this system")
@pytest.mark.parametrize("device", ["frame", "halo"])
def test_killed_at_random_moments_every_reported_sentence_is_in_the_store(tmp_path: Path, device: str) -> None:
    chance = random.Random(7)
    for run in range(4):
        folder = tmp_path / str(run)
        folder.mkdir()
        with subprocess.Popen(
            command(folder, 120, device=device, speed=20), env=environment(folder), stdout=subprocess.PIPE, text=True
        ) as program:
            assert program.stdout is not None
            reported = []
            for line in program.stdout:
                event = json.loads(line)
                if event["event"] == "sentence":
                    reported.append(event["text"])
                    if len(reported) >= 2:
                        break
            time.sleep(chance.uniform(0, 0.5))
            program.kill()
            reported += [
                event["text"]
                for line in program.stdout
                if line.endswith("\n") and (event := json.loads(line))["event"] == "sentence"
            ]
        (transcript,) = sidelight(folder, "transcripts", "list")
        assert transcript["state"] == "interrupted"
        shown = sidelight(folder, "transcripts", "show", str(transcript["id"]))
        stored = [event["text"] for event in shown if event["event"] == "sentence"]
        assert len(reported) >= 2
        assert stored[: len(reported)] == reported
