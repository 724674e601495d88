"""`sidelight calibrate compass` as a user types it: what it tells, and what is wrong."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from host.cli import main
from host.web.server import Page


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["compas"], 2, "'compas' is none of compass; did you mean compass?"),
        (["compass"], 2, "it is not known where you are, and without that a compass does not tell north from south"),
        (["compass", "--at", "91,0"], 1, "no place is called '91,0'. Write --at LAT,LON"),
        (["compass", "--at", "nowhere"], 1, "no place is called 'nowhere'. Write --at LAT,LON"),
        (["compass", "--at", "51,11", "--facing", "361"], 2, "--facing is an angle. Write 0 to 360: 0 is north"),
        (["compass", "--at", "51,11", "--facing", "nan"], 2, "--facing is an angle"),
        (["compass", "--at", "51,11", "--glasses", "none"], 2, "without glasses there is no compass"),
        (["compass", "--at", "51,11", "--glasses", "emulator:frame?axes=no"], 2, "Allowed: head or any"),
    ],
)
def test_what_cannot_be_done_is_said(
    words: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", *words]) == code
    assert message in capsys.readouterr().err


def test_what_is_documented_can_be_tried_as_it_is_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(__file__).parents[3]
    monkeypatch.chdir(root)
    page = (root / "docs" / "compass.md").read_text("utf-8")
    (command,) = re.findall(r"^    (sidelight .*head=.*)$", page, re.MULTILINE)
    program, *words = shlex.split(command)
    assert program == "sidelight"
    assert main(words) == 0
    told = "".join(capsys.readouterr())
    assert "stand up, away from iron; it begins in 12 s, or with a tap" in told
    assert "11 of 11: turn right a quarter, look ahead, and hold" in told
    assert "compass calibrated: right to about 3 degrees" in told
    with pytest.raises(SystemExit):
        main(["calibrate", "--help"])
    assert command in capsys.readouterr().out


def test_each_step_and_the_end_are_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A head that looks ahead and then does nothing, also at the page: after a minute it is over."""
    offered: list[object] = []
    monkeypatch.setattr(Page, "offer", lambda _page, *given: offered.append(given))
    lens = tmp_path / "lens"
    words = ["--at", "51,11", "--glasses", "emulator:frame?speed=max", "--json", "--lens-out", str(lens), "--web"]
    assert main(["calibrate", "compass", *words]) == 1
    assert len(offered) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    steps = [(event["number"], event["of"], event["step"], event["advice"]) for event in told if "step" in event]
    assert steps == [
        (1, 11, "stand still, look straight ahead", ""),
        (2, 11, "look down at your feet, and hold", ""),
        (2, 11, "look down at your feet, and hold", "bend your head further"),
    ]
    assert told[-1]["code"] == "calibration"
    assert told[-1]["message"].endswith("what was asked for was not done within a minute")
    assert list(lens.glob("*.png"))
