"""What to say about a failure of the radio, and what to advise on each operating system; pure.

`explain` turns a cause (ble_causes.py) into the one error that the rest of the program sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from firmware_bridge.ble_causes import Cause
from firmware_bridge.ble_devices import printable
from firmware_bridge.errors import (
    AccessDeniedError,
    AdapterError,
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    NotFoundError,
    PairingError,
)

__all__ = ["System", "explain", "system_of"]

System = Literal["linux", "macos", "windows"]

SHOWN_DETAIL_CHARS: Final = 160


def system_of(platform: str) -> System:
    """The operating system by Python's `sys.platform`; what is not macOS or Windows speaks BlueZ."""
    return {"darwin": "macos", "win32": "windows"}.get(platform, "linux")  # type: ignore[return-value]


def explain(
    cause: Cause, system: System, *, who: str = "", address: str = "", detail: str = "", seconds: float = 0.0
) -> LinkError:
    """The error for a cause.

    Args:
        cause: why it failed.
        system: whose words the advice uses.
        who: name of the glasses, text from outside; empty where none are known.
        address: their address, for the advice on how to forget them.
        detail: what the system said, text from outside.
        seconds: how long was waited, for the causes that are about waiting.
    """
    entry = _ENTRIES[cause]
    fields = {
        "who": printable(who) or "the device",
        "address": address or "ADDRESS",
        "detail": printable(detail, SHOWN_DETAIL_CHARS) or "nothing more",
        "seconds": f"{seconds:.0f}",
        "forget": _FORGET[system].format(address=address or "ADDRESS"),
        "reset": _RESET,
    }
    hint = entry.hint if isinstance(entry.hint, str) else entry.hint[system]
    return entry.error(entry.message.format_map(fields), hint.format_map(fields))


@dataclass(frozen=True, slots=True)
class _Entry:
    error: type[LinkError]
    message: str
    hint: str | dict[System, str]


_RESET = (
    "A Frame keeps one bond: to clear it, dock the Frame in its charging cradle and hold the cradle's button; "
    "a Halo opens for pairing while its button is held for 5 s"
)
_FORGET: dict[System, str] = {
    "linux": "forget the glasses here with 'bluetoothctl remove {address}'",
    "macos": "forget the glasses in System Settings > Bluetooth",
    "windows": "remove the glasses in Settings > Bluetooth & devices",
}
_CLOSER = "Wake the glasses, move closer, and disconnect them from any phone or other computer; then try again."

_ENTRIES: dict[Cause, _Entry] = {
    Cause.NO_ADAPTER: _Entry(
        AdapterError,
        "this computer has no Bluetooth adapter",
        {
            "linux": "Plug one in and check with 'bluetoothctl list'; a container, WSL or virtual machine must be "
            "given the host's adapter.",
            "macos": "Check System Settings > Bluetooth.",
            "windows": "Plug in a Bluetooth Low Energy adapter, or enable yours in Device Manager.",
        },
    ),
    Cause.NO_ADAPTER_THERE: _Entry(
        AdapterError,
        "there is no Bluetooth adapter at {detail}",
        "If emulated glasses lend it, start them with 'sidelight emulate frame --radio {detail}'; a dongle must "
        "be plugged in, and the system must not use it.",
    ),
    Cause.NO_LOW_ENERGY: _Entry(
        AdapterError,
        "the Bluetooth adapter of this computer has no Bluetooth Low Energy",
        "Use an adapter for Bluetooth 4.0 or later.",
    ),
    Cause.SWITCHED_OFF: _Entry(
        AdapterError,
        "Bluetooth is switched off",
        {
            "linux": "Switch it on with 'rfkill unblock bluetooth' and 'bluetoothctl power on'.",
            "macos": "Switch it on in System Settings > Bluetooth.",
            "windows": "Switch it on in Settings > Bluetooth & devices, and leave flight mode.",
        },
    ),
    Cause.NO_MESSAGE_BUS: _Entry(
        AdapterError,
        "the system message bus (D-Bus), which Bluetooth needs, is not running",
        "Install and start both with 'sudo apt install dbus bluez'; a container must be given the host's /run/dbus.",
    ),
    Cause.SERVICE_DOWN: _Entry(
        AdapterError,
        "the Bluetooth service is not running",
        "Start it with 'sudo systemctl start bluetooth', or install it with 'sudo apt install bluez'.",
    ),
    Cause.SERVICE_TOO_OLD: _Entry(
        AdapterError, "the Bluetooth service is too old", "Update BlueZ to 5.55 or later, better 5.62."
    ),
    Cause.SERVICE_SILENT: _Entry(
        LinkError,
        "the Bluetooth service of this computer does not answer",
        {
            "linux": "Restart it with 'sudo systemctl restart bluetooth' and try again.",
            "macos": "Answer any permission request on the screen, or switch Bluetooth off and on again.",
            "windows": "Switch Bluetooth off and on again in Settings > Bluetooth & devices.",
        },
    ),
    Cause.DENIED: _Entry(
        AccessDeniedError,
        "the system does not allow this program to use Bluetooth",
        {
            "linux": "Join the group that may, with 'sudo usermod -aG bluetooth $USER', and log in again.",
            "macos": "Allow your terminal in System Settings > Privacy & Security > Bluetooth, and restart it.",
            "windows": "Close other programs that use the glasses, and check Settings > Privacy & security > Radios.",
        },
    ),
    Cause.BUSY: _Entry(
        LinkError,
        "the Bluetooth system of this computer is busy with another request",
        "Wait a few seconds and try again; if it stays so, switch Bluetooth off and on again.",
    ),
    Cause.OUT_OF_SIGHT: _Entry(NotFoundError, "{who} went out of sight before a connection was made", _CLOSER),
    Cause.UNREACHABLE: _Entry(LinkTimeoutError, "{who} does not answer", _CLOSER),
    Cause.SLOW_CONNECT: _Entry(LinkTimeoutError, "{who} did not accept a connection within {seconds} s", _CLOSER),
    Cause.SLOW_PAIRING: _Entry(
        LinkTimeoutError,
        "pairing with {who} was not finished within {seconds} s",
        "Look for a pairing request on this computer's screen, accept it, and try again.",
    ),
    Cause.DROPPED: _Entry(
        LinkLostError,
        "{who} dropped the connection while it was being set up",
        "Move closer and try again; if it always happens, the bond is with another computer or was lost: {forget}. "
        "{reset}.",
    ),
    Cause.PAIRING_REFUSED: _Entry(
        PairingError,
        "{who} refused to pair with this computer, most likely because it is bonded to another one",
        "First {forget}. {reset}.",
    ),
    Cause.PAIRING_UNANSWERED: _Entry(
        PairingError,
        "the request to pair with {who} was not accepted",
        {
            "linux": "Accept the request on the screen, then try again.",
            "macos": "Accept the request that macOS shows, then try again.",
            "windows": "Accept the request that Windows shows, then try again.",
        },
    ),
    Cause.NOT_ENCRYPTED: _Entry(
        PairingError,
        "{who} and this computer share no bond, or one of them has lost it",
        "First {forget}, then connect again to pair anew. {reset}.",
    ),
    Cause.NO_BOND_HERE: _Entry(
        PairingError,
        "this computer has lost its bond with {who}, so nothing was sent",
        "{reset}. Then pair and bind them anew with 'sidelight setup --again glasses'.",
    ),
    Cause.NO_BOND_THERE: _Entry(
        PairingError,
        "the device that answers as {who} does not have the bond of your glasses, so nothing was sent to it",
        "It is another device with their address, or your glasses have lost the bond: then {forget}, and pair and bind "
        "them anew with 'sidelight setup --again glasses'. {reset}.",
    ),
    Cause.NOT_GLASSES: _Entry(
        LinkError,
        "{who} does not offer the service of the glasses",
        "If it is being updated, let that finish; otherwise {forget} and pair anew, since the system may remember "
        "an old list of services.",
    ),
    Cause.LOST: _Entry(
        LinkLostError,
        "the connection to {who} was lost",
        "Bring the glasses back into range, and check that they are charged.",
    ),
    Cause.REJECTED: _Entry(LinkError, "{who} refused a value: {detail}", "Try again; if it stays so, restart it."),
    Cause.UNKNOWN: _Entry(
        LinkError,
        "the Bluetooth system of this computer reported: {detail}",
        "Try again; if it stays so, switch Bluetooth off and on again.",
    ),
}
