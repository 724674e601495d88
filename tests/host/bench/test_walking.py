"""Simulated walks, and the rules that are compared on them."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from walks import place, route

from host.bench.off_route_rules import RULES
from host.bench.walking import Tally, _is_wrong, _turns, _walk
from host.bench.walks import fixes, missing, walked
from host.navigate.line import Line, distance_m
from host.navigate.maneuvers import cues

CORNER = [(0.0, 0.0), (0.0, 200.0), (150.0, 200.0)]
LONG = Line([place(0.0, 0.0), place(0.0, 3000.0)])


def test_errors_are_as_large_and_as_lasting_as_they_say():
    walk = walked(LONG, 1, steady=True)
    seen = [fix for seed in range(12) for fix in fixes(walk, 8.0, seed)]
    errors = np.array([distance_m(fix.place, truth) for fix, truth in zip(seen, walk.places * 12, strict=True)])
    assert math.sqrt(float((errors**2).mean()) / 2) == pytest.approx(8.0, rel=0.15)
    steps = [distance_m(a.place, b.place) for a, b in pairwise(seen[: len(walk.places)])]
    assert max(steps) < 12.0  # they drift, they do not jump
    speeds = [fix.speed_mps for fix in seen]
    assert np.median(speeds) == pytest.approx(1.4, abs=0.1)


def test_a_walk_is_the_same_for_the_same_seed():
    one, other = (list(fixes(walked(LONG, 3), 5.0, 3)) for _ in range(2))
    assert one == other
    assert [fix.speed_mps for fix in fixes(walked(LONG, 3), 5.0, 3, moves=False)] == [None] * len(one)


def test_a_walk_that_misses_a_turn_goes_straight_on():
    walk = missing(route(CORNER).line, 200.0, 4)
    left = int(walk.left_s)
    assert distance_m(walk.places[left], place(0.0, 200.0)) < 8.0
    assert distance_m(walk.places[-1], place(0.0, 320.0)) < 8.0
    assert walk.along_m[left:] == pytest.approx([200.0] * len(walk.along_m[left:]), abs=0.1)


def fix_beside(metres, time_s=0.0, **more):
    there = place(metres, 100.0)
    fix = next(fixes(walked(LONG, 0, steady=True), 5.0, 0))
    return replace(fix, lat=there.lat, lon=there.lon, time_s=time_s, **more)


@pytest.mark.parametrize(
    ("rule", "metres", "fixes_needed"),
    [
        ("Organic Maps", 19.0, None),
        ("Organic Maps", 25.0, 6),
        ("OsmAnd", 69.0, None),
        ("OsmAnd", 71.0, 1),
        ("Ferrostar demo", 49.0, None),
        ("Ferrostar demo", 51.0, 2),
    ],
)
def test_rules_of_other_programs(rule, metres, fixes_needed):
    left = RULES[rule](LONG)
    said = [left(fix_beside(metres, n, speed_mps=1.4, accuracy_m=5.0)) for n in range(20)]
    assert (said.index(True) + 1 if True in said else None) == fixes_needed


def test_ferrostars_demo_does_not_judge_fixes_that_are_too_bad():
    left = RULES["Ferrostar demo"](LONG)
    assert not any(left(fix_beside(300.0, n, accuracy_m=16.0)) for n in range(5))


def test_what_is_wrong():
    told = cues(route([(0.0, 0.0), (0.0, 200.0), (150.0, 200.0), (150.0, 400.0)]))
    assert not _is_wrong(told, 0, 190.0)
    assert not _is_wrong(told, 0, 220.0)
    assert _is_wrong(told, 0, 226.0)  # long past it
    assert _is_wrong(told, 1, 170.0)  # the first was skipped
    assert not _is_wrong(told, len(told) - 1, 10_000.0)  # there is nothing after the arrival


def test_every_rule_sees_the_same_walk():
    the_route = route(CORNER)
    assert _turns(the_route) == pytest.approx([200.0], abs=0.1)
    tallies: dict[str, Tally] = {}
    _walk(the_route, walked(the_route.line, 5), 5.0, 5, tallies)
    _walk(the_route, missing(the_route.line, 200.0, 5), 5.0, 5, tallies)
    assert set(tallies) == {"Sidelight", "Sidelight, no speed", *RULES}
    for tally in tallies.values():
        assert tally.false == 0
        assert len(tally.delays_s) + tally.never == 1
    assert tallies["Sidelight"].delays_s[0] < tallies["Ferrostar demo"].delays_s[0]
    assert tallies["Sidelight"].wrong == 0
