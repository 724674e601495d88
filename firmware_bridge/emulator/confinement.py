"""What crosses between the program that lends emulated glasses and the process that they are confined to.

Each message is its length (u32, little-endian), its kind (u8) and its body. What comes out of the confined process is
foreign data: it is bounded and read field by field, never unpickled.

The two have a clock each, and a message between them may take longer than the 2 ms for which a connection event stays
open (`link_layer.py`). So what can be answered by a notification says when it happened by the clock of the air, the
notification says when it was sent by the same clock, and goes on the air as of then.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

HEADER: Final = struct.Struct("<IB")
REPORT_MAX_BYTES: Final = 2 << 20  # a picture of Frame's lens, not compressed at all, has 256 000 bytes
EVENT: Final = struct.Struct("<dB")  # device time in seconds, number of what happened; then a text
EVENTS: Final = ("restarted", "linked", "printed", "failed")  # the methods of DeviceObserver that are passed on
TIME: Final = struct.Struct("<d")  # seconds, by the clock of the air
LIT: Final = struct.Struct("<dHHH")  # device time, width, height, number of colours
"""Then the colours, three bytes each, and the palette indices, compressed by zlib."""


class Order(IntEnum):
    """To the confined process."""

    START = 0  # the options, pickled; always first
    LINK_UP = 1  # time
    BONDED = 2
    MTU = 3  # u16
    SUBSCRIBED = 4  # u8
    WRITTEN = 5  # time, then the value
    DISCONNECTED = 6
    RESTART = 7
    UNBOND = 8
    SLOT_FREE = 9  # time; the radio can take the next notification
    PING = 10  # answered by PONG as long as the event loop turns
    WATCH_LENS = 11  # LIT from now on
    AUDIO_WRITTEN = 12  # time, then the value: for Halo's speaker; answered by TAKEN, as WRITTEN is
    ACT = 13  # what the wearer does, pickled (acts.py)


class Report(IntEnum):
    """From the confined process."""

    READY = 0  # the Bluetooth address
    REFUSED = 1  # JSON: message and hint; it ends
    NOTIFY = 2  # time, then the value; no other before SLOT_FREE
    GONE = 3  # the glasses stopped answering
    EVENT = 4
    LIT = 5
    PONG = 6
    TAKEN = 8  # u8: 0, or the ATT error with which Halo refuses the value that was written, each in turn
    KEEP = 7  # JSON: a change of the flash folder: name, path, and what else it needs


def message(kind: Order | Report, body: bytes = b"") -> bytes:
    """One message."""
    return HEADER.pack(len(body), kind) + body
