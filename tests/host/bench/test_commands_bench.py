"""`sidelight bench commands`: the curve, the fit, and what is said where something is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from host.assistant.commands import SURE
from host.assistant.phrases import phrases
from host.bench.commands import Outcome, curve, fitted
from host.bench.spoken import HELD_OUT, TUNING, utterances
from host.cli.program import main

EVIDENCE = ("path over phones", "worst word over phones", "phones", "phones over words")


def outcome(wanted, found, strength):
    return Outcome(
        wanted, "quiet", found, dict.fromkeys(EVIDENCE, strength) | {"uncovered": 0.0, "uneven": 0.0} if found else {}
    )


def test_the_curve_counts_what_the_wearer_gets():
    outcomes = [
        outcome("undo that", "undo the last step", 100.0),  # another phrase of the same action is right
        outcome("undo that", "stop listening", 100.0),
        outcome("stop listening", "stop listening", -100.0),
        outcome("stop listening", "", 0.0),
        outcome("", "undo that", 100.0),
        outcome("", "", 0.0),
    ]
    row = next(row for row in curve(outcomes) if row["confidence"] == SURE)
    assert row == {"confidence": SURE, "right": 0.25, "wrong": 0.25, "again": 0.5, "false": 0.5}
    assert [row["false"] for row in curve(outcomes)] == sorted((row["false"] for row in curve(outcomes)), reverse=True)


def test_a_fit_learns_what_speaks_for_a_phrase():
    weights, _ = fitted(
        [outcome("undo that", "undo that", 9.0 + n) for n in range(9)] + [outcome("", "undo that", n) for n in range(9)]
    )
    assert all(weights[name] > 0 for name in EVIDENCE)


def test_what_is_held_out_was_not_fitted_on():
    assert not set(HELD_OUT.voices) & set(TUNING.voices)
    assert not set(HELD_OUT.speeds) & set(TUNING.speeds)
    assert not set(HELD_OUT.others) & set(TUNING.others)
    assert not set(HELD_OUT.others) & set(phrases("en"))
    assert len(list(utterances(HELD_OUT))) == 4 * (len(phrases("en")) + len(HELD_OUT.others))


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_table_comes_out(capsys):
    pytest.importorskip("pocketsphinx")
    pytest.importorskip("soundfile")
    assert main(["bench", "commands", "--every", "60"]) == 0
    said = capsys.readouterr().out
    assert "<- in use" in said
    assert "commands," in said


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_fit_needs_both_kinds(capsys):
    pytest.importorskip("pocketsphinx")
    pytest.importorskip("soundfile")
    assert main(["bench", "commands", "--fit", "--every", "1000"]) == 2
    assert "there are too few utterances to fit weights" in capsys.readouterr().err


def test_what_is_wrong_is_said(capsys, tmp_path: Path):
    pytest.importorskip("pocketsphinx")
    assert main(["bench", "commands", "--every", "0"]) == 2
    assert main(["bench", "commands", "--data", str(tmp_path)]) == 2
    assert "there are no recordings in" in capsys.readouterr().err
