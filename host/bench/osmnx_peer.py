"""osmnx and networkx as a router for walkers, beside ours in `sidelight bench navigate`.

They are given the ways that osmnx itself asks a server for as "walk", out of the same file, as the OpenStreetMap XML
that it reads offline. Reference: the filter "walk" of osmnx 2.1, `_overpass._get_network_filter`.
"""

from __future__ import annotations

import importlib.util
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from host.navigate.line import Place

__all__ = ["OsmnxWalks", "is_here"]

_NOT_WALKED: Final = frozenset(
    (
        *("abandoned", "bus_guideway", "construction", "cycleway", "motor", "no", "planned", "platform", "proposed"),
        *("raceway", "razed", "rest_area", "services"),
    )
)
_SIDEWALKS: Final = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")


def is_here() -> bool:
    """Whether both are installed; imports nothing."""
    return all(importlib.util.find_spec(name) is not None for name in ("osmnx", "networkx"))


class OsmnxWalks:
    """The ways of a map as osmnx's graph."""

    def __init__(self, file: Path, folder: Path) -> None:
        """Load the graph.

        Args:
            file: in any of OpenStreetMap's formats.
            folder: for what osmnx is given; nothing else is in it afterwards.

        Raises:
            ValueError: nothing in the file can be walked.
        """
        import networkx as nx  # noqa: PLC0415 - an extra, loaded when used, as what follows
        import osmnx  # noqa: PLC0415

        self._networkx: Any = nx
        xml = folder / "walk.osm"
        if not _write_walkable(file, xml):
            raise ValueError("nothing in the file can be walked")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about files that osmnx wrote itself
            self._graph: Any = osmnx.graph_from_xml(xml, bidirectional=True)
        self.nodes = [(int(n), Place(float(at["y"]), float(at["x"]))) for n, at in self._graph.nodes(data=True)]
        """Junctions and ends: their number in the graph, and where they are."""

    def route_m(self, start: int, end: int) -> float | None:
        """How long the shortest way between two nodes is, having found it; None where there is none."""
        try:
            path = self._networkx.shortest_path(self._graph, start, end, weight="length")
        except self._networkx.NetworkXNoPath:
            return None
        return sum(min(float(edge["length"]) for edge in self._graph[a][b].values()) for a, b in pairwise(path))


def _write_walkable(file: Path, target: Path) -> bool:
    import osmium as library  # noqa: PLC0415 - an extra, loaded when used

    osmium: Any = library
    found = False
    with osmium.BackReferenceWriter(str(target), ref_src=str(file), remove_tags=False) as writer:
        for way in osmium.FileProcessor(str(file), osmium.osm.WAY):
            if _is_walked({tag.k: tag.v for tag in way.tags}):
                writer.add(way)
                found = True
    return found


def _is_walked(tags: dict[str, str]) -> bool:
    return (
        tags.get("highway", "no") not in _NOT_WALKED
        and tags.get("area") != "yes"
        and tags.get("access") != "private"
        and tags.get("foot") != "no"
        and tags.get("service") != "private"
        and all(tags.get(key) != "separate" for key in _SIDEWALKS)
    )
