"""A way in few points."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from host.navigate.line import Place, distance_m, moved_by
from host.navigate.outline import POINTS, TOLERANCE_M, outline

START = Place(43.73, 7.42)


def test_a_straight_street_is_two_points_and_a_corner_a_third() -> None:
    east = [moved_by(START, 0, n) for n in range(200)]
    north = [moved_by(START, n, 199) for n in range(1, 200)]
    assert outline(east) == [east[0], east[-1]]
    assert outline(east + north) == [east[0], east[-1], north[-1]]
    assert outline([START]) == [START]
    assert outline([START, START]) == [START, START]


@given(st.lists(st.tuples(st.floats(-400, 400), st.floats(-400, 400)), min_size=1, max_size=60))
def test_nothing_of_it_is_far_from_the_way(steps: list[tuple[float, float]]) -> None:
    way = [moved_by(START, *metres) for metres in np.cumsum(steps, axis=0)]
    kept = outline(way)
    assert (kept[0], kept[-1]) == (way[0], way[-1])
    assert set(kept) <= set(way)
    samples = [
        moved_by(a, (b.lat - a.lat) * share * 111_195, (b.lon - a.lon) * share * 111_195 * np.cos(np.radians(a.lat)))
        for a, b in zip(kept, [*kept[1:], kept[-1]], strict=True)
        for share in np.linspace(0, 1, 40)
    ]
    for place in way:
        assert min(distance_m(place, sample) for sample in samples) < TOLERANCE_M + 30


def test_however_long_it_is_it_has_few_points() -> None:
    chance = np.random.default_rng(1)
    way = [moved_by(START, *metres) for metres in np.cumsum(chance.normal(0, 30, (20_000, 2)), axis=0)]
    assert 2 <= len(outline(way)) <= POINTS
    assert len(outline(way, 2)) == 2
