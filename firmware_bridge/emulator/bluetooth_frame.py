"""The emulated Frame as a Bluetooth device: for programs that come over Bluetooth, ours or other people's.

    frame = BluetoothFrame(parse_uri("emulator:frame?mic=talk.wav"))
    await frame.start()
    ...                          # connect through frame.air, or lend its controllers to other programs
    await frame.close()

What is asked for in the options is as for the emulated Frame in this process (`source.py`), with one difference:
whether it is bonded is what its bond says, which is in the flash folder if there is one, and is `other` for good.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Final

from bumble import hci
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink, Transport

from firmware_bridge.bumble_radio import BumbleAdapter
from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.device import EmulatedFrame
from firmware_bridge.emulator.faults import Faults
from firmware_bridge.emulator.flash_folder import KEY_BYTES, Folder
from firmware_bridge.emulator.gatt_peripheral import BondStore, GattPeripheral
from firmware_bridge.emulator.options import FrameOptions
from firmware_bridge.emulator.telemetry import DeviceObserver
from firmware_bridge.emulator.virtual_air import VirtualAir
from firmware_bridge.emulator.virtual_controller import VirtualController

LOCAL_ADDRESS: Final = 0x02  # IEEE 802: an address that is administered locally, as no manufacturer's is
STATIC_ADDRESS: Final = 0xC0  # Bluetooth Core, Vol 6 Part B 1.3.2.1: the two highest bits of a random static address


class BluetoothFrame:
    """One emulated Frame on a virtual air. Must be made on the event loop it is used on.

    Attributes:
        device: the glasses.
        faults: what goes wrong above the radio, and the range.
        air: where computers can meet it.

    Raises:
        InputError: a file given in the options cannot be used.
    """

    def __init__(self, options: FrameOptions) -> None:
        loop = asyncio.get_running_loop()
        self._clock = DeviceClock(loop, 1.0 if options.speed == "max" else options.speed)
        chance = random.Random(options.seed ^ 0x5EED)  # noqa: S311 - repeatable on purpose
        self._bond: BondStore = _bond_of(options)
        bonded = self._bond.load_bond() is not None
        self.device = EmulatedFrame(replace(options, paired="self" if bonded else "no"), self._clock)
        self.air = VirtualAir(self._clock, options.radio, chance)
        self.faults = Faults(self._clock, options.faults, chance, self.air.drop, self.air.set_in_range)
        for cut in options.cuts:
            self.faults.schedule(cut)
        # Bonds are kept at both ends or at none: glasses without a flash folder start among computers never met.
        self._desk = secrets.token_bytes(4)
        if options.flash is not None:
            self._desk = hashlib.sha256(str(options.flash.resolve()).encode()).digest()[:4]
        address = frame_address(self.device.bluetooth.address)
        self._controller = VirtualController(self.air, options.name, self.device.bluetooth.address)
        host = Host(self._controller, AsyncPipeSink(self._controller))
        self.bluetooth = GattPeripheral(
            self.device,
            host,
            name=options.name,
            address=address,
            path=self.faults,
            bond=self._bond,
            max_mtu=options.mtu,
        )
        self.device.on_gone = self._controller.silence
        self.device.observers.append(_Waker(self._controller))

    async def start(self) -> None:
        """Advertise."""
        await self.bluetooth.start()

    async def close(self) -> None:
        """Switch it off for good; whoever is connected loses the link."""
        self.device.close()
        self._controller.leave()

    def computer(self, number: int = 1, *, keys: Path | None = None) -> BumbleAdapter:
        """The Bluetooth adapter of a computer in this process, on the same air.

        Args:
            number: which computer, 1 to 255; each has an address of its own.
            keys: the file of its bonds; None keeps them as long as the adapter.
        """

        async def plug_in() -> Transport:
            return _PluggedIn(self.plug_in(number))

        return BumbleAdapter("the virtual air", plug_in, keys=keys)

    def plug_in(self, number: int) -> VirtualController:
        """The controller of the n-th computer, 1 to 255; its `leave` unplugs it."""
        address = ":".join(f"{byte:02X}" for byte in (LOCAL_ADDRESS, *self._desk, number))
        return VirtualController(self.air, f"computer {number}", address)

    def press_cradle_button(self) -> None:
        """Hold the cradle's button while docked: the bond is forgotten and the Frame restarts (1.2)."""
        self._bond.save_bond(None)
        self.device.files.paired = False
        self.device.restart()


def frame_address(text: str) -> hci.Address:
    """A Frame's address: random static where it can be one, public otherwise."""
    kind = (
        hci.Address.RANDOM_DEVICE_ADDRESS if int(text[:2], 16) >= STATIC_ADDRESS else hci.Address.PUBLIC_DEVICE_ADDRESS
    )
    return hci.Address(text, kind)


class _PluggedIn(Transport):
    """A virtual controller as a host in this process finds it."""

    def __init__(self, controller: VirtualController) -> None:
        super().__init__(controller, AsyncPipeSink(controller))
        self._controller = controller

    async def close(self) -> None:
        self._controller.leave()


class _Waker(DeviceObserver):
    """A device that starts again is on the air again."""

    def __init__(self, controller: VirtualController) -> None:
        self._controller = controller

    def restarted(self, when_s: float, reason: str) -> None:  # noqa: ARG002
        self._controller.silent = False


class MemoryBond:
    """A bond that lasts as long as the device."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key

    def load_bond(self) -> bytes | None:
        """BondStore: the key."""
        return self._key

    def save_bond(self, key: bytes | None) -> None:
        """BondStore: keep it."""
        self._key = key


def _bond_of(options: FrameOptions) -> BondStore:
    if options.paired == "other":
        return MemoryBond(secrets.token_bytes(KEY_BYTES))
    return MemoryBond() if options.flash is None else Folder(options.flash)
