"""Reads LZ4 as the firmware does: frames without block checksums, compressed blocks only; pure.

Format: LZ4 frame format 1.6 and LZ4 block format. Work and memory are bounded by the caller's limit on each block's
output.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

MAGIC: Final = 0x184D2204
_VERSION_MASK: Final = 0b1100_0000
_VERSION: Final = 0b0100_0000
_BLOCK_CHECKSUM: Final = 0b0001_0000
_CONTENT_SIZE: Final = 0b0000_1000
_DICTIONARY: Final = 0b0000_0001
_STORED: Final = 1 << 31
_SHORTEST_MATCH: Final = 4


class Lz4Error(ValueError):
    """The data is not what the firmware can read; the text says why."""


def blocks(data: bytes, limit: int) -> Iterator[bytes]:
    """Each block's content, at most `limit` bytes each; blocks may refer to the block before.

    Raises:
        Lz4Error: at the block where the data goes wrong.
    """
    at = _header(data)
    history = b""
    while True:
        size = _number(data, at, 4)
        at += 4
        if size == 0:
            return
        if size & _STORED:
            raise Lz4Error("uncompressed block")
        if at + size > len(data):
            raise Lz4Error("data ends within a block")
        content = _block(data[at : at + size], history, limit)
        at += size
        history = (history + content)[-65_536:]
        yield content


def _header(data: bytes) -> int:
    """Check a frame's header; return where its first block begins."""
    if _number(data, 0, 4) != MAGIC:
        raise Lz4Error("no LZ4 frame")
    flags = _number(data, 4, 1)
    if flags & _VERSION_MASK != _VERSION:
        raise Lz4Error("unknown version")
    if flags & _BLOCK_CHECKSUM:
        raise Lz4Error("block checksums")
    # Magic, flags, block descriptor, [size], [dictionary], header checksum.
    return 7 + (8 if flags & _CONTENT_SIZE else 0) + (4 if flags & _DICTIONARY else 0)


def _block(data: bytes, history: bytes, limit: int) -> bytes:
    """Sequences of literals and a match; the last has literals only."""
    out = bytearray(history)
    end = len(history) + limit
    at = 0
    while True:
        token = _number(data, at, 1)
        length, at = _length(data, at + 1, token >> 4)
        if at + length > len(data):
            raise Lz4Error("literals beyond the block")
        if len(out) + length > end:
            raise Lz4Error("block too large")
        out += data[at : at + length]
        at += length
        if at == len(data):
            return bytes(out[len(history) :])
        offset = _number(data, at, 2)
        length, at = _length(data, at + 2, token & 15)
        length += _SHORTEST_MATCH
        if not 0 < offset <= len(out):
            raise Lz4Error("match before the beginning")
        if len(out) + length > end:
            raise Lz4Error("block too large")
        start = len(out) - offset
        pattern = out[start : start + length]
        out += (pattern * (-(-length // len(pattern))))[:length]


def _length(data: bytes, at: int, nibble: int) -> tuple[int, int]:
    """A length of four bits, continued in bytes while they are 255; and where the next field begins."""
    length = nibble
    if nibble == 15:
        while True:
            more = _number(data, at, 1)
            at += 1
            length += more
            if more != 255:
                break
    return length, at


def _number(data: bytes, at: int, size: int) -> int:
    field = data[at : at + size]
    if len(field) < size:
        raise Lz4Error("data ends too early")
    return int.from_bytes(field, "little")
