"""The formula that says which made-up photos count, at its own limits."""

from __future__ import annotations

import math

import pytest

from host.bench.tags.legible import Seen, legible


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (Seen(40, 1.0, 200, 5), True),
        (Seen(12, 0.5, 200, 0), True),
        (Seen(11.9, 0.5, 200, 0), False),
        (Seen(40, 0, 25, 0), True),
        (Seen(40, 0, 24, 0), False),
        (Seen(40, 0, 60, 20), True),
        (Seen(40, 0, 59, 20), False),
    ],
)
def test_each_of_the_three_alone_decides(seen, says):
    assert legible(seen) is says


def test_blur_takes_what_it_takes_of_a_grating():
    limit = 0.4 * 40 / math.pi * math.sqrt(math.log(200 / 25) / 2)  # where 25 of 200 levels are left
    assert legible(Seen(40, limit * 0.999, 200, 0))
    assert not legible(Seen(40, limit * 1.001, 200, 0))
