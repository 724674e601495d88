"""Add, list, search and remove the maps that navigation runs on, and save places.

A map is made of an OpenStreetMap file, such as those that Geofabrik offers for countries and cities; of a big one
--around takes a part. Nothing is asked of the network but a file whose address you give. Map data is (c) OpenStreetMap
contributors.
"""

from __future__ import annotations

import argparse
import contextlib
import math
from collections.abc import Callable

from host.cli.options import add_output_options, examples
from host.cli.output import Output
from host.contracts import Bounds, Place
from host.errors import UsageError
from host.events import Erased, MapEntry, PlaceEntry
from host.navigate.places import Found
from host.paths import data_folder
from host.store.maps import MapFolder, StoredMap
from host.store.saved_places import SavedPlace

__all__ = ["add_arguments", "run"]

_LICENCE = "map data (c) OpenStreetMap contributors, openstreetmap.org/copyright"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the sub-verbs."""
    parser.epilog = examples(
        "sidelight maps add monaco.osm.pbf",
        "sidelight maps add https://download.geofabrik.de/europe/monaco-latest.osm.pbf",
        "sidelight maps add germany.osm.pbf --name mainz --around 49.999,8.273 --km 10",
        "sidelight maps search 'Port Hercule' --map monaco",
        "sidelight maps save home 43.7384,7.4246",
        "sidelight maps remove monaco",
    )
    verbs = parser.add_subparsers(metavar="WHAT", required=True)

    def sub_verb(name: str, action: Callable[..., int], text: str) -> argparse.ArgumentParser:
        sub_parser = verbs.add_parser(name, help=text, description=text)
        sub_parser.set_defaults(action=action)
        add_output_options(sub_parser)
        return sub_parser

    add = sub_verb("add", _add, "make a map of an OpenStreetMap file; one of the same name is replaced")
    add.add_argument("source", metavar="FILE|URL", help="such as monaco.osm.pbf, or its https address")
    add.add_argument("--name", default="", help="what the map is called; else as the file")
    add.add_argument("--around", default="", metavar="LAT,LON", help="only what is near this place")
    add.add_argument("--km", type=float, metavar="N", help="how near, to all sides")

    sub_verb("list", _list, "the maps and the saved places")

    remove = sub_verb("remove", _remove, "remove a map")
    remove.add_argument("name", metavar="NAME", help="as maps list shows it")

    search = sub_verb("search", _search, "find a place, as navigate would")
    search.add_argument("query", help="a name, an address, a kind of place, LAT,LON or a plus code")
    search.add_argument("--map", default="", metavar="NAME", help="which map, where there are several")
    search.add_argument("--near", default="", metavar="LAT,LON", help="what is near this place goes first")
    search.add_argument("--language", default="en", metavar="CODE", help="of names")

    save = sub_verb("save", _save, "give a place a name of your own")
    save.add_argument("name", help="such as home")
    save.add_argument("query", metavar="LAT,LON|QUERY", help="where it is")
    save.add_argument("--map", default="", metavar="NAME", help="which map, where there are several")

    forget = sub_verb("forget", _forget, "forget a saved place")
    forget.add_argument("name", help="as maps list shows it")


def run(args: argparse.Namespace, out: Output) -> int:
    """Do what the sub-verb says; the exit code."""
    action: Callable[[argparse.Namespace, Output], int] = args.action
    return action(args, out)


def _add(args: argparse.Namespace, out: Output) -> int:
    from host.app.maps import add_map, map_name  # noqa: PLC0415 - loaded when used

    bounds = _bounds(args.around, args.km)
    made = add_map(args.source, args.name or map_name(args.source), data_folder(), bounds=bounds, on_progress=out.note)
    size = _megabytes(made.size_bytes)
    out.told(_entry(out, made), f"{made.name} is in {made.path}: {made.record.places} places, {size}")
    out.line(_LICENCE)
    return 0


def _list(_args: argparse.Namespace, out: Output) -> int:
    from host.store.saved_places import saved_places  # noqa: PLC0415 - loaded when used

    maps = MapFolder(data_folder()).all()
    for found in maps:
        out.told(_entry(out, found), _row(found))
    for saved in saved_places(data_folder()).values():
        out.told(_saved(out, saved), f"saved: {saved.name}  {_written(saved.place)}  {saved.title}".rstrip())
    if not maps:
        out.note("there is no map yet", "Add one: sidelight maps add FILE.osm.pbf")
    else:
        out.line(_LICENCE)
    return 0


def _remove(args: argparse.Namespace, out: Output) -> int:
    freed = MapFolder(data_folder()).remove(args.name)
    gone = Erased(t=out.elapsed(), what=f"map {args.name}", path=str(data_folder() / "maps" / args.name))
    out.told(gone, f"{args.name} is removed; {_megabytes(freed)} are free again")
    return 0


def _search(args: argparse.Namespace, out: Output) -> int:
    from host.app.maps import open_map  # noqa: PLC0415 - loaded when used
    from host.navigate.categories import label  # noqa: PLC0415

    near = _coordinates(args.near, "--near") if args.near else None
    with contextlib.closing(open_map(data_folder(), args.map)) as opened:
        places = opened.find(args.query, near=near, language=args.language)
    for number, found in enumerate(places.found, 1):
        where = found.place
        if out.json:
            out.event(_found(out, number, found))
            continue
        away = "" if found.distance_m is None else _distance(found.distance_m)
        kind = label(where.kind, args.language) if where.kind else ""
        said = ", ".join(part for part in (found.name, kind, where.address, away, _written(where.place)) if part)
        out.line(f"{number}  {said}")
    if not places.clear:
        out.note("navigate would ask which one is meant")
    return 0


def _save(args: argparse.Namespace, out: Output) -> int:
    from host.app.maps import open_map  # noqa: PLC0415 - loaded when used, as what follows
    from host.navigate.places import coordinates  # noqa: PLC0415
    from host.store.saved_places import SavedPlace, save_place  # noqa: PLC0415

    place, title = coordinates(args.query), ""
    if place is None:
        with contextlib.closing(open_map(data_folder(), args.map)) as opened:
            places = opened.find(args.query)
        if not places.clear:
            for number, found in enumerate(places.found, 1):
                out.note(f"{number}  {found.name}, {_written(found.place.place)}")
            raise UsageError(f"several places may be meant by {args.query!a:.80}", "Give one as LAT,LON")
        place, title = places.found[0].place.place, places.found[0].name
    kept = SavedPlace(args.name, place, title)
    save_place(data_folder(), kept)
    out.told(_saved(out, kept), f"{args.name} is {title + ', ' if title else ''}{_written(place)}")
    return 0


def _forget(args: argparse.Namespace, out: Output) -> int:
    from host.store.saved_places import forget_place  # noqa: PLC0415 - loaded when used

    forget_place(data_folder(), args.name)
    gone = Erased(t=out.elapsed(), what=f"place {args.name}", path=str(data_folder()))
    out.told(gone, f"{args.name} is forgotten")
    return 0


def _bounds(around: str, km: float | None) -> Bounds | None:
    from host.backends.osm_extract import around as bounds_around  # noqa: PLC0415 - loaded when used

    if not around and km is None:
        return None
    if not around or km is None:
        raise UsageError("--around and --km belong together", "Such as --around 49.999,8.273 --km 10")
    if not 0.1 <= km <= 500.0:
        raise UsageError(f"--km cannot be {km:g}", "It is 0.1 to 500")
    return bounds_around(_coordinates(around, "--around"), km)


def _coordinates(text: str, flag: str) -> Place:
    from host.navigate.places import coordinates  # noqa: PLC0415 - loaded when used

    place = coordinates(text)
    if place is None:
        raise UsageError(f"{flag} cannot be {text!a:.80}", "Write it as LAT,LON, such as 43.7384,7.4246")
    return place


def _row(found: StoredMap) -> str:
    record, bounds = found.record, found.record.bounds
    south, west = (math.floor(100 * value) / 100 for value in (bounds.south, bounds.west))
    north, east = (math.ceil(100 * value) / 100 for value in (bounds.north, bounds.east))
    covers = f"{south:.2f} to {north:.2f} north, {west:.2f} to {east:.2f} east"
    return (
        f"{found.name:<16} {_megabytes(found.size_bytes):>8}  {record.places:>6} places  {covers}  {record.added[:10]}"
    )


def _entry(out: Output, found: StoredMap) -> MapEntry:
    record, bounds = found.record, found.record.bounds
    return MapEntry(
        t=out.elapsed(),
        id=found.name,
        path=str(found.path),
        source=record.source,
        added=record.added,
        places=record.places,
        size=found.size_bytes,
        bounds=(bounds.south, bounds.west, bounds.north, bounds.east),
    )


def _saved(out: Output, saved: SavedPlace) -> PlaceEntry:
    return PlaceEntry(
        t=out.elapsed(),
        number=0,
        title=saved.title,
        lat=saved.place.lat,
        lon=saved.place.lon,
        kind="",
        address="",
        distance_m=None,
        saved=saved.name,
    )


def _found(out: Output, number: int, found: Found) -> PlaceEntry:
    where = found.place
    return PlaceEntry(
        t=out.elapsed(),
        number=number,
        title=found.name,
        lat=where.place.lat,
        lon=where.place.lon,
        kind=where.kind,
        address=where.address,
        distance_m=None if found.distance_m is None else round(found.distance_m, 1),
        saved="",
    )


def _written(place: Place) -> str:
    return f"{place.lat:.5f},{place.lon:.5f}"


def _distance(metres: float) -> str:
    return f"{metres:.0f} m" if metres < 1000.0 else f"{metres / 1000.0:.1f} km"


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.0f} MB" if count >= 10_000_000 else f"{count / 1_000_000:.1f} MB"
