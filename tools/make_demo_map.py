"""Write a small town of our own making as OpenStreetMap data: for tests, and for the demo. No place is like it.

    python tools/make_demo_map.py FILE.osm

Eight streets in a grid of blocks of 120 by 90 m near 0 north, 20 west, where there is only sea, so that nobody takes it
for a place; a river with a bridge and stairs, a roundabout, a park, a station of two parts, shops, houses with numbers,
names in several languages, a way on its own island, and a closed one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

__all__ = ["CORNER", "town"]

CORNER: Final = (0.5, -20.0)
"""Degrees north and east of the south-west corner."""

_EAST_M: Final = 120.0
_NORTH_M: Final = 90.0
_DEGREE_M: Final = 111_195.0

_ACROSS: Final = ("Harbour Street", "Mill Lane", "Rue de la Gare", "Königstraße", "Calle del Río")  # south to north
_ALONG: Final = ("First Avenue", "Second Avenue", "Station Road", "Church Walk", "Park Road", "Quay Road")

_Tags = Mapping[str, str]


class _Town:
    """Nodes, ways and relations as they are made."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.ways: list[str] = []
        self.relations: list[str] = []
        self._number = 0

    def node(self, east: float, north: float, tags: _Tags | None = None) -> int:
        """A place, in blocks from the corner."""
        number = self._next()
        lat = CORNER[0] + north * _NORTH_M / _DEGREE_M
        lon = CORNER[1] + east * _EAST_M / _DEGREE_M
        self.nodes.append(f'<node id="{number}" version="1" lat="{lat:.7f}" lon="{lon:.7f}">{_tags(tags or {})}</node>')
        return number

    def way(self, nodes: list[int], tags: _Tags) -> int:
        """A line through nodes."""
        number = self._next()
        refs = "".join(f'<nd ref="{n}"/>' for n in nodes)
        self.ways.append(f'<way id="{number}" version="1">{refs}{_tags(tags)}</way>')
        return number

    def relation(self, members: list[tuple[str, int, str]], tags: _Tags) -> None:
        """What several things are together: (type, number, role)."""
        refs = "".join(f'<member type="{kind}" ref="{number}" role="{role}"/>' for kind, number, role in members)
        self.relations.append(f'<relation id="{self._next()}" version="1">{refs}{_tags(tags)}</relation>')

    def area(self, east: float, north: float, wide: float, high: float, tags: _Tags) -> int:
        """A rectangle."""
        corners = [
            self.node(east, north),
            self.node(east + wide, north),
            self.node(east + wide, north + high),
            self.node(east, north + high),
        ]
        return self.way([*corners, corners[0]], tags)

    def text(self) -> str:
        """All of it as OSM XML."""
        return "\n".join(
            [
                '<?xml version="1.0" encoding="UTF-8"?>',
                '<osm version="0.6" generator="sidelight">',
                *self.nodes,
                *self.ways,
                *self.relations,
                "</osm>\n",
            ]
        )

    def _next(self) -> int:
        self._number += 1
        return self._number


def town() -> str:
    """The town as OSM XML; the same at every call."""
    made = _Town()
    _streets(made)
    _places(made)
    _houses(made)
    return made.text()


def _streets(made: _Town) -> None:
    grid = [[made.node(x, y) for x in range(len(_ALONG))] for y in range(len(_ACROSS))]
    for y, name in enumerate(_ACROSS):
        # In pieces, as in real data: one street must be found once.
        for first, last in ((0, 2), (2, len(_ALONG) - 1)):
            made.way(grid[y][first : last + 1], {"highway": "residential", "name": name})
    for x, name in enumerate(_ALONG):
        made.way([row[x] for row in grid], {"highway": "residential", "name": name, "sidewalk": "both"})
    # Over the river, north of the grid: a bridge, and stairs down to a path along the water, with a ramp further on.
    north = made.node(2, 5.2)
    made.way([grid[4][2], north], {"highway": "residential", "name": "Old Bridge", "bridge": "yes", "layer": "1"})
    quay = [made.node(x, 4.6) for x in (2.3, 3.0, 4.0, 5.0)]
    made.way([grid[4][2], quay[0]], {"highway": "steps", "name": ""})
    made.way(quay, {"highway": "footway"})
    made.way([grid[4][5], quay[3]], {"highway": "footway", "wheelchair": "yes"})
    made.way([north, made.node(3.0, 5.3), made.node(4.0, 5.3)], {"highway": "residential", "name": "North Bank"})
    # A roundabout at the end of Harbour Street, and two ways out of it.
    ring = [made.node(6 + dx, dy) for dx, dy in ((-0.15, 0.0), (0.0, -0.2), (0.15, 0.0), (0.0, 0.2))]
    made.way([*ring, ring[0]], {"highway": "residential", "junction": "roundabout"})
    made.way([grid[0][5], ring[0]], {"highway": "residential", "name": "Harbour Street"})
    made.way([ring[2], made.node(7, 0)], {"highway": "residential", "name": "Lighthouse Road"})
    made.way([ring[3], made.node(6, 1)], {"highway": "residential", "name": "Fish Lane"})
    # An island that no bridge leads to.
    made.way([made.node(9, 4), made.node(9.5, 4), made.node(10, 4)], {"highway": "footway", "name": "Island Path"})


def _places(made: _Town) -> None:
    station = made.area(
        1.9,
        2.15,
        0.2,
        0.3,
        {"building": "train_station", "railway": "station", "name": "Westhaven", "name:fr": "Havre-Ouest"},
    )
    made.node(2.0, 2.3, {"railway": "station", "name": "Westhaven", "name:ja": "ウェストヘイブン", "wheelchair": "yes"})
    made.node(2.02, 2.5, {"highway": "bus_stop", "name": "Westhaven Station"})
    outer = made.area(3.1, 3.1, 0.8, 0.8, {})
    made.relation(
        [("way", outer, "outer")],
        {"type": "multipolygon", "leisure": "park", "name": "Parque das Flores", "name:en": "Flower Park"},
    )
    made.relation([("way", station, "")], {"type": "site", "site": "railway_station", "name": "Westhaven Interchange"})
    shops = (
        (0.5, 0.05, {"amenity": "pharmacy", "name": "Farmácia São João"}),
        (4.5, 2.05, {"amenity": "pharmacy", "name": "Königs-Apotheke", "addr:street": "Königstraße"}),
        (1.5, 1.05, {"amenity": "cafe", "name": "Café Zoë", "opening_hours": "Mo-Su 08:00-20:00"}),
        (1.5, 3.05, {"amenity": "cafe", "name": "Café Zoë"}),
        (0.4, 1.95, {"amenity": "toilets"}),
        (2.5, 0.95, {"shop": "supermarket", "name": "Mercado Central", "old_name": "Mercado Velho"}),
        (3.5, 0.05, {"tourism": "museum", "name": "Museum of Small Things", "name:de": "Museum der kleinen Dinge"}),
        (2.5, 4.05, {"tourism": "hotel", "name": "Hotel Río", "name:zh": "河畔酒店"}),
        (5.5, -0.6, {"leisure": "marina", "name": "Port Westhaven", "name:fr": "Port de Havre-Ouest"}),
        (0.0, 4.5, {"amenity": "place_of_worship", "name": "St. Anna"}),
        (9.5, 4.05, {"man_made": "lighthouse", "name": "Island Light"}),
        (2.5, 2.5, {"place": "town", "name": "Westhaven", "population": "4000"}),
    )
    for east, north, tags in shops:
        made.node(east, north, tags)


def _houses(made: _Town) -> None:
    for number in range(1, 13):
        side = 0.08 if number % 2 else -0.08
        tags = {"addr:housenumber": str(number), "addr:street": "Mill Lane", "addr:city": "Westhaven"}
        made.node(0.2 + number * 0.3, 1 + side, tags)


def _tags(tags: _Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items() if value)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(town(), encoding="utf-8")
