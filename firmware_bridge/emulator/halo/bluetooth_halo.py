"""The emulated Halo as a Bluetooth device: for programs that come over Bluetooth, ours or other people's.

    halo = BluetoothHalo(parse_uri("emulator:halo?mic=talk.wav"))
    await halo.start()
    computer = halo.computer()       # a Bluetooth adapter in this process, for bleak; or lend one: hci_server.py
    ...
    await halo.close()

Whether it is bonded is what its bonds say, which are in the flash folder if there is one; `paired=other` is a bond with
somebody else.
"""

from __future__ import annotations

import secrets
from typing import Any

from bumble import hci
from bumble.host import Host

from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame
from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.flash_folder import KEY_BYTES, BondTable, Folder
from firmware_bridge.emulator.gatt_peripheral import GattPeripheral
from firmware_bridge.emulator.glasses import EmulatedGlasses
from firmware_bridge.emulator.halo.device import EmulatedHalo
from firmware_bridge.emulator.halo.gatt_peripheral import HaloPeripheral
from firmware_bridge.emulator.options import GlassesOptions, HaloOptions
from firmware_bridge.emulator.source import glasses_of

_SOMEBODY = "F0:F1:F2:F3:F4:F5"


class BluetoothHalo(BluetoothFrame):
    """One emulated Halo on a virtual air, or over a dongle; as `BluetoothFrame`."""

    bluetooth: HaloPeripheral

    def make_device(self, options: GlassesOptions, clock: DeviceClock) -> EmulatedGlasses:
        """BluetoothFrame."""
        device = glasses_of(options, clock)
        assert isinstance(device, EmulatedHalo)  # noqa: S101 - HaloOptions make no other
        device.on_pairing = self.open_pairing
        device.on_unbonded = self.forget_bonds
        return device

    def make_peripheral(self, host: Host, options: GlassesOptions, address: hci.Address) -> GattPeripheral:
        """BluetoothFrame."""
        return HaloPeripheral(
            self.device,
            host,
            self._clock,
            name=options.name,
            address=address,
            path=self.faults,
            bond=self._bond,
            max_mtu=options.mtu,
            bonds=_bonds_of(options),
        )

    def open_pairing(self) -> None:
        """The wearer has held the button for 5 s: for 60 s a host that is not bonded may pair (1.2)."""
        self.bluetooth.open_pairing()

    def forget_bonds(self) -> None:
        """The wearer has held the button for 15 s: everybody is forgotten (1.2)."""
        self.bluetooth.bonds.save_bonds({})

    def press_cradle_button(self) -> None:
        """There is no cradle: whoever is bonded is forgotten, and Halo starts again."""
        self.forget_bonds()
        self.device.restart()


class MemoryBonds:
    """Bonds that last as long as the device."""

    def __init__(self, bonds: dict[str, bytes] | None = None) -> None:
        self._bonds = bonds or {}

    def load_bonds(self) -> dict[str, bytes]:
        """BondTable."""
        return dict(self._bonds)

    def save_bonds(self, bonds: dict[str, bytes]) -> None:
        """BondTable."""
        self._bonds = bonds


def _bonds_of(options: GlassesOptions) -> BondTable:
    if options.paired == "other":
        return MemoryBonds({_SOMEBODY: secrets.token_bytes(KEY_BYTES)})
    return MemoryBonds() if options.flash is None else Folder(options.flash)


def bluetooth_of(options: GlassesOptions, **parts: Any) -> BluetoothFrame:
    """The Bluetooth device that these options are for; the parts are those of `BluetoothFrame`."""
    return (BluetoothHalo if isinstance(options, HaloOptions) else BluetoothFrame)(options, **parts)
