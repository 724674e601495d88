"""Valhalla in this process, on tiles of our own: offline.

One Actor and one thread: from 3.6 on an Actor that two threads use crashes, and before that it holds Python's lock
while it computes, some milliseconds for a walk.
"""

from __future__ import annotations

import asyncio
import copy
import importlib.util
import json
import os
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from host.backends.choosing import not_installed
from host.backends.valhalla_json import LANGUAGES, LICENCE, error_of, request_of, route_of, ways_request
from host.contracts import Bounds, Mode, Place, Route, RouterInfo
from host.errors import BackendError, HostError, MapError

__all__ = ["Valhalla", "build_tiles", "write_config"]

_CACHE_BYTES: Final = 64 << 20  # of tiles in memory; a city has some ten megabytes
_MOST_THREADS: Final = 4  # each takes memory of its own
_LAST_LINES: Final = 20
_LINE_BYTES: Final = 2000


class Valhalla:
    """A tile set as a `Router` of `host/contracts`."""

    def __init__(self, config: Path, bounds: Bounds) -> None:
        """Prepare; the library is loaded with the first route.

        Args:
            config: as `write_config` wrote it.
            bounds: of the map; elsewhere no route begins or ends.
        """
        self._config, self._bounds = config, bounds
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="valhalla")
        self._actor: Any = None

    @property
    def info(self) -> RouterInfo:
        """What it can do."""
        return RouterInfo(name="valhalla", local=True, languages=frozenset(LANGUAGES), licence=LICENCE)

    async def route(
        self,
        places: Sequence[Place],
        mode: Mode,
        language: str,
        *,
        avoid: Sequence[Place] = (),
        heading_deg: float | None = None,
    ) -> Route:
        """As in the contract. Cancelled, it computes on, and nobody hears of it."""
        for place in places:
            self._bounds.require(place)
        request = request_of(places, mode, language, avoid, heading_deg)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._routed, request, mode, language)

    async def close(self) -> None:
        """As in the contract."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _routed(self, request: dict[str, Any], mode: Mode, language: str) -> Route:
        answer = self._ask("route", request, mode)
        ways: list[object | None] = []
        for asked in ways_request(answer, mode):
            try:
                ways.append(self._ask("trace_attributes", asked, mode))
            except HostError:  # a walk along the edges of its own route fails where it begins and ends on one
                ways.append(None)
        return route_of(answer, ways, mode, language)

    def _ask(self, action: str, request: dict[str, Any], mode: Mode) -> object:
        if self._actor is None:
            self._actor = _actor(self._config)
        try:
            return json.loads(getattr(self._actor, action)(json.dumps(request)))
        except RuntimeError as error:  # ValueError of json.loads is a bug
            raise error_of(getattr(error, "code", None), str(error), mode) from error


def build_tiles(config: Path, file: Path, on_line: Callable[[str], None]) -> None:
    """Build the tiles of a configuration; interrupted, the builder is stopped.

    Args:
        config: as `write_config` wrote it.
        file: OpenStreetMap data as PBF.
        on_line: told each line of the builder's log.

    Raises:
        MapError: the builder failed; its last words are in the message.
    """
    program = _builder()
    lines: deque[str] = deque(maxlen=_LAST_LINES)
    command = [str(program), "-c", str(config.resolve()), str(file.resolve())]  # it runs in a folder of its own
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=config.parent
    ) as running:
        try:
            assert running.stdout is not None, "a pipe"  # noqa: S101
            for raw in running.stdout:
                line = raw[:_LINE_BYTES].decode("utf-8", "replace").strip()
                lines.append(line)
                on_line(line)
        except BaseException:
            running.kill()
            raise
    if running.returncode != 0:
        said = next((line for line in reversed(lines) if "ERROR" in line), lines[-1] if lines else "")
        words = "".join(c if c.isprintable() else " " for c in said)[-200:].strip()
        raise MapError(
            f"the routes of {file.name} could not be built: {words or f'code {running.returncode}'}",
            "Check that there is room on the disk and in memory; --around takes a part of a big file",
        )


def _builder() -> Path:
    """The program that builds tiles, out of the library's wheel. Raises BackendMissingError."""
    found = importlib.util.find_spec("valhalla")
    for folder in (found.submodule_search_locations if found else None) or ():
        for name in ("valhalla_build_tiles", "valhalla_build_tiles.exe"):
            if (program := Path(folder) / "bin" / name).is_file():
                return program
    raise not_installed("Valhalla's tile builder", "pip install 'sidelight[navigate]'")


def write_config(config: Path, tiles: Path, *, building: bool) -> None:
    """Write the configuration of a tile set; no server in it listens.

    Args:
        config: where to.
        tiles: the folder of the tiles; must be there.
        building: whether it is to build them, and say what it does; else it is for routes.

    Raises:
        OSError: as the system says.
    """
    from valhalla.config import get_config  # noqa: PLC0415 - loaded when used

    # Two of its calls share what is in them.
    held: dict[str, Any] = copy.deepcopy(get_config(tile_extract="", tile_dir=str(tiles), verbose=False))
    for name in ("traffic_extract", "admin", "landmarks", "timezone", "transit_dir", "transit_feeds_dir"):
        held["mjolnir"].pop(name, None)  # they name places of another computer
    held["mjolnir"] |= {
        "concurrency": min(_MOST_THREADS, os.cpu_count() or 1),
        "max_cache_size": _CACHE_BYTES,
    }
    held.pop("additional_data", None)
    for part in ("loki", "thor", "odin", "meili"):
        held[part]["logging"] = {"type": ""}
    held["mjolnir"]["logging"] = {"type": "std_out" if building else "", "color": False}
    held.pop("httpd", None)
    config.write_text(json.dumps(held, indent=1), encoding="utf-8")


def _actor(config: Path) -> Any:
    import valhalla  # noqa: PLC0415 - loaded when used

    try:
        return valhalla.Actor(str(config))
    except (RuntimeError, OSError, ValueError, LookupError) as error:
        raise BackendError(f"the map's routes cannot be loaded: {error}", "Add the map again") from error
