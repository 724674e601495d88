"""NMEA 0183, the sentences of which receivers make a position: GGA, RMC, GLL, GST, GSA, VTG; pure.

A moment's sentences come one after the other, in an order of the receiver's own. Which of them is the last is learnt
from the moment before, so that a position is there with its last sentence and need not wait for the next moment's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import xor
from typing import Final

from host.position.measurement import Measurement, NoFix, of_hdop

__all__ = ["SENTENCE_MAX", "NmeaReader"]

SENTENCE_MAX: Final = 256  # bytes; the standard says 82, receivers do not all keep to it

KNOT_MPS: Final = 1852 / 3600
_SENTENCE: Final = re.compile(
    rb"\$([A-Z]{2})([A-Z]{3}),([\x20-\x7e]*)\*([0-9A-Fa-f]{1,2})\s*"
)  # apps leave out a leading 0
_NUMBER: Final = re.compile(r"(\d{1,9}(\.\d*)?|\.\d+)(E-\d{1,2})?")  # apps write small ones as Java does
_TIME: Final = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)(\.\d*)?")
_DATE: Final = re.compile(r"([0-3]\d)([01]\d)(\d\d)")
_ANGLE: Final = re.compile(r"(\d{1,3})(\d\d(?:\.\d*)?)")
_CENTURY: Final = 80  # years of two digits from here on are of the last one: GPS began in 1980
_DAY_S: Final = 86_400.0
_EPOCH: Final = date(1970, 1, 1).toordinal()
_GUESSED: Final = "NE"  # modes: no fix; reckoned from the last one, which whoever follows a route does better


@dataclass(slots=True)
class _Moment:
    """What one moment's sentences say."""

    clock: str = ""
    place: tuple[float, float] | None = None
    is_fix: bool | None = None
    hdop: float | None = None
    spread_m: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    last: str = ""  # kind of the newest sentence
    told: bool = False


class NmeaReader:
    """Takes lines.

    Attributes:
        sentences: how many were right, of whatever kind.
    """

    def __init__(self) -> None:
        """Before the first line."""
        self.sentences = 0
        self._moment = _Moment()
        self._closing = ""  # kind of a moment's last sentence
        self._day: int | None = None
        self._clock_s = 0.0

    def read(self, line: bytes) -> Measurement | NoFix | None:
        """What is known with this line; None where that is nothing. Lines that are damaged, or none, say nothing."""
        match = _SENTENCE.fullmatch(line[max(0, line.rfind(b"$")) :][:SENTENCE_MAX])
        if match is None or reduce(xor, match[0][1 : match[0].rindex(b"*")]) != int(match[4], 16):
            return None
        self.sentences += 1
        kind, fields = match[2].decode("ascii"), match[3].decode("ascii").split(",")
        if kind not in _READ:
            return None
        where, least = _CLOCK[kind]
        if len(fields) < least:
            return None
        clock = "" if where is None else fields[where]
        said = None
        if clock and clock != self._moment.clock:
            said = self._begun(clock)
        _READ[kind](self._moment, fields)
        if kind == "RMC" and (day := _day(fields[8])) is not None:
            self._day = day
        self._moment.last = kind
        return self._told() if kind == self._closing and not self._moment.told and self._moment.clock else said

    def close(self) -> Measurement | NoFix | None:
        """What the last moment said, if that was not told: at a file's end."""
        return None if self._moment.told else self._told()

    def _begun(self, clock: str) -> Measurement | NoFix | None:
        """Another moment; what the one before said, if it was not told."""
        before = self._moment
        said = None if before.told or not before.clock else self._told()
        if before.clock:
            self._closing = before.last
        seconds = _seconds(clock)
        if seconds is not None:
            if self._day is not None and seconds < self._clock_s - _DAY_S / 2:
                self._day += 1
            self._clock_s = seconds
        self._moment = _Moment(clock)
        return said

    def _told(self) -> Measurement | NoFix | None:
        moment = self._moment
        moment.told = True
        if moment.is_fix is None:
            return None
        if not moment.is_fix or moment.place is None:
            return NoFix()
        seconds = _seconds(moment.clock)
        accuracy = None if moment.hdop is None else of_hdop(moment.hdop)
        return Measurement(
            lat=moment.place[0],
            lon=moment.place[1],
            accuracy_m=accuracy if moment.spread_m is None else moment.spread_m,
            utc_s=None if seconds is None else (self._day or 0) * _DAY_S + seconds,
            speed_mps=moment.speed_mps,
            course_deg=moment.course_deg,
        )


def _gga(moment: _Moment, fields: list[str]) -> None:
    moment.is_fix = fields[5] not in {"", "0", "6"} and moment.is_fix is not False
    moment.place = _place(fields[1:5]) or moment.place
    moment.hdop = _number(fields[7])


def _rmc(moment: _Moment, fields: list[str]) -> None:
    mode = fields[11] if len(fields) > 11 else ""
    moment.is_fix = fields[1] == "A" and (not mode or mode not in _GUESSED) and moment.is_fix is not False
    moment.place = _place(fields[2:6]) or moment.place
    moment.speed_mps, moment.course_deg = _speed(fields[6]), _number(fields[7])


def _gll(moment: _Moment, fields: list[str]) -> None:
    mode = fields[6] if len(fields) > 6 else ""
    moment.is_fix = fields[5] == "A" and (not mode or mode not in _GUESSED) and moment.is_fix is not False
    moment.place = _place(fields[:4]) or moment.place


def _gst(moment: _Moment, fields: list[str]) -> None:
    north_m, east_m = _number(fields[5]), _number(fields[6])
    if north_m is not None and east_m is not None:
        moment.spread_m = math.hypot(north_m, east_m) / math.sqrt(2)


def _gsa(moment: _Moment, fields: list[str]) -> None:
    moment.hdop = moment.hdop if moment.hdop is not None else _number(fields[15])


def _vtg(moment: _Moment, fields: list[str]) -> None:
    speed = _speed(fields[4]) if (fields[1], fields[5]) == ("T", "N") else None  # a comma in a number shifts the rest
    if speed is not None:
        moment.speed_mps, moment.course_deg = speed, _number(fields[0])


_READ: Final[dict[str, Callable[[_Moment, list[str]], None]]] = {
    "GGA": _gga,
    "RMC": _rmc,
    "GLL": _gll,
    "GST": _gst,
    "GSA": _gsa,
    "VTG": _vtg,
}
# Which field has the time, and how many there are at least.
_CLOCK: Final[dict[str, tuple[int | None, int]]] = {
    "GGA": (0, 8),
    "RMC": (0, 9),
    "GLL": (4, 6),
    "GST": (0, 7),
    "GSA": (None, 16),
    "VTG": (None, 6),
}


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _speed(text: str) -> float | None:
    knots = _number(text)
    return None if knots is None else knots * KNOT_MPS


def _seconds(text: str) -> float | None:
    """Since midnight."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    return int(match[1]) * 3600.0 + int(match[2]) * 60.0 + int(match[3]) + float(match[4] or 0.0)


def _day(text: str) -> int | None:
    """Days since 1970."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year = int(match[3])
    try:
        return date(year + (1900 if year >= _CENTURY else 2000), int(match[2]), int(match[1])).toordinal() - _EPOCH
    except ValueError:
        return None


def _place(fields: list[str]) -> tuple[float, float] | None:
    """Degrees north and east of "4807.038", "N", "01131.000", "E"."""
    lat, lon = _degrees(fields[0]), _degrees(fields[2])
    if lat is None or lon is None or fields[1] not in {"N", "S"} or fields[3] not in {"E", "W"}:
        return None
    return -lat if fields[1] == "S" else lat, -lon if fields[3] == "W" else lon


def _degrees(text: str) -> float | None:
    match = _ANGLE.fullmatch(text)
    if match is None:
        return None
    degrees, minutes = int(match[1]), float(match[2])
    return degrees + minutes / 60 if minutes < 60 else None
