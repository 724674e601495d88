"""`sidelight transcribe` and `sidelight demo`, run as a user runs them, on emulated glasses in virtual time."""

from __future__ import annotations

import importlib.util
import json
import re

import numpy as np
import pytest
import soundfile

from host.app.demo_speech import ASKED, SPOKEN
from host.cli import main

SCRIPT = "0.50 0.80 hello\n0.85 1.20 there\n\n1.60 1.90 good\n1.95 2.30 night\n"


@pytest.fixture
def talk(tmp_path, monkeypatch):
    """A recording three seconds long, what a scripted recogniser hears in it, and a home of their own."""
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    sound = np.random.default_rng(1).normal(0, 300, 3 * 16000).astype(np.int16)
    soundfile.write(tmp_path / "my talk.wav", sound, 16000)
    (tmp_path / "script.txt").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


def transcribed(folder, *words: str) -> int:
    script = ["--transcriber", "scripted", "--model", str(folder / "script.txt")]
    return main(["transcribe", "--glasses", f"emulator:frame?mic={folder / 'my talk.wav'}&speed=max", *script, *words])


def test_a_recording_becomes_captions_events_a_transcript_and_pictures(talk, capsys):
    out, pictures = talk / "talk.srt", talk / "pictures"
    code = transcribed(talk, "--json", "--out", str(out), "--title", "A talk", "--lens-out", str(pictures))
    shown = capsys.readouterr()
    events = [json.loads(line) for line in shown.out.splitlines()]
    assert code == 0
    assert shown.err == ""
    assert [e["text"] for e in events if e["event"] == "sentence"] == ["hello there", "good night"]
    assert {"uploading", "ready"} <= {e["state"] for e in events if e["event"] == "link"}
    assert events[-1] == {"event": "saved", "t": events[-1]["t"], "id": 1, "path": str(out)}
    assert "hello there" in out.read_text(encoding="utf-8")
    assert sorted(p.name for p in pictures.iterdir()) == ["lens-001.png", "lens-002.png", "lens.gif"]
    assert main(["transcripts", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "A talk"


def test_a_person_reads_sentences_on_stdout_and_the_rest_on_stderr(talk, capsys):
    assert transcribed(talk) == 0
    shown = capsys.readouterr()
    saved = talk / "home" / "data"
    assert shown.out.splitlines()[:2] == ["0:00:00  hello there", "0:00:01  good night"]
    assert re.fullmatch(rf"saved: transcript 1, {re.escape(str(saved))}/\S+", shown.out.splitlines()[2])
    assert "glasses: ready" in shown.err.splitlines()


def test_an_export_that_fails_at_the_end_is_a_failure(talk, capsys, monkeypatch):
    (talk / "out").mkdir()
    monkeypatch.setattr("host.app.transcribe.exported", lambda *_: (talk / "out").rmdir() or "all of it")
    assert transcribed(talk, "--out", str(talk / "out" / "talk.txt")) == 1
    shown = capsys.readouterr()
    assert f"error: there is no folder {talk / 'out'}. Make it first, or write to another place" in shown.err
    assert shown.out.splitlines()[2].startswith("saved: transcript 1, ")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--glasses", "none"], 2, "error: without glasses there is no microphone. Add --audio mic or --audio FILE"),
        (["--glasses", "emulator:frame?mik=x"], 2, "did you mean 'mic'?"),
        (["--glasses", "emulator:frmae"], 2, "did you mean 'frame'?"),
        (["--glasses", "none", "--audio", "nothing.wav"], 1, "nothing.wav"),
        (["--glasses", "emulator:frame?speed=max", "--audio", "mic"], 2, "the computer's microphone cannot be sped up"),
        (["--language", "tlh"], 1, "cannot recognise the language 'tlh'"),
        (["--transcriber", "pocketsphynx"], 2, "did you mean pocketsphinx?"),
        (["--out", "talk.doc"], 2, "names no format"),
        (["--captions-lines", "0"], 2, "--captions-lines: captions.lines cannot be 0"),
        (["--audio-bits", "12"], 2, "It is one of 16, 8"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(talk, capsys, words, code, message):
    assert main(["transcribe", *words]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    errors = [line for line in shown.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert message in errors[0]


def test_the_demo_refuses_a_folder_of_somebody_else(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("precious")
    assert main(["demo", "--out", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert "holds files that are not the demo's. Name another folder with --out" in shown.err
    assert shown.out == ""
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.skipif(importlib.util.find_spec("pocketsphinx") is None, reason="pocketsphinx has no wheel here")
def test_the_demo_shows_what_it_promises(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "own"))
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / ".made-by-sidelight-demo").touch()
    (folder / "captions").mkdir()
    (folder / "captions" / "lens-099.png").touch()
    assert main(["demo", "--out", str(folder)]) == 0
    shown = capsys.readouterr().out
    captions_part = shown.partition("HEARD.")[0]
    heard = [line.split("  ", 1)[1] for line in captions_part.splitlines() if re.match(r"\d:\d\d:\d\d  ", line)]
    said = [re.sub(r"[^a-z ]", "", sentence.lower()) for _voice, sentence in SPOKEN]
    assert sum(a == b for a, b in zip(heard, said, strict=True)) >= 4
    assert "0 samples lost" in shown
    captions = folder / "captions"
    assert (captions / "transcript.srt").read_text(encoding="utf-8").count("-->") == len(SPOKEN)
    for part, count in (("captions", len(SPOKEN)), ("heard", len(ASKED)), ("seen", 2), ("typed", 1), ("priced", 1)):
        pictures = [f"lens-{n:03}.png" for n in range(1, count + 1)]
        assert sorted(p.name for p in (folder / part).glob("lens*")) == [*pictures, "lens.gif"]
    for shown_text in ("Emergency exit  (SORTIE DE SECOURS)", "Platform 4  (QUAI 4)", "駅はどこですか"):
        assert shown_text in shown
    for result in ("heard       4 of 5 texts translated", "seen        4 of 4 texts", "typed       1 of 1 texts"):
        assert result in shown
    both = (folder / "heard" / "transcript.md").read_text(encoding="utf-8")
    assert "| where is the train station | ¿Dónde está la estación? |" in both
    assert "| we will meet again tomorrow morning at ten | (not translated" in both
    assert not (tmp_path / "own").exists()
