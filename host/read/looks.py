"""Two looks at one photo: the whole, and its middle larger; and what they say together. Pure.

Whoever takes a photo of a tag or a sign holds it in the middle. Readers find small letters there that they miss in the
whole: on 45 photographed price tags 29 prices were read with the middle, 27 without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from host.read.line import Box, Corners, TextLine

__all__ = ["MIDDLE", "merged", "middle", "moved"]

MIDDLE: Final = 0.6  # share of each side that the second look keeps
EDGE: Final = 3.0  # pixels of the second look: a line this near its edge is cut off there
SAME_PLACE: Final = 0.5  # share of the smaller of two boxes: they are of one text
WHOLE: Final = 0.8  # of the other's length: less is only part of it; boxes of one text differ by a letter's width


def middle(width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the second look in a photo of this size, whole pixels, never empty."""
    across, down = max(1, round(width * MIDDLE)), max(1, round(height * MIDDLE))
    left, top = (width - across) // 2, (height - down) // 2
    return left, top, left + across, top + down


def moved(lines: Iterable[TextLine], left: float, top: float) -> list[TextLine]:
    """Lines found in a part of a photo, as they stand in the photo; `left` and `top` are where the part begins."""

    def shifted(corners: Corners) -> Corners:
        one, two, three, four = ((x + left, y + top) for x, y in corners)
        return one, two, three, four

    return [TextLine(line.text, shifted(line.corners), line.confidence) for line in lines]


def merged(whole: Sequence[TextLine], second: Sequence[TextLine], look: tuple[int, int, int, int]) -> list[TextLine]:
    """What both looks say, each text once.

    Of two readings of one place the surer is taken. One that holds only part of the other is not: "29" of "29.90" is a
    wrong price, however sure. What the second look cuts off at its edge is left to the first for the same reason.

    Args:
        whole: lines of the photo.
        second: lines of its middle, already as they stand in the photo.
        look: the middle, as `middle` gives it.
    """
    left, top, right, bottom = look
    inner = Box(left + EDGE, top + EDGE, right - EDGE, bottom - EDGE)
    kept = list(whole)
    for line in second:
        box = line.box
        if box.left < inner.left or box.top < inner.top or box.right > inner.right or box.bottom > inner.bottom:
            continue
        same = [other for other in kept if box.shared_area(other.box) >= SAME_PLACE]
        if all(_better(line, other) for other in same):
            kept = [other for other in kept if other not in same]
            kept.append(line)
    return kept


def _better(line: TextLine, other: TextLine) -> bool:
    longer = line.width / max(1e-9, other.width)
    if longer < WHOLE:
        return False
    if longer > 1 / WHOLE and not line.unsure:
        return True
    return (line.confidence or 0.0) > (other.confidence or 0.0)
