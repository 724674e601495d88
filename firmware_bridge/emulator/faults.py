"""Faults above the link layer, between the radio and either end: values lost, late, doubled, swapped or damaged.

A radio never does this (it repeats until it is heard); a host's Bluetooth software may. Off by default. Seeded by
`FaultRates`, or one by one:

    source.faults.drop_next("down")
    source.faults.cut_for(10.0)
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.link_layer import Direction

Fault = Literal["drop", "delay", "duplicate", "reorder", "corrupt", "cut"]

DELAY_S: Final = 0.25  # longer than any round trip, shorter than any timeout of a session
REORDER_S: Final = 0.03  # two connection events: the next value overtakes


@dataclass(frozen=True, slots=True)
class FaultRates:
    """Probability of each fault for each value, both directions, 0 to 1; together at most 1.

    Attributes:
        drop: the value never arrives.
        delay: it arrives `DELAY_S` later; later values do not wait for it.
        duplicate: it arrives twice.
        reorder: the next value overtakes it.
        corrupt: one bit is wrong.
        cut: the link breaks instead.
    """

    drop: float = 0.0
    delay: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    cut: float = 0.0


@dataclass(frozen=True, slots=True)
class Cut:
    """The glasses are out of range from `at_s` (device seconds since power on) for `for_s` seconds."""

    at_s: float
    for_s: float


class Faults:
    """Decides what happens to each value.

    Args:
        clock: the device clock.
        rates: chance faults.
        chance: seeded.
        cut: breaks the link at once.
        set_in_range: called with False when the glasses go out of range and with True when they are back.
    """

    def __init__(
        self,
        clock: DeviceClock,
        rates: FaultRates,
        chance: random.Random,
        cut: Callable[[], None],
        set_in_range: Callable[[bool], None],
    ) -> None:
        self._clock = clock
        self._rates = tuple((name, getattr(rates, name)) for name in FaultRates.__slots__ if getattr(rates, name) > 0)
        self._chance = chance
        self._cut = cut
        self._set_in_range = set_in_range
        self._next: dict[Direction, deque[Fault]] = {"down": deque(), "up": deque()}
        self._away_until = 0.0
        self._due = {"down": 0.0, "up": 0.0}  # when the last value is let on, by direction: none overtakes another
        self.delay_s = 0.0
        """How much later each value is let on, in both directions, in order."""
        self.counts: dict[str, int] = {}
        """Faults that happened, by name."""

    @property
    def in_range(self) -> bool:
        """Whether the glasses can be heard."""
        return self._clock.now() >= self._away_until

    @property
    def back_at(self) -> float:
        """Device time at which the glasses can be heard again, if they cannot."""
        return self._away_until

    def next(self, direction: Direction, fault: Fault) -> None:
        """Let this happen to the next value in that direction; several queue up, one value each."""
        self._next[direction].append(fault)

    def drop_next(self, direction: Direction) -> None:
        """Lose the next value in that direction."""
        self.next(direction, "drop")

    def cut_now(self) -> None:
        """Break the link at once; the glasses stay in range."""
        self._count("cut")
        self._cut()

    def cut_for(self, seconds: float) -> None:
        """Take the glasses out of range; the link is lost when its supervision timeout has passed."""
        now = self._clock.now()
        self._away_until = max(self._away_until, now + seconds)
        self._set_in_range(False)
        self._clock.call_at(self._away_until, self._maybe_back)

    def schedule(self, cut: Cut) -> None:
        """Take the glasses out of range at a device time."""
        self._clock.call_at(cut.at_s, self.cut_for, cut.for_s)

    def pass_on(self, direction: Direction, value: bytes, deliver: Callable[[bytes], None]) -> None:
        """Path of `radio.py`."""
        now = self._clock.now()
        due = self._due[direction] = max(now + self.delay_s, self._due[direction])
        if due > now:
            self._clock.call_at(due, self._let_on, direction, value, deliver)
        else:
            self._let_on(direction, value, deliver)

    def _let_on(self, direction: Direction, value: bytes, deliver: Callable[[bytes], None]) -> None:
        fault = self._choose(direction)
        if fault is None:
            deliver(value)
            return
        self._count(fault)
        if fault == "cut":
            self._cut()
        elif fault == "delay":
            self._later(DELAY_S, deliver, value)
        elif fault == "reorder":
            self._later(REORDER_S, deliver, value)
        elif fault == "duplicate":
            deliver(value)
            self._clock.call_at(self._clock.now(), deliver, value)
        elif fault == "corrupt":
            deliver(self._damaged(value))

    def _choose(self, direction: Direction) -> Fault | None:
        if self._next[direction]:
            return self._next[direction].popleft()
        if not self._rates:
            return None
        dice = self._chance.random()
        for name, rate in self._rates:
            if dice < rate:
                return name  # type: ignore[return-value] # the fields of FaultRates are the faults
            dice -= rate
        return None

    def _damaged(self, value: bytes) -> bytes:
        if not value:
            return value
        bit = self._chance.randrange(len(value) * 8)
        changed = bytearray(value)
        changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)

    def _later(self, seconds: float, deliver: Callable[[bytes], None], value: bytes) -> None:
        self._clock.call_at(self._clock.now() + seconds, deliver, value)

    def _maybe_back(self) -> None:
        if self.in_range:
            self._set_in_range(True)

    def _count(self, fault: str) -> None:
        self.counts[fault] = self.counts.get(fault, 0) + 1
