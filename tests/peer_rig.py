"""A client, ours or by others, on emulated glasses of its own over Bluetooth, in virtual time.

pytest -m "slow or not slow" tests/weaknesses        lets others drive Halo, too
"""

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
from firmware_bridge.link import GlassesKind
from host.bench.link_clients import Sidelight
from host.bench.link_peers import PEERS, Peer, peers_for
from host.bench.link_rig import STAGES, Conditions, Rig, rig

PIXELS = tuple(np.random.default_rng(seed).bytes(STAGES["frame"].picture_bytes) for seed in (3, 4))
WAIT_S = 8.0  # more than the 5 s after which the packages give up

Body = Callable[[Rig, Any], Awaitable[None]]


by_devices = pytest.mark.parametrize("device", STAGES)
by_peers = pytest.mark.parametrize(
    ("name", "device"),
    [
        pytest.param(name, device, marks=[pytest.mark.slow] if device == "halo" else [])
        for device in STAGES
        for name in peers_for(device)
    ],
)


def with_ours(body: Body, device: GlassesKind, *, start: bool = True) -> None:
    """Run a test body with our client."""
    _run(lambda frame: Sidelight(frame.source()), body, device, start=start)


def with_peer(name: str, body: Body, device: GlassesKind, *, start: bool = True) -> None:
    """Run a test body with the package of that name, or skip."""
    if importlib.util.find_spec(PEERS[name]) is None:
        pytest.skip(f"{name} is not installed: pip install 'sidelight[peers]'")
    _run(lambda _frame: Peer(name, device), body, device, start=start)


def _run(client_on: Callable[[Rig], Any], body: Body, device: GlassesKind, *, start: bool) -> None:
    async def main() -> None:
        async with rig(Conditions.of(device)) as frame:
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
    look = frame.look_of(pixels)
    return any(lit.picture == look and lit.at_s >= after_s for lit in frame.lit)


def caption_changes(frame: Rig, after_s: float) -> int:
    """How many different captions the lens has shown since then, dark ones left out."""
    return len({lit.caption for lit in frame.lit if lit.at_s >= after_s} - {b""})


def camera_jpeg(frame: Rig) -> bytes:
    """The JPEG that the camera holds."""
    camera = frame.device.camera
    return bytes(camera._jpeg if frame.stage is STAGES["halo"] else camera._header + camera._scan + FOOTER)


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
