"""Walks along a line with the errors that a receiver's fixes have, and walks that miss a turn; seeded.

Positions err by an AR(1) process of 30 s, as those of phones in streets. Movements, which a receiver measures by
Doppler, err by one of 5 s whose standard deviation grows with that of the positions (0.1 m/s and 2 % of it in each
direction), and come a second late, as receivers smooth them. The walker is not a machine either: they keep to the
street's side, which changes, cut corners, walk now slower, now faster, and stand at some crossings. All of it is
synthetic.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from host.navigate.line import EARTH_M, Line, Place, bearing_deg
from host.navigate.position import Fix

__all__ = ["Walk", "fixes", "missing", "walked"]

DRIFT_S: Final = 30.0
MOVE_DRIFT_S: Final = 5.0
MOVE_MPS: Final = 0.1
MOVE_SHARE: Final = 0.02
LATE_S: Final = 1.0
PACE_MPS: Final = 1.4
PACE_SPREAD: Final = 0.1  # of the pace
SIDE_M: Final = 2.5  # standard deviation of how far beside the line the walker keeps,
SIDE_S: Final = 40.0  # for about so long
STAND_S: Final = (5.0, 40.0)  # so long they stand,
STAND_OFTEN: Final = 1 / 150  # after so many seconds of walking, in the mean
SMOOTH_S: Final = 2.0  # of walking, over which a corner is cut

_DEGREE_M: Final = math.radians(1.0) * EARTH_M


@dataclass(frozen=True, slots=True)
class Walk:
    """Where somebody truly is, once a second.

    Attributes:
        places: where.
        along_m: how far along the planned line; once they have left it, where they left it.
        left_s: when they left it; None where they never do.
    """

    places: tuple[Place, ...]
    along_m: tuple[float, ...]
    left_s: float | None = None


def walked(line: Line, seed: int, pace_mps: float = PACE_MPS, *, steady: bool = False) -> Walk:
    """From start to end; where `steady`, in the middle of the street at one pace."""
    rng = np.random.default_rng(seed)
    if steady:
        alongs = (*(n * pace_mps for n in range(math.ceil(line.length_m / pace_mps))), line.length_m)
        return Walk(tuple(line.at(along) for along in alongs), alongs)
    alongs = tuple(_steps(line.length_m, rng, pace_mps, STAND_S))
    return Walk(_beside(line, alongs, seed), alongs)


def missing(line: Line, turn_m: float, seed: int, before_m: float = 150.0, past_m: float = 120.0) -> Walk:
    """From some way before a turn at `turn_m`, and straight on there."""
    start_m = max(0.0, turn_m - before_m)
    direction = math.radians(line.direction_deg(turn_m - 8.0, 8.0))
    here = line.at(turn_m)
    past = Place(
        here.lat + past_m * math.cos(direction) / _DEGREE_M,
        here.lon + past_m * math.sin(direction) / (_DEGREE_M * math.cos(math.radians(here.lat))),
    )
    way = Line([*line.part(start_m, turn_m), past])
    alongs = tuple(_steps(way.length_m, np.random.default_rng(seed), PACE_MPS, (0.0, 0.0)))
    length_m = turn_m - start_m
    left_s = next(number for number, along in enumerate(alongs) if along > length_m)
    return Walk(_beside(way, alongs, seed), tuple(start_m + min(a, length_m) for a in alongs), float(left_s))


def fixes(walk: Walk, sigma_m: float, seed: int, *, moves: bool = True) -> Iterator[Fix]:
    """What a receiver says of a walk, once a second; with `moves`, speed and course too."""
    rng = np.random.default_rng(seed)
    places = walk.places
    error = _drift(rng, sigma_m, DRIFT_S, len(places)), _drift(rng, sigma_m, DRIFT_S, len(places))
    move_mps = MOVE_MPS + MOVE_SHARE * sigma_m
    slip = _drift(rng, move_mps, MOVE_DRIFT_S, len(places)), _drift(rng, move_mps, MOVE_DRIFT_S, len(places))
    late = round(LATE_S)
    for number, place in enumerate(places):
        last, newest = places[max(0, number - 1 - late)], places[max(0, number - late)]
        wide_m = _DEGREE_M * math.cos(math.radians(place.lat))
        north = (newest.lat - last.lat) * _DEGREE_M + slip[0][number]
        east = (newest.lon - last.lon) * wide_m + slip[1][number]
        speed = math.hypot(north, east)
        yield Fix(
            lat=place.lat + error[0][number] / _DEGREE_M,
            lon=place.lon + error[1][number] / wide_m,
            accuracy_m=max(sigma_m, 1.0),
            time_s=float(number),
            speed_mps=speed if moves else None,
            course_deg=math.degrees(math.atan2(east, north)) % 360.0 if moves and speed > 0.3 else None,
            source="walk",
        )


def _steps(length_m: float, rng: np.random.Generator, pace_mps: float, stand_s: tuple[float, float]) -> Iterator[float]:
    """How far along somebody is, every second, to the end; now and then they stand, for a time between two."""
    along, pace = 0.0, pace_mps
    while along < length_m:
        yield along
        if rng.random() < STAND_OFTEN:
            yield from [along] * round(rng.uniform(*stand_s))
        pace += 0.1 * (pace_mps - pace) + rng.normal(0, PACE_SPREAD * pace_mps * 0.4)
        along += max(0.3 * pace_mps, pace)
    yield length_m


def _beside(line: Line, alongs: Sequence[float], seed: int) -> tuple[Place, ...]:
    """Places beside the line, with corners cut."""
    side = _drift(np.random.default_rng(seed + 1), SIDE_M, SIDE_S, len(alongs))
    reach = SMOOTH_S * PACE_MPS / 2
    found = []
    for number, along in enumerate(alongs):
        a, b = line.at(along - reach), line.at(along + reach)
        right = math.radians(bearing_deg(a, b) + 90.0)
        lat, lon = (a.lat + b.lat) / 2, (a.lon + b.lon) / 2
        wide_m = _DEGREE_M * math.cos(math.radians(lat))
        found.append(
            Place(lat + side[number] * math.cos(right) / _DEGREE_M, lon + side[number] * math.sin(right) / wide_m)
        )
    return tuple(found)


def _drift(rng: np.random.Generator, sigma: float, memory_s: float, count: int) -> list[float]:
    """An AR(1) process, a value a second."""
    kept = math.exp(-1.0 / memory_s)
    fresh = sigma * math.sqrt(1 - kept**2)
    values = [rng.normal(0, sigma)]
    for _ in range(count - 1):
        values.append(kept * values[-1] + rng.normal(0, fresh))
    return values
