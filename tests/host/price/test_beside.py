"""What stands beside a number where another figure could be."""

from __future__ import annotations

import numpy as np
import pytest

from host.price.beside import Sides, beside
from host.read.line import TextLine

GROUND, INK = (200, 190, 170), (40, 35, 30)


def drawn(*covers, ground=GROUND, ink=INK):
    """Three figures of 60 pixels, all an 8, from 160 to 280, under covers: columns, rows and colour."""
    rng = np.random.default_rng(1)
    picture = np.tile(np.array(ground, float), (160, 400, 1))
    for left in (160, 202, 244):
        picture[50:110, left : left + 34] = ink
        picture[60:75, left + 9 : left + 25] = picture[85:100, left + 9 : left + 25] = ground
    for (left, right), (top, bottom), colour in covers:
        picture[top:bottom, left:right] = colour
    return np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


def numbered(left=156, right=282):
    return TextLine("888", ((left, 46), (right, 46), (right, 114), (left, 114)), 1.0)


LEFT = (numbered(198), (120, 196))  # the first figure is not read
RIGHT = (numbered(right=240), (240, 330))

COVERS = {
    "lamp": ((40, 120), (255, 255, 255)),
    "finger": ((0, 120), (205, 150, 125)),
    "sticker": ((30, 130), (240, 210, 60)),
}


@pytest.mark.parametrize(
    ("ground", "ink"), [(GROUND, INK), ((60, 60, 60), (5, 5, 5)), ((180, 30, 30), (240, 235, 235))]
)
def test_plain_ground_hides_nothing(ground, ink):
    picture = drawn(ground=ground, ink=ink)
    assert beside(picture, numbered(), 0.0) == Sides(before=False, behind=False)


@pytest.mark.parametrize("cover", COVERS)
@pytest.mark.parametrize(("side", "expected"), [(LEFT, Sides(True, False)), (RIGHT, Sides(False, True))])
def test_what_lies_over_a_figure_is_seen(cover, side, expected):
    line, columns = side
    rows, colour = COVERS[cover]
    assert beside(drawn((columns, rows, colour)), line, 0.0) == expected


def test_a_lamp_among_the_figures_is_seen():
    assert beside(drawn(((195, 240), (40, 120), (255, 255, 255))), numbered(), 0.0).before


def test_frames_words_and_what_is_further_away_hide_nothing():
    far = ((0, 120), (0, 160), (20, 20, 20)), ((322, 400), (0, 160), (255, 255, 255))
    frame = (145, 149), (0, 160), (20, 20, 20)
    words = (130, 156), (95, 110), INK
    for covers in (far, (frame,), (words,)):
        assert beside(drawn(*covers), numbered(), 0.0) == Sides(before=False, behind=False)


def test_a_line_as_plain_as_its_surroundings_says_nothing():
    assert beside(np.full((160, 400, 3), 90, np.uint8), numbered(), 0.1) == Sides(before=False, behind=False)


def test_the_edge_of_the_tag_hides_nothing_unless_more_is_printed_beyond_it():
    edge = ((0, 150), (0, 160), (70, 60, 60))
    name = TextLine("NAME", ((20, 10), (90, 10), (90, 30), (20, 30)), 1.0)
    assert beside(drawn(edge), numbered(), 0.0) == Sides(before=False, behind=False)
    assert beside(drawn(edge), numbered(), 0.0, [name]).before


def test_light_between_a_sign_and_a_figure_is_seen_where_light_falls_off_along_the_tag():
    shade = np.linspace(0.95, 1.0, 400)[None, :, None]
    picture = (drawn(((194, 244), (40, 120), (240, 240, 240)), ground=(240, 240, 240)) * shade).astype(np.uint8)
    assert not beside(picture, numbered(), 0.0).before
    picture[40:120, 200:238] = 255
    assert beside(picture, numbered(), 0.0).before


def test_room_for_a_figure_between_a_sign_and_the_next_is_doubted_whatever_its_ground():
    assert beside(drawn(((194, 243), (46, 114), GROUND)), numbered(), 0.0).before is False
    wide = drawn(((190, 260), (46, 114), GROUND))
    assert beside(wide, numbered(), 0.0).before


def test_a_light_frame_about_a_grey_display_is_neither_ink_nor_light_on_it():
    picture = drawn(ground=(120, 120, 125))
    picture[:44] = picture[117:] = picture[:, 287:] = (250, 250, 248)
    assert beside(picture, numbered(), 0.0).before is False


def test_an_edge_that_cuts_another_line_is_none_of_the_tag():
    edge = ((0, 150), (0, 160), (20, 20, 20))
    cut, whole = (TextLine("tera 75 cl", ((x, 10), (250, 10), (250, 30), (x, 30)), 1.0) for x in (149, 156))
    assert beside(drawn(edge), numbered(), 0.0, [cut]).before
    assert not beside(drawn(edge), numbered(), 0.0, [whole]).before
