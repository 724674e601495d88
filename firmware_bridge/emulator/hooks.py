"""The one hook slot of the Frame's Lua VM (device reference 3, Hooks, and 1.9).

Received data, taps, decompression and the break signal all install their hook in the same place: whoever comes later
replaces a hook that has not fired, and what that one was to deliver is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from firmware_bridge.emulator.board import LuaValue
from firmware_bridge.emulator.telemetry import Counters
from firmware_bridge.emulator.vm import LuaFunction, LuaVm

HookKind = Literal["break", "data", "call"]


class HookSlot:
    """Holds at most one hook until Lua is between two instructions.

    Args:
        counters: received data that never fired is counted there.
    """

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._kind: HookKind | None = None
        self._hook: Callable[[], tuple[LuaValue, ...]] | None = None

    @property
    def pending(self) -> bool:
        """True where a hook waits."""
        return self._hook is not None

    def put(self, kind: HookKind, hook: Callable[[], tuple[LuaValue, ...]]) -> None:
        """Install a hook; it is asked for its call when it fires (see `Machine.take`)."""
        self.clear()
        self._kind, self._hook = kind, hook

    def put_break(self) -> None:
        """Install the break signal."""
        self.put("break", lambda: (b"break",))

    def take(self) -> tuple[LuaValue, ...]:
        """What the pending hook does; the slot is empty afterwards."""
        hook, self._hook, self._kind = self._hook, None, None
        return hook() if hook is not None else ()

    def clear(self) -> None:
        """Forget what is pending."""
        if self._kind == "data":
            self._counters.receive_overwrites += 1
        self._kind = self._hook = None


def call(vm: LuaVm | None, function: LuaValue, arguments: tuple[LuaValue, ...]) -> tuple[LuaValue, ...]:
    """The call of a Lua function, or of a nil value where the function belongs to a VM that is gone (1.9)."""
    if function is None:
        return ()
    if isinstance(function, LuaFunction) and function.vm is vm:
        return b"call", function.number, *arguments
    return (b"stale",)
