"""An emulated Halo on the desk: a host wired straight to its GATT surface, with an air that a test controls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from frame_desk import Watcher

from firmware_bridge.emulator.clock import DeviceClock, run_virtual
from firmware_bridge.emulator.halo.device import EmulatedHalo
from firmware_bridge.emulator.options import HaloOptions, parse_uri


class HaloDesk:
    """The notify slot is free again `slot_s` after each notification (0: always)."""

    def __init__(self, uri: str = "emulator:halo", *, connect: bool = True, mtu: int = 512) -> None:
        self.clock = DeviceClock(asyncio.get_running_loop())
        options = parse_uri(uri)
        assert isinstance(options, HaloOptions)
        self.halo = EmulatedHalo(options, self.clock)
        self.seen = Watcher()
        self.halo.observers.append(self.seen)
        self.heard: list[tuple[float, bytes]] = []
        self.slot_s = 0.0
        self.on_free: Callable[[], None] = lambda: None
        self._free_at = 0.0
        if connect:
            self.connect(mtu)

    def connect(self, mtu: int = 512) -> None:
        self.halo.connected(self, mtu)
        self.halo.subscribed(True)

    def notify(self, value: bytes) -> bool:
        if self.clock.now() < self._free_at:
            return False
        self._free_at = self.clock.now() + self.slot_s
        self.clock.call_at(self._free_at, lambda: self.on_free())  # noqa: PLW0108 - as it is then
        self.heard.append((self.clock.now(), value))
        return True

    async def lua(self, *values: bytes | str, wait: float = 0.2) -> list[bytes]:
        """Write each value, giving the device time after it; the notifications that came meanwhile."""
        first = len(self.heard)
        for value in values:
            self.halo.written(value.encode() if isinstance(value, str) else value)
            await asyncio.sleep(wait)
        return [value for _, value in self.heard[first:]]

    @property
    def frame(self) -> EmulatedHalo:
        """The glasses, as tests of both kinds call them."""
        return self.halo

    async def store(self, name: str, text: str) -> None:
        """A file on the glasses, each write one line of the prompt."""
        await self.lua(f"F = frame.file.open('{name}', 'w')")
        for at in range(0, len(text), 150):
            escaped = "".join(f"\\{byte:03d}" for byte in text[at : at + 150].encode("latin-1"))
            for part in range(0, len(escaped), 400):
                await self.lua(f"F:write('{escaped[part : part + 400]}')")
        await self.lua("F:close()")

    async def one(self, text: bytes | str, wait: float = 0.2) -> str:
        """The one notification that a text leads to."""
        answers = await self.lua(text, wait=wait)
        assert len(answers) == 1, answers
        return answers[0].decode("latin-1")

    async def error(self, text: str, wait: float = 0.2) -> str:
        """The error that a text leads to, without its position."""
        answers = await self.lua(text, wait=wait)
        assert answers[1:] == [b"\n"], answers
        return answers[0].decode("latin-1").partition("]:1: ")[2]


def on_halo(test: Callable[[HaloDesk], Coroutine[Any, Any, None]], uri: str = "emulator:halo", **options: Any) -> None:
    """Run a test on a Halo that has just finished its start, in virtual time."""

    async def main() -> None:
        desk = HaloDesk(uri, **options)
        try:
            await asyncio.sleep(0.5)
            desk.heard.clear()
            desk.seen.failures.clear()
            desk.seen.values.clear()
            await test(desk)
        finally:
            desk.halo.close()

    run_virtual(main())
