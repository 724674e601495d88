"""Clocks, delays and jumps of receivers: which measurements are fixes, and of when."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.position.measurement import Measurement
from host.position.sift import Sieve, sifted

METRE = 1 / 111_195


def at(north_m=0.0, utc_s=None, **more):
    return Measurement(43.73 + north_m * METRE, 7.42, utc_s=utc_s, **more)


def sift(*heard):
    """(measurement, when it was heard) to fixes, None for those that are none."""
    sieve, fixes = Sieve("test"), []
    for said, heard_s in heard:
        sieve, fix = sifted(sieve, said, heard_s)
        fixes.append(fix)
    return fixes


def times(*heard):
    return [None if fix is None else round(fix.time_s, 2) for fix in sift(*heard)]


@pytest.mark.parametrize("epoch", [0.0, 1_777_629_600.0, 315_964_800.0 - 1024 * 604_800])
def test_a_clock_that_is_years_off_changes_nothing(epoch):
    """A receiver whose count of weeks has rolled over says 1024 weeks ago."""
    assert times(*((at(n, epoch + n), 100.0 + n) for n in range(3))) == [100.0, 101.0, 102.0]


def test_what_was_under_way_longer_was_measured_earlier():
    assert times((at(0, 0), 10.2), (at(1, 1), 11.9), (at(2, 2), 12.2)) == [10.2, 11.2, 12.2]


def test_a_burst_after_a_stall_gives_the_newest_places_only():
    stalled = [(at(n, n), 120.0) for n in range(1, 20)]
    assert times((at(0, 0), 100.0), *stalled) == [100.0, *[None] * 14, *(115.0 + n for n in range(5))]
    assert times((at(0, 0), 100.0), *stalled)[-1] == 119.0


def test_a_receiver_that_hangs_says_nothing_new():
    assert times(*((at(0, 5), 100.0 + n) for n in range(30))) == [100.0, *[None] * 29]


def test_a_clock_that_is_put_back_costs_some_seconds_and_one_put_forward_none():
    back = times(*((at(n, n if n < 5 else n - 3600), 100.0 + n) for n in range(20)))
    assert back[:5] == [100.0 + n for n in range(5)]
    assert back[5:10] == [None] * 5
    assert back[10:] == [100.0 + n for n in range(10, 20)]
    forward = times(*((at(n, n if n < 5 else n + 18), 100.0 + n) for n in range(10)))
    assert forward == [100.0 + n for n in range(10)]


def test_without_a_time_it_was_measured_when_it_was_heard():
    assert times((at(0), 10.0), (at(1), 10.01), (at(2), 11.0)) == [10.0, None, 11.0]


def test_a_jump_is_left_out_until_three_agree():
    there = [(at(5000 + n, 10 + n), 110.0 + n) for n in range(4)]
    assert times((at(0, 9), 109.0), *there) == [109.0, None, None, 112.0, 113.0]
    wild = [(at(5000 * (n % 3 + 1), 10 + n), 110.0 + n) for n in range(6)]
    assert times((at(0, 9), 109.0), *wild, (at(1, 16), 116.0)) == [109.0, *[None] * 6, 116.0]


def test_after_a_tunnel_the_other_end_is_no_jump():
    assert times((at(0, 0), 100.0), (at(1500, 60), 160.0)) == [100.0, 160.0]


@pytest.mark.parametrize(
    "said",
    [
        Measurement(0.0, 0.0),
        Measurement(91.0, 0.0),
        Measurement(math.nan, 7.0),
        Measurement(43.0, math.inf),
        Measurement(43.0, 181.0),
    ],
)
def test_no_place(said):
    assert sift((said, 1.0)) == [None]


def test_what_cannot_be_is_not_said():
    [fix] = sift((at(accuracy_m=0.001, speed_mps=900.0, course_deg=12.0), 1.0))
    assert (fix.accuracy_m, fix.speed_mps, fix.course_deg) == (1.0, None, None)
    [fix] = sift((at(accuracy_m=math.nan, speed_mps=1.0, course_deg=-90.0), 1.0))
    assert (fix.accuracy_m, fix.speed_mps, fix.course_deg) == (5.0, 1.0, 270.0)


ANY = st.floats(allow_nan=True, allow_infinity=True)
MEASURED = st.builds(
    Measurement,
    lat=ANY | st.floats(-90, 90),
    lon=ANY | st.floats(-180, 180),
    accuracy_m=st.none() | ANY,
    utc_s=st.none() | ANY | st.floats(0, 100),
    speed_mps=st.none() | ANY,
    course_deg=st.none() | ANY,
)


@given(st.lists(st.tuples(MEASURED, st.floats(0, 20)), max_size=30))
def test_whatever_is_said_fixes_are_places_in_the_order_of_their_times(heard):
    now = itertools.accumulate(pause for _, pause in heard)
    clocked = [(said, heard_s) for (said, _), heard_s in zip(heard, now, strict=True)]
    fixes = sift(*clocked)
    for fix, (_, heard_s) in zip(fixes, clocked, strict=True):
        if fix is not None:
            assert abs(fix.lat) <= 90
            assert abs(fix.lon) <= 180
            assert 1.0 <= fix.accuracy_m <= 10_000
            assert heard_s - 5.0 <= fix.time_s <= heard_s
            assert fix.course_deg is None or 0 <= fix.course_deg <= 360
    kept = [fix.time_s for fix in fixes if fix is not None]
    assert all(a < b for a, b in itertools.pairwise(kept))


@given(st.floats(-1e9, 1e9), st.lists(st.floats(0, 0.8), min_size=3, max_size=40))
def test_a_steady_receiver_gives_a_fix_a_second_whatever_its_clock_and_the_ways_delay(offset, delays):
    fixes = sift(*((at(n, round(offset) + n), 100.0 + n + delay) for n, delay in enumerate(delays)))
    kept = [fix for fix in fixes if fix is not None]
    assert len(kept) >= len(delays) - 1
    assert all(0.0 <= fix.time_s - 100.0 <= len(delays) for fix in kept)
