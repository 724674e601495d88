"""A route as the guidance needs it: legs of steps, each something to do and the way that follows it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import accumulate, pairwise

from host.navigate.line import Line, Place, distance_m

__all__ = ["Leg", "Maneuver", "Route", "Step", "Way"]

APART_M = 30.0  # routers end a leg on the street and begin the next there; more is another place


class Maneuver(Enum):
    """What is to be done at a place, in the field's usual names."""

    START = "start"
    CONTINUE = "continue"
    SLIGHT_LEFT = "slight left"
    LEFT = "left"
    SHARP_LEFT = "sharp left"
    SLIGHT_RIGHT = "slight right"
    RIGHT = "right"
    SHARP_RIGHT = "sharp right"
    U_TURN = "u-turn"
    KEEP_LEFT = "keep left"
    KEEP_RIGHT = "keep right"
    ROUNDABOUT = "roundabout"
    STAIRS = "stairs"
    ELEVATOR = "elevator"
    ESCALATOR = "escalator"
    ENTER = "enter"  # a building
    LEAVE = "leave"  # a building
    FERRY = "ferry"
    WAYPOINT = "waypoint"  # a stop on the way: the end of a leg that is not the last
    ARRIVE = "arrive"


class Way(Enum):
    """What kind of way follows; what is said of it where it has no name."""

    STREET = "street"
    PATH = "path"
    STAIRS = "stairs"
    CYCLEWAY = "cycleway"
    CROSSING = "crossing"
    BRIDGE = "bridge"
    TUNNEL = "tunnel"
    FERRY = "ferry"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, and the way from there to the next step.

    Attributes:
        maneuver: what.
        points: from where it is to be done to where the next begins; one place, at least, for the end of a leg.
        length_m: of the way.
        duration_s: that the router gives for the way; 0 or more.
        streets: names of the way; empty where it has none.
        way: its kind.
        text: the router's own sentence, in the route's language; may be empty.
        exit: which exit of a roundabout, from 1; 0 where there is none to count.
    """

    maneuver: Maneuver
    points: tuple[Place, ...]
    length_m: float
    duration_s: float
    streets: tuple[str, ...] = ()
    way: Way = Way.UNKNOWN
    text: str = ""
    exit: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError where there is no place, or a length or time that cannot be."""
        if not self.points:
            raise ValueError("a step needs a place")
        if not (self.length_m >= 0.0 and self.duration_s >= 0.0):
            raise ValueError("a step has a length and a duration")


@dataclass(frozen=True, slots=True)
class Leg:
    """The way from one stop to the next.

    Attributes:
        steps: in order; the first is the start, the last the stop (a waypoint, or the arrival).
    """

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        """Raises ValueError where the last step is not a stop."""
        if not self.steps or self.steps[-1].maneuver not in {Maneuver.WAYPOINT, Maneuver.ARRIVE}:
            raise ValueError("a leg ends with a stop")

    @property
    def length_m(self) -> float:
        """Of all its steps."""
        return sum(step.length_m for step in self.steps)

    @property
    def duration_s(self) -> float:
        """Of all its steps."""
        return sum(step.duration_s for step in self.steps)


@dataclass(frozen=True)
class Route:
    """From where somebody is to where they want to be.

    Attributes:
        legs: in order, at least one; only the last ends with the arrival.
        language: of the steps' texts, ISO 639-1, with a region where the router tells them apart.
    """

    legs: tuple[Leg, ...]
    language: str

    def __post_init__(self) -> None:
        """Raises ValueError where the legs do not follow one another or do not end with the one arrival."""
        ends = [leg.steps[-1].maneuver for leg in self.legs]
        if not ends or ends[-1] is not Maneuver.ARRIVE or Maneuver.ARRIVE in ends[:-1]:
            raise ValueError("a route ends with the one arrival")
        if any(distance_m(a.points[-1], b.points[0]) > APART_M for a, b in pairwise(self.steps)):
            raise ValueError("the steps of a route follow one another")

    @property
    def length_m(self) -> float:
        """Of all legs, along the line."""
        return self.line.length_m

    @property
    def duration_s(self) -> float:
        """That the router gives for all legs."""
        return sum(leg.duration_s for leg in self.legs)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Of all legs, in order."""
        return tuple(step for leg in self.legs for step in leg.steps)

    @cached_property
    def line(self) -> Line:
        """The whole way."""
        return Line([place for step in self.steps for place in step.points])

    @cached_property
    def starts_m(self) -> tuple[float, ...]:
        """How far along the line each of `steps` is to be done, in metres."""
        counts = accumulate((len(step.points) for step in self.steps[:-1]), initial=0)
        return tuple(self.line.point_m(number) for number in counts)
