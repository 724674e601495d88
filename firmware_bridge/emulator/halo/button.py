"""The emulated Halo's button (device reference 1.2 and 2.8).

A script plays the wearer, one line a moment, `#` begins a comment:

    # seconds since power on, what
    2.5    single
    8      double
    12     hold 5
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from firmware_bridge.emulator.board import Api, Args, LuaApiError, LuaValue, TakesCallback
from firmware_bridge.emulator.halo.bluetooth import EventBoard
from firmware_bridge.errors import InputError

DOUBLE_S: Final = 0.400  # 2.8: how long a single click waits for a second one
LONG_S: Final = 1.0  # 1.2: the program's long press
SLEEP_S: Final = 2.0  # deep sleep
PAIR_S: Final = 5.0  # the pairing window
SHIP_S: Final = 15.0  # everything is wiped, and ship mode
SCRIPT_MAX_BYTES: Final = 1_000_000
SECONDS_MAX: Final = 1e7

Level = Literal["sleep", "pair", "ship"]
_FORM: Final = "Write lines of: seconds single, seconds double, or seconds hold SECONDS."


class Button:
    """The button, and its part of the Lua API (`frame.button`).

    Args:
        board: the device.
        held: called with what the firmware itself does after a long hold.
    """

    def __init__(self, board: EventBoard, held: Callable[[Level], None]) -> None:
        self._board = board
        self._held = held
        self._callbacks: dict[str, LuaValue] = {}
        self._event: LuaValue = None
        self._first: object = None  # click that another may follow yet

    def api(self) -> Api:
        """The functions of `frame.button`."""
        return {kind: TakesCallback(self._setter(kind)) for kind in ("single", "double", "long")}

    def reset(self) -> None:
        """The Lua VM starts: the callbacks are gone."""
        self._callbacks.clear()
        self._first = None

    def interrupt(self) -> None:
        """0x03: the callbacks are gone (1.7)."""
        self.reset()

    def click(self, count: int = 1) -> None:
        """The wearer clicks once or twice; one click is known as such 0.4 s later, where no other followed."""
        if count > 1 or self._first is not None:
            self._first = None
            self._happened("double")
            return
        self._first = click = object()

        def alone() -> None:
            if self._first is click:
                self._first = None
                self._happened("single")

        self._board.call_at(self._board.now() + DOUBLE_S, alone)

    def hold(self, seconds: float) -> None:
        """The wearer has held it for so long."""
        if seconds >= SHIP_S:
            self._held("ship")
        elif seconds >= PAIR_S:
            self._held("pair")
        elif seconds >= SLEEP_S:
            self._held("sleep")
        elif seconds >= LONG_S:
            self._happened("long")
        else:
            self.click()

    def _happened(self, kind: str) -> None:
        """One event waits at most; a later one replaces it (2.8)."""
        self._event = self._callbacks.get(kind)
        if self._event is not None:
            self._board.signal(lambda: self._board.event(self._event))

    def _setter(self, kind: str) -> Callable[[Args], None]:
        def set_callback(args: Args) -> None:
            callback = args.raw(1)
            if len(args) == 0 or not (callback is None or callable(callback)):
                raise LuaApiError("expected function or nil")
            self._callbacks[kind] = callback

        return set_callback


def read_presses(path: Path) -> tuple[tuple[float, float], ...]:
    """What the wearer does: seconds since power on, and how long the button is held (0: a click, -1: two clicks).

    Raises:
        InputError: the file is missing, unreadable, too long or empty, or a line (named by number) is wrong.
    """
    shown = ascii(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(SCRIPT_MAX_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"the script of presses {shown} cannot be read: {error.strerror}", "Check the name."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"the script of presses {shown} is not text", _FORM) from error
    if len(content) > SCRIPT_MAX_BYTES:
        raise InputError(f"the script of presses {shown} is too long", f"At most {SCRIPT_MAX_BYTES // 1_000_000} MB.")
    presses = [
        _press(words, f"{shown}, line {number}")
        for number, line in enumerate(text.splitlines(), 1)
        if (words := line.partition("#")[0].split())
    ]
    if not presses:
        raise InputError(f"the script of presses {shown} is empty", _FORM)
    return tuple(sorted(presses))


def _press(words: list[str], place: str) -> tuple[float, float]:
    held = {"single": 0.0, "double": -1.0}.get(" ".join(words[1:]), float("nan"))
    try:
        seconds = float(words[0])
        if words[1:2] == ["hold"] and len(words) == 3:
            held = float(words[2])
    except ValueError as error:
        raise InputError(f"{place} is not understood", _FORM) from error
    if not 0 <= seconds <= SECONDS_MAX or not -1 <= held <= SECONDS_MAX:
        raise InputError(f"{place} is not understood", _FORM)
    return seconds, held
