"""`sidelight bench navigate` on the small town, whose way from end to end is a kilometre."""

from __future__ import annotations

import json

import numpy as np
import pytest
from make_demo_map import town
from town_map import town_file, town_folder

from host.bench import navigate, osmnx_peer
from host.bench.navigate import _misspelt
from host.cli import main


def measured(capsys, *words):
    assert main(["bench", "navigate", *words, "--json"]) == 0
    said = capsys.readouterr()
    rows = [json.loads(line)["values"] for line in said.out.splitlines()]
    return {(row["what"], row.get("km")): row for row in rows}, said.err


def test_a_map_of_this_computer_is_measured(capsys, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(town_folder().parent))
    monkeypatch.setattr(navigate, "is_here", lambda: False)
    rows, _ = measured(capsys, "--map", "town", "--pairs", "5")
    near, far = rows["routes", 1.0], rows["routes", 5.0]
    assert near["pairs"] == 5
    assert 0.0 < near["p50_ms"] <= near["p95_ms"]
    assert "osmnx_p50_ms" not in near
    assert far == {"what": "routes", "km": 5.0, "pairs": 0}
    assert rows["place search", None]["queries"] > 10
    assert rows["guidance step", None]["steps"] > 1000
    assert 0 < rows["link", None]["bytes_per_minute"] < 20_000
    assert rows["link", None]["pictures_per_minute"] > 1


def test_osmnx_is_asked_for_the_same_routes(capsys, tmp_path):
    pytest.importorskip("osmnx", reason="osmnx is not installed: pip install '.[bench]'")
    town_folder()  # skips where no map can be made
    rows, _ = measured(capsys, "--map", str(town_file(tmp_path)), "--pairs", "5")
    near = rows["routes", 1.0]
    assert near["pairs"] == 5
    assert near["osmnx_without_way"] == 0
    assert 0.0 < near["osmnx_p50_ms"] <= near["osmnx_p95_ms"]
    assert near["length_ratio_p50"] == pytest.approx(1.0, abs=0.1)
    assert rows["osmnx's graph", None]["nodes"] > 20


def test_the_graph_is_of_ways_that_are_walked(tmp_path):
    pytest.importorskip("osmnx", reason="osmnx is not installed: pip install '.[bench]'")
    pytest.importorskip("osmium")
    file = tmp_path / "roads.osm"
    roads = town().replace('v="residential"', 'v="motor"').replace('v="footway"', 'v="construction"')
    file.write_text(roads.replace("highway", "road"), encoding="utf-8")
    with pytest.raises(ValueError, match="can be walked"):
        osmnx_peer.OsmnxWalks(file, tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--map", "none.osm.pbf"], "there is no file 'none.osm.pbf'"),
        (["--map", "nowhere"], "there is no map on this computer"),
        (["--map", "town", "--pairs", "2"], "--pairs cannot be 2"),
    ],
)
def test_what_cannot_be_measured(words, said, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    assert main(["bench", "navigate", *words]) != 0
    assert said in capsys.readouterr().err


def test_a_misspelt_name_lacks_a_letter():
    rng = np.random.default_rng(1)
    assert {len(_misspelt("Mill Lane", rng)) for _ in range(20)} == {8}
    assert _misspelt("7", rng) == "7"
