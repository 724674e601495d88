"""A client, ours or by others, on an emulated Frame of its own over Bluetooth, in virtual time."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.jpeg import FOOTER
from firmware_bridge.emulator.telemetry import DeviceObserver
from host.bench.link_clients import PICTURE_BYTES, Sidelight
from host.bench.link_peers import PEERS, Peer
from host.bench.link_rig import Conditions, Rig, pattern, rig

PIXELS = np.random.default_rng(3).bytes(PICTURE_BYTES), np.random.default_rng(4).bytes(PICTURE_BYTES)
WAIT_S = 8.0  # more than the 5 s after which the packages give up

Body = Callable[[Rig, Any], Awaitable[None]]


def with_ours(body: Body, *, start: bool = True) -> None:
    """Run a test body with our client."""
    _run(lambda frame: Sidelight(frame.source()), body, start=start)


def with_peer(name: str, body: Body, *, start: bool = True) -> None:
    """Run a test body with the package of that name, or skip."""
    if importlib.util.find_spec(PEERS[name]) is None:
        pytest.skip(f"{name} is not installed: pip install 'sidelight[peers]'")
    _run(lambda _frame: Peer(name), body, start=start)


def _run(client_on: Callable[[Rig], Any], body: Body, *, start: bool) -> None:
    async def main() -> None:
        async with rig(Conditions()) as frame:
            undo = frame.lend_to_bleak()
            client = client_on(frame)
            try:
                if start:
                    await client.start()
                    await asyncio.sleep(0.3)
                await body(frame, client)
                if start:
                    await client.stop()
            finally:
                undo()
            await asyncio.sleep(0.1)

    run_virtual(main())


def picture_lit(frame: Rig, pixels: bytes, after_s: float) -> bool:
    """Whether the lens has shown this picture, whole, since then."""
    look = pattern(np.frombuffer(bytes(n for byte in pixels for n in (byte >> 4, byte & 15)), np.uint8))
    return any(lit.picture == look and lit.at_s >= after_s for lit in frame.lit)


def caption_changes(frame: Rig, after_s: float) -> int:
    """How many different captions the lens has shown since then, dark ones left out."""
    return len({lit.caption for lit in frame.lit if lit.at_s >= after_s} - {b""})


def camera_jpeg(frame: Rig) -> bytes:
    """The JPEG that the camera holds."""
    camera = frame.device.camera
    return camera._header + camera._scan + FOOTER


def now() -> float:
    return asyncio.get_running_loop().time()


class Printed(DeviceObserver):
    """What Lua on the glasses prints, and the errors at its prompt."""

    def __init__(self, frame: Rig) -> None:
        self.texts: list[bytes] = []
        self.failures: list[bytes] = []
        frame.device.observers.append(self)

    def printed(self, when_s: float, text: bytes) -> None:
        self.texts.append(text)

    def failed(self, when_s: float, text: bytes) -> None:
        self.failures.append(text)
