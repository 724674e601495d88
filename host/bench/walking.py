"""`sidelight bench walking`: simulated walks on a map, and whether guidance notices what it should, and nothing else.

Walks along routes of the map never leave them, walks that miss a turn do: each turn of 45 degrees or more that leads
away from where they were going is missed once, straight on. `walks.py` says what errors the fixes have. The rules by
which other programs decide that somebody left the route (`off_route_rules.py`) see the same fixes. All is seeded.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from host.bench.off_route_rules import RULES, Rule
from host.bench.walks import Walk, fixes, missing, walked
from host.navigate.guidance import guide
from host.navigate.line import Line, Place, turned_deg
from host.navigate.maneuvers import Cue
from host.navigate.route import Route
from host.navigate.trip import Phase, start

__all__ = ["add_arguments", "run"]

LENGTHS_M: Final = (500.0, 2500.0)
TURN_DEG: Final = 45.0
PAST_M: Final = 30.0  # who goes so far straight on
AWAY_M: Final = 18.0  # is so far from the route; else the turn is none that can be missed
APART_M: Final = 150.0  # between two turns that are missed on one route
WRONG_M: Final = 25.0  # what is told is wrong where it is so far behind, or skips what is so far ahead
BEGUN_S: Final = 10.0  # walks that miss a turn begin in the middle of a route, where nobody begins: not judged so long
TRIES: Final = 500  # pairs of places for each route that is found
LEFT: Final = {Phase.OFF_ROUTE, Phase.TURNED_BACK}

_HEAD: Final = (
    f"{'rule':<22} {'noise':>5} {'km':>6} {'false/km':>8} {'early':>5} {'never':>5}"
    f" {'p50 s':>6} {'p95 s':>6} {'wrong':>5}"
)


@dataclass
class Tally:
    """What one rule did at one noise."""

    km: float = 0.0
    false: int = 0
    early: int = 0
    never: int = 0
    delays_s: list[float] = field(default_factory=list)
    told: int = 0
    wrong: int = 0
    step_ms: list[float] = field(default_factory=list)

    def judged(self, walk: Walk, noticed_s: float | None) -> None:
        """Count a walk that was said to have left the route at a time, or never."""
        if walk.left_s is None:
            end = len(walk.along_m) - 1 if noticed_s is None else int(noticed_s)
            self.km += (walk.along_m[end] - walk.along_m[0]) / 1000
            self.false += noticed_s is not None
        elif noticed_s is None:
            self.never += 1
        elif noticed_s <= walk.left_s:
            self.early += 1
        else:
            self.delays_s.append(noticed_s - walk.left_s)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench walking`."""
    parser.add_argument("--map", type=Path, required=True, metavar="FILE.osm.pbf", help="OpenStreetMap data to walk on")
    parser.add_argument("--routes", type=int, default=20, help="how many routes (default 20)")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Walk; a table by `line`, and its rows as JSON values. Raises what making a map raises."""
    routes = asyncio.run(_routes(args.map, args.routes))
    turns = [(route, turn_m) for route in routes for turn_m in _turns(route)]
    line(f"{len(routes)} routes, {sum(r.length_m for r in routes) / 1000:.1f} km; {len(turns)} turns missed")
    line(_HEAD)
    rows = []
    for sigma_m in (5.0, 8.0, 12.0):
        tallies: dict[str, Tally] = {}
        for seed, (route, walk) in enumerate(_walks(routes, turns)):
            _walk(route, walk, sigma_m, seed, tallies)
        for rule, tally in tallies.items():
            rows.append(_row(rule, sigma_m, tally))
            line(_line(rows[-1]))
    return rows


def _walks(routes: Sequence[Route], turns: Sequence[tuple[Route, float]]) -> Iterator[tuple[Route, Walk]]:
    for seed, route in enumerate(routes):
        yield route, walked(route.line, seed)
    for seed, (route, turn_m) in enumerate(turns):
        yield route, missing(route.line, turn_m, seed)


def _walk(route: Route, walk: Walk, sigma_m: float, seed: int, tallies: dict[str, Tally]) -> None:
    """One walk, seen by every rule."""
    for moves, name in ((True, "Sidelight"), (False, "Sidelight, no speed")):
        tally = tallies.setdefault(name, Tally())
        tally.judged(walk, _guided(route, walk, sigma_m, seed, tally, moves=moves))
    for name, make in RULES.items():
        rule: Rule = make(route.line)
        noticed = next((fix.time_s for fix in fixes(walk, sigma_m, seed) if rule(fix)), None)
        tallies.setdefault(name, Tally()).judged(walk, noticed)


def _guided(route: Route, walk: Walk, sigma_m: float, seed: int, tally: Tally, *, moves: bool) -> float | None:
    """When guidance notices that the route was left; None if it does not. What it tells is judged until it is left."""
    trip = start(route)
    for fix, along_m in zip(fixes(walk, sigma_m, seed, moves=moves), walk.along_m, strict=True):
        begun = time.thread_time()
        trip, guidance = guide(trip, fix, fix.time_s)
        tally.step_ms.append((time.thread_time() - begun) * 1000)
        if trip.phase in LEFT:
            return fix.time_s
        tally.told += 1
        if walk.left_s is not None and not BEGUN_S <= fix.time_s <= walk.left_s:
            continue
        told = next(n for n, cue in enumerate(trip.cues) if cue.steps[0] is guidance.step)
        tally.wrong += trip.phase is Phase.ON_ROUTE and _is_wrong(trip.cues, told, along_m)
    return None


def _is_wrong(cues: Sequence[Cue], told: int, along_m: float) -> bool:
    """Whether what is told is far behind somebody, or what comes before it still far ahead."""
    late = told + 1 < len(cues) and along_m > cues[told].until_m + WRONG_M
    return late or (told > 0 and along_m < cues[told - 1].until_m - WRONG_M)


def _row(rule: str, sigma_m: float, tally: Tally) -> dict[str, Any]:
    seen = sorted([*tally.delays_s, *[float("inf")] * tally.never])
    middle, most = (seen[min(len(seen) - 1, int(len(seen) * share))] if seen else float("inf") for share in (0.5, 0.95))
    ours = bool(tally.told)
    return {
        "rule": rule,
        "noise_m": sigma_m,
        "km": round(tally.km, 1),
        "false_per_km": round(tally.false / tally.km, 3) if tally.km else None,
        "early": tally.early,
        "never": tally.never,
        "noticed_p50_s": middle if middle < float("inf") else None,
        "noticed_p95_s": most if most < float("inf") else None,
        "wrong": tally.wrong if ours else None,
        "step_p50_ms": round(float(np.percentile(tally.step_ms, 50)), 2) if ours else None,
        "step_p95_ms": round(float(np.percentile(tally.step_ms, 95)), 2) if ours else None,
    }


def _line(row: dict[str, Any]) -> str:
    p50, p95, wrong = ("-" if row[k] is None else f"{row[k]:.0f}" for k in ("noticed_p50_s", "noticed_p95_s", "wrong"))
    return (
        f"{row['rule']:<22} {row['noise_m']:>3.0f} m {row['km']:>6.1f} {row['false_per_km']:>8.2f} {row['early']:>5}"
        f" {row['never']:>5} {p50:>6} {p95:>6} {wrong:>5}"
        + (f"  step p95 {row['step_p95_ms']:.2f} ms" if row["step_p95_ms"] is not None else "")
    )


def _turns(route: Route) -> list[float]:
    """Where along a route a turn can be missed."""
    line, found = route.line, [0.0]
    for at_m in route.starts_m[1:-1]:
        bend = turned_deg(line.direction_deg(at_m - 8.0, 8.0), line.direction_deg(at_m, 8.0))
        if abs(bend) >= TURN_DEG and at_m - found[-1] >= APART_M and _leads_away(line, at_m):
            found.append(at_m)
    return found[1:]


def _leads_away(line: Line, at_m: float) -> bool:
    past = missing(line, at_m, 0, past_m=PAST_M).places[-1]
    return line.snap(past, 0.0, line.length_m, at_m, 0.0).offset_m >= AWAY_M


async def _routes(file: Path, count: int) -> list[Route]:
    """Routes for walkers between chance places of a map."""
    from host.app.maps import add_map, open_map  # noqa: PLC0415 - what makes maps is loaded when it is used
    from host.config import Settings  # noqa: PLC0415
    from host.contracts.routing import Mode  # noqa: PLC0415
    from host.errors import HostError  # noqa: PLC0415

    chance, found = np.random.default_rng(7), list[Route]()
    with tempfile.TemporaryDirectory() as folder:
        bounds = add_map(str(file), "walking", Path(folder)).record.bounds
        opened = open_map(Path(folder), "walking")
        router = opened.router(Settings()).router
        try:
            for _ in range(TRIES * count):
                a, b = (
                    Place(chance.uniform(bounds.south, bounds.north), chance.uniform(bounds.west, bounds.east))
                    for _ in range(2)
                )
                try:
                    route = await router.route([a, b], Mode.WALK, "en")
                except HostError:
                    continue  # in the sea, or across the border
                if LENGTHS_M[0] <= route.length_m <= LENGTHS_M[1]:
                    found.append(route)
                if len(found) == count:
                    break
        finally:
            await router.close()
            opened.close()
    return found
