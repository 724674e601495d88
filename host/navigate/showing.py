"""When the card of a trip is on the lens, and when only a small distance is: what is lit is in the way; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from host.navigate.guidance import Guidance
from host.navigate.route import Step
from host.navigate.trip import Phase

__all__ = ["Showing", "is_near", "looked", "tapped"]

SOON_S: Final = 22.0  # before something is to be done the card comes: time to look up, read, and turn
SOON_M: Final = 25.0  # or so far before it, however slowly they come
STAYS_S: Final = 8.0  # a card that nothing is to be done about is there so long: to read it at a glance, twice
BACK: Final = 1.3  # so much farther away from what is to be done the card goes, for distances come and go a little


@dataclass(frozen=True, slots=True)
class Showing:
    """What the lens is to show.

    Attributes:
        card: the card, else only a small distance.
        step: that was told last; None before the first.
        phase: that was told last.
        until_s: the card stays until then, whatever is to be done.
    """

    card: bool = True
    step: Step | None = None
    phase: Phase | None = None
    until_s: float = -math.inf


def looked(showing: Showing, guidance: Guidance, pace_mps: float, now_s: float) -> Showing:
    """What to show with this guidance.

    Args:
        showing: before.
        guidance: newest.
        pace_mps: metres a second that they make.
        now_s: the time, on the clock of the fixes.
    """
    until_s = showing.until_s
    if guidance.step is not showing.step or guidance.phase is not showing.phase:
        until_s = now_s + STAYS_S
    soon_m = max(SOON_M, SOON_S * pace_mps) * (BACK if showing.card and showing.step is guidance.step else 1.0)
    card = guidance.phase is not Phase.ON_ROUTE or now_s < until_s or is_near(guidance, soon_m)
    return Showing(card, guidance.step, guidance.phase, until_s)


def tapped(showing: Showing, now_s: float) -> Showing:
    """The card is wanted, for some seconds."""
    return replace(showing, card=True, until_s=now_s + STAYS_S)


def is_near(guidance: Guidance, within_m: float) -> bool:
    """Whether what comes next is so near."""
    return guidance.distance_m <= within_m
