"""Figures that a reader overlooked are found by their ink."""

from __future__ import annotations

import numpy as np
import pytest

from host.price.unread import larger
from host.read.line import TextLine

Image = pytest.importorskip("PIL.Image")
from PIL import ImageDraw, ImageFont  # noqa: E402 - needs Pillow


def line(text: str, left: float, top: float, width: float, height: float) -> TextLine:
    return TextLine(text, ((left, top), (left + width, top), (left + width, top + height), (left, top + height)), 0.99)


UNIT = line("136.67", 38, 158, 92, 30)


def tag(price: str, *, turn: float = 0.0, light: bool = False) -> np.ndarray:
    ground, ink = ("black", "white") if light else ("white", "black")
    picture = Image.new("RGB", (420, 260), ground)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((10, 10, 410, 250), outline=ink, width=4)
    draw.text((40, 185), "136.67", font=ImageFont.load_default(24), fill=ink, anchor="ls")
    draw.text((230, 190), price, font=ImageFont.load_default(90), fill=ink, anchor="ls")
    return np.asarray(picture.rotate(-turn, fillcolor=ground), np.uint8)


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("price", ["41", "190", "7"])
def test_larger_figures_beside_a_line_are_found(price: str, light: bool):  # noqa: FBT001 - a parameter of the test
    (corners,) = larger(tag(price, light=light), UNIT, [UNIT], 0.0)
    box = TextLine("", corners).box
    assert 225 <= box.left <= 245
    assert 105 <= box.top <= 135
    assert 180 <= box.bottom <= 195


def test_at_the_angle_of_the_tag():
    turn = 10.0
    x, y = 84 - 210, 173 - 130
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    across, down = 210 + x * cos - y * sin, 130 + x * sin + y * cos
    corners = [
        (across + u * cos - v * sin, down + u * sin + v * cos) for u, v in ((-46, -15), (46, -15), (46, 15), (-46, 15))
    ]
    unit = TextLine("136.67", (corners[0], corners[1], corners[2], corners[3]), 0.99)
    assert len(larger(tag("41", turn=turn), unit, [unit], float(np.radians(turn)))) == 1


def test_what_was_read_is_not_found_again_and_a_frame_is_no_figure():
    assert larger(tag("41"), UNIT, [UNIT, line("41", 228, 115, 110, 80)], 0.0) == []
    assert larger(tag(""), UNIT, [UNIT], 0.0) == []


def test_no_picture_and_no_line_are_too_absurd():
    for size in ((1, 1), (3, 400), (400, 3)):
        picture = np.zeros((*size, 3), np.uint8)
        assert larger(picture, line("1", 0, 0, 1, 1), [], 0.0) == []
        assert larger(picture, line("1", -500, -500, 2000, 900), [], 1.0) == []
