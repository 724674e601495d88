"""The Lua VM of an emulated device: a stock Lua 5.4 behind `prelude.lua` and the dialect of one firmware. The only
file that knows lupa.

Foreign Lua never reaches Python: `python`, `os`, `io`, `package` are gone, code comes as text only, `debug` cannot look
into the prelude, and lupa's attribute access is refused. Endless Lua is stopped by `Machine.tick` returning `DEAD`;
endless C (a backtracking `string.find`), an endless `__gc`, an endless debug hook of a program's own and Lua that keeps
its C stack full are not, so strangers' Lua belongs in a process of its own.

Known differences: device functions are Lua functions here, so one called in tail position (`return frame.sleep("x")`)
fails without a position and with `?` for its name, `debug.getinfo` tells them from C functions, and metatables of
their arguments mean nothing to them. What is not a number prints with the sign that this computer gives it.
Tables of more than 64 string keys are traversed in Lua's own order, which differs from run to run, and so does the
address that `tostring` shows.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Protocol

from lupa import lua54

from firmware_bridge.emulator.board import (
    Args,
    LuaApiError,
    LuaFile,
    LuaOpaque,
    LuaOperationError,
    LuaValue,
    TakesCallback,
)

DEAD: Final = b"the device was reset"
"""What `tick`, `wait` and `power_off` return to end all Lua of this VM."""

HOOK_INSTRUCTIONS: Final = 50  # VM instructions between two hooks: 75 us of device time, 1.2 us of ours

BASE_BYTES: Final = 20 * 1024  # estimate: state, libraries and device tables before any program
HEAP_SCALE: Final = 1.15
"""Bytes Lua counts here per byte of the device's heap: pointers are twice as wide, but malloc's header of 4 bytes and
its grain of 8 are not counted. Computed from both builds' object sizes: 1.14 for code and constants of our device app,
1.0 to 1.4 for tables, 1.0 for strings of 10 bytes, 1.7 for closures."""
TIGHT: Final = b"tight"
FULL: Final = b"full"
_MARGIN_BYTES: Final = 2048  # what handing over a result may need besides its strings
_BLOCK_BYTES: Final = 64  # of a string, besides its contents
_VALUE_BYTES: Final = 32  # of any other value
_ORDERED_KEYS: Final = 64
_WARM_REFERENCES: Final = 64


class Machine(Protocol):
    """What the VM asks of the device around it.

    Attributes:
        dialect: the file of what its firmware alone does with Lua, below this folder.
    """

    dialect: str

    def dialect_functions(self) -> Mapping[str, Callable[..., Any]]:
        """What the dialect calls, by name."""
        ...

    def tick(self, instructions: int, feeds: bool) -> bytes | bool:  # noqa: FBT001 - called from Lua, by position
        """So many instructions ran. Returns DEAD, True where a pending hook waits to be taken, or False."""
        ...

    def take(self) -> tuple[LuaValue, ...]:
        """The pending hook: ("break",), ("interrupt",), ("call", handle number, arguments...), ("event", the same),
        ("stale",), ("dead",) or ().

        A break is raised once, an interrupt at each instruction until it is no longer what is pending. The error of a
        call hits what runs, that of an event goes to `logged`.
        """
        ...

    def logged(self, text: bytes) -> None:
        """The error of an event's callback."""
        ...

    def hooked(self, by_program: bool) -> None:  # noqa: FBT001
        """A program set a debug hook of its own, which stops the feeding of the watchdog, or lost it again."""
        ...

    def notify(self, text: bytes) -> None:
        """One piece of print's output."""
        ...

    def read_module(self, name: bytes) -> bytes:
        """The text of a module. Raises LuaApiError."""
        ...

    def collected(self) -> None:
        """A whole garbage collection ran."""
        ...

    def settle(self) -> bool:
        """After a device function: let the time it took pass. Returns False where the VM must end."""
        ...

    def crashed(self, error: BaseException) -> None:
        """A device function failed in a way that is our fault; the VM must end."""
        ...


@cache
def _own_text(name: str) -> bytes:
    """One of our own Lua files; read once, for a confined device can open none later."""
    return resources.files(__package__).joinpath(name).read_bytes()


class LuaFunction:
    """A Lua function in Python's hands: a number, and the VM that knows it."""

    __slots__ = ("number", "vm")

    def __init__(self, vm: LuaVm, number: int) -> None:
        self.vm = vm
        self.number = number

    def __call__(self, *_args: object) -> None:
        """Never: makes it a callable, which is how `Args` knows a function."""
        raise TypeError("a Lua function runs only in its device: give it to Board.post")


class LuaVm:
    """One life of the device's Lua VM.

    Args:
        machine: the device around it.
        api: what becomes the global table `frame`: constants, functions of one `Args`, nested mappings.
        heap_bytes: the device's heap, in the device's bytes.
        seed: of `math.random` and of the order in which `pairs` finds strings.
    """

    def __init__(self, machine: Machine, api: Mapping[str, Any], heap_bytes: int, seed: int) -> None:
        self._machine = machine
        self._api = api
        self._seed = seed
        self._functions: dict[int, tuple[str, Callable[[Args], LuaValue]]] = {}
        self._function_count = 0
        self._lua: Any = lua54.LuaRuntime(
            encoding=None,
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            attribute_filter=_refuse_attribute,
            max_memory=0,
        )
        host = {
            b"tick": self._shielded(machine.tick),
            b"take": self._shielded(self._take),
            b"hooked": machine.hooked,
            b"limit_heap": self._limit_heap,
            b"fetch": self._fetch,
            b"logged": self._shielded(machine.logged),
            b"notify": self._shielded(machine.notify),
            b"collected": machine.collected,
            b"read_module": self._read_module,
            b"heap_kib": self.heap_kib,
            b"api": self._encoded_api,
            b"call": self._call,
            b"release": self._release,
            b"call_with_handle": self._call_with_handle,
            b"seed": seed,
            b"order": self._order,
            **{name.encode(): self._shielded(call) for name, call in machine.dialect_functions().items()},
        }
        start, library, dialect = map(self._own_chunk, ("prelude.lua", "prelude_library.lua", machine.dialect))
        as_function = self._lua.eval(b"python.as_function")
        collect = self._lua.eval(b"collectgarbage")
        self._run: Any = start(self._lua.table_from(host), HOOK_INSTRUCTIONS, as_function, library, dialect)
        warm = [self._lua.table() for _ in range(_WARM_REFERENCES)]  # room in lupa's registry: it must not grow later
        del warm, start, library, dialect, as_function
        collect()
        del collect
        self._base_bytes: int = self._lua.get_memory_used(total=True)
        self._limit_bytes = self._base_bytes + int((heap_bytes - BASE_BYTES) * HEAP_SCALE)
        self._held: tuple[LuaValue, ...] = ()

    def run(self, text: bytes) -> bytes | bool | None:
        """Run one chunk as luaL_dostring does. Returns None, the error's text, or False for an error without text."""
        # Without a limit while the text is handed over: lupa could not survive the error.
        self._lua.set_max_memory(0)
        try:
            failure: bytes | bool | None = self._run(text)
        except lua54.LuaMemoryError:
            return b"not enough memory"
        except lua54.LuaError as error:
            if DEAD.decode() not in str(error):  # nothing else gets past the prelude's pcall
                self._machine.crashed(error)
            return None
        return failure

    def close(self) -> None:
        """Free the heap. Not while Lua runs; the VM cannot be used afterwards."""
        self._run = None
        self._lua = None

    def _own_chunk(self, name: str) -> Any:
        """One of our own Lua files, compiled, in the guise of a C library."""
        return self._lua.compile(_own_text(name), name=b"=[C]", mode=b"t")

    def _limit_heap(self) -> None:
        self._lua.set_max_memory(self._limit_bytes, total=True)

    def _shielded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """No Python error travels through Lua, where pcall would eat it and could look at it."""

        def call(*args: LuaValue) -> LuaValue:
            try:
                return function(*args)
            except BaseException as error:  # noqa: BLE001 - it is raised again where the program ends
                self._machine.crashed(error)
                return DEAD

        return call

    def _take(self) -> tuple[LuaValue, ...]:
        return self._reply(self._machine.take())

    def _reply(self, values: tuple[LuaValue, ...]) -> tuple[LuaValue, ...]:
        """Results on their way to Lua, held back where the heap is tight.

        An allocation that failed while lupa handed over a value would jump out of it and leave the interpreter's lock
        behind.
        """
        need = _MARGIN_BYTES
        for value in values:
            need += len(value) + _BLOCK_BYTES if isinstance(value, bytes) else _VALUE_BYTES
        if self._lua.get_memory_used(total=True) + need <= self._limit_bytes:
            return values
        self._held = values
        return (TIGHT,)

    def _fetch(self) -> tuple[LuaValue, ...]:
        values, self._held = self._held, ()
        if self._reply(values) is values:
            return values
        self._held = ()
        return (FULL,)

    def _encoded_api(self) -> tuple[LuaValue, ...]:
        return tuple(self._encode(self._api, "frame"))

    def _read_module(self, name: bytes) -> tuple[LuaValue, ...]:
        try:
            result = True, self._machine.read_module(name)
        except LuaApiError as error:
            result = False, str(error).encode("latin-1")
        except BaseException as error:  # noqa: BLE001 - as in _shielded
            self._machine.crashed(error)
        return self._reply(result) if self._machine.settle() else (False, DEAD)

    def heap_kib(self) -> float:
        """What `collectgarbage("count")` says, in the device's KiB."""
        used = self._lua.get_memory_used(total=True) - self._base_bytes
        return (float(used) / HEAP_SCALE + BASE_BYTES) / 1024

    def _call(self, number: int, *values: LuaValue) -> tuple[LuaValue, ...]:
        """A device function is called."""
        name, function = self._functions[number]
        try:
            if values and any(isinstance(value, _LuaObject) for value in values):
                values = tuple(_from_lua(value) for value in values)
            result = function(Args(name, values))
        except LuaApiError as error:
            result = error
        except BaseException as error:  # noqa: BLE001 - as in _shielded
            self._machine.crashed(error)
        if not self._machine.settle():
            return False, DEAD
        return self._reply(self._result(result, name))

    def _order(self, table: Any) -> tuple[LuaValue, ...]:
        """The strings among a table's keys in the order of this run, where there are several. Of very many the order
        stays Lua's own, for a list of them would not fit the device's heap.
        """
        keys = [key for key in table if isinstance(key, bytes)]
        if not 2 <= len(keys) <= _ORDERED_KEYS:
            return ()
        return self._reply(tuple(sorted(keys, key=lambda key: (zlib.crc32(key, self._seed), key))))

    def _release(self, number: int) -> None:
        """Lua has forgotten a function that came in a result."""
        self._functions.pop(number, None)

    def _call_with_handle(self, number: int, handle: int, *values: LuaValue) -> tuple[LuaValue, ...]:
        """A device function is called with a Lua function as its first argument."""
        return self._call(number, LuaFunction(self, handle), *values)

    def _result(self, result: LuaValue, name: str) -> tuple[LuaValue, ...]:
        """What the prelude's `finish` turns into the results of a call."""
        if result is None:
            return (True,)
        if isinstance(result, LuaApiError):
            return False, str(result).encode("latin-1"), isinstance(result, LuaOperationError)
        if isinstance(result, LuaFile):
            return b"handle", _BLOCK, *(self._number(method, function) for method, function in result.methods)
        if isinstance(result, tuple):
            return True, *result
        if isinstance(result, dict | list):
            return b"table", *self._encode(result, name)
        return True, result.encode() if isinstance(result, str) else result

    def _encode(self, value: LuaValue, name: str) -> Iterator[LuaValue]:
        """The tokens that the prelude builds tables from."""
        if isinstance(value, Mapping):
            yield from (b"{", len(value))
            for key, item in value.items():
                yield from (b"v", key.encode() if isinstance(key, str) else key)
                yield from self._encode(item, key if isinstance(key, str) else name)
        elif isinstance(value, list):
            yield from (b"{", len(value))
            for index, item in enumerate(value, 1):
                yield from (b"v", index)
                yield from self._encode(item, name)
        elif callable(value):
            yield from (b"c" if isinstance(value, TakesCallback) else b"f", self._number(name, value))
        else:
            yield from (b"v", value.encode() if isinstance(value, str) else value)

    def _number(self, name: str, function: Callable[[Args], LuaValue]) -> int:
        """By which Lua calls a device function."""
        self._function_count += 1
        self._functions[self._function_count] = name, function
        return self._function_count


_LuaTable: Final = type(lua54.LuaRuntime().table())
_LuaObject: Final[type] = _LuaTable.__mro__[1]
_LuaThread: Final[type] = type(lua54.LuaRuntime().eval("coroutine.create(function() end)"))
_BLOCK: Final = object()  # what the prelude makes an open file of


def _from_lua(value: Any) -> LuaValue:
    """An argument; of a table what has a name or whole number, of tables inside it no more than that they are some."""
    if isinstance(value, _LuaTable):
        return {
            key: {} if isinstance(item, _LuaTable) else _opaque(item)
            for key, item in value.items()
            if isinstance(key, bytes | int)
        }
    return _opaque(value)


def _opaque(value: Any) -> LuaValue:
    if not isinstance(value, _LuaObject):
        return value
    return LuaOpaque("thread" if isinstance(value, _LuaThread) else lua54.lua_type(value))


def _refuse_attribute(_object: object, _name: object, _setting: bool) -> str:  # noqa: FBT001 - lupa's signature
    raise AttributeError("not available")
