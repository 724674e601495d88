"""A second look at a price: its figures counted by their ink, whatever a reader made of them; pure.

Readers often lose raised cents ("26" for 26.90) or the mark before them ("2690"). Their ink is plain to see: the line
is cut out upright with room at its right, divided into ink and ground, and its characters are told by height and place.
Then the tall figures and the raised ones can be read apart, each as a line of its own. Where the ink does not part into
characters cleanly, nothing is said.

Boxes around raised cents lean, because readers fit them tightly: the line is cut out at the angle of the tag. What the
reader left out at either side still counts, its signs ("€", "kr") do not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from host.price.cut import ABOVE, HEIGHT, Gray, cut_out, inks, sampled
from host.read.line import TextLine
from host.read.reader import Picture

__all__ = ["Ink", "Piece", "look", "pieces_of", "struck_out"]

NEAR: Final = 0.3  # of the figures' height between two of one number; what a reader left out is no further
# Heights of characters as shares of the tallest figure.
TALL: Final = 0.8
SMALL: Final = 0.28
HIGH: Final = 0.2  # how far the foot of raised figures is above that of the others
LEAST: Final = 0.4  # of the line's height: its figures are at least as tall, whatever room the reader gave it
SPECK: Final = 0.07  # ink this low is dirt
AGREE: Final = 3  # of the eight counts that the levels of ink make, more than make any other
BROAD: Final = 0.8  # of the figures' height: no figure is as wide, one that a raised one touches is
TOUCHED: Final = 0.2  # of the same: the least width of a raised one
FRAME: Final = 0.25  # of its height: what is as thin, tall, and behind raised figures, is the tag's frame
PAIR: Final = 0.88  # of its height: a single figure is at most three quarters as wide as high
ROOM: Final = 0.19  # of the figures' height about what is cut out to be read
SLIT: Final = 2  # pixels behind the last tall figure; raised ones may touch it
STRUCK: Final = 0.93  # of its length a line that strikes letters out is ink; between letters there is none else
STRUCK_WIDTH: Final = 1.2  # line heights: what is shorter may be one letter with a bar
QUOTES: Final = "\"'^*`\u00b0\u00b4\u2018\u2019\u201c\u201d "
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
class Piece:
    """A connected piece of ink: left and top inclusive, right and bottom exclusive, pixels of the cut-out."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.right - self.left


def look(picture: Picture, line: TextLine, *, angle: float | None = None) -> Ink | None:
    """The characters of a price's line and of what stands beside it; None where they cannot be told.

    Args:
        picture: the photo.
        line: that a reader took for the price, or for the part before its raised cents.
        angle: as of `cut_out`.
    """
    span = _digits(line.text)
    if span is None:
        return None
    cut = cut_out(picture, line, angle=angle)
    begin, end = (cut.start + share * (cut.end - cut.start) for share in span)
    counts: dict[tuple[int, int, int], list[Ink]] = {}
    for ink in inks(cut):
        characters, head, foot = _characters(ink, begin, end)
        number = _of_number(characters, begin, end if span[1] < 1 else np.inf, foot - head, signed=span[0] > 0)
        found = _counted(cut.grey, number, head, foot)
        if found is not None:
            counts.setdefault((found.tall, found.raised, found.points), []).append(found)
    most = sorted(counts.values(), key=len)
    if not most or len(most[-1]) < AGREE or (len(most) > 1 and len(most[-1]) == len(most[-2])):
        return None
    return most[-1][len(most[-1]) // 2]


def struck_out(picture: Picture, line: TextLine) -> bool:
    """Whether a straight line goes through all of the line's letters, as through an old price."""
    cut = cut_out(picture, line)
    ink = next(inks(cut), None)
    if ink is None or cut.end - cut.start < STRUCK_WIDTH * HEIGHT:
        return False
    columns = np.flatnonzero(ink[int(ABOVE * HEIGHT) : int((1 + ABOVE) * HEIGHT), cut.start : cut.end].any(axis=0))
    if columns.size < HEIGHT // 2:
        return False
    x = cut.start + np.arange(columns[0], columns[-1] + 1)
    along = (x - x[0]) / max(1, len(x) - 1)
    thick = ink | np.roll(ink, 1, axis=0)
    heights = int(ABOVE * HEIGHT) + np.linspace(0.15, 0.85, 15) * HEIGHT
    through = (thick[(left + (right - left) * along).astype(int), x].mean() for left in heights for right in heights)
    return bool(max(through) >= STRUCK)


def _digits(text: str) -> tuple[float, float] | None:
    """Where in a line its number begins and ends, shares of its width; None where there is none, or words are in it.

    Quotes behind it are raised figures that were misread.
    """
    text = text.rstrip(QUOTES)
    places = [index for index, character in enumerate(text) if character.isdigit()]
    if not places or any(c.isalpha() for c in text[places[0] : places[-1]]):
        return None
    ends = np.cumsum([0.0, *(_advance(character) for character in text)])
    begin = 0.0 if places[0] == 0 else float(ends[places[0]] / ends[-1])
    return begin, 1.0 if places[-1] == len(text) - 1 else float(ends[places[-1] + 1] / ends[-1])


def _advance(character: str) -> float:
    """How wide a character is, in heights of figures, as in most types."""
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 1.25
    return 0.36 if character in " .,:;'|!il-" else 0.68


def pieces_of(ink: npt.NDArray[np.bool_]) -> list[Piece]:
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
    return [Piece(*box) for index, box in enumerate(boxes) if parent[index] == index]


def _grow(box: list[int], other: Sequence[int]) -> None:
    box[:2] = min(box[0], other[0]), min(box[1], other[1])
    box[2:] = max(box[2], other[2]), max(box[3], other[3])


def _characters(ink: npt.NDArray[np.bool_], begin: float, end: float) -> tuple[list[Piece], float, float]:
    """The characters of the line from left to right, and the head and the foot of its figures.

    What reaches far beyond the figures is a frame, what stands above or below them another line. Pieces above each
    other are one character; one that is wide where only the figures' upper half goes on has raised figures touching it.
    """
    pieces = [piece for piece in pieces_of(ink) if piece.height >= SPECK * HEIGHT]
    inside = [p for p in pieces if begin <= (p.left + p.right) / 2 < end and p.height <= 1.1 * HEIGHT]
    tallest = max((p.height for p in inside), default=0)
    figures = [p for p in inside if p.height >= TALL * tallest and p.height >= LEAST * HEIGHT]
    if not figures:
        return [], 0, 0
    head = float(np.median([piece.top for piece in figures]))
    foot = float(np.median([piece.bottom for piece in figures]))
    room = HIGH * (foot - head)
    found: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.left):
        if piece.top < head - room or piece.bottom > foot + room:
            continue
        last = found[-1] if found else None
        if last is not None and min(last.right, piece.right) - piece.left > 0.6 * min(last.width, piece.width):
            box = [last.left, last.top, last.right, last.bottom]
            _grow(box, (piece.left, piece.top, piece.right, piece.bottom))
            found[-1] = Piece(*box)
        else:
            found.append(piece)
    return [part for piece in found for part in _parted(piece, ink, head, foot)], head, foot


def _parted(piece: Piece, ink: npt.NDArray[np.bool_], head: float, foot: float) -> list[Piece]:
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
        Piece(piece.left, piece.top, end, piece.bottom),
        Piece(end, piece.top + int(rows[0]), piece.right, piece.top + int(rows[-1]) + 1),
    ]


def _of_number(characters: Sequence[Piece], begin: float, end: float, size: float, *, signed: bool) -> list[Piece]:
    """Those of the number: between two columns, and unless a sign is before it figures that nearly touch it."""
    found = [piece for piece in characters if begin <= (piece.left + piece.right) / 2 < end]
    if signed:
        return found
    for piece in reversed([piece for piece in characters if found and piece.right <= found[0].left]):
        if found[0].left - piece.right > NEAR * size or piece.height < TALL * size:
            break
        found.insert(0, piece)
    return found


def _counted(cut: Gray, characters: Sequence[Piece], head: float, foot: float) -> Ink | None:
    """The price that the characters make; None where one of them is neither figure nor point."""
    tall: list[Piece] = []
    raised: list[Piece] = []
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
    whole = Piece(tall[0].left - room, int(head) - room, tall[-1].right + SLIT, int(foot) + room)
    if not raised:
        return Ink(len(tall), 0, points, _cropped(cut, whole, 1), None)
    top, bottom = min(piece.top for piece in raised), max(piece.bottom for piece in raised)
    cents = Piece(tall[-1].right, top - room, raised[-1].right + room, bottom + room // 2)
    count = sum((1 if piece.width < PAIR * piece.height else 2) for piece in raised)  # raised figures often touch
    return Ink(len(tall), count, points, _cropped(cut, whole, 1), _cropped(cut, cents, 2))


def _kinds(characters: Sequence[Piece], head: float, foot: float) -> Iterator[tuple[Piece, str]]:
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


def _kind(piece: Piece, head: float, foot: float) -> str:
    size = foot - head
    if piece.height <= SMALL * size:
        return "point" if piece.top > (head + foot) / 2 else "speck"
    if piece.height >= TALL * size:
        return "tall" if piece.width <= WIDE * piece.height else ""
    high = piece.top - head <= HIGH * size and foot - piece.bottom >= HIGH * size
    return "raised" if high and piece.width <= 2 * piece.height else ""


def _cropped(cut: Gray, box: Piece, times: int) -> Picture:
    """A part of the cut-out, so many times as large, in three equal colours as readers want it."""
    rows, columns = cut.shape
    part = cut[max(0, box.top) : min(rows, box.bottom), max(0, box.left) : min(columns, box.right)]
    y, x = (np.arange(size * times) / times for size in part.shape)
    larger = sampled(part, np.stack(np.meshgrid(x, y), axis=-1), 1) if times > 1 else part
    return np.repeat(np.clip(larger, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
