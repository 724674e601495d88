"""A way in few points, for a map on which nobody sees more of them; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from host.navigate.line import Place, flat

__all__ = ["POINTS", "outline"]

POINTS: Final = 300  # at most: 6 kB as JSON
TOLERANCE_M: Final = 2.0  # half a lane; twice as much until there are few enough


def outline(points: Sequence[Place], most: int = POINTS) -> list[Place]:
    """Those points of a line from whose straight connections the others are less than 2 m away, or more for a long one.

    After Ramer (1972), Douglas and Peucker (1973). The first and the last are always among them.

    Args:
        points: at least one.
        most: as many at most, from 2 on.
    """
    metres = np.array([flat(points[0], place) for place in points], np.float64)
    tolerance = TOLERANCE_M
    while len(kept := _kept(metres, tolerance)) > most:
        tolerance *= 2
    return [points[number] for number in kept]


def _kept(metres: npt.NDArray[np.float64], tolerance: float) -> list[int]:
    last = len(metres) - 1
    kept, waiting = {0, last}, [(0, last)]
    while waiting:
        first, end = waiting.pop()
        if end - first < 2:
            continue
        away = _away(metres[first + 1 : end], metres[first], metres[end])
        farthest = int(np.argmax(away))
        if away[farthest] > tolerance:
            middle = first + 1 + farthest
            kept.add(middle)
            waiting += [(first, middle), (middle, end)]
    return sorted(kept)


def _away(
    places: npt.NDArray[np.float64], a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Metres from the straight connection of two places."""
    way = b - a
    along = np.clip((places - a) @ way / max(float(way @ way), 1e-9), 0.0, 1.0)
    distances: npt.NDArray[np.float64] = np.hypot(*(places - a - along[:, None] * way).T)
    return distances
