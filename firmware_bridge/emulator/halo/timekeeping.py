"""The emulated Halo's clock and calendar (device reference 2.11)."""

from __future__ import annotations

import re
from typing import Final

from firmware_bridge.emulator.board import Api, Args, Board, LuaApiError, LuaValue
from firmware_bridge.emulator.timekeeping import calendar

_ZONE: Final = re.compile(rb"([+-]?)\s*(\d{1,9}):\s*(\d{1,9})")
_UPTIME_MS: Final = 2**32  # 2.11: of the firmware's milliseconds, 49.7 days


class Timekeeping:
    """The time part of the Lua API (`frame.time`); clock and zone outlive a restart of the VM."""

    def __init__(self, board: Board) -> None:
        """Unset: seconds since power on, zone +00:00."""
        self._board = board
        self._set_ms = 0
        self._set_at_ms = 0
        self._zone_minutes = 0

    def api(self) -> Api:
        """The functions of `frame.time`."""
        return {"utc": self._utc, "zone": self._zone, "date": self._date}

    def _uptime_ms(self) -> int:
        return int(self._board.now() * 1000 + 1e-6) % _UPTIME_MS

    def _utc_ms(self) -> int:
        return (self._set_ms + (self._uptime_ms() - self._set_at_ms) % _UPTIME_MS) % 2**64

    def _utc(self, args: Args) -> LuaValue:
        if len(args) == 0:
            return self._utc_ms() / 1000
        seconds = _timestamp(args)
        self._set_ms = int(seconds * 1000)
        self._set_at_ms = self._uptime_ms()
        return seconds

    def _zone(self, args: Args) -> LuaValue:
        if len(args):
            self._zone_minutes = _offset(args.string(1))
        hours, minutes = divmod(abs(self._zone_minutes), 60)
        return f"{'-' if self._zone_minutes < 0 else '+'}{hours:02d}:{minutes:02d}"

    def _date(self, args: Args) -> LuaValue:
        seconds = int(_timestamp(args)) if len(args) else self._utc_ms() // 1000
        return calendar(seconds + self._zone_minutes * 60)


def _timestamp(args: Args) -> float:
    seconds = args.number(1)
    if seconds < 0:
        raise LuaApiError("timestamp must be non-negative")
    return min(seconds, 2.0**53) if seconds == seconds else 0.0  # noqa: PLR0124 - what no integer could hold


def _offset(text: bytes) -> int:
    """Minutes east of Greenwich; other than Frame the sign counts for the minutes, too."""
    parsed = _ZONE.match(text)
    if parsed is None:
        raise LuaApiError("time zone must be in format '+HH:MM' or '-HH:MM'")
    sign = -1 if parsed[1] == b"-" else 1
    hours, minutes = int(parsed[2]), int(parsed[3])
    last = 14 if sign > 0 else 12
    if hours > last:
        raise LuaApiError("hour must be between -12 and +14")
    if minutes not in (0, 30, 45):
        raise LuaApiError("minute must be 0, 30, or 45")
    if hours == last and minutes:
        raise LuaApiError("UTC-12 and UTC+14 must have 0 minutes")
    return sign * (hours * 60 + minutes)
