"""An OpenStreetMap file as the file that the tile builder reads: in its format, and of a big one only what is near.

What is clipped is whole: a way that is partly near keeps all of its points, and so does each way of an area.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from host.backends.osm_damage import damaged
from host.contracts import Bounds, Place

__all__ = ["around", "extract", "is_pbf"]

_DEGREE_M: Final = 111_195.0  # of latitude
# Lines of buses and the like lead far away, and nobody walks by them.
_LONG: Final = frozenset({"route", "route_master", "network", "superroute", "boundary", "waterway"})


def is_pbf(file: Path) -> bool:
    """Whether the tile builder reads it as it is, by its name."""
    return file.name.endswith(".pbf")


def around(place: Place, km: float) -> Bounds:
    """The part of the world so far around a place, to the north, east, south and west."""
    north = km * 1000.0 / _DEGREE_M
    east = north / max(0.01, math.cos(math.radians(place.lat)))
    return Bounds(place.lat - north, place.lon - east, place.lat + north, place.lon + east)


def extract(file: Path, target: Path, bounds: Bounds | None) -> None:
    """Write what is in the bounds, or all of it, as PBF.

    Args:
        file: in any of OpenStreetMap's formats.
        target: ends in .osm.pbf; must not be there yet.
        bounds: None for all.

    Raises:
        MapError: the file is damaged, or is none.
        DiskFullError: no room.
    """
    import osmium as library  # noqa: PLC0415 - loaded when used

    osmium: Any = library
    try:
        if bounds is None:
            with osmium.SimpleWriter(str(target)) as writer:
                for thing in osmium.FileProcessor(str(file)):
                    writer.add(thing)
        else:
            with osmium.BackReferenceWriter(str(target), ref_src=str(file), remove_tags=False) as writer:
                for thing in _near(osmium, file, bounds):
                    writer.add(thing)
    except (RuntimeError, ValueError, OSError) as error:  # as osmium says what is wrong with a file
        raise damaged(file, error) from error


def _near(osmium: Any, file: Path, bounds: Bounds) -> Iterator[Any]:
    """What is in the bounds, or has a part there; points without tags come with the ways that they belong to."""
    near = osmium.IdTracker()
    south, west, north, east = bounds.south, bounds.west, bounds.north, bounds.east
    for thing in osmium.FileProcessor(str(file)):
        if thing.is_node():
            if south <= thing.lat <= north and west <= thing.lon <= east:
                near.add_node(thing.id)
                if thing.tags:
                    yield thing
        elif near.contains_any_references(thing):
            if thing.is_way():
                near.add_way(thing.id)
                yield thing
            elif thing.tags.get("type") not in _LONG:
                yield thing
