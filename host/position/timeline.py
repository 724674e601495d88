"""A recording as reports on a clock of its own, which begins at 0; pure.

Recorded times count where all points of a stretch have one; other stretches are walked along at a steady pace, a fix a
second. A pause that nobody would wait for is a minute, and a time that goes back is none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from host.contracts.position import Fix, Lost
from host.navigate.line import Line, Place
from host.position.measurement import Measurement
from host.position.sift import Sieve, sifted

__all__ = ["LOST_S", "timeline"]

LOST_S: Final = 10.0  # without a fix; receivers say one a second, some apps one in five,
SPARSE_S: Final = 30.0  # and recordings leave out more while somebody goes straight on
PAUSE_MAX_S: Final = 60.0
PACE_MPS: Final = 1.4  # a walker's


def timeline(stretches: Iterable[Sequence[Measurement]], source: str) -> Iterator[tuple[float, Fix | Lost]]:
    """Reports, each with its time, in the order of these.

    Args:
        stretches: points without a gap in time; none is empty. Between two the receiver was off or had no fix.
        source: of the fixes.
    """
    sieve, last = Sieve(source), None
    for at_s, point, begins in _clocked(stretches):
        if begins:  # wherever that is
            sieve = Sieve(source)
        sieve, fix = sifted(sieve, replace(point, utc_s=None), at_s)
        if fix is None:
            continue
        if last is not None and at_s - last.time_s > (LOST_S if begins else SPARSE_S):
            lost = Lost(last.time_s, "no-fix", "the recording has no position for a while")
            yield last.time_s + LOST_S, lost
        last = fix
        yield at_s, fix


def _clocked(stretches: Iterable[Sequence[Measurement]]) -> Iterator[tuple[float, Measurement, bool]]:
    """Points with their times, and whether a stretch begins there."""
    at_s, before_s = -1.0, None
    for stretch in stretches:
        untimed = any(point.utc_s is None for point in stretch)
        before_s = None if untimed else before_s
        for number, point in enumerate(_walked(stretch) if untimed else stretch):
            step_s = 1.0 if before_s is None or point.utc_s is None else point.utc_s - before_s
            at_s += min(max(step_s, 1.0 if number == 0 else 0.0), PAUSE_MAX_S)
            before_s = point.utc_s
            yield at_s, point, number == 0
        before_s = None if untimed else before_s


def _walked(points: Sequence[Measurement]) -> Iterator[Measurement]:
    """Along points without times."""
    line = Line([Place(point.lat, point.lon) for point in points])
    for second in range(math.ceil(line.length_m / PACE_MPS) + 1):
        place = line.at(second * PACE_MPS)
        yield Measurement(place.lat, place.lon)
