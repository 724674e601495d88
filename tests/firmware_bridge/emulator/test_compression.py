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


@pytest.mark.reference("2.12 callback")
def test_a_block_goes_to_the_process_function() -> None:
    """2.12: through a hook that fires after decompress has returned."""
    board, compression = make()
    assert call(compression.api(), "decompress", frame_of(b"hello " * 100), 4096) is None
    assert board.posted == [(function, b"hello " * 100)]


@pytest.mark.reference("2.12 last block")
@pytest.mark.reference("5 LZ4")
def test_the_hook_fires_once_for_the_last_block() -> None:
    """2.12 and 5, Frame 12: every block takes the slot from the one before."""
    board, compression = make()
    call(compression.api(), "decompress", frame_of(b"one", b"two", b"three"), 4096)
    assert board.posted == [(function, b"one"), (function, b"two"), (function, b"three")]  # one slot: the last wins
    assert compression.lost_blocks == 2


@pytest.mark.reference("2.12 errors")
def test_errors() -> None:
    """2.12: texts."""
    _, compression = make()
    api = compression.api()
    for size in (0, -1):
        assert error_of(api, "decompress", b"", size) == "bytes must be greater than 0"
    assert error_of(api, "decompress") == "bad argument #1 to 'decompress' (string expected, got no value)"
    assert error_of(api, "decompress", b"") == "bad argument #2 to 'decompress' (number expected, got no value)"
    assert error_of(api, "process_function") == "expected nil or function"
    assert error_of(api, "process_function", 5) == "expected nil or function"
    assert error_of(api, "decompress", frame_of(b"one"), 10**6) == "decompression failed"  # its buffer finds no room


@pytest.mark.reference("2.12 callback")
def test_without_a_callback_it_is_silent_and_takes_the_slot() -> None:
    """2.12: no callback: Frame silent; the hook is set all the same (1.9)."""
    board, compression = make()
    call(compression.api(), "process_function", None)
    call(compression.api(), "decompress", frame_of(b"one"), 4096)
    assert board.posted == [(None, b"one")]


def test_a_restart_of_the_vm_does_not_clear_the_function() -> None:
    """1.9: a C static like that of received data."""
    board, compression = make()
    compression.reset()
    call(compression.api(), "decompress", frame_of(b"one"), 4096)
    assert board.posted == [(function, b"one")]


@pytest.mark.reference("2.12 limits")
@pytest.mark.parametrize("strict", [False, True])
def test_more_than_4096_bytes_overrun_the_buffer(*, strict: bool) -> None:
    """2.12 and 5, Frame 12: Frame overruns memory; cut off here, a crash under strict."""
    board, compression = make(strict=strict)
    call(compression.api(), "decompress", frame_of(b"x" * 5000), 8192)
    assert board.posted == [(function, b"x" * 4096)]
    assert compression.overruns == 1
    assert board.crashes == strict


@pytest.mark.reference("2.12 limits")
@pytest.mark.parametrize("strict", [False, True])
def test_data_that_is_no_frame(*, strict: bool) -> None:
    """2.12: invalid magic: Frame reads wild memory; nothing comes of it here, a crash under strict."""
    board, compression = make(strict=strict)
    for data in (b"wrong", frame_of(b"one")[:-4]):
        call(compression.api(), "decompress", data, 100)
    assert board.crashes == 2 * strict


@pytest.mark.reference("2.12 limits")
def test_blocks_that_the_decoder_refuses() -> None:
    """2.12: larger than asked for, stored, damaged; what came before waits in the slot."""
    board, compression = make()
    whole = frame_of(b"one")
    for data in (
        frame_of(b"x" * 200),
        whole[:7] + struct.pack("<I", 3 | 1 << 31) + b"one" + bytes(4),
        whole[:-4] + struct.pack("<I", 1) + b"\xff" + bytes(4),
    ):
        assert error_of(compression.api(), "decompress", data, 100) == "decompression failed"
    assert board.posted == [(function, b"one")]
