"""The places of an OpenStreetMap file: what has a name or an address, and what is looked for without one.

Nodes, ways and relations. An area's place is the middle of the box around it, of a relation that of its members (the
label, where it has one); a line's is its middle point. What is not in the file, as in an extract, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from host.backends.osm_damage import damaged
from host.contracts import Bounds, Place
from host.contracts.places import MapPlace
from host.errors import MapError

__all__ = ["OsmPlaces"]

# The first that a thing has says what it is.
_KINDS: Final = (
    "railway", "aeroway", "aerialway", "amenity", "tourism", "shop", "leisure", "historic", "healthcare", "office",
    "craft", "emergency", "public_transport", "place", "natural", "man_made", "waterway", "highway", "building",
    "landuse", "boundary", "site",
)  # fmt: skip
# Tags that are not a place on their own: rails, signals, the outline of a house.
_NO_PLACE: Final = frozenset(
    {
        "railway=rail", "railway=tram", "railway=subway", "railway=light_rail", "railway=narrow_gauge",
        "railway=abandoned", "railway=disused", "railway=switch", "railway=signal", "railway=level_crossing",
        "railway=crossing", "railway=platform", "railway=stop", "public_transport=stop_position", "natural=coastline",
        "highway=traffic_signals", "highway=crossing", "highway=motorway_junction", "highway=street_lamp",
        "historic=no", "building=no",
    }
)  # fmt: skip
# What of `highway` is no street.
_STOPS: Final = frozenset({"bus_stop", "elevator", "services", "rest_area", "platform"})
_RELATIONS: Final = frozenset({"multipolygon", "boundary", "site", "bridge", "tunnel", "building"})
_LABELS: Final = frozenset({"label", "admin_centre"})  # roles of the node that a map writes the name at
_OTHER_NAMES: Final = ("int_name", "alt_name", "old_name", "official_name", "short_name", "loc_name", "brand")
_NAME_IN: Final = re.compile(r"name:([a-z]{2,3}(?:[-_][A-Za-z]{2,8})?)")
_LONGEST: Final = 255  # characters of a value, as OpenStreetMap itself allows
_MOST_NAMES: Final = 200  # of one place; a capital has that many languages

HOUSE: Final = "addr=house"


@dataclass(slots=True)
class _Box:
    """Around places that come one by one."""

    south: float = 90.0
    west: float = 180.0
    north: float = -90.0
    east: float = -180.0

    def add(self, place: Place | None) -> None:
        if place is None:
            return
        self.south, self.north = min(self.south, place.lat), max(self.north, place.lat)
        self.west, self.east = min(self.west, place.lon), max(self.east, place.lon)

    @property
    def middle(self) -> Place | None:
        if self.south > self.north:
            return None
        return Place((self.south + self.north) / 2, (self.west + self.east) / 2)


@dataclass(slots=True)
class _Relation:
    """One that is a place, until its members have been seen."""

    tags: Mapping[str, str]
    ways: tuple[int, ...]
    nodes: tuple[int, ...]
    label: int | None
    box: _Box = field(default_factory=_Box)


class OsmPlaces:
    """The places of one file; read once."""

    def __init__(self, file: Path, unnamed: frozenset[str], on_place: Callable[[int], None]) -> None:
        """Prepare; nothing is read.

        Args:
            file: in any of OpenStreetMap's formats.
            unnamed: kinds that are kept without a name, as "amenity=toilets".
            on_place: told how many there are so far.
        """
        self._file, self._unnamed, self._on_place = file, unnamed, on_place
        self._ways = _Box()
        self.ways = 0
        """How many ways somebody could be on; known when all places have come."""

    def __iter__(self) -> Iterator[MapPlace]:
        """Every place. Raises MapError: the file is damaged, or is none."""
        count = 0
        try:
            for place in self._all():
                count += 1
                if count % 1000 == 0:
                    self._on_place(count)
                yield place
        except (RuntimeError, ValueError, OSError) as error:  # as osmium says what is wrong with a file
            raise damaged(self._file, error) from error

    @property
    def bounds(self) -> Bounds:
        """Around all ways; known when all places have come. Raises MapError: there are none."""
        if self.ways == 0 or self._ways.middle is None:
            raise MapError(f"{self._file.name} has no streets and paths", "Use an extract with streets and paths")
        return Bounds(self._ways.south, self._ways.west, self._ways.north, self._ways.east)

    def _all(self) -> Iterator[MapPlace]:
        import osmium as library  # noqa: PLC0415 - loaded when used

        osmium: Any = library  # what a file has is not known before it is read
        relations = self._relations(osmium)
        keys = (*_KINDS, "addr:housenumber", "name")
        reader = osmium.FileProcessor(str(self._file), osmium.osm.NODE | osmium.osm.WAY)
        reader.with_locations().with_filter(osmium.filter.KeyFilter(*keys))
        for thing in reader:
            tags = dict(thing.tags)
            if thing.is_way() and "highway" in tags:
                self._count(thing)
            if not self._is_wanted(tags):
                continue
            where = Place(thing.lat, thing.lon) if thing.is_node() else _middle(thing, is_line="highway" in tags)
            if where is not None:
                yield _place(tags, where, self._unnamed)
        self._locate(osmium, relations, reader.node_location_storage)
        for relation in relations:
            if (middle := relation.box.middle) is not None:
                yield _place(relation.tags, middle, self._unnamed)

    def _relations(self, osmium: Any) -> list[_Relation]:
        """Those that are places, with their members not yet seen."""
        found = []
        for thing in osmium.FileProcessor(str(self._file), osmium.osm.RELATION):
            tags = dict(thing.tags)
            if tags.get("type") not in _RELATIONS or not self._is_wanted(tags):
                continue
            members = [(m.type, m.ref, m.role) for m in thing.members]
            label = next(
                (ref for kind, ref, role in members if kind == "n" and role in {"label", "admin_centre"}), None
            )
            ways = tuple(ref for kind, ref, _ in members if kind == "w")
            nodes = tuple(ref for kind, ref, _ in members if kind == "n")
            found.append(_Relation(tags, ways, nodes, label))
        return found

    def _locate(self, osmium: Any, relations: list[_Relation], nodes: Any) -> None:
        """Find out where the members of relations are."""
        belongs: dict[int, list[_Relation]] = {}
        for relation in relations:
            label = _located(nodes, relation.label)
            for place in [label] if label else [_located(nodes, number) for number in relation.nodes]:
                relation.box.add(place)
            for way in () if label else relation.ways:
                belongs.setdefault(way, []).append(relation)
        if not belongs:
            return
        reader = osmium.FileProcessor(str(self._file), osmium.osm.WAY)
        for way in reader.with_filter(osmium.filter.IdFilter(belongs)):
            for where in [_located(nodes, node.ref) for node in way.nodes]:
                for relation in belongs[way.id]:
                    relation.box.add(where)

    def _count(self, way: Any) -> None:
        """Take a way into the bounds; its ends will do."""
        self.ways += 1
        for node in (way.nodes[0], way.nodes[-1]):
            self._ways.add(Place(node.lat, node.lon) if node.location.valid() else None)

    def _is_wanted(self, tags: Mapping[str, str]) -> bool:
        kind = _kind(tags)
        if kind in self._unnamed or _address(tags):
            return True
        named = bool(_value(tags, "name") or _value(tags, "brand"))
        return named and bool(kind) and kind not in _NO_PLACE


def _place(tags: Mapping[str, str], where: Place, unnamed: frozenset[str]) -> MapPlace:
    """What these tags are, there."""
    kind, address = _kind(tags) or HOUSE, _address(tags)
    name = _value(tags, "name") or _value(tags, "brand")
    if not name and kind not in unnamed:
        kind, name, address = HOUSE, address, ""
    locality = _value(tags, "addr:city") or _value(tags, "is_in:city")
    return MapPlace(name=name, kind=kind, place=where, names=_names(tags), address=address, locality=locality)


def _middle(way: Any, *, is_line: bool) -> Place | None:
    """Where a way is: an area's middle, or a line's; None where none of its nodes is in the file."""
    places = [Place(n.lat, n.lon) for n in way.nodes if n.location.valid()]
    if not places:
        return None
    if not is_line and way.is_closed():
        box = _Box()
        for place in places:
            box.add(place)
        return box.middle
    return places[len(places) // 2]


def _kind(tags: Mapping[str, str]) -> str:
    """What it is, as a tag; empty for nothing that is known."""
    for key in _KINDS:
        value = _value(tags, key)
        if not value or f"{key}={value}" in _NO_PLACE:
            continue
        if key == "highway" and value not in _STOPS:
            return "highway=street"
        return f"{key}={value}"
    return ""


def _names(tags: Mapping[str, str]) -> dict[str, str]:
    """All names but the first, by language or what kind of name it is."""
    found: dict[str, str] = {}
    for key, value in tags.items():
        if (language := _NAME_IN.fullmatch(key)) and len(found) < _MOST_NAMES:
            found[language[1]] = value[:_LONGEST]
    for key in _OTHER_NAMES:
        for number, value in enumerate(_value(tags, key).split(";")):
            if value.strip():
                found[key.removesuffix("_name") + (str(number) if number else "")] = value.strip()
    return found


def _address(tags: Mapping[str, str]) -> str:
    street, number = _value(tags, "addr:street") or _value(tags, "addr:place"), _value(tags, "addr:housenumber")
    return f"{street} {number}" if street and number else ""


def _value(tags: Mapping[str, str], key: str) -> str:
    return tags.get(key, "").strip()[:_LONGEST]


def _located(nodes: Any, number: int | None) -> Place | None:
    """Where a node is; None where there is none, or it is not in the file."""
    if number is None:
        return None
    try:
        location = nodes.get(number)
    except KeyError:
        return None
    return Place(location.lat, location.lon) if location.valid() else None
