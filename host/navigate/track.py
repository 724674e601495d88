"""One track of what a receiver says of places and of movement; pure.

A receiver measures movement by Doppler, apart from its positions, and much better: positions of somebody who walks on
drift by metres a second, in streets, what is added up of movements by tenths. So the track goes on by the movement,
by the positions as far as they can be trusted beside it, and is pulled slowly to where the positions are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from host.navigate.line import Place, flat, moved_by
from host.navigate.position import Fix

__all__ = ["BESIDE_M", "DRIFT_S", "WANDER_M2PS", "Sight", "movement", "slipped", "tracked"]

DRIFT_S: Final = 30.0  # errors of positions are alike for about this long (phones in streets: 20 to 60 s),
MOVE_DRIFT_S: Final = 5.0  # those of movements so long
MOVE_MPS: Final = 0.15  # standard deviation of what a receiver measures of a movement, in each direction,
MOVE_SHARE: Final = 0.02  # and more of it where its positions are bad: metres a second a metre
PULL_S: Final = 30.0  # in which the track comes to the positions
BESIDE_M: Final = 4.0  # people walk on a pavement, the map has the middle of the street
WANDER_M2PS: Final = 0.5  # and leave their line by so much variance a second
STILL_MPS: Final = 0.3  # slower has no direction


@dataclass(frozen=True, slots=True)
class Sight:
    """A place of the track.

    Attributes:
        place: where.
        time_s: when.
        accuracy_m: standard deviation of its error, in each direction.
        drift_m2ps: variance that is new in its error each second.
    """

    place: Place
    time_s: float
    accuracy_m: float
    drift_m2ps: float


def tracked(before: Sight | None, last: Fix | None, fix: Fix) -> Sight:
    """The track's next place, for a fix later than the last; the first is the fix itself."""
    drift = 2 * fix.accuracy_m**2 / DRIFT_S
    move = movement(fix)
    if before is None or last is None or move is None:
        return Sight(fix.place, fix.time_s, fix.accuracy_m, drift)
    waited_s = fix.time_s - last.time_s
    slip = slipped(fix.accuracy_m)
    trust = slip / (slip + drift)
    pull = 1 - math.exp(-waited_s / PULL_S)
    jump, behind = flat(last.place, fix.place), flat(before.place, fix.place)
    north, east = (
        (1 - pull) * (trust * step + (1 - trust) * mps * waited_s) + pull * gap
        for step, mps, gap in zip(jump, move, behind, strict=True)
    )
    return Sight(moved_by(before.place, north, east), fix.time_s, fix.accuracy_m, slip * drift / (slip + drift))


def slipped(accuracy_m: float) -> float:
    """Variance that is new each second, in each direction, in the sum of movements, of a receiver of that accuracy."""
    return 2 * MOVE_DRIFT_S * (MOVE_MPS + MOVE_SHARE * accuracy_m) ** 2


def movement(fix: Fix) -> tuple[float, float] | None:
    """Metres a second north and east, by Doppler; None where the receiver did not say."""
    if fix.speed_mps is None or not math.isfinite(fix.speed_mps):
        return None
    if fix.speed_mps < STILL_MPS:
        return 0.0, 0.0
    if fix.course_deg is None or not math.isfinite(fix.course_deg):
        return None
    course = math.radians(fix.course_deg)
    return fix.speed_mps * math.cos(course), fix.speed_mps * math.sin(course)
