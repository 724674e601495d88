"""Glyphs of a line of text as Frame can draw them; pure.

Frame's bitmaps write their zero pixels too: a glyph's box erases what lies under it (device reference 2.3). Where the
boxes of a line overlap (joined letters, marks, kerning) `drawing_order` finds an order in which no box erases a pixel
of another, and makes one glyph of those for which there is none. What is then drawn is the union of all glyphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware_bridge.errors import LocalProtocolError

__all__ = ["Glyph", "PlacedGlyph", "bounds", "composed", "drawing_order", "encode_placed", "pixels_of"]

MOST_OVERLAPS: Final = 4  # per glyph; more is no script's line but marks heaped on one another: one glyph for all
LINES: Final = 64  # more than a lens shows, with the picture before
HOP: Final = 127  # pixels that one step of the pen can go each way

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Glyph:
    """The bitmap of one glyph: `bits` 1 or 2 a pixel, most significant first, rows not byte aligned, spare bits 0.

    0 is the background; where glyphs overlap, the higher value is seen.

    Raises:
        LocalProtocolError: the data are not those of a bitmap of this size.
    """

    width: int
    height: int
    bits: int
    data: bytes

    def __post_init__(self) -> None:
        spare = len(self.data) * 8 - self.width * self.height * self.bits
        whole = self.bits in (1, 2) and 1 <= self.width <= 640 and 1 <= self.height <= 400 and 0 <= spare < 8
        if not whole or self.data[-1] & ((1 << spare) - 1):
            msg = f"{len(self.data)} bytes are no glyph of {self.width} x {self.height} pixels, {self.bits} bits each"
            raise LocalProtocolError(msg)


@dataclass(frozen=True, slots=True)
class PlacedGlyph:
    """A glyph with its top left pixel, counted from the corner of the item that it belongs to; may be negative."""

    x: int
    y: int
    glyph: Glyph


def pixels_of(glyph: Glyph) -> Pixels:
    """The values of its pixels, (height, width)."""
    return _drawn(glyph)[: glyph.height]


def bounds(placed: Sequence[PlacedGlyph]) -> tuple[int, int, int, int]:
    """The box around at least one glyph: left, top, right, bottom, the last two exclusive."""
    return (
        min(one.x for one in placed),
        min(one.y for one in placed),
        max(one.x + one.glyph.width for one in placed),
        max(one.y + one.glyph.height for one in placed),
    )


def composed(placed: Sequence[PlacedGlyph]) -> PlacedGlyph:
    """One glyph that looks like these, of which there is at least one.

    Raises:
        LocalProtocolError: they do not fit a lens.
    """
    left, top, right, bottom = bounds(placed)
    canvas = np.zeros((min(bottom - top, 401), min(right - left, 641)), np.uint8)  # larger ones are refused below
    for one in placed:
        if canvas.shape == (bottom - top, right - left):
            part = canvas[one.y - top :, one.x - left :][: one.glyph.height, : one.glyph.width]
            np.maximum(part, pixels_of(one.glyph), out=part)
    bits = max(one.glyph.bits for one in placed)
    planes = [canvas.ravel() >> bit & 1 for bit in reversed(range(bits))]
    data = np.packbits(np.stack(planes, axis=-1).ravel()).tobytes()
    return PlacedGlyph(left, top, Glyph(canvas.shape[1], canvas.shape[0], bits, data))


@lru_cache(maxsize=LINES)
def drawing_order(placed: tuple[PlacedGlyph, ...]) -> tuple[PlacedGlyph, ...]:
    """The same pixels as glyphs that can be drawn one after another; from left to right where it does not matter.

    Raises:
        LocalProtocolError: overlapping glyphs do not fit a lens together.
    """
    parts = sorted(placed, key=lambda one: (one.x, one.y))
    while True:
        limit = MOST_OVERLAPS * len(parts)
        pairs = list(islice(_overlapping(parts), limit + 1))
        if len(pairs) > limit:
            return (composed(parts),)
        first: dict[int, set[int]] = {n: set() for n in range(len(parts))}  # what must be drawn before it
        for a, b in pairs:
            if _erases(parts[b], parts[a]):
                first[a].add(b)
            if _erases(parts[a], parts[b]):
                first[b].add(a)
        order = _in_order(first)
        if len(order) == len(parts):
            return tuple(parts[n] for n in order)
        alone, groups = _tangled(first, set(order))
        merged = [composed([parts[n] for n in group]) for group in groups]
        parts = sorted([*(parts[n] for n in alone), *merged], key=lambda one: (one.x, one.y))


def encode_placed(placed: Sequence[PlacedGlyph], slots: Mapping[Glyph, int]) -> bytes:
    """Glyphs as the glasses draw them: of each its slot and how far its corner is from the one before, x and y.

    Slot 0 holds no glyph: it takes the corner further where one step is too far.
    """
    steps = bytearray()
    x = y = 0
    for one in placed:
        while (dx := one.x - x, dy := one.y - y) != (hop := (_hop(dx), _hop(dy))):
            steps += bytes((0, hop[0] & 0xFF, hop[1] & 0xFF))
            x, y = x + hop[0], y + hop[1]
        steps += bytes((slots[one.glyph], dx & 0xFF, dy & 0xFF))
        x, y = one.x, one.y
    return bytes(steps)


def _hop(distance: int) -> int:
    return max(-HOP, min(distance, HOP))


def _drawn(glyph: Glyph) -> Pixels:
    """All that Frame draws of it, in rows of its width: the spare bits of the last byte too, then pixels not drawn."""
    bits = np.unpackbits(np.frombuffer(glyph.data, np.uint8))
    values = bits if glyph.bits == 1 else bits[::2] << 1 | bits[1::2]
    return np.pad(values, (0, -len(values) % glyph.width)).reshape(-1, glyph.width)


def _rows(glyph: Glyph) -> int:
    return -(-(len(glyph.data) * 8 // glyph.bits) // glyph.width)


def _overlapping(parts: Sequence[PlacedGlyph]) -> Iterator[tuple[int, int]]:
    """Pairs of which one may draw on the other; `parts` are sorted by x."""
    for a, one in enumerate(parts):
        for b in range(a + 1, len(parts)):
            other = parts[b]
            if other.x >= one.x + one.glyph.width:
                break
            if one.y < other.y + _rows(other.glyph) and other.y < one.y + _rows(one.glyph):
                yield a, b


def _erases(above: PlacedGlyph, below: PlacedGlyph) -> bool:
    """Whether `above`, drawn later, takes light from a pixel of `below`."""
    values, under = _drawn(above.glyph), pixels_of(below.glyph)
    drawn = np.arange(values.size).reshape(values.shape) < len(above.glyph.data) * 8 // above.glyph.bits
    x, y = below.x - above.x, below.y - above.y  # of `below`, from the corner of `above`
    top, left = max(y, 0), max(x, 0)
    bottom, right = y + under.shape[0], x + under.shape[1]
    if bottom <= top or right <= left:  # only the spare bits of `below` reach there
        return False
    region = slice(top, bottom), slice(left, right)
    part = under[top - y :, left - x :]
    height, width = values[region].shape[0], values[region].shape[1]
    return bool((drawn[region] & (values[region] < part[:height, :width])).any())


def _in_order(first: Mapping[int, set[int]]) -> list[int]:
    """Numbers, each after all that must come before it; those for which that cannot be are left out."""
    order: list[int] = []
    done: set[int] = set()
    waiting = list(first)
    while (n := next((n for n in waiting if first[n] <= done), None)) is not None:
        waiting.remove(n)
        order.append(n)
        done.add(n)
    return order


def _tangled(first: Mapping[int, set[int]], ordered: set[int]) -> tuple[list[int], list[set[int]]]:
    """What of the rest stands in no ring after all, with `ordered`; and the groups that do."""
    after = {n: {m for m in first if n in first[m]} for n in first}
    rest = set(first) - ordered
    while free := {n for n in rest if not after[n] & rest}:
        rest -= free
    groups = []
    left = set(rest)
    while left:
        group, found = set(), {left.pop()}
        while found:
            n = found.pop()
            group.add(n)
            found |= (first[n] | after[n]) & left
            left -= found
        groups.append(group)
    return [n for n in first if n not in rest], groups
