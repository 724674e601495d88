"""What the rest of the computer has to do with it: the clock, the language of the terminal, sleep."""

from __future__ import annotations

import asyncio
import locale
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from host.app.doctor.checkup import Checkup, missing, ok, unknown
from host.awake import awake
from host.events import Finding

__all__ = ["computer"]

_WRITTEN: Final = datetime(2026, 1, 1).astimezone()  # no clock that is right shows a time before this program was


def computer(_checkup: Checkup) -> Iterator[Finding]:
    """Clock, locale, sleep."""
    yield _clock(datetime.now().astimezone())
    yield _locale()
    yield _terminal()
    yield asyncio.run(_sleep())


def _clock(now: datetime) -> Finding:
    shown = now.strftime("%Y-%m-%d %H:%M %z")
    if now < _WRITTEN:
        return missing(
            "clock", f"the clock says {shown}, and transcripts would too", "Run: sudo timedatectl set-ntp true"
        )
    return ok("clock", shown)


def _locale() -> Finding:
    before = locale.setlocale(locale.LC_ALL)
    try:
        return ok("locale", locale.setlocale(locale.LC_ALL, "") or "C")
    except locale.Error:
        how = "Run: sudo apt install locales && sudo dpkg-reconfigure locales"
        return missing("locale", "the locale that the environment names is not installed here", how)
    finally:
        locale.setlocale(locale.LC_ALL, before)


def _terminal() -> Finding:
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    if encoding == "utf8":
        return ok("terminal", "it takes every script (UTF-8)")
    how = "Run: export LANG=C.UTF-8" if sys.platform != "win32" else "Run: $env:PYTHONUTF8 = 1"
    return missing("terminal", f"it takes {encoding} only: other characters are shown as question marks", how)


async def _sleep() -> Finding:
    if sys.platform == "linux" and shutil.which("systemd-inhibit") is None:
        return unknown("sleep", "without systemd-inhibit nothing keeps this computer awake while it records")
    async with awake("finding out whether it can be kept awake") as held:
        if held:
            return ok("sleep", "this computer can be kept awake while it records")
    how = "Switch off suspending in the power settings while you record"
    return missing("sleep", "the system does not let itself be kept awake while it records", how)
