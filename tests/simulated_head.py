"""A head that calibrates a compass, walks and turns; and chips that sit in the glasses in any way, with iron around.

Angles in degrees: heading from magnetic north, pitch with the nose up, roll with the right ear down, as in the emulated
Frame's script of the head.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np

from host.contracts.compass import EarthField
from host.navigate.compass import Motion, Vector
from host.navigate.compass_turns import Advice, Guide, Step, guided

MONACO = EarthField(3.77, 59.9, 47.3)


def axes_of(number: int) -> Vector:
    """One of the 48 ways to name and turn three axes."""
    order = list(itertools.permutations(range(3)))[number // 8 % 6]
    axes = np.zeros((3, 3))
    axes[range(3), order] = [1.0 if number >> bit & 1 else -1.0 for bit in range(3)]
    return axes


@dataclass
class Chips:
    """An accelerometer and a compass, each with its own axes, and the iron of the glasses; counts as Frame's."""

    accelerometer: Vector = field(default_factory=lambda: np.eye(3))
    compass: Vector = field(default_factory=lambda: np.eye(3))
    hard_iron: Vector = field(default_factory=lambda: np.zeros(3))
    soft_iron: Vector = field(default_factory=lambda: np.eye(3))
    tilt_deg: float = 0.0
    counts_per_g: float = 4096.0
    counts_per_microtesla: float = 1 / 0.15
    noise: tuple[float, float] = (6.0, 2.0)

    @classmethod
    def drawn(cls, rng: np.random.Generator, **more: float) -> Chips:
        """Any chips within bounds: 30 microtesla an axis, 6 % of soft iron, tilted with the glasses by 20 degrees."""
        skew = rng.uniform(-0.06, 0.06, (3, 3))
        return cls(
            axes_of(int(rng.integers(48))),
            axes_of(int(rng.integers(48))),
            rng.uniform(-30, 30, 3),
            np.eye(3) + (skew + skew.T) / 2,
            float(rng.uniform(-20, 20)),
            **more,  # type: ignore[arg-type]
        )


def rotation(heading_deg: float, pitch_deg: float, roll_deg: float) -> Vector:
    """From east, north, up to right, ahead, up."""
    h, p, r = np.radians([heading_deg, pitch_deg, roll_deg])
    turn = np.array([[np.cos(h), -np.sin(h), 0], [np.sin(h), np.cos(h), 0], [0, 0, 1]])
    nod = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    lean = np.array([[np.cos(r), 0, -np.sin(r)], [0, 1, 0], [np.sin(r), 0, np.cos(r)]])
    return np.asarray(lean @ nod @ turn)


def shown(
    pose: tuple[float, float, float],
    now_s: float,
    chips: Chips,
    rng: np.random.Generator,
    *,
    earth: EarthField = MONACO,
    pulled: Vector | None = None,
    iron: Vector | None = None,
) -> Motion:
    """What the chips show of a head in that pose: heading, pitch, roll.

    `pulled`: its acceleration on the head's axes, of gravity. `iron`: a field beside the earth's, east, north, up, in
    microtesla.
    """
    dip = np.radians(earth.dip_deg)
    field = np.array([0.0, np.cos(dip), -np.sin(dip)]) * earth.microtesla + (0.0 if iron is None else iron)
    turn, tilted = rotation(*pose), rotation(0.0, chips.tilt_deg, 0.0)
    force = turn @ np.array([0.0, 0.0, 1.0]) + (0.0 if pulled is None else pulled)
    around = chips.soft_iron @ turn @ field + chips.hard_iron
    a = chips.accelerometer @ tilted @ force * chips.counts_per_g + rng.normal(0, chips.noise[0], 3)
    c = chips.compass @ tilted @ around * chips.counts_per_microtesla + rng.normal(0, chips.noise[1], 3)
    ax, ay, az = (float(value) for value in np.rint(a))
    cx, cy, cz = (float(value) for value in np.rint(c))
    return Motion(now_s, (ax, ay, az), (cx, cy, cz))


def walked(now_s: float) -> Vector:
    """How steps pull at a head, on its axes, of gravity: 1.9 a second, 0.3 up and down; our estimate."""
    step = 2 * np.pi * 1.9 * now_s
    return np.array([0.10 * np.sin(step / 2), 0.15 * np.sin(step + 0.7), 0.30 * np.sin(step)])


class Wearer:
    """Somebody who does what the guide says, half a second later and more or less."""

    def __init__(self, rng: np.random.Generator, *, first: float, right: float = 1.0, quarter: float = 90.0) -> None:
        self._rng, self._right, self._quarter = rng, right, quarter
        self._heading = first
        self._from = self._to = np.array([first, 0.0, 0.0])
        self._leaves_s = self._there_s = 0.0
        self._doing: tuple[Step, int] | None = None

    def pose(self, guide: Guide, now_s: float) -> tuple[float, float, float]:
        """Heading, pitch and roll."""
        if guide.step is not None and (guide.step, guide.done) != self._doing:
            self._doing = (guide.step, guide.done)
            self._from = np.array(self._at(now_s))
            self._to = self._wanted(guide.step)
            self._leaves_s = now_s + 0.5
            self._there_s = self._leaves_s + self._rng.uniform(0.7, 1.4)
        return self._at(now_s)

    def _wanted(self, step: Step) -> Vector:
        rng = self._rng
        off = rng.normal(0.0, 1.0, 3)
        if step is Step.TURN:
            self._heading += self._right * (self._quarter + 8.0 * off[0])
        match step:
            case Step.DOWN:
                return np.array([self._heading + 3.0 * off[0], -rng.uniform(28.0, 45.0), 3.0 * off[2]])
            case Step.RIGHT:
                return np.array([self._heading + 5.0 * off[0], 4.0 * off[1], rng.uniform(15.0, 28.0)])
            case _:
                return np.array([self._heading, 2.0 * off[1], 1.5 * off[2]])

    def _at(self, now_s: float) -> tuple[float, float, float]:
        share = min(1.0, max(0.0, (now_s - self._leaves_s) / max(0.01, self._there_s - self._leaves_s)))
        heading, pitch, roll = (float(x) for x in self._from + share * (self._to - self._from))
        sway = math.sin(2.1 * now_s), math.cos(1.7 * now_s), math.sin(1.3 * now_s)  # of those who stand still
        return heading + 0.5 * sway[0], pitch + 0.4 * sway[1], roll + 0.3 * sway[2]


def obeyed(
    guide: Guide,
    wearer: Wearer,
    chips: Chips,
    rng: np.random.Generator,
    *,
    earth: EarthField = MONACO,
    period_s: float = 0.05,
    for_s: float = 200.0,
    iron: Vector | None = None,
) -> tuple[Guide, list[Advice]]:
    """What comes of it, and the advice on the way."""
    told: list[Advice] = []
    for now_s in np.arange(0.0, for_s, period_s):
        motion = shown(wearer.pose(guide, float(now_s)), float(now_s), chips, rng, earth=earth, iron=iron)
        guide = guided(guide, motion)
        if guide.result is not None:
            break
        if guide.advice is not None and told[-1:] != [guide.advice]:
            told.append(guide.advice)
    return guide, told
