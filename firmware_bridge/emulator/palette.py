"""Frame's palette: sixteen entries of luma and chroma in 4, 3 and 3 bits (device reference 2.3); pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Palette = list[tuple[int, int, int]]
"""Sixteen times (Y 0-15, Cb 0-7, Cr 0-7)."""

COLOURS: Final = (
    b"VOID",
    b"WHITE",
    b"GREY",
    b"RED",
    b"PINK",
    b"DARKBROWN",
    b"BROWN",
    b"ORANGE",
    b"YELLOW",
    b"DARKGREEN",
    b"GREEN",
    b"LIGHTGREEN",
    b"NIGHTBLUE",
    b"SEABLUE",
    b"SKYBLUE",
    b"CLOUDBLUE",
)
"""Names as Lua gives them, in the order of their indices."""

DEFAULT_PALETTE: Final = (
    (0, 4, 4),
    (15, 4, 4),
    (7, 4, 4),
    (5, 3, 6),
    (9, 3, 5),
    (2, 2, 5),
    (4, 2, 5),
    (9, 2, 5),
    (13, 2, 4),
    (4, 4, 3),
    (6, 2, 3),
    (10, 1, 3),
    (1, 5, 2),
    (4, 5, 2),
    (8, 5, 2),
    (13, 4, 3),
)


def from_rgb(red: int, green: int, blue: int) -> tuple[int, int, int]:
    """The entry that `assign_color` makes of red, green and blue from 0 to 255, by the firmware's own rounding."""
    luma = int(np.floor(0.299 * red + 0.587 * green + 0.114 * blue)) >> 4
    cb = int(np.floor(-0.169 * red - 0.331 * green + 0.5 * blue + 128)) >> 5
    cr = int(np.floor(0.5 * red - 0.419 * green - 0.081 * blue + 128)) >> 5
    return luma, cb, cr


def to_rgb(palette: Palette) -> NDArray[np.uint8]:
    """The sixteen colours for a picture, (16, 3): full-range BT.601, the inverse of `from_rgb`."""
    entries = np.array(palette, np.float64)
    luma, cb, cr = entries[:, 0] * 17, (entries[:, 1] - 4) * 32, (entries[:, 2] - 4) * 32
    rgb = np.stack([luma + 1.402 * cr, luma - 0.344 * cb - 0.714 * cr, luma + 1.772 * cb], axis=1)
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
