"""The one hook slot of the Frame's Lua VM (device reference 3, Hooks, and 1.9).

Received data, taps, decompression and the break signal all install their hook in the same place: whoever comes later
replaces a hook that has not fired, and what that one was to deliver is lost.
"""

from __future__ import annotations

from collections.abc import Callable

from firmware_bridge.emulator.board import LuaValue
from firmware_bridge.emulator.vm import LuaFunction, LuaVm

Hook = Callable[[], tuple[LuaValue, ...]]


class HookSlot:
    """Holds at most one hook until Lua is between two instructions.

    Attributes:
        replaced: hooks that were lost because another one came before they fired.
    """

    def __init__(self) -> None:
        self.replaced = 0
        self._hook: Hook | None = None

    @property
    def pending(self) -> bool:
        """True where a hook waits."""
        return self._hook is not None

    def put(self, hook: Hook) -> None:
        """Install a hook; it is asked for its call when it fires."""
        if self._hook is not None:
            self.replaced += 1
        self._hook = hook

    def take(self) -> tuple[LuaValue, ...]:
        """What the pending hook does, as `Machine.take` says; the slot is empty afterwards."""
        hook, self._hook = self._hook, None
        return hook() if hook is not None else ()

    def clear(self) -> None:
        """A new VM starts without hooks."""
        self._hook = None


def break_signal() -> tuple[LuaValue, ...]:
    """The hook of a break."""
    return (b"break",)


def call(vm: LuaVm | None, function: object, arguments: tuple[LuaValue, ...]) -> tuple[LuaValue, ...]:
    """The call of a Lua function, or of nothing where the function belongs to a VM that is gone (1.9)."""
    if isinstance(function, LuaFunction) and function.vm is vm:
        return b"call", function.number, *arguments
    return (b"stale",)
