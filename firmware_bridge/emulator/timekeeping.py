"""The emulated Frame's clock and calendar (device reference 2.11)."""

from __future__ import annotations

import re
from typing import Final

from firmware_bridge.emulator.board import Api, Args, Board, LuaApiError, LuaValue

_ZONE: Final = re.compile(rb"\s*([+-]?\d{1,9}):\s*([+-]?\d{1,9})")  # as sscanf reads "%d:%d", which seems to be used
_DAY_S: Final = 86_400


class Timekeeping:
    """The time part of the Lua API (`frame.time`); clock and zone outlive a restart of the VM (2.11)."""

    def __init__(self, board: Board) -> None:
        """Unset: seconds since power on, zone +00:00."""
        self._board = board
        self._set_ms = 0
        self._set_at_ms = 0
        self._zone = (0, 0)

    def utc(self) -> float:
        """Seconds since 1970, or since power on while unset; whole milliseconds."""
        return self._utc_ms() / 1000

    def reset(self) -> None:
        """The Lua VM starts: nothing changes (2.11)."""

    def api(self) -> Api:
        """The functions of `frame.time`."""
        return {"utc": self._utc, "zone": self._zone_call, "date": self._date}

    def _utc_ms(self) -> int:
        return (self._set_ms + self._uptime_ms() - self._set_at_ms) % 2**64  # an unsigned counter of the firmware

    def _uptime_ms(self) -> int:
        return int(self._board.now() * 1000 + 1e-6)

    def _utc(self, args: Args) -> LuaValue:
        if len(args) == 0:
            return self.utc()
        self._set_ms = args.integer(1) * 1000
        self._set_at_ms = self._uptime_ms()
        return None

    def _zone_call(self, args: Args) -> LuaValue:
        if len(args) == 0:
            hours, minutes = self._zone
            return f"{hours:+03d}:{minutes:02d}".encode()
        parsed = _ZONE.match(args.string(1))
        if parsed is None:
            raise LuaApiError("must be '+hh:mm' or '-hh:mm'")
        hours, minutes = int(parsed[1]), int(parsed[2])
        if not -12 <= hours <= 14:
            raise LuaApiError("hour value must be between -12 and +14")
        if minutes not in (0, 30, 45):
            raise LuaApiError("minute value must be either 00, 30, or 45")
        if hours in (-12, 14) and minutes:
            raise LuaApiError("when hour is -12 or 14, minutes must be 0")
        self._zone = (hours, minutes)
        return None

    def _date(self, args: Args) -> LuaValue:
        seconds = args.raw(1) if len(args) else self._utc_ms() // 1000
        if not isinstance(seconds, int) or isinstance(seconds, bool):
            raise LuaApiError("expected a utc timestamp")
        hours, minutes = self._zone
        # Known bug (2.11; 5, Frame 11): the minutes are added whatever the sign, so -3:45 works as -2:15.
        return calendar(seconds + hours * 3600 + minutes * 60)


def calendar(seconds: int) -> dict[str, int | bool]:
    """The fields of a moment, in the proleptic Gregorian calendar; any integer is a moment."""
    days, second_of_day = divmod(seconds, _DAY_S)
    year, month, day = _civil(days)
    january_first = _days(year, 1, 1)
    return {
        "second": second_of_day % 60,
        "minute": second_of_day // 60 % 60,
        "hour": second_of_day // 3600,
        "day": day,
        "month": month,
        "year": year,
        "weekday": (days + 4) % 7,  # 1970-01-01 was a Thursday
        "day of year": days - january_first,
        "is daylight saving": False,
    }


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of a day counted from 1970-01-01. Years here begin in March, so that leap days come last."""
    era, day_of_era = divmod(days + 719_468, 146_097)  # days from 0000-03-01; days in 400 years
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153  # months from March
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + year_of_era + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def _days(year: int, month: int, day: int) -> int:
    """The inverse of `_civil`."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468
