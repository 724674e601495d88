"""A second look at a price: its figures counted by their ink, whatever a reader made of them; pure.

Readers often lose raised cents ("26" for 26.90) or the mark before them ("2690"). Their ink is plain to see: the line
is cut out upright with room at its right, divided into ink and ground, and its characters are told by height and place.
Then the tall figures and the raised ones can be read apart, each as a line of its own. Where the ink does not part into
characters cleanly, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from host.read.line import TextLine
from host.read.reader import Picture

__all__ = ["Ink", "cut_out", "look"]

Gray = npt.NDArray[np.float32]

HEIGHT: Final = 64  # pixels that the line is scaled to; figures of 20 px keep their gaps, and 300 px cost no more
ABOVE: Final = 0.25  # line heights of room above and below
BESIDE: Final = 0.15  # at the left; what stands there is rarely a part of the price
AFTER: Final = 1.1  # at the right: two raised figures
# Heights of characters as shares of the tallest figure.
TALL: Final = 0.8
SMALL: Final = 0.28
HIGH: Final = 0.2  # how far the foot of raised figures is above that of the others
SPECK: Final = 0.07  # ink this low is dirt
CONTRAST: Final = 30.0  # grey levels between ink and ground, of 255; print of half that is not legible
BROAD: Final = 0.8  # of the figures' height: no figure is as wide, one that a raised one touches is
TOUCHED: Final = 0.2  # of the same: the least width of a raised one
FRAME: Final = 0.25  # of its height: what is as thin, tall, and behind raised figures, is the tag's frame
PAIR: Final = 0.88  # of its height: a single figure is at most three quarters as wide as high
ROOM: Final = 0.19  # of the figures' height about what is cut out to be read
SLIT: Final = 2  # pixels behind the last tall figure; raised ones may touch it
WIDE: Final = 1.1  # of its height: two figures that touch, a frame, a shelf's edge


@dataclass(frozen=True, slots=True)
class Ink:
    """The characters of a price.

    Attributes:
        tall: how many figures have full height, 1 or more.
        raised: how many behind them are smaller and stand high.
        points: marks between the tall ones on the base line.
        whole: the tall figures, to be read as a line of their own; grey levels, shape (height, width).
        cents: the raised ones alike; None where there are none.
    """

    tall: int
    raised: int
    points: int
    whole: Picture
    cents: Picture | None


@dataclass(frozen=True, slots=True)
class _Ink:
    """A connected piece of ink: left and top inclusive, right and bottom exclusive, pixels of the cut-out."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def cut_out(picture: Picture, line: TextLine, *, after: float = AFTER) -> Gray:
    """A line upright, `HEIGHT` pixels high with room around it, shape (height, width), grey levels 0 to 255.

    Args:
        picture: the photo that the line was read in.
        line: where to cut.
        after: line heights of room at the right. Room beyond the photo repeats its edge.
    """
    top_left, top_right, bottom_right, bottom_left = (np.array(corner) for corner in line.corners)
    across = ((top_right - top_left) + (bottom_right - bottom_left)) / 2
    down = ((bottom_left - top_left) + (bottom_right - top_right)) / 2
    width, height = max(1.0, float(np.hypot(*across))), max(1.0, float(np.hypot(*down)))
    scale = height / HEIGHT
    columns = int(width / scale + (BESIDE + after) * HEIGHT)
    rows = int(HEIGHT * (1 + 2 * ABOVE))
    x, y = np.meshgrid(np.arange(columns) - BESIDE * HEIGHT, np.arange(rows) - ABOVE * HEIGHT)
    places = top_left + (x[..., None] * scale / width) * across + (y[..., None] / HEIGHT) * down
    gray: Gray = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
    return _sampled(gray, places, scale)


def look(picture: Picture, line: TextLine) -> Ink | None:
    """The characters of a price's line and of what follows it; None where they cannot be told.

    Args:
        picture: the photo.
        line: that a reader took for the price, or for the part before its raised cents.
    """
    cut = cut_out(picture, line)
    core = cut[int(ABOVE * HEIGHT) : int((1 + ABOVE) * HEIGHT), : cut.shape[1] - int(AFTER * HEIGHT)]
    ink = _ink(cut, core)
    return None if ink is None else _counted(cut, *_characters(ink, core.shape[1]))


def _sampled(gray: Gray, places: npt.NDArray[np.float64], scale: float) -> Gray:
    """Bilinear samples; where the cut-out is smaller than the photo, means of as many as fit."""
    if scale > 2:  # else every other pixel would be left out
        step = int(scale)
        high, wide = (size // step * step for size in gray.shape)
        gray = gray[:high, :wide].reshape(high // step, step, wide // step, step).mean(axis=(1, 3))
        places = places / step
    x = np.clip(places[..., 0], 0, gray.shape[1] - 1.001)
    y = np.clip(places[..., 1], 0, gray.shape[0] - 1.001)
    left, top = x.astype(int), y.astype(int)
    fx, fy = x - left, y - top
    right, bottom = np.minimum(left + 1, gray.shape[1] - 1), np.minimum(top + 1, gray.shape[0] - 1)
    upper = gray[top, left] * (1 - fx) + gray[top, right] * fx
    lower = gray[bottom, left] * (1 - fx) + gray[bottom, right] * fx
    samples: Gray = (upper * (1 - fy) + lower * fy).astype(np.float32)
    return samples


def _ink(cut: Gray, core: Gray) -> npt.NDArray[np.bool_] | None:
    """Where ink is: the rarer of two levels, dark or light, in the middle of the line, where no frame is."""
    rows, columns = core.shape
    middle = core[rows // 8 : rows - rows // 8, columns // 8 : columns - columns // 8]
    level = _otsu(middle)
    dark, light = middle[middle <= level], middle[middle > level]
    if not dark.size or not light.size or light.mean() - dark.mean() < CONTRAST:
        return None
    return cut <= level if dark.size < light.size else cut > level


def _otsu(values: Gray) -> float:
    """The level that parts values best (Otsu 1979)."""
    counts, edges = np.histogram(values, bins=64, range=(0, 256))
    levels = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * levels)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[int(np.nanargmax(np.where(np.isfinite(between), between, -1))) + 1])


def _pieces(ink: npt.NDArray[np.bool_]) -> list[_Ink]:
    """Connected pieces, diagonals included, by runs of one row after the other."""
    boxes: list[list[int]] = []
    parent: list[int] = []

    def root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    above: list[tuple[int, int, int]] = []
    for y, row in enumerate(ink):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], row.view(np.int8), [0]))))
        here = []
        for left, right in edges.reshape(-1, 2).tolist():
            touching = {root(index) for start, end, index in above if start <= right and left <= end}
            index = min(touching, default=len(boxes))
            if index == len(boxes):
                boxes.append([left, y, right, y + 1])
                parent.append(index)
            box = boxes[index]
            box[0], box[2], box[3] = min(box[0], left), max(box[2], right), y + 1
            for other in touching - {index}:
                parent[other] = index
                _grow(box, boxes[other])
            here.append((left, right, index))
        above = here
    return [_Ink(*box) for index, box in enumerate(boxes) if parent[index] == index]


def _grow(box: list[int], other: Sequence[int]) -> None:
    box[:2] = min(box[0], other[0]), min(box[1], other[1])
    box[2:] = max(box[2], other[2]), max(box[3], other[3])


def _characters(ink: npt.NDArray[np.bool_], core_width: int) -> tuple[list[_Ink], float, float]:
    """The characters of the line from left to right, and the head and the foot of its figures.

    What reaches far beyond the figures is a frame, what stands above or below them another line. Pieces above each
    other are one character; one that is wide where only the figures' upper half goes on has raised figures touching it.
    """
    pieces = [piece for piece in _pieces(ink) if piece.height >= SPECK * HEIGHT]
    figures = [p for p in pieces if p.left < core_width and 0.5 * HEIGHT <= p.height <= 1.1 * HEIGHT]
    if not figures:
        return [], 0, 0
    head = float(np.median([piece.top for piece in figures]))
    foot = float(np.median([piece.bottom for piece in figures]))
    room = HIGH * (foot - head)
    found: list[_Ink] = []
    for piece in sorted(pieces, key=lambda piece: piece.left):
        if piece.top < head - room or piece.bottom > foot + room:
            continue
        last = found[-1] if found else None
        if last is not None and min(last.right, piece.right) - piece.left > 0.6 * min(last.width, piece.width):
            box = [last.left, last.top, last.right, last.bottom]
            _grow(box, (piece.left, piece.top, piece.right, piece.bottom))
            found[-1] = _Ink(*box)
        else:
            found.append(piece)
    return [part for piece in found for part in _parted(piece, ink, head, foot)], head, foot


def _parted(piece: _Ink, ink: npt.NDArray[np.bool_], head: float, foot: float) -> list[_Ink]:
    """A figure and the raised one that touches it, as two pieces; the piece itself where there is none."""
    tall = foot - head
    low = ink[int(foot - 0.35 * tall) : piece.bottom, piece.left : piece.right].any(axis=0)
    if piece.height < TALL * tall or piece.width < BROAD * tall or not low.any():
        return [piece]
    end = piece.left + int(np.flatnonzero(low)[-1]) + 1
    if min(piece.right - end, end - piece.left) < TOUCHED * tall:
        return [piece]
    rows = np.flatnonzero(ink[piece.top : piece.bottom, end : piece.right].any(axis=1))
    return [
        _Ink(piece.left, piece.top, end, piece.bottom),
        _Ink(end, piece.top + int(rows[0]), piece.right, piece.top + int(rows[-1]) + 1),
    ]


def _counted(cut: Gray, characters: Sequence[_Ink], head: float, foot: float) -> Ink | None:
    """The price that the characters make; None where one of them is neither figure nor point."""
    tall: list[_Ink] = []
    raised: list[_Ink] = []
    points = 0
    for piece, kind in _kinds(characters, head, foot):
        if not kind or (kind == "tall" and raised):
            return None
        if kind == "point":
            points += 1
        else:
            (tall if kind == "tall" else raised).append(piece)
    if not tall:
        return None
    room = int(ROOM * (foot - head))
    whole = _Ink(tall[0].left - room, int(head) - room, tall[-1].right + SLIT, int(foot) + room)
    if not raised:
        return Ink(len(tall), 0, points, _cropped(cut, whole, 1), None)
    top, bottom = min(piece.top for piece in raised), max(piece.bottom for piece in raised)
    cents = _Ink(tall[-1].right, top - room, raised[-1].right + room, bottom + room // 2)
    count = sum((1 if piece.width < PAIR * piece.height else 2) for piece in raised)  # raised figures often touch
    return Ink(len(tall), count, points, _cropped(cut, whole, 1), _cropped(cut, cents, 2))


def _kinds(characters: Sequence[_Ink], head: float, foot: float) -> Iterator[tuple[_Ink, str]]:
    """The number's characters as "tall", "raised", "point" or "" for what is none of them, as far as they go on."""
    size = foot - head
    end, high = None, False
    for piece in characters:
        frame = high and piece.height >= TALL * size and piece.width < FRAME * piece.height
        if (end is not None and piece.left - end > 0.5 * size) or frame:
            return  # what follows a gap is no part of the number
        kind = _kind(piece, head, foot)
        if kind != "speck":
            yield piece, kind
            end, high = piece.right, kind == "raised"


def _kind(piece: _Ink, head: float, foot: float) -> str:
    size = foot - head
    if piece.height <= SMALL * size:
        return "point" if piece.top > (head + foot) / 2 else "speck"
    if piece.height >= TALL * size:
        return "tall" if piece.width <= WIDE * piece.height else ""
    high = piece.top - head <= HIGH * size and foot - piece.bottom >= HIGH * size
    return "raised" if high and piece.width <= 2 * piece.height else ""


def _cropped(cut: Gray, box: _Ink, times: int) -> Picture:
    """A part of the cut-out, so many times as large, in three equal colours as readers want it."""
    rows, columns = cut.shape
    part = cut[max(0, box.top) : min(rows, box.bottom), max(0, box.left) : min(columns, box.right)]
    y, x = (np.arange(size * times) / times for size in part.shape)
    larger = _sampled(part, np.stack(np.meshgrid(x, y), axis=-1), 1) if times > 1 else part
    return np.repeat(np.clip(larger, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
