"""The emulated Halo's LZ4 decompression (device reference 2.12)."""

from __future__ import annotations

from collections import deque
from typing import Final

from firmware_bridge.emulator import lz4
from firmware_bridge.emulator.board import Api, Args, LuaApiError, LuaValue, TakesCallback
from firmware_bridge.emulator.halo.bluetooth import EventBoard

BUFFER_BYTES: Final = 4096  # 2.12: the one output buffer
BLOCK_MAX_BYTES: Final = 1 << 20  # 2.12
BAD_MAGIC: Final = -21  # 2.12
TOO_SHORT: Final = -20
DAMAGED: Final = -22  # EINVAL: a block longer than the data
_HEADER_BYTES: Final = 5
_BYTE_S: Final = 0.05e-6  # estimate: eight cycles of the 160 MHz processor for each byte put out


class Compression:
    """The compression part of the Lua API (`frame.compression`).

    As on Frame the hook that hands a block over fires after `decompress` has returned, so of several blocks the last
    one is delivered. A block that is too large is cut.

    Attributes:
        lost_blocks: blocks that a later one replaced before it was delivered.
    """

    def __init__(self, board: EventBoard, *, keeps_all: bool = False) -> None:
        """No process function.

        Args:
            board: the device.
            keeps_all: every block is handed over, in turn, as in firmware after 0.8.8.
        """
        self._blocks: deque[bytes] | None = deque() if keeps_all else None
        self.lost_blocks = 0
        self._board = board
        self._function: LuaValue = None

    def reset(self) -> None:
        """The Lua VM starts: the function is gone."""
        self._function = None

    def interrupt(self) -> None:
        """0x03: the function is gone (1.7)."""
        self.reset()

    def api(self) -> Api:
        """The functions of `frame.compression`."""
        return {"process_function": TakesCallback(self._process_function), "decompress": self._decompress}

    def _process_function(self, args: Args) -> None:
        function = args.raw(1)
        if len(args) == 0 or not (function is None or callable(function)):
            raise LuaApiError("expected function or nil")
        self._function = function

    def _decompress(self, args: Args) -> None:
        data, block_size = args.string(1), args.integer(2)
        if block_size <= 0:
            raise LuaApiError("block_size must be greater than 0")
        if block_size > BLOCK_MAX_BYTES:
            raise LuaApiError("block_size too large (max 1MB)")
        if self._function is None:
            raise LuaApiError("no process_function registered")
        if len(data) < _HEADER_BYTES:
            raise LuaApiError(f"decompression failed: {TOO_SHORT}")
        if int.from_bytes(data[:4], "little") != lz4.MAGIC:
            raise LuaApiError(f"decompression failed: {BAD_MAGIC}")
        last: bytes | None = None
        try:
            for content in lz4.blocks(data, block_size):
                self._board.charge(len(content) * _BYTE_S)
                self.lost_blocks += last is not None and self._blocks is None
                last = content[:BUFFER_BYTES]
                self._hand_over(last)
        except lz4.BlockError as error:
            raise LuaApiError("decompression failed: -1") from error
        except lz4.FrameError as error:
            if "within" in str(error):
                raise LuaApiError(f"decompression failed: {DAMAGED}") from error

    def _hand_over(self, content: bytes) -> None:
        if self._blocks is not None:
            self._blocks.append(content)
            self._board.signal(self._next_block)
            return
        self._board.signal(lambda: self._board.event(self._function, content))

    def _next_block(self) -> tuple[LuaValue, ...]:
        assert self._blocks is not None  # noqa: S101 - it is what signalled
        content = self._blocks.popleft() if self._blocks else None
        if self._blocks:
            self._board.signal(self._next_block)
        return () if content is None else self._board.event(self._function, content)
