"""What gpsd says, one JSON object a line; pure.

gpsd 3.x, protocol 3: TPV is a position, SKY has the dilution of precision, DEVICES the receivers.
"""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any, Final

from host.position.measurement import Measurement, NoFix, of_hdop, of_radius95

__all__ = ["LINE_MAX", "WATCH", "GpsdReader", "is_gpsd"]

WATCH: Final = b'?WATCH={"enable":true,"json":true};\n'
LINE_MAX: Final = 16 << 10  # bytes; a SKY of 140 satellites has as many

_OWN_UERE_M: Final = 19.0  # gpsd makes eph of HDOP by it where the receiver says no error of its own,
_OWN_SHARE: Final = 0.02  # and rounds both
_SILENT: Final = 10  # reports of other receivers after which one has fallen silent
_NO_RECEIVER: Final = NoFix(
    "gpsd runs, but has no receiver", "Connect one, or name its device to gpsd: gpsd /dev/ttyUSB0"
)
_FIX: Final = 2  # mode: 2 is a position, 3 one with its height


def is_gpsd(line: bytes) -> bool:
    """Whether this is how gpsd greets: a VERSION."""
    said = _object(line)
    return said is not None and said.get("class") == "VERSION"


class GpsdReader:
    """Takes lines. Where gpsd has several receivers, one is listened to as long as it speaks."""

    def __init__(self) -> None:
        """Before the first line."""
        self._device = ""
        self._others = 0
        self._hdop: float | None = None

    def read(self, line: bytes) -> Measurement | NoFix | None:
        """What a line says; None where that is nothing of a position. Any bytes are taken."""
        said = _object(line)
        if said is None:
            return None
        match said.get("class"):
            case "TPV" if self._is_ours(said):
                return self._position(said)
            case "SKY" if self._is_ours(said):
                hdop = _number(said.get("hdop"))
                self._hdop = hdop if hdop is None or 0 < hdop < 99 else None
            case "DEVICES" if said.get("devices") == []:
                return _NO_RECEIVER
        return None

    def _is_ours(self, said: dict[str, Any]) -> bool:
        device = said.get("device", "")
        if not isinstance(device, str):
            return False
        if device != self._device:
            self._others += 1
            if self._device and self._others < _SILENT:
                return False
            self._device, self._hdop = device, None
        self._others = 0
        return True

    def _position(self, said: dict[str, Any]) -> Measurement | NoFix | None:
        lat, lon, mode = _number(said.get("lat")), _number(said.get("lon")), _number(said.get("mode"))
        if mode is None:
            return None
        if mode < _FIX or lat is None or lon is None:
            return NoFix()
        return Measurement(
            lat=lat,
            lon=lon,
            accuracy_m=self._accuracy_m(said),
            utc_s=_utc_s(said.get("time")),
            speed_mps=_number(said.get("speed")),
            course_deg=_number(said.get("track")),
        )

    def _accuracy_m(self, said: dict[str, Any]) -> float | None:
        """The receiver's own estimate where it has one, else by HDOP: gpsd's 19 m are three or four times too much."""
        eph = _number(said.get("eph"))
        if eph is None:  # gpsd before 3.20
            sides = _number(said.get("epx")), _number(said.get("epy"))
            eph = None if sides[0] is None or sides[1] is None else math.hypot(sides[0], sides[1])
        if self._hdop is not None and (eph is None or abs(eph / self._hdop / _OWN_UERE_M - 1) <= _OWN_SHARE):
            return of_hdop(self._hdop)
        return None if eph is None else of_radius95(eph)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _utc_s(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value)
        return when.timestamp() if when.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
