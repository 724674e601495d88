"""Lines of text to rows, rows to blocks, blocks in the order a person reads them; pure.

A photo is rarely straight, so everything is turned first by the angle of most of its text. Then, from the top: rows
that a gutter divides, two or more of them, are columns and are read one after the other; any other row is read across.
A gutter with prices or other numbers at its right is none: they belong to the row, as in a menu or a timetable. Chinese
and Japanese written downwards is read from right to left, and so are columns where most text is Arabic or Hebrew.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Final

from host.read.line import Box, TextLine
from host.read.menu import parted

__all__ = ["Block", "Passage", "Row", "arrange", "is_number"]

SAME_ROW: Final = 0.5  # of the lower one's height beside each other; g and p reach a quarter below the others
SAME_SIZE: Final = 1.8  # times; boxes of one type size differ by half, with and without capitals and tails
BLOCK_GAP: Final = 1.0  # line heights between two rows of a block; type is set with a fifth to a half
BLOCK_SIZE: Final = 1.6  # times; rows of one block have one type size
GUTTER: Final = 1.0  # line heights; a space between words is a quarter, between columns two and more
NUMBERS: Final = 0.6  # share of the lines right of a gutter that are numbers and make it none

# Digits with what stands about a price; letters only as a currency or a unit beside them.
_NUMBER: Final = re.compile(
    r"[^\w]*(?:[^\W\d_]{1,3}[.\s]{0,2})?[\d][\d\s.,:'\u2019\-\u2013\u2014]*(?:[^\w\s]|\s)*(?:[^\W\d_]{1,3}\.?)?[^\w]*"
)
_LEADER: Final = re.compile(r"\s*[.·•_・‥…]{2,40}$")  # dots that lead to a price
_UNSPACED: Final = frozenset({"Hani", "Jpan", "Thai"})  # scripts whose words are not parted by spaces
_HEADING: Final = 6  # letters
_RIGHT_TO_LEFT: Final = frozenset({"Arab", "Hebr"})


@dataclass(frozen=True, slots=True)
class Row:
    """What stands beside each other and is read across, in reading order; at least one line."""

    lines: tuple[TextLine, ...]

    @property
    def text(self) -> str:
        """The row as one line, its parts two spaces apart, each that may be misread with a question mark behind it."""
        return "  ".join(f"{line.text} ?" if line.unsure else line.text for line in self.lines)

    @property
    def unsure(self) -> bool:
        """True if any of it may be misread."""
        return any(line.unsure for line in self.lines)

    @property
    def cells(self) -> tuple[str, ...]:
        """Its parts, without question marks; a price at the end of its words is a part of its own."""
        cells = [cell for line in self.lines for cell in parted(line.text)]
        return (*(_LEADER.sub("", cell) or cell for cell in cells[:-1]), cells[-1])

    @property
    def tabular(self) -> bool:
        """True for a row that stands for itself: several parts, or a number."""
        return len(self.cells) > 1 or is_number(self.lines[0].text)


@dataclass(frozen=True, slots=True)
class Passage:
    """What is to be translated by itself.

    Attributes:
        cells: words and numbers, in reading order, at least one; more than one of a row of a table.
        unsure: True if any of it may be misread.
        ends: of words that go on, where in `text` each row ends that was joined: it may yet be a sign of its own.
    """

    cells: tuple[str, ...]
    unsure: bool = False
    ends: tuple[int, ...] = field(default=(), compare=False)

    @property
    def text(self) -> str:
        """All of it, its cells two spaces apart."""
        return "  ".join(self.cells)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that belong together, in reading order; at least one."""

    rows: tuple[Row, ...]

    @property
    def text(self) -> str:
        """Its rows, a line each, as `Row.text`."""
        return "\n".join(row.text for row in self.rows)

    @property
    def unsure(self) -> bool:
        """True if any of it may be misread."""
        return any(row.unsure for row in self.rows)

    @property
    def passages(self) -> list[Passage]:
        """What is to be translated by itself: rows that only go on are joined, others stand alone.

        A word parted by a hyphen at the end of a row is joined; scripts without spaces are joined without one. Between
        a row in capitals and one that is not a passage ends, unless so few are capitals that they may be a name.
        """
        found: list[Passage] = []
        goes_on = heading = False
        for row in self.rows:
            before, heading = heading, row.text.isupper() and sum(map(str.isalpha, row.text)) >= _HEADING
            if row.tabular or not goes_on or heading != before:
                found.append(Passage(row.cells, row.unsure))
            else:
                last, words = found[-1], row.lines[0]
                text = _joined(last.cells[0], words.text, words.script)
                ends = (*(last.ends or (len(last.text),)), len(text))
                found[-1] = Passage((text,), row.unsure or last.unsure, ends)
            goes_on = not row.tabular
        return found


def arrange(lines: Iterable[TextLine]) -> list[Block]:
    """The lines in reading order. Every line with text comes once; the order they are given in does not matter."""
    kept = sorted((line for line in lines if line.text.strip()), key=lambda line: (line.corners, line.text))
    if not kept:
        return []
    upright = _straightened(kept)
    vertical = [piece for piece in upright if piece.line.vertical]
    across = [piece for piece in upright if not piece.line.vertical]
    right_to_left = _mostly(across, lambda piece: piece.line.script in _RIGHT_TO_LEFT)
    groups = [(_around(group), Block(_rows_of(group))) for group in _vertical_groups(vertical)]
    if not groups:
        return _blocks(across, right_to_left)
    # Among writing downwards, what is written across is mostly a heading or a note: each block at its own place.
    for block in _blocks(across, right_to_left):
        members = {id(line) for row in block.rows for line in row.lines}
        groups.append((_around([piece for piece in across if id(piece.line) in members]), block))
    return [block for _, block in sorted(groups, key=lambda group: (group[0].top, -group[0].right))]


def is_number(text: str) -> bool:
    """True for a price, a time, a weight or another number, with at most a short word before or behind it."""
    return len(text) <= 24 and _NUMBER.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line and where it stands once the photo is straight."""

    line: TextLine
    box: Box


def _straightened(lines: Sequence[TextLine]) -> list[_Piece]:
    """The lines with boxes as if the photo had been turned so that most text is level."""
    level = [line for line in lines if not line.vertical and abs(line.angle) < math.pi / 4]
    total = sum(line.width for line in level)
    # The angle of the middle of all text, by length: long lines tell it best.
    angle, reached = 0.0, 0.0
    for line in sorted(level, key=lambda line: line.angle):
        reached += line.width
        if reached >= total / 2:
            angle = line.angle
            break
    cosine, sine = math.cos(-angle), math.sin(-angle)
    return [_Piece(line, _turned(line, cosine, sine)) for line in lines]


def _turned(line: TextLine, cosine: float, sine: float) -> Box:
    corners = [(x * cosine - y * sine, x * sine + y * cosine) for x, y in line.corners]
    across, down = [x for x, _ in corners], [y for _, y in corners]
    return Box(min(across), min(down), max(across), max(down))


def _around(pieces: Sequence[_Piece]) -> Box:
    boxes = [piece.box for piece in pieces]
    return Box(
        min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes)
    )


def _mostly(pieces: Sequence[_Piece], holds: Callable[[_Piece], bool]) -> bool:
    return 2 * sum(len(piece.line.text) for piece in pieces if holds(piece)) > sum(len(p.line.text) for p in pieces)


# --- rows -------------------------------------------------------------------------------------------------------------

_PieceRow = list[_Piece]


def _rows(pieces: Sequence[_Piece]) -> list[_PieceRow]:
    """Rows from the top, each from the left."""
    rows: list[_PieceRow] = []
    tallest = max((piece.box.height for piece in pieces), default=0.0)
    near = 0  # rows before this one end above whatever comes
    for piece in sorted(pieces, key=lambda piece: (piece.box.centre[1], piece.box.left)):
        while near < len(rows) and all(other.box.bottom < piece.box.centre[1] - tallest for other in rows[near]):
            near += 1
        for row in reversed(rows[near:]):
            if all(_beside(piece.box, other.box) for other in row):
                row.append(piece)
                break
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.box.left) for row in rows]


def _beside(one: Box, other: Box) -> bool:
    sizes = sorted((one.height, other.height))
    apart = min(one.right, other.right) - max(one.left, other.left) <= 0.5 * sizes[0]
    return apart and one.shared_height(other) >= SAME_ROW and sizes[1] <= SAME_SIZE * max(1e-9, sizes[0])


def _rows_of(column: Sequence[_Piece]) -> tuple[Row, ...]:
    return tuple(Row((piece.line,)) for piece in column)


# --- columns ----------------------------------------------------------------------------------------------------------


def _blocks(pieces: Sequence[_Piece], right_to_left: bool) -> list[Block]:  # noqa: FBT001 - one private pair of calls
    found: list[Block] = []
    for area in _areas(pieces, right_to_left):
        found.extend(_grouped(area, right_to_left))
    return found


def _areas(pieces: Sequence[_Piece], right_to_left: bool) -> list[list[_PieceRow]]:  # noqa: FBT001 - as above
    """Stretches of rows in reading order; a column is one."""
    rows = _rows(pieces)
    areas: list[list[_PieceRow]] = []
    plain: list[_PieceRow] = []
    at = 0
    while at < len(rows):
        end, gutter = _columns_from(rows, at)
        if gutter is None:
            plain.append(rows[at])
            at += 1
            continue
        if plain:
            areas.append(plain)
            plain = []
        inside = [piece for row in rows[at:end] for piece in row]
        left = [piece for piece in inside if piece.box.centre[0] < gutter]
        right = [piece for piece in inside if piece.box.centre[0] >= gutter]
        for column in (right, left) if right_to_left else (left, right):
            areas.extend(_areas(column, right_to_left))
        at = end
    return [*areas, plain] if plain else areas


def _columns_from(rows: Sequence[_PieceRow], at: int) -> tuple[int, float | None]:
    """The longest stretch of rows from `at` that one gutter divides: its end, and the middle of the gutter."""
    best: tuple[int, float | None] = (at + 1, None)
    for end in range(at + 2, len(rows) + 1):
        pieces = [piece for row in rows[at:end] for piece in row]
        gutters = _gutters(pieces)
        if not gutters:
            break  # more rows only make gutters fewer
        for gutter in gutters:
            if _divides(pieces, rows[at:end], gutter):
                best = (end, gutter)
                break
    return best


def _gutters(pieces: Sequence[_Piece]) -> list[float]:
    """Middles of the stretches across that no piece reaches into, wide enough, from the left."""
    wide = GUTTER * median(piece.box.height for piece in pieces)
    boxes = sorted((piece.box for piece in pieces), key=lambda box: box.left)
    found, reached = [], boxes[0].right
    for box in boxes[1:]:
        if box.left - reached >= wide:
            found.append((reached + box.left) / 2)
        reached = max(reached, box.right)
    return found


def _divides(pieces: Sequence[_Piece], rows: Sequence[_PieceRow], gutter: float) -> bool:
    """Whether a gutter has text of its own on both sides, two rows and more, and not the numbers of these rows."""
    left = [piece for piece in pieces if piece.box.centre[0] < gutter]
    right = [piece for piece in pieces if piece.box.centre[0] >= gutter]
    if min(len(_rows(left)), len(_rows(right))) < 2:
        return False
    firsts = [next((p for p in row if p.box.centre[0] >= gutter), None) for row in rows]
    nearest = [piece for piece in firsts if piece is not None]
    return sum(is_number(piece.line.text) for piece in nearest) < NUMBERS * len(nearest)


# --- blocks -----------------------------------------------------------------------------------------------------------


def _grouped(rows: Sequence[_PieceRow], right_to_left: bool) -> list[Block]:  # noqa: FBT001 - as above
    """Rows of one column to blocks: those near each other, of one type size, one above the other."""
    if not rows:
        return []
    groups = [[rows[0]]]
    for above, below in pairwise(rows):
        if _go_on(above, below):
            groups[-1].append(below)
        else:
            groups.append([below])
    return [Block(tuple(_row(row, right_to_left) for row in group)) for group in groups]


def _go_on(above: _PieceRow, below: _PieceRow) -> bool:
    upper, lower = _around(above), _around(below)
    sizes = sorted((median(p.box.height for p in above), median(p.box.height for p in below)))
    near = lower.top - upper.bottom <= BLOCK_GAP * sizes[0]
    return near and sizes[1] <= BLOCK_SIZE * max(1e-9, sizes[0]) and upper.shared_width(lower) > 0


def _row(row: _PieceRow, right_to_left: bool) -> Row:  # noqa: FBT001 - as above
    return Row(tuple(piece.line for piece in (reversed(row) if right_to_left else row)))


def _vertical_groups(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Writing downwards: columns beside each other, from the right."""
    groups: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.box.right, piece.box.top)):
        for group in groups:
            last = group[-1].box
            if last.shared_height(piece.box) >= SAME_ROW and last.left - piece.box.right <= 2 * piece.box.width:
                group.append(piece)
                break
        else:
            groups.append([piece])
    return groups


def _joined(text: str, more: str, script: str) -> str:
    if re.search(r"\w[-\u00ad\u2010]$", text) and more[:1].islower():
        return text[:-1] + more
    return text + ("" if script in _UNSPACED else " ") + more
