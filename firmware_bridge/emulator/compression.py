"""The emulated Frame's LZ4 decompression (device reference 2.12)."""

from __future__ import annotations

from typing import Final

from firmware_bridge.emulator import lz4
from firmware_bridge.emulator.board import Api, Args, FrameBoard, LuaApiError, LuaValue, TakesCallback

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

    def __init__(self, board: FrameBoard) -> None:
        """No process function."""
        self.overruns = 0
        self.lost_blocks = 0
        self._board = board
        self._function: LuaValue = None

    def reset(self) -> None:
        """The Lua VM starts: the function is a C static like that of received data (1.9), stale from here on."""

    def api(self) -> Api:
        """The functions of `frame.compression`."""
        return {"process_function": TakesCallback(self._process_function), "decompress": self._decompress}

    def _process_function(self, args: Args) -> None:
        if len(args) == 0 or not (args.raw(1) is None or callable(args.raw(1))):
            raise LuaApiError("expected nil or function")
        self._function = args.raw(1)

    def _decompress(self, args: Args) -> None:
        data, block_size = args.string(1), args.integer(2)
        if block_size <= 0:
            raise LuaApiError("bytes must be greater than 0")
        if block_size > self._board.free_heap():
            raise LuaApiError("decompression failed")
        last: bytes | None = None
        try:
            for content in lz4.blocks(data, block_size):
                self._board.charge(len(content) * _BYTE_S)
                self.lost_blocks += last is not None
                last = content
                self._take_slot(content)
        except lz4.BlockError as error:
            raise LuaApiError("decompression failed") from error
        except lz4.FrameError:
            self._run_wild()

    def _take_slot(self, content: bytes) -> None:
        """The hook slot is taken for each block, with or without a function."""
        if len(content) > BUFFER_BYTES:
            self.overruns += 1
            self._run_wild()
        self._board.post(self._function, content[:BUFFER_BYTES])

    def _run_wild(self) -> None:
        if self._board.choices.wild_memory == "crash":
            self._board.crash()
