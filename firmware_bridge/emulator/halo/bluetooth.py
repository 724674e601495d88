"""`frame.bluetooth` and the text output of the emulated Halo (device reference 1.3 to 1.9)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from firmware_bridge.emulator.board import Api, Args, Board, LuaApiError, LuaOperationError, LuaValue, TakesCallback
from firmware_bridge.emulator.halo.events import Drain
from firmware_bridge.emulator.options import HALO_MTU
from firmware_bridge.emulator.radio import Air
from firmware_bridge.emulator.telemetry import Counters
from firmware_bridge.gatt import DATA, INSUFFICIENT_RESOURCES, MIN_MTU

RING_BYTES: Final = 4097  # 1.9
PENDING_BYTES: Final = 4096  # 1.9
BORDER_BYTES: Final = 2  # after 0.8.8: the length before each packet in the ring
BUFFER_MAX_BYTES: Final = 65_536  # after 0.8.8, estimate
PIECE_MAX_BYTES: Final = 512  # 1.8: of a fragment of `send`
DATA_THREAD_S: Final = 0.002
"""Estimate: how long a packet lies in the ring until the data thread takes everything that is in it: packets of one
connection event come to the callback as one (1.9)."""
UNHEARD_S: Final = 0.010  # 1.6: what a notification takes that nobody would hear
SEND_S: Final = 40e-6  # estimate: one notification handed to the stack
_ADDRESS: Final = (0xEC, 0xF7, 0xF1, 0x4F, 0x48, 0x4C)  # most significant byte first; random static


class Waits(Protocol):
    """How a device function waits (`HaloRuntime`)."""

    def pause(self, seconds: float) -> None:
        """Wait, whatever comes."""
        ...

    def block(self, ready: Callable[[], bool], seconds: float | None = None) -> None:
        """Wait until something is the case."""
        ...


class EventBoard(Board, Protocol):
    """A board with Halo's hook slot."""

    def signal(self, drain: Drain) -> None:
        """Install a hook."""
        ...

    def event(self, function: LuaValue, *arguments: LuaValue) -> tuple[LuaValue, ...]:
        """What a hook does that calls a Lua function, or that calls none (None)."""
        ...


class Bluetooth:
    """The Lua side of the link.

    Args:
        board: the device.
        waits: how it waits.
        name: as advertised; its two hexadecimal digits are the fourth byte of the address (1.1).
        counters: what is lost is counted there.
        header_bytes: what the firmware subtracts from the MTU (`choices.py`).
        keeps_borders: each packet is a call of its own, as in firmware after 0.8.8.
        on_sent: gets each value handed to the radio.

    Attributes:
        address: as a host prints it, and as Lua sees it (2.2).
    """

    def __init__(
        self,
        board: EventBoard,
        waits: Waits,
        name: str,
        counters: Counters,
        *,
        header_bytes: int,
        keeps_borders: bool = False,
        on_sent: Callable[[bytes], None],
    ) -> None:
        self.address = _address(name)
        self._board = board
        self._waits = waits
        self._counters = counters
        self._header_bytes = header_bytes
        self._on_sent = on_sent
        self._air: Air | None = None
        self._subscribed = False
        self._mtu = MIN_MTU
        self._keeps_borders = keeps_borders
        self._frames: deque[bytes] = deque()
        self._ring = bytearray()
        self._ring_bytes = RING_BYTES
        self._taking = False
        self._pending: bytes | None = None
        self._callback: LuaValue = None

    def api(self) -> Api:
        """The functions of `frame.bluetooth`."""
        return {
            "is_connected": lambda _args: self._air is not None,
            "address": lambda _args: self.address,
            "max_length": lambda _args: max(self._usable_bytes - 1, 0),
            "send": self._send,
            "receive_callback": TakesCallback(self._receive_callback),
            **({"receive_buffer_size": self._receive_buffer_size} if self._keeps_borders else {}),
        }

    def reset(self) -> None:
        """The Lua VM starts: the callback is gone."""
        self._callback = self._pending = None

    def interrupt(self) -> None:
        """0x03: the callback is gone (1.7)."""
        self.reset()

    # The link

    @property
    def connected(self) -> bool:
        """Whether a host is connected."""
        return self._air is not None

    def on_connected(self, air: Air) -> None:
        """A host is connected."""
        self._air = air
        self._subscribed = False
        self._mtu = MIN_MTU

    def on_mtu(self, att_mtu: int) -> None:
        """The MTU was exchanged."""
        self._mtu = min(HALO_MTU, att_mtu)

    def on_subscribed(self, on: bool) -> None:  # noqa: FBT001 - the state of the descriptor
        """The host switched notifications on or off."""
        self._subscribed = on

    def on_disconnected(self) -> None:
        """The link is gone, and what lay in the ring."""
        self._air = None
        self._subscribed = False
        self.clear()

    def clear(self) -> None:
        """Forget what no callback has got."""
        self._ring.clear()
        self._frames.clear()

    # In

    def on_data(self, data: bytes) -> int:
        """A data packet came, without its first byte. Returns 0, or an ATT error where there is no room (1.9)."""
        if self._keeps_borders and self._callback is None:
            return 0  # what nobody takes fills no queue
        held = sum(len(frame) + BORDER_BYTES for frame in self._frames) + self._keeps_borders * BORDER_BYTES
        if held + len(self._ring) + len(data) > self._ring_bytes:
            self._counters.refused_packets += 1
            return INSUFFICIENT_RESOURCES
        if self._keeps_borders:
            self._frames.append(data)
            self._board.signal(self._deliver_frame)
            return 0
        self._ring += data
        self._take_soon()
        return 0

    def _take_soon(self) -> None:
        if self._ring and not self._taking:
            self._taking = True
            self._board.call_at(self._board.now() + DATA_THREAD_S, self._take)

    def _take(self) -> None:
        """The data thread: everything in the ring is one piece, and overwrites the one before (1.9)."""
        self._taking = False
        data = bytes(self._ring[:PENDING_BYTES])
        del self._ring[:PENDING_BYTES]
        self._take_soon()
        if not data or self._callback is None:
            return
        if self._pending is not None:
            self._counters.receive_overwrites += 1
        self._pending = data
        self._board.signal(self._deliver)

    def _deliver(self) -> tuple[LuaValue, ...]:
        data, self._pending = self._pending, None
        return () if data is None else self._board.event(self._callback, data)

    def _deliver_frame(self) -> tuple[LuaValue, ...]:
        """One packet, in turn; without a callback it is gone."""
        if not self._frames:
            return ()
        data = self._frames.popleft()
        if self._frames:
            self._board.signal(self._deliver_frame)
        return self._board.event(self._callback, data)

    def _receive_buffer_size(self, args: Args) -> LuaValue:
        if len(args) == 0:
            return self._ring_bytes - 1
        size = args.integer(1)
        if not PENDING_BYTES <= size <= BUFFER_MAX_BYTES:
            raise LuaApiError(f"size must be between {PENDING_BYTES} and {BUFFER_MAX_BYTES}")
        self._ring_bytes = size + 1
        return None

    def _receive_callback(self, args: Args) -> None:
        callback = args.raw(1)
        if len(args) == 0 or not (callback is None or callable(callback)):
            raise LuaApiError("expected function or nil")
        self._callback = callback
        self._pending = None

    # Out

    def write_text(self, text: bytes) -> None:
        """lua_writestring: in pieces that fit, each waited for; nobody who listens costs 10 ms (1.6)."""
        if not self._heard:
            self._counters.lost_prints += 1
            self._waits.pause(UNHEARD_S)
            return
        for at in range(0, len(text), self._usable_bytes):
            if not self._notify(text[at : at + self._usable_bytes]):
                self._counters.lost_prints += 1
                return

    def _send(self, args: Args) -> None:
        data = args.string(1)
        if self._air is None:
            raise LuaApiError("not connected")
        room = min(self._usable_bytes - 1, PIECE_MAX_BYTES)
        if room <= 0:
            raise LuaApiError("invalid MTU size")
        for at in range(0, len(data), room):
            if not self._heard:
                self._waits.pause(UNHEARD_S)
            if not self._heard or not self._notify(bytes([DATA]) + data[at : at + room]):
                # Known bug (1.8): the firmware's own message cannot be made, and this is the error instead.
                raise LuaOperationError("invalid conversion '%u' to 'lua_pushfstring'")

    def _notify(self, value: bytes) -> bool:
        """Send one notification and wait until it is out. Returns False where the link went meanwhile."""
        self._board.charge(SEND_S)
        sent = False

        def taken() -> bool:
            nonlocal sent
            sent = sent or (self._air is not None and self._air.notify(value))
            return sent or self._air is None

        self._waits.block(taken)
        if sent:
            self._on_sent(value)
        return sent

    @property
    def _heard(self) -> bool:
        return self._air is not None and self._subscribed

    @property
    def _usable_bytes(self) -> int:
        """Of one notification; while nobody is connected, under the largest MTU (1.3)."""
        return (self._mtu if self._air is not None else HALO_MTU) - self._header_bytes


def _address(name: str) -> str:
    suffix = name[-2:]
    fourth = int(suffix, 16) if len(suffix) == 2 and set(suffix) <= set("0123456789ABCDEF") else _ADDRESS[3]
    return ":".join(f"{byte:02X}" for byte in (*_ADDRESS[:3], fourth, *_ADDRESS[4:]))
