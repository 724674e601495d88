"""How Frame's camera measures light and sets itself (device reference 2.5, `auto`); pure.

The reference gives the control loop; the light is ours: the picture shown to the camera counts as one taken at the
exposure that the loop aims at by default, so the loop, once settled, gives the picture back as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

Metering = Literal["SPOT", "CENTER_WEIGHTED", "AVERAGE"]
Rgb = tuple[float, float, float]

SHUTTER_LINES: Final = (4, 16_383)
ANALOG_GAIN: Final = (1, 248)
COLOUR_GAIN: Final = (0, 1023)
SETTLED_LIGHT: Final = 3200.0  # shutter times gain at which `TARGET` is reached: indoor light, one stop above power on
TARGET: Final = 0.1  # 2.5: default of `exposure`
_UNITY_GAIN: Final = 64.0  # 2.5: green at power on; taken as a gain of 1
_FLOOR_SHUTTER: Final = 4.0
_FLOOR_GAIN: Final = 1.0
_DARK: Final = 0.0001  # 2.5: what a metering byte of 0 counts
_SCENE: Final = 4_166_400.0  # 2.5
_SCENE_RANGE: Final = (50.0, 200.0)  # 2.5: where white balance is blended in


@dataclass(frozen=True, slots=True)
class Light:
    """What the picture offers to the meter: mean of red, green and blue of the centre and of the whole, 0 to 1."""

    spot: Rgb
    matrix: Rgb


@dataclass(frozen=True, slots=True)
class Settings:
    """Arguments of one `auto` call, with the defaults of the reference."""

    metering: Metering = "CENTER_WEIGHTED"
    exposure: float = TARGET
    exposure_speed: float = 0.45
    shutter_limit: float = 16_383
    analog_gain_limit: float = 16
    white_balance_speed: float = 0.5
    rgb_gain_limit: float = 287


@dataclass(frozen=True, slots=True)
class Exposure:
    """The camera's state; the values at power on are those of the reference."""

    shutter: float = 1600.0
    gain: float = 1.0
    red: float = 121.6
    green: float = _UNITY_GAIN
    blue: float = 140.8

    @property
    def factor(self) -> float:
        """How many times brighter than settled a picture comes out."""
        return self.shutter * self.gain / SETTLED_LIGHT


@dataclass(frozen=True, slots=True)
class Reading:
    """What one `auto` call measured."""

    spot: Rgb
    matrix: Rgb
    centre_weighted: float
    scene: float
    error: float


def auto(state: Exposure, light: Light, settings: Settings) -> tuple[Exposure, Reading]:
    """One step of the control loop."""
    spot, matrix = _metered(light, light.spot, state), _metered(light, light.matrix, state)
    spot_mean, matrix_mean = sum(spot) / 3, sum(matrix) / 3
    weighted = (2 * spot_mean + matrix_mean) / 3
    average = {"SPOT": spot_mean, "CENTER_WEIGHTED": weighted, "AVERAGE": matrix_mean}[settings.metering]
    error = settings.exposure_speed * (settings.exposure / average - 1) + 1
    shutter, gain, error = _exposed(state, error, settings)
    scene = _SCENE * matrix_mean / (shutter * gain)
    blend = min(max((scene - _SCENE_RANGE[0]) / (_SCENE_RANGE[1] - _SCENE_RANGE[0]), 0.0), 1.0)
    moved = replace(
        _balanced(state, matrix, blend * settings.white_balance_speed, settings), shutter=shutter, gain=gain
    )
    return moved, Reading(spot, matrix, weighted, scene, error)


def _metered(light: Light, part: Rgb, state: Exposure) -> Rgb:
    """The six metering bytes as fractions: what of the picture's light the present exposure lets through."""
    whole = max((2 * sum(light.spot) + sum(light.matrix)) / 9, 1 / 255)
    levels = (min(round(255 * TARGET * state.factor * value / whole), 255) / 255 for value in part)
    red, green, blue = (level or _DARK for level in levels)
    return red, green, blue


def _exposed(state: Exposure, error: float, settings: Settings) -> tuple[float, float, float]:
    """Brighter: shutter first, the rest to the gain. Darker: gain first, the rest to the shutter.

    Returns:
        Shutter, gain, and the part of the error that was left for the second of the two.
    """
    shutter, gain = state.shutter, state.gain
    if error > 1:
        shutter = min(shutter * error, settings.shutter_limit)
        error *= state.shutter / shutter
        if error > 1:
            gain = min(gain * error, settings.analog_gain_limit)
    else:
        gain = max(gain * error, _FLOOR_GAIN)
        error *= state.gain / gain
        if error < 1:
            shutter = max(shutter * error, _FLOOR_SHUTTER)
    return shutter, gain, error


def _balanced(state: Exposure, matrix: Rgb, speed: float, settings: Settings) -> Exposure:
    """Move the colour gains towards a grey mean; how the firmware aims them is not in the reference."""
    brightest = max(matrix)
    gains = (state.red, state.green, state.blue)
    aims = [gain * brightest / level for gain, level in zip(gains, matrix, strict=True)]
    scale = _UNITY_GAIN / min(aims)
    red, green, blue = (
        gain + speed * (min(aim * scale, settings.rgb_gain_limit) - gain) for gain, aim in zip(gains, aims, strict=True)
    )
    return replace(state, red=red, green=green, blue=blue)
