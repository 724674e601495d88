"""The visible part of a lens, for whoever lays out pictures; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["LensShape"]


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
