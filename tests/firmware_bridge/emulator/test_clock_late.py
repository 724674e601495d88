"""A device on a loop that is late: things are seen later, but what happens is the same."""

from __future__ import annotations

import asyncio
import time

from firmware_bridge.emulator.clock import MAX_LATE_S, DeviceClock


def test_what_is_due_happens_in_order_and_at_its_own_time() -> None:
    async def main() -> None:
        clock = DeviceClock(asyncio.get_running_loop())
        seen: list[tuple[str, float]] = []

        def chain(count: int) -> None:
            seen.append(("chain", clock.now()))
            if count:
                clock.call_at(clock.now() + 0.005, chain, count - 1)

        clock.call_at(0.010, chain, 10)
        clock.call_at(0.032, lambda: seen.append(("other", clock.now())))
        time.sleep(0.1)  # noqa: ASYNC251 - the loop is kept, as by a busy computer
        assert clock.now() == 0.010  # time has not passed what has not happened
        await asyncio.sleep(0.08)
        assert [round(when, 9) for _, when in seen] == sorted(round(when, 9) for _, when in seen)
        assert ("other", 0.032) in seen
        assert [round(when, 3) for name, when in seen if name == "chain"] == [
            round(0.010 + 0.005 * n, 3) for n in range(11)
        ]

    asyncio.run(main())


def test_a_cancelled_timer_does_not_happen_and_a_failing_one_does_not_stop_the_rest() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        failures: list[object] = []
        loop.set_exception_handler(lambda _loop, context: failures.append(context["exception"]))
        clock = DeviceClock(loop)
        seen: list[int] = []
        clock.call_at(0.001, seen.append, 1).cancel()
        clock.call_at(0.002, lambda: 1 / 0)
        clock.call_at(0.003, seen.append, 3)
        await clock.sleep(0.01)
        assert seen == [3]
        assert isinstance(failures[0], ZeroDivisionError)

    asyncio.run(main())


def test_a_computer_that_slept_does_not_make_the_device_hurry() -> None:
    async def main() -> None:
        clock = DeviceClock(asyncio.get_running_loop())
        ticks: list[float] = []

        def tick() -> None:
            ticks.append(clock.now())
            clock.call_at(clock.now() + 0.01, tick)

        tick()
        clock._start -= 3600  # an hour passes at once
        await asyncio.sleep(0.05)
        assert len(ticks) <= (MAX_LATE_S + 0.1) / 0.01 + 2

    asyncio.run(main())
