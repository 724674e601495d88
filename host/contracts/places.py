"""What navigation needs of an index of places: what is on a map, and where.

A kind is an OpenStreetMap tag, as "amenity=pharmacy"; "addr=house" is a house number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from host.navigate.line import Place

__all__ = ["MapPlace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPlace:
    """A place of a map.

    Attributes:
        name: as it is called there; empty where it has none.
        kind: what it is.
        place: where; for an area about its middle, for a street about the middle of its line.
        names: all other names: by language ("fr"), or what kind of name it is ("old", "official", "short").
        address: street and number, as they are written there; empty where there is none.
        locality: the town; empty where it is not said.
    """

    name: str
    kind: str
    place: Place
    names: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    locality: str = ""
