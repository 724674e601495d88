"""The computer in the machine, the programs that run on it, and what scenarios are made of."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from firmware_bridge.ble_devices import Select, Wanted
from firmware_bridge.errors import GlassesError, LinkError, LinkTimeoutError, NotFoundError
from firmware_bridge.link_ble import BleLink, BleSource
from tests.bluez.adapter import Adapter
from tests.bluez.calls import Caller
from tests.bluez.services import Services

ADDRESS = "4F:52:41:4D:45:46"
THE_FRAME = Wanted(Select.ADDRESS, ADDRESS)

MAX_KERNEL_FAULTS = 3  # in one scenario

T = TypeVar("T")
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
    kernel_faults: int = 0  # in this scenario

    async def despite_the_kernel(self, connect: Callable[[], Awaitable[T]]) -> T:
        """Connect, and once more where only the kernel keeps it from that.

        The computer calls a device whose link was just dropped again by itself; bleak, which gives up, has that broken
        off. Linux 6.1 may then hold a connection that it tells nobody of, so that the device does not advertise, or
        call nobody any more. That ends when Bluetooth is switched off.
        """
        while True:
            await self.outside("kernel_is_stuck")
            try:
                return await connect()
            except (NotFoundError, LinkTimeoutError):
                if self.kernel_faults == MAX_KERNEL_FAULTS or not await self.outside("kernel_is_stuck"):
                    raise
            self.kernel_faults += 1
            await self.services.restart_adapter()

    @property
    def faults_seen(self) -> str:
        """For the report of a scenario."""
        times = f"{self.kernel_faults} times" if self.kernel_faults > 1 else "once"
        return f"; {times} the kernel was stuck until Bluetooth was off and on" if self.kernel_faults else ""

    async def fresh(self) -> None:
        """Everything switched on and in range, no bond anywhere."""
        self.kernel_faults = 0
        await self.services.start_bluetoothd()
        if not self.adapter.plugged:
            await self.adapter.plug()
        await self.outside("as_before")
        await self.outside("reach", True)
        await self.outside("press_cradle_button")
        await self.services.powered()
        await self.services.restart_adapter()  # what the kernel still does of the scenario before is over
        await self.services.forget_devices()


@dataclass
class Connection:
    link: BleLink
    seconds: float
    values: list[bytes] = field(default_factory=list)
    lost: list[LinkError] = field(default_factory=list)
    lost_at: float = 0.0

    async def lost_by(self, event: Awaitable[object], timeout_s: float = 10.0) -> float:
        """Seconds from this event to the word that the link is lost. Raises TimeoutError where none comes."""
        began = time.monotonic()
        await event
        await until(lambda: self.lost, timeout_s)
        return self.lost_at - began


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

    async def meet(self) -> None:
        """Connect, so that both ends have a bond, and disconnect."""
        await (await self.connect()).link.disconnect()


@contextlib.asynccontextmanager
async def program() -> AsyncIterator[Program]:
    it = Program()
    try:
        yield it
    finally:
        await it.source.close()


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[tuple[Program, Connection]]:
    async with program() as it:
        yield it, await it.connect()


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
        if not (isinstance(error, kind) and all(part in error.message for part in parts)):
            raise AssertionError(f"{said}, from {error.__cause__!r}; expected {kind.__name__} {parts}") from error
        return said
    raise AssertionError(f"nothing failed; expected {kind.__name__}")


def expect(condition: object, what: str) -> None:
    if not condition:
        raise AssertionError(what)
