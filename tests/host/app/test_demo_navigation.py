"""The demo's way: its town, route and walk fit together, and it is led with and without what finds routes."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from make_demo_map import town
from town_map import town_folder

from host.app import demo_navigation
from host.app.demo_navigation import DESTINATION, demo_route, kept, led, town_file, walk
from host.app.maps import open_map
from host.app.positions import open_position
from host.config import Settings
from host.contracts import Mode
from host.events import Arrived, Instruction, RouteFound
from host.navigate.line import distance_m
from host.paths import kept_in


def fixes_of_walk():
    async def all_fixes():
        return [fix async for fix in open_position(f"gpx:{walk()}?speed=max").reports()]

    return asyncio.run(all_fixes())


def test_the_bundled_town_is_the_tools():
    assert town_file().read_text(encoding="utf-8") == town()


def test_the_walk_is_along_the_route():
    line, fixes = kept().line, fixes_of_walk()
    assert distance_m(fixes[0].place, line.at(0.0)) < 15.0
    assert distance_m(fixes[-1].place, line.at(line.length_m)) < 15.0
    assert max(line.snap(fix.place, 0.0, line.length_m, 0.0, 0.0).offset_m for fix in fixes) < 15.0
    assert {fix.speed_mps is None for fix in fixes} == {False}
    assert demo_route().stat().st_size < 10_000


def test_the_route_is_one_that_the_router_finds():
    with contextlib.closing(open_map(town_folder(), "town")) as opened:
        router, line = opened.router(Settings()).router, kept().line
        end = opened.find(DESTINATION, near=line.at(0.0)).found[0].place.place

        async def found():
            try:
                return await router.route([line.at(0.0), end], Mode.WALK, "en")
            finally:
                await router.close()

        route = asyncio.run(found())
    assert route.length_m == pytest.approx(kept().length_m, abs=2.0)
    assert [step.maneuver for step in route.steps] == [step.maneuver for step in kept().steps]


@pytest.mark.parametrize("found", [True, False])
def test_somebody_is_led(found, tmp_path, monkeypatch):
    pytest.importorskip("lupa")
    pytest.importorskip("osmium")
    if found:
        pytest.importorskip("valhalla")
    monkeypatch.setattr(demo_navigation.routers, "installed", lambda: found)
    events = []
    with kept_in(tmp_path / "home"):
        report = led(tmp_path / "led", events.append, lambda: 0.0)
    assert report.arrived
    assert report.found is found
    (route,) = [event for event in events if isinstance(event, RouteFound)]
    assert route.licence == "(c) OpenStreetMap contributors"
    told = [event.maneuver for event in events if isinstance(event, Instruction) and not event.soon]
    assert told == ["right", "left", "arrive"]
    assert report.told >= len(told)
    assert any(isinstance(event, Arrived) for event in events)
    assert len(report.pictures) > 4
    assert all(picture.is_file() for picture in report.pictures)
