"""One track of positions and movement, and how well a line explains it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from walks import place, route

from host.bench.walks import fixes, missing, walked
from host.navigate.line import Line, distance_m, flat, moved_by
from host.navigate.matching import explained, thinned
from host.navigate.track import tracked

STRAIGHT = Line([place(0.0, 0.0), place(0.0, 400.0)])


def track(positions):
    sight, last, found = None, None, []
    for fix in positions:
        sight, last = tracked(sight, last, fix), fix
        found.append(sight)
    return found


def steps_m(walk, places):
    """How much more or less than the walker a track moves from second to second."""
    errors = [flat(truth, there) for truth, there in zip(walk.places, places, strict=True)]
    return float(np.abs(np.diff(np.array(errors), axis=0)).mean())


def test_movement_makes_the_track_smoother_than_the_positions():
    walk = walked(STRAIGHT, 1)
    positions = list(fixes(walk, 8.0, 1))
    sights = track(positions)
    assert steps_m(walk, [s.place for s in sights]) < 0.4 * steps_m(walk, [fix.place for fix in positions])
    assert max(distance_m(s.place, fix.place) for s, fix in zip(sights, positions, strict=True)) < 30.0


@pytest.mark.parametrize(
    "changes", [{"speed_mps": None}, {"course_deg": None}, {"speed_mps": math.nan}, {"course_deg": math.inf}]
)
def test_without_movement_the_track_is_the_positions(changes):
    first, second = (replace(fix, **changes) for fix in list(fixes(walked(STRAIGHT, 2), 5.0, 2))[20:22])
    assert tracked(tracked(None, None, first), first, second).place == second.place


def test_a_wrong_course_is_pulled_back_to_the_positions():
    """A receiver that says east for minutes while its positions go north."""
    positions = [replace(fix, course_deg=90.0) for fix in fixes(walked(STRAIGHT, 3, steady=True), 3.0, 3)]
    assert max(distance_m(s.place, f.place) for s, f in zip(track(positions), positions, strict=True)) < 80.0


def test_a_track_is_thinned_from_its_end():
    times = [sight.time_s for sight in thinned(track(fixes(walked(STRAIGHT, 4, steady=True), 3.0, 4))[:11], 4.0)]
    assert times == [2.0, 6.0, 10.0]


def test_what_explains_a_walk():
    corner = route([(0.0, 0.0), (0.0, 200.0), (150.0, 200.0)]).line
    followed = thinned(track(list(fixes(walked(corner, 5, steady=True), 3.0, 5))[140:165]), 4.0)
    missed = missing(corner, 200.0, 5)
    gone = thinned(track(list(fixes(missed, 3.0, 5))[: int(missed.left_s) + 20][-25:]), 4.0)
    good, bad = (explained(corner, sights, 100.0, 300.0, 2.8) for sights in (followed, gone))
    assert good.left < 4.0 < 16.0 < bad.left
    assert good.along_m == pytest.approx(1.4 * 164, abs=8.0)
    back = explained(corner, followed, 300.0, 100.0, 2.8)
    assert back.cost > good.cost + 10.0  # they went the other way


def test_a_place_so_many_metres_away():
    assert flat(place(0, 0), moved_by(place(0, 0), 30.0, -40.0)) == pytest.approx((30.0, -40.0), abs=0.01)
