"""Routes on streets like a grid's, made by hand."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from host.navigate.line import EARTH_M, Place, distance_m
from host.navigate.route import Leg, Maneuver, Route, Step

DEGREES = 180.0 / (math.pi * EARTH_M)  # of a metre
PACE_MPS = 1.4


def place(east_m, north_m):
    """So many metres from a place in Monaco."""
    return Place(43.73 + north_m * DEGREES, 7.42 + east_m * DEGREES / math.cos(math.radians(43.73)))


def step(maneuver, *points, **more):
    places = tuple(place(*point) for point in points)
    length = sum(distance_m(a, b) for a, b in pairwise(places))
    return Step(maneuver, places, length, length / PACE_MPS, **more)


def route(points, turn=Maneuver.LEFT):
    """One leg, a turn at every corner; corners in metres east and north."""
    return Route((leg(points, turn),), "en")


def leg(points, turn=Maneuver.LEFT, end=Maneuver.ARRIVE):
    maneuvers = [Maneuver.START, *[turn] * (len(points) - 2)]
    ways = zip(maneuvers, points, points[1:], strict=False)
    return Leg((*(step(m, a, b) for m, a, b in ways), step(end, points[-1])))


def corners(seed, legs=4):
    """Corners of a way of so many straight legs, in metres east and north."""
    rng = random.Random(seed)
    points, east, north, direction = [(0.0, 0.0)], 0.0, 0.0, 0.0
    for _ in range(legs):
        length = rng.uniform(40, 150)
        east, north = east + length * math.sin(direction), north + length * math.cos(direction)
        points.append((east, north))
        direction += rng.choice([-1, 1]) * rng.choice([math.pi / 2, math.pi / 2, math.pi / 4])
    return points
