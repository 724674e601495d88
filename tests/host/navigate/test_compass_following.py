"""Headings that follow the head, stand still with it, and are none where iron is near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from simulated_head import MONACO, Chips, Wearer, obeyed, shown, walked

from host.contracts.compass import Calibration, EarthField
from host.navigate.compass import Vector, azimuth_deg, difference_deg, dip_deg
from host.navigate.compass_following import Follower, followed, following
from host.navigate.compass_turns import Guide

Pose = Callable[[float], tuple[float, float, float]]
Field = Callable[[float], Vector]


@cache
def worn(seed: int) -> tuple[Calibration, Chips]:
    """Chips of chance, calibrated."""
    rng = np.random.default_rng(seed)
    chips = Chips.drawn(rng)
    found = obeyed(Guide(MONACO), Wearer(rng, first=rng.uniform(0, 360)), chips, rng)[0].result
    assert isinstance(found, Calibration)
    return found, chips


def seen(
    pose: Pose,
    seconds: float,
    *,
    seed: int = 1,
    here: EarthField = MONACO,
    pulled: Field | None = None,
    iron: Field | None = None,
) -> list[tuple[float, Follower]]:
    """What is known at each moment."""
    found, chips = worn(seed)
    rng, follower, told = np.random.default_rng(seed), following(found, here), []
    for now_s in map(float, np.arange(0.0, seconds, 0.08)):
        pull = None if pulled is None else pulled(now_s)
        near = None if iron is None else iron(now_s)
        follower = followed(follower, shown(pose(now_s), now_s, chips, rng, earth=here, pulled=pull, iron=near))
        told.append((now_s, follower))
    return told


def off_deg(told: list[tuple[float, Follower]], true_deg: float, after_s: float = 2.0) -> Vector:
    """By how much headings are wrong; those that are none are left out."""
    return np.array(
        [
            difference_deg(follower.heading.degrees, true_deg)
            for now_s, follower in told
            if now_s > after_s and follower.heading is not None
        ]
    )


@pytest.mark.parametrize("walking", [False, True])
@pytest.mark.parametrize("rate", [100.0, 300.0])
def test_a_turn_of_the_head_is_followed_within_200_ms(rate: float, walking: bool) -> None:  # noqa: FBT001
    for case in range(8):
        start, begins_s = 47.0 * case, 2.0 + 0.01 * case

        def pose(now_s: float, start: float = start, begins_s: float = begins_s) -> tuple[float, float, float]:
            return start + float(np.clip((now_s - begins_s) * rate, 0.0, 90.0)), 0.0, 0.0

        told = seen(pose, 5.0, seed=case % 3, pulled=walked if walking else None)
        for turned in (45.0, 80.0):
            due_s = begins_s + turned / rate
            there_s = next(
                now_s
                for now_s, follower in told
                if now_s > begins_s
                and follower.heading is not None
                and difference_deg(follower.heading.degrees, start + MONACO.declination_deg) >= turned
            )
            assert there_s - due_s < 0.2


def test_a_head_held_still_shows_no_jitter_and_true_north() -> None:
    for case in range(6):
        off = off_deg(seen(lambda _now_s, case=case: (60.0 * case, -10.0, 3.0), 20.0, seed=case % 3), 60.0 * case)  # type: ignore[misc]
        assert len(off) > 200
        assert float(off.std()) < 0.6
        assert float(np.abs(off - MONACO.declination_deg).max()) < 4.0


def test_steps_shake_it_by_little() -> None:
    for case in range(6):
        off = off_deg(
            seen(lambda _now_s, case=case: (60.0 * case, -8.0, 0.0), 20.0, seed=case % 3, pulled=walked), 60.0 * case
        )  # type: ignore[misc]
        assert len(off) > 200
        assert float(off.std()) < 2.0
        assert float(np.abs(off - MONACO.declination_deg).max()) < 8.0


def test_a_nod_changes_nothing() -> None:
    def pose(now_s: float) -> tuple[float, float, float]:
        return 80.0, -35.0 * float(np.clip(min((now_s - 4.0) / 0.5, (7.0 - now_s) / 0.5), 0.0, 1.0)), 0.0

    off = off_deg(seen(pose, 10.0), 80.0)
    assert len(off) > 95
    assert float(np.abs(off - MONACO.declination_deg).max()) < 9.0


def test_beside_iron_there_is_no_heading_and_after_it_there_is_again() -> None:
    """Steel that pulls the field down by half, passed at second 6 at walking pace."""

    def iron(now_s: float) -> Vector:
        return np.array([5.0, 0.0, -30.0]) / (1.0 + ((now_s - 6.0) * 1.4) ** 2) ** 1.5

    told = seen(lambda _now_s: (200.0, 0.0, 0.0), 14.0, pulled=walked, iron=iron)
    beside = [follower for now_s, follower in told if 5.8 < now_s < 6.6]
    assert all(follower.is_disturbed and follower.heading is None for follower in beside)
    apart = [follower for now_s, follower in told if 2.0 < now_s < 4.0 or now_s > 9.5]
    assert all(not follower.is_disturbed and follower.heading is not None for follower in apart)
    assert float(np.abs(off_deg(told, 200.0) - MONACO.declination_deg).max()) < 12.0


def test_the_field_of_another_country_is_no_iron() -> None:
    oslo = EarthField(4.6, 73.2, 51.4)
    told = seen(lambda _now_s: (10.0, 0.0, 0.0), 8.0, here=oslo)
    assert all(follower.heading is not None for _, follower in told)
    assert float(np.abs(off_deg(told, 10.0) - oslo.declination_deg).max()) < 8.0


def test_after_a_gap_nothing_of_before_counts() -> None:
    found, chips = worn(1)
    rng, follower = np.random.default_rng(0), following(found, MONACO)
    for now_s in (0.0, 0.1, 0.2, 5.0):
        heading = 10.0 if now_s < 1.0 else 170.0
        follower = followed(follower, shown((heading, 0.0, 0.0), now_s, chips, rng))
    assert follower.heading is not None
    assert abs(difference_deg(follower.heading.degrees, 170.0 + MONACO.declination_deg)) < 5.0


def test_what_says_nothing_changes_nothing() -> None:
    found, chips = worn(1)
    sample = shown((10.0, 0.0, 0.0), 1.0, chips, np.random.default_rng(0))
    follower = followed(following(found, MONACO), sample)
    assert followed(follower, sample) is follower  # the same moment again
    assert followed(follower, replace(sample, time_s=0.5)) is follower
    assert followed(follower, replace(sample, time_s=1.1, accelerometer=(0.0, 0.0, 0.0))) is follower


def test_azimuths() -> None:
    up = np.array([0.0, 0.0, 2.0])
    assert azimuth_deg(up, np.array([0.0, 0.5, -0.8])) == pytest.approx(0.0)
    assert azimuth_deg(up, np.array([-0.5, 0.0, -0.8])) == pytest.approx(90.0)  # north is to the left
    assert azimuth_deg(up, np.array([0.0, 0.01, -0.8])) is None
    assert azimuth_deg(up, np.zeros(3)) is None
    assert azimuth_deg(np.zeros(3), np.array([0.0, 0.5, -0.8])) is None
    assert azimuth_deg(np.array([0.0, 1.0, 0.0]), np.array([0.5, 0.0, 0.8])) is None  # looks straight up
    assert dip_deg(up, np.array([0.0, 0.5, -0.5])) == pytest.approx(45.0)
    assert difference_deg(10.0, 350.0) == pytest.approx(20.0)
