"""What hides a figure of a price: a mirrored lamp, a finger, a sticker, a hard shadow, a crease."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from host.bench.tags.spec import Print

__all__ = ["Cover", "covered", "one_figure"]

Values = npt.NDArray[np.float32]
_Point = tuple[float, float]


class Cover(StrEnum):
    """What lies over a figure."""

    LAMP = "lamp"
    FINGER = "finger"
    STICKER = "sticker"
    SHADOW = "shadow"
    CREASE = "crease"


_COLOURS: Final = {
    Cover.LAMP: (255, 255, 255),
    Cover.FINGER: (205, 150, 125),
    Cover.STICKER: (240, 210, 60),
    Cover.SHADOW: (22, 22, 24),
    Cover.CREASE: (252, 252, 252),
}
_SOFT: Final = {
    Cover.LAMP: (0.03, 0.14),
    Cover.CREASE: (0.02, 0.04),
}  # half the width of the edge, heights of the figure
_EDGE: Final = (0.02, 0.04)


def one_figure(item: Print, left: float, right: float, *, first: bool) -> list[_Point]:
    """The corners of a print's first or last figure on its tag, whose ink is between two columns."""
    ends = [0.0]
    for character in item.text:
        ends.append(ends[-1] + (0.36 if character in " .,:;'|!il-" else 0.68))
    places = [index for index, character in enumerate(item.text) if character.isdigit()] or [0]
    index = places[0] if first else places[-1]
    start, end = (left + (right - left) * ends[n] / ends[-1] for n in (index, index + 1))
    top, bottom = item.top, item.top + item.height
    return [(start, top), (end, top), (end, bottom), (start, bottom)]


def covered(values: Values, figure: Sequence[_Point], cover: Cover, rng: random.Random, *, first: bool) -> Values:
    """A photo with one figure of its price hidden.

    Args:
        values: the photo, shape (height, width, 3), 0 to 255.
        figure: the corners of the figure in it, the top left first, clockwise.
        cover: what hides it.
        rng: how much.
        first: True if the figure is the number's first: a finger comes from its left, else from its right.
    """
    left, right = min(x for x, _ in figure), max(x for x, _ in figure)
    top, bottom = min(y for _, y in figure), max(y for _, y in figure)
    high = bottom - top
    room, far = rng.uniform(0.02, 0.08) * high, rng.uniform(0.3, 1.0) * high
    outer = (left - far, right + room) if first else (left - room, right + far)
    y, x = np.mgrid[0 : values.shape[0], 0 : values.shape[1]].astype(np.float32)

    def box(across: tuple[float, float], above: float, below: float) -> Values:
        """Pixels outside, negative within."""
        sides = (across[0] - x, x - across[1], top - above * high - y, y - bottom - below * high)
        return np.asarray(np.max(sides, axis=0), np.float32)

    if cover is Cover.LAMP:
        wide, tall = (right - left) / 2 + 2.5 * room, 0.85 * high
        away = (np.hypot((x - (left + right) / 2) / wide, (y - (top + bottom) / 2) / tall) - 1) * min(wide, tall)
    elif cover is Cover.FINGER:
        away = box(outer, 2, 0.3)
    elif cover is Cover.STICKER:
        away = box(outer, 0.3, 0.3)
    elif cover is Cover.SHADOW:
        away = box((outer[0] - 2 * high, outer[1]) if first else (outer[0], outer[1] + 2 * high), 3, 3)
    else:
        wide, lean = rng.uniform(0.08, 0.15) * high, rng.uniform(-0.15, 0.15)
        middle = (left + right) / 2 + lean * (y - (top + bottom) / 2)
        away = np.maximum(abs(x - middle) - wide, np.maximum(top - high - y, y - bottom - high))
    soft = rng.uniform(*_SOFT.get(cover, _EDGE)) * high
    share = np.clip(0.5 - away / (2 * soft), 0, 1)[..., None]
    return np.asarray(values * (1 - share) + np.array(_COLOURS[cover], np.float32) * share, np.float32)
