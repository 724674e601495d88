"""Displays of seven segments, drawn by the generator of made-up tags."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PIL", reason="draws with Pillow: pip install 'sidelight[read]'")

from host.bench.tags.picture import Condition, photographed
from host.bench.tags.spec import Drawing, Patch, Print
from host.price.lcd import PATTERNS, displayed

INK, GROUND = (60, 70, 62), (168, 178, 160)


def photo(*prints, condition=Condition.GOOD):
    placed = tuple(
        Print(text=text, role="price", left=left, top=30, width=200, height=height, face="lcd", ink=INK)
        for text, left, height in prints
    )
    return photographed(Drawing(360, 130, placed, GROUND), condition, 6).picture


@pytest.mark.parametrize(("whole", "cents"), [("29", "90"), ("348", "65"), ("7", "20")])
def test_raised_cents_on_a_display(whole, cents):
    right = 64 + 48 * len(whole)
    found = displayed(photo((whole, 60, 70), (cents, right, 42)))
    assert found is not None
    line, look = found
    assert (line.text, look.whole, look.cents, look.tall, look.raised) == (whole + cents, whole, cents, len(whole), 2)
    assert look.value is not None


def test_a_display_with_a_point():
    found = displayed(photo(("9.29", 60, 70)))
    assert found is not None
    assert (found[0].text, found[1].points) == ("9.29", 1)


@pytest.mark.parametrize("text", ["9929", "11.11", "-.--"])
def test_nothing_is_said_without_cents_or_of_bars(text):
    assert displayed(photo((text, 60, 70))) is None


@pytest.mark.parametrize("picture", [np.full((64, 64, 3), 200, np.uint8), np.zeros((1, 1, 3), np.uint8)])
def test_nothing_is_said_of_a_photo_without_a_display(picture):
    assert displayed(picture) is None


def test_nothing_is_said_of_noise():
    assert displayed(np.random.default_rng(3).integers(0, 255, (120, 160, 3), dtype=np.uint8)) is None


def test_what_stands_before_the_first_figure_may_be_one():
    picture = photo(("29", 60, 70), ("90", 160, 42))
    found = displayed(picture)
    assert found is not None
    box = found[0].box
    left, top, bottom = round(box.left), round(box.top), round(box.bottom)
    picture[top:bottom, left - 40 : left - 12] = INK  # a figure that ran together
    assert displayed(picture) is None


def test_all_figures_have_a_pattern():
    assert set(PATTERNS.values()) == set("0123456789")


def test_a_figure_that_fell_apart_before_the_first_is_one_nevertheless():
    """A real display in poor light: 99.00 of which only the second 9 was one piece."""
    parts = tuple(Patch(34, top, 50, top + 14, INK) for top in (32, 56, 80))
    placed = tuple(
        Print(text=text, role="price", left=left, top=30, width=200, height=height, face="lcd", ink=INK)
        for text, left, height in (("9", 60, 70), ("00", 112, 42))
    )
    assert displayed(photographed(Drawing(360, 130, placed, GROUND), Condition.GOOD, 6).picture) is not None
    assert displayed(photographed(Drawing(360, 130, placed, GROUND, parts), Condition.GOOD, 6).picture) is None
