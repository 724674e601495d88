"""Whether somebody can be led: what finds routes, and the maps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from host.app.doctor.checkup import Checkup, broken, missing, ok, wanted
from host.backends.choosing import are_here
from host.backends.routers import INSTALL, choose, installed
from host.errors import HostError
from host.events import Finding
from host.paths import data_folder
from host.store.maps import MapFolder, StoredMap
from host.store.place_index import PlaceIndex

__all__ = ["navigation"]

_OLD_DAYS: Final = 365  # streets change; OpenStreetMap offers new files every day
_ADD: Final = "Run: sidelight maps add FILE.osm.pbf"


def navigation(checkup: Checkup) -> Iterator[Finding]:
    """What is installed for it, and each map."""
    settings = checkup.settings
    try:
        choice = choose(settings.router, installed=installed(), configured=bool(settings.valhalla_url))
    except HostError as error:
        yield wanted("router", error.message, error.hint, needed=settings.router != "auto")
    else:
        yield ok("router", f"{choice.name} is taken: {choice.why}")
    if not are_here(("osmium", "valhalla")):
        yield missing("making maps", "what makes maps is not installed", f"Run: {INSTALL}")
    folder = MapFolder(data_folder())
    maps, unreadable = folder.all(), folder.unreadable()
    for name in unreadable:
        yield broken(f"map {name}", "it is damaged", f"Add it again, or run: sidelight maps remove {name}")
    for stored in maps:
        yield _map(stored)
    if not maps and not unreadable:
        yield missing("maps", "there is none yet", _ADD)
    if settings.navigate_map and settings.navigate_map not in {*(m.name for m in maps), *unreadable}:
        yield broken("navigate.map", f"there is no map {settings.navigate_map!a:.60}", "sidelight maps list shows them")


def _map(stored: StoredMap) -> Finding:
    check, again = f"map {stored.name}", f"Add it again, from {stored.record.source!a:.200}"
    try:
        with contextlib.closing(PlaceIndex.open(stored.places)):
            pass
    except HostError as error:
        return broken(check, error.message, again)
    if not any(stored.tiles.rglob("*.gph")):
        return broken(check, "places are found on it, but it has no tiles to find routes on", again)
    size, places = f"{stored.size_bytes / 1e6:.1f} MB", f"{stored.record.places} places"
    said = f"{size}, {places}, added {stored.record.added[:10]}"
    with contextlib.suppress(ValueError):
        added = datetime.fromisoformat(stored.record.added)
        if datetime.now(added.tzinfo) - added > timedelta(days=_OLD_DAYS):
            return missing(check, f"{said}: streets have changed since", again)
    return ok(check, said)
