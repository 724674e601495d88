"""The guided turns that calibrate a compass: what to do next, what went wrong, and in the end what came of it; pure."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np

from host.contracts.compass import Calibration, EarthField
from host.navigate.compass import Motion, Vector, as_triple, as_vector
from host.navigate.compass_fit import Pose, Refusal, Still, Turns, calibrated

__all__ = ["Advice", "Guide", "Step", "guided", "interrupted"]

HELD_S: Final = 0.7  # so long without moving is a still
HELD_SAMPLES: Final = 7
SWAY_DEG: Final = 2.5  # from one half of it to the other; a standing head sways by a degree or two
DRIFT: Final = 3.5  # standard errors of the compass's mean, from one half to the other
STRAIGHT_DEG: Final = 16.0  # from the first still, and the head is straight again
DOWN_DEG: Final = 18.0
RIGHT_DEG: Final = 10.0
ASKEW_DEG: Final = 45.0  # a nod or a lean that goes so far from where it should is none
TURNED: Final = 8.0  # times the compass's noise, and it has been turned; the first quarter tells how far
QUARTER: Final = 0.45  # of the largest turn so far: 40 degrees of 90
FAST: Final = 2.0  # of that a second: 160 degrees
PULLED: Final = 0.25  # of gravity
LATE_S: Final = 4.0  # after so long in a step, what is missing is said
TOO_LATE_S: Final = 60.0
MOST_TURNS: Final = 7  # where four were not a full circle


class Step(Enum):
    """What the wearer is asked to do."""

    AHEAD = "stand still, look straight ahead"
    DOWN = "look down at your feet, and hold"
    RIGHT = "right ear to the right shoulder, and hold"
    TURN = "turn right a quarter, look ahead, and hold"


class Advice(Enum):
    """What goes wrong."""

    HOLD_STILL = "hold still for a second"
    FURTHER = "not turned enough: turn further right"
    LOWER = "bend your head further"
    STRAIGHT = "look straight ahead, and hold"
    SLOWER = "too fast: turn slowly"


STEPS: Final = (
    *(Step.AHEAD, Step.DOWN, Step.RIGHT, Step.TURN, Step.DOWN, Step.RIGHT),
    *(Step.TURN, Step.DOWN, Step.TURN, Step.DOWN, Step.TURN),
)
"""Leaning twice, a quarter apart: where the head faces along the field, leaning tells nothing."""


@dataclass(frozen=True, slots=True)
class Guide:
    """How far the turns have come.

    Attributes:
        earth: the magnetic field there.
        facing_deg: where the wearer looks at first, as for `calibrated`.
        step: what to do; None at the end.
        advice: what goes wrong in it, or None.
        done: stills that there are.
        of: stills that are needed, as far as is known.
        result: what came of it; None before the end.
    """

    earth: EarthField
    facing_deg: float | None = None
    steps: tuple[Step, ...] = STEPS
    advice: Advice | None = None
    stills: tuple[Still, ...] = ()
    result: Calibration | Refusal | None = None
    samples: tuple[Motion, ...] = ()
    recent: tuple[Motion, ...] = ()
    since_s: float | None = None

    @property
    def step(self) -> Step | None:
        """What to do; None at the end."""
        return None if self.result is not None else self.steps[len(self.stills)]

    @property
    def done(self) -> int:
        """How many steps are done."""
        return len(self.stills)

    @property
    def of(self) -> int:
        """How many there are, as far as is known."""
        return len(self.steps)


def guided(guide: Guide, motion: Motion) -> Guide:
    """How far they have come after a sample; at the end nothing changes."""
    if guide.result is not None:
        return guide
    since_s = motion.time_s if guide.since_s is None else guide.since_s
    recent = (*(one for one in guide.recent if motion.time_s - one.time_s <= HELD_S), motion)
    guide = replace(guide, since_s=since_s, samples=(*guide.samples, motion), recent=recent)
    if motion.time_s - since_s > TOO_LATE_S:
        return replace(guide, result=Refusal.WAITED)
    if guide.step is Step.TURN and _is_fast(guide):
        guide = replace(guide, advice=Advice.SLOWER)
    held = _still(recent)
    late = motion.time_s - since_s > LATE_S
    if held is None:
        return replace(guide, advice=guide.advice or Advice.HOLD_STILL) if late else guide
    wrong = _wrong(guide, held)
    if wrong is not None:
        return replace(guide, advice=wrong) if late else guide
    pose = {Step.DOWN: Pose.DOWN, Step.RIGHT: Pose.RIGHT}.get(guide.step or Step.AHEAD, Pose.AHEAD)
    stills = (*guide.stills, replace(held, pose=pose))
    guide = replace(guide, stills=stills, advice=None, since_s=motion.time_s, recent=())
    return guide if len(stills) < len(guide.steps) else _ended(guide)


def interrupted(guide: Guide) -> Guide:
    """The same after a time without samples: what was held is not held any more."""
    return replace(guide, recent=(), since_s=None)


def _ended(guide: Guide) -> Guide:
    result = calibrated(Turns(guide.stills, guide.samples), guide.earth, guide.facing_deg)
    if result is Refusal.NOT_AROUND and guide.steps.count(Step.TURN) < MOST_TURNS:
        return replace(guide, steps=(*guide.steps, Step.TURN), advice=Advice.FURTHER)
    return replace(guide, result=result)


def _still(recent: tuple[Motion, ...]) -> Still | None:
    """The moment, if all of it was held still."""
    if len(recent) < HELD_SAMPLES or recent[-1].time_s - recent[0].time_s < 0.8 * HELD_S:
        return None
    half = len(recent) // 2
    forces = np.array([one.accelerometer for one in recent])
    counts = np.array([one.compass for one in recent])
    if not forces.any(axis=1).all():  # a chip that says nothing
        return None
    if _angle_deg(forces[:half].mean(axis=0), forces[half:].mean(axis=0)) > SWAY_DEG:
        return None
    # From sample to sample, so that a slow drift is no noise.
    noise = max(0.3, float(np.sqrt(np.mean(np.diff(counts, axis=0) ** 2) / 2)))
    drift = np.abs(counts[:half].mean(axis=0) - counts[half:].mean(axis=0))
    if float(drift.max()) > DRIFT * noise * math.sqrt(2 / half):
        return None
    motion = Motion(recent[-1].time_s, as_triple(forces.mean(axis=0)), as_triple(counts.mean(axis=0)))
    return Still(Pose.AHEAD, motion, noise)


def _wrong(guide: Guide, held: Still) -> Advice | None:
    """What is not as it was asked for."""
    if not guide.stills:
        return None
    straight, bent = _up(guide.stills[0]), _up(held)
    tilt = _angle_deg(straight, bent)
    match guide.step:
        case Step.DOWN:
            return Advice.LOWER if tilt < DOWN_DEG or not _is_along(guide, bent - straight, 0.0) else None
        case Step.RIGHT:
            return Advice.LOWER if tilt < RIGHT_DEG or not _is_along(guide, bent - straight, 90.0) else None
        case _ if tilt > STRAIGHT_DEG:
            return Advice.STRAIGHT
        case _:
            turned = _change(_last_ahead(guide).motion, held.motion)
            return Advice.FURTHER if turned < max(TURNED * held.noise, QUARTER * _largest(guide)) else None


def _is_along(guide: Guide, lean: Vector, away_deg: float) -> bool:
    """Whether a head leans as far from the first nod as it should."""
    nod = next((_up(one) - _up(guide.stills[0]) for one in guide.stills if one.pose is Pose.DOWN), None)
    return nod is None or abs(_angle_deg(nod, lean) - away_deg) < ASKEW_DEG


def _is_fast(guide: Guide) -> bool:
    """Whether the head is turned or shaken too fast."""
    if len(guide.recent) < 2:
        return False
    before, now = guide.recent[-2:]
    gravity = float(np.linalg.norm(guide.stills[0].motion.accelerometer))
    pulled = abs(float(np.linalg.norm(now.accelerometer)) / gravity - 1.0)
    within_s, largest = now.time_s - before.time_s, _largest(guide)
    return pulled > PULLED or (largest > 0.0 and _change(before, now) > FAST * largest * within_s + 4 * _noise(guide))


def _last_ahead(guide: Guide) -> Still:
    return next(one for one in reversed(guide.stills) if one.pose is Pose.AHEAD)


def _largest(guide: Guide) -> float:
    """The largest turn so far, in counts."""
    ahead = [one.motion for one in guide.stills if one.pose is Pose.AHEAD]
    return max((_change(a, b) for a, b in itertools.pairwise(ahead)), default=0.0)


def _noise(guide: Guide) -> float:
    return max(one.noise for one in guide.stills)


def _change(before: Motion, now: Motion) -> float:
    return float(np.linalg.norm(as_vector(now.compass) - as_vector(before.compass)))


def _up(still: Still) -> Vector:
    up = as_vector(still.motion.accelerometer)
    return np.asarray(up / np.linalg.norm(up))  # a still is never without weight


def _angle_deg(one: Vector, other: Vector) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return math.degrees(math.acos(min(1.0, max(-1.0, float(one @ other) / lengths)))) if lengths else 0.0
