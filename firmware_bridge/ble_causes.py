"""What went wrong on the radio, found out from the errors of each operating system; pure.

Sources: the error names of BlueZ's D-Bus interface (bluez `doc/org.bluez.Device.rst`, `src/error.c`), the texts of
bleak 3.1 (a test looks for each of them in the installed bleak), ATT codes of Bluetooth Core Vol 3 Part F 3.4.1.1,
HRESULTs of Windows' bthledef.h and winerror.h, CBError of Apple's CoreBluetooth. What to say about a cause is in
ble_errors.py.
"""

from __future__ import annotations

import errno
import re
from enum import Enum, auto
from typing import Final

LOST_BOND_DROPS: Final = 3
QUICK_DROP_S: Final = 1.5  # 0.2 to 0.8 s on an emulated processor; a lost radio takes Frame's 2 s to be noticed

__all__ = [
    "BLEAK_TEXTS",
    "Cause",
    "Drops",
    "Stage",
    "cause_at_stage",
    "cause_of_att_code",
    "cause_of_dbus_error",
    "cause_of_reason",
    "cause_of_system_error",
    "cause_of_text",
]


class Stage(Enum):
    """How far a connection has come."""

    SEARCH = auto()
    CONNECT = auto()
    SUBSCRIBE = auto()
    USE = auto()


class Cause(Enum):
    """Why a step over the radio failed."""

    NO_ADAPTER = auto()
    NO_ADAPTER_THERE = auto()
    NO_LOW_ENERGY = auto()
    SWITCHED_OFF = auto()
    NO_MESSAGE_BUS = auto()
    SERVICE_DOWN = auto()
    SERVICE_TOO_OLD = auto()
    SERVICE_SILENT = auto()
    DENIED = auto()
    BUSY = auto()
    OUT_OF_SIGHT = auto()
    UNREACHABLE = auto()
    SLOW = auto()
    SLOW_CONNECT = auto()
    SLOW_PAIRING = auto()
    DROPPED = auto()
    PAIRING_REFUSED = auto()
    PAIRING_UNANSWERED = auto()
    NOT_ENCRYPTED = auto()
    NO_BOND_HERE = auto()
    NO_BOND_THERE = auto()
    NOT_GLASSES = auto()
    LOST = auto()
    REJECTED = auto()
    UNKNOWN = auto()


class Drops:
    """Connections that are dropped while they are set up, one after another: a bad radio, or a bond that is lost?

    Glasses that have forgotten the bond are dropped by the system as soon as they are connected, since encryption
    fails, and BlueZ does not say why. Glasses out of range are noticed later, and are not seen again at once.
    """

    def __init__(self) -> None:
        self._in_a_row = 0

    def mean_a_lost_bond(self, seconds: float) -> bool:
        """Another one, dropped so many seconds after glasses in sight were called; True from the third quick one."""
        self._in_a_row = self._in_a_row + 1 if seconds < QUICK_DROP_S else 0
        return self._in_a_row >= LOST_BOND_DROPS


def cause_of_dbus_error(name: str, detail: str) -> Cause:
    """By the name of a D-Bus error and its text (Linux)."""
    known = _DBUS_ERRORS.get(name)
    if known is not None:
        return known
    if name.startswith(("org.freedesktop.DBus.Error.Spawn.", "org.freedesktop.systemd1.")):
        return Cause.SERVICE_DOWN
    for fragment, cause in _BLUEZ_FAILURES:
        if fragment in detail.lower():
            return cause
    return Cause.UNKNOWN


def cause_of_att_code(code: int) -> Cause:
    """By the code with which the glasses refused a request (all systems)."""
    return Cause.NOT_ENCRYPTED if code in _ATT_SECURITY else Cause.REJECTED


def cause_of_reason(reason: str) -> Cause:
    """By the name of bleak's `BleakBluetoothNotAvailableReason`."""
    return _REASONS.get(reason, Cause.UNKNOWN)


def cause_of_system_error(number: int | None, hresult: int | None) -> Cause:
    """By the number of an `OSError`: `errno`, or on Windows the HRESULT that `winerror` holds, signed or not."""
    if hresult is not None:
        return _HRESULTS.get(hresult & 0xFFFF_FFFF, Cause.UNKNOWN)
    return _ERRNOS.get(number or 0, Cause.UNKNOWN)


def cause_of_text(text: str) -> Cause:
    """By the text of an error that carries nothing else."""
    if match := re.search(r"CBATTErrorDomain Code=(\d+)", text):
        return cause_of_att_code(int(match[1]))
    if match := re.search(r"CBErrorDomain Code=(\d+)", text):
        return _CORE_BLUETOOTH.get(int(match[1]), Cause.UNKNOWN)
    if match := re.search(r"Could not pair with device: (\w+)", text):
        if match[1].startswith("PIN_OR_KEY_MISSING"):
            return Cause.NOT_ENCRYPTED
        unanswered = {"AUTHENTICATION_TIMEOUT", "PAIRING_CANCELED", "REJECTED_BY_HANDLER"}
        return Cause.PAIRING_UNANSWERED if match[1] in unanswered else Cause.PAIRING_REFUSED
    for fragment, cause in BLEAK_TEXTS.items():
        if fragment in text:
            return cause
    return Cause.UNKNOWN


def cause_at_stage(cause: Cause, stage: Stage, *, lost: bool) -> Cause:
    """What a cause means at that stage; `lost`: the system has said that the connection is gone.

    A call that is under way when the connection goes may come back with almost any error.
    """
    if cause is Cause.LOST or (lost and cause in _MASKED_BY_LOSS):
        return Cause.LOST if stage is Stage.USE else Cause.DROPPED
    if cause is Cause.SLOW:
        return _SLOW_AT[stage]
    if cause is Cause.OUT_OF_SIGHT and stage is Stage.SEARCH:
        return Cause.NO_ADAPTER  # while scanning, what has gone is the adapter
    if stage is Stage.USE and cause in _END_OF_USE:
        return Cause.LOST
    return cause


_MASKED_BY_LOSS: Final = frozenset(
    {Cause.UNKNOWN, Cause.REJECTED, Cause.OUT_OF_SIGHT, Cause.UNREACHABLE, Cause.DROPPED, Cause.BUSY}
    | {Cause.SLOW, Cause.NOT_GLASSES}
)

_END_OF_USE: Final = frozenset(
    {Cause.OUT_OF_SIGHT, Cause.DROPPED, Cause.UNREACHABLE, Cause.NO_ADAPTER, Cause.SWITCHED_OFF}
    | {Cause.NO_MESSAGE_BUS, Cause.SERVICE_DOWN, Cause.SERVICE_SILENT}
)

_SLOW_AT: Final = {
    Stage.SEARCH: Cause.SERVICE_SILENT,
    Stage.CONNECT: Cause.SLOW_CONNECT,
    Stage.SUBSCRIBE: Cause.SLOW_PAIRING,
    Stage.USE: Cause.LOST,
}

_DBUS = "org.freedesktop.DBus.Error."
_BLUEZ = "org.bluez.Error."
_DBUS_ERRORS: dict[str, Cause] = {
    _DBUS + "ServiceUnknown": Cause.SERVICE_DOWN,
    _DBUS + "NameHasNoOwner": Cause.SERVICE_DOWN,
    _DBUS + "AccessDenied": Cause.DENIED,
    _DBUS + "AuthFailed": Cause.DENIED,
    _DBUS + "InteractiveAuthorizationRequired": Cause.DENIED,
    _DBUS + "NoReply": Cause.SERVICE_SILENT,
    _DBUS + "TimedOut": Cause.SERVICE_SILENT,
    _DBUS + "Timeout": Cause.SERVICE_SILENT,
    _DBUS + "Disconnected": Cause.SERVICE_SILENT,
    _DBUS + "UnknownObject": Cause.OUT_OF_SIGHT,
    _DBUS + "UnknownMethod": Cause.OUT_OF_SIGHT,  # the object lost the interface: unplugged or removed
    _BLUEZ + "NotReady": Cause.SWITCHED_OFF,
    _BLUEZ + "InProgress": Cause.BUSY,
    _BLUEZ + "DoesNotExist": Cause.OUT_OF_SIGHT,
    _BLUEZ + "ConnectionAttemptFailed": Cause.UNREACHABLE,
    _BLUEZ + "NotAvailable": Cause.UNREACHABLE,
    _BLUEZ + "NotConnected": Cause.LOST,
    _BLUEZ + "NotSupported": Cause.NOT_GLASSES,  # from StartNotify: no such attribute
    _BLUEZ + "AuthenticationFailed": Cause.PAIRING_REFUSED,
    _BLUEZ + "AuthenticationRejected": Cause.PAIRING_REFUSED,
    _BLUEZ + "AuthenticationCanceled": Cause.PAIRING_REFUSED,  # also when the device hangs up while pairing
    _BLUEZ + "AuthenticationTimeout": Cause.PAIRING_UNANSWERED,
    _BLUEZ + "NotAuthorized": Cause.NOT_ENCRYPTED,
    _BLUEZ + "NotPermitted": Cause.NOT_ENCRYPTED,  # "Not paired"
}

# Parts of the text of org.bluez.Error.Failed, in lower case (bluez src/error.c and strerror).
_BLUEZ_FAILURES: tuple[tuple[str, Cause], ...] = (
    ("rfkill", Cause.SWITCHED_OFF),
    ("not-powered", Cause.SWITCHED_OFF),
    ("not powered", Cause.SWITCHED_OFF),
    ("not ready", Cause.SWITCHED_OFF),
    ("abort", Cause.DROPPED),
    ("connection-refused", Cause.DROPPED),
    ("canceled", Cause.DROPPED),
    ("terminated", Cause.DROPPED),
    ("timed out", Cause.UNREACHABLE),
    ("timeout", Cause.UNREACHABLE),
    ("host is down", Cause.UNREACHABLE),
    ("busy", Cause.BUSY),
    ("in progress", Cause.BUSY),
    ("not connected", Cause.LOST),
    ("no such device", Cause.NO_ADAPTER),
)

# 05 and 08 authentication and authorisation, 0C key size, 0F encryption.
_ATT_SECURITY = frozenset({0x05, 0x08, 0x0C, 0x0F})

_REASONS: dict[str, Cause] = {
    "NO_BLUETOOTH": Cause.NO_ADAPTER,
    "NO_BLE_CENTRAL_ROLE": Cause.NO_LOW_ENERGY,
    "POWERED_OFF": Cause.SWITCHED_OFF,
    "DENIED_BY_USER": Cause.DENIED,
    "DENIED_BY_SYSTEM": Cause.DENIED,
    "DENIED_BY_UNKNOWN": Cause.DENIED,
}

_ERRNOS: dict[int, Cause] = {
    errno.ENOENT: Cause.NO_MESSAGE_BUS,
    errno.ECONNREFUSED: Cause.NO_MESSAGE_BUS,
    errno.EACCES: Cause.DENIED,
    errno.EPERM: Cause.DENIED,
    errno.ECONNRESET: Cause.SERVICE_SILENT,
    errno.EPIPE: Cause.SERVICE_SILENT,
}

_HRESULTS: dict[int, Cause] = {
    0x8007_0005: Cause.DENIED,  # E_ACCESSDENIED
    0x8007_001F: Cause.LOST,  # ERROR_GEN_FAILURE: a device attached to the system is not functioning
    0x8007_04C7: Cause.LOST,  # ERROR_CANCELLED: Windows cancels what is pending when the device goes
    0x8007_048F: Cause.LOST,  # ERROR_DEVICE_NOT_CONNECTED
    0x8007_0490: Cause.OUT_OF_SIGHT,  # ERROR_NOT_FOUND
    0x8007_10DF: Cause.SWITCHED_OFF,  # ERROR_DEVICE_NOT_AVAILABLE: the radio is off
    0x8007_0079: Cause.UNREACHABLE,  # ERROR_SEM_TIMEOUT
    0x8000_0013: Cause.LOST,  # RO_E_CLOSED: the session's object is gone
    0x8065_0005: Cause.NOT_ENCRYPTED,  # E_BLUETOOTH_ATT_INSUFFICIENT_AUTHENTICATION
    0x8065_0008: Cause.NOT_ENCRYPTED,  # E_BLUETOOTH_ATT_INSUFFICIENT_AUTHORIZATION
    0x8065_000C: Cause.NOT_ENCRYPTED,  # E_BLUETOOTH_ATT_INSUFFICIENT_ENCRYPTION_KEY_SIZE
    0x8065_000F: Cause.NOT_ENCRYPTED,  # E_BLUETOOTH_ATT_INSUFFICIENT_ENCRYPTION
}

_CORE_BLUETOOTH: dict[int, Cause] = {
    3: Cause.LOST,  # notConnected
    6: Cause.UNREACHABLE,  # connectionTimeout: of an attempt, or the supervision timeout
    7: Cause.DROPPED,  # peripheralDisconnected
    10: Cause.UNREACHABLE,  # connectionFailed
    11: Cause.BUSY,  # connectionLimitReached
    14: Cause.NOT_ENCRYPTED,  # peerRemovedPairingInformation
    15: Cause.NOT_ENCRYPTED,  # encryptionTimedOut
}

BLEAK_TEXTS: dict[str, Cause] = {
    "disconnected": Cause.LOST,
    "Not connected": Cause.LOST,
    "Service Discovery has not been performed yet": Cause.LOST,
    "Device does not support pairing": Cause.PAIRING_REFUSED,
    "Failure trying to pair with device!": Cause.PAIRING_REFUSED,
    "Access Denied": Cause.DENIED,
    "Unreachable": Cause.UNREACHABLE,
    "Bleak requires BlueZ >= 5.55": Cause.SERVICE_TOO_OLD,
    "Failed to start scanner. Is Bluetooth turned on?": Cause.SWITCHED_OFF,
    "adapter '": Cause.NO_ADAPTER,  # "adapter 'hci0' not found"
    "' not found": Cause.OUT_OF_SIGHT,  # "device 'dev_...' not found"
}
"""Parts of the texts of bleak 3.1's plain `BleakError`, which carry no code."""
