"""`frame.bluetooth` and the text output of the emulated Frame (device reference 1.3 to 1.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from firmware_bridge.emulator.board import Api, Args, LuaApiError, LuaValue, TakesCallback
from firmware_bridge.emulator.choices import Choices
from firmware_bridge.emulator.hooks import HookSlot
from firmware_bridge.emulator.radio import Air
from firmware_bridge.emulator.telemetry import Counters
from firmware_bridge.gatt import ATT_HEADER_BYTES, DATA, FRAME_MAX_MTU, MIN_MTU

_ADDRESS: Final = (0x4F, 0x52, 0x41, 0x4D, 0x45, 0x46)  # most significant byte first; the name ends in the first

SEND_S: Final = 60e-6  # estimate: one notification handed to the SoftDevice, about 4000 cycles


class Bluetooth:
    """The Lua side of the link.

    Args:
        name: as advertised; its two hexadecimal digits are the address's most significant byte (1.1).
        hooks: where received data waits.
        counters: what is lost is counted there.
        choices: what happens where the reference is not sure.
        charge: the processor's, in seconds.
        on_sent: gets each value handed to the radio.
        call: makes the hook's call of a Lua function.

    Attributes:
        address: as a host prints it; Lua sees its bytes in reverse (2.2).
    """

    def __init__(
        self,
        name: str,
        hooks: HookSlot,
        counters: Counters,
        *,
        choices: Choices,
        charge: Callable[[float], None],
        on_sent: Callable[[bytes], None],
        call: Callable[[LuaValue, bytes], tuple[LuaValue, ...]],
    ) -> None:
        self.address = _address(name)
        self._hooks = hooks
        self._counters = counters
        self._choices = choices
        self._charge = charge
        self._on_sent = on_sent
        self._call = call
        self._air: Air | None = None
        self._subscribed = False
        self._link_mtu = MIN_MTU
        self._usable_bytes = 0  # 1.3: 0 until the first MTU exchange, kept when the link goes
        self._callback: LuaValue = None  # 1.9: a C static, not cleared by a restart of the VM
        self._data = b""

    def api(self) -> Api:
        """The functions of `frame.bluetooth`."""
        return {
            "is_connected": lambda _args: self._air is not None,
            "address": lambda _args: ":".join(reversed(self.address.split(":"))),
            "max_length": lambda _args: self._usable_bytes - 1,
            "send": self._send,
            "receive_callback": TakesCallback(self._receive_callback),
        }

    @property
    def connected(self) -> bool:
        """Whether a host is connected."""
        return self._air is not None

    def on_connected(self, air: Air) -> None:
        """A host is connected."""
        self._air = air
        self._subscribed = False
        self._link_mtu = MIN_MTU

    def on_mtu(self, att_mtu: int) -> None:
        """The MTU was exchanged."""
        self._link_mtu = min(FRAME_MAX_MTU, att_mtu)
        self._usable_bytes = self._link_mtu - ATT_HEADER_BYTES

    def on_subscribed(self, on: bool) -> None:  # noqa: FBT001 - the state of the descriptor
        """The host switched notifications on or off."""
        self._subscribed = on

    def on_disconnected(self) -> None:
        """The link is gone."""
        self._air = None
        self._subscribed = False

    def on_data(self, data: bytes) -> None:
        """A data packet came, without its first byte. One buffer: the packet before may be overwritten."""
        if self._callback is None:
            return
        self._data = data
        self._hooks.put("data", self._deliver)

    def write_text(self, text: bytes) -> None:
        """lua_writestring: one notification, lost without a word where it cannot go (1.6)."""
        room = self._link_mtu - ATT_HEADER_BYTES
        if len(text) > room and self._choices.long_text == "cut":
            text = text[:room]
        if len(text) > room or not self._notify(text):
            self._counters.lost_prints += 1

    def _deliver(self) -> tuple[LuaValue, ...]:
        return self._call(self._callback, self._data)

    def _notify(self, value: bytes) -> bool:
        self._charge(SEND_S)
        if self._air is None or not self._subscribed or not self._air.notify(value):
            return False
        self._on_sent(value)
        return True

    def _send(self, args: Args) -> None:
        data = args.string(1)
        if len(data) + 1 > self._usable_bytes:
            raise LuaApiError("string length is greater than max_length()")
        if not self._notify(bytes([DATA]) + data):
            self._counters.busy_sends += 1
            raise LuaApiError("bluetooth is busy")

    def _receive_callback(self, args: Args) -> None:
        callback = args.raw(1)
        if len(args) == 0 or not (callback is None or callable(callback)):
            raise LuaApiError("expected nil or function")
        self._callback = callback


def _address(name: str) -> str:
    suffix = name[-2:]
    first = int(suffix, 16) if len(suffix) == 2 and set(suffix) <= set("0123456789ABCDEF") else _ADDRESS[0]
    return ":".join(f"{byte:02X}" for byte in (first, *_ADDRESS[1:]))
