"""Which adapter bleak's classes use: a backend is a class, so each adapter gets classes of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import bleak
from bleak.backends.device import BLEDevice
from bumble import hci

from firmware_bridge.ble_search import Radio
from firmware_bridge.bumble_radio.adapter import BumbleAdapter
from firmware_bridge.bumble_radio.client import BumbleClient
from firmware_bridge.bumble_radio.scanner import BumbleScanner, acquired
from firmware_bridge.link import LinkSource
from firmware_bridge.link_ble import BleSource


def backends(adapter: Callable[[], BumbleAdapter]) -> tuple[type[BumbleScanner], type[BumbleClient]]:
    """Backends of bleak, for `BleakScanner(backend=...)` and `BleakClient(backend=...)`.

    Args:
        adapter: called on the event loop that the scanner or client is made on.
    """
    members = {"adapter": staticmethod(adapter)}
    return type("BumbleScanner", (BumbleScanner,), members), type("BumbleClient", (BumbleClient,), members)


def bonds(adapter: Callable[[], BumbleAdapter]) -> Callable[[BLEDevice], Awaitable[bool | None]]:
    """What tells whether that adapter keeps a key for a device that it has just found, for `Radio.has_bond`."""

    async def has_bond(device: BLEDevice) -> bool | None:
        if not isinstance(device.details, hci.Address):
            return None
        used = adapter()
        host = await acquired(used)
        try:
            return await host.has_bond(device.details)
        finally:
            used.release(host)
            await used.settled()

    return has_bond


def use_by_default(adapter: Callable[[], BumbleAdapter]) -> Callable[[], None]:
    """Let bleak use that adapter, in this process, wherever a program names no backend.

    Args:
        adapter: as for `backends`.

    Returns:
        What undoes it.
    """
    scanner, client = backends(adapter)
    choices = {
        # bleak's own choice between operating systems, by the names that bleak/__init__.py (3.0, 3.1) calls.
        "get_platform_scanner_backend_type": lambda: (scanner, "bumble"),
        "get_platform_client_backend_type": lambda: (client, "bumble"),
    }
    before = {name: getattr(bleak, name) for name in choices}

    def choose(by: Mapping[str, object]) -> None:
        for name, choice in by.items():
            setattr(bleak, name, choice)

    choose(choices)
    return lambda: choose(before)


def radio_of(adapter: Callable[[], BumbleAdapter]) -> Radio:
    """That adapter as what carries our own links. `adapter` as for `backends`."""
    scanner, client = backends(adapter)
    return Radio(scanner, client, has_bond=bonds(adapter))


def link_source(adapter: Callable[[], BumbleAdapter]) -> LinkSource:
    """The one pair of glasses in that adapter's range, as a source of our own links.

    Args:
        adapter: as for `backends`.
    """
    return BleSource(radio=radio_of(adapter))
