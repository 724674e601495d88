"""What the emulated glasses' parts use: how long each was on, and a battery that empties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

__all__ = ["Battery", "OnTime"]


class _Time(Protocol):
    def now(self) -> float: ...
    def call_at(self, when: float, function: Callable[[], None]) -> None: ...


class OnTime:
    """How long a part was on while the glasses were."""

    def __init__(self, board: _Time, *, on: bool = False) -> None:
        """Of a part of this board."""
        self._board = board
        self._on, self._powered = on, True
        self._before_s = 0.0
        self._since = 0.0

    @property
    def seconds(self) -> float:
        """Up to this moment."""
        return self._before_s + (self._board.now() - self._since if self._on and self._powered else 0.0)

    def switch(self, *, on: bool) -> None:
        """The part is on, or off."""
        self._count()
        self._on = on

    def power(self, *, on: bool) -> None:
        """The glasses are on, or off."""
        self._count()
        self._powered = on

    def _count(self) -> None:
        self._before_s, self._since = self.seconds, self._board.now()


class Battery:
    """A charge that drains at an even rate while the glasses are on."""

    def __init__(self, board: _Time, percent: float, drain: float, empty: Callable[[], None]) -> None:
        """Hold `percent`, lose `drain` an hour while powered, call `empty` when nothing is left."""
        self._board, self._drain, self._empty = board, drain, empty
        self._percent, self._since, self._powered = percent, 0.0, False
        self._plan = 0  # the newest; older ones are void

    @property
    def percent(self) -> float:
        """What is left, 0 to 100."""
        passed_s = self._board.now() - self._since if self._powered else 0.0
        return max(0.0, self._percent - self._drain * passed_s / 3600)

    def charge(self, percent: float) -> None:
        """It holds so much from here on."""
        self._percent, self._since = percent, self._board.now()
        self._watch()

    def power(self, *, on: bool) -> None:
        """The glasses are on, or off."""
        percent = self.percent
        self._powered = on
        self.charge(percent)

    def _watch(self) -> None:
        self._plan += 1
        plan = self._plan

        def emptied() -> None:
            if plan == self._plan:
                self._percent, self._since = 0.0, self._board.now()
                self._empty()

        if self._powered and self._drain:
            self._board.call_at(self._since + 3600 * self._percent / self._drain, emptied)
