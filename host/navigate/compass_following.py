"""A heading that follows the head and stands still when the head does, or none where iron is near; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from host.contracts.compass import Calibration, EarthField, Triple
from host.navigate.compass import (
    Motion,
    Vector,
    as_triple,
    as_vector,
    azimuth_deg,
    difference_deg,
    dip_deg,
    field_of,
    up_of,
)
from host.navigate.trip import Heading

__all__ = ["Follower", "followed", "following"]

UP_STILL_S: Final = 0.06  # up is what the accelerometer shows, in the mean of this time, while the head is held still,
UP_SHAKEN_S: Final = 0.8  # and of this time while each step shakes it
SHAKEN: Final = 0.06  # of gravity, on average; a walk has two to four times that (measured on simulated steps)
SHAKE_S: Final = 0.5
JUMP: Final = 3.0  # standard deviations: what is farther off is a turn and no noise
SLOWEST: Final = 0.04  # share of a sample that counts however near it is
LEAN_S: Final = 0.25  # a nod is seen in the mean of this time even while walking,
NOD_COSINE: Final = math.cos(math.radians(10.0))  # if it goes so far from what up was: then up is taken from it
IRON_S: Final = 0.2  # strength and dip are means of this time
STRENGTH: Final = (0.12, 0.09)  # of the field: so far off, and it is not the earth's; so near, and it is again
DIP_DEG: Final = (8.0, 6.0)
CALM_S: Final = 1.0  # so long, then it is believed again
GAP_S: Final = 1.0  # after a gap nothing of before counts


@dataclass(frozen=True, slots=True)
class Follower:
    """What is known of the head's direction.

    Attributes:
        calibration: of the glasses.
        declination_deg: of magnetic north here.
        strength: of the field here, that at the calibration being 1.
        dip_deg: of the field here, as this compass should show it.
        time_s: of the newest sample; None before the first.
        heading: from true north; None where it is not known.
        is_disturbed: whether that is for something near that is no part of the earth's field.
    """

    calibration: Calibration
    declination_deg: float
    strength: float
    dip_deg: float
    time_s: float | None = None
    heading: Heading | None = None
    is_disturbed: bool = False
    up: Triple = (0.0, 0.0, 1.0)
    lean: Triple = (0.0, 0.0, 1.0)
    shake: float = 0.0
    strength_seen: float = 1.0
    dip_seen_deg: float = 0.0
    calm_since_s: float = math.inf


def following(calibration: Calibration, here: EarthField) -> Follower:
    """Nothing is known yet."""
    return Follower(
        calibration,
        here.declination_deg,
        strength=here.microtesla / calibration.earth.microtesla,
        dip_deg=calibration.dip_deg + here.dip_deg - calibration.earth.dip_deg,
    )


def followed(follower: Follower, motion: Motion) -> Follower:
    """What is known after a sample; one that is older than the last changes nothing."""
    up, field = up_of(follower.calibration, motion), field_of(follower.calibration, motion)
    weight, strength = float(np.linalg.norm(up)), float(np.linalg.norm(field))
    since_s = math.inf if follower.time_s is None else motion.time_s - follower.time_s
    if since_s <= 0.0 or weight == 0.0 or strength == 0.0:
        return follower
    if since_s > GAP_S:
        follower = replace(follower, heading=None, shake=0.0, calm_since_s=motion.time_s - CALM_S, is_disturbed=False)
        since_s = GAP_S
        nods, up_seen = False, up / weight
        lean = up_seen
        strength_seen, dip_seen = strength, dip_deg(up_seen, field)
    else:
        lean = as_vector(follower.lean) + (up - as_vector(follower.lean)) * since_s / (LEAN_S + since_s)
        nods = float(lean @ as_vector(follower.up)) < NOD_COSINE * float(np.linalg.norm(lean))
        up_seen = _up(follower, up, since_s, within_s=UP_STILL_S if nods else _calming_s(follower))
        part = since_s / (IRON_S + since_s)
        strength_seen = follower.strength_seen + part * (strength - follower.strength_seen)
        dip_seen = follower.dip_seen_deg + part * (dip_deg(up_seen, field) - follower.dip_seen_deg)
    shake = follower.shake + (abs(weight - 1.0) - follower.shake) * since_s / (SHAKE_S + since_s)
    follower = replace(
        follower,
        time_s=motion.time_s,
        up=as_triple(up_seen),
        lean=as_triple(lean),
        shake=shake,
        strength_seen=strength_seen,
        dip_seen_deg=dip_seen,
    )
    follower = _judged(follower, motion.time_s)
    azimuth = None if follower.is_disturbed else azimuth_deg(up_seen, field)
    if azimuth is None:
        return replace(follower, heading=None)
    before = follower.heading
    if before is not None and nods and shake > SHAKEN / 2:  # while up is found again, the head looks where it did
        return replace(follower, heading=Heading(motion.time_s, before.degrees))
    return replace(follower, heading=Heading(motion.time_s, _followed_deg(follower, azimuth)))


def _calming_s(follower: Follower) -> float:
    """The time that up is a mean of: longer the more the head is shaken."""
    shaken = min(1.0, follower.shake / SHAKEN)
    return UP_STILL_S + shaken * shaken * (UP_SHAKEN_S - UP_STILL_S)


def _up(follower: Follower, up: Vector, since_s: float, *, within_s: float) -> Vector:
    """Up, as the mean of so long a time, of length 1."""
    before = as_vector(follower.up)
    mean = before + (up - before) * since_s / (within_s + since_s)
    length = float(np.linalg.norm(mean))
    return mean / length if length > 0.0 else before


def _judged(follower: Follower, now_s: float) -> Follower:
    """Whether what the compass shows can be the earth's field."""
    off = abs(follower.strength_seen / follower.strength - 1.0)
    dip_off = abs(follower.dip_seen_deg - follower.dip_deg)
    far, near = STRENGTH
    steep, flat = DIP_DEG
    if off > far or dip_off > steep:
        return replace(follower, is_disturbed=True, calm_since_s=math.inf)
    if off > near or dip_off > flat:
        return follower if not follower.is_disturbed else replace(follower, calm_since_s=math.inf)
    since_s = min(follower.calm_since_s, now_s)
    disturbed = follower.is_disturbed and now_s - since_s < CALM_S
    return replace(follower, is_disturbed=disturbed, calm_since_s=since_s)


def _followed_deg(follower: Follower, azimuth: float) -> float:
    """The heading, nearer to a direction the surer it is that the head has turned."""
    true_deg = (azimuth + follower.declination_deg) % 360.0
    if follower.heading is None:
        return true_deg
    off = difference_deg(true_deg, follower.heading.degrees)
    noise = JUMP * follower.calibration.noise_deg
    share = max(SLOWEST, off * off / (off * off + noise * noise)) if noise else 1.0
    return (follower.heading.degrees + share * off) % 360.0
