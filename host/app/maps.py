"""Maps added, opened and searched: files, the network, the tile builder and the index put together."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from host.backends import routers
from host.backends.choosing import are_here, not_installed
from host.backends.routers import OpenedRouter, open_router
from host.config import Settings
from host.contracts import Bounds, Place
from host.contracts.places import MapPlace
from host.errors import DiskFullError, DownloadError, MapError, UsageError
from host.models.download import LEFT_FREE, download
from host.models.model import ModelFile
from host.navigate.categories import UNNAMED
from host.navigate.line import distance_m
from host.navigate.places import Found, Places, find, near_duplicates
from host.store.maps import MapFolder, MapRecord, StoredMap, require_map_name
from host.store.place_index import PlaceIndex, build_index
from host.store.private import explained
from host.store.saved_places import saved_places
from host.store.whole_folders import bytes_in

__all__ = ["OpenedMap", "add_map", "map_name", "open_map"]

LARGEST_DOWNLOAD: Final = 16 << 30  # bytes; all of Europe is twice that, and no map for a walk

# Estimates. Of files of 0.4 to 2.5 MB tiles and index were 0.8 to 6 times the file, with what is needed meanwhile up to
# 7 times. The builder took 77 to 157 MiB of memory beside our own 130; the index of places needs 16 bytes a node, of
# which 8 to 10 bytes in the file make one.
_DISK_TIMES: Final = 8
_DISK_BYTES: Final = 16 << 20
_MEMORY_TIMES: Final = 8
_MEMORY_BYTES: Final = 256 << 20

# What the builder's log says as it begins a stage.
_STAGES: Final = {
    "Parsing ways": "reading ways",
    "Parsing nodes": "reading nodes",
    "Creating graph edges": "joining them",
    "Building ": "writing tiles",
    "Enhancing": "looking at junctions",
    "Validating": "checking",
}
_STEP_BYTES: Final = 10_000_000  # between two lines of progress

_ENDINGS: Final = (".osm.pbf", ".pbf", ".osm.gz", ".osm.bz2", ".osm")
_MARGIN_DEG: Final = 0.005  # how far beside the outermost way somebody may be: 500 m


class OpenedMap:
    """A map to find places on; close it, or use it in a `contextlib.closing`. `stored` is what it is."""

    def __init__(self, stored: StoredMap, index: PlaceIndex, data_folder: Path) -> None:
        self.stored, self._index, self._data = stored, index, data_folder

    def find(self, query: str, *, near: Place | None = None, language: str = "en", limit: int = 8) -> Places:
        """The places that a query may mean; what the user saved under that name goes before all.

        Args:
            query: as in `host.navigate.places.find`, or the name of a saved place.
            near: where the user is.
            language: ISO 639-1, of names.
            limit: how many at most.

        Raises:
            PlaceNotFoundError: none fits; with the nearest names.
            MapError: the map is damaged.
            StoreError: saved places cannot be read.
        """
        saved = saved_places(self._data).get(" ".join(query.lower().split()))
        if saved is not None:
            here = MapPlace(name=saved.title or saved.name, kind="", place=saved.place)
            away = None if near is None else distance_m(near, saved.place)
            return Places((Found(here, here.name, score=0.0, whole=True, distance_m=away),), clear=True)
        return find(query, self._index, near=near, language=language, limit=limit)

    def nearest(self, place: Place) -> MapPlace | None:
        """What with a name is nearest; None where the map has nothing. Raises MapError: the map is damaged."""
        return next(iter(self._index.nearest(place, 1)), None)

    @property
    def bounds(self) -> Bounds:
        """Where somebody may be who is on it: half a kilometre beside its outermost ways, too."""
        return _with_margin(self.stored.record.bounds)

    def router(self, settings: Settings) -> OpenedRouter:
        """What finds routes on it.

        Raises:
            UsageError, BackendMissingError, StoreError: as `open_router` says.
            MapError: its tiles are damaged.
        """
        if routers.installed():
            _configure(self.stored)
        opened = open_router(settings, self.stored.routes, self.bounds)
        if opened.router.info.name == "valhalla":
            self.stored.require_tiles()
        return opened

    def close(self) -> None:
        """Release the map. Repeated calls do nothing. Never raises."""
        self._index.close()


def open_map(data_folder: Path, name: str = "") -> OpenedMap:
    """A map of this computer; the only one, if the name is empty. Raises MapError: it is not here, or damaged."""
    stored = MapFolder(data_folder).find(name)
    return OpenedMap(stored, PlaceIndex.open(stored.places), data_folder)


def map_name(source: str) -> str:
    """What a map is called that nobody gave a name: "monaco" of ".../monaco-latest.osm.pbf"."""
    last = source.partition("?")[0].rstrip("/").replace("\\", "/").rpartition("/")[2].lower()
    for ending in _ENDINGS:
        last = last.removesuffix(ending)
    return re.sub(r"[^a-z0-9_-]+", "-", re.sub(r"[-_](latest|\d{6,8})$", "", last)).strip("-_")


def add_map(
    source: str,
    name: str,
    data_folder: Path,
    *,
    bounds: Bounds | None = None,
    on_progress: Callable[[str], None] = lambda _text: None,
) -> StoredMap:
    """Make a map of an OpenStreetMap file; one of the same name is replaced.

    Interrupted, failed or killed at any moment, what was there before is there still; the next call, or removing the
    map, takes away what is left over. A download goes on where it stopped.

    Args:
        source: a file, or its https address.
        name: what the map is to be called.
        data_folder: where maps are kept.
        bounds: only what is in it; None for all.
        on_progress: told what is being done, in a line.

    Raises:
        UsageError: there is no such file, or the name cannot be one.
        BackendMissingError: what reads the file or builds the tiles is not installed.
        MapError: the file is damaged or is none, has no ways, or there is not enough memory.
        DownloadError: it cannot be had.
        DiskFullError: no room.
        StoreError: it cannot be written.
    """
    remote = "://" in source
    if not remote:
        _require_file(source)
    require_map_name(name)
    if not are_here(("osmium", "valhalla")):
        raise not_installed("what makes maps", routers.INSTALL)
    folder = MapFolder(data_folder)
    with folder.adding(name) as place:
        work = place / "work"
        shutil.rmtree(work, ignore_errors=True)
        try:
            with explained(str(work)):
                (work / "ready" / "tiles").mkdir(parents=True)
            file = _fetched(source, place, on_progress) if remote else Path(source)
            count, covers = _built(file, name, work, bounds, on_progress)
            now = datetime.now().astimezone().isoformat(timespec="seconds")
            tiles = bytes_in(work / "ready" / "tiles")
            record = MapRecord(source=source, added=now, places=count, bounds=covers, tiles_bytes=tiles)
            stored = folder.put(name, work / "ready", record)
            shutil.rmtree(place / "download", ignore_errors=True)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return stored


def _built(
    file: Path, name: str, work: Path, bounds: Bounds | None, on_progress: Callable[[str], None]
) -> tuple[int, Bounds]:
    """Make index and tiles in `work`/ready; how many places there are, and what the ways cover."""
    from host.backends.osm_extract import extract, is_pbf  # noqa: PLC0415 - loaded when used, as what follows
    from host.backends.osm_places import OsmPlaces  # noqa: PLC0415
    from host.backends.valhalla import build_tiles, write_config  # noqa: PLC0415

    ready = work / "ready"
    if bounds is not None or not is_pbf(file):
        _require_room(name, file.stat().st_size, work, times=1)
        on_progress(f"reading {file.name}")
        extract(file, work / "part.osm.pbf", bounds)
        file = work / "part.osm.pbf"
    _require_room(name, file.stat().st_size, work, times=_DISK_TIMES)
    on_progress("places: reading")
    places = OsmPlaces(file, UNNAMED, lambda count: on_progress(f"places: {count}"))
    count = build_index(ready / "places.db", places, near_duplicates)
    if places.ways == 0:
        what = "around that place" if bounds is not None else f"in {file.name!a:.80}"
        raise MapError(f"there are no streets and paths {what}", "Use another file, or another --around and --km")
    on_progress(f"places: {count}")
    with explained(str(work)):
        write_config(work / "building.json", ready / "tiles", building=True)
    build_tiles(work / "building.json", file, lambda line: _told(line, on_progress))
    if not any((ready / "tiles").rglob("*.gph")):
        raise MapError("the routes could not be built: nothing in the file can be walked", "Use another file")
    return count, places.bounds


def _told(line: str, on_progress: Callable[[str], None]) -> None:
    """The builder's stages, out of its log."""
    for sign, stage in _STAGES.items():
        if f"[INFO] {sign}" in line:
            on_progress(f"routes: {stage}")


def _require_file(source: str) -> None:
    file = Path(source)
    if file.is_dir():
        raise UsageError(f"{source!a:.200} is a folder", "Give an OpenStreetMap file, such as monaco.osm.pbf")
    if not file.is_file():
        raise UsageError(f"there is no file {source!a:.200}", "Give an OpenStreetMap file, such as monaco.osm.pbf")


def _fetched(url: str, place: Path, on_progress: Callable[[str], None]) -> Path:
    """The file of an address, downloaded now or by an earlier call that was stopped after it."""
    came = place / "download" / f"map{next((e for e in _ENDINGS if url.partition('?')[0].endswith(e)), '.osm.pbf')}"
    with explained(str(came.parent)):
        came.parent.mkdir(exist_ok=True)
        note = came.with_name("whole.from")
        if came.exists() and note.exists() and note.read_text(encoding="utf-8") == url:
            return came
        note.unlink(missing_ok=True)
    told = -1

    def on_bytes(count: int) -> None:
        nonlocal told
        if count // _STEP_BYTES > told:
            told = count // _STEP_BYTES
            on_progress(f"downloading: {count // 1_000_000} MB")

    try:
        download(ModelFile(url, came.name, LARGEST_DOWNLOAD), url, came, on_bytes)
    except DownloadError as error:
        hint = "Try again later: it goes on where it stopped" if error.retry else "Check the address"
        raise DownloadError(
            error.message, f"{hint}; or get the file yourself, and add that", retry=error.retry
        ) from error
    return came


def _require_room(name: str, size: int, work: Path, *, times: int) -> None:
    """Find out before it is begun whether there is enough disk and memory. Raises DiskFullError, MapError."""
    disk, free = size * times + _DISK_BYTES, shutil.disk_usage(work).free
    part = "Free some room there, or take a part of it: --around LAT,LON --km N"
    if free < disk + LEFT_FREE:
        raise DiskFullError(
            f"no room on the disk for the map {name}: it needs about {disk // 1_000_000} MB,"
            f" and {free // 1_000_000} MB are free",
            part,
        )
    memory, available = size * _MEMORY_TIMES + _MEMORY_BYTES, _available_memory()
    if times > 1 and available is not None and available < memory:
        raise MapError(
            f"not enough memory for the map {name}: it needs about {memory // 1_000_000} MB,"
            f" and {available // 1_000_000} MB are free",
            "End other programs, or take a part of it: --around LAT,LON --km N",
        )


def _available_memory() -> int | None:
    """Bytes that programs may still take; None where the system does not say."""
    if sys.platform != "linux":
        return None
    with contextlib.suppress(OSError):
        found = re.search(
            r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE
        )
        return int(found[1]) * 1024 if found else None
    return None


def _configure(stored: StoredMap) -> None:
    """Have the tiles' configuration name the folder they lie in; it may have been moved. Raises StoreError."""
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        if json.loads(stored.routes.read_text(encoding="utf-8"))["mjolnir"]["tile_dir"] == str(stored.tiles.resolve()):
            return
    from host.backends.valhalla import write_config  # noqa: PLC0415 - loaded when used

    with explained(str(stored.routes)):
        write_config(stored.routes, stored.tiles, building=False)


def _with_margin(bounds: Bounds) -> Bounds:
    return Bounds(
        bounds.south - _MARGIN_DEG, bounds.west - _MARGIN_DEG, bounds.north + _MARGIN_DEG, bounds.east + _MARGIN_DEG
    )
