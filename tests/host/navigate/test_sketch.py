"""The sketch of the way: where its dots are, that none erases another, and when it turns."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walks import corners, place

from host.navigate.line import Line
from host.navigate.sketch import HOLD_DEG, TURN_DEG, Box, Pen, Sketch, drawn, upwards

BOX = Box(424, 8, 208, 300)


def line_of(*points):
    return Line([place(*point) for point in points])


def dots(items):
    """Middles of the dots of the way."""
    return [
        (item.x + one.x + one.glyph.width / 2, item.y + one.y + one.glyph.height / 2)
        for item in items
        if item.id == 10
        for one in item.placed
    ]


def sketched(line, along_m=0.0, up_deg=0.0, turns_m=(), ahead_m=120.0):
    return drawn(Sketch(line, along_m, up_deg, tuple(turns_m), ahead_m), BOX, 10, Pen())


NORTH = line_of((0, 0), (0, 500))


def test_the_way_ahead_is_up():
    xs, ys = zip(*dots(sketched(NORTH, 100.0)), strict=True)
    assert max(xs) - min(xs) <= 1
    assert min(ys) < 30
    assert max(ys) > BOX.y + BOX.height * 0.78  # a little of what lies behind


@pytest.mark.parametrize(("up_deg", "side"), [(90.0, -1), (270.0, 1)])
def test_who_looks_away_has_the_way_beside_them(up_deg, side):
    xs, ys = zip(*dots(sketched(NORTH, 100.0, up_deg)), strict=True)
    assert max(ys) - min(ys) <= 1
    assert all((x - (BOX.x + BOX.width / 2)) * side > -45 for x in xs)  # of which 40 pixels lie behind them


def test_a_turn_and_the_end_are_marked():
    line = line_of((0, 0), (0, 60), (40, 60))
    plain, marked = sketched(line), sketched(line, turns_m=(60.0, 100.0))
    sizes = {one.glyph.width for item in marked if item.id == 10 for one in item.placed}
    assert sizes == {7, 13, 17}
    assert {one.glyph.width for item in plain if item.id == 10 for one in item.placed} == {7, 17}


def test_somebody_who_goes_on_by_little_changes_nothing():
    assert sketched(NORTH, 100.0) == sketched(NORTH, 102.0)
    assert sketched(NORTH, 100.0) != sketched(NORTH, 110.0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 500), st.floats(0, 1), st.floats(0, 360), st.sampled_from([60.0, 120.0, 300.0]))
def test_nothing_leaves_the_box_and_no_box_erases_another(seed, share, up_deg, ahead_m):
    line = line_of(*corners(seed))
    items = sketched(line, share * line.length_m, up_deg, (line.length_m / 3,), ahead_m)
    boxes = [
        (item.x + one.x, item.y + one.y, one.glyph.width, one.glyph.height) for item in items for one in item.placed
    ]
    for x, y, width, height in boxes:
        assert BOX.x <= x <= x + width <= BOX.x + BOX.width
        assert BOX.y <= y <= y + height <= BOX.y + BOX.height
    for a, b in combinations(boxes, 2):
        assert a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]
    assert len(boxes) < 85  # in one packet


@given(st.floats(0, 360), st.floats(-HOLD_DEG, HOLD_DEG))
def test_a_head_that_is_hardly_turned_turns_nothing(facing, shake):
    up = upwards(None, facing)
    assert up % TURN_DEG == 0
    assert upwards(up, up + shake * 0.999) == up


def test_a_head_that_turns_is_followed_through_north():
    up = upwards(None, 350.0)
    for facing in range(350, 381, 2):
        up = upwards(up, facing % 360)
    assert up == 20.0


def test_dots_are_apart():
    middles = sorted(y for _, y in dots(sketched(NORTH, 100.0)))
    steps = [b - a for a, b in pairwise(middles)]
    assert min(steps) >= Pen().apart - 1
