"""The emulated Frame as a Bluetooth device: for programs that come over Bluetooth, ours or other people's.

    frame = BluetoothFrame(parse_uri("emulator:frame?mic=talk.wav"))
    await frame.start()
    computer = frame.computer()      # a Bluetooth adapter in this process, for bleak; or lend one: hci_server.py
    ...
    await frame.close()

The options are those of the emulated Frame in this process (`source.py`), with two differences. Whether it is bonded
is what its bond says, which is in the flash folder if there is one; `paired=other` is a bond with somebody else. And
`mtu` is the largest that it agrees to.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, TypeVar

from bumble import hci
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink, Transport

from firmware_bridge.bumble_radio import BumbleAdapter
from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.faults import Faults
from firmware_bridge.emulator.flash_folder import KEY_BYTES, Folder
from firmware_bridge.emulator.gatt_peripheral import BondStore, GattDevice, GattPeripheral
from firmware_bridge.emulator.glasses import EmulatedGlasses
from firmware_bridge.emulator.options import GlassesOptions
from firmware_bridge.emulator.source import glasses_of
from firmware_bridge.emulator.telemetry import DeviceObserver
from firmware_bridge.emulator.virtual_air import VirtualAir
from firmware_bridge.emulator.virtual_controller import VirtualController

LOCAL_ADDRESS: Final = 0x02  # IEEE 802: an address that is administered locally, as no manufacturer's is
STATIC_ADDRESS: Final = 0xC0  # Bluetooth Core, Vol 6 Part B 1.3.2.1: the two highest bits of a random static address


_Options = TypeVar("_Options", bound=GlassesOptions)


class BluetoothGlasses(GattDevice, Protocol):
    """Glasses without their Bluetooth: `EmulatedFrame` in this process, `ConfinedGlasses` in another."""

    observers: list[DeviceObserver]
    on_gone: Callable[[], None] | None
    powered: bool

    @property
    def address(self) -> str:
        """Bluetooth address, as a host prints it."""
        ...

    def restart(self) -> None:
        """The whole device starts again."""
        ...

    def unbond(self) -> None:
        """Nobody is bonded any more."""
        ...


def bonded_as_kept(options: _Options) -> _Options:
    """The options with `paired` as the bond in the flash folder has it.

    Raises:
        InputError: that cannot be read.
    """
    return replace(options, paired="self" if _bond_of(options).load_bond() is not None else "no")


class BluetoothFrame:
    """One emulated Frame on a virtual air, or over a dongle. Must be made on the event loop it is used on.

    `BluetoothHalo` derives from it.

    Args:
        options: all that makes it.
        dongle: the controller of a real radio; None puts it on a virtual air of its own.
        device: the glasses, closed by whoever made them; None makes them in this process, where only Lua that is
            trusted may run.

    Attributes:
        device: the glasses.
        faults: what goes wrong above the radio, and the range.
        bluetooth: their stack.
        air: where computers can meet it; nobody is there if it has a real radio.

    Raises:
        InputError: a file given in the options cannot be used.
    """

    def __init__(
        self, options: GlassesOptions, dongle: Transport | None = None, *, device: BluetoothGlasses | None = None
    ) -> None:
        loop = asyncio.get_running_loop()
        self._clock = DeviceClock(loop, 1.0 if options.speed == "max" else options.speed)
        chance = random.Random(options.seed ^ 0x5EED)  # noqa: S311 - repeatable on purpose
        self._bond = _bond_of(options)
        # Bonds are kept at both ends or at none: glasses without a flash folder start among computers never met.
        self._desk = secrets.token_bytes(4)
        if options.flash is not None:
            self._desk = hashlib.sha256(str(options.flash.resolve()).encode()).digest()[:4]
        self._own_device = None if device is not None else self.make_device(options, self._clock)
        self.device: BluetoothGlasses = device or self._own_device  # type: ignore[assignment]
        self.air = VirtualAir(self._clock, options.radio, chance)
        self._radio: _Radio
        if dongle is None:
            controller = VirtualController(self.air, options.name, self.device.address, built_in=True)
            self._radio = _OnAir(self.air, controller)
            host = Host(controller, controller)
        else:
            self._radio = _OnDongle(self, dongle)
            host = Host(dongle.source, dongle.sink)
        self.faults = Faults(self._clock, options.faults, chance, self._radio.drop, self._radio.set_in_range)
        for cut in options.cuts:
            self.faults.schedule(cut)
        self.bluetooth = self.make_peripheral(
            host, options, frame_address(self.device.address, static=dongle is not None)
        )
        self.device.on_gone = self._radio.silence
        self.device.observers.append(_Waker(self._radio))

    def make_device(self, options: GlassesOptions, clock: DeviceClock) -> EmulatedGlasses:
        """The glasses, in this process."""
        return glasses_of(bonded_as_kept(options), clock)

    def make_peripheral(self, host: Host, options: GlassesOptions, address: hci.Address) -> GattPeripheral:
        """Their stack."""
        return GattPeripheral(
            self.device,
            host,
            self._clock,
            name=options.name,
            address=address,
            path=self.faults,
            bond=self._bond,
            max_mtu=options.mtu,
        )

    async def start(self) -> None:
        """Advertise.

        Raises:
            Exception: whatever Bumble says of a dongle that cannot do it.
        """
        await self.bluetooth.start()

    async def close(self) -> None:
        """Switch it off for good; whoever is connected loses the link."""
        if self._own_device is not None:
            self._own_device.close()
        await self._radio.close()

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
        self.device.unbond()
        self.device.restart()


def frame_address(text: str, *, static: bool = False) -> hci.Address:
    """A Frame's address: random static where it can be one, or must be (a dongle can take no other), else public."""
    first = int(text[:2], 16)
    if static:
        text = f"{first | STATIC_ADDRESS:02X}{text[2:]}"
    is_random = static or first >= STATIC_ADDRESS
    return hci.Address(text, hci.Address.RANDOM_DEVICE_ADDRESS if is_random else hci.Address.PUBLIC_DEVICE_ADDRESS)


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


def _bond_of(options: GlassesOptions) -> BondStore:
    if options.paired == "other":
        return MemoryBond(secrets.token_bytes(KEY_BYTES))
    return MemoryBond() if options.flash is None else Folder(options.flash)


class _Radio(Protocol):
    """What the world does to the radio of a device."""

    def silence(self) -> None:
        """The device is off."""
        ...

    def wake(self) -> None:
        """It is on again."""
        ...

    def set_in_range(self, in_range: bool) -> None:  # noqa: FBT001 - a state
        """It goes out of range, or comes back."""
        ...

    def drop(self) -> None:
        """The link breaks at once."""
        ...

    async def close(self) -> None:
        """It is never used again."""
        ...


class _OnAir:
    """A virtual radio."""

    def __init__(self, air: VirtualAir, controller: VirtualController) -> None:
        self._controller = controller
        self.silence = controller.silence
        self.set_in_range = air.set_in_range
        self.drop = air.drop

    def wake(self) -> None:
        self._controller.silent = False

    async def close(self) -> None:
        self._controller.leave()


class _OnDongle:
    """A real radio: it cannot fall silent in the middle, so it hangs up and advertises no more."""

    def __init__(self, frame: BluetoothFrame, transport: Transport) -> None:
        self._frame = frame
        self._transport = transport

    def silence(self) -> None:
        self._frame.bluetooth.go_off()

    def wake(self) -> None:
        self._frame.bluetooth.go_on()

    def set_in_range(self, in_range: bool) -> None:  # noqa: FBT001 - a state
        if not in_range:
            self.silence()
        elif self._frame.device.powered:
            self.wake()

    def drop(self) -> None:
        self._frame.bluetooth.hang_up()

    async def close(self) -> None:
        await self._transport.close()


class _Waker(DeviceObserver):
    """A device that starts again is on the air again."""

    def __init__(self, radio: _Radio) -> None:
        self._radio = radio

    def restarted(self, when_s: float, reason: str) -> None:  # noqa: ARG002
        self._radio.wake()


class _PluggedIn(Transport):
    """A virtual controller as a host in this process finds it."""

    def __init__(self, controller: VirtualController) -> None:
        super().__init__(controller, AsyncPipeSink(controller))
        self._controller = controller

    async def close(self) -> None:
        self._controller.leave()
