"""Which way the head looks, from raw counts of an accelerometer and a compass, once both are calibrated; pure.

Axes of the head: right, ahead, up. A still accelerometer shows up. The compass shows the earth's field, which points
north and, over most of the earth, steeply into the ground: so up must be known to tell which part of it is level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from host.contracts.compass import Calibration, Triple

__all__ = [
    "Motion",
    "Vector",
    "as_triple",
    "as_vector",
    "azimuth_deg",
    "difference_deg",
    "dip_deg",
    "field_of",
    "up_of",
]

Vector = npt.NDArray[np.float64]

LEVEL_MIN: Final = (
    0.05  # share of the field that must be level: a compass is no use within 3 degrees of a magnetic pole
)


@dataclass(frozen=True, slots=True)
class Motion:
    """A raw sample.

    Attributes:
        time_s: when it came, on any clock that does not jump.
        accelerometer: counts, on the chip's axes.
        compass: counts, on axes that may be others.
    """

    time_s: float
    accelerometer: Triple
    compass: Triple


def up_of(calibration: Calibration, motion: Motion) -> Vector:
    """Up on the head's axes; longer or shorter than 1 while the head is shaken."""
    return np.array(calibration.accelerometer) @ as_vector(motion.accelerometer)


def field_of(calibration: Calibration, motion: Motion) -> Vector:
    """The field on the head's axes."""
    return np.array(calibration.compass) @ as_vector(motion.compass) + as_vector(calibration.offset)


def as_vector(triple: Triple) -> Vector:
    """Three numbers to compute with."""
    return np.array(triple, np.float64)


def as_triple(vector: Vector) -> Triple:
    """A vector to keep."""
    x, y, z = (float(value) for value in vector)
    return x, y, z


def azimuth_deg(up: Vector, field: Vector) -> float | None:
    """Where ahead is from magnetic north, 0 to 360 clockwise, tilt taken out.

    None where the field, or ahead, has no direction on the level.
    """
    length, strength = float(np.linalg.norm(up)), float(np.linalg.norm(field))
    if length == 0.0 or strength == 0.0:
        return None
    up = up / length
    east = np.cross(field, up)
    level = float(np.linalg.norm(east))
    if level < LEVEL_MIN * strength or math.hypot(up[0], up[2]) < LEVEL_MIN:
        return None
    north = np.cross(up, east)
    return math.degrees(math.atan2(east[1], north[1])) % 360.0


def difference_deg(degrees: float, other: float) -> float:
    """How far to turn from the other to get to the first, -180 to 180."""
    return (degrees - other + 180.0) % 360.0 - 180.0


def dip_deg(up: Vector, field: Vector) -> float:
    """How far below the horizon the field points, -90 to 90; neither has length 0."""
    down = -float(up @ field) / float(np.linalg.norm(up) * np.linalg.norm(field))
    return math.degrees(math.asin(min(1.0, max(-1.0, down))))
