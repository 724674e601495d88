"""What is told together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from walks import corners, leg, route, step

from host.navigate.guidance import guide
from host.navigate.maneuvers import cues, next_cue
from host.navigate.position import Fix
from host.navigate.route import Leg, Maneuver, Route
from host.navigate.trip import start


def test_two_turns_close_together_are_told_as_one():
    the_route = route([(0.0, 0.0), (0.0, 100.0), (12.0, 100.0), (12.0, 300.0)])
    told = cues(the_route)
    assert [len(cue.steps) for cue in told] == [2, 1]
    assert next_cue(told, 105.0) == 0  # until the second is done as well
    assert next_cue(told, 117.0) == 1
    begin = the_route.line.at(0.0)
    _, guidance = guide(start(the_route), Fix(begin.lat, begin.lon, 3.0, 0.0), 0.0)
    assert (guidance.step, guidance.then) == (the_route.steps[1], the_route.steps[2])


def test_three_turns_are_two_and_one():
    told = cues(route([(0.0, 0.0), (0.0, 50.0), (10.0, 50.0), (10.0, 60.0), (90.0, 60.0)]))
    assert [len(cue.steps) for cue in told] == [2, 1, 1]


def test_what_needs_no_doing_is_not_told():
    straight = (step(Maneuver.START, (0, 0), (0, 50)), step(Maneuver.CONTINUE, (0, 50), (0, 90)))
    told = cues(Route((Leg((*straight, step(Maneuver.ARRIVE, (0, 90)))),), "en"))
    assert [cue.steps[0].maneuver for cue in told] == [Maneuver.ARRIVE]


def test_a_stop_is_told_alone():
    legs = (leg([(0.0, 0.0), (0.0, 50.0), (5.0, 50.0)], end=Maneuver.WAYPOINT), leg([(5.0, 50.0), (9.0, 50.0)]))
    assert [[s.maneuver.value for s in cue.steps] for cue in cues(Route(legs, "en"))] == [
        ["left"],
        ["waypoint"],
        ["arrive"],
    ]


@given(st.integers(0, 10**6), st.floats(0, 2000))
def test_every_turn_is_told_once_and_in_order(seed, along_m):
    the_route = route(corners(seed))
    told = cues(the_route)
    assert [s for cue in told for s in cue.steps] == list(the_route.steps[1:])
    number = next_cue(told, along_m)
    assert all(cue.until_m <= along_m - 4.0 for cue in told[:number])
