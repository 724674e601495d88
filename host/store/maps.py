"""The maps on this computer: a folder each, with the tiles that routes are found on and the index of places.

    maps/NAME/map.json      what it is: where it came from, what it covers
    maps/NAME/tiles/...     Valhalla's
    maps/NAME/routes.json   Valhalla's configuration; written anew wherever the folder lies
    maps/NAME/places.db     `place_index.py`
    maps/.adding/NAME/...   what is being downloaded and built

A map appears whole and goes so (`whole_folders.py`).
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from host.contracts import Bounds
from host.errors import MapError, UsageError
from host.store.whole_folders import WholeFolders, bytes_in
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
        tiles_bytes: of its tiles; 0 where it has none.
    """

    source: str
    added: str
    places: int
    bounds: Bounds
    tiles_bytes: int


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
        return bytes_in(self.path)

    def require_tiles(self) -> None:
        """Raises MapError where a tile is missing or has been cut: routes would lead around it without a word."""
        if bytes_in(self.tiles) != self.record.tiles_bytes:
            raise MapError(
                f"the map {self.name} is damaged: its routes are not as they were made",
                f"Add it again, from {self.record.source!a:.200}",
            )


class MapFolder:
    """The folder of all maps; made when something is put there."""

    def __init__(self, data_folder: Path) -> None:
        self._folders = WholeFolders(data_folder / "maps", _ADDING, _busy)
        self._root = self._folders.root

    def all(self) -> list[StoredMap]:
        """Every map that is here, by name; what cannot be read is left out."""
        names = sorted(path.name for path in self._root.iterdir()) if self._root.is_dir() else []
        return [found for name in names if (found := self._read(name)) is not None]

    def unreadable(self) -> list[str]:
        """Names of maps that are here and cannot be read, in order."""
        names = sorted(p.name for p in self._root.iterdir() if p.is_dir()) if self._root.is_dir() else []
        return [name for name in names if _NAME.fullmatch(name) and self._read(name) is None]

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
        if not _NAME.fullmatch(name) or not self._folders.is_there(name):
            self.find(name)
        return self._folders.remove(name)

    def adding(self, name: str) -> contextlib.AbstractContextManager[Path]:
        """The folder that a map is made in, to oneself; afterwards it is there only if something is in it.

        Raises:
            MapError: another program is adding it.
            StoreError: it cannot be made.
        """
        return self._folders.making(name)

    def put(self, name: str, ready: Path, record: MapRecord) -> StoredMap:
        """Make a folder that is ready the map's; what was there before goes. Needs `adding`.

        Raises:
            StoreError: it cannot be moved; what was there before is there still.
        """
        content = json.dumps(asdict(record), indent=1).encode()
        return StoredMap(name, self._folders.put(name, ready, _RECORD, content), record)

    def _read(self, name: str) -> StoredMap | None:
        path = self._root / name
        try:
            held: Any = json.loads((path / _RECORD).read_text(encoding="utf-8"))
            bounds = Bounds(**{key: float(value) for key, value in held["bounds"].items()})
            record = MapRecord(
                source=str(held["source"]),
                added=str(held["added"]),
                places=int(held["places"]),
                bounds=bounds,
                tiles_bytes=int(held["tiles_bytes"]),
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


def _busy(name: str) -> MapError:
    return MapError(f"another program is adding or removing the map {name} at this moment", "Wait until it has ended")
