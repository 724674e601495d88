"""The emulated Frame's motion sensor: accelerometer, compass, taps (device reference 2.9).

The head's pose over time comes from a script, one line a moment, straight lines in between:

    # seconds  heading  pitch  roll      degrees
    0          90       0      0
    2.5        180     -10     5

Heading is that of magnetic north, 0 to 360 clockwise, turning the shorter way between two lines; pitch is positive with
the nose up, roll with the right ear down. Pitch and roll may be left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.emulator.board import Api, Args, FrameBoard, LuaApiError, LuaValue, TakesCallback

Vector = NDArray[np.float64]

_FULL_SCALE: Final = 8191  # 14 bits, signed
FIELD_MICROTESLA: Final = 49.0  # the earth's field in the middle of Europe
FIELD_DIP_DEG: Final = 65.0
HARD_IRON_MICROTESLA: Final = 30.0  # largest offset on each axis: speaker magnets, batteries
SOFT_IRON: Final = 0.06  # largest relative distortion
_ACCELEROMETER_NOISE: Final = 6.0  # counts, standard deviation
_COMPASS_NOISE: Final = 2.0
DEGREES: Final = 180 / 3.14159265  # the firmware's own pi: a right angle comes out as 90.000000102838


class HeadPose:
    """Where the head points at each moment."""

    def __init__(self, moments: Sequence[tuple[float, float, float, float]]) -> None:
        """Take (seconds, heading, pitch, roll in degrees), times rising; at least one."""
        table = np.array(moments, np.float64)
        self._times = table[:, 0]
        self._heading = np.rad2deg(np.unwrap(np.deg2rad(table[:, 1])))
        self._pitch, self._roll = table[:, 2], table[:, 3]

    def at(self, seconds: float) -> tuple[float, float, float]:
        """Heading (0 to 360), pitch and roll in degrees; the first before the script begins, the last after its end."""
        heading, pitch, roll = (
            float(np.interp(seconds, self._times, values)) for values in (self._heading, self._pitch, self._roll)
        )
        return heading % 360, pitch, roll


class Imu:
    """The motion sensor, and its part of the Lua API (`frame.imu`)."""

    def __init__(self, board: FrameBoard, head: HeadPose | None, *, any_axes: bool = False) -> None:
        """Follow `head`; None looks level to the north. Magnetic disturbance is drawn from the board's chance.

        With `any_axes` so is how each of the two sensors lies in the glasses, mirrored too: nobody knows it.
        """
        self._board = board
        self._head = head if head is not None else HeadPose([(0, 0, 0, 0)])
        self._tap: LuaValue = None
        rng = np.random.default_rng(board.random.getrandbits(64))
        self._noise = rng
        self._hard_iron = rng.uniform(-1, 1, 3) * HARD_IRON_MICROTESLA
        skew = rng.uniform(-1, 1, (3, 3)) * SOFT_IRON
        self._soft_iron = np.eye(3) + (skew + skew.T) / 2
        self._lies = [_any_axes(rng) if any_axes else np.eye(3) for _ in range(2)]  # accelerometer, compass

    def tap(self) -> None:
        """The wearer taps: the hook slot is taken, with or without a callback (1.9)."""
        self._board.post(self._tap)

    def turn(self, head: HeadPose) -> None:
        """Follow this head from here on."""
        self._head = head

    def reset(self) -> None:
        """The Lua VM starts: the callback is a C static like that of received data (1.9), stale from here on."""

    def api(self) -> Api:
        """The functions of `frame.imu`."""
        return {"raw": self._raw, "direction": self._direction, "tap_callback": TakesCallback(self._tap_callback)}

    def _tap_callback(self, args: Args) -> None:
        if len(args) == 0 or not (args.raw(1) is None or callable(args.raw(1))):
            raise LuaApiError("expected nil or function")
        self._tap = args.raw(1)

    def _raw(self, _args: Args) -> LuaValue:
        accelerometer, compass = self._sample()
        return {"accelerometer": axes(accelerometer), "compass": axes(compass)}

    def _direction(self, _args: Args) -> LuaValue:
        (x, y, z), _ = self._sample()
        return {
            "pitch": math.atan2(y, z) * DEGREES,
            "roll": math.atan2(x, z) * DEGREES,
            "heading": 0.0,  # known bug (5, Frame 11): always
        }

    def _sample(self) -> tuple[Vector, Vector]:
        """Read both sensors: counts on the sensor's own axes, then remapped as the firmware does."""
        choices = self._board.choices
        self._board.charge(choices.imu_read_s)
        to_head = rotation(*self._head.at(self._board.now()))
        up = to_head @ np.array([0.0, 0.0, 1.0])
        dip = math.radians(FIELD_DIP_DEG)
        field = to_head @ (np.array([0.0, math.cos(dip), -math.sin(dip)]) * FIELD_MICROTESLA)
        magnetic = self._soft_iron @ field + self._hard_iron
        noise = self._noise.normal(0, 1, (2, 3)) * [[_ACCELEROMETER_NOISE], [_COMPASS_NOISE]]
        force, pull = self._lies[0] @ up, self._lies[1] @ magnetic
        counts = np.array([force * choices.counts_per_g, pull * choices.counts_per_microtesla]) + noise
        sensor = np.clip(np.rint(counts), -_FULL_SCALE - 1, _FULL_SCALE)[:, _MOUNTED]
        return sensor[0, _REMAPPED], sensor[1, _REMAPPED]

    # Axes as Lua sees them: x to the right, y ahead, z up, so that the firmware's formulas give the pitch as the
    # script has it, and the roll with the sign turned. The reference does not say how the sensor sits in the frame.


_MOUNTED: Final = [2, 0, 1]  # the sensor's x, y, z lie along up, right, ahead
_REMAPPED: Final = [1, 2, 0]  # 2.9: x = sensor y, y = sensor z, z = sensor x


def rotation(heading_deg: float, pitch_deg: float, roll_deg: float) -> Vector:
    """Matrix from the world's axes (east, north, up) to the head's (right, ahead, up)."""
    heading, pitch, roll = (math.radians(angle) for angle in (heading_deg, pitch_deg, roll_deg))
    ahead = np.array([math.sin(heading) * math.cos(pitch), math.cos(heading) * math.cos(pitch), math.sin(pitch)])
    level_right = np.array([math.cos(heading), -math.sin(heading), 0.0])
    level_up = np.cross(level_right, ahead)
    right = level_right * math.cos(roll) - level_up * math.sin(roll)
    up = level_up * math.cos(roll) + level_right * math.sin(roll)
    return np.array([right, ahead, up])


def _any_axes(rng: np.random.Generator) -> Vector:
    """One of the 48 ways to name and turn three axes."""
    return np.asarray(np.eye(3)[rng.permutation(3)] * rng.choice([-1.0, 1.0], 3))


def axes(vector: Vector) -> dict[str, float]:
    """A vector as Lua sees it."""
    x, y, z = (float(value) for value in vector)
    return {"x": x, "y": y, "z": z}
