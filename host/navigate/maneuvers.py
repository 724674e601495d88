"""Which steps of a route are told, and which of them together; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from host.navigate.route import Maneuver, Route, Step

__all__ = ["Cue", "cues", "next_cue"]

TOGETHER_M: Final = 15.0  # nearer to one another they are told as one: a receiver does not tell them apart
PASSED_M: Final = 4.0  # a manoeuvre so far behind is done

_UNTOLD: Final = {Maneuver.START, Maneuver.CONTINUE}  # nothing to be done
_STOPS: Final = {Maneuver.WAYPOINT, Maneuver.ARRIVE}


@dataclass(frozen=True, slots=True)
class Cue:
    """What is told at one time: a step, or two that follow so closely that they are one ("left, then right").

    Attributes:
        steps: one or two.
        at_m: how far along the route the first is to be done.
        until_m: and the last.
        leg: number of the leg that it belongs to, from 0.
    """

    steps: tuple[Step, ...]
    at_m: float
    until_m: float
    leg: int

    @property
    def is_stop(self) -> bool:
        """Whether a leg ends with it."""
        return self.steps[-1].maneuver in _STOPS


def cues(route: Route) -> tuple[Cue, ...]:
    """Of a route, in order; at least the arrival. A stop is never told together with what follows it."""
    found: list[Cue] = []
    starts = iter(route.starts_m)
    for number, leg in enumerate(route.legs):
        for step in leg.steps:
            at_m = next(starts)
            if step.maneuver in _UNTOLD:
                continue
            last = found[-1] if found else None
            if last is not None and _is_one(last, step, at_m):
                found[-1] = Cue((*last.steps, step), last.at_m, at_m, number)
            else:
                found.append(Cue((step,), at_m, at_m, number))
    return tuple(found)


def next_cue(told: Sequence[Cue], along_m: float) -> int:
    """The number of the one that comes next for somebody so far along; the last where all are behind."""
    return next((n for n, cue in enumerate(told) if cue.until_m > along_m - PASSED_M), len(told) - 1)


def _is_one(last: Cue, step: Step, at_m: float) -> bool:
    stop = last.steps[-1].maneuver in _STOPS or step.maneuver in _STOPS
    return not stop and len(last.steps) == 1 and at_m - last.at_m <= TOGETHER_M
