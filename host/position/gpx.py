"""GPX files (1.0, 1.1, or without a namespace) as points to be walked along; pure.

Apps write what they like: times or none, HDOP or none, speed as an element or in their own extensions. An element is
known by its name without its namespace's prefix. What XML offers beyond elements (a DOCTYPE, entities) is in no GPX
file, and is refused before it can grow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from xml.parsers import expat

from host.errors import PositionError
from host.position.measurement import POINTS_MAX, Measurement, of_hdop, of_radius68

__all__ = ["GpxReader"]

DEPTH_MAX: Final = 64  # GPX has 6, apps' extensions some more
TEXT_MAX: Final = 64  # letters of a time or a number
TOKEN_MAX: Final = 1 << 20  # bytes of one element, without what is in it: a longer one is read ever more slowly

_KINDS: Final = {"trkpt": "track", "rtept": "route", "wpt": "waypoint"}
_FIELDS: Final = {"time", "hdop", "speed", "course", "accuracy", "accuracy_horizontal"}
_METRES_AS_HDOP: Final = ("OsmAnd", "Locus")  # their <hdop> is the phone's radius of 68 %
_HINT: Final = "Export it again from the app that recorded it, or leave out what is damaged"


@dataclass(slots=True)
class _Found:
    """Stretches without a gap, by kind."""

    track: list[list[Measurement]] = field(default_factory=list)
    route: list[list[Measurement]] = field(default_factory=list)
    waypoint: list[list[Measurement]] = field(default_factory=lambda: [[]])


class GpxReader:
    """Takes a file in pieces.

    Attributes:
        creator: the app that wrote it, as it says itself; empty until the root was read.
    """

    def __init__(self) -> None:
        """Before the first byte."""
        self.creator = ""
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._started
        self._parser.EndElementHandler = self._ended
        self._parser.CharacterDataHandler = self._said
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._path: list[str] = []
        self._found = _Found()
        self._count = 0
        self._fed = 0
        self._point: dict[str, float] | None = None
        self._kind = ""
        self._text: list[str] | None = None

    def feed(self, data: bytes) -> None:
        """The next bytes. Raises PositionError, with the line, where they are not GPX."""
        self._parse(data, final=False)

    def close(self) -> tuple[tuple[Measurement, ...], ...]:
        """The stretches without a gap, none empty: the tracks' segments or, where there is no track, the routes.

        Raises:
            PositionError: the file ended too early, or holds nothing to walk along.
        """
        self._parse(b"", final=True)
        found = self._found
        stretches = [tuple(part) for part in (found.track if any(found.track) else found.route) if part]
        if stretches:
            return tuple(stretches)
        places = len(found.waypoint[0])
        what = f"only waypoints ({places})" if places else "no points"
        raise PositionError(f"the GPX file has {what}, no track and no route", "Export a track or a route of your app")

    def _parse(self, data: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            raise self._malformed(expat.ErrorString(error.code)) from error
        except (LookupError, ValueError) as error:  # an encoding that nobody knows
            raise self._malformed("its text is in no encoding that is known") from error
        self._fed += len(data)
        if self._fed - self._parser.CurrentByteIndex > TOKEN_MAX + len(data):
            raise self._malformed("an element without an end")

    def _malformed(self, why: str) -> PositionError:
        return PositionError(f"the GPX file is malformed in line {self._parser.CurrentLineNumber}: {why}", _HINT)

    def _doctype(self, *_: object) -> None:
        raise self._malformed("it has a DOCTYPE, as no GPX file has")

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self._path:
            if local != "gpx":
                raise PositionError(f"the file is no GPX: its root is {local!a:.40}", "Name a GPX file")
            self.creator = attributes.get("creator", "")
        if len(self._path) == DEPTH_MAX:
            raise self._malformed("elements in elements without end")
        self._path.append(local)
        if local in _KINDS and self._point is None:
            self._point = self._place(attributes)
            self._kind = _KINDS[local]
        elif local == "trkseg":
            self._found.track.append([])
        elif local == "rte":
            self._found.route.append([])
        elif self._point is not None and local in _FIELDS:
            self._text = []

    def _place(self, attributes: dict[str, str]) -> dict[str, float]:
        self._count += 1
        if self._count > POINTS_MAX:
            raise self._malformed(f"more than {POINTS_MAX} points")
        place = {}
        for key, limit in (("lat", 90.0), ("lon", 180.0)):
            value = _number(attributes.get(key, ""))
            if value is None or abs(value) > limit:
                raise self._malformed(f"a point's {key} is {attributes.get(key, 'missing')!a:.20}")
            place[key] = value
        return place

    def _said(self, text: str) -> None:
        if self._text is not None and sum(map(len, self._text)) <= TEXT_MAX:
            self._text.append(text)

    def _ended(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self._path.pop()
        if self._text is not None and self._point is not None and local in _FIELDS:
            self._keep(local, "".join(self._text).strip())
            self._text = None
        elif local in _KINDS and self._point is not None and _KINDS[local] == self._kind:
            self._add(self._point)
            self._point = None

    def _keep(self, key: str, text: str) -> None:
        value = _utc_s(text) if key == "time" else _number(text)
        if self._point is not None and value is not None and (key == "time" or value >= 0):
            self._point.setdefault(key, value)

    def _add(self, point: dict[str, float]) -> None:
        read = Measurement(
            lat=point["lat"],
            lon=point["lon"],
            accuracy_m=self._accuracy_m(point),
            utc_s=point.get("time"),
            speed_mps=point.get("speed"),
            course_deg=point.get("course"),
        )
        stretches: list[list[Measurement]] = getattr(self._found, self._kind)
        if not stretches:  # a point outside a segment
            stretches.append([])
        stretches[-1].append(read)

    def _accuracy_m(self, point: dict[str, float]) -> float | None:
        """Some apps write metres and call them HDOP."""
        radius_m = point.get("accuracy_horizontal", point.get("accuracy"))
        hdop = point.get("hdop")
        if radius_m is None and hdop is not None and self.creator.startswith(_METRES_AS_HDOP):
            radius_m = hdop
        if radius_m is not None:
            return of_radius68(radius_m)
        return None if hdop is None else of_hdop(hdop)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _utc_s(text: str) -> float | None:
    """ISO 8601; a time without a zone is UTC, as GPX demands."""
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
