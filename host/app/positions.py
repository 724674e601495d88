"""Where positions come from: one `scheme:rest` chooses a receiver, a recording, or a fixed place."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Callable
from enum import Enum
from typing import Final

from host.app.position_receiver import Receiving
from host.backends import position_geoclue, position_gpsd, position_nmea, position_replay
from host.contracts.position import PositionSource
from host.errors import UsageError
from host.suggest import suggestion

__all__ = ["EXAMPLES", "Way", "open_position", "way_to"]

EXAMPLES: Final = (
    "gpsd:HOST:PORT, nmea:FILE-or-device, nmea:tcp://HOST:PORT, nmea:udp://HOST:PORT, geoclue:, gpx:FILE, fixed:LAT,LON"
)

_NETWORK: Final = ("tcp://", "udp://")
_LATLON: Final = re.compile(r"\s*([+-]?\d+(?:\.\d*)?)\s*[,;\s]\s*([+-]?\d+(?:\.\d*)?)\s*")


def open_position(address: str) -> PositionSource:
    """The source that an address names; nothing is connected or read before its reports are asked for.

    Args:
        address: such as "gpsd:localhost:2947", "nmea:tcp://192.168.1.5:10110", "gpx:walk.gpx?speed=10".

    Raises:
        UsageError: there is no such source, or it is not how its address is written.
    """
    scheme, colon, rest = address.strip().partition(":")
    if not colon or scheme.lower() not in _OPENED:
        near = suggestion(scheme, list(_OPENED)) if scheme else ""
        raise UsageError(f"there is no source of positions called {address!a:.60}{near}", f"There are {EXAMPLES}")
    return _OPENED[scheme.lower()](rest.strip())


class Way(Enum):
    """How a source is reached."""

    HERE = "here"  # a file, or a program of this computer
    DEVICE = "device"
    ELSEWHERE = "elsewhere"  # another computer, or one that asks its user first


def way_to(address: str) -> tuple[Way, str]:
    """How the source of an address that can be opened is reached, and what of the address says where."""
    scheme, _, rest = address.strip().partition(":")
    rest, scheme = rest.strip(), scheme.lower()
    if scheme == "nmea" and rest.lower().startswith(_NETWORK):
        scheme, _, rest = rest.lower().partition("://")
    match scheme:
        case "gpsd" | "tcp":
            host, _ = _host_port(rest or "localhost", "", position_gpsd.PORT)
            return (Way.HERE if _is_here(host) else Way.ELSEWHERE), host
        case "udp" | "geoclue":
            return Way.ELSEWHERE, rest
        case "nmea":
            path = rest.partition("?baud=")[0]
            return (Way.DEVICE, path) if position_nmea.is_device(path) else (Way.HERE, rest)
        case _:
            return Way.HERE, rest


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _gpsd(rest: str) -> PositionSource:
    host, port = _host_port(rest or "localhost", "gpsd:localhost:2947", position_gpsd.PORT)
    return Receiving(position_gpsd.Gpsd(host, port))


def _nmea(rest: str) -> PositionSource:
    example = "nmea:tcp://192.168.1.5:10110"
    for scheme, lines in zip(_NETWORK, (position_nmea.server_lines, position_nmea.udp_lines), strict=True):
        if rest.lower().startswith(scheme):
            return Receiving(position_nmea.Nmea(lines(*_host_port(rest[len(scheme) :], example))))
    path, _, baud = rest.partition("?baud=")
    if not position_nmea.is_device(path):
        path, speed = _file(rest, "nmea")
        return position_replay.Replay(path, speed, name="nmea", read=position_replay.read_nmea)
    rates = [str(rate) for rate in position_nmea.BAUDS]
    if baud and baud not in rates:
        raise UsageError(f"no device is read at {baud!a:.20} baud", f"There are {', '.join(rates)}")
    return Receiving(position_nmea.Nmea(position_nmea.device_lines(path, int(baud or position_nmea.BAUD))))


def _geoclue(rest: str) -> PositionSource:
    if rest:
        raise UsageError(f"geoclue: takes nothing more, and there is {rest!a:.40}", "Write geoclue:")
    return Receiving(position_geoclue.Geoclue())


def _gpx(rest: str) -> PositionSource:
    path, speed = _file(rest, "gpx")
    return position_replay.Replay(path, speed, name="gpx", read=position_replay.read_gpx)


def _fixed(rest: str) -> PositionSource:
    match = _LATLON.fullmatch(rest)
    lat, lon = (float(match[1]), float(match[2])) if match else (91.0, 0.0)
    if abs(lat) > 90 or abs(lon) > 180:
        raise UsageError(f"fixed:{rest!a:.40} is no place", "Write degrees, such as fixed:43.7311,7.4197")
    return position_replay.Fixed(lat, lon)


_OPENED: Final[dict[str, Callable[[str], PositionSource]]] = {
    "gpsd": _gpsd,
    "nmea": _nmea,
    "geoclue": _geoclue,
    "gpx": _gpx,
    "fixed": _fixed,
}


def _host_port(text: str, example: str, default: int | None = None) -> tuple[str, int]:
    """Of "host", "host:port", "[::1]:port"."""
    try:
        parts = urllib.parse.urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port if parts.port is not None else default
    except ValueError:
        host, port = None, None
    if not host or not port or parts.path or parts.query or parts.fragment or parts.username:
        raise UsageError(f"{text!a:.60} is no computer and port", f"Write them such as {example}")
    return host, port


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
