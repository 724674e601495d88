"""From raw motion samples to where the wearer looks; pure.

Frame gives raw accelerometer and compass counts only (device reference 2.9); its axes and signs have not been checked
on hardware and the compass is uncalibrated here, so a heading from this file is a rough one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from firmware_bridge.messages import SensorSample

__all__ = ["Heading", "heading_of"]


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the glasses point.

    Attributes:
        heading_deg: 0 to 360 clockwise from magnetic north, tilt compensated.
        pitch_deg: as the firmware's `imu.direction` has it: atan2(y, z) of the accelerometer.
        roll_deg: atan2(x, z) of the accelerometer.
        sample: the raw counts it was computed from.
    """

    heading_deg: float
    pitch_deg: float
    roll_deg: float
    sample: SensorSample


def heading_of(sample: SensorSample) -> Heading | None:
    """The heading of a sample; None where the glasses fall freely or the compass points straight down."""
    ax, ay, az = sample.accelerometer
    gravity = math.hypot(ax, ay, az)
    if gravity == 0:
        return None
    # East is across gravity and the magnetic field, north across east and gravity; forward is the z axis.
    down = (-ax / gravity, -ay / gravity, -az / gravity)
    east = _cross(down, sample.compass)
    length = math.hypot(*east)
    if length == 0:
        return None
    east = (east[0] / length, east[1] / length, east[2] / length)
    north = _cross(east, down)
    heading = math.degrees(math.atan2(east[2], north[2])) % 360
    return Heading(heading, math.degrees(math.atan2(ay, az)), math.degrees(math.atan2(ax, az)), sample)


Vector = tuple[float, float, float]


def _cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
