"""Which adapter bleak's classes use: a backend is a class, so each adapter gets classes of its own."""

from __future__ import annotations

from collections.abc import Callable

from firmware_bridge.bumble_radio.adapter import BumbleAdapter
from firmware_bridge.bumble_radio.client import BumbleClient
from firmware_bridge.bumble_radio.scanner import BumbleScanner


def backends(adapter: Callable[[], BumbleAdapter]) -> tuple[type[BumbleScanner], type[BumbleClient]]:
    """Backends of bleak, for `BleakScanner(backend=...)` and `BleakClient(backend=...)`.

    Args:
        adapter: called on the event loop that the scanner or client is made on.
    """
    members = {"adapter": staticmethod(adapter)}
    return type("BumbleScanner", (BumbleScanner,), members), type("BumbleClient", (BumbleClient,), members)
