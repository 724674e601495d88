"""Drawing into the emulated Halo's framebuffer: 256 x 256 pixels of red, green and blue (device reference 2.4); pure.

Coordinates count from 0; what lies outside is not drawn, and costs nothing however far outside it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.emulator.halo.font import ADVANCE, Glyph

SIZE: Final = 256

Pixels = NDArray[np.uint8]
"""(256, 256, 3), red, green and blue from 0 to 255."""
Colour = tuple[int, int, int]


def colour(rgb: int) -> Colour:
    """0xRRGGBB; higher bits do not count."""
    return rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF


def fill(pixels: Pixels, x: int, y: int, width: int, height: int, ink: Colour) -> None:  # noqa: PLR0917
    """A filled rectangle."""
    pixels[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)] = ink


def dot(pixels: Pixels, x: int, y: int, ink: Colour) -> None:
    """One pixel."""
    if 0 <= x < SIZE and 0 <= y < SIZE:
        pixels[y, x] = ink


def rectangle(pixels: Pixels, x: int, y: int, width: int, height: int, ink: Colour, *, filled: bool) -> None:  # noqa: PLR0917
    """A rectangle; one that sticks out is cut, and its border runs along the edge of the screen."""
    right, bottom = min(x + width, SIZE) - 1, min(y + height, SIZE) - 1
    x, y = max(x, 0), max(y, 0)
    if width <= 0 or height <= 0 or right < x or bottom < y:
        return
    if filled:
        pixels[y : bottom + 1, x : right + 1] = ink
        return
    pixels[[y, bottom], x : right + 1] = ink
    pixels[y : bottom + 1, [x, right]] = ink


def line(pixels: Pixels, x0: int, y0: int, x1: int, y1: int, ink: Colour) -> None:  # noqa: PLR0917
    """A line, both ends included; one at an angle is cut to the screen first."""
    if x0 == x1 or y0 == y1:
        x, y = min(x0, x1), min(y0, y1)
        fill(pixels, x, y, abs(x1 - x0) + 1, abs(y1 - y0) + 1, ink)
        return
    ends = _clipped(x0, y0, x1, y1)
    if ends is not None:
        for x, y in _steps(*ends):
            pixels[y, x] = ink


def circle(pixels: Pixels, x: int, y: int, radius: int, ink: Colour, *, filled: bool) -> None:
    """A circle; without a radius one pixel."""
    if radius <= 0:
        dot(pixels, x, y, ink)
        return
    if filled:
        for row in range(max(y - radius, 0), min(y + radius, SIZE - 1) + 1):
            half = math.isqrt(radius * radius - (row - y) ** 2)
            fill(pixels, x - half, row, 2 * half + 1, 1, ink)
        return
    if radius > 4 * 2 * SIZE:  # far larger than the screen: only what crosses it
        _arc(pixels, x, y, radius, ink)
        return
    across, down, decision = 0, radius, 3 - 2 * radius
    while down >= across:
        for a, b in ((across, down), (down, across)):
            for sign_a in (1, -1):
                for sign_b in (1, -1):
                    dot(pixels, x + sign_a * a, y + sign_b * b, ink)
        if decision < 0:
            decision += 4 * across + 6
        else:
            decision += 4 * (across - down) + 10
            down -= 1
        across += 1


def polygon(pixels: Pixels, points: Sequence[tuple[int, int]], ink: Colour) -> None:
    """Three points are filled; of more only the outline is drawn."""
    if len(points) < 2:
        return
    if len(points) == 3:
        _triangle(pixels, points, ink)
        return
    ends = [*points[1:], points[0]]
    for (x0, y0), (x1, y1) in zip(points, ends if len(points) > 2 else ends[:1], strict=False):
        line(pixels, x0, y0, x1, y1, ink)


def letter(pixels: Pixels, glyph: Glyph, x: int, y: int, scale: int, ink: Colour) -> int:  # noqa: PLR0917
    """A glyph; its background stays as it was. Returns how far the next one is away.

    Known bug (2.4): at scale 1 each horizontal run of pixels is one pixel too long.
    """
    for row, bits in enumerate(glyph):
        for start, end in _runs(bits):
            width = (end - start) * scale + (scale == 1)
            rectangle(pixels, x + start * scale, y + row * scale, width, scale, ink, filled=True)
    return ADVANCE * scale


def picture(pixels: Pixels, x: int, y: int, rgb: Pixels) -> None:
    """A picture of any size whose upper left corner is on the screen's plane."""
    part = rgb[: max(SIZE - y, 0), : max(SIZE - x, 0)]
    pixels[y : y + part.shape[0], x : x + part.shape[1]] = part


def _clipped(x0: int, y0: int, x1: int, y1: int) -> tuple[int, int, int, int] | None:
    """What of a line is on the screen, by Liang and Barsky; None where nothing is."""
    dx, dy = x1 - x0, y1 - y0
    start, end = 0.0, 1.0
    for along, room in ((-dx, x0), (dx, SIZE - 1 - x0), (-dy, y0), (dy, SIZE - 1 - y0)):
        at = room / along
        if along < 0:
            start = max(start, at)
        else:
            end = min(end, at)
    if start > end:
        return None
    return int(x0 + start * dx + 0.5), int(y0 + start * dy + 0.5), int(x0 + end * dx + 0.5), int(y0 + end * dy + 0.5)


def _steps(x: int, y: int, x1: int, y1: int) -> Iterator[tuple[int, int]]:
    """The pixels of a line, by Bresenham."""
    dx, dy = abs(x1 - x), abs(y1 - y)
    step_x, step_y = (1 if x < x1 else -1), (1 if y < y1 else -1)
    error = dx - dy
    while True:
        yield x, y
        if (x, y) == (x1, y1):
            return
        doubled = 2 * error
        if doubled > -dy:
            error -= dy
            x += step_x
        if doubled < dx:
            error += dx
            y += step_y


def _arc(pixels: Pixels, x: int, y: int, radius: int, ink: Colour) -> None:
    for at in range(SIZE):
        for centre, other, upright in ((y, x, False), (x, y, True)):
            away = at - centre
            if abs(away) > radius:
                continue
            half = math.isqrt(radius * radius - away * away)
            for end in (other - half, other + half):
                dot(pixels, *((at, end) if upright else (end, at)), ink)


def _triangle(pixels: Pixels, points: Sequence[tuple[int, int]], ink: Colour) -> None:
    (top_x, top_y), (mid_x, mid_y), (bottom_x, bottom_y) = sorted(points, key=lambda point: point[1])
    if top_y == bottom_y:
        return  # 2.4: a flat one has no slope and is not drawn
    long = (bottom_x - top_x) / (bottom_y - top_y)
    upper = (mid_x - top_x) / (mid_y - top_y) if mid_y > top_y else 0.0
    lower = (bottom_x - mid_x) / (bottom_y - mid_y) if bottom_y > mid_y else 0.0
    for y in range(max(top_y, 0), min(bottom_y, SIZE - 1) + 1):
        one = top_x + long * (y - top_y)
        other = mid_x + lower * (y - mid_y) if y > mid_y else top_x + upper * (y - top_y)
        left, right = int(min(one, other)), int(max(one, other))
        fill(pixels, left, y, right - left + 1, 1, ink)


def _runs(bits: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], bits, [False]))))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
