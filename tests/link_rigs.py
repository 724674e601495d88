"""The emulated Frame behind each kind of link, for tests that must hold on all of them.

with_rig("bumble", "emulator:frame", body)      # body(rig) in virtual time where that is possible
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from firmware_bridge.ble_devices import parse_wanted
from firmware_bridge.ble_search import Radio
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.link import LinkSource
from firmware_bridge.link_ble import BleSource

if importlib.util.find_spec("bumble") is not None:
    from firmware_bridge.bumble_radio import adapter_at, backends
    from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame

ROOT = Path(__file__).parents[1]
ADDRESS = parse_wanted("4F:52:41:4D:45:46")  # a scan for an address ends as soon as it is seen
RIGS = ("emulator", "bumble", "bumble-between-processes")
BLUETOOTH = RIGS[1:]


class Rig(Protocol):
    """The Frame and what the world does to it."""

    def source(self) -> LinkSource:
        """The Frame as this computer's link finds it; a second call is the same computer."""
        ...

    def other_computer(self) -> LinkSource:
        """The same Frame from another computer (Bluetooth only)."""
        ...

    async def do(self, order: str) -> None:
        """See `lent_frame.py`."""
        ...


class InProcess:
    """Our link without Bluetooth."""

    def __init__(self, uri: str) -> None:
        self._source = EmulatorSource(parse_uri(uri))

    def source(self) -> LinkSource:
        return self._source

    async def do(self, order: str) -> None:
        match order.split():
            case ["drop"]:
                self._source.faults.cut_now()
            case ["away", seconds]:
                self._source.faults.cut_for(float(seconds))
            case ["restart"]:
                self._source.device.restart()


class OverBumble:
    """Our Bluetooth link, two Bluetooth stacks and the virtual air, all in this process."""

    def __init__(self, uri: str) -> None:
        self.frame = BluetoothFrame(parse_uri(uri))
        self._computers = self.frame.computer(1), self.frame.computer(2)

    def source(self) -> LinkSource:
        return self._source(0)

    def other_computer(self) -> LinkSource:
        return self._source(1)

    def _source(self, number: int) -> LinkSource:
        return BleSource(radio=Radio(*backends(lambda: self._computers[number])))

    async def do(self, order: str) -> None:
        match order.split():
            case ["drop"]:
                self.frame.faults.cut_now()
            case ["away", seconds]:
                self.frame.faults.cut_for(float(seconds))
            case ["restart"]:
                self.frame.device.restart()
            case ["button"]:
                self.frame.press_cradle_button()


class BetweenProcesses:
    """The Frame in a process of its own, and HCI over a socket."""

    def __init__(self, frame: LentFrame, keys: Path) -> None:
        self._frame = frame
        self._keys = keys

    def source(self) -> LinkSource:
        return self._source("first.json")

    def other_computer(self) -> LinkSource:
        return self._source("second.json")

    def _source(self, keys: str) -> LinkSource:
        return BleSource(ADDRESS, radio=Radio(*backends(lambda: adapter_at(self._frame.where, self._keys / keys))))

    async def do(self, order: str) -> None:
        await asyncio.to_thread(self._frame.do, order)


class LentFrame:
    """`lent_frame.py` at work."""

    def __init__(self, uri: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "lent_frame.py"), uri],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
        )
        self.where = self._line()

    def do(self, order: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        self._line()

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the emulated Frame's process ended"
        return line


class LentFrames:
    """One process for each address, since starting one takes longer than a test."""

    def __init__(self) -> None:
        self._frames: dict[str, LentFrame] = {}

    def at(self, uri: str) -> LentFrame:
        """A Frame that is bonded to nobody, unless its address says otherwise."""
        if uri not in self._frames:
            self._frames[uri] = LentFrame(uri)
        elif "paired" not in uri:
            self._frames[uri].do("button")
        return self._frames[uri]

    def close(self) -> None:
        for frame in self._frames.values():
            frame.close()


def with_rig(kind: str, uri: str, body: Callable[[Any], Awaitable[None]], frames: LentFrames, keys: Path) -> None:
    """Run a test body with a rig; in virtual time where all is in this process.

    Args:
        kind: one of `RIGS`; what is not installed skips the test.
        uri: the emulated Frame.
        body: gets the rig.
        frames: those in processes of their own.
        keys: a folder for the bonds of computers, where they are kept in files.
    """
    if kind != "emulator" and importlib.util.find_spec("bumble") is None:
        pytest.skip("Bumble is not installed: pip install 'sidelight[bumble]'")

    async def main() -> None:
        async with asyncio.timeout(60), _rig(kind, uri, frames, keys) as rig:
            await body(rig)

    if kind == "bumble-between-processes":
        asyncio.run(main())
    else:
        run_virtual(main())


@asynccontextmanager
async def _rig(kind: str, uri: str, frames: LentFrames, keys: Path) -> AsyncIterator[Rig]:
    match kind:
        case "emulator":
            rig = InProcess(uri)
            yield rig
            await rig.source().close()
        case "bumble":
            over = OverBumble(uri)
            await over.frame.start()
            yield over
            await over.frame.close()
        case _:
            yield BetweenProcesses(await asyncio.to_thread(frames.at, uri), keys)
