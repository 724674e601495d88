"""A head that calibrates a compass, walks and turns; and chips that sit in the glasses in any way, with iron around.

Angles in degrees: heading from magnetic north, pitch with the nose up, roll with the right ear down, as in the emulated
Frame's script of the head.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from host.contracts.compass import EarthField
from host.navigate.compass import Motion, Vector

Moment = tuple[float, float, float, float]
MONACO = EarthField(3.77, 59.9, 47.3)


def obeying(
    rng: np.random.Generator, *, first: float = 0.0, clumsy: float = 1.0, right: float = 1.0, quarter: float = 90.0
) -> list[Moment]:
    """Somebody who does what is asked, more or less: ahead, down, to the right, and a quarter on, four times."""
    moments: list[Moment] = []
    now = 0.0

    def hold(heading: float, pitch: float, roll: float, seconds: float = 2.2, going: float = 0.9) -> None:
        nonlocal now
        wobble = rng.normal(0, 1.5 * clumsy, 3)
        here = (heading % 360, pitch + wobble[1], roll + wobble[2])
        now += going * rng.uniform(0.8, 1.3) if moments else 0.0
        moments.append((now, *here))
        now += seconds
        moments.append((now, *here))

    heading = first
    for turn in range(5):
        hold(heading, 0, 0)
        if turn < 4:
            hold(heading + rng.normal(0, 3 * clumsy), -rng.uniform(28, 45), rng.normal(0, 3 * clumsy))
        if turn < 2:
            hold(heading + rng.normal(0, 5 * clumsy), rng.normal(0, 4 * clumsy), rng.uniform(15, 28))
        heading += right * (quarter + (rng.normal(0, 8 * clumsy) if turn < 3 else 0.0))
    return moments


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


def samples(
    moments: Sequence[Moment],
    chips: Chips,
    rng: np.random.Generator,
    *,
    earth: EarthField = MONACO,
    period_s: float = 0.08,
    pulled: Callable[[float], Vector] | None = None,
    iron: Callable[[float], Vector] | None = None,
) -> list[Motion]:
    """What the chips show of a head that goes in straight lines from moment to moment.

    `pulled`: acceleration on the head's axes, of gravity. `iron`: a field beside the earth's, east, north, up,
    microtesla. Both by the second.
    """
    table = np.array(moments)
    heading = np.rad2deg(np.unwrap(np.deg2rad(table[:, 1])))
    dip = np.radians(earth.dip_deg)
    north = np.array([0.0, np.cos(dip), -np.sin(dip)]) * earth.microtesla
    tilted = rotation(0.0, chips.tilt_deg, 0.0)
    seen = []
    for now in np.arange(table[0, 0], table[-1, 0], period_s):
        turn = rotation(*(float(np.interp(now, table[:, 0], values)) for values in (heading, table[:, 2], table[:, 3])))
        force = turn @ np.array([0.0, 0.0, 1.0]) + (0.0 if pulled is None else pulled(float(now)))
        around = chips.soft_iron @ turn @ (north + (0.0 if iron is None else iron(float(now)))) + chips.hard_iron
        a = chips.accelerometer @ tilted @ force * chips.counts_per_g + rng.normal(0, chips.noise[0], 3)
        c = chips.compass @ tilted @ around * chips.counts_per_microtesla + rng.normal(0, chips.noise[1], 3)
        ax, ay, az = (float(value) for value in np.rint(a))
        cx, cy, cz = (float(value) for value in np.rint(c))
        seen.append(Motion(float(now), (ax, ay, az), (cx, cy, cz)))
    return seen
