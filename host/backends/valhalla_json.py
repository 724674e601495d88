"""Valhalla's JSON: a request as data, and an answer as a route; the same in process and over HTTP.

Reference: valhalla.github.io/valhalla, API of /route and of /trace_attributes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from host.contracts import Leg, Maneuver, Mode, Place, Route, Step, Way
from host.errors import BackendError, HostError, NoRouteError, OutsideMapError

__all__ = ["LANGUAGES", "LICENCE", "error_of", "request_of", "route_of", "ways_request"]

LICENCE: Final = "(c) OpenStreetMap contributors"

# What somebody may be off the ways of the map, in a wide park or at sea: Valhalla's own 35 km would lead anywhere.
NEAR_M: Final = 500

LANGUAGES: Final[Mapping[str, str]] = {
    "bg": "bg-BG", "ca": "ca-ES", "cs": "cs-CZ", "da": "da-DK", "de": "de-DE", "el": "el-GR", "en": "en-US",
    "es": "es-ES", "et": "et-EE", "fi": "fi-FI", "fr": "fr-FR", "hi": "hi-IN", "it": "it-IT", "ja": "ja-JP",
    "nb": "nb-NO", "nl": "nl-NL", "pl": "pl-PL", "pt": "pt-PT", "ro": "ro-RO", "ru": "ru-RU", "sk": "sk-SK",
    "sl": "sl-SI", "sv": "sv-SE", "tr": "tr-TR", "uk": "uk-UA", "vi": "vi-VN",
}  # fmt: skip
"""Languages that it has sentences in; of Arabic and Hungarian only half. Chinese it has none."""

_ENGLISH: Final = "en"

_COSTING: Final[Mapping[Mode, tuple[str, Mapping[str, object]]]] = {
    Mode.WALK: ("pedestrian", {}),
    Mode.BIKE: ("bicycle", {"bicycle_type": "City"}),
    # A wheelchair's ways, at its pace; stairs cost half a day, so that there are some only where there is no other way.
    Mode.STEP_FREE: ("pedestrian", {"type": "wheelchair", "step_penalty": 43_200, "max_distance": 100_000}),
}
_DOES: Final = {Mode.WALK: "to walk", Mode.BIKE: "to cycle", Mode.STEP_FREE: "without stairs"}

# DirectionsLeg.Maneuver.Type of proto/directions.proto. What drivers do is said as what a cyclist on their road does.
_MANEUVERS: Final[Mapping[int, Maneuver]] = {
    0: Maneuver.CONTINUE, 1: Maneuver.START, 2: Maneuver.START, 3: Maneuver.START,
    4: Maneuver.ARRIVE, 5: Maneuver.ARRIVE, 6: Maneuver.ARRIVE, 7: Maneuver.CONTINUE, 8: Maneuver.CONTINUE,
    9: Maneuver.SLIGHT_RIGHT, 10: Maneuver.RIGHT, 11: Maneuver.SHARP_RIGHT, 12: Maneuver.U_TURN,
    13: Maneuver.U_TURN, 14: Maneuver.SHARP_LEFT, 15: Maneuver.LEFT, 16: Maneuver.SLIGHT_LEFT,
    17: Maneuver.CONTINUE, 18: Maneuver.KEEP_RIGHT, 19: Maneuver.KEEP_LEFT, 20: Maneuver.KEEP_RIGHT,
    21: Maneuver.KEEP_LEFT, 22: Maneuver.CONTINUE, 23: Maneuver.KEEP_RIGHT, 24: Maneuver.KEEP_LEFT,
    25: Maneuver.CONTINUE, 26: Maneuver.ROUNDABOUT, 27: Maneuver.CONTINUE, 28: Maneuver.FERRY,
    29: Maneuver.CONTINUE, 37: Maneuver.KEEP_RIGHT, 38: Maneuver.KEEP_LEFT, 39: Maneuver.ELEVATOR,
    40: Maneuver.STAIRS, 41: Maneuver.ESCALATOR, 42: Maneuver.ENTER, 43: Maneuver.LEAVE,
}  # fmt: skip
_LEAVES_ROUNDABOUT: Final = 27
_HAIRPINS: Final[Mapping[int, Maneuver]] = {12: Maneuver.SHARP_RIGHT, 13: Maneuver.SHARP_LEFT}
"""U-turns, where they lead onto another way: nobody turns round there."""
_SAME_WAY_M: Final = 1.0  # points have a tenth of a metre
_DEGREE_M: Final = 111_195.0  # of latitude

_WAYS: Final[Mapping[str, Way]] = {
    "steps": Way.STAIRS, "footway": Way.PATH, "path": Way.PATH, "pedestrian": Way.PATH, "sidewalk": Way.PATH,
    "track": Way.PATH, "bridleway": Way.PATH, "mountain_bike": Way.PATH, "platform": Way.PATH,
    "pedestrian_crossing": Way.CROSSING, "cycleway": Way.CYCLEWAY, "ferry": Way.FERRY, "road": Way.STREET,
    "living_street": Way.STREET, "service_road": Way.STREET, "alley": Way.STREET, "driveway": Way.STREET,
    "parking_aisle": Way.STREET,
}  # fmt: skip
"""`edge.use` of /trace_attributes."""

_BAD_ANSWER: Final = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
_LONGEST_S: Final = 30 * 86_400.0  # of a route: Valhalla's limit for walkers is two days and a half
_LONGEST: Final = 255  # letters of a name; OpenStreetMap has as many
_MOST_POINTS: Final = 1_000_000  # a route of 250 km, Valhalla's limit for walkers, has some 20,000


def request_of(
    places: Sequence[Place], mode: Mode, language: str, avoid: Sequence[Place], heading_deg: float | None
) -> dict[str, Any]:
    """What /route is asked."""
    costing, options = _COSTING[mode]
    on_land = {"search_filter": {"exclude_ferry": True}}  # in a harbour the nearest way is a ferry's, and no place
    locations: list[dict[str, Any]] = [
        {"lat": p.lat, "lon": p.lon, "type": "break", "search_cutoff": NEAR_M, **on_land} for p in places
    ]
    if heading_deg is not None:
        locations[0] |= {"heading": round(heading_deg) % 360, "heading_tolerance": 60}
    return {
        "locations": locations,
        "exclude_locations": [{"lat": p.lat, "lon": p.lon} for p in avoid],
        "costing": costing,
        "costing_options": {costing: dict(options)},
        "language": LANGUAGES.get(language, LANGUAGES[_ENGLISH]),
        "units": "kilometers",
    }


def ways_request(answer: object, mode: Mode) -> list[dict[str, Any]]:
    """What /trace_attributes is asked to learn the kinds of the ways of an answer: a request for each leg.

    Raises:
        BackendError: the answer is no route.
    """
    costing, options = _COSTING[mode]
    return [
        {
            "encoded_polyline": shape,
            "shape_match": "edge_walk",
            "costing": costing,
            "costing_options": {costing: dict(options)},
            "filters": {
                "action": "include",
                "attributes": [
                    "edge.use",
                    "edge.tunnel",
                    "edge.bridge",
                    "edge.begin_shape_index",
                    "edge.end_shape_index",
                ],
            },
        }
        for shape in _shapes(answer)
    ]


def route_of(answer: object, ways: Sequence[object | None], mode: Mode, language: str) -> Route:
    """The route that an answer of /route describes.

    Args:
        answer: as parsed from its JSON.
        ways: an answer of /trace_attributes for each leg; None where there was none.
        mode: as asked for.
        language: as asked for.

    Raises:
        NoRouteError: it has stairs, and was to have none.
        BackendError: it is no route.
    """
    try:
        trip: Any = answer["trip"]  # type: ignore[index]  # it is from outside: what it is not is caught here
        legs = []
        for number, leg in enumerate(trip["legs"]):
            end = Maneuver.ARRIVE if number == len(trip["legs"]) - 1 else Maneuver.WAYPOINT
            legs.append(_leg(leg, ways[number] if number < len(ways) else None, end))
        route = Route(tuple(legs), language if language in LANGUAGES else _ENGLISH)
        if not route.duration_s <= _LONGEST_S:
            raise ValueError("a duration that cannot be")
    except _BAD_ANSWER as error:
        raise _nonsense() from error
    stairs = {Maneuver.STAIRS, Maneuver.ESCALATOR}
    if mode is Mode.STEP_FREE and any(s.maneuver in stairs or s.way is Way.STAIRS for s in route.steps):
        raise NoRouteError("no way without stairs leads there", "--mode walk takes the stairs")
    return route


def error_of(code: int | None, message: str, mode: Mode) -> HostError:
    """What went wrong, in our words.

    Args:
        code: Valhalla's own; None where it gave none (in process before 3.6), and the message tells it.
        message: its words.
        mode: as asked for.
    """
    number = code if code is not None else next((n for part, n in _MESSAGES.items() if part in message), None)
    if number == 171:
        return OutsideMapError(
            f"the map has no way {_DOES[mode]} within {NEAR_M} m of the start or of the destination",
            "Move there, name another place, or use a larger map",
        )
    if number == 154:
        return OutsideMapError("start and destination are too far apart for one route", "Name a nearer place")
    if number in {170, 441, 442, 443}:
        return NoRouteError(f"no way {_DOES[mode]} leads there", "Name another place, or another --mode")
    if number in {150, 153}:
        return NoRouteError("the route has too many stops", "Leave some out")
    words = " ".join("".join(c if c.isprintable() else " " for c in message).split())[:200]
    return BackendError(f"the router failed: {words or number}", "Try another place; or add the map again")


# As src/exceptions.cc says them.
_MESSAGES: Final[Mapping[str, int]] = {
    "No suitable edges near location": 171,
    "exceeds the max distance limit": 154,
    "No path could be found": 442,
    "Locations are in unconnected regions": 170,
    "Exceeded max locations": 150,
}


def _shapes(answer: object) -> list[str]:
    try:
        shapes = [leg["shape"] for leg in answer["trip"]["legs"]]  # type: ignore[index]  # as above
    except _BAD_ANSWER as error:
        raise _nonsense() from error
    if not all(isinstance(shape, str) for shape in shapes):
        raise _nonsense()
    return shapes


def _leg(leg: Any, ways: Any, end: Maneuver) -> Leg:
    points = _polyline(leg["shape"])
    edges = _edges(ways)
    steps: list[Step] = []
    for found in leg["maneuvers"]:
        first, last = int(found["begin_shape_index"]), int(found["end_shape_index"])
        if not 0 <= first <= last < len(points):
            raise ValueError("points that are not there")
        if found["type"] == _LEAVES_ROUNDABOUT and steps and steps[-1].maneuver is Maneuver.ROUNDABOUT:
            steps[-1] = _joined(steps[-1], _step(found, points, edges))
        else:
            steps.append(_step(found, points, edges))
    last_step = steps[-1]
    if last_step.maneuver is not Maneuver.ARRIVE or Maneuver.ARRIVE in (s.maneuver for s in steps[:-1]):
        raise ValueError("a leg without its one end")
    steps[-1] = replace(last_step, maneuver=end)
    return Leg(tuple(steps))


def _step(found: Any, points: Sequence[Place], edges: Sequence[tuple[int, int, Way]]) -> Step:
    first, last = int(found["begin_shape_index"]), int(found["end_shape_index"])
    maneuver = _MANEUVERS.get(found["type"], Maneuver.CONTINUE)
    if maneuver is Maneuver.U_TURN and not _leads_back(points, first):
        maneuver = _HAIRPINS[found["type"]]
    names = found.get("street_names") or ()
    if not all(isinstance(name, str) for name in names) or not isinstance(found["instruction"], str):
        raise TypeError("names that are none")
    way = Way.STAIRS if maneuver is Maneuver.STAIRS else _way(first, last, edges)
    return Step(
        maneuver=maneuver,
        points=tuple(points[first : last + 1]),
        length_m=float(found["length"]) * 1000.0,
        duration_s=float(found["time"]),
        streets=tuple(name[:_LONGEST] for name in names),
        way=way,
        text=found["instruction"][: 2 * _LONGEST],
        exit=int(found.get("roundabout_exit_count") or 0),
    )


def _leads_back(points: Sequence[Place], at: int) -> bool:
    """Whether the way goes back there along the way that it came."""
    if not 0 < at < len(points) - 1:
        return True
    here = points[at]
    shrunk = math.cos(math.radians(here.lat))
    (north, east), (north_on, east_on) = (
        ((there.lat - here.lat) * _DEGREE_M, (there.lon - here.lon) * shrunk * _DEGREE_M)
        for there in (points[at - 1], points[at + 1])
    )
    longer = max(math.hypot(north, east), math.hypot(north_on, east_on))
    return abs(north * east_on - east * north_on) <= _SAME_WAY_M * longer


def _joined(roundabout: Step, leaving: Step) -> Step:
    """A roundabout and the way out of it as one step: nobody is told twice."""
    return replace(
        roundabout,
        points=roundabout.points + leaving.points[1:],
        length_m=roundabout.length_m + leaving.length_m,
        duration_s=roundabout.duration_s + leaving.duration_s,
        streets=leaving.streets,
        way=leaving.way,
    )


def _edges(ways: Any) -> list[tuple[int, int, Way]]:
    """First point, last point and kind of each edge; none where the answer does not say."""
    try:
        return [(int(edge["begin_shape_index"]), int(edge["end_shape_index"]), _kind(edge)) for edge in ways["edges"]]
    except _BAD_ANSWER:
        return []


def _kind(edge: Any) -> Way:
    way = _WAYS.get(edge.get("use", ""), Way.UNKNOWN)
    if way is not Way.STAIRS and edge.get("tunnel"):
        return Way.TUNNEL
    if way is not Way.STAIRS and edge.get("bridge"):
        return Way.BRIDGE
    return way


def _way(first: int, last: int, edges: Sequence[tuple[int, int, Way]]) -> Way:
    """The kind of most of the points between two; stairs where there are any, since they must be told."""
    count: dict[Way, int] = {}
    for begin, end, way in edges:
        if (shared := min(last, end) - max(first, begin)) > 0:
            count[way] = count.get(way, 0) + shared
    if Way.STAIRS in count:
        return Way.STAIRS
    return max(count, key=lambda way: count[way], default=Way.UNKNOWN)


def _polyline(text: str) -> list[Place]:
    """Google's encoded polyline with six decimals. Raises ValueError."""
    values: list[int] = []
    value = shift = 0
    for character in text:
        piece = ord(character) - 63
        if not 0 <= piece < 64 or shift > 60:
            raise ValueError("no polyline")
        value |= (piece & 31) << shift
        shift += 5
        if piece < 32:
            values.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift or len(values) % 2 or not values or len(values) > 2 * _MOST_POINTS:
        raise ValueError("no polyline")
    points, lat, lon = [], 0, 0
    for north, east in zip(values[::2], values[1::2], strict=True):
        lat, lon = lat + north, lon + east
        if abs(lat) > 90_000_000 or abs(lon) > 180_000_000:
            raise ValueError("no place")
        points.append(Place(lat / 1e6, lon / 1e6))
    return points


def _nonsense() -> BackendError:
    return BackendError(
        "the router answered with something that is no route", "Check valhalla.url, or add the map again"
    )
