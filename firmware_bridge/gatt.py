"""The glasses' Bluetooth facts: UUIDs, control bytes, MTU arithmetic, limits; pure constants.

Each constant names its source: section numbers are those of the device reference, which docs/frame-reference.md goes
through (read from Brilliant Labs' firmware sources `frame-codebase` d309634 and `halo-firmware` 3a4fd2e).
"""

from __future__ import annotations

from typing import Final

SERVICE_UUID: Final = "7a230001-5475-a6a4-654c-8431f6ad49c4"  # 1.1, both devices
WRITE_UUID: Final = "7a230002-5475-a6a4-654c-8431f6ad49c4"  # 1.1, host to glasses
NOTIFY_UUID: Final = "7a230003-5475-a6a4-654c-8431f6ad49c4"  # 1.1, glasses to host

DATA: Final = 0x01  # 1.4, first byte of a data packet, both directions
BREAK: Final = 0x03  # 1.4, raises a Lua error in the running script
RESET: Final = 0x04  # 1.4, restarts the Lua VM; on Frame only when its REPL is idle

ATT_HEADER_BYTES: Final = 3  # Bluetooth Core, Vol 3 Part F 3.4: opcode and handle of a write or notification
FRAME_MAX_MTU: Final = 247  # 1.3, BLE_PREFERRED_MAX_MTU
MIN_MTU: Final = 23  # Bluetooth Core, Vol 3 Part F 3.2.8: default LE ATT_MTU
FRAME_MAX_VALUE_BYTES: Final = 244  # 1.1, length of both attributes
HALO_MAX_VALUE_BYTES: Final = 495
"""Two packets of the link layer (251 bytes each) less the headers of L2CAP and ATT: a few bytes more, which an MTU of
512 would allow (1.3), would take a third."""
FRAME_LUA_TEXT_BYTES: Final = 244  # 5, Frame 14: older firmware overflows beyond it

REBOOT: Final = 0x02  # 1.4, Halo: the bytes from here on
REMOVE_MAIN: Final = 0x05  # deletes main.lua, then as RESET
EXIT: Final = 0x06  # no more Lua until the device starts again
REMOVE_ALL: Final = 0x07  # deletes all files
AUDIO_UUID: Final = "7a230005-5475-a6a4-654c-8431f6ad49c4"  # 1.1, Halo: sound for the speaker
INSUFFICIENT_RESOURCES: Final = 0x11  # Bluetooth Core, Vol 3 Part F 3.4.1.1: Halo's queue is full (1.5, 1.9, 1.10)

WATCHDOG_S: Final = 6.0  # 3, Frame


def max_value_bytes(mtu: int) -> int:
    """Largest value of one write or notification, in bytes, under an ATT MTU (1.3)."""
    return min(mtu - ATT_HEADER_BYTES, FRAME_MAX_VALUE_BYTES)
