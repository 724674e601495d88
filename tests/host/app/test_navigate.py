"""Being led on the emulated Frame: cards and small distances, taps, lists, lost positions and links, other ways."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

pytest.importorskip("lupa")
pytest.importorskip("valhalla")

from navigate_desk import NavigateDesk, Written, way

from host.app import navigate
from host.backends.valhalla import Valhalla
from host.contracts.position import Lost
from host.errors import NoRouteError, UsageError
from host.navigate.trip import Heading

LICENCE = "\u00a9 OpenStreetMap contributors"
TO_PARK = ((2.2, 0), (3, 0), (3, 3), (3.5, 3.05))  # as the router finds it
LOST = Lost(0.0, "silent", "the receiver says nothing", "Look whether it is on")


@pytest.fixture(params=["frame", pytest.param("halo", marks=pytest.mark.slow)])
def desk(tmp_path, monkeypatch, request):
    desk = NavigateDesk(tmp_path, request.param)
    desk.put_on(monkeypatch)
    return desk


def is_small(texts):
    return len(texts) == 1 and texts[0].endswith(" m")


@pytest.fixture(scope="module")
def led(tmp_path_factory):
    """Somebody was led to the park."""
    with pytest.MonkeyPatch.context() as patch:
        desk = NavigateDesk(tmp_path_factory.mktemp("led"))
        desk.put_on(patch)
        assert desk.run("Flower Park", Written(way(*TO_PARK))) is True
        yield desk


def test_somebody_is_led_to_the_place(led):
    desk = led
    assert [(e.maneuver, e.soon) for e in desk.told("instruction")] == [
        *(("left", False), ("left", True), ("right", False), ("right", True), ("arrive", True)),
    ]
    assert [(e.destination, e.last) for e in desk.told("arrived")] == [("Flower Park", True)]
    assert not desk.told("reroute")
    assert desk.texts[-1] == ["Arrived: Flower Park", LICENCE]
    assert desk.dark


def test_a_map_is_told_the_way_and_where_they_are_once_a_second(led):
    (route,) = led.told("route")
    assert 3 <= len(route.points) < 12  # straight streets and two corners
    assert [abs(a - b) < 1e-3 for a, b in zip(route.points[-1], (route.lat, route.lon), strict=True)] == [True, True]
    fixes = led.told("fix")
    walked = [round(one.lat, 6) for one in way(*TO_PARK)]
    assert [one.lat for one in fixes[:20]] == walked[:20]
    assert all(b.t - a.t > 0.999 for a, b in pairwise(fixes))


def test_between_what_is_to_be_done_there_is_only_a_small_distance(led):
    desk = led
    cards = [texts for texts in desk.texts if not is_small(texts)]
    assert cards[0][:2] == ["100 m", "Church Walk"]
    assert all(LICENCE in texts for texts in cards)
    kinds = [is_small(texts) for texts in desk.texts]
    assert [kind for kind, after in pairwise([*kinds, None]) if kind is not after] == [False, True] * 2 + [False]
    first = kinds.index(True)
    far = [int(texts[0].split()[0]) for texts in desk.texts[first : kinds.index(False, first)]]
    assert far == sorted(far, reverse=True)
    assert 30 < far[-1] < 70  # 22 s before the turn, at their pace, the card comes


def test_nothing_is_drawn_again_unless_it_changed(desk):
    desk.run("Flower Park", Written(way(*TO_PARK, pace_mps=0.1)[:60]))  # who hardly moves
    assert all(a != b for (_, a), (_, b) in pairwise(desk.shown))
    assert len(desk.shown) < 6


def test_a_tap_brings_the_card_back_for_some_seconds(desk):
    desk.run("Flower Park", Written(way((2.2, 0), (3, 0), (3, 3))), taps="60\n", until=90)
    begun = next(t for t, picture in desk.shown if t > 58 and len(picture.items) > 1)
    ended = next(t for t, picture in desk.shown if t > begun and len(picture.items) == 1)
    assert 60 <= begun < 61
    assert 7.5 <= ended - begun <= 9


def test_lost_positions_are_said_while_the_instruction_stays(desk):
    walk = way(*TO_PARK)
    desk.run("Flower Park", Written([*walk[:20], LOST, *walk[25:70]]))
    lost = [texts for texts in desk.texts if "position lost" in texts]
    assert {texts[1] for texts in lost} == {"Church Walk"}
    assert [(e.state, e.code, e.message) for e in desk.told("position")] == [
        ("lost", "silent", "the receiver says nothing"),
        ("back", "", ""),
    ]
    assert is_small(desk.texts[-1])  # when there is nothing to be done soon


def test_positions_that_are_too_far_off_to_lead_by_are_as_good_as_lost(desk):
    walk = way(*TO_PARK)
    vague = [replace(fix, accuracy_m=100.0) for fix in walk[20:50]]
    desk.run("Flower Park", Written([*walk[:20], *vague, *walk[50:90]]))
    lost, back = desk.told("position")
    assert (lost.state, lost.code, back.state) == ("lost", "inaccurate", "back")
    assert {texts[1] for texts in desk.texts if "position lost" in texts} == {"Church Walk"}


def test_before_the_first_position_it_is_said_that_there_is_none(desk):
    no_fix = Lost(None, "no-fix", "no fix yet", "Go outside")
    desk.run("Flower Park", Written([no_fix, *way(*TO_PARK)], begins_s=5.0), until=60)
    assert desk.texts[:2] == [["no position yet"], ["no position yet", "no fix yet"]]
    assert desk.texts[2][:2] == ["90 m", "Church Walk"]
    assert [(e.state, e.hint) for e in desk.told("position")] == [("waiting", ""), ("waiting", "Go outside")]


def test_who_misses_a_turn_is_led_on_from_there(desk):
    walk = way((2.6, 0), (4, 0), (4, 3), (3.5, 3.05))
    desk.run("Flower Park", Written(walk), until=100)
    assert [e.state for e in desk.told("reroute")] == ["looking", "found"]
    assert desk.told("reroute")[1].distance_m > 300
    told = [e.street for e in desk.told("instruction")]
    assert told[0] == "Church Walk"
    assert "Park Road" in told


def test_another_way_goes_on_where_somebody_goes_wherever_they_look(desk, monkeypatch):
    found, asked = Valhalla.route, []

    async def route(router, *args, **options):
        asked.append(options)
        return await found(router, *args, **options)

    async def looking_north():
        while True:
            await asyncio.sleep(0.1)
            yield Heading(0.0, 0.0)

    monkeypatch.setattr(Valhalla, "route", route)
    monkeypatch.setattr(navigate, "compass_of", lambda *_: looking_north)
    desk.run("Flower Park", Written(way((2.6, 0), (4, 0), (4, 1))), until=70)
    assert asked[1]["heading_deg"] == pytest.approx(90.0, abs=20.0)


def test_where_there_is_no_other_way_the_earlier_one_stays(desk, monkeypatch):
    found, asked = Valhalla.route, []

    async def route(router, *args, **options):
        asked.append(options)
        if len(asked) > 1:
            raise NoRouteError("no way leads there", "Another")
        return await found(router, *args, **options)

    monkeypatch.setattr(Valhalla, "route", route)
    assert desk.run("Flower Park", Written(way((2.6, 0), (4, 0), (4, 1.2)))) is False
    states = [e.state for e in desk.told("reroute")]
    assert states == ["looking", "failed"] * (len(states) // 2)
    assert desk.told("reroute")[1].reason == "no way leads there"
    assert any("no other way found" in texts for texts in desk.texts)
    assert len(asked) <= 8  # ever more seldom


def test_stops_on_the_way_are_told(desk):
    walk = [*way((3.2, 0), (3.5, 0), pace_mps=1.4), *way((3.5, 0), (3, 0), (3, 1), (3.5, 1), pace_mps=1.4)]
    times = [type(fix)(fix.lat, fix.lon, fix.accuracy_m, float(n), source="x") for n, fix in enumerate(walk)]
    assert desk.run("11 Mill Lane", Written(times), via=("Museum of Small Things",)) is True
    stops = [(e.destination, e.last) for e in desk.told("arrived")]
    assert stops == [("Museum of Small Things", False), (desk.told("route")[0].destination, True)]


def test_whoever_is_there_already_has_arrived(desk):
    assert desk.run("Museum of Small Things", Written(way((3.5, 0), (3.51, 0)))) is True
    assert [e.name for e in desk.events if e.name in {"instruction", "arrived"}] == ["arrived"]


CAFES = "Caf\u00e9 Zo\u00eb"


@pytest.mark.parametrize(
    ("taps", "north"),
    [("", 1.05), ("5\n", 3.05), ("5\n7\n", 1.05), ("5\n5.3\n", 1.05), ("5\n7\n7.3\n", 3.05)],
)
def test_of_several_places_one_is_chosen_by_tap(desk, taps, north):
    """One tap marks the next, two at once take what is marked; and waiting does, too."""
    desk.run(CAFES, Written(way((1.5, 0.5), (1.5, 0.6))), taps=taps, until=60)
    (route,) = desk.told("route")
    assert round((route.lat - 0.5) * 111_195 / 90, 2) == north
    assert [e.number for e in desk.told("place")] == [1, 2]
    name = {"frame": CAFES, "halo": "Cafe Zoe"}[desk.kind]  # in the glasses' own letters
    assert desk.texts[0][0] == name
    assert desk.texts[0][1].startswith(f"1 {name}")


def test_of_several_places_one_is_chosen_by_key(desk):
    desk.run(CAFES, Written(way((1.5, 0.5), (1.5, 0.6))), keys=((1.0, 1), (5.0, 9), (5.5, 2)), until=20)
    assert round((desk.told("route")[0].lat - 0.5) * 111_195 / 90, 2) == 3.05
    assert "which one? Press 1 to 2" in [e.message for e in desk.told("notice")]
    assert "there is no number 9: press 1 to 2" in [e.message for e in desk.told("notice")]


def test_of_several_places_the_number_that_was_given_is_taken(desk):
    desk.run(CAFES, Written(way((1.5, 0.5), (1.5, 0.6))), number=2, until=20)
    assert round((desk.told("route")[0].lat - 0.5) * 111_195 / 90, 2) == 3.05
    with pytest.raises(UsageError, match="there is no number 3"):
        desk.run(CAFES, Written(way((1.5, 0.5), (1.5, 0.6))), number=3)


def sketches(desk):
    """The dots of each picture's sketch."""
    ways = [next((item for item in picture.items if item.id == 10), None) for _, picture in desk.shown]
    return [tuple((item.x + one.x, item.y + one.y) for one in item.placed) for item in ways if item is not None]


def test_the_sketch_turns_with_the_head_while_it_is_seen(desk, monkeypatch):
    begun, ended = [], []

    async def headings():
        begun.append(asyncio.get_running_loop().time())
        try:
            while True:
                await asyncio.sleep(0.1)
                yield Heading(0.0, 0.0 if asyncio.get_running_loop().time() < 6.0 else 90.0)
        finally:
            ended.append(asyncio.get_running_loop().time())

    monkeypatch.setattr(navigate, "compass_of", lambda *_: headings)
    standing = [replace(fix, speed_mps=0.0, course_deg=None) for fix in way((3, 0.3), (3, 0.31), pace_mps=0.03)]
    desk.run("Flower Park", Written(standing[:30]), until=30)
    assert not any("walking" in text for texts in desk.texts[2:] for text in texts)
    first, last = sketches(desk)[0], sketches(desk)[-1]
    assert first != last
    assert {round(x / 40) for x, _ in first} != {round(x / 40) for x, _ in last}  # it was upright, and lies
    assert len(begun) == len(ended) == 1
    assert ended[0] < 14  # when the card went


def test_without_a_calibrated_compass_it_is_told_that_the_sketch_follows_the_way(led):
    assert [e.hint for e in led.told("notice")] == ["Calibrate it: sidelight calibrate compass"]
    assert all(any(text.startswith("up: walking") for text in texts) for texts in led.texts[:-1] if not is_small(texts))


@pytest.mark.parametrize("cut", ["3:2", "12:5", "70:20"])  # with the first card, before a turn, a small distance
def test_a_lost_link_resumes(desk, cut):
    if (desk.kind, cut) == ("halo", "3:2"):
        cut = "8:2"  # before that the program is still on its way to the glasses
    back_s = sum(map(int, cut.split(":")))
    desk.run("Flower Park", Written(way(*TO_PARK)), cut=cut, until=back_s + 25)
    states = [event.state for event in desk.told("link")]
    assert states[states.index("lost") :][-1] == "ready"
    assert max(t for t, _ in desk.shown) > back_s + 10
    assert desk.dark


@pytest.mark.parametrize("until", [4.0, 30.0])
def test_whatever_ends_it_the_lens_is_dark(desk, until):
    assert desk.run("Flower Park", Written(way(*TO_PARK)), until=until) is None
    assert desk.dark


def test_positions_that_come_seldom_do_not_make_the_card_come_and_go(desk):
    desk.run("Flower Park", Written(way(*TO_PARK, pace_mps=1.4)[::6]), until=60)
    kinds = [is_small(texts) for texts in desk.texts]
    assert [kind for kind, after in pairwise([*kinds, None]) if kind is not after] in (
        [False, True],
        [False, True, False],
    )
