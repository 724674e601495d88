"""What waits to be let into Halo's Lua between two instructions (device reference 1.7 and 3, Hooks).

As on Frame there is one hook slot: what installs its hook later replaces a hook that has not fired. Other than there
the interrupt (0x03) stays and is raised again and again until the next line of the prompt takes it back, and the
errors of callbacks hit nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from firmware_bridge.emulator.board import LuaValue

Drain = Callable[[], tuple[LuaValue, ...]]
"""What the hook does when it fires: ("event", handle number, arguments...), or () where it does nothing."""


class Events:
    """The hook slot.

    Args:
        one_slot: a later hook replaces one that has not fired; firmware after 0.8.8 keeps both.

    Attributes:
        interrupted: 0x03 came, and no line of the prompt has been run since.
    """

    def __init__(self, *, one_slot: bool = True) -> None:
        self.interrupted = False
        self._one_slot = one_slot
        self._drains: list[Drain] = []

    @property
    def pending(self) -> bool:
        """True where a hook waits."""
        return self.interrupted or self.waiting

    @property
    def waiting(self) -> bool:
        """True where a callback waits."""
        return bool(self._drains)

    def put(self, drain: Drain) -> None:
        """Install a hook."""
        if self._one_slot:
            self._drains.clear()
        if drain not in self._drains:
            self._drains.append(drain)

    def take(self) -> tuple[LuaValue, ...]:
        """What the pending hook does; an interrupt stays pending."""
        if self.interrupted:
            return (b"interrupt",)
        return self._drains.pop(0)() if self._drains else ()

    def clear(self) -> None:
        """Forget what is pending."""
        self.interrupted = False
        self._drains.clear()
