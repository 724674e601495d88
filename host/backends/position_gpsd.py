"""gpsd, the service that Linux computers read receivers with, over its JSON protocol."""

from __future__ import annotations

import asyncio
from typing import Final

from host.backends.position_lines import Lines, connected
from host.errors import PositionError
from host.position.gpsd import LINE_MAX, WATCH, GpsdReader, is_gpsd
from host.position.measurement import Measurement, NoFix
from host.position.timeline import LOST_S

__all__ = ["PORT", "Gpsd"]

PORT: Final = 2947  # registered for it
GREETING_S: Final = 5.0


class Gpsd:
    """gpsd as a `Receiver` of `host/contracts`."""

    name: Final = "gpsd"
    quiet_s: Final = LOST_S

    def __init__(self, host: str, port: int) -> None:
        """Where it listens; nothing is connected."""
        self._host, self._port = host, port
        self._lines: Lines | None = None
        self._reader = GpsdReader()

    async def connect(self) -> None:
        """As in the contract. Its first line says who it is."""
        where = f"{self._host}:{self._port}"
        hint = "Start it: gpsd -N /dev/ttyUSB0, with your receiver's device; or name another --position"
        lines = await connected(self._host, self._port, LINE_MAX, f"gpsd ({where})", hint=hint, first=WATCH)
        try:
            async with asyncio.timeout(GREETING_S):
                is_one = is_gpsd(await lines.next())
        except (TimeoutError, PositionError):
            is_one = False
        except BaseException:
            lines.close()
            raise
        if not is_one:
            lines.close()
            raise PositionError(f"what answers at {where} is not gpsd", f"Check the port; gpsd has {PORT}")
        self._lines, self._reader = lines, GpsdReader()

    async def read(self) -> Measurement | NoFix:
        """As in the contract."""
        while self._lines is not None:
            said = self._reader.read(await self._lines.next())
            if said is not None:
                return said
        raise PositionError("gpsd is not connected")

    async def close(self) -> None:
        """As in the contract."""
        if self._lines is not None:
            self._lines.close()
            self._lines = None
