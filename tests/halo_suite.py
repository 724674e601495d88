"""One Halo, and brilliant-ble connected to it over Bluetooth, as programs do that test a Halo unattended."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")
pytest.importorskip("brilliant_ble", reason="brilliant_ble is not installed: pip install 'sidelight[peers]'")

from firmware_bridge.bumble_radio import use_by_default
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.halo.bluetooth_halo import BluetoothHalo
from firmware_bridge.emulator.options import parse_uri

both = pytest.mark.parametrize("firmware", ["0.8.8", pytest.param("later", marks=pytest.mark.slow)])
COUNTING = "N=0;S={};function cb(d) N=N+1;S[#S+1]=#d..'/'..d:byte(1) end"
REPORT = "print(N..' '..table.concat(S,' '))N=0;S={}"


class Suite:
    """One connected client, what it was told, and the device.

    Attributes:
        halo: the device.
        client: of brilliant-ble.
        prints: texts that came.
        data: packets that came.
    """

    def __init__(self, halo: BluetoothHalo) -> None:
        library: Any = importlib.import_module("brilliant_ble")
        self.halo = halo
        self.client: Any = library.BrilliantBle()
        self.prints: list[str] = []
        self.data: list[bytes] = []

    async def connect(self) -> None:
        await self.client.connect(
            name="Halo 4F",
            print_response_handler=self.prints.append,
            data_response_handler=lambda value: self.data.append(bytes(value)),
        )

    async def ask(self, text: str) -> str:
        """The answer to a text that prints one."""
        return str(await self.client.send_lua(text, await_print=True, timeout=5))

    async def value(self, body: str) -> str:
        """What the body of a function returns, or its error, fenced as one notification."""
        self.prints.clear()
        await self.client.send_lua(
            f"local ok, v = pcall(function() {body} end) print('<<' .. (ok and 'OK ' or 'ERR ') .. tostring(v) .. '>>')"
        )
        for _ in range(100):
            joined = "".join(self.prints)
            if "<<" in joined and ">>" in joined:
                return joined.split("<<")[1].split(">>")[0]
            await asyncio.sleep(0.05)
        raise AssertionError(f"no answer to {body}")

    async def send(self, *texts: str) -> None:
        for text in texts:
            await self.client.send_lua(text)
            await asyncio.sleep(0.05)

    async def packets(self, count: int, size: int, **options: Any) -> None:
        """Numbered packets of data."""
        for n in range(count):
            await self.client.send_data(bytes([n]) + bytes([65 + n % 26]) * (size - 1), **options)

    async def counted(self) -> list[str]:
        """Size and number of each packet that the program on the glasses got."""
        count, *seen = (await self.ask(REPORT)).split()
        assert int(count) == len(seen)
        return seen

    async def alive(self) -> bool:
        return "alive_42" in await self.ask("print('alive_'..tostring(2*21))")


def on_air(firmware: str, body: Callable[[Suite], Awaitable[None]], *, parts: str = "") -> None:
    async def main() -> None:
        halo = BluetoothHalo(parse_uri(f"emulator:halo?firmware={firmware}{parts}"))
        await halo.start()
        computer = halo.computer()
        undo = use_by_default(lambda: computer)
        suite = Suite(halo)
        try:
            await suite.connect()
            await body(suite)
            await suite.client.disconnect()
        finally:
            undo()
        await halo.close()

    run_virtual(main())


def numbered(count: int, size: int) -> list[str]:
    return [f"{size}/{n}" for n in range(count)]
