"""What of a lens is seen."""

from __future__ import annotations

import math

import pytest

from firmware_bridge.emulator.halo.display import VISIBLE
from host.lens.shape import LensShape

HALO = LensShape(256, 256, round=True)


@pytest.mark.parametrize(
    ("top", "bottom"), [(0, 1), (0, 16), (100, 116), (120, 136), (128, 129), (200, 240), (255, 256)]
)
def test_a_round_lens_shows_of_rows_what_the_panel_has_in_all_of_them(top: int, bottom: int) -> None:
    left, right = HALO.span(top, bottom)
    seen = VISIBLE[top:bottom].all(axis=0)
    assert seen[left:right].all()
    assert int(seen.sum()) == right - left


def test_nothing_is_seen_beyond_the_edge() -> None:
    for top, bottom in ((-1, 3), (250, 257)):
        left, right = HALO.span(top, bottom)
        assert left == right


def test_a_rectangular_lens_shows_whole_rows() -> None:
    assert LensShape(640, 400).span(3, 60) == (0, 640)
    assert math.isclose(HALO.span(127, 129)[1], 256)
