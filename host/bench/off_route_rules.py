"""When other programs decide that a walker has left the route, for comparison; from reading them, not their code.

Each rule is told every fix, and says whether a new route would be asked for. What they do apart from that (snapping,
announcements, requests that fail) is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from host.navigate.line import Line
from host.navigate.position import Fix

__all__ = ["RULES", "Rule"]

Rule = Callable[[Fix], bool]

ORGANIC_MAPS_M: Final = 20.0  # half the width in which a walker's fix belongs to the route, or its accuracy
ORGANIC_MAPS_COUNT: Final = 10  # fixes beside it count one, two where somebody moves, until more than this
ORGANIC_MAPS_MPS: Final = 0.5  # slower is not moving; our choice
OSMAND_TOLERANCE_M: Final = 60.0  # half of it, and the accuracy,
OSMAND_TIMES: Final = 2.0  # this many times
FERROSTAR_ACCURACY_M: Final = 15.0  # its demo: worse fixes say nothing
FERROSTAR_M: Final = 50.0


def organic_maps(line: Line) -> Rule:
    """Organic Maps: some fixes in a row farther than 20 m, or than their accuracy."""
    count = 0

    def left(fix: Fix) -> bool:
        nonlocal count
        if _offset_m(line, fix) <= max(ORGANIC_MAPS_M, fix.accuracy_m):
            count = 0
        else:
            count += 2 if (fix.speed_mps or 0.0) >= ORGANIC_MAPS_MPS else 1
        return count > ORGANIC_MAPS_COUNT

    return left


def osmand(line: Line) -> Rule:
    """OsmAnd: one fix farther than twice (30 m and its accuracy)."""

    def left(fix: Fix) -> bool:
        return _offset_m(line, fix) > OSMAND_TIMES * (OSMAND_TOLERANCE_M / 2 + fix.accuracy_m)

    return left


def ferrostar(line: Line) -> Rule:
    """Ferrostar's demo: one fix farther than 50 m, judged when the next comes."""
    last: Fix | None = None

    def left(fix: Fix) -> bool:
        nonlocal last
        judged, last = last, fix
        if judged is None or judged.accuracy_m > FERROSTAR_ACCURACY_M:
            return False
        return _offset_m(line, judged) > FERROSTAR_M

    return left


RULES: Final[dict[str, Callable[[Line], Rule]]] = {
    "Organic Maps": organic_maps,
    "OsmAnd": osmand,
    "Ferrostar demo": ferrostar,
}
"""By name: a line to a rule for one walk."""


def _offset_m(line: Line, fix: Fix) -> float:
    return line.snap(fix.place, 0.0, line.length_m, 0.0, 0.0).offset_m
