"""Whether a track is that of somebody who goes along a line, and where on it they then are; pure.

The errors of a receiver drift: they are alike for half a minute, so ten fixes in a row on one side of a street mean
little, and a sideways movement means much. So not the distances from the line are added up but what is new in each:
with e the error of a place, the cost of the next one is that of e' given e, for the way along the line that makes the
sum smallest (Viterbi's algorithm over places on the line). Standing still costs nothing, going back is not possible.
The same track is explained by somebody who left the line at some time and went straight on. What the receiver's noise
costs, it costs in both; so the difference of the two tells how likely it is that they have left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from host.navigate.line import Line, flat
from host.navigate.track import BESIDE_M, DRIFT_S, WANDER_M2PS, Sight

__all__ = ["Match", "explained", "thinned"]

PLACES_MAX: Final = 72  # places on the line that are looked at
FINE: Final = 4.0  # places to a standard deviation
BACK_MPS: Final = 0.3  # backwards at most; more is turning round
STRAIGHT_MIN: Final = 2  # whoever left went straight on for so many places of the track at least

_Metres = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Match:
    """The best explanation.

    Attributes:
        cost: sum of squared standard deviations; about one a place of the track where it is true.
        along_m: where on the line the newest one belongs.
        left: by how much less it costs to explain that they left the line; below 0 where it costs more.
    """

    cost: float
    along_m: float
    left: float


def thinned(sights: Sequence[Sight], every_s: float) -> list[Sight]:
    """The newest of a track, in order of time, and before it one of each so many seconds; at least one."""
    chosen = [sights[-1]]
    for sight in reversed(sights[:-1]):
        if chosen[-1].time_s - sight.time_s >= every_s:
            chosen.append(sight)
    return chosen[::-1]


def explained(line: Line, sights: Sequence[Sight], from_m: float, to_m: float, pace_max_mps: float) -> Match:
    """Explain a track by somebody who goes along a part of a line, from `from_m` towards `to_m`.

    Args:
        line: the way.
        sights: in order of time, at least one.
        from_m: one end of the part of the line on which they may have been.
        to_m: its other end; before `from_m` for somebody who goes against the line.
        pace_max_mps: nobody is faster.
    """
    centre, accuracy = sights[-1].place, sights[-1].accuracy_m
    from_m, to_m = (min(max(end, 0.0), line.length_m) for end in (from_m, to_m))
    count = min(PLACES_MAX, max(2, math.ceil(abs(to_m - from_m) * FINE / accuracy)))
    places = np.linspace(from_m, to_m, count)
    gap = max(abs(to_m - from_m) / (count - 1), 1e-3)
    grain = gap**2 / 12  # places between those looked at
    north, east = line.flat(centre, places)
    cost: _Metres = np.zeros(count)
    old: tuple[_Metres, _Metres] | None = None
    before = sights[0]
    costs: list[float] = []  # until each place
    for sight in sights:
        here = flat(centre, sight.place)
        new = here[0] - north, here[1] - east
        if old is None:
            cost = (new[0] ** 2 + new[1] ** 2) / (sight.accuracy_m**2 + grain + BESIDE_M**2)
        else:
            waited_s = max(sight.time_s - before.time_s, 1e-3)
            kept = math.exp(-waited_s / DRIFT_S) * sight.accuracy_m / before.accuracy_m
            back = int(BACK_MPS * waited_s / gap)
            ahead = min(count - 1, math.ceil(pace_max_mps * waited_s / gap))
            source = np.arange(count)[np.newaxis, :] - np.arange(-back, ahead + 1)[:, np.newaxis]
            possible = (source >= 0) & (source < count)
            source = source.clip(0, count - 1)
            step = (new[0] - kept * old[0][source]) ** 2 + (new[1] - kept * old[1][source]) ** 2
            total = cost[source] + step / (_drifted(sight, waited_s) + grain + WANDER_M2PS * waited_s)
            cost = np.where(possible, total, np.inf).min(axis=0)
        old, before = new, sight
        costs.append(float(cost.min()))
    best = int(np.argmin(cost))
    return Match(costs[-1], float(places[best]), costs[-1] - _left_cost(sights, costs))


def _left_cost(sights: Sequence[Sight], costs: Sequence[float]) -> float:
    """Of a track of somebody who left the line at one of its places and went straight on at one pace."""
    centre = sights[-1].place
    at = [flat(centre, sight.place) for sight in sights]
    spans = [b.time_s - a.time_s for a, b in pairwise(sights)]
    spread = [_drifted(b, span) + WANDER_M2PS * span for b, span in zip(sights[1:], spans, strict=True)]
    moves = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(at)]
    best = math.inf
    for first in range(len(sights) - STRAIGHT_MIN):
        whole_s = sights[-1].time_s - sights[first].time_s
        north, east = -at[first][0] / whole_s, -at[first][1] / whole_s
        rest = zip(moves[first:], spans[first:], spread[first:], strict=True)
        off = sum(((dn - north * s) ** 2 + (de - east * s) ** 2) / wide for (dn, de), s, wide in rest)
        best = min(best, costs[first] + off)
    return best


def _drifted(sight: Sight, waited_s: float) -> float:
    """Variance that is new in its error after so long."""
    return min(sight.drift_m2ps * waited_s, sight.accuracy_m**2)
