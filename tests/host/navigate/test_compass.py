"""Guided turns of chips that sit in any way, with iron in the glasses and around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from simulated_head import MONACO, Chips, Wearer, obeyed, shown

from host.contracts.compass import Calibration, EarthField
from host.navigate.compass import Motion, Vector, azimuth_deg, difference_deg, field_of, up_of
from host.navigate.compass_fit import Refusal
from host.navigate.compass_turns import MOST_TURNS, Advice, Guide, Step, guided, interrupted

SYDNEY = EarthField(12.8, -64.3, 57.0)
SINGAPORE = EarthField(0.2, -14.3, 42.3)
QUITO = EarthField(-4.5, 17.0, 28.9)
LEVEL = EarthField(0.0, 4.0, 40.0)
STRICT = {"counts_per_g": 1024.0, "counts_per_microtesla": 1 / 0.6}  # of the emulated Frame, `strict=1`
AS_DRAWN = (Phase.explicit, Phase.generate)  # a failing head is as simple as any other


def errors_deg(found: Calibration, chips: Chips, earth: EarthField, pitch: float = 0.0, roll: float = 0.0) -> Vector:
    """By how much headings all around are wrong, without noise."""
    quiet, wrong = replace(chips, noise=(0.0, 0.0)), []
    for heading in range(0, 360, 30):
        motion = shown((heading, pitch, roll), 0.0, quiet, np.random.default_rng(0), earth=earth)
        azimuth = azimuth_deg(up_of(found, motion), field_of(found, motion))
        wrong.append(180.0 if azimuth is None else difference_deg(azimuth, heading))
    return np.abs(wrong)


@settings(max_examples=12, deadline=None, phases=AS_DRAWN)
@given(
    seed=st.integers(0, 10**6),
    earth=st.sampled_from([MONACO, SYDNEY, SINGAPORE, QUITO]),
    first=st.floats(0.0, 359.0),
    strict=st.booleans(),
)
def test_any_axes_signs_and_iron_are_learned(seed: int, earth: EarthField, first: float, *, strict: bool) -> None:
    rng = np.random.default_rng(seed)
    chips = Chips.drawn(rng, **(STRICT if strict else {}))
    guide, _ = obeyed(Guide(earth), Wearer(rng, first=first), chips, rng, earth=earth)
    found = guide.result
    assert isinstance(found, Calibration)
    assert float(errors_deg(found, chips, earth).max()) < 5.0
    for pitch, roll in ((-20.0, 0.0), (15.0, 0.0), (0.0, 15.0), (0.0, -15.0)):
        assert float(errors_deg(found, chips, earth, pitch, roll).max()) < (7.5 if strict else 5.0)


@settings(max_examples=6, deadline=None, phases=AS_DRAWN)
@given(seed=st.integers(0, 10**6), first=st.floats(0.0, 359.0))
def test_turns_to_the_left_are_refused(seed: int, first: float) -> None:
    rng = np.random.default_rng(seed)
    guide, _ = obeyed(Guide(MONACO), Wearer(rng, first=first, right=-1.0), Chips.drawn(rng), rng)
    assert guide.result is Refusal.TO_THE_LEFT


@settings(max_examples=6, deadline=None, phases=AS_DRAWN)
@given(seed=st.integers(0, 10**6), quarter=st.floats(50.0, 70.0))
def test_short_turns_are_told_and_more_of_them_asked_for(seed: int, quarter: float) -> None:
    rng = np.random.default_rng(seed)
    chips = Chips.drawn(rng)
    guide, told = obeyed(Guide(MONACO), Wearer(rng, first=10.0, quarter=quarter), chips, rng)
    assert Advice.FURTHER in told
    assert 4 < guide.steps.count(Step.TURN) <= MOST_TURNS
    assert isinstance(guide.result, Calibration)
    assert float(errors_deg(guide.result, chips, MONACO).max()) < 5.0


def _noise(rng: np.random.Generator, _now_s: float) -> tuple[Vector, Vector]:
    return rng.uniform(-8000, 8000, 3), rng.uniform(-8000, 8000, 3)


def _drift(rng: np.random.Generator, now_s: float) -> tuple[Vector, Vector]:
    """Still for two seconds at a time, each time in a pose of chance, and a compass that knows nothing of it."""
    chance = np.random.default_rng(int(now_s / 2))
    return chance.normal(0, 2000, 3) + rng.normal(0, 5, 3), chance.normal(0, 300, 3) + rng.normal(0, 2, 3)


def _nothing(_rng: np.random.Generator, _now_s: float) -> tuple[Vector, Vector]:
    return np.zeros(3), np.zeros(3)


def _stuck(rng: np.random.Generator, _now_s: float) -> tuple[Vector, Vector]:
    return np.array([0.0, 0.0, 4096.0]) + rng.normal(0, 6, 3), np.full(3, -8192.0)


@pytest.mark.parametrize("garbage", [_noise, _drift, _nothing, _stuck])
def test_garbage_never_gives_a_calibration(
    garbage: Callable[[np.random.Generator, float], tuple[Vector, Vector]],
) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        guide = Guide(MONACO)
        for now_s in np.arange(0.0, 300.0, 0.1):
            force, field = garbage(rng, float(now_s))
            (ax, ay, az), (cx, cy, cz) = (map(float, values) for values in (force, field))
            guide = guided(guide, Motion(float(now_s), (ax, ay, az), (cx, cy, cz)))
            if guide.result is not None:
                break
        assert isinstance(guide.result, Refusal)


def test_a_compass_that_knows_nothing_of_the_head_is_refused() -> None:
    """Poses as they should be, and any field: nothing but the axes can tell."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        guide, wearer, chips = Guide(MONACO), Wearer(rng, first=50.0), Chips.drawn(rng)
        for now_s in np.arange(0.0, 200.0, 0.05):
            motion = shown(wearer.pose(guide, float(now_s)), float(now_s), chips, rng)
            chance = np.random.default_rng((seed, guide.done)).uniform(-300, 300, 3) + rng.normal(0, 2, 3)
            cx, cy, cz = (float(value) for value in chance)
            guide = guided(guide, replace(motion, compass=(cx, cy, cz)))
            if guide.result is not None:
                break
        assert isinstance(guide.result, Refusal)


def test_iron_beside_the_wearer_is_told() -> None:
    rng = np.random.default_rng(5)
    iron = np.array([0.0, 0.0, 25.0])  # half of what pulls the field down
    guide, _ = obeyed(Guide(MONACO), Wearer(rng, first=0.0), Chips.drawn(rng), rng, iron=iron)
    assert guide.result is Refusal.IRON


def test_where_the_field_is_level_somebody_must_say_where_they_look() -> None:
    for first, facing in ((80.0, None), (80.0, 110.0), (260.0, 240.0)):
        rng = np.random.default_rng(8)
        chips = Chips.drawn(rng)
        guide, _ = obeyed(Guide(LEVEL, facing), Wearer(rng, first=first), chips, rng, earth=LEVEL)
        if facing is None:
            assert guide.result is Refusal.HEMISPHERE
        else:
            assert isinstance(guide.result, Calibration)
            assert float(errors_deg(guide.result, chips, LEVEL).max()) < 5.0


def test_near_a_magnetic_pole_there_is_none() -> None:
    rng, earth = np.random.default_rng(3), EarthField(0.0, 87.0, 57.0)
    guide, _ = obeyed(Guide(earth), Wearer(rng, first=0.0), Chips.drawn(rng), rng, earth=earth)
    assert isinstance(guide.result, Refusal)


class Contrary(Wearer):
    """Does what was asked, but for one step that is done in another way, until it was complained of."""

    def __init__(self, rng: np.random.Generator, step: Step, pose: tuple[float, float, float]) -> None:
        super().__init__(rng, first=20.0)
        self._step, self._pose = step, pose

    def pose(self, guide: Guide, now_s: float) -> tuple[float, float, float]:
        asked = super().pose(guide, now_s)
        wrong = guide.step is self._step and guide.advice is None
        return (asked[0] + self._pose[0], *self._pose[1:]) if wrong else asked


@pytest.mark.parametrize(
    ("step", "pose", "advice"),
    [
        (Step.DOWN, (0.0, -5.0, 0.0), Advice.LOWER),
        (Step.RIGHT, (0.0, -30.0, 0.0), Advice.LOWER),
        (Step.TURN, (0.0, -40.0, 0.0), Advice.STRAIGHT),
    ],
)
def test_what_is_done_wrong_is_told_and_then_done_right(
    step: Step, pose: tuple[float, float, float], advice: Advice
) -> None:
    rng = np.random.default_rng(2)
    guide, told = obeyed(Guide(MONACO), Contrary(rng, step, pose), Chips.drawn(rng), rng)
    assert advice in told
    assert isinstance(guide.result, Calibration)


def test_whoever_spins_is_told_to_go_slowly_and_whoever_never_stands_still_to_hold_still() -> None:
    rng = np.random.default_rng(4)
    chips = Chips.drawn(rng)
    guide, told = Guide(MONACO), list[Advice | None]()
    wearer = Wearer(rng, first=0.0)
    for now_s in np.arange(0.0, 30.0, 0.05):
        spun = guide.steps[: guide.done].count(Step.TURN) >= 1 and guide.step is Step.TURN
        pose = (now_s * 400.0 % 360.0, 0.0, 0.0) if spun else wearer.pose(guide, float(now_s))
        guide = guided(guide, shown(pose, float(now_s), chips, rng))
        told.append(guide.advice)
    assert Advice.SLOWER in told

    guide, told = Guide(MONACO), []
    for now_s in np.arange(0.0, 6.0, 0.05):
        guide = guided(guide, shown((now_s * 50.0 % 360.0, 0.0, 0.0), float(now_s), chips, rng))
        told.append(guide.advice)
    assert told[-1] is Advice.HOLD_STILL


def test_nothing_done_for_a_minute_ends_it_and_a_lost_link_does_not_count() -> None:
    rng = np.random.default_rng(4)
    chips = Chips.drawn(rng)
    guide = Guide(MONACO)
    for now_s in np.arange(0.0, 70.0, 0.2):
        guide = guided(guide, shown((0.0, 0.0, 0.0), float(now_s), chips, rng))
        if guide.result is not None:
            break
    assert guide.result is Refusal.WAITED
    assert guide.step is None
    assert guided(guide, shown((0.0, 0.0, 0.0), 99.0, chips, rng)) is guide

    guide = guided(Guide(MONACO), shown((0.0, 0.0, 0.0), 0.0, chips, rng))
    guide = guided(interrupted(guide), shown((0.0, 0.0, 0.0), 500.0, chips, rng))
    assert guide.result is None
    assert guide.done == 0
