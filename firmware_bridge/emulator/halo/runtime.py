"""What Halo's firmware does with Lua: starts the VM, runs main.lua, then its line-oriented REPL (1.4, 1.5, 1.7, 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from firmware_bridge.emulator.halo.choices import HaloChoices
from firmware_bridge.emulator.halo.events import Events
from firmware_bridge.emulator.machine import SLOW_FACTOR, End, LuaHardware, LuaMachine
from firmware_bridge.emulator.processor import Processor
from firmware_bridge.emulator.telemetry import Counters
from firmware_bridge.emulator.vm import LuaVm
from firmware_bridge.gatt import INSUFFICIENT_RESOURCES

BOOT: Final = b"require('main')"  # 3
NO_MAIN: Final = b"[string \"require('main')\"]:1: cannot open file: main.lua"  # 3: this one error is not sent
IDLE: Final = b"frame.yield()"  # 1.5: what the idle prompt runs so that hooks can fire
REPL_POLL_S: Final = 0.020  # 1.5
RING_BYTES: Final = 1025  # 1.5: each text with its newline
LINE_BYTES: Final = 1024  # 1.5: what the prompt holds of lines that are not run yet
VM_START_S: Final = 0.050  # estimate: the libraries
COLLECTION_S_PER_KIB: Final = 15e-6  # estimate, as that of Frame: 160 MHz with caches instead of 64 without
HEAP_BYTES: Final = 352_256 + 458_752  # 3: two heaps, shared by everything
SLICE_S: Final = 0.1  # 2.1: what a sleep is cut into


class Hardware(LuaHardware, Protocol):
    """The rest of the device, as the runtime needs it."""

    choices: HaloChoices

    def interrupt_parts(self) -> None:
        """0x03: callbacks and peripherals are let go of."""
        ...


class HaloRuntime(LuaMachine):
    """Runs Lua as Halo does.

    Args:
        hardware: the rest of the device.
        processor: what charges time.
        events: what waits to be let in between two instructions.
        counters: see `LuaMachine`.
        slow: run Lua four times slower.
        later: as in firmware after 0.8.8: 0x04 breaks off what runs, `require` remembers nothing.
        on_end: see `LuaMachine`.
    """

    dialect = "halo/prelude_halo.lua"

    def __init__(
        self,
        hardware: Hardware,
        processor: Processor,
        events: Events,
        counters: Counters,
        *,
        slow: bool,
        later: bool = False,
        on_end: Callable[[End], None],
    ) -> None:
        super().__init__(
            hardware,
            processor,
            events,
            counters,
            heap_bytes=HEAP_BYTES,
            instruction_s=hardware.choices.instruction_s * (SLOW_FACTOR if slow else 1.0),
            collection_s_per_kib=COLLECTION_S_PER_KIB,
            on_end=on_end,
        )
        self._hardware = hardware
        self._later = later
        self._events = events
        self._ring = bytearray()
        self._lines = bytearray()
        self._runs = False
        self._rested = False
        self._sleep_interrupted = False

    # From outside

    def write(self, text: bytes) -> int:
        """A text came for the REPL. Returns 0, or an ATT error where there is no room (1.5)."""
        if len(self._ring) + len(text) + 1 > RING_BYTES:
            self._counters.repl_overwrites += 1
            return INSUFFICIENT_RESOURCES
        self._ring += text + b"\n"
        self._processor.wake()
        return 0

    def clear(self) -> None:
        """Forget the texts that wait."""
        self._ring.clear()

    def interrupt(self) -> None:
        """0x03: whatever runs fails with "interrupted", again and again, until the next line (1.7)."""
        self._events.interrupted = self._sleep_interrupted = True
        self._hardware.interrupt_parts()
        self._processor.wake()

    def restart_vm(self) -> None:
        """0x04: a new VM once what runs has returned (1.4); later firmware breaks it off."""
        self._runs = False
        if self._later:
            self._rested = self._events.interrupted = self._sleep_interrupted = True
        self._processor.wake()

    def wake_up(self) -> None:
        """Light sleep is over: whatever runs is broken off without a word, and a new VM begins (2.1)."""
        self._rested = self._events.interrupted = True
        self.restart_vm()

    def exit(self) -> None:
        """0x06: no more Lua until the device starts again (1.4)."""
        self.over = self._events.interrupted = self._sleep_interrupted = True
        self.restart_vm()

    # For the parts, inside one of the program's calls

    @property
    def quiet(self) -> bool:
        """Whether an error is only the end of what ran, and nobody's fault (1.5)."""
        return self.over or self._rested or self._processor.dead

    def sleep(self, seconds: float) -> bool:
        """`frame.sleep`: no callback runs meanwhile. Returns False where 0x03 cut it short, at the end of a slice."""
        processor = self._processor
        self._sleep_interrupted = False
        start = processor.now()
        until = start + seconds
        while processor.now() < until and not self._sleep_interrupted and not processor.dead:
            processor.wait(until - processor.now())
        if self._sleep_interrupted:
            self._sleep_interrupted = False
            slices = int((processor.now() - start) / SLICE_S) + 1
            self.pause(min(start + slices * SLICE_S, until) - processor.now())
            return False
        return True

    def take_stale_interrupt(self) -> bool:
        """Whether 0x03 has come since the last sleep; it is forgotten (2.1, standby)."""
        stale, self._sleep_interrupted = self._sleep_interrupted, False
        return stale

    def pause(self, seconds: float) -> None:
        """Wait, whatever comes."""
        if seconds > 0:
            self._processor.wait(seconds, interruptible=False)

    def block(self, ready: Callable[[], bool], seconds: float | None = None) -> None:
        """Wait until something is the case, looked at whenever anything happens; at most so long."""
        processor = self._processor
        until = None if seconds is None else processor.now() + seconds
        while not ready() and not processor.dead and (until is None or processor.now() < until):
            processor.wait(None if until is None else until - processor.now())

    # Machine

    def dialect_functions(self) -> Mapping[str, Callable[..., Any]]:
        """Machine."""
        return {"pending": lambda: self._events.pending, "remembers": lambda: not self._later}

    def hooked(self, by_program: bool) -> None:  # noqa: FBT001
        """Machine: the watchdog has a thread of its own."""

    def tick(self, instructions: int, feeds: bool) -> bytes | bool:  # noqa: ARG002, FBT001
        """Machine: the watchdog has a thread of its own (3)."""
        return super().tick(instructions, True)

    def settle(self) -> bool:
        """Machine."""
        self._processor.feed()
        return super().settle()

    # The program

    def _begin(self) -> None:
        self._runs = True
        self._events.clear()
        self._rested = self._sleep_interrupted = False
        self._lines.clear()
        self._hardware.reset_parts()
        self._processor.charge(VM_START_S)

    def live(self, vm: LuaVm) -> None:
        """LuaMachine: from the start of the VM until 0x04, 0x05 or 0x06 has stopped it."""
        failure = vm.run(BOOT)
        if failure != NO_MAIN:
            self._report(failure)
        while self._runs and not self._processor.dead:
            if not self._ring:
                self._idle(vm)
                continue
            room = LINE_BYTES - len(self._lines)
            self._lines += self._ring[:room]
            del self._ring[:room]
            self._run_lines(vm)

    def _run_lines(self, vm: LuaVm) -> None:
        """Each line is a chunk of its own."""
        while (end := self._lines.find(b"\n")) >= 0 and self._runs and not self._processor.dead:
            line = bytes(self._lines[:end])
            del self._lines[: end + 1]
            if line:
                self._events.interrupted = False
                self._report(vm.run(line.split(b"\0", 1)[0]))
        if len(self._lines) >= LINE_BYTES:
            self._lines.clear()  # 1.5: a line that fills the buffer

    def _idle(self, vm: LuaVm) -> None:
        """Wait for a text; where a callback waits, the next poll lets it in."""
        start = self._processor.now()
        self.block(lambda: bool(self._ring) or self._events.waiting or not self._runs)
        if self._ring or not self._runs or self._processor.dead:
            return
        polled = (self._processor.now() - start) % REPL_POLL_S
        self.block(lambda: bool(self._ring) or not self._runs, REPL_POLL_S - polled)
        if not self._ring and self._runs and not self._processor.dead:
            self._events.interrupted = False  # there is nothing to break off
            vm.run(IDLE)

    def _report(self, failure: bytes | bool | None) -> None:  # noqa: FBT001 - a result of LuaVm.run
        """Send an error as two notifications, the text and a newline (1.5)."""
        if failure is None or self.quiet:
            return
        self._observe_failure(failure)
        if isinstance(failure, bytes):
            self._hardware.write_text(failure)
            self._hardware.write_text(b"\n")
