"""Arrows and signs: what they show, told apart, and small enough to be kept on the glasses."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from firmware_bridge.glyph_cache import MAX_DATA_BYTES, MAX_WIDTH
from host.lens.arrows import SIGNS, SIZE, pointer, roundabout, sign
from host.navigate.route import Maneuver


def pixels(glyph):
    bits = np.unpackbits(np.frombuffer(glyph.data, np.uint8))
    return bits[: glyph.height * glyph.width].reshape(glyph.height, glyph.width).astype(bool)


def middle(glyph):
    """Of the ink: how far right, how far down."""
    y, x = np.nonzero(pixels(glyph))
    return x.mean() + 0.5 - SIZE / 2, y.mean() + 0.5 - SIZE / 2


@pytest.mark.parametrize("name", SIGNS)
def test_every_sign_is_kept_on_the_glasses_as_one_glyph(name):
    glyph = sign(name)
    assert glyph.width <= MAX_WIDTH
    assert len(glyph.data) <= MAX_DATA_BYTES
    assert 0.04 < pixels(glyph).mean() < 0.6
    assert sign(name) is glyph  # one picture crosses once


def test_every_manoeuvre_has_a_sign():
    drawn_otherwise = {Maneuver.START, Maneuver.CONTINUE, Maneuver.ROUNDABOUT}
    assert {m.value for m in Maneuver if m not in drawn_otherwise} <= SIGNS.keys()


def test_no_two_signs_look_alike():
    pointers = [pointer(degrees) for degrees in range(45, 360, 45)]  # ahead is the sign for it
    every = [*map(sign, SIGNS), *pointers, *(roundabout(degrees) for degrees in range(0, 360, 45))]
    for a, b in combinations(every, 2):
        assert (pixels(a) ^ pixels(b)).mean() > 0.02


@pytest.mark.parametrize("turn", ["slight", "keep", "sharp", ""])
def test_left_is_right_seen_in_a_mirror(turn):
    left, right = sign(f"{turn} left".strip()), sign(f"{turn} right".strip())
    assert (pixels(left) == pixels(right)[:, ::-1]).all()


@pytest.mark.parametrize(("name", "side"), [("left", -1), ("slight left", -1), ("keep left", -1), ("right", 1)])
def test_a_turn_reaches_the_side_that_it_leads_to(name, side):
    columns = pixels(sign(name)).any(axis=0)
    free = int(np.argmax(columns)), int(np.argmax(columns[::-1]))  # at the left edge, at the right one
    assert (free[0] - free[1]) * side > 0


@pytest.mark.parametrize("degrees", range(0, 360, 30))
def test_a_pointer_points_there(degrees):
    x, y = middle(pointer(degrees))  # the head is heavier than the tail
    direction = np.degrees(np.arctan2(x, -y)) % 360
    assert abs((direction - degrees + 180) % 360 - 180) < 12


@pytest.mark.parametrize("degrees", [-180, -91, -45, 0, 44, 90, 135, 359])
def test_a_roundabout_is_left_in_its_direction(degrees):
    assert roundabout(degrees) is roundabout(degrees + 360)
    assert roundabout(degrees) is roundabout(round(degrees / 45) * 45)
