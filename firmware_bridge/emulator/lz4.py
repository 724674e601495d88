"""Reads LZ4 as the firmware does: frames without block checksums, compressed blocks only; pure.

Format: LZ4 frame format 1.6 and LZ4 block format. Work and memory are bounded by the caller's limit on each block's
output.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

MAGIC: Final = 0x184D2204
_CONTENT_SIZE: Final = 0b0000_1000
_DICTIONARY: Final = 0b0000_0001
_STORED: Final = 1 << 31
_SHORTEST_MATCH: Final = 4


class BlockError(ValueError):
    """A block that the firmware's decoder refuses; the text says why."""


class FrameError(ValueError):
    """Not a frame, or no end of it: the firmware reads whatever lies in memory; the text says why."""


def blocks(data: bytes, limit: int) -> Iterator[bytes]:
    """Each block's content, at most `limit` bytes each, up to an empty one; none may refer to the block before.

    Raises:
        BlockError: at a block that is stored, damaged, or larger than `limit`.
        FrameError: there is no frame, or the data ends before it does.
    """
    at = _header(data)
    while True:
        try:
            size = _number(data, at, 4)
        except BlockError as error:
            raise FrameError("no end mark") from error
        at += 4
        if size == 0:
            return
        if size & _STORED:
            raise BlockError("uncompressed block")
        if at + size > len(data):
            raise FrameError("data ends within a block")
        content = _block(data[at : at + size], limit)
        at += size
        if not content:
            return
        yield content


def _header(data: bytes) -> int:
    """Check a frame's header; return where its first block begins."""
    if len(data) < 5 or _number(data, 0, 4) != MAGIC:
        raise FrameError("no LZ4 frame")
    flags = data[4]
    # Magic, flags, block descriptor, [size], [dictionary], header checksum.
    return 7 + (8 if flags & _CONTENT_SIZE else 0) + (4 if flags & _DICTIONARY else 0)


def _block(data: bytes, limit: int) -> bytes:
    """Sequences of literals and a match; the last has literals only."""
    out = bytearray()
    at = 0
    while True:
        token = _number(data, at, 1)
        length, at = _length(data, at + 1, token >> 4)
        if at + length > len(data):
            raise BlockError("literals beyond the block")
        if len(out) + length > limit:
            raise BlockError("block too large")
        out += data[at : at + length]
        at += length
        if at == len(data):
            return bytes(out)
        offset = _number(data, at, 2)
        length, at = _length(data, at + 2, token & 15)
        length += _SHORTEST_MATCH
        if not 0 < offset <= len(out):
            raise BlockError("match before the beginning")
        if len(out) + length > limit:
            raise BlockError("block too large")
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
        raise BlockError("data ends too early")
    return int.from_bytes(field, "little")
