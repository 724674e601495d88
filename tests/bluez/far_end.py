"""What is outside of the machine: the controller of its adapter, the air, and an emulated Frame."""

from __future__ import annotations

import asyncio
import secrets
import struct
import wave
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bumble import hci
from bumble.transport.common import PacketParser

from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame
from firmware_bridge.emulator.flash_folder import Folder
from firmware_bridge.emulator.options import FrameOptions
from firmware_bridge.emulator.telemetry import DeviceObserver
from firmware_bridge.emulator.virtual_air import VirtualAir
from firmware_bridge.emulator.virtual_controller import VirtualController
from tests.stranger import Stranger

COMPUTER: Final = "00:1B:DC:06:00:01"


def _write_ramp(path: Path) -> None:
    """One second of `scenarios.RAMP_STEPS`: each value twice, so that at 8 kHz each comes once."""
    values = [(n // 2 % 200 - 100) * 256 for n in range(16_000)]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(values)}h", *values))


class _Received(DeviceObserver):
    def __init__(self, into: list[bytes]) -> None:
        self._into = into

    def received(self, when_s: float, value: bytes) -> None:
        self._into.append(value)


class _Controller(VirtualController):
    """The computer's, which tells when it is asked to connect."""

    def __init__(self, air: VirtualAir, asked_to_connect: Callable[[], None]) -> None:
        super().__init__(air, "computer", COMPUTER)
        self._asked_to_connect = asked_to_connect

    def on_hci_le_create_connection_command(self, command: hci.HCI_LE_Create_Connection_Command) -> None:
        self._asked_to_connect()
        super().on_hci_le_create_connection_command(command)


class FarEnd:
    """What the program in the machine may ask for is what is a coroutine here."""

    def __init__(self, folder: Path) -> None:
        self._flash = folder / "flash"
        self._flash.mkdir()
        ramp = folder / "ramp.wav"
        _write_ramp(ramp)
        self.frame = BluetoothFrame(FrameOptions(flash=self._flash, mic=ramp, loop=True))
        self._glasses: VirtualController = self.frame._radio._controller
        self._strangers: list[Stranger] = []
        self._received: list[bytes] = []
        self.frame.device.observers.append(_Received(self._received))
        self._controller: VirtualController | None = None
        self._leaves_when_called = False
        self._was_called = False
        self._parser: PacketParser | None = None
        self._machine: asyncio.StreamWriter | None = None

    async def start(self) -> None:
        await self.frame.start()

    async def close(self) -> None:
        await self.frame.close()

    async def hci(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry HCI between the machine and the controller that is plugged in, if one is."""
        self._machine = writer
        while data := await reader.read(65536):
            if self._parser is not None:
                self._parser.feed_data(data)

    def on_packet(self, packet: bytes) -> None:
        """Bumble's TransportSink: from the controller to the machine."""
        if self._machine is not None:
            self._machine.write(packet)

    async def plug(self) -> None:
        self._controller = _Controller(self.frame.air, self._asked_to_connect)
        self._controller.set_packet_sink(self)
        self._parser = PacketParser(self._controller)

    async def unplug(self) -> None:
        assert self._controller is not None
        self._parser = None
        self._controller.set_packet_sink(None)
        self._controller.leave()

    async def reach(self, in_range: bool) -> None:  # noqa: FBT001
        self.frame.air.set_in_range(in_range)

    async def leave_when_called(self) -> None:
        """Go out of range when the computer begins to connect."""
        self._leaves_when_called = True

    async def kernel_is_stuck(self) -> bool:
        """Whether the computer holds a connection, or has called nobody since this was asked last."""
        was_called, self._was_called = self._was_called, False
        return bool(self.frame.air._links) or not was_called

    def _asked_to_connect(self) -> None:
        self._was_called = True
        if self._leaves_when_called:
            self._leaves_when_called = False
            self.frame.air.set_in_range(False)

    async def press_cradle_button(self) -> None:
        self.frame.press_cradle_button()

    async def bond_elsewhere(self) -> None:
        Folder(self._flash).save_bond(secrets.token_bytes(16))

    async def count_received(self) -> list[int]:
        """How many values came since the last call, and the CRC-32 of all their bytes."""
        count, check = len(self._received), zlib.crc32(b"".join(self._received))
        self._received.clear()
        return [count, check]

    async def lit_pixels(self) -> int:
        """What the wearer sees, as a number."""
        indices, _palette = self.frame.device.display.indexed()
        return int((indices != 0).sum())

    async def restart(self) -> None:
        self.frame.device.restart()

    async def glasses_leave(self) -> None:
        """They are gone, and their address is free for others."""
        self.frame.air._present.remove(self._glasses)

    async def stranger_comes(self, address: str) -> None:
        """Another device of the glasses' name, without their bond, that takes whatever is written to it.

        One that was there before goes.
        """
        for before in self._strangers:
            before.controller.leave()
        self._strangers.append(Stranger(self.frame.air, address))
        await self._strangers[-1].start()

    async def what_strangers_got(self) -> list[int]:
        """How often somebody connected to one of them, and how many values were written to them."""
        return [sum(it.connections for it in self._strangers), sum(len(it.written) for it in self._strangers)]

    async def as_before(self) -> None:
        """The glasses are there, and no stranger."""
        for stranger in self._strangers:
            stranger.controller.leave()
        self._strangers.clear()
        if self._glasses not in self.frame.air._present:
            self.frame.air.enter(self._glasses)

    async def bonded(self) -> bool:
        return Folder(self._flash).load_bond() is not None

    async def connected(self) -> bool:
        return self.frame.device.bluetooth.connected
