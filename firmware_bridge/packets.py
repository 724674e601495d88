"""The values of a link in words, for somebody who looks on; pure.

One who comes in the middle does not know where a message begins: what cannot be one is told as a rest, until one does.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Final, Literal

from firmware_bridge import gatt, messages
from firmware_bridge.ble_devices import printable
from firmware_bridge.errors import RemoteProtocolError
from firmware_bridge.messages import SHOWS, Message, Order, Report
from firmware_bridge.wire import ENDS, NAK, SEQ_MASK, SYN, Channel, Reassembler, channel_of, decode_sensor, opened

__all__ = ["Packet", "PacketReader"]

TEXT_CHARS: Final = 300
BYTES_SHOWN: Final = 24
WAITING_MAX: Final = 300  # packets that one message can have: 64 KiB in packets of 240

Kind = Literal["text", "control byte", "control", "audio", "photo", "sensor"]
_BYTES: Final = {
    gatt.BREAK: "break",
    gatt.RESET: "restart of Lua",
    gatt.REBOOT: "restart",
    gatt.REMOVE_MAIN: "delete main.lua and restart Lua",
    gatt.EXIT: "end Lua",
    gatt.REMOVE_ALL: "delete all files",
}
_KINDS: Final = {
    one.CODE: one
    for base in (Order, Report)
    for one in vars(messages).values()
    if isinstance(one, type) and issubclass(one, base) and one is not base
}


@dataclass(frozen=True, slots=True)
class Packet:
    """One value, in words; the text is data from outside.

    Attributes:
        kind: what it carries.
        size: of the value, in bytes.
        text: what it says, at most 300 characters.
    """

    kind: Kind
    size: int
    text: str


class PacketReader:
    """Reads both directions of one link, value by value."""

    def __init__(self) -> None:
        self._directions = {True: _Direction(), False: _Direction()}

    def read(self, value: bytes, *, out: bool) -> Packet:
        """What one value says; `out`: it went to the glasses."""
        kind, text = self._said(value, out=out)
        return Packet(kind, len(value), printable(text, TEXT_CHARS))

    def _said(self, value: bytes, *, out: bool) -> tuple[Kind, str]:
        if value[:1] != bytes([gatt.DATA]) or len(value) < 2:
            if out and len(value) == 1 and value[0] in _BYTES:
                return "control byte", _BYTES[value[0]]
            return "text", value.decode("utf-8", "backslashreplace")
        packet = value[1:]
        match channel_of(packet):
            case Channel.CONTROL:
                return "control", self._control(packet, out=out)
            case Channel.AUDIO:
                return "audio", f"sound {int.from_bytes(packet[1:5], 'little')}, {max(len(packet) - 5, 0)} bytes"
            case Channel.PHOTO:
                return "photo", f"photo {packet[0] & SEQ_MASK}, {len(packet) - 1} bytes"
            case _:
                sample = decode_sensor(packet)
                return "sensor", "damaged" if sample is None else f"motion {sample.data.hex(' ')}"

    def _control(self, packet: bytes, *, out: bool) -> str:
        body = opened(packet)
        if body is None:
            return "damaged, or not of Sidelight"
        if len(body) == 1:
            return f"ack {body[0] & SEQ_MASK}"
        direction, flags = self._directions[out], body[1]
        if flags & SYN:
            for one in self._directions.values():
                one.begin()
        words = [f"#{body[0] & SEQ_MASK} ack {flags & SEQ_MASK}"]
        words += [name for bit, name in ((SYN, "start over"), (NAK, "repeat")) if flags & bit]
        return ": ".join((" ".join(words), "; ".join(direction.told(body[0] & SEQ_MASK, body[2:])))).removesuffix(": ")


class _Direction:
    """Where one direction's messages begin."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._reassembler, self._waiting, self._seq = Reassembler(), 0, -1

    def told(self, seq: int, payload: bytes) -> list[str]:
        """The messages that end in a packet with this number."""
        if not payload:
            return []
        if seq == self._seq:
            return ["once more"]
        self._seq = seq
        if not self._waiting and payload[0] & ~(ENDS | SHOWS) not in _KINDS:
            return [f"rest of a message, {len(payload)} bytes"]
        found = self._reassembler.feed(payload)
        self._waiting = 0 if found else self._waiting + 1
        said = [_message(code, body) for code, body in found]
        if "" in said or self._waiting > WAITING_MAX:
            self.begin()
            return [*filter(None, said), "what cannot be understood"]
        return said or ["part of a message"]


def _message(code: int, body: bytes) -> str:
    """A message in words; empty where it is none."""
    kind: type[Message] | None = _KINDS.get(code) or _KINDS.get(code & ~SHOWS)
    if kind is None:
        return ""
    try:
        message = kind.decode(body)
    except RemoteProtocolError:
        return ""
    said = ", ".join(f"{one.name} {_value(getattr(message, one.name))}" for one in fields(message))
    shows = " and show" if code not in _KINDS else ""
    return f"{kind.__name__}{shows} ({said})" if said else f"{kind.__name__}{shows}"


def _value(value: object) -> str:
    if isinstance(value, IntEnum):
        return value.name
    if not isinstance(value, bytes):
        return str(value)
    try:
        text = value[: 4 * BYTES_SHOWN].decode()
    except UnicodeDecodeError:
        text = ""
    if text and text.isprintable():
        return repr(text)
    return value[:BYTES_SHOWN].hex(" ") + (f" ... {len(value)} bytes" if len(value) > BYTES_SHOWN else "")
