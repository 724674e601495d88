"""Places along a line."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walks import place

from host.navigate.line import Line, Place, bearing_deg, distance_m, turned_deg


def test_known_distances_and_bearings():
    # One degree of latitude on the mean sphere; Monaco to Nice by the same formula, worked out by hand.
    assert distance_m(Place(0, 0), Place(1, 0)) == pytest.approx(111_195.1, abs=0.1)
    assert distance_m(Place(43.7384, 7.4246), Place(43.7102, 7.2620)) == pytest.approx(13_430, abs=20)
    assert bearing_deg(Place(43.7, 7.4), Place(43.7, 7.5)) == pytest.approx(90.0, abs=0.1)
    assert bearing_deg(Place(43.7, 7.4), Place(43.6, 7.4)) == pytest.approx(180.0)
    assert bearing_deg(Place(0, 179.9), Place(0, -179.9)) == pytest.approx(90.0)
    assert turned_deg(350, 10) == 20
    assert turned_deg(10, 350) == -20
    assert abs(turned_deg(0, 180)) == 180


def test_a_line_of_one_place_and_of_none():
    line = Line([place(0, 0)])
    assert (line.length_m, line.at(99)) == (0.0, line.at(0))
    assert line.snap(place(3, 4), 0, 0, 0, 0).offset_m == pytest.approx(5.0, abs=0.01)
    with pytest.raises(ValueError, match="needs a point"):
        Line([])


def test_of_two_equally_near_the_expected_one_is_taken():
    there_and_back = Line([place(0, 0), place(0, 100), place(0, 0)])
    assert there_and_back.snap(place(0, 40), 0, 200, 45.0, 0.3).along_m == pytest.approx(40.0, abs=1.0)
    assert there_and_back.snap(place(0, 40), 0, 200, 150.0, 0.3).along_m == pytest.approx(160.0, abs=1.0)


def test_only_the_part_asked_for_counts():
    line = Line([place(0, 0), place(0, 100)])
    assert line.snap(place(0, 90), 10, 30, 20, 0.0).along_m == pytest.approx(30.0, abs=0.01)
    assert line.snap(place(0, -50), 10, 30, 20, 0.0).along_m == pytest.approx(10.0, abs=0.01)


metres = st.floats(-500, 500)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(metres, metres), min_size=2, max_size=20), st.floats(0, 1))
def test_a_place_on_the_line_is_found_again(points, share):
    line = Line([place(*point) for point in points])
    along = share * line.length_m
    snap = line.snap(line.at(along), 0.0, line.length_m, along, 0.0)
    assert snap.offset_m < 0.1
    assert distance_m(line.at(snap.along_m), line.at(along)) < 0.2
    part = line.part(0.0, along)
    assert sum(distance_m(a, b) for a, b in pairwise(part)) == pytest.approx(along, abs=0.1)
