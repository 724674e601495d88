"""What the lens shows of a trip: every phase, language and script, and that nothing leaves the lens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from walks import leg, place, route, step

from host.lens.arrows import pointer, roundabout, sign
from host.lens.display_list import GlyphItem, TextItem
from host.lens.shape import FRAME
from host.navigate.card import LICENCE, Look, choice, far, message, near, spoken
from host.navigate.guidance import guide
from host.navigate.notices import Notice, said
from host.navigate.phrases import LANGUAGES, Units
from host.navigate.position import Fix
from host.navigate.route import Leg, Maneuver, Route, Way
from host.navigate.trip import Phase, start


@pytest.fixture
def look(font):
    return Look(language="en", units=Units.METRIC, font_of=lambda *_: font, shape=FRAME, ahead_m=120.0)


def seen(way, east=0.0, north=0.0):
    """The trip and the guidance of somebody there."""
    here = place(east, north)
    return guide(start(way), Fix(here.lat, here.lon, 5.0, 0.0), 0.0)


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


def texts(picture):
    return [item.text for item in picture.items if isinstance(item, TextItem)]


def sign_of(picture):
    return next(item.placed[0].glyph for item in picture.items if isinstance(item, GlyphItem) and item.id == 0)


def test_arrow_distance_street_and_what_comes_after(look):
    trip, guidance = seen(WAY)
    guidance = replace(guidance, then=WAY.steps[2])
    picture = near(trip, guidance, look, destination="Port", up_deg=0.0, arrives="14:32")
    assert sign_of(picture) is sign("left")
    assert texts(picture) == [
        *("100 m", "Rue Grimaldi", "then right", "160 m \u00b7 2 min \u00b7 14:32", "up: walking dir...", LICENCE),
    ]


def test_with_a_heading_nothing_is_said_of_the_walking_direction(look):
    trip, guidance = seen(WAY)
    picture = near(trip, replace(guidance, by_heading=True), look, destination="Port", up_deg=0.0)
    assert not any("walking" in text for text in texts(picture))


def test_between_turns_only_the_distance(look):
    assert texts(far(seen(WAY)[1], look)) == ["100 m"]
    assert texts(far(seen(WAY)[1], replace(look, units=Units.IMPERIAL))) == ["350 ft"]


def test_at_the_turn_no_distance_is_told(look):
    trip, guidance = seen(WAY)
    assert texts(near(trip, replace(guidance, distance_m=1.0), look, destination="Port"))[0] == "Rue Grimaldi"


@pytest.mark.parametrize(
    ("phase", "shape", "text"),
    [
        (Phase.WAITING, "no position", "no position yet"),
        (Phase.OFF_ROUTE, "off route", "off the route"),
        (Phase.TURNED_BACK, "u-turn", "wrong way"),
    ],
)
def test_other_phases(look, phase, shape, text):
    trip, guidance = seen(WAY)
    notices = (Notice.LOOKING,)
    picture = near(trip, replace(guidance, phase=phase), look, destination="Port", notices=notices, up_deg=0.0)
    assert sign_of(picture) is sign(shape)
    assert texts(picture)[:2] == [text, "looking for another..."]


def test_to_a_route_that_begins_elsewhere_an_arrow_points(look):
    trip, guidance = seen(WAY, east=60.0, north=50.0)
    assert guidance.phase is Phase.APPROACHING
    facing = near(trip, replace(guidance, facing_deg=0.0), look, destination="Port")
    assert sign_of(facing) is pointer(270)
    assert texts(facing)[:2] == ["60 m", "go to the route"]
    assert sign_of(near(trip, guidance, look, destination="Port")) is sign("off route")


def test_the_destination_is_called_by_its_name(look):
    trip, guidance = seen(route([(0, 0), (0, 90)]))
    assert texts(near(trip, guidance, look, destination="Port Hercule"))[:2] == ["90 m", "Port Hercule"]
    arrived = near(trip, replace(guidance, phase=Phase.ARRIVED), look, destination="Port Hercule")
    assert texts(arrived) == ["Arrived: Port", "Hercule", LICENCE] or texts(arrived) == [
        *("Arrived: Port Hercule", LICENCE),
    ]


def test_a_roundabout_shows_where_it_is_left(look):
    ring = [
        step(Maneuver.START, (0, 0), (0, 50)),
        step(Maneuver.ROUNDABOUT, (0, 50), (10, 55), (20, 60), exit=2),
        step(Maneuver.CONTINUE, (20, 60), (80, 60)),
        step(Maneuver.ARRIVE, (80, 60)),
    ]
    trip, guidance = seen(Route((Leg(tuple(ring)),), "en"))
    picture = near(trip, guidance, look, destination="")
    assert sign_of(picture) is roundabout(90)
    assert "Roundabout, exit 2" in texts(picture)


@pytest.mark.parametrize("language", [*LANGUAGES, "nl"])
def test_every_language_has_its_words(look, language):
    trip, guidance = seen(WAY)
    words = {said(notice, language) for notice in Notice}
    assert len(words) == len(Notice)
    assert (words == {notice.value for notice in Notice}) == (language in {"en", "nl"})
    picture = near(trip, guidance, replace(look, language=language), destination="Port", up_deg=10.0)
    assert texts(picture)


def test_a_language_without_words_of_ours_has_the_routers_sentence():
    turn = replace(WAY.steps[1], text="Sla linksaf naar Rue Grimaldi.")
    assert spoken(turn, "nl") == "Sla linksaf naar Rue Grimaldi."
    assert spoken(turn, "de-AT") == "Links: Rue Grimaldi"
    assert spoken(WAY.steps[1], "nl") == "Left: Rue Grimaldi"


@pytest.mark.parametrize("name", ["x", "W" * 200, "Rue de la " * 30, "\u0645\u062d\u0645\u062f " * 40, "\n\t\x1b[31m"])
def test_no_name_breaks_the_card(look, name):
    steps = [replace(WAY.steps[1], streets=(name,)) if n == 1 else one for n, one in enumerate(WAY.steps)]
    trip, guidance = seen(Route((Leg(tuple(steps)),), "en"))
    pictures = [
        near(trip, guidance, look, destination=name, up_deg=0.0, arrives="14:32"),
        near(trip, replace(guidance, phase=Phase.ARRIVED), look, destination=name),
        message("no position", name, look, name),
        choice(name, [name] * 12, 11, look),
    ]
    for picture in pictures:
        assert len({item.id for item in picture.items}) == len(picture.items)
        for item in picture.items:
            assert 0 <= item.x < 640
            assert 0 <= item.y < 400
            if isinstance(item, TextItem):
                assert item.x + look.font_of("", "normal").width(item.text) <= 640


def test_a_list_scrolls_to_what_is_marked(look):
    titles = [f"Place {number}" for number in range(1, 21)]
    for marked in (0, 5, 19):
        picture = choice("Place", titles, marked, look)
        yellow = [item.text for item in picture.items if isinstance(item, TextItem) and item.colour == "yellow"]
        assert yellow == [f"{marked + 1} Place {marked + 1}"]


def test_legs(look):
    way = Route((leg([(0, 0), (0, 90)], end=Maneuver.WAYPOINT), leg([(0, 90), (0, 200)])), "en")
    trip, guidance = seen(way)
    picture = near(trip, guidance, look, destination="Bakery")
    assert sign_of(picture) is sign("waypoint")
    assert "Bakery" in texts(picture)
