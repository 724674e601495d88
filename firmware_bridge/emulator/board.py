"""What every part of the emulated glasses sees of the rest, and how a Lua call reaches Python.

A part (display, camera, ...) is a plain Python object with `api()`: names to functions of one `Args`. What such a
function returns goes back to Lua (None: no value; a tuple: several values, `(None,)` one nil); `LuaApiError` becomes
a Lua error whose text is prefixed with the caller's `chunk:line:`, as `luaL_error` does on the device.

A Lua table given as an argument arrives as a plain dict of its fields with names (bytes) and whole numbers, copied
when the call begins, without regard to metatables; tables inside it are empty. A Lua function arrives as an opaque
callable, good only for `Board.post`, where the device function `TakesCallback`. A returned dict or list becomes a new
Lua table, nested ones too (str and bytes keys both become strings, a list counts from 1), and a `LuaFile` an open
file. `api()` may nest a mapping (`led.set_color`). `reset()` is called when the VM starts, before any Lua runs.
`Files` also has `read_module(name: bytes) -> bytes`: the text of `NAME.lua` for `require`, or LuaApiError("cannot
open file: NAME.lua").
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, Protocol

from firmware_bridge.emulator.choices import Choices

LuaValue = Any
"""bytes, int, float, bool, None, or a Lua table or function handle; strings are always bytes."""

ApiFunction = Callable[["Args"], LuaValue]
Api = Mapping[str, ApiFunction]


class LuaApiError(Exception):
    """A Lua error raised by a device function; the text is the firmware's own, without position; bytes as latin-1."""


class LuaOperationError(LuaApiError):
    """An error that the VM itself raises inside a device function: its text has no position."""


class TakesCallback:
    """Marks a device function whose first argument may be a Lua function to be called later."""

    __slots__ = ("_function",)

    def __init__(self, function: ApiFunction) -> None:
        self._function = function

    def __call__(self, args: Args) -> LuaValue:
        """Call it."""
        return self._function(args)


class LuaOpaque:
    """An argument, or a value inside one, that is good for nothing but its type.

    Attributes:
        kind: Lua's name of the type.
    """

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = "FILE*" if kind == "userdata" else kind  # there are no others


class LuaFile:
    """A result that Lua sees as an open file: a userdata `FILE*`, which its methods get as argument 1."""

    __slots__ = ("methods",)

    def __init__(self, read: ApiFunction, write: ApiFunction, close: ApiFunction) -> None:
        self.methods = (("read", read), ("write", write), ("close", close))


class Board(Protocol):
    """The emulated device as its parts see it."""

    random: random.Random
    """Seeded; the only source of chance on the device."""

    def now(self) -> float:
        """Seconds of device time since power on, all charges included; never goes back."""
        ...

    def charge(self, seconds: float) -> None:
        """Let the device be busy for so long (SPI, flash, a C function at work). Hooks do not fire meanwhile."""
        ...

    def call_at(self, when: float, function: Callable[[], None]) -> None:
        """Call a Python function once device time has reached `when` (it may be late by one charge).

        It runs on the device's own schedule, never inside another call of a part, and must not run Lua.
        """
        ...

    def free_heap(self) -> int:
        """Bytes of the heap that the firmware's own `malloc` could get now."""
        ...

    def crash(self) -> None:
        """The firmware fails an assertion or writes where it must not: the whole device starts again."""
        ...

    def post(self, function: LuaValue, *arguments: LuaValue) -> None:
        """Put a Lua function into the one hook slot: called at the next VM instruction; a later post replaces it.

        None calls nothing, but takes the slot all the same.
        """
        ...


class FrameBoard(Board, Protocol):
    """The emulated Frame as its parts see it."""

    choices: Choices
    """What the device does where the reference is not sure."""


class Args:
    """The arguments of one Lua call, 1-based, checked as Lua's auxiliary library does (same error texts)."""

    __slots__ = ("_function", "_values")

    def __init__(self, function: str, values: tuple[LuaValue, ...]) -> None:
        self._function = function
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def raw(self, n: int) -> LuaValue:
        """The value as it came; None for nil and for an argument not given (ask `len` to tell them apart)."""
        if n == -1:
            return self._values[-1]
        return self._values[n - 1] if n <= len(self._values) else None

    def integer(self, n: int) -> int:
        """As luaL_checkinteger: integers, integral floats and numeric strings."""
        value = self.raw(n)
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else _parse_number(value)
        if number is None:
            self._type_error(n, "number")
        if isinstance(number, float):
            if not number.is_integer() or not -(2.0**63) <= number < 2.0**63:
                self.error(n, "number has no integer representation")
            return int(number)
        return number

    def number(self, n: int) -> float:
        """As luaL_checknumber."""
        value = self.raw(n)
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else _parse_number(value)
        if number is None:
            self._type_error(n, "number")
        return float(number)

    def string(self, n: int) -> bytes:
        """As luaL_checklstring: strings, and numbers turned into text."""
        value = self.raw(n)
        if isinstance(value, bytes):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return number_text(value)
        self._type_error(n, "string")

    def error(self, n: int, text: str) -> NoReturn:
        """Raise as luaL_argerror does."""
        raise LuaApiError(f"bad argument #{n} to '{self._function}' ({text})")

    def _type_error(self, n: int, expected: str) -> NoReturn:
        got = "no value" if n > len(self._values) else type_name(self.raw(n))
        self.error(n, f"{expected} expected, got {got}")


class Fields:
    """The fields of a table that a function takes, each checked where it lies: on top of the stack, so at index -1."""

    __slots__ = ("_function", "_table")

    def __init__(self, function: str, table: Mapping[LuaValue, LuaValue]) -> None:
        self._function = function
        self._table = table

    def integer(self, name: bytes, default: int) -> int:
        """As luaL_checkinteger, where the field is given."""
        return default if self._table.get(name) is None else self._checked(name).integer(-1)

    def number(self, name: bytes) -> float | None:
        """As luaL_checknumber, where the field is given."""
        return None if self._table.get(name) is None else self._checked(name).number(-1)

    def string(self, name: bytes) -> bytes | None:
        """As luaL_checkstring, where the field is given: up to the first NUL."""
        return None if self._table.get(name) is None else self._checked(name).string(-1).partition(b"\0")[0]

    def _checked(self, name: bytes) -> Args:
        return Args(self._function, (self._table[name],))


def type_name(value: LuaValue) -> str:
    """Lua's name of a value's type."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, bytes):
        return "string"
    if isinstance(value, LuaOpaque):
        return value.kind
    return "function" if callable(value) else "table"


def number_text(value: float) -> bytes:
    """A number as Lua 5.4 prints it: integers plain, floats with 14 digits and a `.0` where integral."""
    if isinstance(value, int):
        return str(value).encode()
    if value != value:  # noqa: PLR0124 - the only number unequal to itself
        return b"nan"
    if value in (float("inf"), float("-inf")):
        return b"inf" if value > 0 else b"-inf"
    text = f"{value:.14g}"
    return (text if any(c in text for c in ".en") else text + ".0").encode()


_DECIMAL: Final = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_HEXADECIMAL: Final = re.compile(rb"[+-]?0[xX](?:[\da-fA-F]+\.?[\da-fA-F]*|\.[\da-fA-F]+)(?:[pP][+-]?\d+)?")


def _parse_number(value: LuaValue) -> int | float | None:
    """As lua_stringtonumber: hexadecimal numbers wrap around, decimal ones that are too long become floats."""
    if not isinstance(value, bytes):
        return None
    text = value.strip()
    if _HEXADECIMAL.fullmatch(text):
        try:
            return (int(text, 16) + 2**63) % 2**64 - 2**63
        except ValueError:
            return _float_from_hexadecimal(text.decode())
    if not _DECIMAL.fullmatch(text):
        return None
    try:
        number = int(text)
    except ValueError:
        return float(text)
    return number if -(2**63) <= number < 2**63 else float(number)


def _float_from_hexadecimal(text: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError:
        return -math.inf if text.startswith("-") else math.inf
