"""Which measurements are fixes, and when they were made; pure.

A receiver's clock may be years off, step, or lag behind what it sends; what waited on the way arrives in a burst. So
its times only tell how long after the promptest measurement so far another one was under way: each fix gets the time at
which it would have arrived as promptly, on the clock of whoever listens. Jumps that nobody can make are left out until
three measurements agree about them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from host.contracts.position import Fix
from host.navigate.line import Place, distance_m
from host.position.measurement import Measurement, of_hdop

__all__ = ["Sieve", "reconnected", "sifted"]

STALE_S: Final = 5.0  # what was under way longer says where somebody was
STEPPED_S: Final = 5.0  # late for so long, and steadily: the receiver's clock was put back
STEADY_S: Final = 1.0
DRIFT: Final = 1e-4  # of two clocks, seconds a second; quartz is ten times better
APART_S: Final = 0.05  # receivers say 20 fixes a second at most
JUMP_MPS: Final = 40.0  # faster than a bus
JUMP_SIGMAS: Final = 4.0
AGREED: Final = 3  # measurements that jump to one place: it is true
ACCURACY_M: Final = of_hdop(1.0)  # where nothing is said of it
ACCURACY_MIN_M: Final = 1.0  # no receiver in a pocket is better, whatever it says
ACCURACY_MAX_M: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Sieve:
    """What is remembered of what was said.

    Attributes:
        source: of the fixes.
        last: the newest fix; None before the first.
        utc_s: time of the newest measurement, by the receiver; None where it said none.
        heard_s: when that was heard.
        offset_s: from the receiver's clock to the listener's, for the promptest measurement so far.
        late: since when measurements have been stale, and how late the first was; None while they are not.
        jumps: fixes that nobody can have moved to, the newest last.
    """

    source: str
    last: Fix | None = None
    utc_s: float | None = None
    heard_s: float = -math.inf
    offset_s: float | None = None
    late: tuple[float, float] | None = None
    jumps: tuple[Fix, ...] = ()


def sifted(sieve: Sieve, said: Measurement, heard_s: float) -> tuple[Sieve, Fix | None]:
    """The sieve after a measurement, and the fix that it is, if it is one.

    Args:
        sieve: as it was.
        said: anything, with numbers that need not be numbers.
        heard_s: when it was heard, on the listener's clock, which does not go back.
    """
    if not _is_place(said):
        return sieve, None
    sieve, time_s = _timed(sieve, said.utc_s, heard_s)
    if time_s is None:
        return sieve, None
    fix = _fix(said, time_s, sieve.source)
    if sieve.last is None or not _is_jump(sieve.last, fix):
        return replace(sieve, last=fix, jumps=()), fix
    kept = sieve.jumps if sieve.jumps and not _is_jump(sieve.jumps[-1], fix) else ()
    jumps = (*kept, fix)
    if len(jumps) < AGREED:
        return replace(sieve, jumps=jumps), None
    return replace(sieve, last=fix, jumps=()), fix


def reconnected(sieve: Sieve) -> Sieve:
    """The sieve for a receiver that was started again, perhaps: its clock may be another."""
    return replace(sieve, utc_s=None, offset_s=None, late=None)


def _is_place(said: Measurement) -> bool:
    """A receiver that knows nothing may say 0, 0, which is in the sea."""
    return abs(said.lat) <= 90.0 and abs(said.lon) <= 180.0 and (said.lat != 0.0 or said.lon != 0.0)


def _timed(sieve: Sieve, utc_s: float | None, heard_s: float) -> tuple[Sieve, float | None]:
    """When it was measured; None where that is too long ago, or nothing new."""
    newest_s = -math.inf if sieve.last is None else sieve.last.time_s
    if utc_s is None or not math.isfinite(utc_s):
        return sieve, heard_s if heard_s - newest_s >= APART_S else None
    if utc_s == sieve.utc_s:  # said twice, or a receiver that hangs
        return sieve, None
    needed_s = heard_s - utc_s
    offset_s = needed_s
    if sieve.offset_s is not None:
        offset_s = min(needed_s, sieve.offset_s + DRIFT * max(0.0, heard_s - sieve.heard_s))
    late_s = needed_s - offset_s
    sieve = replace(sieve, utc_s=utc_s, heard_s=heard_s, offset_s=offset_s)
    if late_s <= STALE_S:
        sieve = replace(sieve, late=None)
    elif sieve.late is None or late_s < sieve.late[1] - STEADY_S:
        return replace(sieve, late=(heard_s, late_s)), None
    elif heard_s - sieve.late[0] < STEPPED_S:
        return sieve, None
    else:
        sieve = replace(sieve, offset_s=needed_s, late=None)
        late_s = 0.0
    time_s = heard_s - late_s
    return sieve, time_s if time_s - newest_s >= APART_S else None


def _fix(said: Measurement, time_s: float, source: str) -> Fix:
    accuracy = said.accuracy_m
    if accuracy is None or not math.isfinite(accuracy) or accuracy <= 0:
        accuracy = ACCURACY_M
    speed, course = said.speed_mps, said.course_deg
    if speed is None or not 0.0 <= speed <= JUMP_MPS:
        speed = course = None
    return Fix(
        lat=said.lat,
        lon=said.lon,
        accuracy_m=min(max(accuracy, ACCURACY_MIN_M), ACCURACY_MAX_M),
        time_s=time_s,
        speed_mps=speed,
        course_deg=None if course is None or not math.isfinite(course) else course % 360.0,
        source=source,
    )


def _is_jump(before: Fix, after: Fix) -> bool:
    reach_m = JUMP_SIGMAS * (before.accuracy_m + after.accuracy_m) + JUMP_MPS * abs(after.time_s - before.time_s)
    return distance_m(Place(before.lat, before.lon), Place(after.lat, after.lon)) > reach_m
