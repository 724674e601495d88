"""A way through the world as a line of points, and places along it; pure.

Places along the line are metres from its start. The earth is a sphere of its mean radius, and around a point it is
flat: within the few hundred metres that matter to a walker the error is below a centimetre.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["EARTH_M", "Line", "Place", "Snap", "bearing_deg", "distance_m", "flat", "moved_by", "turned_deg"]

EARTH_M: Final = 6_371_008.8  # mean radius, IUGG

_Metres = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees north and east, WGS 84."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Snap:
    """A place on a line that belongs to a place beside it.

    Attributes:
        along_m: metres from the line's start.
        offset_m: how far beside it the other place is, 0 or more.
    """

    along_m: float
    offset_m: float


def distance_m(a: Place, b: Place) -> float:
    """Metres between two places, along the sphere."""
    half = math.radians(b.lat - a.lat) / 2, math.radians(b.lon - a.lon) / 2
    cosines = math.cos(math.radians(a.lat)) * math.cos(math.radians(b.lat))
    return 2 * EARTH_M * math.asin(math.sqrt(min(1.0, math.sin(half[0]) ** 2 + cosines * math.sin(half[1]) ** 2)))


def bearing_deg(a: Place, b: Place) -> float:
    """From `a` to the near place `b`, 0 is north, 90 east; 0 where they are the same."""
    east = _around(b.lon - a.lon) * math.cos(math.radians((a.lat + b.lat) / 2))
    return math.degrees(math.atan2(east, b.lat - a.lat)) % 360.0


def turned_deg(before: float, after: float) -> float:
    """How far one direction is turned from another: -180 to 180, to the right is positive."""
    return (after - before + 180.0) % 360.0 - 180.0


class Line:
    """At least one point; points that follow one another may be equal."""

    def __init__(self, points: Sequence[Place]) -> None:
        """Raises ValueError where there is no point."""
        if not points:
            raise ValueError("a line needs a point")
        self.points = tuple(points)
        """As given."""
        lat = np.array([p.lat for p in points])
        self._lat, self._lon = lat, np.unwrap(np.array([p.lon for p in points]), period=360.0)
        self._along: _Metres = np.concatenate([[0.0], np.cumsum([distance_m(a, b) for a, b in pairwise(points)])])

    @property
    def length_m(self) -> float:
        """Metres from start to end."""
        return float(self._along[-1])

    def at(self, along_m: float) -> Place:
        """The place so far along; beyond its ends, the end."""
        along = min(max(along_m, 0.0), self.length_m)
        lat = float(np.interp(along, self._along, self._lat))
        return Place(lat, _around(float(np.interp(along, self._along, self._lon))))

    def direction_deg(self, along_m: float, ahead_m: float = 5.0) -> float:
        """Where the line leads from there on, over the next `ahead_m`; at its end, where it led before."""
        start = min(max(along_m, 0.0), max(0.0, self.length_m - ahead_m))
        return bearing_deg(self.at(start), self.at(start + ahead_m))

    def point_m(self, number: int) -> float:
        """How far along a point of the line is, by its number from 0."""
        return float(self._along[number])

    def part(self, start_m: float, end_m: float) -> list[Place]:
        """The places from `start_m` to `end_m`, with all points between them."""
        inside = (self._along > start_m) & (self._along < end_m)
        return [self.at(start_m), *(self.points[i] for i in np.flatnonzero(inside)), self.at(end_m)]

    def snap(self, place: Place, start_m: float, end_m: float, expected_m: float, doubt: float) -> Snap:
        """The place on a part of the line that `place` most likely belongs to.

        Of two that are equally near, the one nearer to what was expected is taken.

        Args:
            place: where somebody seems to be.
            start_m: the part begins here.
            end_m: and ends here; at least `start_m`.
            expected_m: where along the line they should be.
            doubt: how much a metre along the line from there counts, beside a metre off the line; 0 is nothing.
        """
        first = max(0, int(np.searchsorted(self._along, start_m, side="right")) - 1)
        last = min(len(self._along) - 1, max(first + 1, int(np.searchsorted(self._along, end_m, side="left"))))
        x, y = self._flat(place, first, last)
        if len(x) == 1:
            return Snap(float(self._along[first]), float(math.hypot(x[0], y[0])))
        dx, dy = np.diff(x), np.diff(y)
        length = np.diff(self._along[first : last + 1])
        square = dx * dx + dy * dy
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(square > 0, -(x[:-1] * dx + y[:-1] * dy) / square, 0.0)
            low = np.where(length > 0, (start_m - self._along[first:last]) / length, 0.0)
            high = np.where(length > 0, (end_m - self._along[first:last]) / length, 0.0)
        share = np.clip(share, np.clip(low, 0, 1), np.clip(high, 0, 1))
        along = self._along[first:last] + share * length
        offset = np.hypot(x[:-1] + share * dx, y[:-1] + share * dy)
        best = int(np.argmin(offset**2 + (doubt * (along - expected_m)) ** 2))
        return Snap(float(along[best]), float(offset[best]))

    def flat(self, centre: Place, along_m: _Metres) -> tuple[_Metres, _Metres]:
        """Places along the line in metres north and east of a place near by."""
        lat = np.interp(along_m, self._along, self._lat)
        lon = np.interp(along_m, self._along, self._lon)
        return _metres(centre, lat, lon)

    def _flat(self, place: Place, first: int, last: int) -> tuple[_Metres, _Metres]:
        """Points `first` to `last` in metres east and north of a place."""
        north, east = _metres(place, self._lat[first : last + 1], self._lon[first : last + 1])
        return east, north


def flat(centre: Place, place: Place) -> tuple[float, float]:
    """A place in metres north and east of another near by."""
    degree = math.radians(1.0) * EARTH_M
    east = _around(place.lon - centre.lon) * degree * math.cos(math.radians(centre.lat))
    return (place.lat - centre.lat) * degree, east


def moved_by(place: Place, north_m: float, east_m: float) -> Place:
    """The place so many metres away."""
    degree = math.radians(1.0) * EARTH_M
    return Place(place.lat + north_m / degree, _around(place.lon + east_m / degree / math.cos(math.radians(place.lat))))


def _metres(centre: Place, lat: _Metres, lon: _Metres) -> tuple[_Metres, _Metres]:
    degree = math.radians(1.0) * EARTH_M
    east = (lon - centre.lon + 180.0) % 360.0 - 180.0
    return (lat - centre.lat) * degree, east * (degree * math.cos(math.radians(centre.lat)))


def _around(lon: float) -> float:
    """Degrees east from -180 to 180."""
    return (lon + 180.0) % 360.0 - 180.0
