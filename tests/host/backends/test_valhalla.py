"""Routes through the town of our own making, in process and over HTTP: the same routes, the same errors."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_server import Handler, LocalServer
from town_map import at, town_file, town_folder

from host.app.maps import open_map
from host.backends.routers import choose
from host.backends.valhalla_http import ValhallaHttp
from host.backends.valhalla_json import error_of, request_of, route_of
from host.config import Settings
from host.contracts import Maneuver, Mode, Place, Route, Way
from host.endpoint import Endpoint
from host.errors import BackendError, BackendMissingError, HostError, NoRouteError, OutsideMapError, UsageError


class _Valhalla(Handler):
    """Answers as valhalla_service does, out of the library in this process."""

    def respond(self) -> None:
        request = json.loads(self.body())
        self.owner.requests.append((self.path, request))
        try:
            status, content = 200, getattr(self.owner.actor, self.path.removeprefix("/"))(json.dumps(request))
        except RuntimeError as error:
            code = 171 if "No suitable" in str(error) else 442
            status, content = 400, json.dumps({"error_code": code, "error": str(error), "status_code": 400})
        if self.owner.instead is not None:
            status, content = self.owner.instead
        self.answer(status, "application/json", content.encode())


@pytest.fixture(scope="module")
def town() -> Path:
    return town_folder()


@pytest.fixture
def server(town):
    import valhalla  # noqa: PLC0415 - may not be there

    with contextlib.closing(open_map(town)) as opened:
        opened.router(Settings())  # writes the configuration
        made = LocalServer(_Valhalla)
        made.actor = valhalla.Actor(str(opened.stored.routes))
        made.requests, made.instead = [], None
        with made.running():
            yield made


def routed(town: Path, *places: Place, mode: Mode = Mode.WALK, language: str = "en", **more) -> Route:
    async def main() -> Route:
        with contextlib.closing(open_map(town)) as opened:
            router = opened.router(Settings()).router
            try:
                return await router.route(places, mode, language, **more)
            finally:
                await router.close()

    return asyncio.run(main())


def asked(server: LocalServer, *places: Place, mode: Mode = Mode.WALK, language: str = "en", **more) -> Route:
    async def main() -> Route:
        router = ValhallaHttp(Endpoint(server.url, setting="valhalla.url"))
        try:
            return await router.route(places, mode, language, **more)
        finally:
            await router.close()

    return asyncio.run(main())


def told(route: Route) -> list[tuple[str, tuple[str, ...]]]:
    return [(step.maneuver.value, step.streets) for step in route.steps]


def test_a_walk_goes_along_the_streets(town):
    route = routed(town, at(0.5, 0), at(2, 2.5))
    assert told(route)[0] == ("start", ("Harbour Street",))
    assert told(route)[-1] == ("arrive", ())
    assert ("left", ("Station Road",)) in told(route)
    assert route.length_m == pytest.approx(1.5 * 120 + 2.5 * 90, abs=15)
    assert all(step.way is Way.STREET for step in route.steps[:-1])


def test_a_roundabout_is_one_step_with_its_exit(town):
    route = routed(town, at(4, 0), at(6, 0.9), mode=Mode.BIKE)
    (step,) = [s for s in route.steps if s.maneuver is Maneuver.ROUNDABOUT]
    assert step.exit >= 1
    assert step.streets == ("Fish Lane",)


def test_stairs_are_said_and_step_free_goes_round_them(town):
    below = at(2.3, 4.6)
    walk = routed(town, at(2, 3.5), below)
    assert Maneuver.STAIRS in [s.maneuver for s in walk.steps]
    free = routed(town, at(2, 3.5), below, mode=Mode.STEP_FREE)
    assert all(s.maneuver is not Maneuver.STAIRS and s.way is not Way.STAIRS for s in free.steps)
    assert free.length_m > walk.length_m
    assert Way.PATH in [s.way for s in free.steps]


def test_stairs_are_never_passed_off_as_step_free(server):
    walk = server.actor.route(json.dumps(request_of([at(2, 3.5), at(2.3, 4.6)], Mode.WALK, "en", [], None)))
    server.instead = (200, walk)
    assert asked(server, at(2, 3.5), at(2.3, 4.6)).length_m > 0
    with pytest.raises(NoRouteError, match="no way without stairs leads there"):
        asked(server, at(2, 3.5), at(2.3, 4.6), mode=Mode.STEP_FREE)


def test_routes_that_are_asked_for_at_once_do_not_disturb_each_other(town):
    async def main() -> list[Route]:
        with contextlib.closing(open_map(town)) as opened:
            router = opened.router(Settings()).router
            ways = [[at(0.5, 0), at(5, n % 4)] for n in range(12)]
            return await asyncio.gather(*(router.route(way, Mode.WALK, "en") for way in ways))

    routes = asyncio.run(main())
    assert routes == routes[:4] * 3


def test_a_mode_is_known_by_its_name():
    assert [Mode.named(text) for text in ("walk", "Bike", " step-free ")] == list(Mode)
    with pytest.raises(UsageError, match="there is no way to move called 'wlak'; did you mean walk") as caught:
        Mode.named("wlak")
    assert caught.value.hint == "There are walk, bike, step-free"


def test_several_places_make_several_legs(town):
    route = routed(town, at(0.5, 0), at(3, 1), at(5, 3))
    assert [leg.steps[-1].maneuver for leg in route.legs] == [Maneuver.WAYPOINT, Maneuver.ARRIVE]


@pytest.fixture(scope="module")
def harbour(tmp_path_factory) -> Path:
    """The town with a ferry along the harbour, to another quay, and a road that comes back beside the one to it."""
    from host.app.maps import add_map  # noqa: PLC0415 - the libraries may not be there

    town_folder()  # or skip
    residential = {"highway": "residential"}
    ways = [
        ({"highway": "footway"}, [(3.0, 0.0), (3.0, -0.2)]),
        ({"route": "ferry", "foot": "yes", "name": "Harbour Ferry"}, [(3.0, -0.2), (5.5, -0.7), (8.0, -3.0)]),
        ({"highway": "footway"}, [(8.0, -3.0), (8.5, -3.0)]),
        (residential | {"name": "Low Road"}, [(6.0, 1.0), (8.0, 1.0)]),
        (residential | {"name": "High Road"}, [(8.0, 1.0), (7.0, 1.08), (6.5, 1.12)]),
    ]
    folder = tmp_path_factory.mktemp("harbour")
    text = town_file(folder).read_text(encoding="utf-8")
    nodes, lines = "", ""
    for number, (tags, points) in enumerate(ways):
        refs = ""
        for n, point in enumerate(points):
            where = f'lat="{at(*point).lat:.7f}" lon="{at(*point).lon:.7f}"'
            if (there := re.search(f'<node id="([0-9]+)" version="1" {where}', text + nodes)) is None:
                node = str(900_000 + 10 * number + n)
                nodes += f'<node id="{node}" version="1" {where}/>'
            refs += f'<nd ref="{node if there is None else there[1]}"/>'
        said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        lines += f'<way id="{910_000 + number}" version="1">{refs}{said}</way>'
    text = text.replace("<way", f"{nodes}<way", 1).replace("<relation", f"{lines}<relation", 1)
    (folder / "harbour.osm").write_text(text, encoding="utf-8")
    add_map(str(folder / "harbour.osm"), "harbour", folder / "data")
    return folder / "data"


def test_a_harbour_is_walked_to_and_not_along_the_line_of_a_ferry(harbour):
    steps = routed(harbour, at(0.5, 0), at(5.5, -0.6)).steps
    assert Maneuver.FERRY not in [step.maneuver for step in steps]
    assert steps[-2].streets == ("Harbour Street",)


def test_a_ferry_is_taken_where_it_leads_on(harbour):
    assert Maneuver.FERRY in [step.maneuver for step in routed(harbour, at(0.5, 0), at(8.5, -3)).steps]


def test_a_hairpin_onto_another_way_is_not_to_turn_round(harbour):
    assert ("sharp left", ("High Road",)) in told(routed(harbour, at(6.2, 1), at(6.6, 1.1)))


def test_a_closed_street_is_avoided(town):
    straight = routed(town, at(0.5, 1), at(2.5, 1))
    round_it = routed(town, at(0.5, 1), at(2.5, 1), avoid=[at(1.5, 1)])
    assert round_it.length_m > straight.length_m + 100


def test_who_is_under_way_is_not_turned_back(town):
    heading = routed(town, at(1.5, 0), at(0.2, 0), heading_deg=90.0)
    assert heading.length_m > routed(town, at(1.5, 0), at(0.2, 0)).length_m


@pytest.mark.parametrize("language", ["es", "fr", "de", "it", "pt", "ja"])
def test_sentences_come_in_the_language_that_was_asked_for(town, language):
    english, route = routed(town, at(0.5, 0), at(2, 2.5)), routed(town, at(0.5, 0), at(2, 2.5), language=language)
    assert route.language == language
    assert route.steps[0].text
    assert route.steps[0].text != english.steps[0].text


def test_a_language_without_sentences_gets_english_ones_and_says_so(town):
    assert routed(town, at(0.5, 0), at(2, 2.5), language="zh").language == "en"


@pytest.mark.parametrize("place", [Place(48.0, 2.0), Place(0.5, -19.5), Place(0.49, -20.0)])
def test_a_place_off_the_map_is_said_with_what_the_map_covers(town, place):
    with pytest.raises(OutsideMapError, match=r"is not on the map: it reaches from 0\.49 to 0\.51 north"):
        routed(town, at(0.5, 0), place)


def test_an_island_has_no_route(town):
    with pytest.raises((NoRouteError, OutsideMapError)):
        routed(town, at(0.5, 0), at(9.5, 4))


def test_the_server_gives_the_same_routes(town, server):
    for mode in Mode:
        assert asked(server, at(0.5, 0), at(5, 3), mode=mode) == routed(town, at(0.5, 0), at(5, 3), mode=mode)
    assert [path for path, _ in server.requests[:2]] == ["/route", "/trace_attributes"]


def test_what_the_server_says_of_a_place_off_the_map_is_understood(server):
    with pytest.raises(OutsideMapError, match="no way to walk within 500 m"):
        asked(server, at(0.5, 0), Place(0.5, -19.7))


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (200, "<html>", "no route"),
        (200, "{}", "no route"),
        (200, '{"trip": {"legs": [{"shape": "x", "maneuvers": []}]}}', "no route"),
        (200, '{"trip": {"legs": []}}', "no route"),
        (404, "{}", "answered 404"),
        (503, "busy", "answered 503"),
        (400, '{"error_code": 999, "error": "\\u001b[31mred"}', "the router failed:  ?\\[31mred"),
    ],
)
def test_an_answer_that_is_no_route_is_an_error(server, status, content, message):
    server.instead = (status, content)
    with pytest.raises(BackendError, match=message) as caught:
        asked(server, at(0.5, 0), at(2, 2))
    assert caught.value.hint


def answer(server: LocalServer, **maneuver: object) -> str:
    """What the server says of a walk, its first manoeuvre changed."""
    said = json.loads(server.actor.route(json.dumps(request_of([at(0.5, 0), at(2, 2.5)], Mode.WALK, "en", [], None))))
    said["trip"]["legs"][0]["maneuvers"][0] |= maneuver
    return json.dumps(said)


@pytest.mark.parametrize("time_s", [float("inf"), float("nan"), 1e300, -1.0])
def test_a_duration_that_cannot_be_is_no_route(server, time_s):
    server.instead = (200, answer(server, time=time_s))
    with pytest.raises(BackendError, match="no route"):
        asked(server, at(0.5, 0), at(2, 2.5))


def test_names_without_an_end_are_cut(server):
    server.instead = (200, answer(server, street_names=["Long " * 10_000], instruction="Walk " * 10_000))
    first = asked(server, at(0.5, 0), at(2, 2.5)).steps[0]
    assert len(first.streets[0]) < 300
    assert len(first.text) < 600


def test_a_server_without_the_kinds_of_ways_still_gives_routes(town, server):
    real = server.actor

    class RoutesOnly:
        route = staticmethod(real.route)

        @staticmethod
        def trace_attributes(_request):
            raise RuntimeError("not offered")

    server.actor = RoutesOnly
    route = asked(server, at(0.5, 0), at(2, 2.5))
    assert told(route) == told(routed(town, at(0.5, 0), at(2, 2.5)))


def test_nobody_at_the_address_is_said():
    async def main() -> None:
        router = ValhallaHttp(Endpoint("http://127.0.0.1:9", setting="valhalla.url"))
        with pytest.raises(BackendError, match="nothing listens at"):
            await router.route([at(0, 0), at(1, 1)], Mode.WALK, "en")

    asyncio.run(main())


def test_the_choice_of_a_router():
    assert choose("auto", installed=True, configured=True).name == "valhalla"
    assert choose("auto", installed=False, configured=True).name == "valhalla-http"
    assert choose("valhalla-http", installed=True, configured=True).name == "valhalla-http"
    with pytest.raises(BackendMissingError, match="valhalla is not installed") as caught:
        choose("auto", installed=False, configured=False)
    assert caught.value.hint == "Install it: pip install 'sidelight[navigate]'"
    with pytest.raises(UsageError, match="no Valhalla server is set"):
        choose("valhalla-http", installed=True, configured=False)
    with pytest.raises(UsageError, match="there is no router 'valhala'; did you mean valhalla"):
        choose("valhala", installed=True, configured=False)


def test_messages_without_a_code_are_known():
    said = {
        "No suitable edges near location": OutsideMapError,
        "Path distance exceeds the max distance limit: 250000 meters": OutsideMapError,
        "No path could be found for input": NoRouteError,
        "Locations are in unconnected regions. Go check/edit the map at osm.org": NoRouteError,
        "anything else": BackendError,
    }
    assert {text: type(error_of(None, text, Mode.WALK)) for text in said} == said


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["trip", "legs", "shape", "maneuvers", "type", "begin_shape_index", "end_shape_index", "length", "time",
         "instruction", "street_names"]), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@given(JSON, JSON)
@settings(max_examples=150, deadline=None)
def test_whatever_an_answer_is_it_is_a_route_or_an_error_of_ours(answer, ways):
    with contextlib.suppress(HostError):
        assert isinstance(route_of({"trip": {"legs": [answer]}}, [ways], Mode.WALK, "en"), Route)
    with contextlib.suppress(HostError):
        route_of(answer, [ways], Mode.STEP_FREE, "en")


def test_a_request_bounds_how_far_off_the_ways_somebody_may_be():
    request = request_of([at(0, 0), at(1, 1)], Mode.WALK, "zh", [], 361.0)
    assert {location["search_cutoff"] for location in request["locations"]} == {500}
    assert request["locations"][0]["heading"] == 1
    assert "heading" not in request["locations"][1]
    assert request["language"] == "en-US"
