"""How good a photo is for reading, as figures, and what the wearer can do about it; pure.

The figures are about light, blur and the size of the letters, each in units of its own, so that they can be compared
between photos of different things. Advice is given only where a photo of these figures was not read: see the limits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from host.read.line import Box, TextLine
from host.read.reader import Picture

__all__ = ["Advice", "Quality", "advice", "measure"]

TILE: Final = 16  # pixels; contrast and edges are those of three by three tiles, where a blur of 10 pixels has room
MIN_CONTRAST: Final = 24.0  # of 255 within a tile: less is paper, skin or noise
TILES_NEEDED: Final = 4
SHARPEST: Final = 0.2  # share of the tiles with contrast whose edges stand for the photo: the letters, not their ground


class Advice(StrEnum):
    """What the lens says while a photo cannot be read."""

    MORE_LIGHT = "more light"
    HOLD_STILL = "hold still"
    CLOSER = "closer"


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one photo.

    Attributes:
        light: how bright its bright parts are (the 95th percentile), 0 to 1.
        contrast: difference of its bright and its dark parts (95th and 5th percentile), 0 to 1.
        blur_px: standard deviation, in pixels, of the Gaussian blur that its sharpest edges have; None where it has no
            edges. A sharp photo has 0.6 to 1.1. Blur of more than 3 pixels looks less in a JPEG of low quality, whose
            blocks have edges of their own.
        text_px: height of its largest line in pixels, as its reader draws boxes; None where no text was read.
        longest_px: its longer side.
    """

    light: float
    contrast: float
    blur_px: float | None
    text_px: float | None = None
    longest_px: int = 720


def measure(picture: Picture, lines: Sequence[TextLine] = ()) -> Quality:
    """The figures of a photo; with lines that were read for certain, blur is that of the largest of them."""
    grey = _grey(picture)
    low, high = (float(v) for v in np.percentile(grey, (5, 95)))
    largest = max(lines, key=lambda line: line.height, default=None)
    area = grey if largest is None else _cut(grey, largest.box)
    blur = _blur(area)
    height = None if largest is None else largest.height
    return Quality(
        light=round(high / 255, 3),
        contrast=round((high - low) / 255, 3),
        blur_px=None if blur is None else round(blur, 2),
        text_px=None if height is None else round(height, 1),
        longest_px=max(grey.shape),
    )


# Limits: where the embedded reader began to fail on words drawn small, blurred or dark, JPEG quality 50.
DARK: Final = 0.08  # drawn text was read at 0.06 and not at 0.04; what a real sensor takes there is noise
BLURRED: Final = 0.065  # of the line's height: read at 0.056, not at 0.07
BLURRED_UNREAD: Final = 1.5 / 720  # of the longer side, where nothing was read; 720 is Frame's
SHARP_PX: Final = 1.1  # sharp photos have 0.6 to 1.1
SMALL_PX: Final = 14.0  # lines of 15 pixels were all read, of 12 two in nine


def advice(quality: Quality) -> Advice | None:
    """What would make the photo readable; None where nothing in its figures speaks against it.

    Darkness goes first, because it lengthens the exposure and so blurs, then blur, because blurred letters seem small.
    """
    if quality.light < DARK:
        return Advice.MORE_LIGHT
    if quality.blur_px is not None:
        limit = BLURRED_UNREAD * quality.longest_px if quality.text_px is None else BLURRED * quality.text_px
        if quality.blur_px > max(SHARP_PX, limit):
            return Advice.HOLD_STILL
    if quality.text_px is not None and quality.text_px < SMALL_PX:
        return Advice.CLOSER
    return None


def _grey(picture: Picture) -> npt.NDArray[np.float32]:
    """Luma (ITU-R BT.601), shape (height, width), 0 to 255."""
    return picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def _cut(grey: npt.NDArray[np.float32], box: Box) -> npt.NDArray[np.float32]:
    top, left = max(0, math.floor(box.top)), max(0, math.floor(box.left))
    return grey[top : max(top + 1, math.ceil(box.bottom)), left : max(left + 1, math.ceil(box.right))]


def _blur(grey: npt.NDArray[np.float32]) -> float | None:
    """A step of height c that was blurred by s has its steepest slope c / (s sqrt(2 pi)): s from both, tile by tile."""
    if min(grey.shape) < 3:
        return None
    across = (grey[1:-1, 2:] - grey[1:-1, :-2]) / 2
    down = (grey[2:, 1:-1] - grey[:-2, 1:-1]) / 2
    slope = np.hypot(across, down)
    inner = grey[1:-1, 1:-1]
    contrast = _per_tile(np.maximum, inner) - _per_tile(np.minimum, inner)
    steepest = _per_tile(np.maximum, slope)
    good = (contrast >= MIN_CONTRAST) & (steepest > 0)
    if int(good.sum()) < TILES_NEEDED:
        return None
    return float(np.quantile(contrast[good] / (steepest[good] * math.sqrt(2 * math.pi)), SHARPEST))


def _per_tile(most: np.ufunc, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The largest or smallest value in each tile and those around it."""
    rows, columns = (np.arange(0, length, TILE) for length in values.shape)
    tiles = np.pad(most.reduceat(most.reduceat(values, rows, axis=0), columns, axis=1), 1, mode="edge")
    around: npt.NDArray[np.float32] = most.reduce(sliding_window_view(tiles, (3, 3)), axis=(2, 3))
    return around
