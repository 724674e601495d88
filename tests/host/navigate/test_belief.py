"""Where on a line somebody is believed to be, and whether they have left it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walks import corners, route

from host.bench.walks import fixes, missing, walked
from host.navigate.belief import believed, first_belief

PACE_MPS, FASTEST_MPS = 1.4, 2.8
STAIR = [(0.0, 0.0), (0.0, 150.0), (120.0, 150.0), (120.0, 300.0), (240.0, 300.0)]


def beliefs(line, seen, about_m=60.0):
    """What is believed after each fix of somebody who begins at the start."""
    seen = iter(seen)
    first = next(seen)
    belief = first_belief(line, first, -about_m, about_m)
    yield belief
    for fix in seen:
        belief = believed(belief, line, fix, PACE_MPS, FASTEST_MPS)
        yield belief


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), sigma_m=st.sampled_from([3.0, 5.0, 8.0]), moves=st.booleans())
def test_what_is_believed_is_a_probability_on_the_line(seed, sigma_m, moves):
    line = route(corners(seed)).line
    for belief in beliefs(line, fixes(walked(line, seed), sigma_m, seed, moves=moves)):
        assert float(np.exp(belief.weights).sum()) == pytest.approx(1.0)
        assert belief.first >= 0
        assert (belief.first + len(belief.weights) - 1) * 2.0 <= line.length_m
        assert 0.0 <= belief.along_m <= line.length_m
        assert len(belief.seen) < 12


def test_it_knows_better_than_the_positions_do():
    line, errors, beside = route(STAIR).line, [], []
    for seed in range(6):
        walk = walked(line, seed)
        for fix, along_m, belief in zip(
            fixes(walk, 8.0, seed), walk.along_m, beliefs(line, fixes(walk, 8.0, seed)), strict=True
        ):
            errors.append(belief.along_m - along_m)
            beside.append(line.snap(fix.place, 0.0, line.length_m, along_m, 0.0).along_m - along_m)
    assert np.std(errors) < 0.8 * np.std(beside)


def test_whoever_misses_a_turn_is_told_from_who_takes_it():
    line = route(STAIR).line
    for seed in range(5):
        missed = missing(line, 270.0, seed, before_m=260.0)
        *_, last = beliefs(line, fixes(missed, 5.0, seed))
        assert last.left > 20.0
        assert max(b.left for b in beliefs(line, fixes(walked(line, seed), 5.0, seed))) < 14.0


@pytest.mark.parametrize("moves", [True, False])
def test_whoever_stands_has_not_left(moves):
    line = route(STAIR).line
    walk = walked(line, 3)
    places = (*walk.places[:80], *[walk.places[80]] * 200)
    still = replace(walk, places=places, along_m=(*walk.along_m[:80], *[walk.along_m[80]] * 200))
    assert max(b.left for b in beliefs(line, fixes(still, 5.0, 3, moves=moves))) < 10.0


def test_where_a_route_passes_a_place_twice_movement_tells_which_it_is():
    """There and back in the same street, begun on the way back."""
    line = route([(0.0, 0.0), (0.0, 60.0), (4.0, 60.0), (4.0, -100.0)]).line
    walk = walked(line, 1, steady=True)
    begun = [n for n, along_m in enumerate(walk.along_m) if along_m > 84.0]
    later = [fix for fix in fixes(walk, 3.0, 1) if fix.time_s >= begun[0]]
    *_, last = beliefs(line, later[:20], about_m=100.0)
    assert last.along_m == pytest.approx(walk.along_m[begun[0] + 19], abs=10.0)


def test_a_gap_without_fixes_is_walked_through():
    line = route(STAIR).line
    walk = walked(line, 2, steady=True)
    seen = [fix for fix in fixes(walk, 4.0, 2) if not 60.0 < fix.time_s < 95.0]
    *_, last = beliefs(line, seen[:100])
    assert last.along_m == pytest.approx(walk.along_m[int(seen[99].time_s)], abs=12.0)
