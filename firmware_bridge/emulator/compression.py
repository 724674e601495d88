"""The emulated Frame's LZ4 decompression (device reference 2.12)."""

from __future__ import annotations

from typing import Final

from firmware_bridge.emulator import lz4
from firmware_bridge.emulator.board import Api, Args, Board, LuaApiError, LuaValue

BUFFER_BYTES: Final = 4096  # 2.12: the one output buffer
_BYTE_S: Final = 0.5e-6  # estimate: 32 cycles of the 64 MHz processor for each byte put out


class Compression:
    """The compression part of the Lua API (`frame.compression`).

    All blocks of one `decompress` go through one buffer, and the hook that hands it to `process_function` fires only
    after `decompress` has returned: of several blocks the last one is delivered, of several calls in one statement the
    last call's (2.12; 5, Frame 12).

    Attributes:
        overruns: blocks larger than the buffer, which on the device overwrite other memory.
        lost_blocks: blocks that a later one replaced before it was delivered.
    """

    def __init__(self, board: Board) -> None:
        """No process function."""
        self.overruns = 0
        self.lost_blocks = 0
        self._board = board
        self._function: LuaValue = None

    def reset(self) -> None:
        """The Lua VM starts: a function of the old one cannot be called any more."""
        self._function = None

    def api(self) -> Api:
        """The functions of `frame.compression`."""
        return {"process_function": self._process_function, "decompress": self._decompress}

    def _process_function(self, args: Args) -> None:
        if len(args) == 0 or not (args.raw(1) is None or callable(args.raw(1))):
            raise LuaApiError("expected nil or function")  # text as of Frame's other callbacks
        self._function = args.raw(1)

    def _decompress(self, args: Args) -> None:
        data, block_size = args.string(1), args.integer(2)
        if block_size <= 0:
            raise LuaApiError("bytes must be greater than 0")
        last: bytes | None = None
        try:
            for content in lz4.blocks(data, min(block_size, _LIMIT)):
                self._board.charge(len(content) * _BYTE_S)
                self.lost_blocks += last is not None
                last = content
        except lz4.Lz4Error as error:
            # The device reads wild memory or stops where it is; what was decompressed before stays in the buffer.
            if self._board.strict:
                raise LuaApiError(f"decompression failed: {error}") from error
        if last is not None and self._function is not None:
            self._deliver(last)

    def _deliver(self, content: bytes) -> None:
        if len(content) > BUFFER_BYTES:
            self.overruns += 1
            if self._board.strict:
                raise LuaApiError("decompression failed: memory overrun")  # the device would crash
        self._board.post(self._function, content[:BUFFER_BYTES])


_LIMIT: Final = 1 << 20  # far beyond what the heap could ever hold
