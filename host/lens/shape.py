"""The visible part of a lens, and how large text is on it, for whoever lays out pictures; pure.

A layout is given a `LensShape` and asks it how much of a row is seen. On a round lens rows near the top and the bottom
are shorter, and there are no corners.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from host.lens.shaping import HEIGHTS, TextSize

__all__ = ["FRAME", "HALO", "LensShape"]

_COARSE: Final = 300
"""A lens of fewer rows has larger pixels: they share the same part of what is seen."""

_COARSE_HEIGHTS: Final[dict[TextSize, int]] = {"small": 16, "normal": 20, "large": 26}
"""Pixels of a line there. At `small` letters are 12 pixels large, at which dense ideographs can just be told apart."""

_SEEN: Final = 0.6  # of the width: shorter rows hold no text


@dataclass(frozen=True, slots=True)
class LensShape:
    """How large a lens is, and what of it is seen.

    Attributes:
        width: pixels across.
        height: pixels down.
        round: only the circle that fits into width x height is seen (Halo); else all of it (Frame).
    """

    width: int
    height: int
    round: bool = False

    def span(self, top: int, bottom: int) -> tuple[int, int]:
        """The widest stretch of pixels that is seen in each of these rows.

        Args:
            top: first row.
            bottom: the row after the last, more than `top`.

        Returns:
            Its first column, and the one after its last; the same twice where there is none.
        """
        if top < 0 or bottom > self.height:
            return self.width // 2, self.width // 2
        if not self.round:
            return 0, self.width
        centre, radius = self.height / 2, min(self.width, self.height) / 2
        away = max(abs(top + 0.5 - centre), abs(bottom - 0.5 - centre))
        half = math.sqrt(max(radius * radius - away * away, 0.0))
        left = math.ceil(self.width / 2 - half - 0.5)
        return left, max(self.width - left, left)

    @property
    def margin(self) -> int:
        """Pixels free at every edge of a card."""
        return 3 if self._coarse else 8

    @property
    def gap(self) -> int:
        """Pixels between two lines: the ink of shaped text may take half of it from either side."""
        return 4 if self._coarse else 12

    @property
    def top(self) -> int:
        """Where the first row of text may stand."""
        if not self.round:
            return self.margin
        return math.ceil(self.height / 2 * (1 - math.sqrt(1 - _SEEN * _SEEN))) + self.margin

    @property
    def bottom(self) -> int:
        """Where the last row of text ends at the latest."""
        return self.height - self.top

    def line_height(self, size: TextSize) -> int:
        """Pixels of a line of shaped text."""
        return (_COARSE_HEIGHTS if self._coarse else HEIGHTS)[size]

    def row(self, top: int, height: int) -> tuple[int, int]:
        """Where text can stand in a row: its left edge, and how many pixels it has there, perhaps none.

        Args:
            top: of the row; what of it is beyond the lens is not looked at.
            height: of its text, without the gap to the next.
        """
        ink = self.gap // 2
        left, right = self.span(max(0, top - ink), min(self.height, top + height + ink))
        return left + self.margin, max(0, right - left - 2 * self.margin)

    def room(self, height: int) -> int:
        """Pixels that text of this height has where there is most."""
        return self.row((self.height - height) // 2, height)[1]

    def low(self, height: int) -> int:
        """The top of what is so high and should be in nobody's way: at the lower edge, or, on a round lens, where it is
        widest.
        """
        return (self.height - height) // 2 if self.round else self.height - self.margin - height

    def corner(self, width: int, height: int) -> tuple[int, int]:
        """Top left pixel of something so large beside everything else: upper right, or, on a round lens, on top."""
        if not self.round:
            return self.width - width, 0
        top = next((y for y in range(self.height // 2) if _wide(self.span(y, y + height)) >= width), 0)
        return (self.width - width) // 2, top

    @property
    def _coarse(self) -> bool:
        return self.height < _COARSE


def _wide(span: tuple[int, int]) -> int:
    return span[1] - span[0]


FRAME: Final = LensShape(640, 400)
"""Frame's lens (device reference 2.3)."""

HALO: Final = LensShape(256, 256, round=True)
"""Halo's lens (device reference 2.4)."""
