"""The maps on this computer: a folder each, with the tiles that routes are found on and the index of places.

    maps/NAME/map.json      what it is: where it came from, what it covers
    maps/NAME/tiles/...     Valhalla's
    maps/NAME/routes.json   Valhalla's configuration; written anew wherever the folder lies
    maps/NAME/places.db     `place_index.py`
    maps/.adding/NAME/...   what is being downloaded and built

A map appears whole, by one renaming, and goes so. Whoever adds a map holds a lock that dies with the process.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from host.contracts import Bounds
from host.errors import MapError, UsageError
from host.store.liveness import try_lock
from host.store.private import create_private_file, explained, make_private_folder, write_private_file
from host.suggest import suggestion

__all__ = ["MapFolder", "MapRecord", "StoredMap", "require_map_name"]

_RECORD: Final = "map.json"
_ADDING: Final = ".adding"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRecord:
    """What a map is.

    Attributes:
        source: address or file that it was made of.
        added: when, ISO 8601 with its offset.
        places: how many there are in its index.
        bounds: what its ways cover.
    """

    source: str
    added: str
    places: int
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class StoredMap:
    """A map that is here."""

    name: str
    path: Path
    record: MapRecord

    @property
    def tiles(self) -> Path:
        """The folder of the tiles."""
        return self.path / "tiles"

    @property
    def routes(self) -> Path:
        """Valhalla's configuration."""
        return self.path / "routes.json"

    @property
    def places(self) -> Path:
        """The index of places."""
        return self.path / "places.db"

    @property
    def size_bytes(self) -> int:
        """Of all its files."""
        return _bytes_in(self.path)


class MapFolder:
    """The folder of all maps; made when something is put there."""

    def __init__(self, data_folder: Path) -> None:
        self._root = data_folder / "maps"

    def all(self) -> list[StoredMap]:
        """Every map that is here, by name; what cannot be read is left out."""
        names = sorted(path.name for path in self._root.iterdir()) if self._root.is_dir() else []
        return [found for name in names if (found := self._read(name)) is not None]

    def find(self, name: str) -> StoredMap:
        """The map of that name; the only one, if the name is empty.

        Raises:
            MapError: it is not here, or several are and none is named; which are is in the hint.
        """
        here = self.all()
        names = ", ".join(found.name for found in here)
        if not here:
            raise MapError("there is no map on this computer", "Add one: sidelight maps add FILE.osm.pbf")
        if not name and len(here) > 1:
            raise MapError("there are several maps", f"Name one with --map: {names}")
        chosen = next((found for found in here if not name or found.name == name), None)
        if chosen is None:
            known = [found.name for found in here]
            raise MapError(f"there is no map {name!a:.60}{suggestion(name, known)}", f"There are {names}")
        return chosen

    def remove(self, name: str) -> int:
        """Remove a map, and what there is of an unfinished one; how many bytes that frees.

        Raises:
            MapError: there is none of that name, or another program is adding it.
            StoreError: it cannot be removed.
        """
        held, adding = self._root / name, self._root / _ADDING / name
        if not _NAME.fullmatch(name) or not (held.exists() or adding.exists()):
            self.find(name)
        with self.adding(name), explained(str(held)):
            freed = _bytes_in(held) + _bytes_in(adding)
            gone = adding / "gone"
            shutil.rmtree(gone, ignore_errors=True)  # of an earlier call that was interrupted
            if held.exists():
                held.rename(gone)
            shutil.rmtree(adding)
        return freed

    @contextlib.contextmanager
    def adding(self, name: str) -> Iterator[Path]:
        """The folder that a map is made in, to oneself; afterwards it is there only if something is in it.

        Raises:
            MapError: another program is adding it.
            StoreError: it cannot be made.
        """
        folder = self._root / _ADDING / name
        for parent in (self._root, self._root / _ADDING, folder):
            make_private_folder(parent)
        lock = self._root / _ADDING / f"{name}.lock"
        with explained(str(lock)):
            descriptor = create_private_file(lock)
        try:
            try:
                try_lock(descriptor)
            except OSError as error:
                raise MapError(
                    f"another program is adding or removing the map {name} at this moment", "Wait until it has ended"
                ) from error
            yield folder
        finally:
            with contextlib.suppress(OSError):  # not empty: a download that goes on another time
                folder.rmdir()
            os.close(descriptor)

    def put(self, name: str, ready: Path, record: MapRecord) -> StoredMap:
        """Make a folder that is ready the map's; what was there before goes. Needs `adding`.

        Raises:
            StoreError: it cannot be moved; what was there before is there still.
        """
        place, old = self._root / name, ready.parent / "old"
        with explained(str(place)):
            write_private_file(ready / _RECORD, json.dumps(asdict(record), indent=1).encode(), replace=True)
            _sync(ready)
            shutil.rmtree(old, ignore_errors=True)
            if place.exists():
                place.rename(old)
            try:
                ready.rename(place)
            except OSError:
                if old.exists():
                    old.rename(place)
                raise
            shutil.rmtree(old, ignore_errors=True)
        return StoredMap(name, place, record)

    def _read(self, name: str) -> StoredMap | None:
        path = self._root / name
        try:
            held: Any = json.loads((path / _RECORD).read_text(encoding="utf-8"))
            bounds = Bounds(**{key: float(value) for key, value in held["bounds"].items()})
            record = MapRecord(
                source=str(held["source"]), added=str(held["added"]), places=int(held["places"]), bounds=bounds
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return StoredMap(name, path, record)


def require_map_name(name: str) -> None:
    """Raises UsageError where a map cannot be called so."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"a map cannot be called {name!a:.60}", "Use small letters, digits, - and _, 63 at most: --name NAME"
        )


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0


def _sync(folder: Path) -> None:
    """Have all files on the disk before the folder gets its name."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
