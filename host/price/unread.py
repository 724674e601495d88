"""Figures larger than the price that was read, which the reader left out; pure.

Readers overlook a price in thick figures, or one that is turned, and find the small unit price beside it: that alone
would pass for the price. So what is larger is looked for by its ink, on the same ground as the number that was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from host.price.cut import LUMA, Gray, means, sampled
from host.price.ink import Piece, pieces_of
from host.read.line import Corners, Point, TextLine
from host.read.reader import Picture

__all__ = ["larger"]

HEIGHT: Final = 20  # pixels that the line is scaled to: strokes of figures twice as tall keep their gaps
REACH: Final = (11.0, 5.0)  # line heights about the line that are looked at, across and down
TALLER: Final = 1.15  # line heights: lines have room about their ink, so no figure of a line as large is so tall
TALLEST: Final = 5.0  # of ten chains' tags the price is two to four times as tall as the unit price
NARROW, WIDE = 0.3, 2.4  # of its height: one figure but "1", or several that touch
FILLED: Final = (0.2, 0.75)  # share of its box that is ink; frames have less, pictures and bars more
ALIKE: Final = 0.15  # of their height: figures of one number differ by less
GAP: Final = 0.35  # of their height between two of them
WINDOW: Final = 6  # line heights about which ink is darker than the ground
DARKER: Final = 0.25  # of the mean about it
COVERED: Final = 0.3  # of its box by lines that were read
MOST: Final = 4  # the tallest, each costs a reading


def larger(picture: Picture, line: TextLine, lines: Sequence[TextLine], angle: float) -> list[Corners]:
    """Where ink stands that may be figures taller than the line's, and no line was read; the tallest first.

    Args:
        picture: the photo.
        line: that the price was read in.
        lines: all that were read.
        angle: of the tag, radians as `TextLine.angle`.
    """
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    scale = line.height / HEIGHT
    middle = np.array(line.corners).mean(axis=0)
    wide, high = int(REACH[0] * HEIGHT + line.width / scale / 2), int(REACH[1] * HEIGHT)
    x, y = np.meshgrid(np.arange(-wide, wide) * scale, np.arange(-high, high) * scale)
    places = middle + x[..., None] * along + y[..., None] * across
    rows, columns = picture.shape[:2]
    inside = (places[..., 0] >= 0) & (places[..., 0] < columns) & (places[..., 1] >= 0) & (places[..., 1] < rows)
    grey = sampled(picture.astype(np.float32) @ np.array(LUMA, np.float32), places, scale)
    found = [place for level in (grey, 255 - grey) for place in _standing(level, inside, places, lines)]
    return [corners for _, corners in sorted(found, reverse=True)[:MOST]]


def _standing(
    grey: Gray, inside: npt.NDArray[np.bool_], places: npt.NDArray[np.float64], lines: Sequence[TextLine]
) -> Iterator[tuple[int, Corners]]:
    """The height and the place of ink, darker than its ground, that may be figures."""
    ink = (grey < means(grey, WINDOW * HEIGHT) * (1 - DARKER)) & inside
    single = [
        piece
        for piece in pieces_of(ink)
        if TALLER * HEIGHT <= piece.height <= TALLEST * HEIGHT and piece.width <= WIDE * piece.height
    ]
    for piece in _numbers(single):
        part = np.s_[piece.top : piece.bottom, piece.left : piece.right]
        if piece.width < NARROW * piece.height or not inside[part].all():
            continue
        corners = _corners(piece, places)
        if FILLED[0] <= ink[part].mean() <= FILLED[1] and not _covered(corners, lines):
            yield piece.height, corners


def _numbers(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces of one height beside each other as one."""
    found: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.left):
        near = ALIKE * piece.height
        for index, last in enumerate(found):
            level = abs(last.top - piece.top) <= near and abs(last.bottom - piece.bottom) <= near
            if level and -near <= piece.left - last.right <= GAP * piece.height:
                top, bottom = min(last.top, piece.top), max(last.bottom, piece.bottom)
                found[index] = Piece(last.left, top, max(last.right, piece.right), bottom)
                break
        else:
            found.append(piece)
    return found


def _covered(corners: Corners, lines: Sequence[TextLine]) -> bool:
    box = TextLine("", corners).box
    return any(line.box.shared_area(box) > COVERED for line in lines)


def _corners(piece: Piece, places: npt.NDArray[np.float64]) -> Corners:
    def point(x: int, y: int) -> Point:
        return float(places[y, x, 0]), float(places[y, x, 1])

    right, bottom = piece.right - 1, piece.bottom - 1
    return point(piece.left, piece.top), point(right, piece.top), point(right, bottom), point(piece.left, bottom)
