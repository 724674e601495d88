"""What is known of a battery from its readings: noisy, whole per cents, with jumps."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.assistant.power import (
    EMPTY_PERCENT,
    FRAME,
    HALO,
    Step,
    ask_again_s,
    empty_in_h,
    fresh,
    measures,
    noted,
    said,
    told,
)
from host.contracts.battery import Learned


def discharged(drain: float, hours: float, *, seed: int = 0, noise: float = 1.0, begin: float = 100.0, battery=None):
    """A battery after hours of this drain, its charge, and the time."""
    chance = random.Random(seed)
    battery = battery or fresh(FRAME)
    t_s, charge = 0.0, begin
    while t_s <= hours * 3600 and charge > EMPTY_PERCENT:
        battery = noted(battery, t_s, round(min(100, max(0, charge + chance.gauss(0, noise)))))
        t_s += 300
        charge = begin - drain * t_s / 3600
    return battery, charge, t_s


def test_before_anything_is_learned_the_makers_figures_are_said_to_be_that():
    assert said(noted(fresh(FRAME), 0.0, 100), FRAME) == "battery 100 %, 2 h to 4 h 30 min by Frame's own figures"
    assert said(noted(fresh(FRAME), 0.0, 63), FRAME) == "battery 63 %, 1 h 10 min to 2 h 50 min by Frame's own figures"
    assert said(noted(fresh(HALO), 0.0, 50), HALO) == "battery 50 %, 4 h 40 min to 13 h 50 min by Halo's own figures"
    assert said(noted(fresh(FRAME), 0.0, 4), FRAME) == "battery 4 %, a few minutes by Frame's own figures"


def test_what_is_used_decides_within_the_makers_figures():
    assert FRAME.drain() == pytest.approx((21.4, 47.6), abs=0.05)  # 4.7 and 2.1 h
    assert FRAME.drain(used=False)[1] < FRAME.drain()[1]
    assert FRAME.drain(camera=True)[0] > FRAME.drain()[0]


def test_after_an_hour_the_time_left_is_known():
    battery, charge, _ = discharged(36.0, 1.0)
    assert said(battery, FRAME) == f"battery {battery.reading} %, about 1 h 40 min"
    assert (charge - EMPTY_PERCENT) / 36.0 == pytest.approx(1.58, abs=0.1)


def test_what_was_learned_holds_the_next_time():
    learned = discharged(25.0, 2.0)[0].learned
    again = noted(fresh(FRAME, learned), 0.0, 80)
    assert again.drain == pytest.approx(25.0, rel=0.1)
    assert "figures" not in said(again, FRAME)
    assert fresh(FRAME, Learned(25.0, 3.0, 0.1)) == fresh(FRAME)  # a few minutes teach nothing


@pytest.mark.parametrize("noise", [0.0, 1.0, 2.0])
def test_the_range_holds_what_it_promises(noise):
    inside = total = 0
    for seed in range(300):
        drain = 18 + seed % 32
        battery, charge, _ = discharged(drain, 0.75, seed=seed, noise=noise)
        soon, likely, late = empty_in_h(battery)
        inside += soon <= (charge - EMPTY_PERCENT) / drain <= late
        total += 1
        assert likely == pytest.approx((charge - EMPTY_PERCENT) / drain, rel=0.6)
    assert inside / total >= 0.8


def test_charging_is_not_drain():
    battery, _, t_s = discharged(30.0, 1.5)
    before = battery.drain
    for percent in (95, 95):  # the second time it is believed
        battery = noted(battery, t_s, percent)
        t_s += 10
    assert battery.reading == 95
    assert battery.drain == before


def test_one_wrong_reading_changes_nothing_and_is_asked_for_again():
    battery, _, t_s = discharged(30.0, 0.5)
    doubting = noted(battery, t_s, 0)
    assert (doubting.step, doubting.reading, doubting.percent) == (Step.FULL, battery.reading, battery.percent)
    assert ask_again_s(doubting) == 10.0
    right = noted(doubting, t_s + 10, battery.percent)
    assert right.doubted is None
    assert ask_again_s(right) == 300.0
    gone = noted(doubting, t_s + 10, 0)
    assert gone.step is Step.EMPTY


@pytest.mark.parametrize("drain", [20.0, 50.0, 100.0])
def test_goodbye_is_said_before_nothing_is_left(drain):
    battery, t_s = fresh(FRAME), 0.0
    while battery.step is not Step.EMPTY:
        charge = 30.0 - drain * t_s / 3600
        assert charge > 0.5
        battery = noted(battery, t_s, round(charge))
        t_s += ask_again_s(battery)


def test_hours_of_sleep_teach_nothing():
    battery, _, t_s = discharged(30.0, 1.0)
    later = noted(battery, t_s + 5 * 3600, battery.reading - 1)
    assert (later.drain, later.hours, later.reading) == (battery.drain, battery.hours, battery.reading - 1)


def test_steps_are_taken_once_each_and_back_by_charging():
    battery, steps = fresh(FRAME), []
    for tenth in range(300, 0, -5):
        battery = noted(battery, (300 - tenth) * 12.0, round(tenth / 10 + random.Random(tenth).gauss(0, 1.5)))
        if not steps or steps[-1] is not battery.step:
            steps.append(battery.step)
    assert steps == [Step.FULL, Step.SPARING, Step.LOW, Step.EMPTY]
    back = noted(battery, 10_000.0, 60)
    assert told(Step.EMPTY, back) == ("battery 60 %", "everything as before")
    assert noted(battery, 10_000.0, 12).step is Step.LOW
    assert noted(battery, 10_000.0, 15).step is Step.SPARING


def test_what_each_step_saves():
    assert [measures(step, 30.0).dark_s for step in Step] == [30.0, 10.0, 5.0, 5.0]
    assert [measures(step, 0.0).dark_s for step in Step] == [0.0, 10.0, 5.0, 5.0]
    assert measures(Step.LOW, 3.0).dark_s == 3.0
    assert [measures(step, 30.0).bits for step in Step] == [16, 8, 8, 8]
    assert [measures(step, 30.0).compass for step in Step] == [True, True, False, False]
    assert told(Step.FULL, noted(fresh(FRAME), 0.0, 19)) == (
        "battery 19 %",
        "the lens goes dark sooner, sound comes with 8 bits",
    )


def test_nothing_that_was_kept_wrongly_is_believed():
    for wrong in ((math.nan, 1.0, 1.0), (-1.0, 1.0, 1.0), (30.0, math.inf, 1.0), (30.0, 1.0, -2.0)):
        with pytest.raises(ValueError, match="no battery has"):
            Learned(*wrong)


READINGS = st.lists(
    st.tuples(st.floats(-100.0, 7200.0), st.floats(-20.0, 120.0, allow_nan=False)), min_size=1, max_size=40
)


@given(READINGS)
def test_whatever_is_read_nothing_impossible_is_said(readings):
    battery, t_s = fresh(FRAME), 0.0
    for passed_s, percent in readings:
        t_s += passed_s
        battery = noted(battery, t_s, percent)
        assert 0.0 <= battery.percent <= 100.0
        assert battery.drain > 0
        assert 10.0 <= ask_again_s(battery) <= 300.0
        soon, likely, late = empty_in_h(battery)
        assert 0.0 <= soon <= likely <= late < math.inf
        assert said(battery, FRAME).startswith(f"battery {battery.reading} %, ")
        if battery.learned is not None:
            assert fresh(FRAME, battery.learned).drain == pytest.approx(battery.drain)


@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_a_fuller_battery_saves_no_more(one, other):
    low, high = (noted(fresh(FRAME), 0.0, percent) for percent in sorted((one, other)))
    assert low.step >= high.step


@given(st.integers(0, 100), st.lists(st.floats(-1.5, 1.5), max_size=30))
def test_noise_never_takes_a_step_back_and_forth(percent, noises):
    battery, steps = noted(fresh(FRAME), 0.0, percent), []
    for number, noise in enumerate(noises):
        battery = noted(battery, 0.001 * number, percent + noise)
        steps.append(battery.step)
    assert steps == sorted(steps)
