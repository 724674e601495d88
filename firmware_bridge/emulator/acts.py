"""What may be done to emulated glasses while they run: by the wearer, before them, and to the air around them.

Plain values, checked when they are made. `EmulatorSource.act` and `OnAir.act` do all of them; those of the wearer reach
glasses that are confined to another process by `Order.ACT`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from firmware_bridge.emulator.imu import HeadPose
from firmware_bridge.emulator.pictures import Pictures
from firmware_bridge.emulator.sound import Samples
from firmware_bridge.emulator.taps import KINDS
from firmware_bridge.emulator.testcard import draw_test_card
from firmware_bridge.errors import InputError

HELD_MAX_S: Final = 60.0
LOSS_MAX: Final = 0.9
DELAY_MAX_S: Final = 2.0  # as long as a link survives silence
CUT_MAX_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Tap:
    """The wearer taps: "single", "double" or "triple"."""

    kind: str = "single"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError("there is no such tap", "One of: " + ", ".join(KINDS) + ".")


@dataclass(frozen=True, slots=True)
class Press:
    """The wearer holds the button for so many seconds; 0 is a click, -1 are two. Glasses without one notice nothing."""

    held_s: float = 0.0

    def __post_init__(self) -> None:
        if self.held_s != -1:
            _check("the button is held for", self.held_s, 0, HELD_MAX_S, "s")


@dataclass(frozen=True, slots=True)
class Turn:
    """The head points there from here on: degrees, as a script of the head has them (`imu.py`)."""

    heading_deg: float
    pitch_deg: float = 0.0
    roll_deg: float = 0.0

    def __post_init__(self) -> None:
        _check("the heading", self.heading_deg, -360, 360, "degrees")
        _check("the pitch", self.pitch_deg, -90, 90, "degrees")
        _check("the roll", self.roll_deg, -180, 180, "degrees")

    def pose(self) -> HeadPose:
        """As the motion sensor follows it."""
        return HeadPose([(0.0, self.heading_deg, self.pitch_deg, self.roll_deg)])


@dataclass(frozen=True, slots=True)
class Hear:
    """This is said, in place of what was: samples of 16 kHz, 16 bit, little-endian; none for silence.

    When it is over, the room is as it was before; but glasses whose recording would have ended have come to its end.
    """

    pcm: bytes = b""

    def samples(self) -> Samples:
        """As the microphone plays them."""
        return np.frombuffer(self.pcm, "<i2").astype(np.int16, copy=False)


@dataclass(frozen=True, slots=True)
class See:
    """This lies before the camera from here on: an upright picture, rows of red, green, blue; empty for a test card."""

    width: int = 0
    height: int = 0
    rgb: bytes = b""

    def __post_init__(self) -> None:
        if len(self.rgb) != self.width * self.height * 3:
            raise InputError("that is no picture", "Rows of red, green and blue.")

    def pictures(self) -> Pictures:
        """As the camera takes them."""
        if not self.rgb:
            return Pictures([draw_test_card])
        picture = np.frombuffer(self.rgb, np.uint8).reshape(self.height, self.width, 3)
        return Pictures([lambda: picture])


@dataclass(frozen=True, slots=True)
class Charge:
    """The battery holds so much, in per cent."""

    percent: float

    def __post_init__(self) -> None:
        _check("the battery", self.percent, 0, 100, "per cent")


@dataclass(frozen=True, slots=True)
class Disturb:
    """The link is this good from here on.

    Attributes:
        loss: probability that a packet is not heard, 0 to 0.9; it is repeated, so it is late.
        delay_s: how much later than the radio brings it every value reaches either end, 0 to 2.
    """

    loss: float = 0.0
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        _check("the loss", self.loss, 0, LOSS_MAX)
        _check("the delay", self.delay_s, 0, DELAY_MAX_S, "s")


@dataclass(frozen=True, slots=True)
class Cut:
    """The link breaks at once, and the glasses are out of range for so many seconds, 0 to 600."""

    for_s: float = 0.0

    def __post_init__(self) -> None:
        _check("the glasses are away for", self.for_s, 0, CUT_MAX_S, "s")


WearerAct = Tap | Press | Turn | Hear | See | Charge
AirAct = Disturb | Cut
Act = WearerAct | AirAct


def _check(what: str, value: float, low: float, high: float, unit: str = "") -> None:
    if not low <= value <= high:  # nan, too
        raise InputError(f"{what} {value:g} {unit}".rstrip() + " is not possible", f"Allowed: {low:g} to {high:g}.")
