"""The emulated Frame: power on, Lua VM, REPL, GATT surface. Any radio can carry it.

    frame = EmulatedFrame(options, DeviceClock(loop))
    frame.connected(air, att_mtu=247)
    frame.subscribed(True)
    frame.written(b"print('hello')")

Section numbers are those of the device reference that ARCHITECTURE.md summarises.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

from firmware_bridge.emulator.bluetooth import Bluetooth
from firmware_bridge.emulator.board import LuaValue
from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.files import Files
from firmware_bridge.emulator.hooks import HookSlot, break_signal, call
from firmware_bridge.emulator.inputs import read_sound
from firmware_bridge.emulator.microphone import Microphone
from firmware_bridge.emulator.options import FrameOptions
from firmware_bridge.emulator.processor import INSTRUCTION_S, Processor
from firmware_bridge.emulator.radio import Air
from firmware_bridge.emulator.system import System
from firmware_bridge.emulator.telemetry import Counters, DeviceObserver
from firmware_bridge.emulator.vm import DEAD, HEAP_BYTES, STRICT_HEAP_BYTES, LuaVm
from firmware_bridge.gatt import BREAK, DATA, RESET

BOOT: Final = b"frame.stay_awake(false); require('main')"  # 3
NO_MAIN: Final = b"[string \"require('main')\"]:1: cannot open file: main.lua"  # 3: compared, and never equal
REPL_POLL_S: Final = 0.010  # 1.5
REPL_BYTES: Final = 247  # 1.5: 246 characters and a NUL
VM_START_S: Final = 0.030  # estimate: libraries, font tables and palette after a reset
SLOW_FACTOR: Final = 4.0  # how much slower `slow=1` runs Lua
COLLECTION_S_PER_KIB: Final = 60e-6
"""Estimate of a whole garbage collection: per KiB about 25 objects, each marked and swept in about 150 cycles."""
AWAKE_SLEEP_S: Final = 0.1  # 2.1: what `frame.sleep()` waits where the device stays awake


class EmulatedFrame:
    """One emulated Frame; lives from power on until `close`.

    Attributes:
        counters: what happened since power on.
        observers: told what happens.
    """

    def __init__(self, options: FrameOptions, clock: DeviceClock) -> None:
        self.counters = Counters()
        self.observers: list[DeviceObserver] = []
        self.random = random.Random(options.seed)  # noqa: S311 - repeatable on purpose
        self.strict = options.strict
        self.on_gone: Callable[[], None] | None = None
        self._options = options
        self._clock = clock
        self._instruction_s = INSTRUCTION_S * (SLOW_FACTOR if options.slow else 1.0)
        self._processor = Processor(clock, self._watchdog)
        self._hooks = HookSlot()
        self._vm: LuaVm | None = None
        self._repl = b""
        self._failure: BaseException | None = None
        self.bluetooth = Bluetooth(self._hooks, self.counters, self.charge, self._sent, self._call)
        self.microphone = Microphone(
            self,
            None if options.mic is None else read_sound(options.mic, loop=options.loop),
            waits_for_reader=clock.waits_for_reader,
        )
        self.files = Files(self, options.flash, paired=options.paired != "no")
        self.system = System(self, options.battery, lambda: 0, lambda: None)
        self._start("power on")

    def close(self) -> None:
        """Switch the device off; repeated calls do nothing."""
        self._processor.stop()

    # GATT surface

    def connected(self, air: Air, att_mtu: int) -> None:
        """A host is connected and has exchanged this MTU."""
        self.bluetooth.on_connected(air, att_mtu)

    def subscribed(self, on: bool) -> None:  # noqa: FBT001 - the state of the descriptor
        """The host switched notifications on or off."""
        self.bluetooth.on_subscribed(on)

    def disconnected(self) -> None:
        """The link is gone."""
        self.bluetooth.on_disconnected()

    def written(self, value: bytes) -> None:
        """A value arrived; its first byte decides (1.4)."""
        for observer in self.observers:
            observer.received(self.now(), value)
        if not value:
            return
        if value[0] == DATA:
            self.bluetooth.on_data(value[1:])
        elif value[0] == BREAK:
            self._hooks.put(break_signal)
        else:
            if self._repl:
                self.counters.repl_overwrites += 1
            self._repl = value[: REPL_BYTES - 1]
        self._processor.wake()

    # Board

    def now(self) -> float:
        """Device seconds since power on."""
        return self._processor.now()

    def charge(self, seconds: float) -> None:
        """The device is busy for so long."""
        self._processor.charge(seconds)

    def call_at(self, when: float, function: Callable[[], None]) -> None:
        """Call a function at a device time."""
        self._clock.call_at(when, function)

    def post(self, function: LuaValue, *arguments: LuaValue) -> None:
        """Put a Lua function into the hook slot."""
        self._hooks.put(lambda: self._call(function, *arguments))
        self._processor.wake()

    # Machine: what the VM asks

    def tick(self, instructions: int, feeds: bool) -> bytes | bool:  # noqa: FBT001 - called from Lua, by position
        """Machine."""
        processor = self._processor
        self.counters.instructions += instructions
        processor.charge(instructions * self._instruction_s)
        if feeds:
            processor.feed()
        processor.settle()
        return DEAD if processor.dead else self._hooks.pending

    def take(self) -> tuple[LuaValue, ...]:
        """Machine."""
        return (b"dead",) if self._processor.dead else self._hooks.take()

    def wait(self, seconds: float, interruptible: bool) -> bytes | bool:  # noqa: FBT001
        """Machine."""
        if interruptible and self._hooks.pending:
            return True
        self._processor.feed()
        self._processor.wait(seconds)
        if self._processor.dead:
            return DEAD
        return interruptible and self._hooks.pending

    def power_off(self) -> bytes | float:
        """Machine."""
        return AWAKE_SLEEP_S

    def notify(self, text: bytes) -> None:
        """Machine."""
        for observer in self.observers:
            observer.printed(self.now(), text)
        self.bluetooth.write_text(text)
        self._processor.settle()

    def read_module(self, name: bytes) -> bytes:
        """Machine."""
        return self.files.read_module(name)

    def collected(self) -> None:
        """Machine."""
        if self._vm is not None:
            self._processor.charge(self._vm.heap_kib() * COLLECTION_S_PER_KIB)

    def settle(self) -> bool:
        """Machine."""
        self._processor.settle()
        return not self._processor.dead

    def crashed(self, error: BaseException) -> None:
        """Machine."""
        self._failure = error
        self._processor.dead = True

    # The program

    def _start(self, reason: str) -> None:
        for observer in self.observers:
            observer.restarted(self.now(), reason)
        self._processor.start(self._program)

    def _program(self) -> None:
        while not self._processor.dead:
            self._one_life()
        if self._failure is not None:
            raise self._failure

    def _one_life(self) -> None:
        """From the start of the VM to its end by a reset (0x04)."""
        self.counters.vm_starts += 1
        self._hooks.clear()
        self.microphone.reset()
        self.files.reset()
        self._processor.charge(VM_START_S)
        vm = self._vm = LuaVm(self, self._api(), STRICT_HEAP_BYTES if self.strict else HEAP_BYTES)
        try:
            failure = vm.run(BOOT)
            if failure != NO_MAIN:
                self._report(failure)
            self._read_eval_print(vm)
        finally:
            self._vm = None
            vm.close()

    def _read_eval_print(self, vm: LuaVm) -> None:
        while not self._processor.dead:
            text = self._repl
            if text[:1] == bytes([RESET]):
                self._repl = b""
                return
            if text:
                self._repl = b""
                self._report(vm.run(text.split(b"\0", 1)[0]))
            else:
                self._idle(vm)

    def _idle(self, vm: LuaVm) -> None:
        """The REPL's own `frame.sleep(0.01)`, over and over, but only as often as something happens."""
        start = self.now()
        while not self._hooks.pending:
            self._processor.feed()
            self._processor.wait(None)
            if self._processor.dead:
                return
            if self._repl:
                idle = self.now() - start
                self._processor.wait(REPL_POLL_S - idle % REPL_POLL_S)
                if not self._hooks.pending:
                    return
        vm.run(b"frame.sleep(0.01)")  # its errors are swallowed (1.5)

    def _report(self, failure: bytes | bool | None) -> None:  # noqa: FBT001 - a result of LuaVm.run
        if failure is None or self._processor.dead:
            return
        text = failure if isinstance(failure, bytes) else b""
        for observer in self.observers:
            observer.failed(self.now(), text)
        self.bluetooth.write_text(text)

    def _api(self) -> dict[str, Any]:
        return {
            **self.system.api(),
            "bluetooth": self.bluetooth.api(),
            "microphone": self.microphone.api(),
            "file": self.files.api(),
            "time": {"utc": lambda _args: int(self.now() * 1000) / 1000},
        }

    def _call(self, function: LuaValue, *arguments: LuaValue) -> tuple[LuaValue, ...]:
        return call(self._vm, function, arguments)

    def _sent(self, value: bytes) -> None:
        for observer in self.observers:
            observer.sent(self.now(), value)

    def _watchdog(self) -> None:
        self.counters.watchdog_resets += 1
        self._restart("watchdog")

    def _restart(self, reason: str) -> None:
        """The whole device starts again; the host finds out when the link times out."""
        self._processor.stop()
        self.bluetooth.on_disconnected()
        if self.on_gone is not None:
            self.on_gone()
        self._repl = b""
        self._start(reason)
