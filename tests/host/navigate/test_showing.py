"""When the card is on the lens: at what is new, before what is to be done, on a tap, and where something is wrong."""

from __future__ import annotations

from dataclasses import replace

from walks import route

from host.navigate.guidance import Guidance, guide
from host.navigate.position import Fix
from host.navigate.showing import STAYS_S, Showing, looked, tapped
from host.navigate.trip import Phase, start

TRIP = start(route([(0, 0), (0, 200), (100, 200)]))
FAR: Guidance = guide(TRIP, Fix(TRIP.route.line.points[0].lat, TRIP.route.line.points[0].lon, 5.0, 0.0), 0.0)[1]


def at(metres, **more):
    return replace(FAR, distance_m=metres, **more)


def seen(*moments, pace=1.4):
    """What is shown at (distance, time)."""
    showing, shown = Showing(), []
    for metres, now_s in moments:
        showing = looked(showing, at(metres), pace, now_s)
        shown.append(showing.card)
    return shown


def test_the_card_goes_after_some_seconds_and_comes_before_the_turn():
    assert FAR.phase is Phase.ON_ROUTE
    assert seen((200, 0), (190, STAYS_S - 1), (188, STAYS_S + 1), (40, 110), (30, 120), (5, 140)) == [
        *(True, True, False, False, True, True),
    ]


def test_who_is_fast_sees_it_sooner():
    assert seen((200, 0), (100, 20), pace=5.0)[-1] is True
    assert seen((200, 0), (100, 20), pace=1.4)[-1] is False


def test_distances_that_come_and_go_a_little_do_not_make_it_flicker():
    assert seen((200, 0), (30, 60), (33, 61), (36, 62), (45, 63)) == [True, True, True, True, False]


def test_a_tap_brings_it_back():
    showing = looked(looked(Showing(), at(200), 1.4, 0.0), at(190), 1.4, 20.0)
    assert not showing.card
    assert looked(tapped(showing, 21.0), at(189), 1.4, 22.0).card
    assert not looked(tapped(showing, 21.0), at(180), 1.4, 21.0 + STAYS_S).card


def test_it_is_there_where_something_is_wrong():
    before = looked(Showing(), at(200), 1.4, 0.0)
    assert not looked(before, at(200, reckoned=True), 1.4, 60.0).card  # some receivers say a fix in five seconds
    for phase in (Phase.OFF_ROUTE, Phase.TURNED_BACK, Phase.APPROACHING):
        assert looked(before, at(200, phase=phase), 1.4, 60.0).card
