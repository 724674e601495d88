"""A recording of a link in use, kept in memory, for somebody who begins and ends it; its form is link_trace.py's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from firmware_bridge import gatt
from firmware_bridge.link import GlassesKind
from firmware_bridge.link_trace import software
from firmware_bridge.messages import Hello
from firmware_bridge.trace_format import Header, encode_connect, encode_event, encode_header, encode_value
from firmware_bridge.wire import Channel, Reassembler, channel_of, opened

__all__ = ["MemoryTrace"]

NONCE_MASK: Final = 0x7FFFFFFF  # starting.py
MAX_BYTES: Final = 32 * 1024 * 1024  # five minutes with voice, an hour and a half without


class MemoryTrace:
    """What passes through a link from here on; played as glasses it starts at its first whole connection.

    Attributes:
        full: whether it has come to its limit; nothing more is kept.
    """

    def __init__(self, glasses: GlassesKind, name: str, *, media: bool, max_bytes: int = MAX_BYTES) -> None:
        """Begin.

        Args:
            glasses: "frame" or "halo".
            name: of the glasses.
            media: keep voice and pictures, too.
            max_bytes: of the recording.
        """
        self.full = False
        self._open = False
        self._glasses, self._name, self._media = glasses, name, media
        self._left = max_bytes
        self._lines: list[dict[str, Any] | bytes] = []
        self._connected: dict[str, Any] | None = None
        self._keep(encode_header(Header(datetime.now(UTC).isoformat(timespec="seconds"), software(), media)))

    def connected(self, t: float, att_mtu: int) -> None:
        """A program is connected, and has exchanged this MTU."""
        self._open = True
        size = gatt.max_value_bytes(att_mtu) if self._glasses == "frame" else att_mtu - gatt.ATT_HEADER_BYTES
        self._connected = encode_connect(t, "ble", self._name, size, 0, glasses=self._glasses)
        self._keep(self._connected)

    def value(self, t: float, value: bytes, *, out: bool) -> None:
        """A value that was written (`out`) or notified; without a connection it is left out."""
        if not self._open:
            return
        if self._connected is not None and out and (nonce := _nonce_in(value)) is not None:
            self._connected["nonce"], self._connected = nonce, None
        self._keep(encode_value(t, value, out=out, media=self._media))

    def ended(self, t: float) -> None:
        """The connection is over, if there is one."""
        if self._open:
            self._open = False
            self._keep(encode_event(t, "lost", "link-lost", "the connection to the glasses broke"))

    def content(self) -> bytes:
        """The recording so far, JSON Lines."""
        return b"".join(line if isinstance(line, bytes) else _encoded(line) for line in list(self._lines))

    def _keep(self, line: dict[str, Any]) -> None:
        if self.full:
            return
        kept: dict[str, Any] | bytes = line if line is self._connected else _encoded(line)
        self._left -= len(_encoded(line))
        if self._left < 0:
            self.full = True
            kept = _encoded(encode_event(line.get("t", 0.0), "full"))
        self._lines.append(kept)


def _nonce_in(value: bytes) -> int | None:
    """That of the connection: the first number in it that a session asks for an answer with is the next one."""
    body = opened(value[1:]) if value[:1] == bytes([gatt.DATA]) else None
    if body is None or channel_of(body) is not Channel.CONTROL:
        return None
    said = [body for code, body in Reassembler().feed(body[2:]) if code == Hello.CODE and len(body) == 4]
    return (Hello.decode(said[0]).nonce - 1) & NONCE_MASK if said else None


def _encoded(line: dict[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"
