"""The demo's way through a town: a recorded walk, led on emulated glasses in virtual time, by `sidelight navigate`.

Where Valhalla is installed, the map is made of the bundled file as any other and the route found on it. It takes 0.3 to
0.5 GB of disk, so the demo does not bring it: without it places are looked up on the map, and the route is one that
Valhalla found before (`tools/make_demo_walk.py`). What leads along it is the same.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from host.app.lens_pictures import FILM
from host.app.maps import add_map
from host.app.navigate import Journey, navigate
from host.app.positions import open_position
from host.app.translate import Observer, Request
from host.app.wishes import Wishes
from host.backends import routers
from host.backends.valhalla_json import LANGUAGES, LICENCE, route_of
from host.config import Settings
from host.contracts import Mode, Place, Route, RouterInfo
from host.events import Event, Instruction
from host.navigate.categories import UNNAMED
from host.navigate.places import near_duplicates
from host.paths import data_folder
from host.store.maps import MapFolder, MapRecord
from host.store.place_index import build_index

__all__ = ["DESTINATION", "MAP", "Led", "demo_route", "kept", "led", "town_file", "walk"]

DESTINATION: Final = "Westhaven"
"""A station of the town, which is no place of this world."""

MAP: Final = "westhaven"


@dataclass(frozen=True, slots=True)
class Led:
    """What came of it.

    Attributes:
        arrived: whether the destination was reached.
        found: whether the route was found here, and is not the one that comes with the demo.
        told: instructions.
        pictures: of the lens, in order; the film last.
    """

    arrived: bool
    found: bool
    told: int
    pictures: tuple[Path, ...]


def led(folder: Path, report: Callable[[Event], None], elapsed: Callable[[], float]) -> Led:
    """A walk to the station, led on the lens; pictures go into `folder`, the map where maps are. Raises HostError."""
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - an extra

    found = routers.installed()
    if found:
        add_map(str(town_file()), MAP, data_folder())
    else:
        _add_places()
    settings = Settings(navigate_map=MAP, navigate_language="en", navigate_units="metric")
    request = Request(settings=settings, glasses="emulator:frame?speed=max", lens_out=folder, replace=True)
    told = 0

    def watching(event: Event) -> None:
        nonlocal told
        told += isinstance(event, Instruction)
        report(event)

    journey = Journey(destination=DESTINATION, router=None if found else _Kept())
    source = open_position(f"gpx:{walk()}")
    work = navigate(journey, source, request, Observer(event=watching, elapsed=elapsed), Wishes())
    arrived = run_virtual(work, charge_compute=True)
    return Led(arrived, found, told, (*sorted(folder.glob("lens-*.png")), folder / FILM))


def _add_places() -> None:
    """The map without what routes are found on."""
    from host.backends.osm_places import OsmPlaces  # noqa: PLC0415 - loaded when used

    folder = MapFolder(data_folder())
    with folder.adding(MAP) as place:
        ready = place / "work" / "ready"
        shutil.rmtree(ready.parent, ignore_errors=True)
        ready.mkdir(parents=True)
        places = OsmPlaces(town_file(), UNNAMED, lambda _count: None)
        count = build_index(ready / "places.db", places, near_duplicates)
        added = datetime.now().astimezone().isoformat(timespec="seconds")
        record = MapRecord(source=str(town_file()), added=added, places=count, bounds=places.bounds, tiles_bytes=0)
        folder.put(MAP, ready, record)
        shutil.rmtree(ready.parent, ignore_errors=True)


def town_file() -> Path:
    """The bundled map: OpenStreetMap data of a town of our own making."""
    return _bundled("demo-town.osm")


def walk() -> Path:
    """The bundled recording of positions along `kept`."""
    return _bundled("demo-walk.gpx")


def demo_route() -> Path:
    """The bundled answers of Valhalla, as JSON: to /route, and to /trace_attributes for each leg."""
    return _bundled("demo-route.json")


def kept() -> Route:
    """The route that comes with the demo."""
    answers: dict[str, Any] = json.loads(demo_route().read_text(encoding="utf-8"))
    return route_of(answers["route"], answers["ways"], Mode.WALK, "en")


class _Kept:
    """A `Router` that knows one route."""

    @property
    def info(self) -> RouterInfo:
        """What it can do."""
        return RouterInfo(name="the demo's", local=True, languages=frozenset(LANGUAGES), licence=LICENCE)

    async def route(
        self,
        places: Sequence[Place],  # noqa: ARG002 - the contract's; it knows one route
        mode: Mode,  # noqa: ARG002
        language: str,  # noqa: ARG002
        *,
        avoid: Sequence[Place] = (),  # noqa: ARG002
        heading_deg: float | None = None,  # noqa: ARG002
    ) -> Route:
        """The route, whatever is asked."""
        return kept()

    async def close(self) -> None:
        """Nothing to do."""


def _bundled(name: str) -> Path:
    return Path(str(files("host").joinpath("data", name)))
