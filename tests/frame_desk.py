"""An emulated Frame on the desk: a host wired straight to its GATT surface, with an air that a test controls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from firmware_bridge.emulator.clock import DeviceClock, run_virtual
from firmware_bridge.emulator.device import EmulatedFrame
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.telemetry import DeviceObserver


class Watcher(DeviceObserver):
    def __init__(self) -> None:
        self.prints: list[bytes] = []
        self.failures: list[bytes] = []
        self.restarts: list[str] = []
        self.values: list[tuple[str, bytes]] = []

    def printed(self, when_s: float, text: bytes) -> None:
        self.prints.append(text)

    def failed(self, when_s: float, text: bytes) -> None:
        self.failures.append(text)

    def received(self, when_s: float, value: bytes) -> None:
        self.values.append(("down", value))

    def sent(self, when_s: float, value: bytes) -> None:
        self.values.append(("up", value))

    def restarted(self, when_s: float, reason: str) -> None:
        self.restarts.append(reason)


class Desk:
    """The notify slot is free again `slot_s` after each notification (0: always)."""

    def __init__(self, uri: str = "emulator:frame", *, connect: bool = True, mtu: int = 247) -> None:
        self.clock = DeviceClock(asyncio.get_running_loop())
        self.frame = EmulatedFrame(parse_uri(uri), self.clock)
        self.seen = Watcher()
        self.frame.observers.append(self.seen)
        self.heard: list[tuple[float, bytes]] = []
        self.slot_s = 0.0
        self._free_at = 0.0
        if connect:
            self.connect(mtu)

    def connect(self, mtu: int = 247) -> None:
        self.frame.connected(self, mtu)
        self.frame.subscribed(True)

    def notify(self, value: bytes) -> bool:
        if self.clock.now() < self._free_at:
            return False
        self._free_at = self.clock.now() + self.slot_s
        self.heard.append((self.clock.now(), value))
        return True

    async def lua(self, *values: bytes | str, wait: float = 0.2) -> list[bytes]:
        """Write each value, giving the device time after it; the notifications that came meanwhile."""
        first = len(self.heard)
        for value in values:
            self.frame.written(value.encode() if isinstance(value, str) else value)
            await asyncio.sleep(wait)
        return [value for _, value in self.heard[first:]]

    async def one(self, text: bytes | str, wait: float = 0.2) -> str:
        """The one notification that a text leads to."""
        answers = await self.lua(text, wait=wait)
        assert len(answers) == 1, answers
        return answers[0].decode("latin-1")

    async def store(self, name: str, text: str) -> None:
        """A file on the glasses."""
        await self.lua(f"F=frame.file.open('{name}','w')", wait=0.5)
        for at in range(0, len(text), 150):
            await self.lua(f"F:write([==[{text[at : at + 150]}]==])", wait=0.3)
        await self.lua("F:close()", wait=0.5)


def on_desk(test: Callable[[Desk], Coroutine[Any, Any, None]], uri: str = "emulator:frame", **options: Any) -> None:
    """Run a test on a Frame that has just finished its start, in virtual time."""

    async def main() -> None:
        desk = Desk(uri, **options)
        try:
            await asyncio.sleep(0.5)
            desk.heard.clear()
            desk.seen.failures.clear()
            desk.seen.values.clear()
            desk.frame.counters.lost_prints = 0
            await test(desk)
        finally:
            desk.frame.close()

    run_virtual(main())
