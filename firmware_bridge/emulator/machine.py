"""The machine around a Lua VM, whatever the firmware: time, hooks, prints and errors. Implements `Machine` of `vm.py`.

A firmware's program derives from it and is the program of the device's processor: `luaport.py`, `halo/runtime.py`.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol

from firmware_bridge.emulator.board import LuaValue
from firmware_bridge.emulator.processor import Processor
from firmware_bridge.emulator.telemetry import Counters, DeviceObserver
from firmware_bridge.emulator.vm import DEAD, LuaVm

SLOW_FACTOR: Final = 4.0  # how much slower `slow=1` runs Lua

End = Literal["", "off", "restart", "update"]


class Hooks(Protocol):
    """What waits to be let in between two instructions."""

    @property
    def pending(self) -> bool:
        """Whether something waits."""
        ...

    def take(self) -> tuple[LuaValue, ...]:
        """What it does, see `Machine.take`."""
        ...


class LuaHardware(Protocol):
    """The rest of the device, as every machine needs it."""

    random: random.Random
    observers: list[DeviceObserver]

    def lua_api(self) -> Mapping[str, Any]:
        """What becomes the table `frame`."""
        ...

    def reset_parts(self) -> None:
        """A VM starts: every part's `reset`."""
        ...

    def write_text(self, text: bytes) -> None:
        """lua_writestring."""
        ...

    def read_module(self, name: bytes) -> bytes:
        """The text of a module. Raises LuaApiError."""
        ...


class LuaMachine(ABC):
    """Runs one life of Lua after the other until something ends them.

    Args:
        hardware: the rest of the device.
        processor: what charges time.
        hooks: what waits to be let in.
        counters: VM starts and instructions are counted there.
        heap_bytes: the heap that Lua shares with the firmware.
        instruction_s: seconds of one VM instruction.
        collection_s_per_kib: seconds of a whole garbage collection, for each KiB of heap in use.
        on_end: called by the event loop when the program has ended by itself: "off", "restart" or "update".

    Attributes:
        dialect: see `Machine`.
        vm: the VM that lives now.
        over: there is no life after this one until power on.
    """

    dialect: str

    def __init__(
        self,
        hardware: LuaHardware,
        processor: Processor,
        hooks: Hooks,
        counters: Counters,
        *,
        heap_bytes: int,
        instruction_s: float,
        collection_s_per_kib: float,
        on_end: Callable[[End], None],
    ) -> None:
        self.vm: LuaVm | None = None
        self._machine_hardware = hardware
        self._processor = processor
        self._pending = hooks
        self._counters = counters
        self._heap_bytes = heap_bytes
        self._instruction_s = instruction_s
        self._collection_s_per_kib = collection_s_per_kib
        self._on_end = on_end
        self._end: End = ""
        self._failure: BaseException | None = None
        self.over = False

    def power_on(self) -> None:
        """Start the program at the next turn of the event loop."""
        self._end = ""
        self.over = False
        self._processor.start(self._program)

    def end(self, end: End) -> None:
        """End the program from inside one of its own calls."""
        self._end = end
        self._processor.dead = True

    def free_heap(self) -> int:
        """Bytes of the heap that Lua does not use."""
        used = 0 if self.vm is None else int(self.vm.heap_kib() * 1024)
        return max(self._heap_bytes - used, 0)

    @abstractmethod
    def dialect_functions(self) -> Mapping[str, Callable[..., Any]]:
        """Machine."""

    @abstractmethod
    def live(self, vm: LuaVm) -> None:
        """One life: from a fresh VM to the end of the firmware's loop."""

    # Machine

    def tick(self, instructions: int, feeds: bool) -> bytes | bool:  # noqa: FBT001 - called from Lua, by position
        """Machine."""
        processor = self._processor
        self._counters.instructions += instructions
        processor.charge(instructions * self._instruction_s)
        if feeds:
            processor.feed()
        processor.settle()
        return DEAD if processor.dead else self._pending.pending

    def take(self) -> tuple[LuaValue, ...]:
        """Machine."""
        return (b"dead",) if self._processor.dead else self._pending.take()

    def logged(self, text: bytes) -> None:
        """Machine."""
        self._observe_failure(text)

    @abstractmethod
    def hooked(self, by_program: bool) -> None:  # noqa: FBT001
        """Machine."""

    def notify(self, text: bytes) -> None:
        """Machine."""
        for observer in self._machine_hardware.observers:
            observer.printed(self._processor.now(), text)
        self._machine_hardware.write_text(text)
        self._processor.settle()

    def read_module(self, name: bytes) -> bytes:
        """Machine."""
        return self._machine_hardware.read_module(name)

    def collected(self) -> None:
        """Machine."""
        if self.vm is not None:
            self._processor.charge(self.vm.heap_kib() * self._collection_s_per_kib)

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
        while not self._processor.dead and not self.over:
            self._one_life()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            self._on_end("off")
            raise failure
        if self._end:
            self._on_end(self._end)

    def _one_life(self) -> None:
        hardware = self._machine_hardware
        self._counters.vm_starts += 1
        self._begin()
        vm = self.vm = LuaVm(self, hardware.lua_api(), self._heap_bytes, hardware.random.getrandbits(32))
        try:
            self.live(vm)
        finally:
            self.vm = None
            vm.close()

    @abstractmethod
    def _begin(self) -> None:
        """What the firmware does before it makes a VM."""

    def _observe_failure(self, failure: bytes | bool) -> None:  # noqa: FBT001 - a result of LuaVm.run
        if self._processor.dead:
            return
        text = failure if isinstance(failure, bytes) else b"(error object is not a string)"
        for observer in self._machine_hardware.observers:
            observer.failed(self._processor.now(), text)
