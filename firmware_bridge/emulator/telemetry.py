"""What can be seen of an emulated device from outside: counters, and an observer that never steers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LinkState = Literal["connected", "paired", "disconnected"]


@dataclass(slots=True)
class Counters:
    """What happened since power on, for tests and benchmarks.

    Attributes:
        receive_overwrites: data packets lost because another hook took the slot before they were delivered (1.9).
        repl_overwrites: Lua texts lost because another one came before the REPL took them (1.5).
        lost_prints: pieces of print and error texts that found the link busy or absent (1.6).
        refused_packets: data packets that Halo's ring had no room for (1.9).
        busy_sends: calls of `frame.bluetooth.send` that raised "bluetooth is busy" (1.8).
        vm_starts: lives of the Lua VM, the first included.
        watchdog_resets: resets of the whole device by its watchdog (3).
        instructions: VM instructions run, in steps of the count hook.
    """

    receive_overwrites: int = 0
    repl_overwrites: int = 0
    lost_prints: int = 0
    refused_packets: int = 0
    busy_sends: int = 0
    vm_starts: int = 0
    watchdog_resets: int = 0
    instructions: int = 0


class DeviceObserver:
    """Gets told what the device does; derive from it and add it with `EmulatedFrame.observers.append`.

    Every method is called on the event loop's thread with the device's time in seconds, must return at once, must not
    change the device, and must treat texts and values as data from outside.
    """

    def printed(self, when_s: float, text: bytes) -> None:
        """One piece of print's output, whether or not it could be sent."""

    def failed(self, when_s: float, text: bytes) -> None:
        """A Lua error that reached the REPL, including the ones that the device swallows."""

    def received(self, when_s: float, value: bytes) -> None:
        """A value that the host wrote has arrived."""

    def sent(self, when_s: float, value: bytes) -> None:
        """A notification was handed to the radio."""

    def linked(self, when_s: float, state: LinkState) -> None:
        """A host connected, paired, or is gone."""

    def restarted(self, when_s: float, reason: str) -> None:
        """The VM starts: "power on", "reset", "watchdog" or "wake"."""
