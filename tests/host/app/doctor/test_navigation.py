"""What the doctor says of maps and of what finds routes."""

from __future__ import annotations

import json
import shutil

import pytest
from checkups import found, states
from town_map import town_folder

from host.app.doctor import navigation as doctor_navigation
from host.app.doctor.navigation import navigation


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def town(home):
    shutil.copytree(town_folder(), home / "data")
    return home / "data" / "maps" / "town"


def test_nothing_is_there_yet():
    findings = found(navigation)
    assert states(findings)["maps"] == "missing"
    assert findings["maps"].fix == "Run: sidelight maps add FILE.osm.pbf"


def test_a_map_that_is_well(town):
    findings = found(navigation, navigate_map="town")
    assert states(findings) == {"router": "ok", "map town": "ok"}
    assert " places, added 20" in findings["map town"].message


def test_maps_that_are_damaged(town):
    (town / "places.db").write_bytes(b"no database")
    (town.parent / "half").mkdir()
    findings = found(navigation, navigate_map="elsewhere")
    assert states(findings)["map town"] == states(findings)["map half"] == "broken"
    assert findings["map half"].fix.endswith("sidelight maps remove half")
    assert findings["navigate.map"].message == "there is no map 'elsewhere'"


def test_a_map_without_tiles_and_an_old_one(town):
    record = json.loads((town / "map.json").read_text(encoding="utf-8"))
    (town / "map.json").write_text(json.dumps(record | {"added": "2019-01-01T00:00:00+00:00"}), encoding="utf-8")
    old = found(navigation)["map town"]
    assert (old.state, "streets have changed" in old.message) == ("missing", True)
    shutil.rmtree(town / "tiles")
    bare = found(navigation)["map town"]
    assert (bare.state, "no tiles" in bare.message) == ("broken", True)


def test_a_server_that_is_asked_for_and_not_set():
    finding = found(navigation, router="valhalla-http")["router"]
    assert (finding.state, finding.fix) == ("broken", "Set valhalla.url, such as http://localhost:8002")


def test_what_is_missing_has_a_command(monkeypatch):
    monkeypatch.setattr(doctor_navigation, "are_here", lambda _modules: False)
    monkeypatch.setattr(doctor_navigation, "installed", lambda: False)
    findings = found(navigation)
    assert findings["making maps"].fix == "Run: pip install 'sidelight[navigate]'"
    assert findings["router"].state == "missing"
    assert "pip install 'sidelight[navigate]'" in findings["router"].fix
