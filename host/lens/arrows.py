"""Arrows and signs that say what to do, drawn here as shapes; pure.

Each is one glyph of `SIZE` pixels a side, or fewer, which crosses the link once and is then kept on the glasses. They
are drawn on a square of 88 units, y down, by where a point is: near enough to a line, or inside a polygon.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from host.lens.display_list import Glyph

__all__ = ["SIGNS", "SIZE", "pointer", "roundabout", "sign"]

SIZE: Final = 88
"""Pixels across and down: the most whose bits the glasses keep as one glyph (1024 bytes)."""

_STROKE: Final = 12.0  # pixels of a line that can be seen at a glance
_THIN: Final = 5.0
_HEAD: Final = (30.0, 44.0)  # length and width of an arrow's head
_DIRECTIONS: Final = 16  # of `pointer`
_EXITS: Final = 8  # of `roundabout`

_Point = tuple[float, float]
_Mask = npt.NDArray[np.bool_]
_GRID: Final = np.mgrid[0:SIZE, 0:SIZE].astype(float) + 0.5


def sign(name: str, size: int = SIZE) -> Glyph:
    """The sign of that name, one of `SIGNS`, so many pixels a side. Raises KeyError."""
    return _glyph(name, size)


def pointer(degrees: float, size: int = SIZE) -> Glyph:
    """An arrow to somewhere off the way: 0 is ahead, 90 right; to the nearest sixteenth of a turn."""
    return _pointer(round(degrees / 360.0 * _DIRECTIONS) % _DIRECTIONS, size)


def roundabout(degrees: float, size: int = SIZE) -> Glyph:
    """A ring that is left in this direction: 0 is ahead, 90 right; to the nearest eighth of a turn."""
    return _ring(round(degrees / 360.0 * _EXITS) % _EXITS, size)


@cache
def _glyph(name: str, size: int) -> Glyph:
    return _cut(SIGNS[name](), size)


@cache
def _pointer(number: int, size: int) -> Glyph:
    direction = math.tau * number / _DIRECTIONS
    tail, tip = _away((44.0, 44.0), direction, -40.0), _away((44.0, 44.0), direction, 40.0)
    return _cut(_arrow([tail, tip]), size)


@cache
def _ring(number: int, size: int) -> Glyph:
    direction = math.tau * number / _EXITS
    centre = (44.0, 42.0)
    ring = _circle(centre, 16.0, 7.0)
    way_in = _line([(44.0, 88.0), (44.0, 60.0)], 9.0)
    out = _arrow([_away(centre, direction, 18.0), _away(centre, direction, 42.0)], 9.0, (20.0, 32.0))
    return _cut(ring | way_in | out, size)


def _turn(degrees: float) -> _Mask:
    """A way up, and an arrow that leaves it so far to the right."""
    bend = math.radians(degrees)
    start, corner, length = {
        0: ((44.0, 88.0), (44.0, 60.0), 58.0),
        45: ((30.0, 88.0), (30.0, 56.0), 62.0),
        90: ((22.0, 88.0), (22.0, 36.0), 64.0),
        135: ((14.0, 88.0), (14.0, 18.0), 80.0),
    }[abs(round(degrees))]
    return _sided(_arrow([start, corner, _away(corner, abs(bend), length)]), degrees)


def _keep(degrees: float) -> _Mask:
    """A way that forks: the arrow is the branch to be taken, the other is thin."""
    fork = (44.0, 58.0)
    taken = _arrow([(44.0, 88.0), fork, (64.0, 36.0), (64.0, 2.0)])
    other = _line([fork, (24.0, 36.0), (24.0, 8.0)], _THIN)
    return _sided(taken | other, degrees)


def _back() -> _Mask:
    bow = [_away((45.0, 34.0), math.radians(angle), 21.0) for angle in range(90, -91, -15)]
    return _arrow([(66.0, 86.0), *bow, (24.0, 86.0)])


def _stairs() -> _Mask:
    steps = [(4.0, 80.0), (24.0, 80.0), (24.0, 60.0), (44.0, 60.0), (44.0, 40.0), (64.0, 40.0), (64.0, 20.0)]
    return _line([*steps, (86.0, 20.0)], 9.0)


def _escalator() -> _Mask:
    band = _line([(4.0, 76.0), (22.0, 76.0), (66.0, 28.0), (84.0, 28.0)], 9.0)
    return band | _arrow([(22.0, 52.0), (48.0, 23.0)], 7.0, (16.0, 24.0))


def _elevator() -> _Mask:
    box = _line([(8.0, 4.0), (80.0, 4.0), (80.0, 84.0), (8.0, 84.0), (8.0, 4.0)], 6.0)
    up, down = [(32.0, 20.0), (18.0, 40.0), (46.0, 40.0)], [(56.0, 68.0), (42.0, 48.0), (70.0, 48.0)]
    return box | _polygon(up) | _polygon(down)


def _door(*, inside: bool) -> _Mask:
    frame = _line([(40.0, 4.0), (82.0, 4.0), (82.0, 84.0), (40.0, 84.0)], 7.0)
    ways = [(4.0, 44.0), (66.0, 44.0)] if inside else [(68.0, 44.0), (4.0, 44.0)]
    return frame | _arrow(ways)


def _ferry() -> _Mask:
    hull = _polygon([(6.0, 48.0), (82.0, 48.0), (68.0, 70.0), (20.0, 70.0)])
    deck = _polygon([(26.0, 24.0), (60.0, 24.0), (60.0, 42.0), (26.0, 42.0)]) | _polygon(
        [(44.0, 8.0), (54.0, 8.0), (54.0, 24.0), (44.0, 24.0)]
    )
    waves = [(x, 80.0 + 4.0 * math.sin(x / 84.0 * 3 * math.tau)) for x in np.linspace(2.0, 86.0, 43)]
    return hull | deck | _line(waves, 5.0)


def _flag() -> _Mask:
    pole = _line([(24.0, 86.0), (24.0, 4.0)], 8.0)
    return pole | _polygon([(24.0, 4.0), (80.0, 26.0), (24.0, 48.0)])


def _target() -> _Mask:
    centre = (44.0, 44.0)
    return _circle(centre, 38.0, 8.0) | _circle(centre, 20.0, 8.0) | _disc(centre, 7.0)


def _off() -> _Mask:
    """A way, broken, and somebody beside it."""
    way = _line([(20.0, 88.0), (20.0, 60.0)], 8.0) | _line([(20.0, 46.0), (20.0, 26.0)], 8.0)
    return way | _line([(20.0, 12.0), (20.0, 0.0)], 8.0) | _disc((60.0, 44.0), 12.0) | _circle((60.0, 44.0), 22.0, 5.0)


def _lost() -> _Mask:
    """A circle that is struck through: nothing is known."""
    return _circle((44.0, 44.0), 36.0, 9.0) | _line([(19.0, 69.0), (69.0, 19.0)], 9.0)


SIGNS: Final[dict[str, Callable[[], _Mask]]] = {
    "straight": lambda: _turn(0),
    "slight right": lambda: _turn(45),
    "right": lambda: _turn(90),
    "sharp right": lambda: _turn(135),
    "keep right": lambda: _keep(1),
    "slight left": lambda: _turn(-45),
    "left": lambda: _turn(-90),
    "sharp left": lambda: _turn(-135),
    "keep left": lambda: _keep(-1),
    "u-turn": _back,
    "stairs": _stairs,
    "escalator": _escalator,
    "elevator": _elevator,
    "enter": lambda: _door(inside=True),
    "leave": lambda: _door(inside=False),
    "ferry": _ferry,
    "waypoint": _flag,
    "arrive": _target,
    "off route": _off,
    "no position": _lost,
}
"""Names of the signs, and what draws them."""


def _sided(mask: _Mask, degrees: float) -> _Mask:
    """To the left where the turn is."""
    return mask[:, ::-1] if degrees < 0 else mask


def _away(point: _Point, direction: float, length: float) -> _Point:
    """So far from a point; direction in radians, 0 is up."""
    return point[0] + length * math.sin(direction), point[1] - length * math.cos(direction)


def _arrow(points: Sequence[_Point], stroke: float = _STROKE, head: tuple[float, float] = _HEAD) -> _Mask:
    """A line whose last point is the tip of a head."""
    (x0, y0), (x1, y1) = points[-2:]
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    neck = (x1 - head[0] * ux, y1 - head[0] * uy)
    half = head[1] / 2
    wings = [(neck[0] - half * uy, neck[1] + half * ux), (neck[0] + half * uy, neck[1] - half * ux)]
    return _line([*points[:-1], neck], stroke) | _polygon([(x1, y1), *wings])


def _line(points: Sequence[_Point], stroke: float) -> _Mask:
    """All that is nearer to a line than half a stroke."""
    mask = np.zeros((SIZE, SIZE), bool)
    y, x = _GRID
    for (x0, y0), (x1, y1) in pairwise(points):
        dx, dy = x1 - x0, y1 - y0
        square = dx * dx + dy * dy
        share = np.clip(((x - x0) * dx + (y - y0) * dy) / square, 0.0, 1.0) if square else np.zeros_like(x)
        mask |= np.hypot(x - x0 - share * dx, y - y0 - share * dy) <= stroke / 2
    return mask


def _polygon(corners: Sequence[_Point]) -> _Mask:
    """The inside of a convex polygon."""
    y, x = _GRID
    sides = [
        (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
        for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    found: _Mask = np.all([s >= 0 for s in sides], axis=0) | np.all([s <= 0 for s in sides], axis=0)
    return found


def _circle(centre: _Point, radius: float, stroke: float) -> _Mask:
    y, x = _GRID
    found: _Mask = np.abs(np.hypot(x - centre[0], y - centre[1]) - radius) <= stroke / 2
    return found


def _disc(centre: _Point, radius: float) -> _Mask:
    y, x = _GRID
    found: _Mask = np.hypot(x - centre[0], y - centre[1]) <= radius
    return found


def _cut(mask: _Mask, size: int) -> Glyph:
    """The mask in so many pixels a side: those that are at least half covered are lit."""
    if size != SIZE:
        edges = np.arange(size + 1)[:, np.newaxis] * SIZE / size - np.arange(SIZE)  # in pixels of the mask
        shares = np.diff(np.clip(edges, 0.0, 1.0), axis=0) * size / SIZE
        mask = shares @ mask @ shares.T >= 0.5
    return Glyph(size, size, 1, np.packbits(mask.ravel()).tobytes())
