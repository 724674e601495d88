"""What an error of bleak, of its D-Bus library or of the operating system means."""

from __future__ import annotations

from typing import Final

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from firmware_bridge import ble_causes
from firmware_bridge.ble_causes import Cause

__all__ = ["cause_of"]

_CAUSE_OF_TYPE: Final[dict[type[Exception], Cause]] = {
    BleakDeviceNotFoundError: Cause.OUT_OF_SIGHT,
    BleakCharacteristicNotFoundError: Cause.NOT_GLASSES,
    TimeoutError: Cause.SLOW,
    EOFError: Cause.SERVICE_SILENT,  # the message bus hung up
}


def cause_of(error: Exception) -> tuple[Cause, str]:
    """What an error of bleak, of its D-Bus library or of the system means, and its text."""
    detail = " ".join(str(part) for part in error.args)
    match error:
        case BleakBluetoothNotAvailableError() if hasattr(error, "where"):
            return Cause.NO_ADAPTER_THERE, str(error.where)
        case BleakBluetoothNotAvailableError():
            cause = ble_causes.cause_of_reason(error.reason.name)
        case BleakGATTProtocolError():
            cause = ble_causes.cause_of_att_code(int(error.args[0]))
        case BleakDBusError():
            cause = ble_causes.cause_of_dbus_error(error.dbus_error, detail)
        case _ if type(error) in _CAUSE_OF_TYPE:
            cause = _CAUSE_OF_TYPE[type(error)]
        case BleakError():
            cause = ble_causes.cause_of_text(detail)
        case OSError():
            cause = ble_causes.cause_of_system_error(error.errno, getattr(error, "winerror", None))
        case _ if type(error).__module__.startswith("dbus_fast."):
            cause = Cause.DENIED if "Auth" in type(error).__name__ else Cause.NO_MESSAGE_BUS
        case _:
            cause, detail = Cause.UNKNOWN, f"{type(error).__name__} {detail}"
    return cause, detail
