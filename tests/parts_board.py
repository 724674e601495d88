"""A board for tests of one part: a clock that only charges move, callbacks in time order, posts kept in a list."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from typing import Any

from firmware_bridge.emulator.board import Args, LuaApiError, LuaFile
from firmware_bridge.emulator.choices import NOMINAL, STRICT


class PartsBoard:
    def __init__(self, *, strict: bool = False, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.choices = STRICT if strict else NOMINAL
        self.crashes = 0
        self.posted: list[tuple[Any, ...]] = []
        self._now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> float:
        return self._now

    def charge(self, seconds: float) -> None:
        assert seconds >= 0
        self._now += seconds

    def call_at(self, when: float, function: Callable[[], None]) -> None:
        heapq.heappush(self._due, (when, next(self._order), function))

    def free_heap(self) -> int:
        return self.choices.heap_bytes

    def crash(self) -> None:
        self.crashes += 1

    def post(self, function: Any, *arguments: Any) -> None:
        self.posted.append((function, *arguments))

    def wait(self, seconds: float) -> None:
        """Let device time pass as it does between two calls, with everything that falls due."""
        end = self._now + seconds
        while self._due and self._due[0][0] <= end:
            when, _, function = heapq.heappop(self._due)
            self._now = max(self._now, when)
            function()
        self._now = max(self._now, end)


def call(api: Any, name: str, *arguments: Any) -> Any:
    """Call a Lua function of a part as the VM does; a single nil comes back as None."""
    for part in name.split("."):
        api = api[part]
    result = api(Args(name.rpartition(".")[2], arguments))
    if isinstance(result, LuaFile):
        return dict(result.methods)
    return None if result == (None,) else result


def error_of(api: Any, name: str, *arguments: Any) -> str:
    """The text of the Lua error that the call raises."""
    try:
        call(api, name, *arguments)
    except LuaApiError as error:
        return str(error)
    raise AssertionError(f"{name}{arguments} raised no error")
