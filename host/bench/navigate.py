"""`sidelight bench navigate`: what routes, places and guidance cost, beside osmnx and networkx on the same map.

Pairs of places are drawn by a seed; with osmnx here they are nodes of its graph, so that both begin and end at the
same place. Both are asked in turn for the same pairs. Ours is `Router.route`: the way, what is to be done on it and
what kind of ways they are. osmnx finds the nodes' numbers beforehand and gives the way alone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from host.bench.navigate_link import measured
from host.bench.osmnx_peer import OsmnxWalks, is_here
from host.bench.walks import fixes, walked
from host.contracts import Bounds, Router
from host.errors import HostError, PlaceNotFoundError, UsageError
from host.navigate.guidance import guide
from host.navigate.line import Place, distance_m
from host.navigate.route import Route
from host.navigate.trip import start
from host.paths import data_folder, kept_in
from host.store.maps import MapFolder

__all__ = ["add_arguments", "run"]

SEED: Final = 11
LENGTHS_KM: Final = (1.0, 5.0)
NEAR: Final = 0.2  # a route counts as one of a kilometre where it is so much longer or shorter
STRAIGHT: Final = (0.4, 0.95)  # of its length lie between its ends
TRIES: Final = 400  # pairs drawn for each that is taken
FEWEST: Final = 5  # of fewer nothing is said
WALKS: Final = 8  # routes that guidance is measured on,
NOISE_M: Final = 8.0  # with fixes that err so much
KINDS: Final = ("station", "pharmacy", "cafe", "toilets", "museum", "Apotheke", "gare", "駅")  # asked besides names
_MS: Final = 1000.0
_MAP: Final = "bench"


@dataclass(frozen=True, slots=True)
class _Timed:
    """One route, by both."""

    route: Route
    ms: float
    peer_ms: float | None
    peer_m: float | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench navigate`."""
    parser.add_argument(
        "--map",
        required=True,
        metavar="FILE|NAME",
        help="OpenStreetMap data, or a map of this computer (`sidelight maps list`)",
    )
    parser.add_argument("--pairs", type=int, default=60, help="routes of each length (default: %(default)s)")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; a table by `line`, its rows as JSON values. Raises what making or opening a map raises."""
    if args.pairs < FEWEST:
        raise UsageError(f"--pairs cannot be {args.pairs}", f"It is {FEWEST} or more")
    return _measure(str(args.map), args.pairs, line)


def _measure(source: str, count: int, line: Callable[[str], None]) -> list[dict[str, Any]]:
    from host.app.maps import add_map, open_map  # noqa: PLC0415 - what makes maps is loaded when it is used
    from host.config import Settings  # noqa: PLC0415

    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder, before = Path(name), data_folder()
        with kept_in(folder):
            if {".", "/", "\\"} & set(source):  # no name of a map has one
                begun = time.perf_counter()
                add_map(source, _MAP, data_folder())
                rows.append({"what": "map", "seconds": _rounded(time.perf_counter() - begun)})
            else:
                shutil.copytree(MapFolder(before).find(source).path, data_folder() / "maps" / _MAP)
            with contextlib.closing(open_map(data_folder(), _MAP)) as opened:
                record = opened.stored.record
                peer = _peer(Path(record.source), folder, line, rows)
                router = opened.router(Settings()).router
                routes = asyncio.run(_routed(router, peer, record.bounds, count, rows))
                if routes:
                    rows.append(_places(opened.find, routes))
                    rows.append(_steps(routes))
                    rows.append(measured(routes[0], _MAP, router.info))
    for row in rows:
        line(_line(row))
    return rows


async def _routed(
    router: Router, peer: OsmnxWalks | None, bounds: Bounds, count: int, rows: list[dict[str, Any]]
) -> list[Route]:
    try:
        return await _routes(router, peer, bounds, count, rows)
    finally:
        await router.close()


def _peer(file: Path, folder: Path, line: Callable[[str], None], rows: list[dict[str, Any]]) -> OsmnxWalks | None:
    """The peer, and a row of how long it took to load; a sentence where it is left out."""
    if not is_here():
        line("without osmnx and networkx, which are not installed: pip install 'sidelight[bench]'")
        return None
    if not file.is_file():
        line("without osmnx, which needs the file that this map was made of: --map FILE.osm.pbf")
        return None
    begun = time.perf_counter()
    peer = OsmnxWalks(file, folder)
    seconds = _rounded(time.perf_counter() - begun)
    rows.append({"what": "osmnx's graph", "nodes": len(peer.nodes), "seconds": seconds})
    return peer


async def _routes(
    router: Router, peer: OsmnxWalks | None, bounds: Bounds, count: int, rows: list[dict[str, Any]]
) -> list[Route]:
    """Measure routes of each length, a row each; the routes."""
    from host.contracts.routing import Mode  # noqa: PLC0415 - as above

    routes: list[Route] = []
    for km in LENGTHS_KM:
        found: list[_Timed] = []
        rng = np.random.default_rng(SEED)
        for (a, start_node), (b, end_node) in _pairs(rng, peer, bounds, km * 1000, TRIES * count):
            begun = time.perf_counter()
            try:
                route = await router.route([a, b], Mode.WALK, "en")
            except HostError:
                continue  # in the sea, or on an island
            ms = (time.perf_counter() - begun) * _MS
            if abs(route.length_m / (km * 1000) - 1) > NEAR:
                continue
            peer_ms, peer_m = None, None
            if peer is not None:
                begun = time.perf_counter()
                peer_m = peer.route_m(start_node, end_node)
                peer_ms = (time.perf_counter() - begun) * _MS
            found.append(_Timed(route, ms, peer_ms, peer_m))
            if len(found) == count:
                break
        rows.append(_route_row(km, found))
        routes += [timed.route for timed in found]
    return routes


def _pairs(
    rng: np.random.Generator, peer: OsmnxWalks | None, bounds: Bounds, length_m: float, tries: int
) -> Iterator[tuple[tuple[Place, int], tuple[Place, int]]]:
    """Places that may be so far apart by foot, with their nodes in the peer's graph (0 where there is none)."""

    def draw() -> tuple[Place, int]:
        if peer is not None:
            node, place = peer.nodes[int(rng.integers(len(peer.nodes)))]
            return place, node
        return Place(rng.uniform(bounds.south, bounds.north), rng.uniform(bounds.west, bounds.east)), 0

    for _ in range(tries):
        a, b = draw(), draw()
        if STRAIGHT[0] <= distance_m(a[0], b[0]) / length_m <= STRAIGHT[1]:
            yield a, b


def _route_row(km: float, found: Sequence[_Timed]) -> dict[str, Any]:
    row: dict[str, Any] = {"what": "routes", "km": km, "pairs": len(found)}
    if len(found) < FEWEST:
        return row
    ours = [timed.ms for timed in found]
    row |= {"p50_ms": _share(ours, 50), "p95_ms": _share(ours, 95)}
    theirs = [timed.peer_ms for timed in found if timed.peer_ms is not None]
    if theirs:
        longer = [timed.route.length_m / timed.peer_m for timed in found if timed.peer_m]
        row |= {
            "osmnx_p50_ms": _share(theirs, 50),
            "osmnx_p95_ms": _share(theirs, 95),
            "ratio_p50": _rounded(_share(theirs, 50) / _share(ours, 50)),
            "ratio_p95": _rounded(_share(theirs, 95) / _share(ours, 95)),
            "osmnx_without_way": sum(timed.peer_m is None for timed in found),
            "length_ratio_p5": _share(longer, 5),
            "length_ratio_p50": _share(longer, 50),
            "length_ratio_p95": _share(longer, 95),
        }
    return row


def _places(find: Callable[..., Any], routes: Sequence[Route]) -> dict[str, Any]:
    """Search for streets of the routes, as they are and misspelt, and for kinds of places."""
    rng = np.random.default_rng(SEED)
    near = routes[0].line.at(0.0)
    names = sorted({name for route in routes for step in route.steps for name in step.streets})
    queries = [*names, *(_misspelt(name, rng) for name in names), *KINDS]
    times, missed = [], 0
    for query in queries:
        begun = time.perf_counter()
        try:
            find(query, near=near)
        except PlaceNotFoundError:
            missed += 1
        times.append((time.perf_counter() - begun) * _MS)
    return {
        "what": "place search",
        "queries": len(queries),
        "not_found": missed,
        "p50_ms": _share(times, 50),
        "p95_ms": _share(times, 95),
    }


def _misspelt(name: str, rng: np.random.Generator) -> str:
    """With one letter less, not the first of a word."""
    where = [n for n in range(1, len(name)) if name[n - 1 : n + 1].isalpha()]
    if not where:
        return name
    at = where[int(rng.integers(len(where)))]
    return name[:at] + name[at + 1 :]


def _steps(routes: Sequence[Route]) -> dict[str, Any]:
    """Guidance along some of the routes; processor time, for the computer may have other things to do."""
    times = []
    for seed, route in enumerate(routes[:WALKS]):
        trip = start(route)
        for fix in fixes(walked(route.line, seed), NOISE_M, seed):
            begun = time.thread_time()
            trip, _ = guide(trip, fix, fix.time_s)
            times.append((time.thread_time() - begun) * _MS)
    return {"what": "guidance step", "steps": len(times), "p50_ms": _share(times, 50), "p95_ms": _share(times, 95)}


def _share(values: Sequence[float], percent: float) -> float:
    return _rounded(float(np.percentile(values, percent)))


def _rounded(value: float) -> float:
    return round(value, 2)


def _line(row: dict[str, Any]) -> str:
    match row["what"]:
        case "map":
            return f"map made in {row['seconds']:.1f} s"
        case "osmnx's graph":
            return f"osmnx's graph loaded in {row['seconds']:.1f} s: {row['nodes']} nodes"
        case "routes":
            return _routes_line(row)
        case "place search":
            what = f"place search: {row['queries']} queries, {row['not_found']} without a place"
        case "link":
            return _link_line(row)
        case _:
            what = f"guidance, processor time: {row['steps']} steps"
    return f"{what}: p50 {row['p50_ms']:.2f} ms, p95 {row['p95_ms']:.2f} ms"


def _routes_line(row: dict[str, Any]) -> str:
    said = f"{row['pairs']} routes of {row['km']:g} km"
    if "p50_ms" not in row:
        return f"{said} on this map: too few to say anything"
    said = f"{said}: p50 {row['p50_ms']:.1f} ms, p95 {row['p95_ms']:.1f} ms"
    if "osmnx_p50_ms" not in row:
        return said
    p5, p50, p95 = (row[f"length_ratio_p{percent}"] for percent in (5, 50, 95))
    return (
        f"{said}; osmnx and networkx p50 {row['osmnx_p50_ms']:.1f} ms, p95 {row['osmnx_p95_ms']:.1f} ms"
        f" ({row['ratio_p50']:.1f} and {row['ratio_p95']:.1f} times ours);"
        f" ours are {p50:.2f} times as long (5 to 95 %: {p5:.2f} to {p95:.2f})"
    )


def _link_line(row: dict[str, Any]) -> str:
    said = f"link: {row['bytes_per_minute']} bytes and {row['pictures_per_minute']:.1f} pictures a minute of walking"
    if "lit_p50_ms" not in row:
        return said
    p50, p95 = row["lit_p50_ms"], row["lit_p95_ms"]
    return f"{said}; from a fix to the lens p50 {p50} ms, p95 {p95} ms (the emulator's estimate)"
