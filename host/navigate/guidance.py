"""What to tell somebody who follows a route; pure.

`guide` takes a trip, what was seen (a fix, or where the head is turned) and the time, and gives the trip and what to
tell. `trip.py` has the trip, `maneuvers.py` what is told together, `phrases.py` the words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from host.navigate.line import bearing_deg, distance_m
from host.navigate.maneuvers import next_cue
from host.navigate.position import Fix
from host.navigate.route import Route, Step
from host.navigate.trip import Heading, Phase, Trip, is_moving, moved, start

__all__ = ["Guidance", "guide", "overview"]

GAP_S: Final = 4.0  # a fix so old, and positions are reckoned,
RECKON_MAX_S: Final = 15.0  # up to this age
HEADING_S: Final = 2.0  # an older heading is none
COURSE_MPS: Final = 0.5  # slower, a receiver's course is of no use
COURSE_M: Final = 6.0  # so far must somebody have moved for their direction to be seen from positions
SOON_S: Final = 8.0  # what follows a cue so soon is told with it
AHEAD_M: Final = 10.0  # the way's direction is that of so much of it


@dataclass(frozen=True, slots=True)
class Guidance:
    """What to tell somebody.

    Attributes:
        phase: how the trip stands.
        step: what comes next.
        distance_m: to it, along the route (to the route, while approaching it); 0 or more.
        then: what follows so soon after it that both must be known; None otherwise.
        streets: names of the way that they are on; empty where it has none.
        along_m: where on the route they are, reckoned if `reckoned`.
        remaining_m: to the end of the route.
        remaining_s: likewise, at the pace so far.
        leg: number of the leg that they are on, from 0.
        leg_remaining_m: to the next stop.
        ahead_deg: where the way leads from there (or where it is, for somebody beside it), from true north.
        facing_deg: where they look or, without a heading, go; None where neither is known.
        by_heading: `facing_deg` is where they look.
        course_deg: where they go, wherever they look; None where that is not known.
        standing: they have not moved for some seconds.
        reckoned: the position is older than `GAP_S`, and where they are is reckoned from their pace.
    """

    phase: Phase
    step: Step
    distance_m: float
    then: Step | None
    streets: tuple[str, ...]
    along_m: float
    remaining_m: float
    remaining_s: float
    leg: int
    leg_remaining_m: float
    ahead_deg: float
    facing_deg: float | None
    by_heading: bool
    course_deg: float | None
    standing: bool
    reckoned: bool


def guide(trip: Trip, seen: Fix | Heading | None, now_s: float) -> tuple[Trip, Guidance]:
    """The trip after what was seen, and what to tell at this time.

    Args:
        trip: as it was.
        seen: a fix or a heading, None where only time has passed; what cannot be true changes nothing.
        now_s: the time, on the clock of the fixes.
    """
    match seen:
        case Fix():
            trip = moved(trip, seen)
        case Heading() if math.isfinite(seen.degrees) and math.isfinite(seen.time_s):
            trip = replace(trip, heading=seen)
        case _:
            pass
    return trip, _told(trip, now_s)


def overview(route: Route) -> list[Guidance]:
    """What there is to tell on a whole route, in order, as seen from its start."""
    trip = start(route)
    first = _told(trip, 0.0)
    return [
        replace(
            first,
            step=cue.steps[0],
            distance_m=cue.at_m,
            then=_then(trip, number),
            leg=cue.leg,
            remaining_m=max(0.0, route.length_m - cue.at_m),
            remaining_s=_remaining_s(trip, cue.at_m),
        )
        for number, cue in enumerate(trip.cues)
    ]


def _told(trip: Trip, now_s: float) -> Guidance:
    """What to tell; between fixes they are taken to go on as before, for a while."""
    age_s = 0.0 if trip.last is None else max(0.0, now_s - trip.last.time_s)
    reckoned = trip.phase is Phase.ON_ROUTE and age_s > GAP_S
    standing = is_moving(trip) is False
    along, end = trip.along_m, trip.route.length_m
    if reckoned and not standing:
        along = min(along + trip.pace_mps * min(age_s, RECKON_MAX_S), end)
    arrived = trip.phase is Phase.ARRIVED
    number = len(trip.cues) - 1 if arrived else next_cue(trip.cues, along)
    cue = trip.cues[number]
    heading = trip.heading if trip.heading is not None and now_s - trip.heading.time_s <= HEADING_S else None
    course_deg = _course_deg(trip)
    return Guidance(
        phase=trip.phase,
        step=cue.steps[0],
        distance_m=trip.offset_m if trip.phase is Phase.APPROACHING else max(0.0, cue.at_m - along),
        then=_then(trip, number),
        streets=() if arrived else _streets(trip.route, along),
        along_m=along,
        remaining_m=end - along,
        remaining_s=_remaining_s(trip, along),
        leg=cue.leg,
        leg_remaining_m=max(0.0, next(c.until_m for c in trip.cues[number:] if c.is_stop) - along),
        ahead_deg=_ahead_deg(trip, along),
        facing_deg=course_deg if heading is None else heading.degrees % 360.0,
        by_heading=heading is not None,
        course_deg=course_deg,
        standing=standing,
        reckoned=reckoned,
    )


def _then(trip: Trip, number: int) -> Step | None:
    """The second of a cue, or the next cue where it follows soon."""
    cue = trip.cues[number]
    if len(cue.steps) > 1:
        return cue.steps[1]
    if number + 1 == len(trip.cues) or trip.cues[number + 1].at_m - cue.at_m > SOON_S * trip.pace_mps:
        return None
    return trip.cues[number + 1].steps[0]


def _streets(route: Route, along_m: float) -> tuple[str, ...]:
    """Names of the way at a place."""
    ways = zip(route.steps, route.starts_m, strict=True)
    return next((step.streets for step, at_m in reversed(list(ways)) if at_m <= along_m), ())


def _remaining_s(trip: Trip, along_m: float) -> float:
    """What the router gives for the rest, at their pace instead of the router's mean one."""
    route = trip.route
    left_m = route.length_m - along_m
    if not route.duration_s:
        return left_m / trip.pace_mps
    ends = (*route.starts_m, route.length_m)
    shares = ((b - max(a, along_m)) / (b - a) if b > a else 0.0 for a, b in pairwise(ends))
    left_s = sum(step.duration_s * max(0.0, share) for step, share in zip(route.steps, shares, strict=True))
    return left_s * route.length_m / route.duration_s / trip.pace_mps


def _ahead_deg(trip: Trip, along_m: float) -> float:
    line = trip.route.line
    if trip.sight is None or trip.phase in {Phase.WAITING, Phase.ON_ROUTE}:
        return line.direction_deg(along_m, AHEAD_M)
    return bearing_deg(trip.sight.place, line.at(along_m))


def _course_deg(trip: Trip) -> float | None:
    """Where somebody goes."""
    fix, sight = trip.last, trip.sight
    if fix is None or sight is None:
        return None
    if fix.course_deg is not None and (fix.speed_mps or 0.0) >= COURSE_MPS:
        return fix.course_deg
    for moment in reversed(trip.moments):
        if distance_m(moment.sight.place, sight.place) >= COURSE_M:
            return bearing_deg(moment.sight.place, sight.place)
    return None
