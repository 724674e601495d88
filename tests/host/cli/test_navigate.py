"""`sidelight navigate` as a user types it, on a made-up town: what it tells, and what is wrong."""

from __future__ import annotations

import json
import shutil

import pytest
from town_map import at, town_folder

from host.cli import main


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    shutil.copytree(town_folder() / "maps", tmp_path / "home" / "data" / "maps")
    return tmp_path / "home" / "data"


@pytest.fixture
def said(capsys):
    def say(*words: object) -> tuple[int, str, str]:
        code = main(["navigate", *map(str, words), "--glasses", "none"])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return say


def fixed(east: float, north: float) -> str:
    place = at(east, north)
    return f"fixed:{place.lat},{place.lon}"


def test_from_a_fixed_place_the_whole_route_is_told_once(said):
    code, out, err = said("Flower Park", "--position", fixed(0, 0))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("Flower Park: ")
    assert lines[0].endswith("((c) OpenStreetMap contributors)")
    assert lines[-1].endswith(" m  Flower Park")
    assert any("Left" in line or "Right" in line for line in lines)


def test_events_of_a_fixed_place(said):
    code, out, _ = said("Flower Park", "--position", fixed(0, 0), "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [event["event"] for event in events[:2]] == ["route", "instruction"]
    assert events[0]["licence"] == "(c) OpenStreetMap contributors"
    assert {"text", "maneuver", "distance_m", "street", "then"} <= events[1].keys()
    assert events[-1]["maneuver"] == "arrive"
    assert [e["distance_m"] for e in events[1:]] == sorted(e["distance_m"] for e in events[1:])
