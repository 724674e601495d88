"""Who is in range: glasses as bleak's scanner sees them, and those that this computer holds already."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from bleak import BleakAdapter, BleakScanner
from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakError

from firmware_bridge.ble_causes import Stage, cause_at_stage
from firmware_bridge.ble_devices import UNKNOWN_SIGNAL_DBM, Candidate, Select, Sightings, Wanted
from firmware_bridge.ble_errors import explain, system_of
from firmware_bridge.bleak_errors import cause_of
from firmware_bridge.bluez import bluez_has_bond
from firmware_bridge.cancelling import STEP_S, started
from firmware_bridge.gatt import SERVICE_UUID

__all__ = ["SYSTEM_RADIO", "Radio", "Search", "scan"]

# How long others are waited for after the first match: several, or a second one of that name.
SETTLE_S: Final = {Select.ONLY: 2.0, Select.STRONGEST: 2.0, Select.NAME: 0.5, Select.ADDRESS: 0.0, Select.BOUND: 0.5}
READY_S: Final = 30.0  # for the scan of its own: macOS may be asking the user for permission meanwhile

_SYSTEM: Final = system_of(sys.platform)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Radio:
    """Which of bleak's backends carry the link; None is the operating system's own.

    `has_bond` tells whether this computer keeps a key for a device that was just found; None where it is not told.
    """

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None
    adapter: type[BaseBleakAdapter] | None = None
    has_bond: Callable[[BLEDevice], Awaitable[bool | None]] = bluez_has_bond


SYSTEM_RADIO: Final = Radio()


async def scan(timeout_s: float = 5.0, *, radio: Radio = SYSTEM_RADIO) -> tuple[Candidate, ...]:
    """All glasses in range, or connected to this computer, strongest signal first; takes the whole `timeout_s`.

    Raises:
        LinkError: the radio cannot be used, as in `LinkSource.connect`.
    """
    search = Search(None)
    await search.run(timeout_s, timeout_s + READY_S, radio)
    seen = search.sightings.candidates
    return tuple([replace(c, bonded=await radio.has_bond(search.devices[c.address])) for c in seen])


class Search:
    """One scan: who was seen, and whether that is enough."""

    def __init__(self, wanted: Wanted | None) -> None:
        self._settle_s = SETTLE_S[wanted.select] if wanted and len(wanted.bound) != 1 else 0.0
        self._by_identity = wanted is not None and wanted.select in {Select.NAME, Select.ADDRESS, Select.BOUND}
        self._match = asyncio.Event()
        self.sightings = Sightings(wanted)
        self.devices: dict[str, BLEDevice] = {}

    async def run(self, scan_s: float, timeout_s: float, radio: Radio) -> None:
        """Look for at most `scan_s`, in `timeout_s` all told; glasses asked for by name or address end it early."""
        try:
            async with asyncio.timeout(max(timeout_s - STEP_S, (scan_s + timeout_s) / 2)):
                for device in await _connected_devices(radio):
                    self._add(device, Candidate(device.name or "", device.address, UNKNOWN_SIGNAL_DBM, connected=True))
                if self._by_identity and self._match.is_set():
                    return
                async with started(BleakScanner(self._seen, [SERVICE_UUID], backend=radio.scanner)):
                    await self._settle(scan_s)
        except Exception as error:
            cause, detail = cause_of(error)
            raise explain(cause_at_stage(cause, Stage.SEARCH, lost=False), _SYSTEM, detail=detail) from error

    async def _settle(self, scan_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(scan_s):
                await self._match.wait()
                await asyncio.sleep(self._settle_s)

    def _seen(self, device: BLEDevice, data: AdvertisementData) -> None:
        self._add(device, Candidate(data.local_name or device.name or "", device.address, data.rssi))

    def _add(self, device: BLEDevice, candidate: Candidate) -> None:
        self.devices[candidate.address] = device
        if self.sightings.add(candidate):
            self._match.set()


async def _connected_devices(radio: Radio) -> list[BLEDevice]:
    """Glasses this computer already holds: left over from a program that was killed, they do not advertise."""
    if radio.adapter is None and radio.scanner is not None:
        return []
    try:
        adapter = await BleakAdapter.get(backend=radio.adapter)
        return await adapter.get_connected_devices([SERVICE_UUID])
    except (BleakError, NotImplementedError, OSError):
        _log.debug("the system does not list its connected devices", exc_info=True)
        return []
