"""Levels of a line that was cut out."""

from __future__ import annotations

import numpy as np

from host.price.cut import without_ghosts


def test_faint_ink_is_ground_and_strong_ink_stays():
    grey = np.full((40, 100), 200.0, np.float32)
    grey[10:30, 10:25], grey[10:30, 40:55] = 20.0, 150.0  # ink, and what the paper kept
    for levels in (grey, 255 - grey):
        plain = without_ghosts(levels)
        ground = plain[0, 0]
        assert abs(plain[20, 45] - ground) < 20
        assert abs(plain[20, 15] - ground) > 200


def test_one_level_stays_as_it_is():
    assert (without_ghosts(np.full((8, 8), 90.0, np.float32)) == 90).all()
