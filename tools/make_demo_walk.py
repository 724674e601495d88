"""Makes what the demo leads by: the town as `host/data/demo-town.osm`, a route through it as Valhalla gives it
(`demo-route.json`), and a walk along that (`demo-walk.gpx`), with the errors that a good receiver has.

    pip install '.[navigate]' && python tools/make_demo_walk.py

The town and the walk are the same every time; other versions of Valhalla may word the route in another way.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from make_demo_map import CORNER, town  # noqa: E402 - the line above makes it importable from a checkout

from host.app.demo_navigation import DESTINATION, demo_route, kept, town_file, walk  # noqa: E402
from host.app.maps import OpenedMap, add_map, open_map  # noqa: E402
from host.backends.valhalla import Valhalla  # noqa: E402
from host.backends.valhalla_json import request_of, ways_request  # noqa: E402
from host.bench.walks import fixes, walked  # noqa: E402
from host.config import Settings  # noqa: E402
from host.contracts import Mode, Place, Route  # noqa: E402

START = Place(CORNER[0] + 1.0 * 90.0 / 111_195.0, CORNER[1] + 3.3 * 120.0 / 111_195.0)
"""In Mill Lane."""

NOISE_M, SEED = 3.0, 5
BEGAN = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


class _Asked(Valhalla):
    """Keeps what Valhalla answers."""

    def answers(self, request: dict[str, Any], mode: Mode) -> dict[str, Any]:
        route = self._ask("route", request, mode)
        return {
            "route": route,
            "ways": [self._ask("trace_attributes", asked, mode) for asked in ways_request(route, mode)],
        }


def main() -> None:
    """Write all three."""
    town_file().write_text(town(), encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        add_map(str(town_file()), "town", Path(name))
        opened = open_map(Path(name), "town")
        try:
            answers = _answers(opened)
        finally:
            opened.close()
    demo_route().write_text(json.dumps(answers, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    walk().write_text(gpx(kept()), encoding="utf-8")
    for file in (town_file(), demo_route(), walk()):
        print(f"{file}: {file.stat().st_size} bytes")


def _answers(opened: OpenedMap) -> dict[str, Any]:
    end = opened.find(DESTINATION, near=START).found[0].place.place
    opened.router(Settings())  # writes its configuration
    router = _Asked(opened.stored.routes, opened.bounds)
    try:
        return router.answers(request_of([START, end], Mode.WALK, "en", (), None), Mode.WALK)
    finally:
        asyncio.run(router.close())


def gpx(route: Route) -> str:
    """The walk along a route, a point a second, as GPX 1.0, which has speeds."""
    points = []
    for fix in fixes(walked(route.line, SEED), NOISE_M, SEED):
        time = (BEGAN + timedelta(seconds=fix.time_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
        course = "" if fix.course_deg is None else f"<course>{fix.course_deg:.1f}</course>"
        points.append(
            f'<trkpt lat="{fix.lat:.7f}" lon="{fix.lon:.7f}"><time>{time}</time>{course}'
            f"<speed>{fix.speed_mps:.2f}</speed><hdop>0.6</hdop></trkpt>"
        )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.0" creator="Sidelight">\n<trk><trkseg>\n'
    return head + "\n".join(points) + "\n</trkseg></trk>\n</gpx>\n"


if __name__ == "__main__":
    main()
