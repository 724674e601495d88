"""Guidance: progress, what is next, leaving the route and coming back, arrival, gaps."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walks import corners, leg, place, route

from host.bench.walks import Walk, fixes, missing, walked
from host.navigate.guidance import guide
from host.navigate.line import Line, Place, distance_m
from host.navigate.position import Fix
from host.navigate.route import Maneuver, Route
from host.navigate.trip import Heading, Phase, asking, rerouted, start, wants_route

STRAIGHT = [(0.0, 0.0), (0.0, 600.0)]
CORNER = [(0.0, 0.0), (0.0, 200.0), (150.0, 200.0)]
LOST = {Phase.OFF_ROUTE, Phase.TURNED_BACK}


def told(trip, positions):
    """The trip after each fix, and what is told then."""
    for fix in positions:
        trip, guidance = guide(trip, fix, fix.time_s)
        yield trip, guidance


def at_end(trip, positions):
    *_, (trip, guidance) = told(trip, positions)
    return trip, guidance


def line(points):
    return Line([place(*point) for point in points])


def steadily(points, sigma_m=0.0, seed=0, pace_mps=1.4, start_s=0.0, *, moves=True):
    """Fixes of somebody who walks in the middle of the street."""
    walk = walked(line(points), seed, pace_mps, steady=True)
    return [replace(fix, time_s=start_s + fix.time_s) for fix in fixes(walk, sigma_m, seed, moves=moves)]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), sigma_m=st.sampled_from([0.0, 3.0, 5.0, 8.0]), pace=st.floats(1.0, 5.0))
def test_progress_never_goes_back_and_what_is_told_is_what_comes_next(seed, sigma_m, pace):
    points = corners(seed)
    the_route, before = route(points), 0.0
    for trip, guidance in told(start(the_route), steadily(points, sigma_m, seed, pace)):
        if trip.phase in LOST:
            return  # rare; what happens then has its own tests
        assert trip.along_m >= before
        before = trip.along_m
        ahead = [cue for cue in trip.cues if cue.until_m > trip.along_m - 4.0] or [trip.cues[-1]]
        assert guidance.step is ahead[0].steps[0]
        assert guidance.distance_m == pytest.approx(max(0.0, ahead[0].at_m - trip.along_m), abs=1e-6)
        assert 0.0 <= guidance.remaining_m <= the_route.length_m
    # The walk ends at the door, where the last fix may still err by more than a door is seen from.
    assert trip.phase is Phase.ARRIVED or the_route.length_m - trip.along_m < 12.0 + 3 * sigma_m
    assert guidance.step.maneuver is Maneuver.ARRIVE


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_noise_alone_never_leaves_a_straight_road(seed, moves):
    walk = fixes(walked(line(STRAIGHT), seed), 8.0, seed, moves=moves)
    assert {trip.phase for trip, _ in told(start(route(STRAIGHT)), walk)} <= {Phase.ON_ROUTE, Phase.ARRIVED}


def test_without_noise_progress_is_the_distance_walked():
    for number, (trip, _) in enumerate(told(start(route(CORNER)), steadily(CORNER))):
        if trip.phase is Phase.ON_ROUTE and number > 10:
            assert trip.along_m == pytest.approx(1.4 * number, abs=4.0)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6), speed=st.floats(0.5, 50.0))
def test_the_speed_of_a_replay_changes_nothing(seed, speed):
    """The clock of the fixes is the only one: another start and other calls between them change nothing."""
    positions = steadily(CORNER, 5.0, seed)
    plain = [guidance for _, guidance in told(start(route(CORNER)), positions)]
    trip, replayed = start(route(CORNER)), []
    for fix in positions:
        for part in range(int(min(speed, 4.0))):
            trip, _ = guide(trip, None, fix.time_s - 0.9 + 0.1 * part)
        trip, guidance = guide(trip, fix, fix.time_s)
        replayed.append(guidance)
    assert replayed == plain


def delay_s(sigma_m, seed, *, moves):
    """How long after a missed turn it is noticed."""
    walk = missing(line(CORNER), 200.0, seed)
    for trip, _ in told(start(route(CORNER)), fixes(walk, sigma_m, seed, moves=moves)):
        if trip.phase in LOST:
            return trip.last.time_s - walk.left_s
    return math.inf


@pytest.mark.parametrize(
    ("sigma_m", "moves", "typical_s"), [(3.0, True, 16.0), (5.0, True, 18.0), (8.0, True, 24.0), (5.0, False, 28.0)]
)
def test_a_missed_turn_is_noticed(sigma_m, moves, typical_s):
    delays = sorted(delay_s(sigma_m, seed, moves=moves) for seed in range(7))
    assert delays[0] > 0.0
    assert delays[3] <= typical_s
    assert delays[-1] < 80.0


def test_whoever_stands_still_is_not_off_the_route():
    way = line([(0.0, 0.0), (0.0, 60.0)])
    walk = walked(way, 0, steady=True)
    stood = Walk((*walk.places, *[place(0.0, 60.0)] * 120), (*walk.along_m, *[60.0] * 120))
    trips = list(told(start(route(STRAIGHT)), fixes(stood, 5.0, 4)))
    assert {trip.phase for trip, _ in trips} == {Phase.ON_ROUTE}
    assert trips[-1][1].standing
    assert not trips[30][1].standing
    assert trips[-1][0].pace_mps == pytest.approx(1.35, abs=0.2)  # waiting is not walking slowly


def off_route():
    positions = steadily([(0.0, 0.0), (0.0, 360.0)], 1.0, 1)
    return next(trip for trip, _ in told(start(route(CORNER)), positions) if trip.phase is Phase.OFF_ROUTE)


def test_a_route_is_asked_for_once_at_a_time_and_later_each_time_that_there_is_none():
    trip = off_route()
    now_s = trip.last.time_s
    asked = []
    for _ in range(8):
        assert wants_route(trip, now_s)
        trip = asking(trip)
        assert not wants_route(trip, now_s + 1000.0)
        asked.append(now_s)
        trip = rerouted(trip, None, now_s)
        assert not wants_route(trip, now_s)
        now_s = next(t for t in (now_s + wait for wait in range(1, 300)) if wants_route(trip, t))
    assert [b - a for a, b in pairwise(asked)] == [5, 10, 20, 40, 80, 120, 120]


def test_a_new_route_is_followed_at_once():
    trip = off_route()
    fresh = rerouted(asking(trip), route([(0.0, 230.0), (0.0, 500.0)]), trip.last.time_s)
    assert (fresh.phase, fresh.reroutes, wants_route(fresh, math.inf)) == (Phase.ON_ROUTE, 1, False)
    assert fresh.pace_mps == trip.pace_mps


def test_whoever_comes_back_by_themselves_needs_no_new_route():
    again = steadily([(0.0, 230.0), (0.0, 200.0), (90.0, 200.0)], 1.0, 2)
    trip = off_route()
    gap_s = trip.last.time_s + 20.0
    trip, _ = at_end(asking(trip), [replace(fix, time_s=fix.time_s + gap_s) for fix in again])
    assert trip.phase is Phase.ON_ROUTE
    assert trip.along_m == pytest.approx(290.0, abs=8.0)
    assert rerouted(trip, route(STRAIGHT), gap_s).route is trip.route  # an answer that came too late


def test_whoever_turns_back_is_told_so():
    there_and_back = [(0.0, 0.0), (0.0, 120.0), (0.0, 40.0)]
    phases = [trip.phase for trip, _ in told(start(route(STRAIGHT)), steadily(there_and_back, 2.0, 3))]
    assert Phase.OFF_ROUTE not in phases
    assert 86 < phases.index(Phase.TURNED_BACK) < 86 + 25


@pytest.mark.parametrize("seed", [0, 4])
def test_whoever_turns_a_little_before_a_stop_where_the_route_turns_back_is_on_it(seed):
    there, back = [(0.0, 0.0), (0.0, 120.0)], [(0.0, 120.0), (0.0, 30.0)]
    legs = (leg(there, end=Maneuver.WAYPOINT), leg(back))
    seen = list(told(start(Route(legs, "en")), steadily([(0.0, 0.0), (0.0, 95.0), (0.0, 30.0)], 2.0, seed)))
    assert not LOST & {trip.phase for trip, _ in seen}
    assert seen[-1][0].phase is Phase.ARRIVED


def test_a_route_that_begins_elsewhere_is_approached():
    """A router begins on a street; somebody stands in a park."""
    to_it = [(-120.0, -50.0), (0.0, 0.0), (0.0, 300.0)]
    seen = list(told(start(route(STRAIGHT)), steadily(to_it, 2.0, 5)))
    assert seen[0][1].distance_m == pytest.approx(130.0, abs=6.0)
    phases = [trip.phase for trip, _ in seen]
    assert set(phases) == {Phase.APPROACHING, Phase.ON_ROUTE}
    assert phases == sorted(phases, key=[Phase.APPROACHING, Phase.ON_ROUTE].index)
    away = steadily([(-120.0, -50.0), (-300.0, -50.0)], 2.0, 6)
    assert at_end(start(route(STRAIGHT)), away)[0].phase is Phase.OFF_ROUTE


def test_stops_on_the_way_are_told_and_passed():
    legs = (leg(CORNER[:2], end=Maneuver.WAYPOINT), leg(CORNER[1:]))
    seen = list(told(start(Route(legs, "en")), steadily(CORNER)))
    first, later = seen[20][1], seen[-15][1]
    assert (first.step.maneuver, first.leg, later.step.maneuver, later.leg) == (
        Maneuver.WAYPOINT,
        0,
        Maneuver.ARRIVE,
        1,
    )
    assert first.leg_remaining_m == pytest.approx(first.remaining_m - 150.0, abs=0.1)
    assert seen[-1][0].phase is Phase.ARRIVED


def test_in_a_tunnel_somebody_goes_on_for_a_while():
    trip, fresh = at_end(start(route(STRAIGHT)), steadily([(0.0, 0.0), (0.0, 140.0)]))
    now_s = trip.last.time_s
    (_, aged), (_, old) = guide(trip, None, now_s + 10.0), guide(trip, None, now_s + 600.0)
    assert not fresh.reckoned
    assert aged.reckoned
    assert fresh.remaining_m - aged.remaining_m == pytest.approx(14.0, abs=2.0)
    assert fresh.remaining_m - old.remaining_m <= 15.0 * 1.5 + 1.0  # it does not walk on without anybody


def test_the_pace_is_learned():
    positions = steadily(STRAIGHT, 2.0, 3, pace_mps=2.2)
    _, guidance = next(seen for seen in told(start(route(STRAIGHT)), positions) if seen[0].along_m > 450.0)
    assert guidance.remaining_s == pytest.approx(guidance.remaining_m / 2.2, rel=0.12)


def test_where_somebody_faces():
    trip, guidance = at_end(start(route(CORNER)), steadily(CORNER[:2]))
    assert (guidance.by_heading, guidance.facing_deg) == (False, pytest.approx(0.0, abs=5.0))
    now_s = trip.last.time_s
    trip, guidance = guide(trip, Heading(now_s, 275.0), now_s)
    assert (guidance.by_heading, guidance.facing_deg) == (True, 275.0)
    assert not guide(trip, None, now_s + 5.0)[1].by_heading
    assert guide(trip, Heading(now_s, math.nan), now_s)[0] is trip


NOW = Fix(place(0.0, 14.0).lat, place(0.0, 14.0).lon, 5.0, 10.0)


@pytest.mark.parametrize(
    "fix",
    [
        replace(NOW, time_s=9.0),  # late
        replace(NOW, time_s=math.nan),
        replace(NOW, time_s=11.0, accuracy_m=math.nan),
        replace(NOW, time_s=11.0, accuracy_m=-1.0),
        replace(NOW, time_s=11.0, accuracy_m=500.0),
        replace(NOW, time_s=11.0, lat=place(0.0, 5000.0).lat),  # a jump
        replace(NOW, time_s=11.0, lon=math.inf),
        NOW,  # the same again
    ],
)
def test_what_cannot_be_true_changes_nothing(fix):
    trip, _ = guide(start(route(STRAIGHT)), NOW, 10.0)
    assert guide(trip, fix, 10.0)[0] is trip


said = st.tuples(
    st.floats(0.0, 30.0),
    st.floats(-400, 400),
    st.floats(-100, 1200),
    st.floats(0, 80),
    st.none() | st.floats(0, 15) | st.just(math.nan),
    st.none() | st.floats(-400, 400),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(said, max_size=40))
def test_whatever_a_receiver_says_the_trip_stays_sound(fixes_said):
    the_route, now_s = route(CORNER), 0.0
    trip = start(the_route)
    for wait_s, east, north, accuracy_m, speed_mps, course_deg in fixes_said:
        now_s += wait_s
        here = place(east, north)
        trip, guidance = guide(trip, Fix(here.lat, here.lon, accuracy_m, now_s, speed_mps, course_deg), now_s)
        assert 0.0 <= trip.along_m <= the_route.length_m
        assert guidance.distance_m >= 0.0
        assert guidance.remaining_m >= 0.0
        assert math.isfinite(guidance.remaining_s)
        assert len(trip.moments) <= 50
        if wants_route(trip, now_s):
            trip = rerouted(asking(trip), None, now_s)


def test_a_walk_over_the_edge_of_the_map():
    points = [Place(0.0, 179.999), Place(0.0, -179.999), Place(0.001, -179.999)]
    assert distance_m(points[0], points[1]) == pytest.approx(222.4, abs=1.0)
