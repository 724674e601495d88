"""What the Frame's firmware does with Lua: starts the VM, runs main.lua, then its REPL, until a reset (1.4, 1.5, 3).

It is the program of the device's processor, and the machine around its VM.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol

from firmware_bridge.emulator.board import LuaValue
from firmware_bridge.emulator.choices import Choices
from firmware_bridge.emulator.hooks import HookSlot
from firmware_bridge.emulator.processor import INSTRUCTION_S, Processor
from firmware_bridge.emulator.telemetry import Counters, DeviceObserver
from firmware_bridge.emulator.vm import DEAD, LuaVm
from firmware_bridge.gatt import RESET

BOOT: Final = b"frame.stay_awake(false); require('main')"  # 3
NO_MAIN: Final = b"[string \"require('main')\"]:1: cannot open file: main.lua"  # 3: compared, but never equal
REPL_POLL_S: Final = 0.010  # 1.5
REPL_CHARACTERS: Final = 246  # 1.5: 247 bytes with the NUL
TICK_S: Final = 0.001  # 2.1: what `frame.sleep` is accurate to
VM_START_S: Final = 0.030  # estimate: the libraries and the palette
SLOW_FACTOR: Final = 4.0  # how much slower `slow=1` runs Lua
COLLECTION_S_PER_KIB: Final = 60e-6
"""Estimate of a whole garbage collection: per KiB about 25 objects, each marked and swept in about 150 cycles."""
AWAKE_SLEEP_S: Final = 0.1  # 2.1: what `frame.sleep()` waits where the device stays awake

End = Literal["", "off", "restart", "update"]


class Hardware(Protocol):
    """The rest of the device, as the Lua port needs it."""

    choices: Choices
    random: random.Random
    observers: list[DeviceObserver]

    def lua_api(self) -> Mapping[str, Any]:
        """What becomes the table `frame`."""
        ...

    def reset_parts(self) -> None:
        """A VM starts: every part's `reset`."""
        ...

    def splash(self) -> None:
        """Draw what the firmware shows when main.lua is over."""
        ...

    def write_text(self, text: bytes) -> None:
        """lua_writestring."""
        ...

    def read_module(self, name: bytes) -> bytes:
        """The text of a module. Raises LuaApiError."""
        ...

    def stays_awake(self) -> bool:
        """Whether `frame.sleep()` must not switch the device off."""
        ...


class LuaPort:
    """Runs Lua on the device's processor; implements `Machine` of `vm.py`.

    Args:
        hardware: the rest of the device.
        processor: what charges time.
        hooks: what waits to be let in between two instructions.
        counters: VM starts, instructions, overwritten texts are counted there.
        slow: run Lua four times slower.
        on_end: called by the event loop when the program has ended by itself: "off" by `frame.sleep()`, "update" by
            `frame.update()`, "restart" where the firmware crashes.
    """

    def __init__(
        self,
        hardware: Hardware,
        processor: Processor,
        hooks: HookSlot,
        counters: Counters,
        *,
        slow: bool,
        on_end: Callable[[End], None],
    ) -> None:
        self._hardware = hardware
        self._processor = processor
        self._hooks = hooks
        self._counters = counters
        self._instruction_s = INSTRUCTION_S * (SLOW_FACTOR if slow else 1.0)
        self._on_end = on_end
        self._text = b""  # the REPL's one slot
        self._end: End = ""
        self._hooked = False
        self._failure: BaseException | None = None
        self.vm: LuaVm | None = None

    def power_on(self) -> None:
        """Start the program at the next turn of the event loop."""
        self._text = b""
        self._end = ""
        self._processor.start(self._program)

    def write(self, value: bytes) -> None:
        """A text came for the REPL: one slot, the last one wins, cut at the first NUL."""
        if self._text:
            self._counters.repl_overwrites += 1
        self._text = value[:REPL_CHARACTERS].split(b"\0", 1)[0]
        self._processor.wake()

    def end(self, end: End) -> None:
        """End the program from inside one of its own calls."""
        self._end = end
        self._processor.dead = True

    def free_heap(self) -> int:
        """Bytes of the heap that Lua does not use."""
        used = 0 if self.vm is None else int(self.vm.heap_kib() * 1024)
        return max(self._hardware.choices.heap_bytes - used, 0)

    # Machine

    def tick(self, instructions: int, feeds: bool) -> bytes | bool:  # noqa: FBT001 - called from Lua, by position
        """Machine."""
        processor = self._processor
        self._counters.instructions += instructions
        processor.charge(instructions * self._instruction_s)
        if feeds:
            processor.feed()
        processor.settle()
        return DEAD if processor.dead else self._hooks.pending

    def take(self) -> tuple[LuaValue, ...]:
        """Machine."""
        return (b"dead",) if self._processor.dead else self._hooks.take()

    def wait(self, seconds: float, interruptible: bool, fed: bool) -> bytes | bool:  # noqa: FBT001
        """Machine. Waits for the tick of the clock at which so much time has passed."""
        processor = self._processor
        if not (interruptible and self._hooks.pending):
            now = processor.now()
            this_tick = math.floor(now / TICK_S + 1e-6)
            ticks = max(1.0, math.ceil(min(seconds, 1e9) / TICK_S - 1e-6)) if seconds == seconds else 1.0  # noqa: PLR0124
            processor.wait((this_tick + ticks) * TICK_S - now, interruptible=interruptible, fed=fed)
        if processor.dead:
            return DEAD
        return interruptible and self._hooks.pending

    def hooked(self, by_program: bool) -> None:  # noqa: FBT001
        """Machine."""
        self._hooked = by_program

    def power_off(self) -> bytes | float:
        """Machine."""
        if self._hardware.stays_awake():
            return AWAKE_SLEEP_S
        self.end("off")
        return DEAD

    def notify(self, text: bytes) -> None:
        """Machine."""
        for observer in self._hardware.observers:
            observer.printed(self._processor.now(), text)
        self._hardware.write_text(text)
        self._processor.settle()

    def read_module(self, name: bytes) -> bytes:
        """Machine."""
        return self._hardware.read_module(name)

    def collected(self) -> None:
        """Machine."""
        if self.vm is not None:
            self._processor.charge(self.vm.heap_kib() * COLLECTION_S_PER_KIB)

    def settle(self) -> bool:
        """Machine."""
        self._processor.settle()
        return not self._processor.dead

    def crashed(self, error: BaseException) -> None:
        """Machine."""
        self._failure = error
        self._processor.dead = True

    # The program

    def _program(self) -> None:
        while not self._processor.dead:
            self._one_life()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            self._on_end("off")
            raise failure
        if self._end:
            self._on_end(self._end)

    def _one_life(self) -> None:
        """From the start of the VM to its end by a reset (0x04)."""
        self._counters.vm_starts += 1
        self._hooks.clear()
        self._hooked = False
        self._hardware.reset_parts()
        self._processor.charge(VM_START_S)
        heap = self._hardware.choices.heap_bytes
        vm = self.vm = LuaVm(self, self._hardware.lua_api(), heap, self._hardware.random.getrandbits(32))
        try:
            failure = vm.run(BOOT)
            if failure != NO_MAIN:
                self._report(failure)
            if not self._processor.dead:
                self._hardware.splash()
            self._read_eval_print(vm)
        finally:
            self.vm = None
            vm.close()

    def _read_eval_print(self, vm: LuaVm) -> None:
        while not self._processor.dead:
            text, self._text = self._text, b""
            if text[:1] == bytes([RESET]):
                return
            if text:
                self._report(vm.run(text))
            else:
                self._idle(vm)

    def _idle(self, vm: LuaVm) -> None:
        """The REPL's `frame.sleep(0.01)` over and over, run only when something has happened."""
        start = self._processor.now()
        while not self._hooks.pending:
            self._processor.wait(None, fed=not self._hooked)
            if self._processor.dead:
                return
            if self._text:
                idle = self._processor.now() - start
                self._processor.wait(REPL_POLL_S - idle % REPL_POLL_S, fed=not self._hooked)
                if not self._hooks.pending:
                    return
        failure = vm.run(b"frame.sleep(0.01)")
        if failure is not None:  # 1.5: swallowed
            self._observe_failure(failure)
            if self._hooks.pending:  # not even this chunk fits the heap: the firmware tries for ever
                self._processor.wait(TICK_S, interruptible=False)

    def _report(self, failure: bytes | bool | None) -> None:  # noqa: FBT001 - a result of LuaVm.run
        """Send an error's whole text as one notification (1.5)."""
        if failure is None or self._processor.dead:
            return
        self._observe_failure(failure)
        if isinstance(failure, bytes):
            self._hardware.write_text(failure)
        elif self._hardware.choices.error_without_text == "crash":
            self.end("restart")  # 1.5: strlen(NULL)

    def _observe_failure(self, failure: bytes | bool) -> None:  # noqa: FBT001
        if self._processor.dead:
            return
        text = failure if isinstance(failure, bytes) else b"(error object is not a string)"
        for observer in self._hardware.observers:
            observer.failed(self._processor.now(), text)
