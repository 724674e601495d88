"""From guided turns to a calibration, or to the reason why there is none; pure.

Nothing is taken for granted of how the two chips sit in the glasses. The accelerometer's axes are told by poses: up is
what it shows while the head is straight, ahead is where up goes when the head bends back, right is where it goes from
when the head leans that way. The compass's axes may be any of the 48 ways to name and turn the accelerometer's: those
are right on which the field has the same length and the same height above the horizon in every pose, and turns to the
left while the head turns to the right. Whether it points north or south is told by the hemisphere.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np

from host.contracts.compass import Calibration, EarthField, Matrix
from host.navigate.compass import Motion, Vector, as_triple, as_vector, azimuth_deg, difference_deg, field_of, up_of

__all__ = ["Pose", "Refusal", "Still", "Turns", "calibrated"]

PARALLEL_DEG: Final = 25.0
"""A nod is never quite straight, and a chip is: the one of its axes that is so near to the nod's is the head's."""

BENT_MIN: Final = 0.2  # sine of the angle by which the head is bent to be down,
LEANT_MIN: Final = 0.12  # and by which it leans to be to the right
ASIDE: Final = 0.6  # share of it that must be sideways
HELD: Final = 4  # samples that a still counts for, besides its own
PEAK: Final = 0.15  # of gravity: samples that are pulled more are left out
BENT: Final = 0.05  # prior standard deviation of a term of soft iron; the emulated glasses have 0.06 at most
STEADY: Final = 0.05  # of the field: what its length and height may vary by, noise and all, before it counts less
SURE: Final = 1.8  # times better than the next best axes
LIKELY: Final = 0.1  # of the field: what fits worse is no compass
ROUND_DEG: Final = 300.0  # turned to the right, in all
GAP_DEG: Final = 125.0  # between two directions that were looked in
ERROR_DEG: Final = 8.0  # a calibration that is worse is none
DIP_OFF_DEG: Final = 12.0  # of the model's: in a house it is some degrees, beside iron it is this
EQUATOR_DEG: Final = 12.0  # a field as level as that does not tell the hemisphere
LEVEL: Final = 0.15  # a field steeper than 81 degrees turns no compass
SCALE: Final = 1e-4  # so nearly the mean of the three scales stays as it was: the field's length is what is fitted
ROUNDS: Final = 20
CLOSE: Final = 1e-6


class Pose(Enum):
    """How the head is held."""

    AHEAD = "ahead"
    DOWN = "down"
    RIGHT = "right"  # the right ear to the right shoulder


class Refusal(Enum):
    """Why there is no calibration."""

    POSES = "the poses contradict each other"
    AXES = "no axes of the compass explain what it shows"
    NOT_AROUND = "the turns do not add up to a full circle"
    TO_THE_LEFT = "the turns went to the left"
    IRON = "something of iron is near: the field is not that of the earth"
    UNSTEADY = "what the compass shows is too unsteady"
    POLE = "the field is too steep here for a compass"
    HEMISPHERE = "the field is level here, so north cannot be told from south"
    WAITED = "what was asked for was not done within a minute"


@dataclass(frozen=True, slots=True)
class Still:
    """A moment in which the head was held still.

    Attributes:
        pose: how.
        motion: the mean of its samples.
        noise: standard deviation of the compass's counts, all axes together.
    """

    pose: Pose
    motion: Motion
    noise: float


@dataclass(frozen=True, slots=True)
class Turns:
    """What was seen of the guided turns.

    Attributes:
        stills: in the order of time; the first is AHEAD, and each turn ends with AHEAD. Several are DOWN and RIGHT.
        samples: all of them, stills and what was between.
    """

    stills: Sequence[Still]
    samples: Sequence[Motion]


def calibrated(turns: Turns, earth: EarthField, facing_deg: float | None = None) -> Calibration | Refusal:
    """What the glasses' counts mean.

    Args:
        turns: what was seen.
        earth: the field there.
        facing_deg: where the first AHEAD looked, from true north, within 60 degrees; None where that is not known.
    """
    head = _head_axes(turns.stills)
    if head is None:
        return Refusal.POSES
    gravity = float(np.mean([np.linalg.norm(one.motion.accelerometer) for one in turns.stills]))
    used = [*(one.motion for one in turns.stills for _ in range(HELD)), *_calm(turns.samples, gravity)]
    counts, ups = np.array([one.compass for one in used]), _directions(used)
    fit = _fitted(counts, ups, head, turns.stills)
    if isinstance(fit, Refusal):
        return fit
    if fit.level < LEVEL:
        return Refusal.POLE
    found = _calibration(fit, head, gravity, earth)
    if facing_deg is None and abs(earth.dip_deg) < EQUATOR_DEG:
        return Refusal.HEMISPHERE
    if facing_deg is None:
        points_south = found.dip_deg * earth.dip_deg < 0.0
    else:
        seen = float(_seen(found, turns.stills[:1])[0]) + earth.declination_deg
        points_south = abs(difference_deg(seen, facing_deg)) > 90.0
    if points_south:
        found = _calibration(fit.opposite(), head, gravity, earth)
    error = fit.error(np.array([one.compass for one in _held(turns.stills)]), _directions(_held(turns.stills)))
    noise = fit.scale * math.sqrt(float(np.mean([one.noise**2 for one in turns.stills])))
    degrees = math.degrees(1.0 / fit.level)
    found = replace(found, noise_deg=noise * degrees, error_deg=error * degrees)
    return _refusal(found, turns) or found


def _head_axes(stills: Sequence[Still]) -> Vector | None:
    """Right, ahead and up on the accelerometer's axes; None where the poses do not show them."""
    up = _unit(
        sum((_unit(as_vector(one.motion.accelerometer)) for one in stills if one.pose is Pose.AHEAD), np.zeros(3))
    )
    bent = _leaning(stills, Pose.DOWN, up)
    leant = _leaning(stills, Pose.RIGHT, up)
    if np.linalg.norm(bent) < BENT_MIN or np.linalg.norm(leant) < LEANT_MIN:
        return None
    right = np.cross(-_unit(bent), up)
    right *= -math.copysign(1.0, float(right @ leant))
    if -float(right @ _unit(leant)) < ASIDE:
        return None
    nearest = np.zeros(3)
    place = int(np.argmax(np.abs(right)))
    nearest[place] = math.copysign(1.0, right[place])
    if float(nearest @ right) < math.cos(math.radians(PARALLEL_DEG)):
        return None
    up = _unit(up - nearest * float(up @ nearest))
    ahead = np.cross(up, nearest)
    ahead *= -math.copysign(1.0, float(ahead @ bent))
    return np.array([nearest, ahead, up])


def _leaning(stills: Sequence[Still], pose: Pose, up: Vector) -> Vector:
    """Where up goes to in that pose, on average."""
    where = [one.motion for one in stills if one.pose is pose]
    mean = _directions(where).mean(axis=0) if where else np.zeros(3)
    return np.asarray(mean - up * float(mean @ up))


def _calm(samples: Sequence[Motion], gravity: float) -> list[Motion]:
    weights = [float(np.linalg.norm(one.accelerometer)) / gravity for one in samples]
    return [one for one, weight in zip(samples, weights, strict=True) if abs(weight - 1.0) < PEAK]


def _fitted(counts: Vector, ups: Vector, head: Vector, stills: Sequence[Still]) -> _Fit | Refusal:
    """What the compass's counts are on the accelerometer's axes."""
    ahead = np.array([one.pose is Pose.AHEAD for one in stills])
    held, held_ups = np.array([one.compass for one in _held(stills)]), _directions(_held(stills))
    fits = []
    for axes in _candidates():
        offset, radius, high = _spheric(counts @ axes.T, ups)
        if radius > 0.0:
            fit = _Fit(axes / radius, offset / radius, high)
            around = _azimuths(fit.field(held[ahead]) @ head.T, held_ups[ahead] @ head.T)
            fits.append((fit.error(held, held_ups), _turned(around) > 0.0, fit))
    fits.sort(key=lambda one: one[0])
    right = [one for one in fits if one[1]]
    if len(right) < 2:
        return Refusal.AXES
    found = _refined(right[0][2], counts, ups)
    # A mirrored compass explains level turns to the other side as well; heads that lean tell the two apart.
    mirrored = next((one for one in fits if not one[1]), None)
    if mirrored is not None:
        other = _refined(mirrored[2], counts, ups).error(held, held_ups)
        if other < LIKELY and SURE * other < found.error(held, held_ups):
            return Refusal.TO_THE_LEFT
    return found if right[1][0] > SURE * right[0][0] else Refusal.AXES


def _candidates() -> Iterator[Vector]:
    """Half of the 48: the other half is the opposite of these, and shows south where these show north."""
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1.0, -1.0), repeat=2):
            axes = np.zeros((3, 3))
            axes[range(3), order] = (1.0, *signs)
            yield axes


def _spheric(counts: Vector, ups: Vector) -> tuple[Vector, float, float]:
    """Offset and length of the field in counts, and its height as a share of that, if these were the axes.

    |c + b|^2 = r^2 and up . (c + b) = h are linear in b, r^2 - |b|^2 and h.
    """
    middle = counts.mean(axis=0)
    scale = float(np.sqrt(np.mean(np.sum((counts - middle) ** 2, axis=1))))
    if scale == 0.0:
        return middle, 0.0, 0.0
    c, n = (counts - middle) / scale, len(counts)
    rows = np.zeros((2 * n, 5))
    rows[:n, :3], rows[:n, 3] = 2 * c, -1.0
    rows[n:, :3], rows[n:, 4] = 2 * ups, -2.0
    wanted = np.concatenate([-np.sum(c * c, axis=1), -2 * np.sum(c * ups, axis=1)])
    found, *_ = np.linalg.lstsq(rows, wanted, rcond=None)
    radius = float(np.mean(np.linalg.norm(c + found[:3], axis=1)))
    return found[:3] * scale - middle, radius * scale, float(found[4]) / radius if radius else 0.0


@dataclass(frozen=True, slots=True)
class _Fit:
    """field = matrix @ counts + offset, of length 1 and this high; on the accelerometer's axes."""

    matrix: Vector
    offset: Vector
    high: float

    @property
    def level(self) -> float:
        """How much of it is level."""
        return math.sqrt(max(0.0, 1.0 - self.high * self.high))

    @property
    def scale(self) -> float:
        """Of the field, that a count is on average."""
        return float(np.linalg.norm(self.matrix)) / math.sqrt(3.0)

    def field(self, counts: Vector) -> Vector:
        """The fields that these counts stand for."""
        return np.asarray(counts @ self.matrix.T + self.offset)

    def error(self, counts: Vector, ups: Vector) -> float:
        """By how much they are too long or too high, on average."""
        field = self.field(counts)
        off = (np.linalg.norm(field, axis=1) - 1.0) ** 2 + (np.sum(ups * field, axis=1) - self.high) ** 2
        return math.sqrt(float(np.mean(off)))

    def opposite(self) -> _Fit:
        """The same of a compass that points to the other pole."""
        return _Fit(-self.matrix, -self.offset, -self.high)


def _refined(axes: _Fit, counts: Vector, ups: Vector) -> _Fit:
    """The same with soft iron, and chips that are not quite parallel: by Gauss and Newton, outliers counting less.

    The compass's noise is the same in all directions of its counts, so an error counts by what it is there: else the
    best fit would be one that shrinks all counts to nothing.
    """
    scaled, n = counts @ axes.matrix.T, len(counts)
    bend, offset, radius, high = np.eye(3), axes.offset, 1.0, axes.high
    for _ in range(ROUNDS):
        field = scaled @ bend.T + offset
        length = np.linalg.norm(field, axis=1)
        towards = np.concatenate([field / length[:, None], ups])
        rest = np.concatenate([length - radius, np.sum(ups * field, axis=1) - high])
        rows = np.zeros((2 * n + 10, 14))
        rows[: 2 * n, :9] = (towards[:, :, None] * np.tile(scaled, (2, 1))[:, None, :]).reshape(2 * n, 9)
        rows[: 2 * n, 9:12] = towards
        rows[:n, 12], rows[n : 2 * n, 13] = -1.0, -1.0
        weight = 1.0 / (STEADY * np.linalg.norm(towards @ bend, axis=1) * np.sqrt(1.0 + (rest / STEADY) ** 2))
        rows[: 2 * n] *= weight[:, None]
        rows[2 * n : -1, :9] = np.eye(9) / BENT
        rows[-1, :9] = np.eye(3).ravel() / SCALE
        straight = (bend - np.eye(3)).ravel()
        wanted = -np.concatenate([rest * weight, straight / BENT, [straight[::4].sum() / SCALE]])
        step, *_ = np.linalg.lstsq(rows, wanted, rcond=None)
        bend, offset = bend + step[:9].reshape(3, 3), offset + step[9:12]
        radius, high = radius + float(step[12]), high + float(step[13])
        if float(np.abs(step).max()) < CLOSE:
            break
    return _Fit(bend @ axes.matrix / radius, offset / radius, high / radius)


def _calibration(fit: _Fit, head: Vector, gravity: float, earth: EarthField) -> Calibration:
    return Calibration(
        _matrix(head / gravity),
        _matrix(head @ fit.matrix),
        as_triple(head @ fit.offset),
        dip_deg=-math.degrees(math.atan2(fit.high, fit.level)),
        noise_deg=0.0,
        error_deg=0.0,
        earth=earth,
    )


def _refusal(found: Calibration, turns: Turns) -> Refusal | None:
    """Why it is not good enough."""
    if found.error_deg > ERROR_DEG:
        return Refusal.UNSTEADY
    first, last = turns.stills[0].motion.time_s, turns.stills[-1].motion.time_s
    turned = _turned(_seen(found, [one for one in turns.samples if first <= one.time_s <= last]))
    around = np.sort(_seen(found, [one for one in turns.stills if one.pose is Pose.AHEAD]))
    gaps = np.diff(around, append=around[0] + 360.0)
    if turned < ROUND_DEG or float(gaps.max()) > GAP_DEG:
        return Refusal.NOT_AROUND
    return Refusal.IRON if abs(found.dip_deg - found.earth.dip_deg) > DIP_OFF_DEG else None


def _seen(found: Calibration, seen: Sequence[Still] | Sequence[Motion]) -> Vector:
    motions = [one.motion if isinstance(one, Still) else one for one in seen]
    fields = np.array([field_of(found, one) for one in motions])
    return _azimuths(fields, np.array([up_of(found, one) for one in motions]))


def _azimuths(fields: Vector, ups: Vector) -> Vector:
    """`azimuth_deg` of each; 0 where there is none."""
    return np.array([azimuth_deg(up, field) or 0.0 for up, field in zip(ups, fields, strict=True)])


def _held(stills: Sequence[Still]) -> list[Motion]:
    return [one.motion for one in stills]


def _turned(azimuths: Vector) -> float:
    """Degrees to the right, all in all, if each step went the shorter way."""
    return float(np.sum((np.diff(azimuths) + 180.0) % 360.0 - 180.0))


def _directions(motions: Sequence[Motion]) -> Vector:
    ups = np.array([one.accelerometer for one in motions])
    return np.asarray(ups / np.linalg.norm(ups, axis=1)[:, None])


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def _matrix(rows: Vector) -> Matrix:
    return as_triple(rows[0]), as_triple(rows[1]), as_triple(rows[2])
