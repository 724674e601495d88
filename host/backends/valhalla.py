"""Valhalla in this process, on tiles of our own: offline.

One Actor and one thread: from 3.6 on an Actor that two threads use crashes, and before that it holds Python's lock
while it computes, some milliseconds for a walk.
"""

from __future__ import annotations

import asyncio
import copy
import importlib.util
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from host.backends.valhalla_json import LANGUAGES, LICENCE, error_of, request_of, route_of, ways_request
from host.contracts import Bounds, Mode, Place, Route, RouterInfo
from host.errors import BackendError, HostError

__all__ = ["Valhalla", "builder", "write_config"]

_CACHE_BYTES: Final = 64 << 20  # of tiles in memory; a city has some ten megabytes
_LARGEST_ID_TABLE: Final = 1_300_000_000  # Valhalla's own; it is of bits, and grows with the map


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


def builder() -> Path | None:
    """The program that builds tiles, out of the library's wheel; None where it is not installed."""
    found = importlib.util.find_spec("valhalla")
    folders = (found.submodule_search_locations if found else None) or ()
    for folder in folders:
        for name in ("valhalla_build_tiles", "valhalla_build_tiles.exe"):
            if (program := Path(folder) / "bin" / name).is_file():
                return program
    return None


def write_config(config: Path, tiles: Path, *, threads: int) -> None:
    """Write the configuration of a tile set, for building it and for routes; no server in it listens.

    Args:
        config: where to.
        tiles: the folder of the tiles; must be there.
        threads: to build with.

    Raises:
        OSError: as the system says.
    """
    from valhalla.config import get_config  # noqa: PLC0415 - loaded when used

    # Two of its calls share what is in them.
    held: dict[str, Any] = copy.deepcopy(get_config(tile_extract="", tile_dir=str(tiles), verbose=False))
    for name in ("traffic_extract", "admin", "landmarks", "timezone", "transit_dir", "transit_feeds_dir"):
        held["mjolnir"].pop(name, None)  # they name places of another computer
    held["mjolnir"] |= {"concurrency": threads, "max_cache_size": _CACHE_BYTES, "id_table_size": _LARGEST_ID_TABLE}
    held.pop("additional_data", None)
    for part in ("mjolnir", "loki", "thor", "odin", "meili"):
        held[part]["logging"] = {"type": ""}
    held.pop("httpd", None)
    config.write_text(json.dumps(held, indent=1), encoding="utf-8")


def _actor(config: Path) -> Any:
    import valhalla  # noqa: PLC0415 - loaded when used

    try:
        return valhalla.Actor(str(config))
    except (RuntimeError, OSError, ValueError, LookupError) as error:
        raise BackendError(f"the map's routes cannot be loaded: {error}", "Add the map again") from error
