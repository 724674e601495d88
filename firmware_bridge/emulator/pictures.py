"""What lies before the emulated camera: pictures one after another, and how they fall on the sensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from PIL import Image

from firmware_bridge.emulator.exposure import Light, Rgb
from firmware_bridge.emulator.jpeg import Picture

SENSOR_WIDTH: Final = 1280  # 2.5
SENSOR_HEIGHT: Final = 720
_TO_LINEAR: Final = np.where(
    np.arange(256) <= 10, np.arange(256) / 255 / 12.92, ((np.arange(256) / 255 + 0.055) / 1.055) ** 2.4
)  # IEC 61966-2-1 (sRGB)


class Pictures:
    """Pictures in order, each seen by one photo; after the last the first comes again."""

    def __init__(self, loaders: Sequence[Callable[[], Picture]]) -> None:
        """Take pictures from functions that decode one each, upright; at least one. Only one is held at a time."""
        self._loaders = loaders
        self._at = 0
        self._field: Picture | None = None

    def field(self, received: Callable[[Picture], Picture] | None = None) -> Picture:
        """The picture before the camera as its sensor receives it, Frame's where nothing else is said."""
        if self._field is None:
            self._field = (received or on_sensor)(self._loaders[self._at]())
        return self._field

    def advance(self) -> None:
        """Go on to the next picture."""
        if len(self._loaders) > 1:
            self._at = (self._at + 1) % len(self._loaders)
            self._field = None


def on_sensor(picture: Picture) -> Picture:
    """An upright picture as Frame's sensor receives it: turned a quarter clockwise, its shorter side on the lines.

    What is longer than the sensor is cut off at both ends; what is shorter is continued by its edge.
    """
    height, width = picture.shape[:2]
    scale = SENSOR_HEIGHT / min(height, width)
    tall = min(SENSOR_WIDTH, round(height * scale))  # what stands upright lies along the sensor's longer side
    seen_width, seen_height = min(SENSOR_HEIGHT / scale, width), min(tall / scale, height)  # rounding may exceed
    left, top = (width - seen_width) / 2, (height - seen_height) / 2
    box = (left, top, left + seen_width, top + seen_height)
    image = Image.fromarray(picture).resize((SENSOR_HEIGHT, tall), Image.Resampling.LANCZOS, box)
    turned = np.rot90(np.asarray(image), -1)
    missing = SENSOR_WIDTH - tall
    field: Picture = np.pad(turned, ((0, 0), (missing // 2, missing - missing // 2), (0, 0)), mode="edge")
    return field


def crop(field: Picture, resolution: int, pan: int) -> Picture:
    """The square that a capture keeps: not scaled, centred, moved along the sensor's longer side by 2 pixels a step.

    The longer side stands upright in the world, so panning looks down (negative) and up.
    """
    top, left = (SENSOR_HEIGHT - resolution) // 2, (SENSOR_WIDTH - resolution) // 2 + 2 * pan
    return field[top : top + resolution, left : left + resolution]


def light_of(field: Picture) -> Light:
    """What the light meter sees: the centre ninth and the whole of the widest square, in linear light."""
    square = crop(field, SENSOR_HEIGHT, 0)
    third = SENSOR_HEIGHT // 3
    return Light(spot=_mean(square[third : 2 * third, third : 2 * third]), matrix=_mean(square))


def exposed(picture: Picture, factor: float) -> Picture:
    """The picture taken with so many times the light."""
    table = np.clip(_TO_LINEAR * factor, 0, 1)
    encoded = np.where(table <= 0.0031308, table * 12.92, 1.055 * table ** (1 / 2.4) - 0.055)
    result: Picture = np.rint(encoded * 255).astype(np.uint8)[picture]
    return result


def _mean(picture: Picture) -> Rgb:
    red, green, blue = (float(_TO_LINEAR[picture[::4, ::4, channel]].mean()) for channel in range(3))
    return red, green, blue
