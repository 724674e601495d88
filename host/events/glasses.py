"""The glasses and the link to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from host.events.event import Event

__all__ = ["BatteryLevel", "DeviceSeen", "Emulated", "LinkState"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryLevel(Event):
    """Charge of the glasses.

    Attributes:
        percent: 0 to 100.
        hours_left: that it lasts, as these glasses were used so far; None while that is not known.
        text: both as the wearer is told them; empty where only the charge is asked for.
    """

    name: ClassVar[str] = "battery"
    percent: float
    hours_left: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState(Event):
    """The link to the glasses changed."""

    name: ClassVar[str] = "link"
    state: Literal["connecting", "uploading", "ready", "lost", "closed"]
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSeen(Event):
    """Glasses that `devices` has seen, or that are bound and were not seen.

    Attributes:
        device: as they advertise themselves; data, whatever it says.
        address: Bluetooth address, or the system's identifier.
        signal_dbm: strongest signal seen; None where the system does not tell, or they were not seen.
        seen: in range, or connected to this computer.
        connected: this computer holds a connection to them.
        bonded: this computer has a key that it shares with them; None where the system does not tell.
        bound: `ble:` means them.
        battery: charge in percent; None where it was not asked for, or they did not tell.
    """

    name: ClassVar[str] = "device"
    device: str
    address: str
    signal_dbm: int | None
    seen: bool
    connected: bool
    bonded: bool | None
    bound: bool
    battery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulated(Event):
    """An emulated device can be reached by other programs: by ours at `glasses`, by others through `command`."""

    name: ClassVar[str] = "emulated"
    device: str
    glasses: str
    command: str
