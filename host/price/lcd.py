"""Prices on displays of seven segments, which readers of print do not read; pure.

Figures are looked for by their shape: pieces of ink of one height on one row, with two smaller ones behind them that
stand high, or with a point before the last two. Of each figure the seven segments are measured against the ground
inside it. A segment is on or off beyond doubt, and together they make a figure, or nothing is said at all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from host.price.cut import Gray, means, sampled
from host.price.figures import Look
from host.price.ink import Piece, pieces_of
from host.read.line import Corners, TextLine
from host.read.reader import Picture

__all__ = ["PATTERNS", "displayed"]

PATTERNS: Final = {
    "abcdef": "0", "bc": "1", "abdeg": "2", "abcdg": "3", "bcfg": "4", "acdfg": "5", "acdefg": "6", "abc": "7",
    "abcdefg": "8", "abcdfg": "9", "cdefg": "6", "abcfg": "9", "abcf": "7",
}  # fmt: skip
"""Segments that are on, a to f clockwise from the top and g in the middle, to the figure; 6, 7 and 9 have two forms."""

SIDE: Final = 720  # pixels of the longer side that is looked at
LEAST: Final = 18  # pixels of a figure's height; a segment is a seventh of that
WINDOW: Final = 5  # share of the longer side about which a pixel is dark or not
DARKER: Final = 0.12  # of the mean about it; displays have little contrast
GAPS: Final = (1, 2, 4)  # half of what parts two segments of a figure, pixels
ALIKE: Final = 0.18  # of the height: figures of one row differ by less in height and place
ALONE: Final = 0.9  # of the height before the first figure in which nothing as tall may stand
NEAR: Final = 0.45  # of the height before a figure: there the right side of another would be
CLOSE: Final = 0.12  # of the height: so near a figure ink is its own
INKED: Final = 0.4  # share of the rows before the first figure that may have ink: shades, a sign
APART: Final = 0.6  # of the height between two figures
RAISED: Final = (0.4, 0.8)  # of the height of figures: that of raised ones
NARROW: Final = 0.36  # of the height: a figure this narrow is a 1
ON: Final = 0.6  # of the contrast within a figure
OFF: Final = 0.35  # between the two is doubt
AGREE: Final = 3  # of the leans that are tried
LEANS: Final = (0.0, 0.05, 0.1, 0.15, 0.2)  # of the height, that figures lean to the right at the top
MOST: Final = 5  # figures of full height
CONTRAST: Final = 25.0  # grey levels between segments that are on and their ground

# Each segment: the share of the cell's width and height that it covers, left, top, right, bottom.
_PLACES: Final = {
    "a": (0.3, 0.0, 0.7, 0.16), "g": (0.3, 0.42, 0.7, 0.58), "d": (0.3, 0.84, 0.7, 1.0),
    "f": (0.0, 0.18, 0.28, 0.38), "b": (0.72, 0.18, 1.0, 0.38), "e": (0.0, 0.62, 0.28, 0.82),
    "c": (0.72, 0.62, 1.0, 0.82),
}  # fmt: skip
_HOLES: Final = ((0.42, 0.24, 0.58, 0.34), (0.42, 0.66, 0.58, 0.76))


def displayed(picture: Picture, angle: float = 0.0) -> tuple[TextLine, Look] | None:
    """The price on a display in a photo, as a line with a second look at it; None where none is beyond doubt.

    Args:
        picture: the photo.
        angle: of the tag, radians as `TextLine.angle`.
    """
    height, width = picture.shape[:2]
    scale = max(height, width) / SIDE
    along, across = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    x, y = np.meshgrid(
        np.arange(int(width / scale)) * scale - width / 2, np.arange(int(height / scale)) * scale - height / 2
    )
    places = x[..., None] * along + y[..., None] * across + np.array([width / 2, height / 2])
    grey = sampled(picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32), places, scale)
    found = {said: row for row in _rows(grey) if (said := _said(grey, *row)) is not None}
    if len({(whole, cents) for whole, cents, _ in found}) != 1:
        return None
    (whole, cents, raised), (tall, small, _) = next(iter(found.items()))
    box = _around([*tall, *small])
    line = TextLine(whole + cents, _corners(box, places), 1.0)
    if raised:
        return line, Look(len(whole), 2, 0, whole, cents, 1.0)
    return TextLine(f"{whole}.{cents}", line.corners, 1.0), Look(
        len(whole) + len(cents), 0, 1, f"{whole}.{cents}", "", 1.0
    )


def _rows(grey: Gray) -> Iterator[tuple[list[Piece], list[Piece], bool]]:
    """Figures of full height from left to right, the two that follow them, and whether those are raised."""
    dark = grey < means(grey, max(9, max(grey.shape) // WINDOW)) * (1 - DARKER)
    for reach in GAPS:
        pieces = [_shrunk(piece, reach) for piece in pieces_of(_thicker(dark, reach))]
        pieces = sorted(
            (piece for piece in pieces if piece.height > 1 and piece.width > 1), key=lambda piece: piece.left
        )
        whole = sorted([*pieces, *_halves(pieces)], key=lambda piece: piece.left)
        figures = [p for p in whole if p.height >= LEAST / 2 and 0.06 * p.height <= p.width <= 0.9 * p.height]
        for first in figures:
            if first.height >= LEAST and not _begun(first, pieces) and not _inked(first, dark):
                yield from _row(first, figures, pieces)


def _halves(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Figures without a middle segment, whose halves do not touch."""
    tall = [piece for piece in pieces if piece.height >= LEAST / 4]
    for upper in tall:
        for lower in tall:
            high = max(upper.height, lower.height)
            shared = min(upper.right, lower.right) - max(upper.left, lower.left)
            close = 0 <= lower.top - upper.bottom <= 0.3 * high and min(upper.height, lower.height) >= 0.7 * high
            if close and shared >= 0.6 * min(upper.width, lower.width):
                yield _around([upper, lower])


def _begun(first: Piece, pieces: Sequence[Piece]) -> bool:
    """Whether what stands before a figure may be one, too: a number without its first figure is a wrong one."""
    size = first.height
    return any(
        piece is not first
        and piece.height >= 0.5 * size
        and min(piece.bottom, first.bottom) - max(piece.top, first.top) >= 0.4 * size
        and first.left - ALONE * size <= piece.right <= first.left + 0.2 * size
        and piece.left < first.left
        for piece in pieces
    )


def _inked(first: Piece, dark: npt.NDArray[np.bool_]) -> bool:
    """Whether so much ink stands before a figure that another may have flowed into what is about it."""
    size = first.height
    room = dark[
        first.top : first.bottom, max(0, first.left - int(NEAR * size)) : max(0, first.left - int(CLOSE * size))
    ]
    return bool(room.any(axis=1).mean() > INKED) if room.size else False


def _row(
    first: Piece, figures: Sequence[Piece], pieces: Sequence[Piece]
) -> Iterator[tuple[list[Piece], list[Piece], bool]]:
    size = first.height
    tall = [first]
    rest = [piece for piece in figures if piece.left > first.left]
    for piece in rest:
        if _alike(piece, tall[-1], size) and _follows(tall[-1], piece, size):
            tall.append(piece)
    low, high = (share * size for share in RAISED)
    raised: list[Piece] = []
    for piece in rest:
        last = (raised or tall)[-1]
        fits = low <= piece.height <= high and abs(piece.top - tall[-1].top) <= 2 * ALIKE * size
        if fits and _follows(last, piece, size) and piece.left > tall[-1].left:
            raised.append(piece)
    if len(raised) == 2 and len(tall) <= MOST:
        yield tall, raised, True
    elif not raised and 3 <= len(tall) <= MOST + 2:
        foot = tall[-3].bottom
        between = [
            piece
            for piece in pieces
            if tall[-3].right - 0.1 * size <= piece.left
            and piece.right <= tall[-2].left + 0.15 * size
            and piece.height <= 0.25 * size
            and piece.width <= 0.25 * size
            and foot - 0.2 * size <= piece.bottom <= foot + 0.2 * size
            and piece.height >= 0.05 * size
        ]
        if between:
            yield tall[:-2], tall[-2:], False


def _alike(one: Piece, other: Piece, size: float) -> bool:
    near = ALIKE * size
    return abs(one.height - other.height) <= near and abs(one.top - other.top) <= near


def _follows(left: Piece, right: Piece, size: float) -> bool:
    return left.left < right.left and -0.2 * size <= right.left - left.right <= APART * size


def _said(grey: Gray, tall: Sequence[Piece], small: Sequence[Piece], raised: bool) -> tuple[str, str, bool] | None:  # noqa: FBT001 - as `_rows` gives it
    """The figures before and behind the point; None where one of them is in doubt."""
    readings = Counter((_figures(grey, tall, lean), _figures(grey, small, lean)) for lean in LEANS)
    (whole, cents), votes = readings.most_common(1)[0]
    if not whole or not cents or votes < AGREE or set(whole + cents) == {"1"}:  # bars of a code are ones as well
        return None
    return whole, cents, raised


def _figures(grey: Gray, pieces: Sequence[Piece], lean: float) -> str:
    width = max((piece.width for piece in pieces if piece.width >= NARROW * piece.height), default=0)
    height = max(piece.height for piece in pieces)  # of one that has lost its lowest segment, too
    text = ""
    for piece in pieces:
        cell = Piece(piece.left, piece.top, piece.right, piece.top + height)
        figure = _figure(grey, cell, width or 0.6 * height, lean)
        if not figure:
            return ""
        text += figure
    return text


def _figure(grey: Gray, piece: Piece, width: float, lean: float) -> str:
    """One figure; empty where a segment is in doubt. A narrow one fills the right side of its cell."""
    left = piece.left if piece.width >= NARROW * piece.height else piece.right - width
    inner = max(1.0, max(width, piece.width) - lean * piece.height)

    def level(place: tuple[float, float, float, float], axis: int | None) -> float:
        """Across a segment, along that axis, the darkest, and of these the mean; of a hole the median."""
        u, v = np.meshgrid(np.linspace(place[0], place[2], 7), np.linspace(place[1], place[3], 7))
        y = piece.top + v * (piece.height - 1)
        x = left + u * (inner - 1) + lean * (piece.bottom - 1 - y)
        levels = grey[
            np.clip(np.rint(y).astype(int), 0, grey.shape[0] - 1), np.clip(np.rint(x).astype(int), 0, grey.shape[1] - 1)
        ]
        return float(np.median(levels) if axis is None else levels.min(axis=axis).mean())

    ground = max(level(hole, None) for hole in _HOLES)
    levels = {name: level(place, 1 if name in "fbec" else 0) for name, place in _PLACES.items()}
    darkest = min(levels.values())
    if ground - darkest < CONTRAST:
        return ""
    shares = {name: (ground - seen) / (ground - darkest) for name, seen in levels.items()}
    if any(OFF < share < ON for share in shares.values()):
        return ""
    return PATTERNS.get("".join(sorted(name for name, share in shares.items() if share >= ON)), "")


def _thicker(mask: npt.NDArray[np.bool_], reach: int) -> npt.NDArray[np.bool_]:
    for axis in (0, 1):
        grown = mask.copy()
        for step in range(1, reach + 1):
            ahead, behind = [slice(None)] * 2, [slice(None)] * 2
            ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
            grown[tuple(ahead)] |= mask[tuple(behind)]
            grown[tuple(behind)] |= mask[tuple(ahead)]
        mask = grown
    return mask


def _shrunk(piece: Piece, reach: int) -> Piece:
    return Piece(piece.left + reach, piece.top + reach, piece.right - reach, piece.bottom - reach)


def _around(pieces: Sequence[Piece]) -> Piece:
    return Piece(
        min(p.left for p in pieces),
        min(p.top for p in pieces),
        max(p.right for p in pieces),
        max(p.bottom for p in pieces),
    )


def _corners(box: Piece, places: npt.NDArray[np.float64]) -> Corners:
    """Of a box in the turned picture, as it stands in the photo."""

    def place(x: int, y: int) -> tuple[float, float]:
        point = places[min(max(y, 0), places.shape[0] - 1), min(max(x, 0), places.shape[1] - 1)]
        return float(point[0]), float(point[1])

    return (
        place(box.left, box.top),
        place(box.right, box.top),
        place(box.right, box.bottom),
        place(box.left, box.bottom),
    )
