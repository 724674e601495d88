"""Faults above the link layer: scripted, by chance, and repeatable."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from firmware_bridge.emulator.clock import DeviceClock, run_virtual
from firmware_bridge.emulator.faults import DELAY_S, REORDER_S, Cut, Fault, FaultRates, Faults


class Place:
    def __init__(self, rates: FaultRates | None = None, seed: int = 1) -> None:
        self.clock = DeviceClock(asyncio.get_running_loop())
        self.range: list[tuple[float, bool]] = []
        self.cuts = 0
        self.got: list[tuple[float, bytes]] = []
        self.faults = Faults(
            self.clock,
            rates or FaultRates(),
            random.Random(seed),
            self._cut,
            lambda in_range: self.range.append((self.clock.now(), in_range)),
        )

    def _cut(self) -> None:
        self.cuts += 1

    def send(self, *values: bytes) -> None:
        for value in values:
            self.faults.pass_on("down", value, lambda v: self.got.append((self.clock.now(), v)))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("drop", [(0, b"b")]),
        ("delay", [(0, b"b"), (DELAY_S, b"a")]),
        ("reorder", [(0, b"b"), (REORDER_S, b"a")]),
        ("duplicate", [(0, b"a"), (0, b"b"), (0, b"a")]),
        ("cut", [(0, b"b")]),
    ],
)
def test_scripted_faults_hit_the_next_value_only(fault: Fault, expected: list[tuple[float, bytes]]) -> None:
    async def main() -> None:
        place = Place()
        place.faults.next("up", "drop")
        place.faults.next("down", fault)
        place.send(b"a", b"b")
        await asyncio.sleep(1)
        assert place.got == expected
        assert place.faults.counts == {fault: 1}
        assert place.cuts == (fault == "cut")

    run_virtual(main())


def test_damage_is_one_bit() -> None:
    async def main() -> None:
        place = Place()
        for _ in range(200):
            place.faults.next("down", "corrupt")
            place.send(b"\0" * 20)
        place.faults.next("down", "corrupt")
        place.send(b"")
        values = [value for _, value in place.got]
        assert values.pop() == b""
        assert {sum(byte.bit_count() for byte in value) for value in values} == {1}
        assert len(set(values)) > 50

    run_virtual(main())


def test_rates_are_kept_and_repeatable() -> None:
    rates = FaultRates(drop=0.1, delay=0.05, duplicate=0.05, corrupt=0.2)

    async def run(seed: int) -> tuple[dict[str, int], list[tuple[float, bytes]]]:
        place = Place(rates, seed)
        for n in range(4000):
            place.send(random.Random(n).randbytes(16))
        await asyncio.sleep(1)
        return place.faults.counts, place.got

    counts, got = run_virtual(run(3))
    assert (counts, got) == run_virtual(run(3))
    assert (counts, got) != run_virtual(run(4))
    assert counts == {
        name: pytest.approx(getattr(rates, name) * 4000, rel=0.25) for name in ("drop", "delay", "duplicate", "corrupt")
    }
    assert len(got) == 4000 - counts["drop"] + counts["duplicate"]
    assert set(Counter(value for _, value in got).values()) <= {1, 2}


def test_out_of_range_and_back() -> None:
    async def main() -> None:
        place = Place()
        place.faults.schedule(Cut(5, 2))
        await asyncio.sleep(1)
        place.faults.cut_for(1)
        place.faults.cut_for(0.5)
        assert not place.faults.in_range
        assert place.faults.back_at == 2
        await asyncio.sleep(10)
        assert place.faults.in_range
        ranges = [entry for n, entry in enumerate(place.range) if n == 0 or entry[1] != place.range[n - 1][1]]
        assert ranges == [(1, False), (2, True), (5, False), (7, True)]
        place.faults.cut_now()
        assert place.cuts == 1

    run_virtual(main())
