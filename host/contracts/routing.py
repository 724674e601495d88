"""What navigation needs of a router: from places and a way of moving to a route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, Self

from host.errors import OutsideMapError, UsageError
from host.navigate.line import Place
from host.navigate.route import Leg, Maneuver, Route, Step, Way
from host.suggest import suggestion

__all__ = ["Bounds", "Leg", "Maneuver", "Mode", "Place", "Route", "Router", "RouterInfo", "Step", "Way"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A part of the world between two parallels and two meridians, in degrees; none crosses the date line."""

    south: float
    west: float
    north: float
    east: float

    def __contains__(self, place: Place) -> bool:
        return self.south <= place.lat <= self.north and self.west <= place.lon <= self.east

    def require(self, place: Place) -> None:
        """Raises OutsideMapError where the place is not in it."""
        if place not in self:
            raise OutsideMapError(
                f"{place.lat:.4f},{place.lon:.4f} is not on the map: it reaches from {self.south:.2f} to"
                f" {self.north:.2f} north and from {self.west:.2f} to {self.east:.2f} east",
                "Use another map: sidelight maps list shows them, maps add adds one",
            )


class Mode(Enum):
    """How somebody moves; the value is what they call it."""

    WALK = "walk"
    BIKE = "bike"
    STEP_FREE = "step-free"  # on foot or wheels, without stairs and escalators

    @classmethod
    def named(cls, text: str) -> Self:
        """The mode that somebody wrote. Raises UsageError, with the nearest."""
        known = [mode.value for mode in cls]
        if text.strip().lower() not in known:
            near = suggestion(text, known)
            raise UsageError(f"there is no way to move called {text!a:.40}{near}", f"There are {', '.join(known)}")
        return cls(text.strip().lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterInfo:
    """What a router can do.

    Attributes:
        name: as given to `--router`.
        local: whether nothing that is asked leaves this computer.
        languages: ISO 639-1 codes of those that it has sentences in; others get English ones.
        licence: what must be shown wherever a route is, such as whose map data it is.
    """

    name: str
    local: bool
    languages: frozenset[str]
    licence: str


class Router(Protocol):
    """Finds routes; one at a time, more wait."""

    @property
    def info(self) -> RouterInfo:
        """What it can do."""
        ...

    async def route(
        self,
        places: Sequence[Place],
        mode: Mode,
        language: str,
        *,
        avoid: Sequence[Place] = (),
        heading_deg: float | None = None,
    ) -> Route:
        """The best route; a leg between each two places. Cancelling gives up waiting for it.

        Args:
            places: start, stops on the way, destination: two or more.
            mode: how.
            language: ISO 639-1, of the steps' sentences.
            avoid: ways through these places are not taken, as they are closed.
            heading_deg: where somebody who is under way is going, 0 is north: what follows does not begin with a turn
                back where that is avoidable. None where they stand.

        Raises:
            OutsideMapError: a place is not on the map, or no way is near it.
            NoRouteError: there is none.
            BackendError: the router failed, or is not in reach.
        """
        ...

    async def close(self) -> None:
        """Let go of everything. Repeated calls do nothing. Never raises."""
        ...
