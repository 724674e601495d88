"""The cards of a trip on a round lens: every phase, with and without a sketch, and nothing leaves the circle."""

from __future__ import annotations

from dataclasses import replace

import pytest
from round_lens import all_seen, boxes, halo_font
from walks import place, step

from host.lens.arrows import SIGNS, pointer, roundabout, sign
from host.lens.display_list import GlyphItem, TextItem
from host.lens.shape import HALO
from host.navigate.card import SHORT_LICENCE, Look, choice, far, message, near
from host.navigate.guidance import guide
from host.navigate.notices import Notice
from host.navigate.phrases import LANGUAGES, Units
from host.navigate.position import Fix
from host.navigate.route import Leg, Maneuver, Route, Way
from host.navigate.trip import Phase, start

LOOK = Look(language="en", units=Units.METRIC, font_of=halo_font, shape=HALO, ahead_m=120.0)
WAY = Route(
    (
        Leg(
            (
                step(Maneuver.START, (0, 0), (0, 100)),
                step(Maneuver.LEFT, (0, 100), (-50, 100), streets=("Rue Grimaldi",)),
                step(Maneuver.RIGHT, (-50, 100), (-50, 108), way=Way.PATH),
                step(Maneuver.ARRIVE, (-50, 108)),
            )
        ),
    ),
    "en",
)


def seen():
    here = place(0.0, 0.0)
    trip, guidance = guide(start(WAY), Fix(here.lat, here.lon, 5.0, 0.0), 0.0)
    return trip, replace(guidance, then=WAY.steps[2], facing_deg=10.0)


def texts(picture):
    return [item.text for item in picture.items if isinstance(item, TextItem)]


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("notices", [(), (Notice.LOOKING,)])
@pytest.mark.parametrize("language", [*LANGUAGES, "xx"])
def test_every_card_stays_in_the_circle_and_nothing_lies_on_the_sketch(phase, notices, language):
    trip, guidance = seen()
    name = "Port Hercule of a very long name that does not end before the lens does"
    for up_deg in (None, *range(0, 360, 30)):
        for by_heading in (False, True):
            told = replace(guidance, phase=phase, by_heading=by_heading)
            look = replace(LOOK, language=language)
            picture = near(trip, told, look, destination=name, notices=notices, up_deg=up_deg, arrives="14:32")
            assert all_seen(picture)
            if up_deg is not None:
                box = look.arranged.sketch
                for item in picture.items:
                    if item.id not in {10, 11}:
                        assert not any(overlap(one, box) for one in boxes(item))


def overlap(one, box):
    x, y, width, height = one
    return x < box.x + box.width and box.x < x + width and y < box.y + box.height and box.y < y + height


def test_what_a_card_says():
    trip, guidance = seen()
    picture = near(trip, guidance, LOOK, destination="Port", up_deg=0.0, arrives="14:32")
    assert texts(picture) == [
        *("100 m", "Rue Grimaldi", "then right", "160 m - 2 min - 14:32", "up: walking dir...", "(c) OpenStreetMap"),
    ]
    assert SHORT_LICENCE.endswith("OpenStreetMap")


def test_the_distance_alone_is_on_top_in_the_middle():
    picture = far(seen()[1], LOOK)
    [(x, y, width, height)] = [box for item in picture.items for box in boxes(item)]
    assert all_seen(picture)
    assert x + width / 2 == pytest.approx(128, abs=1)
    assert y + height < 40


def test_lists_and_messages_stay_in_the_circle():
    titles = [f"Boulangerie du Port et de la Gare {k}" for k in range(30)]
    for marked in range(30):
        picture = choice("bakery", titles, marked, LOOK)
        assert all_seen(picture)
        assert [item.text.split()[0] for item in picture.items if item.colour == "yellow"] == [str(marked + 1)]
    for name in SIGNS:
        assert all_seen(message(name, "Looking for a position that nobody knows", LOOK, "one moment"))


def test_signs_are_drawn_as_small_as_they_are_wanted():
    for glyph in (*(sign(name, 56) for name in SIGNS), pointer(45, 56), roundabout(90, 56)):
        assert (glyph.width, glyph.height) == (56, 56)
        assert 0.05 < sum(byte.bit_count() for byte in glyph.data) / 56**2 < 0.7
    assert sign("left", 88) is not sign("left", 56)
    assert isinstance(near(*seen(), LOOK, destination="").items[0], GlyphItem)
