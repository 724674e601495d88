"""A small sketch of the route ahead, seen from above by somebody in it: what they look at is up; pure.

The way is a row of dots, each of the same glyph, so that a sketch that turns costs three bytes a dot and no picture. No
two boxes overlap: nothing is erased, and no glyph made that would cross the link.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from host.lens.display_list import Glyph, GlyphItem, Item, PlacedGlyph
from host.navigate.line import Line, Place, turned_deg

__all__ = ["Box", "Pen", "Sketch", "drawn", "upwards"]

BEHIND_M: Final = 20.0  # of the way that was gone
AHEAD: Final = 0.78  # share of the box's height that is ahead
TURN_DEG: Final = 10.0  # the sketch turns in such steps,
HOLD_DEG: Final = 7.5  # and only where it is off by more than this: a head is never quite still
GRAIN_M: Final = 5.0  # somebody moves on in such steps


@dataclass(frozen=True, slots=True)
class Box:
    """Where on the lens, in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pen:
    """How large what is drawn is, in pixels.

    Attributes:
        dot: of the way.
        apart: from dot to dot; so far that their boxes never overlap.
        turn: the ring where something is to be done.
        end: the ring where the way ends.
        you: who walks it.
    """

    dot: int = 7
    apart: float = 11.0
    turn: int = 13
    end: int = 17
    you: int = 19


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is to be drawn.

    Attributes:
        line: the way.
        along_m: how far along it somebody is.
        up_deg: which direction is up, from true north.
        turns_m: how far along it something is to be done.
        ahead_m: how much of the way fits the box, straight ahead.
        beside: where somebody is who is not on the way; None for one who is.
    """

    line: Line
    along_m: float
    up_deg: float
    turns_m: tuple[float, ...]
    ahead_m: float
    beside: Place | None = None


def upwards(before: float | None, facing_deg: float) -> float:
    """Which direction is up for somebody who faces this one; in steps, and it stays while they hardly turn."""
    if before is not None and abs(turned_deg(before, facing_deg)) <= HOLD_DEG:
        return before
    return round(facing_deg / TURN_DEG) * TURN_DEG % 360.0


def drawn(sketch: Sketch, box: Box, item_id: int, pen: Pen) -> list[Item]:
    """The sketch as items `item_id` (the way) and the next one (who walks it)."""
    line = sketch.line
    along = round(sketch.along_m / GRAIN_M) * GRAIN_M if sketch.along_m < line.length_m else line.length_m
    centre = line.at(along) if sketch.beside is None else sketch.beside
    scale = box.height * AHEAD / sketch.ahead_m
    you = _you(pen.you)
    middle = (box.x + box.width / 2, box.y + box.height * AHEAD)
    kept = [PlacedGlyph(round(middle[0] - you.width / 2), round(middle[1] - you.height / 2), you)]
    for place_m, glyph in _marks(sketch, along, pen, scale):
        x, y = _seen(line, place_m, centre, sketch.up_deg)
        at = PlacedGlyph(
            round(middle[0] + x * scale - glyph.width / 2), round(middle[1] + y * scale - glyph.height / 2), glyph
        )
        if _inside(at, box) and not any(_overlap(at, other) for other in kept):
            kept.append(at)
    items: list[Item] = []
    for number, glyphs in ((item_id, kept[1:]), (item_id + 1, kept[:1])):
        if glyphs:
            left, top = min(one.x for one in glyphs), min(one.y for one in glyphs)
            placed = tuple(PlacedGlyph(one.x - left, one.y - top, one.glyph) for one in glyphs)
            items.append(GlyphItem(number, left, top, placed, "white" if number == item_id else "yellow"))
    return items


def _marks(sketch: Sketch, along_m: float, pen: Pen, scale: float) -> Iterator[tuple[float, Glyph]]:
    """Where along the way which glyph stands; what matters goes first, for it is what stays where it is crowded."""
    end = sketch.line.length_m
    first, last = max(0.0, along_m - BEHIND_M), min(end, along_m + 2 * sketch.ahead_m)
    if last == end:
        yield end, _ring(pen.end, pen.end * 0.3)
    for turn in sketch.turns_m:
        if along_m <= turn < last:
            yield turn, _ring(pen.turn, pen.turn * 0.3)
    apart_m = pen.apart / scale
    # Counted from the start of the way, so that dots keep their places on it as somebody moves on.
    for number in range(math.ceil(first / apart_m), math.floor(last / apart_m) + 1):
        yield number * apart_m, _disc(pen.dot)


def _seen(line: Line, place_m: float, centre: Place, up_deg: float) -> tuple[float, float]:
    """Metres right and down of the middle, as the wearer sees it."""
    norths, easts = line.flat(centre, np.array([place_m]))
    north, east, up = float(norths[0]), float(easts[0]), math.radians(up_deg)
    return east * math.cos(up) - north * math.sin(up), -(north * math.cos(up) + east * math.sin(up))


def _inside(one: PlacedGlyph, box: Box) -> bool:
    across = box.x <= one.x and one.x + one.glyph.width <= box.x + box.width
    return across and box.y <= one.y and one.y + one.glyph.height <= box.y + box.height


def _overlap(a: PlacedGlyph, b: PlacedGlyph) -> bool:
    across = a.x < b.x + b.glyph.width and b.x < a.x + a.glyph.width
    return across and a.y < b.y + b.glyph.height and b.y < a.y + a.glyph.height


@cache
def _disc(size: int) -> Glyph:
    return _glyph(size, lambda x, y: math.hypot(x, y) <= size / 2)


@cache
def _ring(size: int, stroke: float) -> Glyph:
    return _glyph(size, lambda x, y: size / 2 - stroke <= math.hypot(x, y) <= size / 2)


@cache
def _you(size: int) -> Glyph:
    """A point that looks up."""
    half = size / 2
    return _glyph(size, lambda x, y: abs(x) <= (y + half) * 0.5 and y <= half - (half - abs(x)) * 0.5)


def _glyph(size: int, is_ink: Callable[[float, float], bool]) -> Glyph:
    """A square picture; places are counted from its middle."""
    middle = (size - 1) / 2
    bits: Sequence[bool] = [is_ink(x - middle, y - middle) for y in range(size) for x in range(size)]
    return Glyph(size, size, 1, np.packbits(np.array(bits, dtype=np.uint8)).tobytes())
