"""Following a route: where on it somebody is, and whether they are still on it; pure.

What was seen is explained by somebody who goes along the route (`belief.py`). As long as it is no better explained by
somebody who left, they are on it, at the likeliest place, and progress never goes back. Otherwise they have left it or,
if going the other way explains it (`matching.py`), turned back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from host.navigate.belief import Belief, believed, first_belief
from host.navigate.line import distance_m
from host.navigate.maneuvers import Cue, cues
from host.navigate.matching import Match, explained, thinned
from host.navigate.position import Fix
from host.navigate.route import Route
from host.navigate.track import Sight, tracked

__all__ = ["Heading", "Phase", "Trip", "asking", "is_moving", "moved", "rerouted", "start", "wants_route"]

ARRIVED_M: Final = 12.0  # or as far as the fixes are wrong, at most 25: the door of a house is seen from there
ARRIVED_MAX_M: Final = 25.0
ACCURACY_MIN_M: Final = 3.0  # receivers that claim better are believed this much
ACCURACY_MAX_M: Final = 60.0  # a worse fix says nothing of the way
OFTEN_S: Final = 0.5  # fixes that come sooner than this after another say nothing more
PACE_START_MPS: Final = 1.3  # a walker, until it is known better
PACE_MIN_MPS: Final = 0.3
PACE_MAX_MPS: Final = 12.0  # downhill on a bicycle; faster is a jump of the receiver
FASTER: Final = 2.0  # than they usually are: nobody is for half a minute
MEMORY_S: Final = 24.0  # of a track that is kept; whoever turned back is seen from half of it,
EVERY_S: Final = 4.0  # one of each so many seconds: those between tell nothing new
GAP_S: Final = 60.0  # without fixes for so long, somebody may be anywhere ahead
LEFT: Final = 10.0  # costs this much more to explain on the route: they have left it (docs/navigation.md: how surely)
LEFT_BLIND: Final = 14.0  # likewise, where the receiver does not measure movement
ABOUT_M: Final = 50.0  # of a route, where it may pass the same place twice
LEFT_M: Final = 12.0  # nobody has left a street's middle who is nearer to it,
LEFT_SHARE: Final = 1.0  # or nearer than this much of a fix's accuracy
GONE_S: Final = 2.0  # so long without an explanation
DOUBT_S: Final = 14.0  # and after so long, beside the route all the time, it is looked for afresh
BACK_LEFT: Final = 4.0  # whoever turned back has hardly left the route so,
BACK_M: Final = 10.0  # whoever turned back is so far from where they were, or as far as fixes are wrong
BACK_S: Final = 8.0  # so long on the route again, and they are back
APPROACH_M: Final = 25.0  # who begins farther from the route has yet to reach it
AWAY_M: Final = 40.0  # who goes so much farther away from it then wants another
RETRY_S: Final = (5.0, 120.0)  # from one answer to the next request for a route: at first, and at most
CALM_S: Final = 60.0  # a route that was good for so long: the next need not wait
PACE_MEMORY_S: Final = 60.0
MOVED_MIN_M: Final = 6.0  # whoever is back on the route went so far along it
STANDING_S: Final = 8.0  # who in so long
MOVING_MPS: Final = 0.6  # was slower than this stands


class Phase(Enum):
    """How a trip stands."""

    WAITING = "waiting"  # for the first fix
    APPROACHING = "approaching"  # the route begins elsewhere
    ON_ROUTE = "on route"
    OFF_ROUTE = "off route"  # a new route is needed
    TURNED_BACK = "turned back"  # on the route against its direction; a new route is needed
    ARRIVED = "arrived"


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the head is turned.

    Attributes:
        time_s: when, on the clock of the fixes.
        degrees: from true north, clockwise.
    """

    time_s: float
    degrees: float


@dataclass(frozen=True, slots=True)
class _Moment:
    sight: Sight
    speed_mps: float | None
    along_m: float


@dataclass(frozen=True, slots=True)
class Trip:
    """A route being followed.

    Attributes:
        route: the newest.
        cues: what is told on it.
        phase: how it stands.
        along_m: progress along the route; it does not go back while on it.
        offset_m: how far beside the route the last fix was.
        pace_mps: metres a second along the way, learned while moving.
        last: newest fix that was believed; None before the first.
        sight: where they are, as far as positions and movement together tell; None before the first fix.
        heading: newest.
        reroutes: how many routes followed the first.
    """

    route: Route
    cues: tuple[Cue, ...]
    phase: Phase = Phase.WAITING
    along_m: float = 0.0
    offset_m: float = 0.0
    pace_mps: float = PACE_START_MPS
    last: Fix | None = None
    sight: Sight | None = None
    heading: Heading | None = None
    reroutes: int = 0
    moments: tuple[_Moment, ...] = ()
    belief: Belief | None = field(default=None, compare=False, repr=False)
    doubt_since_s: float | None = None
    nearest_m: float = math.inf
    asking: bool = False
    not_before_s: float = -math.inf
    retry_s: float = RETRY_S[0]


def start(route: Route) -> Trip:
    """A trip that waits for its first fix."""
    return Trip(route, cues(route), pace_mps=_routers_pace(route))


def wants_route(trip: Trip, now_s: float) -> bool:
    """Whether a route is to be asked for: off the route, none being asked for, and the last answer not too new."""
    return trip.phase in {Phase.OFF_ROUTE, Phase.TURNED_BACK} and not trip.asking and now_s >= trip.not_before_s


def asking(trip: Trip) -> Trip:
    """The trip while a route is asked for."""
    return replace(trip, asking=True)


def rerouted(trip: Trip, route: Route | None, now_s: float) -> Trip:
    """The trip with the answer: a route, which is followed at once, or None where there was none to be had.

    From one answer to the next request it takes 5 s, and twice as long each time, 120 s at most, until a route was good
    for a minute. Somebody who came back by themselves, or arrived, while it was asked for keeps the route they are on.
    """
    calm = route is not None and now_s - trip.not_before_s > CALM_S
    wait_s = RETRY_S[0] if calm else trip.retry_s
    trip = replace(trip, asking=False, not_before_s=now_s + wait_s, retry_s=min(2 * wait_s, RETRY_S[1]))
    if route is None or trip.phase not in {Phase.OFF_ROUTE, Phase.TURNED_BACK}:
        return trip
    fresh = Trip(
        route,
        cues(route),
        pace_mps=trip.pace_mps,
        heading=trip.heading,
        reroutes=trip.reroutes + 1,
        not_before_s=trip.not_before_s,
        retry_s=trip.retry_s,
    )
    return fresh if trip.last is None else moved(fresh, trip.last)


def moved(trip: Trip, fix: Fix) -> Trip:
    """The trip after a fix; one that cannot be true, or says nothing, changes nothing."""
    if trip.phase is Phase.ARRIVED or not _is_believable(trip.last, fix):
        return trip
    fix = replace(fix, accuracy_m=max(ACCURACY_MIN_M, fix.accuracy_m))
    line = trip.route.line
    sight = tracked(trip.sight, trip.last, fix)
    near = line.snap(sight.place, 0.0, line.length_m, trip.along_m, 0.05)
    now = _Moment(sight, fix.speed_mps, near.along_m)
    recent = (*(m for m in trip.moments if fix.time_s - m.sight.time_s <= MEMORY_S), now)
    trip = replace(trip, last=fix, sight=sight, offset_m=near.offset_m, moments=recent)
    match trip.phase:
        case Phase.WAITING | Phase.APPROACHING:
            return _approached(trip, now, fix)
        case Phase.ON_ROUTE:
            return _followed(trip, fix)
        case _:
            return _strayed(trip, fix)


def is_moving(trip: Trip) -> bool | None:
    """Whether somebody has moved in the last eight seconds; None while too little is known."""
    recent = _since(trip, STANDING_S)
    if len(recent) < 2 or recent[-1].sight.time_s - trip.moments[0].sight.time_s < STANDING_S:
        return None
    speeds = [moment.speed_mps for moment in recent if moment.speed_mps is not None]
    if speeds:
        return sum(speeds) / len(speeds) > MOVING_MPS
    first, last = recent[0].sight, recent[-1].sight
    return distance_m(first.place, last.place) > max(MOVING_MPS * STANDING_S, last.accuracy_m / 2)


def _approached(trip: Trip, now: _Moment, fix: Fix) -> Trip:
    """Before the route is reached; it may begin across a square, or in the middle of a building."""
    nearest_m = min(trip.nearest_m, trip.offset_m)
    trip = replace(trip, moments=(now,), along_m=now.along_m, nearest_m=nearest_m)
    if trip.offset_m <= max(APPROACH_M, 3 * now.sight.accuracy_m):
        return _arrived(replace(trip, phase=Phase.ON_ROUTE, belief=_afresh(trip, fix, now.along_m)))
    return replace(trip, phase=Phase.OFF_ROUTE if trip.offset_m > nearest_m + AWAY_M else Phase.APPROACHING)


def _followed(trip: Trip, fix: Fix) -> Trip:
    """On the route so far."""
    now = trip.moments[-1]
    found = _believed(trip, fix)
    trip = replace(trip, belief=found)
    if found.left <= (LEFT_BLIND if now.speed_mps is None else LEFT):
        trip = replace(trip, moments=(*trip.moments[:-1], replace(now, along_m=found.along_m)))
        trip = replace(trip, along_m=max(trip.along_m, found.along_m), doubt_since_s=None)
        return _arrived(replace(trip, pace_mps=_pace(trip)))
    if trip.doubt_since_s is None:
        return replace(trip, doubt_since_s=now.sight.time_s)
    return _doubted(trip, fix, now.sight.time_s - trip.doubt_since_s)


def _doubted(trip: Trip, fix: Fix, doubt_s: float) -> Trip:
    """Likely not on the route any more, for some seconds."""
    now = trip.moments[-1]
    if doubt_s < GONE_S:
        return trip
    if (back := _going_back(trip)) is not None:
        along_m = _returning(trip, back)
        if along_m is not None:
            return _from_here(trip, fix, along_m)
        return replace(trip, phase=Phase.TURNED_BACK, doubt_since_s=None)
    if trip.offset_m > max(LEFT_M, LEFT_SHARE * now.sight.accuracy_m):
        return replace(trip, phase=Phase.OFF_ROUTE, doubt_since_s=None)
    if doubt_s < DOUBT_S:
        return trip
    # Beside the route all the time, but not as expected (faster, through a gap in the fixes): from here on afresh.
    reach_m = trip.along_m + _fastest(trip) * (MEMORY_S + DOUBT_S)
    along_m = trip.route.line.snap(now.sight.place, trip.along_m, reach_m, trip.along_m, 0.05).along_m
    return _from_here(trip, fix, along_m)


def _from_here(trip: Trip, fix: Fix, along_m: float) -> Trip:
    """On the route, from that place on; nothing of before counts."""
    moments = (replace(trip.moments[-1], along_m=along_m),)
    return replace(trip, along_m=along_m, moments=moments, belief=_afresh(trip, fix, along_m), doubt_since_s=None)


def _strayed(trip: Trip, fix: Fix) -> Trip:
    """Off the route so far; whoever goes along it again, perhaps further on, is back."""
    recent, now = _since(trip, BACK_S), trip.moments[-1]
    accuracy = now.sight.accuracy_m
    if trip.offset_m > max(LEFT_M, LEFT_SHARE * accuracy) or is_moving(trip) is False:
        return trip
    reach_m = 2 * accuracy + 2 * trip.pace_mps * BACK_S
    sights = thinned([moment.sight for moment in recent], BACK_S / 4)
    line = trip.route.line
    found = explained(line, sights, now.along_m - reach_m, now.along_m + reach_m, _fastest(trip))
    if found.cost > len(sights) + 1 or found.along_m < recent[0].along_m + MOVED_MIN_M:
        return trip
    moments, belief = (replace(now, along_m=found.along_m),), _afresh(trip, fix, found.along_m)
    return replace(trip, phase=Phase.ON_ROUTE, along_m=found.along_m, moments=moments, belief=belief)


def _arrived(trip: Trip) -> Trip:
    """The trip, ended if the end of the route is here."""
    line, sight = trip.route.line, trip.moments[-1].sight
    near = min(max(ARRIVED_M, sight.accuracy_m), ARRIVED_MAX_M)
    if line.length_m - trip.along_m <= near and distance_m(sight.place, line.at(line.length_m)) <= 2 * near:
        return replace(trip, phase=Phase.ARRIVED, along_m=line.length_m)
    return trip


def _believed(trip: Trip, fix: Fix) -> Belief:
    """Where they are if they follow the route, after the newest fix."""
    belief = trip.belief
    if belief is None:
        return _afresh(trip, fix, trip.along_m)
    if fix.time_s - belief.time_s > GAP_S:
        return _afresh(trip, fix, trip.along_m, _fastest(trip) * (fix.time_s - belief.time_s))
    return believed(belief, trip.route.line, fix, trip.pace_mps, _fastest(trip))


def _afresh(trip: Trip, fix: Fix, along_m: float, ahead_m: float = 0.0) -> Belief:
    """The same, if nothing is known but that they are about there, or up to so much further on."""
    about_m = 3 * fix.accuracy_m + ABOUT_M
    return first_belief(trip.route.line, fix, along_m - about_m, along_m + ahead_m + about_m)


def _going_back(trip: Trip) -> Match | None:
    """The last seconds as those of somebody who goes against the route; None where they are not."""
    sights, reach_m = _lately(trip)
    first, last = trip.along_m + reach_m, trip.along_m - reach_m - _fastest(trip) * MEMORY_S / 2
    found = explained(trip.route.line, sights, first, last, _fastest(trip))
    back_m = max(BACK_M, sights[-1].accuracy_m)
    is_back = found.left <= BACK_LEFT and found.cost <= 3 * len(sights) and trip.along_m - found.along_m > back_m
    return found if is_back else None


def _returning(trip: Trip, back: Match) -> float | None:
    """Where on the route they are if it turns back itself, as at a stop, and they did a little earlier; else None."""
    sights, reach_m = _lately(trip)
    last = trip.along_m + reach_m + _fastest(trip) * MEMORY_S / 2 + 2 * ARRIVED_MAX_M
    found = explained(trip.route.line, sights, trip.along_m, last, _fastest(trip))
    return found.along_m if found.cost <= back.cost + 1.0 else None


def _lately(trip: Trip) -> tuple[list[Sight], float]:
    """What was seen in the last seconds, and how far on the line they may be from where they seem to be."""
    sights = thinned([moment.sight for moment in _since(trip, MEMORY_S / 2)], EVERY_S)
    return sights, 3 * sights[-1].accuracy_m


def _since(trip: Trip, memory_s: float) -> list[_Moment]:
    """The last moments, of so many seconds."""
    return [m for m in trip.moments if trip.moments[-1].sight.time_s - m.sight.time_s <= memory_s]


def _fastest(trip: Trip) -> float:
    """Metres a second that they do not exceed for long."""
    speed = trip.last.speed_mps if trip.last is not None else None
    seen = speed if speed is not None and math.isfinite(speed) else 0.0
    return min(PACE_MAX_MPS, FASTER * max(trip.pace_mps, PACE_START_MPS, seen))


def _routers_pace(route: Route) -> float:
    """The pace that the router thinks of: it knows whether they walk or cycle."""
    if not route.duration_s:
        return PACE_START_MPS
    return min(max(route.length_m / route.duration_s, PACE_MIN_MPS), PACE_MAX_MPS)


def _is_believable(last: Fix | None, fix: Fix) -> bool:
    """Whether a fix can be true: later than the last, precise enough, and nobody could have jumped there."""
    if not all(math.isfinite(value) for value in (fix.lat, fix.lon, fix.time_s)):
        return False
    if not 0.0 <= fix.accuracy_m <= ACCURACY_MAX_M:
        return False
    if last is None:
        return True
    waited_s = fix.time_s - last.time_s
    reach_m = PACE_MAX_MPS * waited_s + 3 * (fix.accuracy_m + last.accuracy_m)
    return waited_s >= OFTEN_S and distance_m(last.place, fix.place) <= reach_m


def _pace(trip: Trip) -> float:
    """The pace, a little nearer to that of the last seconds if these were spent moving."""
    recent = _since(trip, STANDING_S)
    span_s = recent[-1].sight.time_s - recent[0].sight.time_s
    if span_s <= 0.0 or not is_moving(trip):
        return trip.pace_mps
    pace = min(max((recent[-1].along_m - recent[0].along_m) / span_s, PACE_MIN_MPS), PACE_MAX_MPS)
    share = min(1.0, (recent[-1].sight.time_s - recent[-2].sight.time_s) / PACE_MEMORY_S)
    return (1 - share) * trip.pace_mps + share * pace
