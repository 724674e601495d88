"""The air as our own link uses it: events, slot, answers, loss, supervision; sections of the device reference."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from firmware_bridge.emulator.clock import DeadlockError, DeviceClock, run_virtual
from firmware_bridge.emulator.link_layer import HOST_QUEUE, Direction, RadioConditions
from firmware_bridge.emulator.radio import Air, RadioLink


class Ends:
    """A host and a device that only listen."""

    def __init__(self, conditions: RadioConditions, seed: int) -> None:
        self.clock = DeviceClock(asyncio.get_running_loop())
        self.down: list[tuple[float, bytes]] = []
        self.up: list[tuple[float, bytes]] = []
        self.lost: list[float] = []
        self.gone: list[float] = []
        self.radio = RadioLink(
            self.clock,
            conditions,
            random.Random(seed),
            peripheral=self,
            path=self,
            on_value=lambda value: self.up.append((self.clock.now(), value)),
            on_lost=lambda: self.lost.append(self.clock.now()),
        )

    def connected(self, air: Air, att_mtu: int) -> None: ...

    def subscribed(self, on: bool) -> None: ...  # noqa: FBT001

    def written(self, value: bytes) -> None:
        self.down.append((self.clock.now(), value))

    def disconnected(self) -> None:
        self.gone.append(self.clock.now())

    def pass_on(self, direction: Direction, value: bytes, deliver: Callable[[bytes], None]) -> None:
        deliver(value)

    async def stream_up(self, seconds: float, poll_s: float, size: int = 244) -> float:
        """Fill the slot whenever a look every `poll_s` finds it free; bytes a second that arrived."""
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            self.radio.notify(bytes(size))
            await asyncio.sleep(poll_s)
        return sum(len(value) for _, value in self.up) / seconds


def on_air(test: Callable[[Ends], Coroutine[Any, Any, None]], seed: int = 1, **conditions: Any) -> None:
    async def main() -> None:
        await test(Ends(RadioConditions(**conditions), seed))

    run_virtual(main())


@pytest.mark.reference("1.3 interval")
def test_values_cross_in_connection_events() -> None:
    """1.3: nothing before the next event, then as soon as its packet has been on the air."""

    async def main(ends: Ends) -> None:
        await asyncio.sleep(0.004)
        await ends.radio.write(b"d" * 244, response=False)
        assert ends.radio.notify(b"u")
        await asyncio.sleep(1)
        (when_down, _), (when_up, _) = ends.down[0], ends.up[0]
        assert when_down == pytest.approx(0.015 + (11 + 4 + 7 + 244) * 4e-6)
        assert when_up == pytest.approx(when_down + 150e-6 + (11 + 4 + 7 + 1) * 4e-6)

    on_air(main)


def test_an_answer_comes_in_the_next_event() -> None:
    """1.1 write with response: the value in one event, the answer in the next."""

    async def main(ends: Ends) -> None:
        await asyncio.sleep(0.001)
        for _ in range(3):
            start = ends.clock.now()
            await ends.radio.write(b"x", response=True)
            assert 0.0145 < ends.clock.now() - start < 0.031

    on_air(main)


@pytest.mark.reference("1.3 notification queue")
def test_one_notification_at_a_time() -> None:
    """1.3 Notification queue: one deep, free when acknowledged, before the next event."""

    async def main(ends: Ends) -> None:
        assert ends.radio.notify(b"1")
        assert not ends.radio.notify(b"2")
        while not ends.radio.notify(b"3"):  # noqa: ASYNC110 - as Lua does
            await asyncio.sleep(0.0001)
        assert 0 < ends.clock.now() < 0.0165
        await asyncio.sleep(0.005)
        assert [value for _, value in ends.up] == [b"1", b"3"]
        assert ends.up[1][0] < 0.0165

    on_air(main)


@pytest.mark.reference("4 throughput", "1.3 event length")
def test_throughput_is_that_of_the_hardware() -> None:
    """4: 40 to 60 kB/s: with one slot and 15 ms it hangs on how soon Lua fills it again, and on packets per event."""

    async def quick(ends: Ends) -> None:
        assert 60_000 < await ends.stream_up(10, 0.0003) < 65_100

    async def slow(ends: Ends) -> None:
        assert 14_000 < await ends.stream_up(10, 0.012) < 33_000

    async def few(ends: Ends) -> None:
        assert await ends.stream_up(10, 0.0003) == pytest.approx(244 / 0.015, rel=0.01)

    on_air(quick)
    on_air(slow)
    on_air(few, packets=1)


def test_loss_delays_and_never_damages() -> None:
    """A radio repeats until it is heard: every value arrives once, in order, whatever the loss."""

    async def main(ends: Ends) -> None:
        for n in range(200):
            await ends.radio.write(b"%d" % n, response=False)
        sent = 0
        while sent < 200:
            sent += ends.radio.notify(b"%d" % sent)
            await asyncio.sleep(0.003)
        await asyncio.sleep(3)
        assert [int(value) for _, value in ends.down] == list(range(200))
        assert [int(value) for _, value in ends.up] == list(range(200))
        assert ends.lost == []

    for seed in range(3):
        on_air(main, seed=seed, loss=0.3)


def test_loss_costs_throughput() -> None:
    rates = []

    async def main(ends: Ends) -> None:
        rates.append(await ends.stream_up(10, 0.0005))

    for loss in (0.0, 0.05, 0.3):
        on_air(main, loss=loss)
    assert rates[0] > rates[1] > rates[2] > 5_000


@pytest.mark.reference("1.3 supervision")
def test_out_of_range_the_link_is_lost_after_two_seconds() -> None:
    """1.3 Supervision 2 s; both ends hear of it; whoever waits gets an error."""

    async def main(ends: Ends) -> None:
        await asyncio.sleep(1)
        ends.radio.set_in_range(False)
        with pytest.raises(ConnectionError):
            await ends.radio.write(b"x", response=True)
        assert ends.lost == [3.0]
        assert ends.gone == [3.0]
        with pytest.raises(ConnectionError):
            await ends.radio.write(b"x", response=False)
        assert ends.down == []

    on_air(main)


def test_back_in_range_in_time_the_link_goes_on() -> None:
    async def main(ends: Ends) -> None:
        ends.radio.set_in_range(False)
        await ends.radio.write(b"late", response=False)
        await asyncio.sleep(1.9)
        ends.radio.set_in_range(True)
        await asyncio.sleep(5)
        assert [value for _, value in ends.down] == [b"late"]
        assert 1.9 < ends.down[0][0] < 1.92
        assert ends.lost == []

    on_air(main)


def test_a_link_on_which_nothing_is_ever_heard_ends() -> None:
    """1.3: also by loss alone, if it lasts."""

    async def main(ends: Ends) -> None:
        async def write_on() -> None:
            for _ in range(10_000):
                await ends.radio.write(b"x" * 244, response=True)

        with pytest.raises(ConnectionError):
            await write_on()
        assert len(ends.lost) == 1

    on_air(main, loss=0.9, interval_s=0.4)


def test_a_device_that_restarts_is_missed_after_two_seconds() -> None:
    async def main(ends: Ends) -> None:
        ends.radio.device_gone()
        await asyncio.sleep(3)
        assert ends.lost == [2.0]

    on_air(main)


def test_closing_tells_the_device_only() -> None:
    async def main(ends: Ends) -> None:
        ends.radio.notify(b"x")
        ends.radio.close()
        ends.radio.close()
        await asyncio.sleep(1)
        assert ends.gone == [0.0]
        assert ends.lost == []
        assert ends.up == []

    on_air(main)


def test_writes_wait_while_the_hosts_queue_is_full() -> None:
    async def main(ends: Ends) -> None:
        for _ in range(HOST_QUEUE):
            await ends.radio.write(bytes(244), response=False)
        assert ends.clock.now() == 0
        await ends.radio.write(bytes(244), response=False)
        assert ends.clock.now() > 0

    on_air(main)


def test_an_idle_link_costs_nothing() -> None:
    """Nothing queued, nothing scheduled: virtual time finds nothing that could ever happen."""

    async def main(ends: Ends) -> None:
        await ends.radio.write(b"x", response=True)
        await asyncio.Event().wait()

    with pytest.raises(DeadlockError, match="every task waits and no timer is set"):
        on_air(main)


def test_the_same_seed_is_the_same_air() -> None:
    def run(seed: int) -> list[tuple[float, bytes]]:
        heard: list[tuple[float, bytes]] = []

        async def main(ends: Ends) -> None:
            await ends.stream_up(2, 0.001)
            heard.extend(ends.up)

        on_air(main, seed=seed, loss=0.2)
        return heard

    assert run(5) == run(5)
    assert run(5) != run(6)
