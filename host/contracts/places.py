"""What navigation needs of an index of places: what is on a map, and where.

A kind is an OpenStreetMap tag, as "amenity=pharmacy"; "addr=house" is a house number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from host.navigate.line import Place

__all__ = ["MapPlace", "PlaceSource", "Term"]


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


@dataclass(frozen=True, slots=True)
class Term:
    """A part of what is looked for; any of these will do.

    Attributes:
        texts: words as they may stand in a name or address; the last may be the beginning of one.
        kinds: that a place may be of.
    """

    texts: tuple[str, ...]
    kinds: frozenset[str] = frozenset()


class PlaceSource(Protocol):
    """The index of a map."""

    def find(self, terms: Sequence[Term], *, every: bool, near: Place | None, limit: int) -> list[MapPlace]:
        """The places that have these terms in their names, address or kind, in no order that means anything.

        Args:
            terms: what was asked.
            every: whether a place must have all of them.
            near: of too many, half are the nearest to here.
            limit: how many at most, 1 or more.

        Raises:
            MapError: the index is damaged.
        """
        ...

    def alike(self, word: str) -> list[str]:
        """Words of names that differ from a folded one by one letter, and others. Raises MapError."""
        ...
