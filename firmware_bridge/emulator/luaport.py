"""What the Frame's firmware does with Lua: starts the VM, runs main.lua, then its REPL, until a reset (1.4, 1.5, 3)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from firmware_bridge.emulator.choices import Choices
from firmware_bridge.emulator.hooks import HookSlot
from firmware_bridge.emulator.machine import SLOW_FACTOR, End, LuaHardware, LuaMachine
from firmware_bridge.emulator.processor import INSTRUCTION_S, Processor
from firmware_bridge.emulator.telemetry import Counters
from firmware_bridge.emulator.vm import DEAD, LuaVm
from firmware_bridge.gatt import RESET

BOOT: Final = b"frame.stay_awake(false); require('main')"  # 3
NO_MAIN: Final = b"[string \"require('main')\"]:1: cannot open file: main.lua"  # 3: compared, but never equal
REPL_POLL_S: Final = 0.010  # 1.5
REPL_CHARACTERS: Final = 246  # 1.5: 247 bytes with the NUL
TICK_S: Final = 0.001  # 2.1: what `frame.sleep` is accurate to
VM_START_S: Final = 0.030  # estimate: the libraries and the palette
COLLECTION_S_PER_KIB: Final = 60e-6
"""Estimate of a whole garbage collection: per KiB about 25 objects, each marked and swept in about 150 cycles."""
AWAKE_SLEEP_S: Final = 0.1  # 2.1: what `frame.sleep()` waits where the device stays awake


class Hardware(LuaHardware, Protocol):
    """The rest of the device, as the Lua port needs it."""

    choices: Choices

    def splash(self) -> None:
        """Draw what the firmware shows when main.lua is over."""
        ...

    def stays_awake(self) -> bool:
        """Whether `frame.sleep()` must not switch the device off."""
        ...


class LuaPort(LuaMachine):
    """Runs Lua as Frame does.

    Args:
        hardware: the rest of the device.
        processor: what charges time.
        hooks: what waits to be let in between two instructions.
        counters: overwritten texts are counted there, too.
        slow: run Lua four times slower.
        on_end: see `LuaMachine`: "off" by `frame.sleep()`, "update" by `frame.update()`, "restart" where the firmware
            crashes.
    """

    dialect = "prelude_frame.lua"

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
        super().__init__(
            hardware,
            processor,
            hooks,
            counters,
            heap_bytes=hardware.choices.heap_bytes,
            instruction_s=INSTRUCTION_S * (SLOW_FACTOR if slow else 1.0),
            collection_s_per_kib=COLLECTION_S_PER_KIB,
            on_end=on_end,
        )
        self._hardware = hardware
        self._hooks = hooks
        self._text = b""  # the REPL's one slot
        self._hooked = False

    def power_on(self) -> None:
        """Start the program at the next turn of the event loop."""
        self._text = b""
        super().power_on()

    def write(self, value: bytes) -> None:
        """A text came for the REPL: one slot, the last one wins, cut at the first NUL."""
        if self._text:
            self._counters.repl_overwrites += 1
        self._text = value[:REPL_CHARACTERS].split(b"\0", 1)[0]
        self._processor.wake()

    # Machine

    def dialect_functions(self) -> Mapping[str, Callable[..., Any]]:
        """Machine."""
        return {"wait": self._wait, "power_off": self._power_off}

    def hooked(self, by_program: bool) -> None:  # noqa: FBT001
        """Machine."""
        self._hooked = by_program

    def _wait(self, seconds: float, interruptible: bool, fed: bool) -> bytes | bool:  # noqa: FBT001
        """Wait for the tick of the clock at which so much time has passed, the watchdog `fed` meanwhile or not.

        Returns DEAD, True where a hook is pending (`interruptible` only), or False when the time is over.
        """
        processor = self._processor
        if not (interruptible and self._hooks.pending):
            now = processor.now()
            this_tick = math.floor(now / TICK_S + 1e-6)
            ticks = max(1.0, math.ceil(min(seconds, 1e9) / TICK_S - 1e-6)) if seconds == seconds else 1.0  # noqa: PLR0124
            processor.wait((this_tick + ticks) * TICK_S - now, interruptible=interruptible, fed=fed)
        if processor.dead:
            return DEAD
        return interruptible and self._hooks.pending

    def _power_off(self) -> bytes | float:
        """`frame.sleep()`. Returns DEAD, or the seconds to wait instead where the device stays awake."""
        if self._hardware.stays_awake():
            return AWAKE_SLEEP_S
        self.end("off")
        return DEAD

    # The program

    def _begin(self) -> None:
        self._hooks.clear()
        self._hooked = False
        self._hardware.reset_parts()
        self._processor.charge(VM_START_S)

    def live(self, vm: LuaVm) -> None:
        """LuaMachine: from the start of the VM to its end by a reset (0x04)."""
        failure = vm.run(BOOT)
        if failure != NO_MAIN:
            self._report(failure)
        if not self._processor.dead:
            self._hardware.splash()
        self._read_eval_print(vm)

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
