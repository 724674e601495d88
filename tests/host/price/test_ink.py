"""Prices drawn with Pillow's font, their ink counted."""

from __future__ import annotations

import numpy as np
import pytest

from host.price.ink import look, struck_out
from host.read.line import TextLine

ImageDraw = pytest.importorskip("PIL.ImageDraw", reason="draws with Pillow: pip install 'sidelight[emulator]'")
from PIL import Image, ImageFont  # noqa: E402


def drawn(whole: str, raised: str, *, size: int, dark: int, light: int, turn: float = 0.0):
    """A tag with a price and the line that a reader would find, which ends before the raised figures."""
    picture = Image.new("L", (10 * size, 4 * size), light)
    draw = ImageDraw.Draw(picture)
    font, small = ImageFont.load_default(size), ImageFont.load_default(size * 0.5)
    left, top, right, bottom = draw.textbbox((2 * size, size), whole, font=font)
    draw.text((2 * size, size), whole, font=font, fill=dark)
    draw.text((right + size * 0.08, top), raised, font=small, fill=dark, anchor="lt")
    draw.text(
        (2 * size, bottom + size * 0.4), "Pr kg 39.80  Art 4711", font=ImageFont.load_default(size * 0.2), fill=dark
    )
    if turn:
        picture = picture.rotate(turn, center=(left, top), fillcolor=light, resample=Image.Resampling.BICUBIC)
    angle = -np.deg2rad(turn)
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-np.sin(angle), np.cos(angle)])
    width, height, pad = right - left, bottom - top, 0.15 * size
    start = np.array([left, top]) - pad * along - pad * across
    corners = [start, start + (width + 2 * pad) * along]
    corners += [corners[1] + (height + 2 * pad) * across, start + (height + 2 * pad) * across]
    rgb = np.repeat(np.asarray(picture, np.uint8)[..., None], 3, axis=2)
    return rgb, TextLine(whole, tuple((float(x), float(y)) for x, y in corners), 0.99)


@pytest.mark.parametrize("size", [28, 60, 140])
@pytest.mark.parametrize(("dark", "light"), [(20, 230), (235, 40), (90, 160), (60, 88)])
@pytest.mark.parametrize(
    ("whole", "raised", "counts"),
    [
        ("29", "90", (2, 2, 0)),
        ("7", "50", (1, 2, 0)),
        ("1.99", "", (3, 0, 1)),
        ("2990", "", (4, 0, 0)),
        ("17", "", (2, 0, 0)),
    ],
)
def test_figures_are_counted_by_height_and_place(size, dark, light, whole, raised, counts):
    found = look(*drawn(whole, raised, size=size, dark=dark, light=light))
    assert found is not None
    assert (found.tall, found.raised, found.points) == counts


@pytest.mark.parametrize("turn", [-8, 5])
def test_a_slanted_line_is_cut_out_upright(turn):
    found = look(*drawn("34", "95", size=60, dark=20, light=230, turn=turn))
    assert found is not None
    assert (found.tall, found.raised) == (2, 2)


def test_nothing_is_said_of_what_has_no_contrast():
    assert look(*drawn("29", "90", size=60, dark=150, light=165)) is None


@pytest.mark.parametrize(("text", "tall"), [("$529", 3), ("529", 3), ("1.99", 3)])
def test_signs_do_not_count(text, tall):
    found = look(*drawn(text, "", size=60, dark=20, light=230))
    assert found is not None
    assert found.tall == tall


def test_a_figure_that_the_reader_left_out_counts():
    picture, line = drawn("529", "", size=60, dark=20, light=230)
    box = line.box
    left = box.left + box.width * 0.38
    found = look(
        picture,
        TextLine("29", ((left, box.top), (box.right, box.top), (box.right, box.bottom), (left, box.bottom)), 1.0),
    )
    assert found is not None
    assert found.tall == 3


@pytest.mark.parametrize("lean", [0, 6])
def test_the_edge_of_a_tag_beside_the_cents_is_no_figure(lean):
    picture, line = drawn("29", "90", size=60, dark=20, light=230)
    image = Image.fromarray(picture)
    rows = np.flatnonzero((picture[:, :, 0] < 100).any(axis=1))
    right = int(np.flatnonzero((picture[rows[0] : rows[0] + 20, :, 0] < 100).any(axis=0))[-1])
    ImageDraw.Draw(image).line((right + 1 + lean, 0, right + 1 - lean, image.height), fill=(20, 20, 20), width=3)
    found = look(np.asarray(image), line)
    assert found is not None
    assert (found.tall, found.raised) == (2, 2)


def test_figures_that_differ_from_their_ground_in_colour_alone():
    picture, line = drawn("29", "90", size=60, dark=0, light=255)
    ink = picture[:, :, :1] < 128
    coloured = np.where(ink, np.array([200, 40, 40]), np.array([60, 110, 60])).astype(np.uint8)  # 88 and 89 in grey
    found = look(coloured, line)
    assert found is not None
    assert (found.tall, found.raised) == (2, 2)


@pytest.mark.parametrize("struck", [True, False])
def test_a_line_through_all_figures_is_seen(struck):
    picture, line = drawn("29.90", "", size=60, dark=20, light=230)
    image = Image.fromarray(picture)
    if struck:
        box = line.box
        place = (box.left, box.top + box.height * 0.7, box.right, box.top + box.height * 0.3)
        ImageDraw.Draw(image).line(place, fill=(20, 20, 20), width=4)
    assert struck_out(np.asarray(image), line) is struck


def test_shade_makes_no_ink():
    picture, line = drawn("29", "90", size=60, dark=20, light=250)
    slope = np.linspace(1.0, 0.35, picture.shape[1])[None, :, None]
    found = look((picture * slope).astype(np.uint8), line)
    assert found is not None
    assert (found.tall, found.raised) == (2, 2)


@pytest.mark.parametrize("read", ['29"', "29'", "29\u201d"])
def test_raised_figures_that_were_read_as_quotes_are_counted(read):
    picture, line = drawn("29", "90", size=60, dark=20, light=230)
    left, top, right, bottom = (*line.corners[0], *line.corners[2])
    wide = TextLine(read, ((left, top), (right + 60, top), (right + 60, bottom), (left, bottom)), 0.9)
    found = look(picture, wide)
    assert found is not None
    assert (found.tall, found.raised) == (2, 2)
