"""The wire protocol: messages to packets and back, with sequence, check and acknowledgement; pure.

A value written to or notified by the glasses is the byte 01 (`gatt.DATA`) and one packet. The top two bits of a
packet's first byte say what it carries:

    0 CONTROL   seq | ack | messages ... | check     reliable and ordered, both directions
                ack | check                          from the glasses where they have nothing else to say
    1 AUDIO     epoch | index u32 | samples ...      to the host only, never repeated; without samples it only says
                                                     which sample is next
    2 PHOTO     number | bytes ...                   to the host only, repeated block by block (messages.PhotoBlock)
    3 SENSOR    number | sample | check              to the host only, only the latest counts

CONTROL, from either end: `seq` is 6 bits; `ack` holds in its low 6 bits the last sequence number accepted from the
other end, bit 6 (`SYN`) where a sender starts over and bit 7 (`NAK`) where the receiver got something unusable.
One packet is outstanding at a time in each direction, because Frame has one receive slot (device reference 1.9):
the next is sent when the acknowledgement of the last has come, and the last is repeated until then. A packet with
messages is numbered; one without only acknowledges and takes no number, except from the host, whose every packet is
numbered and acknowledged because it fills the slot. Messages are `code u8 | length u16 | body`, run on from packet
to packet, and are little endian. One with the bit `ENDS` in its code has no length: it begins in this packet and ends
with it. The host sends the last of a packet so if its body has two bytes; the glasses, with few reports, never.

`check` is over everything before it: a polynomial over words of seven bytes in 64-bit arithmetic, folded to 32 bits, of
which packets of up to 56 bytes (one block of words) carry the upper 16. Lua computes it a word at a time (a few VM
instructions for seven bytes, where a table CRC needs more for each one), and it finds every single and double flipped
bit of a packet, those of the check included (tests/firmware_bridge/test_wire.py); of worse damage one in 2^16 or 2^32
passes. With words of eight bytes two flips of the topmost bit would cancel each other.

The far side of this file is device_app/wire.lua.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from firmware_bridge.errors import LocalProtocolError

__all__ = [
    "ENDS",
    "MAX_MESSAGE_BYTES",
    "AudioPacket",
    "Channel",
    "Endpoint",
    "PhotoPacket",
    "Reassembler",
    "SensorPacket",
    "acknowledgement",
    "channel_of",
    "check",
    "closed",
    "decode_audio",
    "decode_photo",
    "decode_sensor",
    "encode_message",
    "next_seq",
    "opened",
]

HEADER_BYTES: Final = 2
AUDIO_HEADER_BYTES: Final = 5
CHECK_BYTES: Final = 4
SHORT_CHECK_BYTES: Final = 2
SHORT_BYTES: Final = 56  # before the check
MESSAGE_HEADER: Final = struct.Struct("<BH")
MAX_MESSAGE_BYTES: Final = 0xFFFF
SEQ_MASK: Final = 0x3F
SYN: Final = 0x40
NAK: Final = 0x80
ENDS: Final = 0x20
ENDS_BODY_BYTES: Final = 2  # at least, so that Lua can always look at code and length at once
_MULTIPLIER: Final = 0x9E3779B97F4A7C15  # 2^64 divided by the golden ratio, odd
_FOLD: Final = 0x806489BF74E6BC57  # drawn: what the module promises, and fewest short bursts missed
_WORD_BYTES: Final = 7
_BLOCK_BYTES: Final = 8 * _WORD_BYTES  # Lua unpacks eight words at once
_MASK64: Final = 0xFFFF_FFFF_FFFF_FFFF

MIN_PACKET_BYTES: Final = 16  # an ATT MTU of 23 leaves 19
RESEND_AT_ONCE_S: Final = 0.005
RESEND_FIRST_S: Final = 0.12  # three connection intervals of 30 ms and a slow device's turn
RESEND_MAX_S: Final = 1.0
RESEND_FACTOR: Final = 1.6


class Channel(IntEnum):
    """What a packet carries, in the top two bits of its first byte."""

    CONTROL = 0
    AUDIO = 1
    PHOTO = 2
    SENSOR = 3


def check(data: bytes) -> int:
    """32-bit check of any bytes; the same as `check` of wire.lua."""
    value = len(data)
    padded = data + bytes(-len(data) % _BLOCK_BYTES)
    for at in range(0, len(padded), _WORD_BYTES):
        value = (value * _MULTIPLIER + int.from_bytes(padded[at : at + _WORD_BYTES], "little")) & _MASK64
    return (value * _FOLD & _MASK64) >> 32


def closed(body: bytes) -> bytes:
    """A packet with its check."""
    value = check(body)
    if len(body) <= SHORT_BYTES:
        return body + (value >> 16).to_bytes(SHORT_CHECK_BYTES, "little")
    return body + value.to_bytes(CHECK_BYTES, "little")


def opened(packet: bytes) -> bytes | None:
    """A packet without its check; None where that is wrong or there is nothing else."""
    short = len(packet) <= SHORT_BYTES + SHORT_CHECK_BYTES
    body = packet[: -SHORT_CHECK_BYTES if short else -CHECK_BYTES]
    return body if body and closed(body) == packet else None


def next_seq(seq: int) -> int:
    """The sequence number after `seq`, 0 to 63."""
    return (seq + 1) & SEQ_MASK


def encode_message(code: int, body: bytes) -> bytes:
    """One message as it runs in the stream; `code` is 0 to 255 without the bit `ENDS`.

    Raises:
        LocalProtocolError: the body is longer than 65535 bytes.
    """
    if len(body) > MAX_MESSAGE_BYTES:
        msg = f"message {code:#04x} has {len(body)} bytes, more than {MAX_MESSAGE_BYTES}"
        raise LocalProtocolError(msg)
    return MESSAGE_HEADER.pack(code, len(body)) + body


def channel_of(packet: bytes) -> Channel:
    """What the packet carries. It must not be empty."""
    return Channel(packet[0] >> 6)


@dataclass(frozen=True, slots=True)
class AudioPacket:
    """Sound: `epoch` (0 to 63) numbers the stream, `index` its first sample, `data` the samples as they came."""

    epoch: int
    index: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PhotoPacket:
    """A piece of a photo: `number` counts pieces modulo 64."""

    number: int
    data: bytes


@dataclass(frozen=True, slots=True)
class SensorPacket:
    """A sample of the sensors: `number` counts samples modulo 64."""

    number: int
    data: bytes


def decode_audio(packet: bytes) -> AudioPacket | None:
    """An audio packet, or None where it is too short to be one."""
    if len(packet) < AUDIO_HEADER_BYTES:
        return None
    return AudioPacket(packet[0] & SEQ_MASK, int.from_bytes(packet[1:5], "little"), packet[5:])


def decode_photo(packet: bytes) -> PhotoPacket | None:
    """A photo packet, or None where it is too short to be one."""
    return PhotoPacket(packet[0] & SEQ_MASK, packet[1:]) if len(packet) > 1 else None


def decode_sensor(packet: bytes) -> SensorPacket | None:
    """A sensor packet, or None where its check is wrong."""
    body = opened(packet)
    return SensorPacket(body[0] & SEQ_MASK, body[1:]) if body is not None and len(body) > 1 else None


def acknowledgement(packet: bytes) -> bytes | None:
    """What the glasses say to a CONTROL packet of the host's where they have nothing else to say; None for another."""
    body = opened(packet)
    if body is None or len(body) < HEADER_BYTES or channel_of(body) is not Channel.CONTROL:
        return None
    return closed(body[:1])


class Reassembler:
    """Turns the ordered packets of one direction into messages.

    "Not enough yet" is an empty answer. Nothing can be broken here: the bytes were checked packet by packet.
    At most one message (65538 bytes) is ever held.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Take what the next packet carries; the (code, body) of each message that is complete with it."""
        self._buffer += data
        messages = []
        at, size = 0, len(self._buffer)
        while at < size:
            code = self._buffer[at]
            begin = at + (1 if code & ENDS else MESSAGE_HEADER.size)
            end = size if code & ENDS else begin + int.from_bytes(self._buffer[at + 1 : begin], "little")
            if end > size:
                break
            messages.append((code & ~ENDS, bytes(self._buffer[begin:end])))
            at = end
        del self._buffer[:at]
        return messages


@dataclass(slots=True)
class _Queued:
    data: bytes
    done: Callable[[], None] | None


@dataclass(slots=True)
class _Outstanding:
    packet: bytes
    seq: int
    first_sent_at: float
    sent_at: float
    wait_s: float
    done: list[Callable[[], None]]


class Endpoint:
    """The host's end of the CONTROL channel: one packet outstanding, repeated until acknowledged; pure.

    The clock is an argument (seconds, any origin, never going back). The owner calls `poll` whenever something was
    queued or received and when `deadline` passes, and writes what it returns to the glasses.

    Attributes:
        sent: packets sent, repeats not counted.
        resent: packets that had to be repeated.
        rejected: incoming packets that were damaged, repeated or out of order.
    """

    def __init__(self, max_packet_bytes: int) -> None:
        """`max_packet_bytes` counts everything after the byte 01: 243 on Frame, at least 16.

        Raises:
            LocalProtocolError: packets are too small.
        """
        if max_packet_bytes < MIN_PACKET_BYTES:
            msg = f"packets of {max_packet_bytes} bytes are too small for this protocol"
            raise LocalProtocolError(msg, "The Bluetooth stack must allow an ATT MTU of 23 or more.")
        self._room = max_packet_bytes - HEADER_BYTES - CHECK_BYTES
        self.sent = 0
        self.resent = 0
        self.rejected = 0
        self._urgent: deque[_Queued] = deque()
        self._bulk: deque[_Queued] = deque()
        self._rest = b""
        self._rest_done: Callable[[], None] | None = None
        self._outstanding: _Outstanding | None = None
        self._seq = 0
        self._accepted = SEQ_MASK
        self._ack_due = False
        self._syn = 0
        self._greeted: int | None = None  # the number that must be acknowledged before anything is accepted
        self._reassembler = Reassembler()

    @property
    def deadline(self) -> float | None:
        """When `poll` must be called again at the latest; None while nothing is outstanding."""
        waiting = self._outstanding
        return waiting.sent_at + waiting.wait_s if waiting else None

    @property
    def outstanding_since(self) -> float | None:
        """When the packet that is being waited for was first sent; None while there is none."""
        return self._outstanding.first_sent_at if self._outstanding else None

    @property
    def idle(self) -> bool:
        """True while nothing waits and nothing is outstanding."""
        return not (self._outstanding or self._rest or self._urgent or self._bulk or self._ack_due)

    @property
    def waiting(self) -> int:
        """Messages that wait to be sent."""
        return len(self._urgent) + len(self._bulk) + bool(self._rest)

    def queue(self, message: bytes, done: Callable[[], None] | None = None, *, urgent: bool = True) -> None:
        """Queue one encoded message; `done` is called when the glasses have acknowledged all of it.

        Urgent messages overtake the others, between two messages.
        """
        (self._urgent if urgent else self._bulk).append(_Queued(message, done))

    def ping(self) -> None:
        """Send a packet though nothing is queued: its acknowledgement tells that the far side is alive."""
        self._ack_due = True

    def restart(self, hello: bytes | None = None, first: int = 0) -> None:
        """Start the channel over, forgetting all that was queued or outstanding.

        With `hello` (an encoded message) the first packet tells the far side to start over too, and nothing it sends
        is accepted until it acknowledges that packet; `first`, a number unlike the last connection's, makes the
        packet's own, so that an old acknowledgement is not taken for it. Without, the far side is known to be new
        (the device app was just started).
        """
        self._urgent.clear()
        self._bulk.clear()
        self._rest, self._rest_done, self._outstanding = b"", None, None
        self._seq, self._accepted, self._ack_due, self._syn = first & SEQ_MASK, SEQ_MASK, False, 0
        self._greeted = None if hello is None else self._seq
        self._reassembler = Reassembler()
        if hello is not None:
            self._syn = SYN
            self._urgent.append(_Queued(hello, None))

    def poll(self, now: float) -> bytes | None:
        """The packet to send now, or None. The outstanding packet is repeated when its time has passed."""
        waiting = self._outstanding
        if waiting is not None:
            if now < waiting.sent_at + waiting.wait_s:
                return None
            self.resent += 1
            waiting.wait_s = min(waiting.wait_s * RESEND_FACTOR, RESEND_MAX_S)
            waiting.sent_at = now
            return waiting.packet
        payload, done = self._fill()
        if not payload and not self._ack_due:
            return None
        packet = closed(bytes((self._seq, self._accepted | self._syn)) + payload)
        self._outstanding = _Outstanding(packet, self._seq, now, now, RESEND_FIRST_S, done)
        self._seq = next_seq(self._seq)
        self._ack_due = False
        self._syn = 0
        self.sent += 1
        return packet

    def receive(self, packet: bytes, now: float) -> list[tuple[int, bytes]]:
        """Take a CONTROL packet from the glasses; the (code, body) of each message that is complete with it."""
        body = opened(packet)
        if body is None:
            self.rejected += 1
            return []
        ack, payload = body[:HEADER_BYTES][-1], body[HEADER_BYTES:]
        if self._greeted is not None:
            if ack & SEQ_MASK != self._greeted or ack & NAK:
                self.rejected += 1
                return []
            self._greeted = None
        self._acknowledged(ack, now)
        if not payload:
            return []
        self._ack_due = True
        if body[0] & SEQ_MASK != next_seq(self._accepted):
            self.rejected += 1
            return []
        self._accepted = body[0] & SEQ_MASK
        return self._reassembler.feed(payload)

    def _acknowledged(self, ack: int, now: float) -> None:
        waiting = self._outstanding
        if waiting is None:
            return
        if ack & SEQ_MASK == waiting.seq:
            self._outstanding = None
            for done in waiting.done:
                done()
        elif ack & NAK:
            # It arrived damaged: repeat at once, but not more than once a round.
            waiting.wait_s = min(waiting.wait_s, max(now - waiting.sent_at, RESEND_AT_ONCE_S))

    def _fill(self) -> tuple[bytes, list[Callable[[], None]]]:
        payload = bytearray()
        done: list[Callable[[], None]] = []
        last: int | None = None  # where the last message that begins here does
        while len(payload) < self._room:
            if not self._rest:
                queue = self._urgent or self._bulk
                if not queue:
                    break
                item = queue.popleft()
                self._rest, self._rest_done = item.data, item.done
                last = len(payload)
            take = self._rest[: self._room - len(payload)]
            payload += take
            self._rest = self._rest[len(take) :]
            if not self._rest and self._rest_done is not None:
                done.append(self._rest_done)
                self._rest_done = None
        if last is not None and not self._rest and len(payload) - last >= MESSAGE_HEADER.size + ENDS_BODY_BYTES:
            payload[last] |= ENDS
            del payload[last + 1 : last + MESSAGE_HEADER.size]
        return bytes(payload), done
