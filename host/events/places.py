"""Maps, and the places on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from host.events.event import Event

__all__ = ["MapEntry", "PlaceEntry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEntry(Event):
    """A map that is on this computer: one line of `maps list`, or what `maps add` has made.

    Attributes:
        id: its name.
        path: where it is.
        source: address or file that it was made of.
        added: when, ISO 8601 with its offset.
        places: how many there are in its index.
        size: bytes on the disk.
        bounds: south, west, north and east of what it covers, in degrees.
    """

    name: ClassVar[str] = "map"
    id: str
    path: str
    source: str
    added: str
    places: int
    size: int
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceEntry(Event):
    """A place that was found, or that is saved.

    Attributes:
        number: in the list, from 1, the likeliest first; 0 for a saved place.
        title: what it is called; empty where nobody knows.
        lat: degrees north, WGS 84.
        lon: degrees east.
        kind: what it is, as OpenStreetMap says it ("amenity=pharmacy"); empty where nobody knows.
        address: street and number; empty where the map has none.
        distance_m: how far away it is; None where nobody knows.
        saved: the name that the user gave it; empty for one of the map.
    """

    name: ClassVar[str] = "place"
    number: int
    title: str
    lat: float
    lon: float
    kind: str
    address: str
    distance_m: float | None
    saved: str
