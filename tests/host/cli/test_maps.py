"""`sidelight maps` as a user types it: maps of files and addresses, what is wrong with them, what is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from make_demo_map import CORNER, town
from model_server import ModelServer, Served
from town_map import town_file, town_folder

from host.app import maps as app
from host.backends.osm_extract import extract
from host.cli import main
from host.config import Settings
from host.errors import MapError
from host.models import download
from host.store.maps import MapFolder

pytest.importorskip("osmium")
pytest.importorskip("valhalla")

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data" / "maps"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "data"


@pytest.fixture
def file(tmp_path):
    return town_file(tmp_path)


@pytest.fixture
def here(home):
    """The map "town" is here already."""
    shutil.copytree(town_folder() / "maps", home / "maps")
    return home / "maps" / "town"


@pytest.fixture
def said(capsys):
    def say(*words: object) -> tuple[int, str, str]:
        code = main(["maps", *map(str, words)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return say


def kept(home: Path) -> list[str]:
    """Everything in the folder of maps but locks, which are empty."""
    folder = home / "maps"
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")


def test_add_list_search_save_and_remove(said, file, home):
    assert said("list") == (0, "", "there is no map yet. Add one: sidelight maps add FILE.osm.pbf\n")
    code, out, err = said("add", file)
    assert code == 0
    assert out.startswith(f"town is in {home / 'maps' / 'town'}: ")
    assert "map data (c) OpenStreetMap contributors" in out
    assert {"places: reading", "routes: reading ways", "routes: writing tiles"} <= set(err.splitlines())
    assert not (home / "maps" / ".adding" / "town").exists()

    code, out, _ = said("list", "--json")
    (entry,) = map(json.loads, out.splitlines())
    assert (entry["event"], entry["id"], entry["source"]) == ("map", "town", str(file))
    assert entry["bounds"][0] == pytest.approx(CORNER[0], abs=1e-3)
    assert "town" in said("list")[1]

    code, out, err = said("search", "pharmacy", "--near", "0.5,-20")
    assert code == 0
    assert [line.split("  ")[1].split(",")[0] for line in out.splitlines()] == ["Farmácia São João", "Königs-Apotheke"]
    assert "navigate would ask which one is meant" in err
    code, out, _ = said("search", "Mercado Central", "--json")
    found = json.loads(out)
    assert (found["title"], found["kind"], found["number"]) == ("Mercado Central", "shop=supermarket", 1)

    assert said("save", "Home", "Museum of Small Things") [:2] == (
        0, "Home is Museum of Small Things, 0.50004,-19.99622\n",
    )  # fmt: skip
    assert said("search", "home")[1].startswith("1  Museum of Small Things")
    assert "saved: home" in said("list")[1]
    assert said("forget", "HOME")[0] == 0
    assert said("search", "home")[0] == 1

    code, out, _ = said("remove", "town")
    assert (code, out.split(";")[0]) == (0, "town is removed")
    assert kept(home) == []


def test_every_answer_has_a_json_form(said, here):
    for words, event in (
        (("save", "home", "0.5,-20"), "place"),
        (("list",), "map"),
        (("forget", "home"), "erased"),
        (("remove", "town"), "erased"),
    ):
        code, out, _ = said(*words, "--json")
        assert (code, json.loads(out.splitlines()[0])["event"]) == (0, event)


def test_saved_places_need_no_map_where_they_are_given_as_numbers(said):
    assert said("save", "work", "43.7384,7.4246") == (0, "work is 43.73840,7.42460\n", "")
    assert said("save", "work", "43.5,7.5")[0] == 0
    assert said("list", "--json")[1].count("work") == 1
    assert said("save", "", "1,2")[0] == 2
    assert said("save", "1,2", "1,2")[2].startswith("error: a place cannot be called '1,2'")
    assert said("forget", "wrok")[2] == "error: no place is saved as 'wrok'; did you mean work? Saved are work\n"


def test_what_may_be_several_is_not_saved(said, here):
    code, _, err = said("save", "coffee", "Café Zoë")
    assert code == 2
    assert "error: several places may be meant" in err
    assert "2  Café Zoë" in err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("add", "nowhere.osm.pbf"), 2, "there is no file 'nowhere.osm.pbf'"),
        (("add", "."), 2, "'.' is a folder"),
        (("add", __file__, "--name", "../x"), 2, "a map cannot be called '../x'"),
        (("add", "x.osm", "--around", "1,2"), 2, "--around and --km belong together"),
        (("add", "x.osm", "--around", "here", "--km", "1"), 2, "--around cannot be 'here'"),
        (("add", "x.osm", "--around", "1,2", "--km", "-1"), 2, "--km cannot be -1"),
        (("add", "http://example.org/monaco.osm.pbf"), 1, "example.org would be asked without https"),
        (("search", "x"), 1, "there is no map on this computer"),
        (("remove", "monaco"), 1, "there is no map on this computer"),
        (("remove", "../.."), 1, "there is no map on this computer"),
        (("forget", "home"), 1, "no place is saved as 'home'"),
    ],
)
def test_what_makes_no_sense_is_one_line(said, words, code, message):
    got, out, err = said(*words)
    assert (got, out) == (code, "")
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1


def test_an_unknown_map_is_an_error_with_the_nearest(said, here):
    assert (
        said("search", "x", "--map", "twon")[2] == "error: there is no map 'twon'; did you mean town? There are town\n"
    )
    shutil.copytree(here, here.with_name("other"))
    assert said("search", "x")[2] == "error: there are several maps. Name one with --map: other, town\n"


def test_a_file_named_as_seen_from_here_becomes_a_map(said, file, tmp_path, monkeypatch):
    extract(file, tmp_path / "near.osm.pbf", None)
    monkeypatch.chdir(tmp_path)
    assert said("add", "near.osm.pbf")[0] == 0


@pytest.mark.parametrize("name", ["town.osm.pbf", "town.osm", "town.osm.gz"])
def test_a_damaged_file_is_said_and_what_was_there_stays(said, here, tmp_path, home, name):
    before = kept(home)
    bad = tmp_path / name
    bad.write_bytes(town().encode()[:5000])
    code, _, err = said("add", bad)
    assert code == 1
    assert f"{name} is no OpenStreetMap file, or is damaged" in err
    assert kept(home) == before
    assert said("search", "Mercado Central")[0] == 0


def test_a_file_without_streets_is_said(said, tmp_path, home):
    empty = tmp_path / "empty.osm"
    empty.write_text('<osm version="0.6"><node id="1" version="1" lat="1" lon="1"/></osm>', encoding="utf-8")
    code, _, err = said("add", empty)
    assert (code, kept(home)) == (1, [])
    assert "there are no streets and paths in" in err


def test_no_room_on_the_disk_is_found_before_anything_is_built(said, file, home, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=50_000_000))
    code, _, err = said("add", file)
    assert (code, kept(home)) == (1, [])
    assert "error: no room on the disk for the map town: it needs about 16 MB, and 50 MB are free" in err
    assert "--around LAT,LON --km N" in err


def test_too_little_memory_is_found_before_anything_is_built(said, file, home, monkeypatch):
    monkeypatch.setattr(app, "_available_memory", lambda: 100_000_000)
    code, _, err = said("add", file)
    assert (code, kept(home)) == (1, [])
    assert "error: not enough memory for the map town: it needs about 268 MB, and 100 MB are free" in err


def test_a_part_of_a_file(said, file):
    said("add", file, "--name", "part", "--around", f"{CORNER[0]},{CORNER[1]}", "--km", "0.15")
    said("add", file)
    whole, part = (MapFolder(Path(os.environ["SIDELIGHT_HOME"]) / "data").find(n) for n in ("town", "part"))
    assert 0 < part.record.places < whole.record.places
    assert said("search", "Harbour Street", "--map", "part")[0] == 0
    assert said("search", "Hotel Río", "--map", "part")[0] == 1
    assert "around that place" in said("add", file, "--name", "sea", "--around", "10,10", "--km", "1")[2]


def test_an_address_is_downloaded_and_goes_on_where_it_stopped(said, tmp_path, monkeypatch, home):
    monkeypatch.setattr(download, "PAUSE_S", 0.0)
    monkeypatch.setattr(download, "FRUITLESS_TRIES", 1)
    (tmp_path / "tls").mkdir()
    server = ModelServer(tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    content = town().encode()
    served = server.files["/town-latest.osm"] = Served(content, cut_after=[3000, 0])
    with server.running():
        code, _, err = said("add", f"{server.url}/town-latest.osm")
        assert code == 1
        assert "localhost broke off. Try again later: it goes on where it stopped; or get the file yourself" in err
        served.cut_after.clear()
        code, out, err = said("add", f"{server.url}/town-latest.osm")
        assert (code, out.split()[0]) == (0, "town")
        assert server.asked[-1][1] == "bytes=3000-"
        server.files.clear()
        assert "has no '/town-latest.osm' any more" in said("add", f"{server.url}/town-latest.osm")[2]
    assert not [path for path in kept(home) if path.startswith(".adding/town/work")]


def test_a_download_has_a_limit(said, tmp_path, monkeypatch):
    monkeypatch.setattr(app, "LARGEST_DOWNLOAD", 1000)
    (tmp_path / "tls").mkdir()
    server = ModelServer(tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    server.files["/town.osm"] = Served(b"x" * 100_000)
    with server.running():
        code, _, err = said("add", f"{server.url}/town.osm")
    assert code == 1
    assert "at most" in err


def test_the_name_of_a_map():
    names = ("monaco.osm.pbf", "https://h/europe/Monaco-latest.osm.pbf?x=1", "/a b/Rio de Janeiro-240101.osm.gz")
    assert [app.map_name(name) for name in names] == ["monaco", "monaco", "rio-de-janeiro"]


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
@pytest.mark.parametrize(
    ("stage", "how"), [("places: reading", signal.SIGINT), ("routes: reading ways", signal.SIGKILL)]
)
def test_killed_in_the_middle_it_leaves_nothing_that_is_shown(said, file, here, home, stage, how):
    before = kept(home)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    words = [sys.executable, "-m", "host.cli", "maps", "add", str(file)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment) as running:
        for line in running.stderr:
            if line.startswith(stage):
                running.send_signal(how)
                break
        running.stderr.read()
    if how == signal.SIGINT:
        assert running.returncode in {0, 130}
        assert kept(home) == before or running.returncode == 0
    assert said("search", "Mercado Central")[0] == 0
    assert said("add", file)[0] == 0
    assert kept(home) == before


def test_two_programs_do_not_make_one_map(said, file, home):
    with MapFolder(home).adding("town"):
        code, _, err = said("add", file)
    assert code == 1
    assert "another program is adding or removing the map town at this moment" in err


@pytest.mark.parametrize("part", ["places.db", "map.json"])
def test_a_damaged_map_is_said(said, here, part):
    (here / part).write_bytes(b"no" * 5000)
    code, _, err = said("search", "Mercado")
    assert code == 1
    assert "Add" in err


@pytest.mark.parametrize("harm", ["cut", "missing"])
def test_damaged_tiles_are_said_and_not_led_around(here, harm):
    tile = next((here / "tiles").rglob("*.gph"))
    content = tile.read_bytes()
    tile.unlink()
    if harm == "cut":
        tile.write_bytes(content[: len(content) // 2])
    with contextlib.closing(app.open_map(here.parent.parent)) as opened, pytest.raises(MapError) as caught:
        opened.router(Settings())
    assert caught.value.message == "the map town is damaged: its routes are not as they were made"
    assert caught.value.hint.startswith("Add it again, from ")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("monaco.osm.pbf", marks=pytest.mark.slow),
        pytest.param("monaco-2012.osm.gz", marks=pytest.mark.slow),
        "bayfront-singapore.osm.pbf",
    ],
)
def test_real_maps(said, name):
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not there")
    assert said("add", DATA / name)[0] == 0
    query = "Bayfront station" if "bayfront" in name else "Gare de Monaco"
    code, out, _ = said("search", query, "--json")
    assert code == 0
    assert json.loads(out.splitlines()[0])["kind"].startswith("railway=station")
