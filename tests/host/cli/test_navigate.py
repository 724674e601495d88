"""`sidelight navigate` as a user types it, on a made-up town: what it tells, and what is wrong."""

from __future__ import annotations

import json
import shutil
import sqlite3

import pytest
from navigate_desk import way
from town_map import at, town_folder

from host.cli import main
from host.store.saved_places import SavedPlace, save_place


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


CORNER = fixed(0, 0)


def recorded(file, *corners):
    """A recording of a walk."""
    points = (
        f'<trkpt lat="{fix.lat:.7f}" lon="{fix.lon:.7f}"><time>2026-05-01T10:{n // 60:02}:{n % 60:02}Z</time></trkpt>'
        for n, fix in enumerate(way(*corners, pace_mps=1.4))
    )
    file.write_text(f'<gpx version="1.1"><trk><trkseg>{"".join(points)}</trkseg></trk></gpx>', encoding="utf-8")
    return file


@pytest.fixture
def walk(tmp_path):
    """A recording of a walk to the park."""
    return recorded(tmp_path / "walk.gpx", (2.2, 0), (3, 0), (3, 3), (3.5, 3.05))


@pytest.fixture
def detour(tmp_path):
    """A recording of one that misses a turn."""
    return recorded(tmp_path / "detour.gpx", (2.2, 0), (4, 0), (4, 3), (3.5, 3.05))


def events_of(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_from_a_fixed_place_the_whole_route_is_told_once(capsys):
    assert main(["navigate", "Flower Park", "--position", CORNER]) == 0  # without a word about glasses
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[0].startswith("Flower Park: ")
    assert lines[0].endswith("((c) OpenStreetMap contributors)")
    assert lines[-1].endswith(" m  Flower Park")
    assert any("Left" in line or "Right" in line for line in lines)


def test_events_of_a_fixed_place(said):
    code, out, _ = said("Flower Park", "--position", CORNER, "--json")
    events = events_of(out)
    assert code == 0
    assert [event["event"] for event in events[:2]] == ["route", "instruction"]
    assert events[0]["licence"] == "(c) OpenStreetMap contributors"
    assert {"text", "maneuver", "distance_m", "street", "then"} <= events[1].keys()
    assert events[-1]["maneuver"] == "arrive"
    assert [e["distance_m"] for e in events[1:]] == sorted(e["distance_m"] for e in events[1:])


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--language", "de"), "Rechts: K\u00f6nigstra\u00dfe"),
        (("--language", "zh"), "\u53f3\u8f6c\uff0cK\u00f6nigstra\u00dfe"),
        (("--language", "nl"), "Sla rechtsaf naar K\u00f6nigstra\u00dfe."),  # Valhalla's own: we have no words for it
        (("--units", "imperial"), "0.2 mi  Right: K\u00f6nigstra\u00dfe"),
    ],
)
def test_languages_and_units(said, flags, told):
    assert told in said("Flower Park", "--position", CORNER, *flags)[1]


@pytest.mark.parametrize("way_taken", ["walk", "detour"])
def test_a_walk_is_the_same_at_any_speed(said, way_taken, request):
    file, told = request.getfixturevalue(way_taken), []
    for speed in ("max", "100"):
        code, out, _ = said("Flower Park", "--position", f"gpx:{file}?speed={speed}", "--json")
        assert code == 0
        told.append([e for e in events_of(out) if e["event"] != "route"])
    kinds = [[(e["event"], e.get("text"), e.get("state")) for e in events] for events in told]
    assert kinds[0] == kinds[1]
    assert kinds[0][-1][0] == "arrived"
    assert ("reroute", None, "found") in kinds[0] or way_taken == "walk"
    for one, other in zip(*told, strict=True):
        assert abs((one.get("distance_m") or 0) - (other.get("distance_m") or 0)) <= 3.0


def test_a_recording_that_ends_before_the_destination_is_said(said, walk):
    code, out, err = said("43.0,7.0", "--position", f"gpx:{walk}?speed=max")
    assert (code, out) == (1, "")
    assert "is not on the map" in err
    place = at(0, 4)
    code, _, err = said(f"{place.lat},{place.lon}", "--position", f"gpx:{walk}?speed=max")
    assert code == 1
    assert err.endswith("note: the recording of positions ended before the destination\n")


def test_saved_places_plus_codes_and_coordinates(said, home):
    save_place(home, SavedPlace("home", at(3, 0), ""))
    assert said("home", "--position", CORNER)[1].startswith("home: 350 m")
    assert said("6FG2G222+4F", "--position", CORNER)[0] in (0, 1)
    place = at(3, 0)
    assert "350 m" in said(f"{place.lat},{place.lon}", "--position", CORNER)[1]


def test_stops_on_the_way(said):
    code, out, _ = said("Flower Park", "--via", "Museum of Small Things", "--position", CORNER, "--json")
    assert code == 0
    told = [e["text"] for e in events_of(out) if e["event"] == "instruction"]
    assert told.index("Museum of Small Things") < told.index("Flower Park")


def test_several_places_are_listed_and_one_is_taken_by_number(said):
    code, out, err = said("Caf\u00e9 Zo\u00eb", "--position", CORNER)
    assert code == 2
    assert [line[:14] for line in out.splitlines()] == ["1  Caf\u00e9 Zo\u00eb, c", "2  Caf\u00e9 Zo\u00eb, c"]
    assert err.startswith("error: several places may be meant by 'Caf\\xe9 Zo\\xeb'. Add --number N")
    assert said("Caf\u00e9 Zo\u00eb", "--position", CORNER, "--number", "2")[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("Flowr Prk Zzz", "--position", CORNER), 1, "the map has no place 'Flowr Prk Zzz'. "),
        (("Flower Park",), 2, "it is not said where positions come from. Add --position, such as "),
        (("Flower Park", "--position", "fixed:43.7,7.4"), 1, "43.7000,7.4000 is not on the map: it reaches from "),
        (("1.0,1.0", "--position", CORNER), 1, "1.0000,1.0000 is not on the map: it reaches from "),
        (("Island Light", "--position", CORNER), 1, "no way to walk leads there"),
        (("Flower Park", "--position", CORNER, "--map", "twon"), 1, "there is no map 'twon'; did you mean town?"),
        (
            ("Flower Park", "--position", CORNER, "--mode", "walking"),
            2,
            "--mode: navigate.mode cannot be walking; did you mean walk? It is",
        ),
        (("Flower Park", "--position", "gpsd:localhost:1"), 1, "gpsd"),
        (("Flower Park", "--position", "gps:x"), 2, "there is no source of positions called 'gps:x'"),
        (("Flower Park", "--position", "gpx:nowhere.gpx"), 1, "there is no file 'nowhere.gpx'"),
        (("Flower Park", "--position", CORNER, "--number", "-1"), 2, "--number cannot be -1"),
        (("Flower Park", "--via", "Nowhere Xyz", "--position", CORNER), 1, "the map has no place 'Nowhere Xyz'"),
        (("Flower Park", "--position", CORNER, "--lens-out", "x"), 2, "without glasses there is no lens to picture"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(said, words, code, message):
    got, _, err = said(*words)
    assert (got, err.startswith(f"error: {message}")) == (code, True), err
    assert err.count("\n") == 1


def test_a_map_that_is_damaged_is_said(said, home):
    (home / "maps" / "town" / "places.db").write_bytes(b"no database")
    assert "damaged" in said("Flower Park", "--position", CORNER)[2]


def test_an_index_that_is_gone_is_said(said, home):
    with sqlite3.connect(home / "maps" / "town" / "places.db") as database:
        database.execute("DROP TABLE place")
    assert "cannot be used: no such table" in said("Flower Park", "--position", CORNER)[2]


def test_without_tiles_no_route_is_found(said, home):
    shutil.rmtree(home / "maps" / "town" / "tiles")
    code, _, err = said("Flower Park", "--position", CORNER)
    assert code == 1
    assert err.startswith("error: ")
    assert "Traceback" not in err


def test_without_a_map_the_way_to_one_is_told(said, home):
    shutil.rmtree(home / "maps")
    assert "there is no map on this computer" in said("Flower Park", "--position", CORNER)[2]


def test_of_several_maps_the_one_that_somebody_is_on_is_taken(said, home):
    other = home / "maps" / "elsewhere"
    shutil.copytree(home / "maps" / "town", other)
    record = json.loads((other / "map.json").read_text())
    record["bounds"] = {"south": 10.0, "west": 10.0, "north": 11.0, "east": 11.0}
    (other / "map.json").write_text(json.dumps(record))
    code, out, _ = said("Flower Park", "--position", CORNER, "--json")
    assert (code, events_of(out)[0]["map"]) == (0, "town")
    assert ", map " not in events_of(out)[0]["text"]
    assert "is on no map: there are elsewhere, town" in said("Flower Park", "--position", "fixed:43.7,7.4")[2]


def test_of_several_maps_with_a_place_the_newest_is_taken_and_named(said, home):
    other = home / "maps" / "again"
    shutil.copytree(home / "maps" / "town", other)
    record = json.loads((other / "map.json").read_text())
    (other / "map.json").write_text(json.dumps(record | {"added": "2099-01-01T00:00:00+00:00"}))
    assert ", map again, the newest of those with this place" in said("Flower Park", "--position", CORNER)[1]
    (other / "map.json").write_text(json.dumps(record | {"added": "1999-01-01T00:00:00+00:00"}))
    assert ", map town, the newest" in said("Flower Park", "--position", CORNER)[1]


def test_a_damaged_recording_is_said(said, tmp_path):
    bad = tmp_path / "bad.gpx"
    bad.write_text("<gpx><trk><trkseg><trkpt lat='1'")
    code, _, err = said("Flower Park", "--position", f"gpx:{bad}")
    assert code == 1
    assert "GPX" in err


@pytest.mark.parametrize("content", [None, "<gpx><trk>"])
def test_a_recording_that_cannot_be_read_is_said_before_any_glasses_are_connected(capsys, tmp_path, content):
    file = tmp_path / "walk.gpx"
    if content is not None:
        file.write_text(content)
    assert main(["navigate", "Flower Park", "--position", f"gpx:{file}", "--glasses", "emulator:frame"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert "glasses:" not in err
