from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.emulator import lz4


def length_bytes(length: int, base: int) -> bytes:
    rest = length - base - 15
    return b"" if rest < 0 else b"\xff" * (rest // 255) + bytes([rest % 255])


def block_of(steps: list[tuple[bytes, int, int]], tail: bytes) -> bytes:
    """A block of (literals, match offset, match length) and final literals."""
    out = b""
    for literals, offset, length in steps:
        out += bytes([min(len(literals), 15) << 4 | min(length - 4, 15)]) + length_bytes(len(literals), 0) + literals
        out += struct.pack("<H", offset) + length_bytes(length, 4)
    return out + bytes([min(len(tail), 15) << 4]) + length_bytes(len(tail), 0) + tail


def frame_of(*packed: bytes, flags: int = 0x40) -> bytes:
    body = b"".join(struct.pack("<I", len(one)) + one for one in packed)
    return struct.pack("<I", lz4.MAGIC) + bytes([flags, 0x40, 0]) + body + bytes(4)


STEPS = st.lists(st.tuples(st.binary(min_size=1, max_size=300), st.integers(1, 400), st.integers(4, 700)), max_size=6)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, tail=st.binary(max_size=300))
def test_blocks_unpack_to_what_their_sequences_say(steps: list[tuple[bytes, int, int]], tail: bytes) -> None:
    expected = bytearray()
    allowed = []
    for literals, offset, length in steps:
        expected += literals
        near = (offset - 1) % len(expected) + 1
        for _ in range(length):
            expected.append(expected[-near])
        allowed.append((literals, near, length))
    expected += tail
    packed = block_of(allowed, tail)
    assert list(lz4.blocks(frame_of(packed), len(expected))) == ([bytes(expected)] if expected else [])
    if expected:
        with pytest.raises((lz4.BlockError, lz4.FrameError)):
            list(lz4.blocks(frame_of(packed), len(expected) - 1))


def test_a_file_of_the_reference_library() -> None:
    """Made by lz4 4.4.5 (liblz4): lz4.frame.compress(b"captions " * 40, store_size=False)."""
    data = bytes.fromhex("04224d18604082140000009f63617074696f6e73200900ff4850696f6e732000000000")
    assert list(lz4.blocks(data, 4096)) == [b"captions " * 40]


def test_blocks_may_not_refer_to_the_one_before() -> None:
    frame = lz4.blocks(frame_of(block_of([], b"abcdefgh"), block_of([(b"X", 9, 8)], b"Y")), 100)
    assert next(frame) == b"abcdefgh"
    with pytest.raises(lz4.BlockError, match="before the beginning"):
        next(frame)


def test_an_empty_block_ends_the_frame() -> None:
    assert list(lz4.blocks(frame_of(block_of([], b"one"), block_of([], b""), block_of([], b"two")), 100)) == [b"one"]


def test_optional_header_fields_are_skipped() -> None:
    packed = block_of([], b"hello")
    head = struct.pack("<I", lz4.MAGIC) + bytes([0x40 | 0x08 | 0x01, 0x40]) + bytes(8) + bytes(4) + b"\0"
    frame = head + struct.pack("<I", len(packed)) + packed + bytes(4)
    assert list(lz4.blocks(frame, 100)) == [b"hello"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no LZ4 frame"),
        (b"\x04\x22\x4d\x18", "no LZ4 frame"),
        (b"\x04\x22\x4d\x19\x40\x40\x00", "no LZ4 frame"),
        (frame_of()[:7], "no end mark"),
        (frame_of()[:7] + struct.pack("<I", 5 | 1 << 31) + b"hello", "uncompressed block"),
        (frame_of()[:7] + struct.pack("<I", 50) + b"hello", "ends within a block"),
        (frame_of(b"\x50abc"), "literals beyond"),
        (frame_of(block_of([(b"a", 2, 4)], b"")), "before the beginning"),
        (frame_of(block_of([(b"a", 0, 4)], b"")), "before the beginning"),
    ],
)
def test_what_cannot_be_read(data: bytes, reason: str) -> None:
    with pytest.raises((lz4.BlockError, lz4.FrameError), match=reason):
        list(lz4.blocks(data, 4096))


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=200), framed=st.booleans())
def test_no_data_does_harm(data: bytes, *, framed: bool) -> None:
    try:
        found = list(lz4.blocks(frame_of(data) if framed else data, 4096))
    except (lz4.BlockError, lz4.FrameError):
        return
    assert all(len(content) <= 4096 for content in found)
