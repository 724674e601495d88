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

    Attributes:
        interrupted: 0x03 came, and no line of the prompt has been run since.
    """

    def __init__(self) -> None:
        self.interrupted = False
        self._drain: Drain | None = None

    @property
    def pending(self) -> bool:
        """True where a hook waits."""
        return self.interrupted or self._drain is not None

    @property
    def waiting(self) -> bool:
        """True where a callback waits."""
        return self._drain is not None

    def put(self, drain: Drain) -> None:
        """Install a hook."""
        self._drain = drain

    def take(self) -> tuple[LuaValue, ...]:
        """What the pending hook does; an interrupt stays pending."""
        if self.interrupted:
            return (b"interrupt",)
        drain, self._drain = self._drain, None
        return drain() if drain is not None else ()

    def clear(self) -> None:
        """Forget what is pending."""
        self.interrupted = False
        self._drain = None
