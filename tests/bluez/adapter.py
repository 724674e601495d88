"""The Bluetooth adapter of the machine: /dev/vhci, whose other end is a virtual controller outside of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.bluez.calls import Caller

_VENDOR: Final = 0xFF  # Linux drivers/bluetooth/hci_vhci.c: what creates the device, and the answer to it
_HEADER: Final = {0x02: (5, slice(3, 5)), 0x04: (3, slice(2, 3)), 0x05: (5, slice(3, 5))}
"""Of ACL data, events and isochronous data: bytes up to the payload, where its length is (Core, Vol 4 Part E 5.4)."""


class Port:
    """One of the machine's connections to the outside."""

    def __init__(self, name: str, on_data: Callable[[bytes], None]) -> None:
        found = [p for p in Path("/sys/class/virtio-ports").iterdir() if (p / "name").read_text().strip() == name]
        self._fd = os.open(Path("/dev") / found[0].name, os.O_RDWR)
        asyncio.get_running_loop().add_reader(self._fd, lambda: on_data(os.read(self._fd, 65536)))

    def write(self, data: bytes) -> None:
        """The outside always reads, so this never waits long."""
        while data:
            data = data[os.write(self._fd, data) :]


class Adapter:
    """hci0: `plug` it in, `unplug` it."""

    def __init__(self, outside: Caller) -> None:
        self._outside = outside
        self._port = Port("hci", self._from_controller)
        self._vhci: int | None = None
        self._came = b""

    @property
    def plugged(self) -> bool:
        return self._vhci is not None

    async def plug(self) -> None:
        await self._outside("plug")
        self._came = b""
        self._vhci = os.open("/dev/vhci", os.O_RDWR | os.O_NONBLOCK)
        os.write(self._vhci, bytes([_VENDOR, 0]))
        asyncio.get_running_loop().add_reader(self._vhci, self._from_kernel)

    async def unplug(self) -> None:
        assert self._vhci is not None
        asyncio.get_running_loop().remove_reader(self._vhci)
        gone, self._vhci = self._vhci, None
        await self._outside("unplug")
        await asyncio.to_thread(os.close, gone)  # the kernel takes its time to say goodbye

    def _from_kernel(self) -> None:
        assert self._vhci is not None
        packet = os.read(self._vhci, 4096)
        if packet[0] != _VENDOR:
            self._port.write(packet)

    def _from_controller(self, data: bytes) -> None:
        self._came += data
        while self._came:
            head, where = _HEADER[self._came[0]]
            size = head + int.from_bytes(self._came[where], "little")
            if len(self._came) < max(head, size):
                return
            packet, self._came = self._came[:size], self._came[size:]
            if self._vhci is not None:
                os.write(self._vhci, packet)
