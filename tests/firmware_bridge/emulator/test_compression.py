from __future__ import annotations

import struct

import pytest
from parts_board import PartsBoard, call, error_of

from firmware_bridge.emulator import lz4
from firmware_bridge.emulator.compression import Compression


def stored(content: bytes) -> bytes:
    """One block of literals."""
    rest = len(content) - 15
    return (
        bytes([min(len(content), 15) << 4])
        + (b"" if rest < 0 else b"\xff" * (rest // 255) + bytes([rest % 255]))
        + content
    )


def frame_of(*contents: bytes) -> bytes:
    body = b"".join(struct.pack("<I", len(stored(content))) + stored(content) for content in contents)
    return struct.pack("<I", lz4.MAGIC) + bytes([0x60, 0x40, 0x82]) + body + bytes(4)


def function() -> None:
    raise AssertionError("only the VM may call it")


def make(*, strict: bool = False) -> tuple[PartsBoard, Compression]:
    board = PartsBoard(strict=strict)
    compression = Compression(board)
    call(compression.api(), "process_function", function)
    return board, compression


def test_a_block_goes_to_the_process_function() -> None:
    """2.12: through a hook that fires after decompress has returned."""
    board, compression = make()
    assert call(compression.api(), "decompress", frame_of(b"hello " * 100), 4096) is None
    assert board.posted == [(function, b"hello " * 100)]


def test_only_the_last_block_is_delivered() -> None:
    """2.12 and 5, Frame 12."""
    board, compression = make()
    call(compression.api(), "decompress", frame_of(b"one", b"two", b"three"), 4096)
    assert board.posted == [(function, b"three")]
    assert compression.lost_blocks == 2


def test_errors() -> None:
    """2.12: texts."""
    _, compression = make()
    api = compression.api()
    for size in (0, -1):
        assert error_of(api, "decompress", b"", size) == "bytes must be greater than 0"
    assert error_of(api, "decompress") == "bad argument #1 to 'decompress' (string expected, got no value)"
    assert error_of(api, "process_function") == "expected nil or function"
    assert error_of(api, "process_function", 5) == "expected nil or function"


def test_without_a_callback_it_is_silent() -> None:
    """2.12: no callback: Frame silent. A restart of the VM ends the callback, too."""
    board, compression = make()
    call(compression.api(), "process_function", None)
    call(compression.api(), "decompress", frame_of(b"one"), 4096)
    call(compression.api(), "process_function", function)
    compression.reset()
    call(compression.api(), "decompress", frame_of(b"one"), 4096)
    assert board.posted == []


@pytest.mark.parametrize("strict", [False, True])
def test_more_than_4096_bytes_overrun_the_buffer(*, strict: bool) -> None:
    """2.12 and 5, Frame 12: Frame overruns memory; cut off here, an error under strict."""
    board, compression = make(strict=strict)
    data = frame_of(b"x" * 5000)
    if strict:
        assert error_of(compression.api(), "decompress", data, 8192) == "decompression failed: memory overrun"
    else:
        call(compression.api(), "decompress", data, 8192)
        assert board.posted == [(function, b"x" * 4096)]
    assert compression.overruns == 1


@pytest.mark.parametrize("strict", [False, True])
def test_damaged_data(*, strict: bool) -> None:
    """2.12: invalid magic: Frame reads wild memory; nothing comes of it here, an error under strict."""
    board, compression = make(strict=strict)
    for data in (b"wrong", frame_of(b"one")[:12], frame_of(b"x" * 200)):
        if strict:
            assert error_of(compression.api(), "decompress", data, 100).startswith("decompression failed: ")
        else:
            call(compression.api(), "decompress", data, 100)
    assert board.posted == []
