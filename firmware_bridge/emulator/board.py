"""What every part of the emulated glasses sees of the rest, and how a Lua call reaches Python.

A part (display, camera, ...) is a plain Python object with `api()`: names to functions of one `Args`. What such a
function returns goes back to Lua (None: no value; a tuple: several values, `(None,)` one nil); `LuaApiError` becomes
a Lua error whose text is prefixed with the caller's `chunk:line:`, as `luaL_error` does on the device.

A Lua table given as an argument arrives as a plain dict, copied when the call begins (string keys are bytes, nested
tables are dicts); a Lua function arrives as an opaque callable, good only for `Board.post`. A returned dict or list
becomes a new Lua table, nested ones too (str and bytes keys both become strings, a list counts from 1), and an
`ApiFunction` inside it becomes a Lua function: called as a method (`f:read()`) it finds the table itself as argument
1. `api()` may nest a mapping in the same way (`led.set_color`). `reset()` is called when the VM starts, before any
Lua runs. `Files` also has `read_module(name: bytes) -> bytes`: the text of `NAME.lua` for `require`, or
LuaApiError("cannot open file: NAME.lua").
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, Protocol

LuaValue = Any
"""bytes, int, float, bool, None, or a Lua table or function handle; strings are always bytes."""

ApiFunction = Callable[["Args"], LuaValue]
Api = Mapping[str, ApiFunction]


class LuaApiError(Exception):
    """A Lua error raised by a device function; the text is the firmware's own, without position; bytes as latin-1."""


class Board(Protocol):
    """The emulated device as its parts see it."""

    random: random.Random
    """Seeded; the only source of chance on the device."""

    strict: bool
    """True: where the reference is unsure, the worst allowed choice is made."""

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

    def post(self, function: LuaValue, *arguments: LuaValue) -> None:
        """Put a Lua function into the one hook slot: called at the next VM instruction; a later post replaces it."""
        ...


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
        return self._values[n - 1] if n <= len(self._values) else None

    def integer(self, n: int) -> int:
        """As luaL_checkinteger: integers, integral floats and numeric strings."""
        value = self.raw(n)
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else _parse_number(value)
        if number is None:
            self._type_error(n, "number")
        if isinstance(number, float):
            if not number.is_integer():
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
        got = "no value" if n > len(self._values) else type_name(self._values[n - 1])
        self.error(n, f"{expected} expected, got {got}")


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


def _parse_number(value: LuaValue) -> int | float | None:
    if not isinstance(value, bytes):
        return None
    text = value.strip()
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None
