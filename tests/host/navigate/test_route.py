"""Routes: steps, legs, and where along the line each step is."""

from __future__ import annotations

import pytest
from walks import leg, place, route, step

from host.navigate.route import Leg, Maneuver, Route, Step

CORNER = [(0.0, 0.0), (0.0, 200.0), (150.0, 200.0)]


def test_each_step_is_where_its_way_begins():
    the_route = route(CORNER)
    assert [s.maneuver for s in the_route.steps] == [Maneuver.START, Maneuver.LEFT, Maneuver.ARRIVE]
    assert the_route.starts_m == pytest.approx([0.0, 200.0, 350.0], abs=0.1)
    assert the_route.length_m == pytest.approx(350.0, abs=0.1)
    assert the_route.duration_s == pytest.approx(250.0, abs=0.1)


def test_legs_follow_one_another():
    first = leg(CORNER[:2], end=Maneuver.WAYPOINT)
    both = Route((first, leg(CORNER[1:])), "en")
    assert [s.maneuver.value for s in both.steps] == ["start", "waypoint", "start", "arrive"]
    assert both.starts_m == pytest.approx([0.0, 200.0, 200.0, 350.0], abs=0.1)


def test_a_route_without_a_way():
    """From where somebody is already."""
    here = Route((Leg((step(Maneuver.START, (0, 0)), step(Maneuver.ARRIVE, (0, 0)))),), "en")
    assert (here.length_m, here.starts_m) == (0.0, (0.0, 0.0))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Route((), "en"), "one arrival"),
        (lambda: Route((leg(CORNER, end=Maneuver.WAYPOINT),), "en"), "one arrival"),
        (lambda: Route((leg(CORNER), leg(CORNER)), "en"), "one arrival"),
        (lambda: Route((leg(CORNER, end=Maneuver.WAYPOINT), leg(CORNER)), "en"), "follow one another"),
        (lambda: Leg(()), "ends with a stop"),
        (lambda: Leg((step(Maneuver.START, (0, 0)),)), "ends with a stop"),
        (lambda: Step(Maneuver.START, (), 0.0, 0.0), "needs a place"),
        (lambda: Step(Maneuver.START, (place(0, 0),), float("nan"), 0.0), "a length and a duration"),
        (lambda: Step(Maneuver.START, (place(0, 0),), 0.0, -1.0), "a length and a duration"),
    ],
)
def test_a_route_that_cannot_be_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()
