"""What is told of a route and of somebody who follows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from host.events.event import Event

__all__ = ["Arrived", "Instruction", "PositionState", "Reroute", "RouteFound"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFound(Event):
    """The route that will be followed.

    Attributes:
        destination: what the map calls it.
        lat: of the destination, degrees north.
        lon: degrees east.
        distance_m: of the whole route.
        duration_s: that it takes.
        mode: how: walk, bike or step-free.
        map: name of the map.
        licence: whose data it is; to be shown wherever the route is.
        text: all of this in one line for a person.
        points: of the way, [degrees north, degrees east] each, in as few as a map needs; at most 300.
    """

    name: ClassVar[str] = "route"
    destination: str
    lat: float
    lon: float
    distance_m: float
    duration_s: float
    mode: str
    map: str
    licence: str
    text: str
    points: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction(Event):
    """What is to be done next; told when it becomes so, and once more shortly before. Texts are data.

    Attributes:
        text: what to do and where, and what follows soon after, in the language asked for.
        maneuver: what, as `host.navigate.route.Maneuver` has it.
        distance_m: to it; of a route that is told as a whole, from its start.
        street: the way that it leads onto; empty where that has no name.
        then: what follows soon after it, likewise; empty where nothing does.
        sentence: the router's own; empty where it has none.
        remaining_m: to the destination.
        remaining_s: likewise.
        soon: whether it is to be done shortly.
        line: all of this in one line for a person.
    """

    name: ClassVar[str] = "instruction"
    text: str
    maneuver: str
    distance_m: float
    street: str
    then: str
    sentence: str
    remaining_m: float
    remaining_s: float
    soon: bool
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reroute(Event):
    """They left the route, and what came of it; the earlier route stays until there is another.

    Attributes:
        state: another way is looked for, was found, or there was none.
        reason: why, as a phrase.
        distance_m: of the new route; None where there is none.
        duration_s: likewise.
        points: likewise, as of a route.
    """

    name: ClassVar[str] = "reroute"
    state: Literal["looking", "found", "failed"]
    reason: str
    distance_m: float | None = None
    duration_s: float | None = None
    points: list[list[float]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived(Event):
    """A stop of the route, or its end, is here.

    Attributes:
        destination: what it is called.
        last: whether it is the end.
    """

    name: ClassVar[str] = "arrived"
    destination: str
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionState(Event):
    """Positions ceased, or came again.

    Attributes:
        state: "waiting" before the first one.
        code: of the reason, as `host.contracts.position.Lost` has it; empty where they came again.
        message: what happened.
        hint: what to do about it.
    """

    name: ClassVar[str] = "position"
    state: Literal["waiting", "lost", "back"]
    code: str = ""
    message: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionFix(Event):
    """Where somebody is, at most once a second; told as a document and to who looks at a map, not in the terminal.

    Attributes:
        lat: degrees north.
        lon: degrees east.
        accuracy_m: standard deviation of the error in each direction.
    """

    name: ClassVar[str] = "fix"
    lat: float
    lon: float
    accuracy_m: float
