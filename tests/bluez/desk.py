"""The computer in the machine, the programs that run on it, and what scenarios are made of."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from firmware_bridge.ble_devices import Select, Wanted
from firmware_bridge.errors import GlassesError, LinkError
from firmware_bridge.link_ble import BleLink, BleSource
from tests.bluez.adapter import Adapter
from tests.bluez.calls import Caller
from tests.bluez.services import Services

ADDRESS = "4F:52:41:4D:45:46"
THE_FRAME = Wanted(Select.ADDRESS, ADDRESS)

Scenario = Callable[["Desk"], Awaitable[str]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Scenario:
    """Make it known under its name, with hyphens."""
    SCENARIOS[function.__name__.replace("_", "-")] = function
    return function


@dataclass
class Desk:
    """The computer, and what is outside of it."""

    outside: Caller
    adapter: Adapter
    services: Services

    async def fresh(self) -> None:
        """Everything switched on and in range, no bond anywhere."""
        if not self.services.bluetoothd_runs:
            await self.services.start_bluetoothd()
        if not self.adapter.plugged:
            await self.adapter.plug()
        await self.outside("as_before")
        await self.outside("reach", True)
        await self.outside("press_cradle_button")
        await self.services.powered()
        await self.services.forget_devices()


@dataclass
class Connection:
    link: BleLink
    seconds: float
    values: list[bytes] = field(default_factory=list)
    lost: list[LinkError] = field(default_factory=list)
    lost_at: float = 0.0


class Program:
    """A program that uses the glasses."""

    def __init__(self) -> None:
        self.source = BleSource(THE_FRAME)

    async def connect(self, timeout_s: float = 20.0) -> Connection:
        values: list[bytes] = []
        lost: list[LinkError] = []
        made: list[Connection] = []
        began = time.monotonic()

        def on_lost(error: LinkError) -> None:
            lost.append(error)
            for connection in made:
                connection.lost_at = time.monotonic()

        link = await self.source.connect(values.append, on_lost, timeout_s=timeout_s)
        made.append(Connection(link, time.monotonic() - began, values, lost))
        return made[0]


@contextlib.asynccontextmanager
async def program() -> AsyncIterator[Program]:
    it = Program()
    try:
        yield it
    finally:
        await it.source.close()


async def until(condition: Callable[[], object], timeout_s: float = 10.0) -> float:
    began = time.monotonic()
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return time.monotonic() - began


async def fails(doing: Awaitable[object], kind: type[GlassesError], *parts: str) -> str:
    began = time.monotonic()
    try:
        await doing
    except GlassesError as error:
        said = f"{type(error).__name__} {error.message!r} after {time.monotonic() - began:.1f} s"
        wanted = isinstance(error, kind) and all(part in error.message for part in parts)
        expect(wanted, f"{said}, from {error.__cause__!r}; expected {kind.__name__} {parts}")
        return said
    raise AssertionError(f"nothing failed; expected {kind.__name__}")


def expect(condition: object, what: str) -> None:
    if not condition:
        raise AssertionError(what)
