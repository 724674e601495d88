"""Where positions come from: one `scheme:rest` chooses a receiver, a recording, or a fixed place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from host.backends import position_replay
from host.contracts.position import PositionSource
from host.errors import UsageError
from host.suggest import suggestion

__all__ = ["EXAMPLES", "open_position"]

EXAMPLES: Final = "gpx:FILE, fixed:LAT,LON"

_LATLON: Final = re.compile(r"\s*([+-]?\d+(?:\.\d*)?)\s*[,;\s]\s*([+-]?\d+(?:\.\d*)?)\s*")


def open_position(address: str) -> PositionSource:
    """The source that an address names; nothing is connected or read before its reports are asked for.

    Args:
        address: such as "gpx:walk.gpx", "gpx:walk.gpx?speed=10", "gpx:walk.gpx?speed=max", "fixed:43.73,7.42".

    Raises:
        UsageError: there is no such source, or it is not how its address is written.
    """
    scheme, colon, rest = address.strip().partition(":")
    if not colon or scheme.lower() not in _OPENED:
        near = suggestion(scheme, list(_OPENED)) if scheme else ""
        raise UsageError(f"there is no source of positions called {address!a:.60}{near}", f"There are {EXAMPLES}")
    return _OPENED[scheme.lower()](rest.strip())


def _fixed(rest: str) -> PositionSource:
    match = _LATLON.fullmatch(rest)
    lat, lon = (float(match[1]), float(match[2])) if match else (91.0, 0.0)
    if abs(lat) > 90 or abs(lon) > 180:
        raise UsageError(f"fixed:{rest!a:.40} is no place", "Write degrees, such as fixed:43.7311,7.4197")
    return position_replay.Fixed(lat, lon)


def _gpx(rest: str) -> PositionSource:
    path, speed = _file(rest, "gpx")
    return position_replay.Replay(path, speed, name="gpx", read=position_replay.read_gpx)


def _file(rest: str, scheme: str) -> tuple[str, float]:
    """Path and speed of a recording; infinite for "max"."""
    path, _, speed = rest.partition("?speed=")
    if not path:
        raise UsageError(f"{scheme}: names no file", f"Write {scheme}:FILE, or {scheme}:FILE?speed=10")
    if not speed:
        return path, 1.0
    if speed.strip().lower() == "max":
        return path, float("inf")
    try:
        factor = float(speed)
    except ValueError:
        factor = 0.0
    if not 0.01 <= factor <= 10_000:
        raise UsageError(f"no recording is played at speed {speed!a:.20}", "Write a number such as 10, or max")
    return path, factor


_OPENED: Final[dict[str, Callable[[str], PositionSource]]] = {"gpx": _gpx, "fixed": _fixed}
