"""Where on a line somebody is who goes along it, and whether they have left it; pure.

The errors of a receiver drift: they are alike for half a minute, so ten fixes in a row on one side of a street mean
little. What tells more is the movement, which a receiver measures by Doppler, apart from its positions and much better,
and the line itself: a corner shows how far along it somebody is. So all that was seen since the route began is kept
as how likely each place on the line is (a hidden Markov model over places a step apart, the error of a fix being what
is between fix and place): from one fix to the next the error changes little, and the place by the movement.

The same fixes are explained by somebody who left the line within the last half minute and went straight on. What the
receiver's noise costs, it costs in both; so the difference of the two tells how likely it is that they have left.
Costs are sums of squared standard deviations: minus twice the logarithm of a likelihood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from host.navigate.line import Line, Place, flat
from host.navigate.position import Fix
from host.navigate.track import BESIDE_M, DRIFT_S, WANDER_M2PS, movement, slipped

__all__ = ["Belief", "believed", "first_belief"]

CELL_M: Final = 2.0  # between two places of the line that are told apart
CELL_M2: Final = CELL_M**2 / 6  # by so much, as a variance, that is wrong from one to another
KEPT_S: Final = 4.0  # what was seen between says nothing more
MEMORY_S: Final = 28.0  # who left did so within this time
STRAIGHT_MIN: Final = 2  # and went straight on for so many times KEPT_S at least
SLOW: Final = 0.4  # of their pace; slower nobody leaves
PACE_SHARE: Final = 0.3  # standard deviation of the pace of somebody who left, of the one that is usual,
PACE_MOST: Final = 4.0  # and what another pace costs at most
ASIDE: Final = 6.0  # what it costs to have left at a right angle; straight on costs nothing
NEAR: Final = 8  # cells to each side of the likeliest are the same place; others are another part of the line
TOWARDS_M: Final = 10.0  # of the line until there show where it led
BACK_MPS: Final = 0.3  # backwards at most; more is turning round
UNLIKELY: Final = 12.0  # places whose logarithm is so far below the likeliest are forgotten
FORGET_S: Final = 300.0  # in which what is believed fades: walkers are not as regular as a model

_Metres = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A fix that is kept.

    Attributes:
        place: that it says.
        time_s: when.
        accuracy_m: standard deviation of its error in each direction.
        moved_m: north and east, by Doppler, since the one before; None where the receiver did not say.
        cost: of explaining all until here by somebody on the line.
        along_m: where on the line they then are.
        towards: where the line led until there: a length of 1, to the north and east.
        kept: how much of the error of the fix before is in this one's.
        drifted_m2: variance that is new in its error, of places on the line, and of a walker who is beside it.
        slipped_m2: variance of the movement; infinite where there is none.
    """

    place: Place
    time_s: float
    accuracy_m: float
    moved_m: tuple[float, float] | None
    cost: float
    along_m: float
    towards: tuple[float, float]
    kept: float
    drifted_m2: float
    slipped_m2: float


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed after a fix.

    Attributes:
        along_m: where on the line somebody is who goes along it.
        left: by how much less it costs to explain that they left the line; below 0 where it costs more.
        first: number of the first cell of `weights`.
        weights: logarithm of the likelihood of each cell, when the last of `seen` was.
        seen: fixes of the last half minute, in order; at least one.
        moved_m: by Doppler since the last of them.
        time_s: of the newest fix.
    """

    along_m: float
    left: float
    first: int
    weights: _Metres
    seen: tuple[_Seen, ...]
    moved_m: tuple[float, float] | None
    time_s: float


def first_belief(line: Line, fix: Fix, from_m: float, to_m: float) -> Belief:
    """What is believed after a first fix of somebody who is on that part of the line."""
    top = int(line.length_m / CELL_M)
    first = min(top, max(0, int(from_m / CELL_M)))
    cells = _cells(first, max(first, min(top, int(to_m / CELL_M))) + 1)
    north, east = line.flat(fix.place, cells)
    weights, _ = _normal(-(north**2 + east**2) / (2 * (fix.accuracy_m**2 + BESIDE_M**2 + CELL_M2)))
    along_m = _mean(weights, cells)
    seen = _Seen(fix.place, fix.time_s, fix.accuracy_m, None, 0.0, along_m, _towards(line, along_m), 0.0, 1.0, math.inf)
    return Belief(along_m, -math.inf, first, weights, (seen,), (0.0, 0.0), fix.time_s)


def believed(belief: Belief, line: Line, fix: Fix, pace_mps: float, fastest_mps: float) -> Belief:
    """What is believed after the next fix.

    Args:
        belief: after the fix before, on the same line.
        line: the way.
        fix: later than the one before.
        pace_mps: that they usually have.
        fastest_mps: nobody is faster.
    """
    last = belief.seen[-1]
    waited_s = fix.time_s - last.time_s
    seen = _next(belief, fix)
    first, weights = _weighed(belief, line, seen, fastest_mps)
    weights, likelihood = _normal(weights)
    cells = _cells(first, first + len(weights))
    along_m = _mean(weights, cells)
    seen = replace(seen, cost=last.cost - 2 * likelihood, along_m=along_m)
    all_seen = (*belief.seen, seen)
    left = seen.cost - _left_cost(line, all_seen, pace_mps, fastest_mps)
    if waited_s < KEPT_S - 0.01:
        return replace(belief, along_m=along_m, left=left, moved_m=seen.moved_m, time_s=fix.time_s)
    all_seen = (*belief.seen, replace(seen, towards=_towards(line, along_m)))
    likely = np.flatnonzero(weights > weights.max() - UNLIKELY)
    start, end = int(likely[0]), int(likely[-1]) + 1
    weights, _ = _normal(weights[start:end] * math.exp(-waited_s / FORGET_S))
    kept = tuple(s for s in all_seen if fix.time_s - s.time_s <= MEMORY_S)
    return Belief(along_m, left, first + start, weights, kept, (0.0, 0.0), fix.time_s)


def _cells(first: int, end: int) -> _Metres:
    """How far along the line the cells from one to before another are."""
    return CELL_M * np.arange(first, end, dtype=np.float64)


def _mean(weights: _Metres, cells: _Metres) -> float:
    """Where they are, of all places near the likeliest."""
    most = int(np.argmax(weights))
    near = slice(max(0, most - NEAR), most + NEAR + 1)
    return float(np.average(cells[near], weights=np.exp(weights[near] - weights[most])))


def _moved(belief: Belief, fix: Fix) -> tuple[float, float] | None:
    """By Doppler since the last fix that was kept."""
    mps, waited_s = movement(fix), fix.time_s - belief.time_s
    if mps is None or belief.moved_m is None:
        return None
    return belief.moved_m[0] + mps[0] * waited_s, belief.moved_m[1] + mps[1] * waited_s


def _weighed(belief: Belief, line: Line, seen: _Seen, fastest_mps: float) -> tuple[int, _Metres]:
    """Number of the first cell, and the logarithm of how likely each is with what is seen; not normal yet."""
    last, count = belief.seen[-1], len(belief.weights)
    waited_s = seen.time_s - last.time_s
    back, ahead = math.ceil(BACK_MPS * waited_s / CELL_M), math.ceil(fastest_mps * waited_s / CELL_M)
    first = max(0, belief.first - back)
    end = min(int(line.length_m / CELL_M), belief.first + count - 1 + ahead)
    north, east = line.flat(seen.place, _cells(first, end + 1))
    north_0, east_0 = line.flat(seen.place, _cells(belief.first, belief.first + count))
    there = flat(seen.place, last.place)
    steps = np.arange(-back, ahead + 1)
    source = np.arange(first, end + 1)[:, np.newaxis] - steps[np.newaxis, :] - belief.first
    possible = (source >= 0) & (source < count)
    source = source.clip(0, count - 1)
    north_was, east_was = seen.kept * (there[0] - north_0), seen.kept * (there[1] - east_0)
    cost = (-north[:, np.newaxis] - north_was[source]) ** 2 + (-east[:, np.newaxis] - east_was[source]) ** 2
    cost /= seen.drifted_m2
    if seen.moved_m is not None:
        by = north[:, np.newaxis] - north_0[source] - seen.moved_m[0], east[:, np.newaxis] - east_0[source]
        cost += (by[0] ** 2 + (by[1] - seen.moved_m[1]) ** 2) / seen.slipped_m2
    total = np.where(possible, belief.weights[source] - cost / 2, -np.inf)
    most = total.max(axis=1)
    floor = np.where(np.isfinite(most), most, 0.0)
    with np.errstate(divide="ignore"):
        return first, floor + np.log(np.exp(total - floor[:, np.newaxis]).sum(axis=1)) - math.log(len(steps))


def _left_cost(line: Line, seen: tuple[_Seen, ...], pace_mps: float, fastest_mps: float) -> float:
    """Of somebody who left the line when one of these was seen, and went straight on at one pace."""
    count = len(seen)
    if count <= STRAIGHT_MIN:
        return math.inf
    starts = count - STRAIGHT_MIN
    centre, after_first = seen[-1].place, seen[1:]
    at = np.array([flat(centre, s.place) for s in seen])
    on = np.stack(line.flat(centre, np.array([s.along_m for s in seen[:starts]])), axis=1)
    time_s = np.array([s.time_s for s in seen])
    span_s = np.diff(time_s)
    drifted = np.array([s.drifted_m2 for s in after_first])
    slipped_m2 = np.array([s.slipped_m2 for s in after_first])
    moved = np.array([s.moved_m or (0.0, 0.0) for s in after_first])
    kept = np.array([s.kept for s in after_first])
    both = 1 / (1 / drifted + 1 / slipped_m2)
    steps = (np.diff(at, axis=0) / drifted[:, np.newaxis] + moved / slipped_m2[:, np.newaxis]) * both[:, np.newaxis]
    mps = np.cumsum(steps[::-1], axis=0)[::-1][:starts] / (time_s[-1] - time_s[:starts])[:, np.newaxis]
    way = on[:, np.newaxis] + mps[:, np.newaxis] * (time_s - time_s[:starts, np.newaxis])[..., np.newaxis]
    error = at - way
    new = error[:, 1:] - kept[:, np.newaxis] * error[:, :-1]
    slip = mps[:, np.newaxis] * span_s[:, np.newaxis] - moved
    costs = (new**2).sum(axis=2) / drifted + (slip**2).sum(axis=2) / slipped_m2
    # On the line every pace is equally likely; here too.
    costs -= 2 * np.log(np.minimum(1.0, np.sqrt(2 * math.pi * both) / ((fastest_mps + BACK_MPS) * span_s + CELL_M)))
    after = np.arange(count - 1) >= np.arange(starts)[:, np.newaxis]
    total = np.array([s.cost for s in seen[:starts]]) + np.where(after, costs, 0.0).sum(axis=1)
    pace = np.hypot(mps[:, 0], mps[:, 1])
    total += np.minimum(((pace / pace_mps - 1) / PACE_SHARE) ** 2, PACE_MOST)
    towards = np.array([s.towards for s in seen[:starts]])
    total += ASIDE * (1 - (mps * towards).sum(axis=1) / np.maximum(pace, 1e-3))
    walked = pace >= SLOW * pace_mps
    return float(np.where(walked, total, np.inf).min())


def _towards(line: Line, along_m: float) -> tuple[float, float]:
    direction = math.radians(line.direction_deg(max(0.0, along_m - TOWARDS_M), TOWARDS_M))
    return math.cos(direction), math.sin(direction)


def _next(belief: Belief, fix: Fix) -> _Seen:
    """What is seen next, before it is known what it costs."""
    last, moved = belief.seen[-1], _moved(belief, fix)
    waited_s, accuracy_m = fix.time_s - last.time_s, fix.accuracy_m
    kept = math.exp(-waited_s / DRIFT_S)
    drifted = accuracy_m**2 * (1 - kept**2) + WANDER_M2PS * waited_s + CELL_M2
    slip = math.inf if moved is None else (slipped(accuracy_m) + WANDER_M2PS) * waited_s + CELL_M2
    return _Seen(
        fix.place,
        fix.time_s,
        accuracy_m,
        moved,
        last.cost,
        last.along_m,
        (0.0, 0.0),
        kept * accuracy_m / last.accuracy_m,
        drifted,
        slip,
    )


def _normal(weights: _Metres) -> tuple[_Metres, float]:
    """With a sum of one, and the logarithm of the sum that was."""
    most = float(weights.max())
    total = most + math.log(float(np.exp(weights - most).sum()))
    return weights - total, total
