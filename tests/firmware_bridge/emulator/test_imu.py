from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import PartsBoard, call, error_of

from firmware_bridge.emulator.choices import NOMINAL
from firmware_bridge.emulator.imu import HeadPose, Imu


def imu_at(heading: float = 0, pitch: float = 0, roll: float = 0, seed: int = 1) -> Imu:
    return Imu(PartsBoard(seed=seed), HeadPose([(0, heading, pitch, roll)]))


def vector(axes: dict[str, float]) -> np.ndarray:
    return np.array([axes["x"], axes["y"], axes["z"]])


@pytest.mark.reference("2.9 raw")
def test_level_and_still_only_gravity_is_felt() -> None:
    """2.9: raw signed counts as floats."""
    raw = call(Imu(PartsBoard(), None).api(), "raw")
    assert vector(raw["accelerometer"]) == pytest.approx([0, 0, NOMINAL.counts_per_g], abs=40)
    assert all(isinstance(value, float) and value.is_integer() for axes in raw.values() for value in axes.values())


@pytest.mark.parametrize(("pitch", "roll"), [(0, 0), (30, 0), (-45, 0), (0, 20), (0, -70)])
@pytest.mark.reference("2.9 direction", "2.9 axes", "5 time, heading, capture")
def test_direction_gives_pitch_and_roll_and_never_a_heading(pitch: float, roll: float) -> None:
    """2.9 and 5, Frame 11: pitch = atan2(ay, az), roll = atan2(ax, az) in degrees, heading always 0.0."""
    imu = imu_at(77, pitch, roll)
    found = call(imu.api(), "direction")
    assert found["pitch"] == pytest.approx(pitch, abs=1)
    assert found["roll"] == pytest.approx(-roll, abs=1)
    assert found["heading"] == 0.0


def heading_from(imu_raw: dict[str, Any], hard: np.ndarray, soft: np.ndarray) -> float:
    """Heading from corrected counts, tilt removed: what a host has to compute."""
    up = vector(imu_raw["accelerometer"])
    up = up / np.linalg.norm(up)
    field = np.linalg.solve(soft, vector(imu_raw["compass"]) * 0.15 - hard)
    east = np.cross(field, up)
    north = np.cross(up, east)
    ahead = np.array([0.0, 1.0, 0.0])
    return math.degrees(math.atan2(ahead @ east / np.linalg.norm(east), ahead @ north / np.linalg.norm(north))) % 360


@settings(max_examples=60, deadline=None)
@given(heading=st.floats(0, 359.9), pitch=st.floats(-60, 60), roll=st.floats(-60, 60), seed=st.integers(0, 50))
def test_the_compass_follows_the_head_once_its_iron_is_known(
    heading: float, pitch: float, roll: float, seed: int
) -> None:
    imu = imu_at(heading, pitch, roll, seed)
    found = heading_from(call(imu.api(), "raw"), imu._hard_iron, imu._soft_iron)
    assert abs((found - heading + 180) % 360 - 180) < 4


def test_the_iron_is_the_same_for_a_seed_and_matters() -> None:
    def compass(heading: float, seed: int) -> np.ndarray:
        return vector(call(imu_at(heading, seed=seed).api(), "raw")["compass"])

    assert np.array_equal(compass(0, 1), compass(0, 1))
    assert not np.allclose(compass(0, 1), compass(0, 2), atol=30)
    assert np.linalg.norm(compass(0, 1) + compass(180, 1)) > 50


@pytest.mark.reference("2.9 raw")
def test_the_sensors_may_lie_any_way() -> None:
    """2.9: the remap is known, and not how the chips lie in the frame."""
    lies = [one for seed in range(12) for one in Imu(PartsBoard(seed=seed), None, any_axes=True)._lies]
    assert len({one.tobytes() for one in lies}) > 12
    assert {round(float(np.linalg.det(one))) for one in lies} == {-1, 1}
    weight = vector(call(Imu(PartsBoard(seed=3), None, any_axes=True).api(), "raw")["accelerometer"])
    assert np.sort(np.abs(weight)) == pytest.approx([0, 0, NOMINAL.counts_per_g], abs=40)


@pytest.mark.reference("2.9 blocking")
def test_reading_takes_time() -> None:
    """2.9: reads block on the magnetometer, 1 ms polls, I2C at 100 kHz."""
    times = []
    for strict in (False, True):
        board = PartsBoard(strict=strict)
        call(Imu(board, None).api(), "raw")
        times.append(board.now())
    assert 0.002 < times[0] < times[1] < 0.02


@pytest.mark.reference("2.9 tap_callback")
def test_taps() -> None:
    """2.9: the callback has no arguments; "expected nil or function"."""
    board = PartsBoard()
    imu = Imu(board, None)
    imu.tap()

    def function() -> None:
        raise AssertionError("only the VM may call it")

    call(imu.api(), "tap_callback", function)
    imu.tap()
    call(imu.api(), "tap_callback", None)
    imu.tap()
    assert board.posted == [(None,), (function,), (None,)]  # the hook is set without a callback, too
    call(imu.api(), "tap_callback", function)
    imu.reset()
    imu.tap()
    assert board.posted[3:] == [(function,)]  # a C static, stale from here on
    assert error_of(imu.api(), "tap_callback", 5) == "expected nil or function"
    assert error_of(imu.api(), "tap_callback") == "expected nil or function"


def test_the_pose_is_interpolated_and_turns_the_shorter_way() -> None:
    pose = HeadPose([(1, 350, 0, 0), (2, 10, 10, -20), (4, 10, 10, 0)])
    assert pose.at(0) == (350, 0, 0)
    assert pose.at(1.25) == pytest.approx((355, 2.5, -5))
    assert pose.at(1.75)[0] == pytest.approx(5)
    assert pose.at(3) == pytest.approx((10, 10, -10))
    assert pose.at(99) == pytest.approx((10, 10, 0))
