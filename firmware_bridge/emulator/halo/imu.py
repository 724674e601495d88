"""The emulated Halo's motion sensor: accelerometer, compass, taps by kind (device reference 2.9)."""

from __future__ import annotations

import math
from collections import deque
from typing import Any, Final

import numpy as np

from firmware_bridge.emulator.board import Api, Args, LuaApiError, LuaValue, TakesCallback
from firmware_bridge.emulator.halo.bluetooth import EventBoard
from firmware_bridge.emulator.imu import (
    DEGREES,
    FIELD_DIP_DEG,
    FIELD_MICROTESLA,
    HARD_IRON_MICROTESLA,
    SOFT_IRON,
    HeadPose,
    Vector,
    axes,
    rotation,
)

READ_S: Final = 0.002  # estimate: two sensors on a bus of 400 kHz
INIT_S: Final = 0.020  # estimate: the first use sets both up
TAPS_MAX: Final = 8  # 2.9: taps that wait for their callback
MG_PER_G: Final = 1000.0
MILLIGAUSS_PER_MICROTESLA: Final = 10.0
_ACCELEROMETER_STEP_MG: Final = 8000 / 32768  # estimate: 16 bits over 8 g
_COMPASS_STEP_MG: Final = 8000 / 32768  # estimate: 16 bits over 8 gauss
_ACCELEROMETER_NOISE_MG: Final = 2.0  # estimate, standard deviation
_COMPASS_NOISE_MG: Final = 3.0

TAP_CONFIG: Final[dict[str, Any]] = {
    "threshold": 127,
    "max_peaks": 6,
    "gesture_duration": 25,
    "wait_for_timeout": True,
    "peak_duration": 4,
    "shock_duration": 6,
    "quiet_between_taps": 8,
    "quiet_after_gesture": 6,
    "mode": "normal",
    "axis": "x",
}
"""What a program reads until it changes it; the numbers are the chip's own units."""
_CHOICES: Final = {"mode": (b"sensitive", b"normal", b"robust"), "axis": (b"x", b"y", b"z")}


class Imu:
    """The motion sensor, and its part of the Lua API (`frame.imu`)."""

    def __init__(self, board: EventBoard, head: HeadPose | None) -> None:
        """Follow `head`; None looks level to the north. Magnetic disturbance is drawn from the board's chance."""
        self._board = board
        self._head = head if head is not None else HeadPose([(0, 0, 0, 0)])
        self._callback: LuaValue = None
        self._taps: deque[str] = deque()
        self._ready = False
        self._tap_config = dict(TAP_CONFIG)
        rng = np.random.default_rng(board.random.getrandbits(64))
        self._noise = rng
        self._hard_iron = rng.uniform(-1, 1, 3) * HARD_IRON_MICROTESLA
        skew = rng.uniform(-1, 1, (3, 3)) * SOFT_IRON
        self._soft_iron = np.eye(3) + (skew + skew.T) / 2

    def api(self) -> Api:
        """The functions of `frame.imu`."""
        return {
            "raw": self._raw,
            "direction": self._direction,
            "tap_callback": TakesCallback(self._tap_callback),
            "config": self._config,
            "tap_config": self._configure_taps,
        }

    def turn(self, head: HeadPose) -> None:
        """Follow this head from here on."""
        self._head = head

    def reset(self) -> None:
        """The Lua VM starts: the callback is gone, and the sensor not set up."""
        self._callback = None
        self._ready = False
        self._taps.clear()

    def interrupt(self) -> None:
        """0x03: taps are not listened to any more (1.7)."""
        self.reset()

    def tap(self, kind: str) -> None:
        """The wearer taps: "single", "double" or "triple"; a ninth that waits is lost."""
        if self._ready and len(self._taps) < TAPS_MAX:
            self._taps.append(kind)
            self._board.signal(self._deliver)

    def _deliver(self) -> tuple[LuaValue, ...]:
        kind = self._taps.popleft() if self._taps else ""
        if self._taps:
            self._board.signal(self._deliver)
        return self._board.event(self._callback, kind.encode()) if kind else ()

    def _tap_callback(self, args: Args) -> None:
        callback = args.raw(1)
        self._set_up()
        if len(args) == 0 or not (callback is None or callable(callback)):
            raise LuaApiError("expected function or nil")
        self._callback = callback
        self._ready = callback is not None

    def _raw(self, _args: Args) -> LuaValue:
        accelerometer, compass = self._sample()
        return {"accelerometer": axes(accelerometer), "compass": axes(compass)}

    def _direction(self, _args: Args) -> LuaValue:
        (up, ahead, left), _ = self._sample()
        return {
            "pitch": math.atan2(ahead, up) * DEGREES,
            "roll": math.atan2(-left, up) * DEGREES,
            "heading": 0.0,  # 2.9: always
        }

    def _sample(self) -> tuple[Vector, Vector]:
        """Accelerometer in mg and compass in mG on the device's own axes: x up, y ahead, z to the left."""
        self._set_up()
        self._board.charge(READ_S)
        to_head = rotation(*self._head.at(self._board.now()))
        dip = math.radians(FIELD_DIP_DEG)
        field = to_head @ (np.array([0.0, math.cos(dip), -math.sin(dip)]) * FIELD_MICROTESLA)
        magnetic = (self._soft_iron @ field + self._hard_iron) * MILLIGAUSS_PER_MICROTESLA
        up = to_head @ np.array([0.0, 0.0, 1.0]) * MG_PER_G
        noise = self._noise.normal(0, 1, (2, 3)) * [[_ACCELEROMETER_NOISE_MG], [_COMPASS_NOISE_MG]]
        return (
            _device_axes(up + noise[0], _ACCELEROMETER_STEP_MG),
            _device_axes(magnetic + noise[1], _COMPASS_STEP_MG),
        )

    def _set_up(self) -> None:
        if not self._ready:
            self._ready = True
            self._board.charge(INIT_S)

    def _config(self, args: Args) -> None:
        self._set_up()
        if not isinstance(args.raw(1), dict):
            raise LuaApiError("expected table argument")

    def _configure_taps(self, args: Args) -> LuaValue:
        self._set_up()
        options = args.raw(1)
        if options is None:
            return dict(self._tap_config)
        if not isinstance(options, dict):
            raise LuaApiError("expected table or nil")
        for name, allowed in _CHOICES.items():
            value = options.get(name.encode())
            if value is None:
                continue
            text = Args("tap_config", (value,)).string(-1)
            if text not in allowed:
                Args("tap_config", (value,)).error(-1, f"invalid option '{text.decode('latin-1')}'")
            self._tap_config[name] = text.decode()
        for name, now in self._tap_config.items():
            value = options.get(name.encode())
            if value is None or name in _CHOICES:
                continue
            if isinstance(now, bool):
                self._tap_config[name] = value is not False
            elif isinstance(value, int | float) and not isinstance(value, bool):
                self._tap_config[name] = int(value)
            else:
                raise LuaApiError(f"{name} must be a number")
        return None


def _device_axes(head: Vector, step: float) -> Vector:
    """Right, ahead, up as the device has them: x up, y ahead, z to the left; in the sensor's steps."""
    right, ahead, up = np.rint(head / step) * step
    return np.array([up, ahead, -right])
