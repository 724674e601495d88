"""Virtual time, executor jobs in it, and the device clock."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from firmware_bridge.emulator.clock import DeadlockError, DeviceClock, VirtualTimeLoop, report_compute, run_virtual


def work(cpu_s: float) -> str:
    end = time.thread_time() + cpu_s
    while time.thread_time() < end:
        pass
    return "done"


def test_an_hour_takes_no_time() -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        times = []
        for seconds in (3600, 0.001, 1e5, 0):
            await asyncio.sleep(seconds)
            times.append(loop.time())
        return times

    start = time.monotonic()
    assert run_virtual(main()) == [3600, 3600.001, pytest.approx(103600.001), pytest.approx(103600.001)]
    assert time.monotonic() - start < 5


def test_timers_fire_in_order_and_time_stands_still_while_anything_runs() -> None:
    async def main() -> list[tuple[float, str]]:
        loop = asyncio.get_running_loop()
        seen: list[tuple[float, str]] = []

        async def say(when: float, what: str) -> None:
            await asyncio.sleep(when)
            for _ in range(100):
                await asyncio.sleep(0)
            seen.append((loop.time(), what))

        async with asyncio.TaskGroup() as group:
            for when, what in ((0.3, "c"), (0.1, "a"), (0.2, "b")):
                group.create_task(say(when, what))
        return seen

    assert run_virtual(main()) == [(0.1, "a"), (0.2, "b"), (0.3, "c")]


def test_timeouts_work() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(7):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == 7


def test_waiting_for_nothing_is_an_error_and_not_a_hang() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(DeadlockError, match="every task waits and no timer is set"):
        run_virtual(main())


def test_jobs_are_really_waited_for_and_take_no_virtual_time() -> None:
    async def main() -> tuple[object, float]:
        loop = asyncio.get_running_loop()
        ticking = asyncio.create_task(asyncio.sleep(0.001))
        result = await asyncio.to_thread(time.sleep, 0.05)
        assert loop.time() == 0
        assert not ticking.done()
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, lambda: 1 // 0)
        await ticking
        return result, loop.time()

    assert run_virtual(main()) == (None, 0.001)


def test_charged_jobs_arrive_when_their_computation_would_be_over() -> None:
    async def main() -> tuple[str, float]:
        result = await asyncio.to_thread(work, 0.05)
        return result, asyncio.get_running_loop().time()

    result, taken = run_virtual(main(), charge_compute=True)
    assert result == "done"
    assert 0.05 <= taken < 0.1


def test_sleeping_is_not_computing() -> None:
    async def main() -> float:
        await asyncio.to_thread(time.sleep, 0.1)
        return asyncio.get_running_loop().time()

    assert run_virtual(main(), charge_compute=True) < 0.05


def test_a_job_may_report_what_it_cost_elsewhere() -> None:
    async def main() -> float:
        await asyncio.to_thread(report_compute, 2.5)
        return asyncio.get_running_loop().time()

    assert run_virtual(main(), charge_compute=True) == pytest.approx(2.5, abs=0.05)
    report_compute(1)  # outside a job: nothing


def test_jobs_of_one_worker_queue_behind_each_other() -> None:
    async def main(workers: int) -> float:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(workers) as pool:
            await asyncio.gather(*(loop.run_in_executor(pool, report_compute, 1.0) for _ in range(4)))
        return loop.time()

    assert run_virtual(main(1), charge_compute=True) == pytest.approx(4, abs=0.1)
    assert run_virtual(main(2), charge_compute=True) == pytest.approx(2, abs=0.1)


def test_errors_and_cancelling_of_charged_jobs() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, lambda: 1 // 0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.to_thread(report_compute, 10.0)
        assert loop.time() == pytest.approx(1, abs=0.05)

    run_virtual(main(), charge_compute=True)


def test_other_processes_are_measured_there() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(1) as pool:
            assert await loop.run_in_executor(pool, work, 0.05) == "done"
        return loop.time()

    assert 0.05 <= run_virtual(main(), charge_compute=True) < 0.2


def test_device_time_runs_faster_by_its_speed() -> None:
    async def main() -> None:
        clock = DeviceClock(asyncio.get_running_loop(), speed=20)
        rung: list[float] = []
        clock.call_at(1.0, lambda: rung.append(clock.now()))
        cancelled = clock.call_at(1.0, lambda: rung.append(-1))
        cancelled.cancel()
        start = time.monotonic()
        await clock.sleep(2)
        assert time.monotonic() - start > 0.09
        assert rung == [1.0]

    asyncio.run(main())


def test_a_device_clock_knows_virtual_time() -> None:
    async def main() -> bool:
        return DeviceClock(asyncio.get_running_loop()).virtual

    assert run_virtual(main())
    assert not asyncio.run(main())


def test_the_loop_can_be_made_by_a_runner() -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(asyncio.sleep(10))
        assert runner.get_loop().time() == 10
