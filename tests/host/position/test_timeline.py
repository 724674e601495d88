"""When the points of a recording are reported, whatever their times are."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.contracts.position import Fix, Lost
from host.navigate.line import distance_m
from host.position.measurement import Measurement
from host.position.timeline import timeline


def at(second, utc_s=0.0):
    """Somebody who goes north at 1.1 m/s."""
    return Measurement(43.73 + second * 1e-5, 7.42, utc_s=None if utc_s is None else utc_s + second)


def told(*stretches):
    return [(at_s, "fix" if isinstance(r, Fix) else ("lost", r.since_s)) for at_s, r in timeline(stretches, "test")]


def test_points_come_at_their_times_from_nought():
    stretch = [at(0, 1e9), at(1, 1e9), at(3, 1e9)]
    assert told(stretch) == [(0, "fix"), (1, "fix"), (3, "fix")]


def test_between_two_segments_the_position_was_lost_if_that_took_long():
    assert told([at(0)], [at(5)]) == [(0, "fix"), (5, "fix")]
    assert told([at(0)], [at(20)]) == [(0, "fix"), (10, ("lost", 0)), (20, "fix")]
    assert told([at(0), at(20)]) == [(0, "fix"), (20, "fix")]
    assert told([at(0), at(40)]) == [(0, "fix"), (10, ("lost", 0)), (40, "fix")]


def test_a_night_takes_a_minute():
    assert told([at(0)], [at(8 * 3600, 0)])[-1] == (60, "fix")


def test_a_point_of_a_wrong_time_costs_a_minute_at_most_and_no_other_point():
    points = [at(0), at(1), Measurement(43.73002, 7.42, utc_s=1e9), at(3), at(4), at(5)]
    times = [at_s for at_s, said in told(points) if said == "fix"]
    assert times == [0, 1, 61, 62, 63]
    back = [at(0), at(1), Measurement(43.73002, 7.42, utc_s=-1e9), at(3), at(4)]
    assert told(back)[-1][0] <= 62


def test_points_without_times_are_walked_along():
    way = [Measurement(43.73, 7.42), Measurement(43.731, 7.42, utc_s=5.0), Measurement(43.731, 7.421)]
    reports = [report for _, report in timeline([way], "test")]
    assert [report.time_s for report in reports] == list(range(len(reports)))
    steps = [distance_m(a.place, b.place) for a, b in pairwise(reports)]
    assert steps[:50] == pytest.approx([1.4] * 50, abs=0.01)
    assert (reports[-1].lat, reports[-1].lon) == (pytest.approx(43.731), pytest.approx(7.421))


def test_timed_and_untimed_stretches_follow_one_another():
    found = told([at(0, 1e9), at(1, 1e9)], [at(2, None), at(3, None)], [at(10, 5e8), at(11, 5e8)])
    assert [at_s for at_s, _ in found] == [0, 1, 2, 3, 4, 5]


POINT = st.builds(
    Measurement,
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    utc_s=st.none() | st.floats(-1e10, 1e10),
    accuracy_m=st.none() | st.floats(0, 1e9),
)
NEAR = st.builds(at, st.integers(0, 500), st.none() | st.floats(-1e10, 1e10))


@given(st.lists(st.lists(NEAR, min_size=1, max_size=6), max_size=4))
def test_whatever_the_times_reports_are_in_order_and_nobody_waits_long(stretches):
    reports = list(timeline(stretches, "test"))
    assert all(a <= b for (a, _), (b, _) in pairwise(reports))
    assert all(report.time_s == at_s for at_s, report in reports if isinstance(report, Fix))
    assert all(b - a <= 60 * sum(map(len, stretches)) for (a, _), (b, _) in pairwise(reports))
    assert not [1 for (_, a), (_, b) in pairwise(reports) if isinstance(a, Lost) and isinstance(b, Lost)]


@given(st.lists(st.lists(POINT.filter(lambda point: point.utc_s is not None), min_size=1, max_size=5), max_size=3))
def test_any_places_are_taken(stretches):
    for _, report in timeline(stretches, "test"):
        assert isinstance(report, Fix | Lost)
