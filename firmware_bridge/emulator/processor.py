"""The device's processor: one program in a greenlet, its time charged to the device clock.

The program (Lua and the Python functions it calls) runs ahead of the clock by at most `QUANTUM_S` of device time, then
control goes back to the event loop, which resumes it when the clock has caught up. No task, no thread: one timer per
switch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import greenlet

from firmware_bridge.emulator.clock import DeviceClock, DeviceTimer

QUANTUM_S: Final = 200e-6  # a fifth of the firmware's own 1 ms tick
WATCHDOG_S: Final = 6.0  # 3: hardware watchdog
_NEVER: Final = float("inf")

INSTRUCTION_S: Final = 1.5e-6
"""Estimate of one Lua VM instruction on a Cortex-M4 at 64 MHz: about 100 cycles, half for fetching and decoding out of
flash with wait states, half for the instruction's own work (table access, allocation and garbage collection included).
It is no measurement; `slow=1` takes four times as much."""


class Processor:
    """Runs one program at a time and knows the device's time.

    Args:
        clock: the device clock.
        on_watchdog: called on the event loop when the program has not fed the watchdog for 6 s; the program is stuck
            in one call and must be stopped.
    """

    def __init__(self, clock: DeviceClock, on_watchdog: Callable[[], None]) -> None:
        self._clock = clock
        self._on_watchdog = on_watchdog
        self._greenlet: greenlet.greenlet | None = None
        self._timer: DeviceTimer | None = None
        self._base_s = clock.now()
        self._ahead_s = 0.0
        self._fed_s = self._base_s
        self._can_wake = False
        self.dead = False

    @property
    def running(self) -> bool:
        """True while the program's own code is on the stack of the caller."""
        return self._greenlet is not None and greenlet.getcurrent() is self._greenlet

    def now(self) -> float:
        """Device seconds; the program's own time while it runs, the clock's otherwise."""
        if self.running:
            return self._base_s + self._ahead_s
        return max(self._base_s, self._clock.now())

    def start(self, program: Callable[[], None]) -> None:
        """Begin a program, once whoever calls has returned."""
        self.dead = False
        self._base_s = max(self._base_s, self._clock.now())
        self._ahead_s = 0.0
        self._fed_s = self._base_s
        self._greenlet = greenlet.greenlet(program)
        self._timer = self._clock.call_at(self._base_s, self._resume, self._base_s)

    def stop(self) -> None:
        """End the program: all waits and charges return at once from here on, and it is run to its end. From the
        event loop only.
        """
        self.dead = True
        program = self._greenlet
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if program is not None and program:
            program.switch()
        self._greenlet = None

    def charge(self, seconds: float) -> None:
        """The program is busy for so long."""
        self._ahead_s += seconds

    def feed(self) -> None:
        """Feed the watchdog."""
        self._fed_s = self._base_s + self._ahead_s

    def settle(self) -> None:
        """Let the clock catch up if the program is ahead of it by more than a quantum."""
        if self._ahead_s < QUANTUM_S or self.dead:
            return
        self._switch(self._base_s + self._ahead_s)

    def wait(self, seconds: float | None, *, interruptible: bool = True, fed: bool = True) -> None:
        """Do nothing for so long, or until `wake`; None: until `wake` only. `fed`: the watchdog is fed meanwhile."""
        if self.dead:
            return
        if fed:
            self._fed_s = _NEVER
        self._can_wake = interruptible
        self._switch(_NEVER if seconds is None else self._base_s + self._ahead_s + seconds)
        self._can_wake = False
        if fed:
            self._fed_s = self._base_s

    def wake(self) -> None:
        """End the wait the program is in; without effect if it is in none. From the event loop only."""
        if not self._can_wake:
            return
        self._can_wake = False
        if self._timer is not None:
            self._timer.cancel()
        when = max(self._base_s + self._ahead_s, self._clock.now())
        self._timer = self._clock.call_at(when, self._resume, when)

    def _switch(self, when: float) -> None:
        """To the event loop; it resumes the program at a device time."""
        stuck_at = self._fed_s + WATCHDOG_S
        if when > stuck_at:
            self._timer = self._clock.call_at(stuck_at, self._on_watchdog)
        elif when < _NEVER:
            self._timer = self._clock.call_at(when, self._resume, when)
        else:
            self._timer = None
        greenlet.getcurrent().parent.switch()

    def _resume(self, when: float) -> None:
        self._timer = None
        self._base_s = max(self._base_s, when)
        self._ahead_s = 0.0
        program = self._greenlet
        if program is not None:
            program.switch()
