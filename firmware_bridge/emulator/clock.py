"""The clocks an emulated device can run on: real time, N times as fast, and virtual time.

Virtual time is a `VirtualTimeLoop`: an asyncio event loop whose clock stands still while anything can run and jumps to
the next timer when nothing can. An hour of emulated speech takes as long as its computation, and two runs with the
same seed are identical. Work handed to `run_in_executor` or `asyncio.to_thread` is really waited for: time does not
move while such a job is out, so a job must be a finite computation that needs nothing from the loop. Plain sockets and
subprocesses do not hold the clock.

    result = run_virtual(main(), charge_compute=True)

Left to others: what the device's own processor takes (`processor.py`) and what the air takes (`radio.py`).
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import selectors
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

_compute = threading.local()

MAX_LATE_S = 1.0  # a loop that is later than this did not wait its turn, it slept: a suspended computer
MAX_TURN_S = 0.02  # the most that a late device takes at a time from whoever else uses the loop


class DeadlockError(RuntimeError):
    """Virtual time cannot go on: every task waits, no timer is set and no job is out."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time.

    Args:
        charge_compute: let the result of an executor job arrive as long after its start as it really took:
            the CPU seconds of its thread, plus what it reported by `report_compute`. Jobs of one executor with N
            workers queue behind each other as they would there. False: jobs take no virtual time.
    """

    def __init__(self, *, charge_compute: bool = False) -> None:
        self._virtual_s = 0.0
        self._jobs_out = 0
        self._charge_compute = charge_compute
        self._free_at: dict[int, list[float]] = {}
        super().__init__(_WaitingSelector(self))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual_s

    @property
    def jobs_out(self) -> int:
        """Executor jobs whose results have not arrived."""
        return self._jobs_out

    def advance(self, seconds: float) -> None:
        """Move the clock; for the loop's own selector."""
        self._virtual_s += seconds

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Arguments], T], *args: *Arguments
    ) -> asyncio.Future[T]:
        """As in asyncio; the clock waits for the job."""
        self._jobs_out += 1
        if not self._charge_compute:
            plain = super().run_in_executor(executor, func, *args)
            plain.add_done_callback(self._job_arrived)
            return plain
        started = self._virtual_s
        measured = super().run_in_executor(executor, _Measured(func, args))
        result: asyncio.Future[T] = self.create_future()
        measured.add_done_callback(lambda done: self._job_measured(executor, started, done, result))
        return result

    async def shutdown_default_executor(self, *args: Any) -> None:
        """As in asyncio; the clock waits for the threads to end."""
        self._jobs_out += 1
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self._jobs_out -= 1

    def _job_arrived(self, _done: object) -> None:
        self._jobs_out -= 1

    def _job_measured(
        self, executor: Any, started: float, done: asyncio.Future[_Outcome], result: asyncio.Future[Any]
    ) -> None:
        self._jobs_out -= 1
        if done.cancelled():
            result.cancel()
            return
        failure = done.exception()
        if failure is not None:
            if not result.done():
                result.set_exception(failure)
            return
        outcome = done.result()
        self.call_at(self._finish_time(executor, started, outcome.seconds), outcome.deliver, result)

    def _finish_time(self, executor: Any, started: float, seconds: float) -> float:
        workers = getattr(executor, "_max_workers", None)  # absent: the default executor, in effect unbounded
        if workers is None:
            return started + seconds
        free_at = self._free_at.setdefault(id(executor), [0.0] * workers)
        finish = max(heapq.heappop(free_at), started) + seconds
        heapq.heappush(free_at, finish)
        return finish


class DeviceTimer:
    """Something that happens at a device time, unless cancelled."""

    __slots__ = ("_args", "_callback", "when_s")

    def __init__(self, when_s: float, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.when_s = when_s
        self._callback: Callable[..., object] | None = callback
        self._args = args

    def cancel(self) -> None:
        """Let it not happen; repeated calls do nothing."""
        self._callback, self._args = None, ()

    def run(self) -> None:
        """Let it happen, once."""
        callback, args = self._callback, self._args
        self.cancel()
        if callback is not None:
            callback(*args)


class DeviceClock:
    """Device time on an event loop: seconds since the device was switched on.

    What is due happens in order and at its own time, even when the loop comes to it late: device time never passes
    something that has not happened. So the computer's load changes when things are seen, not what happens on the
    device.

    Args:
        loop: the running loop; a `VirtualTimeLoop` makes the device's time virtual.
        speed: device seconds per second of the loop, more than 0.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, speed: float = 1.0) -> None:
        self.loop = loop
        self.speed = speed
        self._start = loop.time()
        self._due: list[tuple[float, int, DeviceTimer]] = []
        self._order = itertools.count()
        self._now = 0.0  # of what happens, or happened last
        self._happening = False
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def virtual(self) -> bool:
        """True where time waits for whoever computes."""
        return isinstance(self.loop, VirtualTimeLoop)

    def now(self) -> float:
        """Device seconds since the clock was made."""
        if self._happening:
            return self._now
        elapsed = (self.loop.time() - self._start) * self.speed
        return max(self._now, min(elapsed, self._due[0][0]) if self._due else elapsed)

    def call_at(self, when_s: float, callback: Callable[..., object], *args: Any) -> DeviceTimer:
        """Call back at a device time.

        If it has passed, soon, and as if it were that time still, or the latest at which something happened.
        """
        timer = DeviceTimer(max(when_s, self._now), callback, args)
        heapq.heappush(self._due, (timer.when_s, next(self._order), timer))
        if not self._happening and self._due[0][2] is timer:
            self._set_alarm()
        return timer

    async def sleep(self, seconds: float) -> None:
        """Wait for so many device seconds."""
        woken = asyncio.Event()
        timer = self.call_at(self.now() + seconds, woken.set)
        try:
            await woken.wait()
        finally:
            timer.cancel()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        when = self._due[0][0]
        self._alarm = self.loop.call_at(self._start + when / self.speed, self._ring, when)

    def _ring(self, target: float) -> None:
        """Let everything happen that is due, for a while at most, so that the loop's other users are not kept."""
        self._alarm = None
        began = self.loop.time()
        if began - self._start - target / self.speed > MAX_LATE_S:
            self._start = began - target / self.speed - MAX_LATE_S  # the computer slept, and the device with it
        self._happening = True
        try:
            while self._due and self.loop.time() - began < MAX_TURN_S:
                if self._due[0][0] > max(target, (self.loop.time() - self._start) * self.speed):
                    break
                self._now, _, timer = heapq.heappop(self._due)
                try:
                    timer.run()
                except Exception as error:  # noqa: BLE001 - as the loop itself does with its callbacks
                    context = {"message": "an emulated device's callback failed", "exception": error}
                    self.loop.call_exception_handler(context)
        finally:
            self._happening = False
            if self._due:
                self._set_alarm()


def run_virtual(main: Coroutine[Any, Any, T], *, charge_compute: bool = False) -> T:
    """Run a coroutine to its end in virtual time, as `asyncio.run` does in real time.

    Raises:
        DeadlockError: everything waits and nothing will ever happen.
    """
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(charge_compute=charge_compute)) as runner:
        return runner.run(main)


def report_compute(seconds: float) -> None:
    """Called inside an executor job: add CPU seconds spent for it elsewhere, such as in another process or in a
    library's own threads, to what `charge_compute` charges. Does nothing outside a measured job.
    """
    if hasattr(_compute, "reported_s"):
        _compute.reported_s += seconds


class _WaitingSelector(selectors.BaseSelector):
    """Polls for real events; where there is none it waits for a job or moves the virtual clock."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        self._loop = loop
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = self._real.select(0)
        if events or timeout == 0:
            return events
        if self._loop.jobs_out:
            return self._real.select(None)
        if timeout is None:
            raise DeadlockError("virtual time has stopped: every task waits and no timer is set")
        self._loop.advance(max(timeout, 0.0))
        return events

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Any:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class _Outcome:
    """What a measured job gave, and the seconds it took; travels between processes."""

    def __init__(self, seconds: float, value: object, error: BaseException | None) -> None:
        self.seconds = seconds
        self._value = value
        self._error = error

    def deliver(self, result: asyncio.Future[Any]) -> None:
        if result.done():
            return
        if self._error is not None:
            result.set_exception(self._error)
        else:
            result.set_result(self._value)


class _Measured:
    """A job that measures itself; picklable where the job is, so that process pools can run it."""

    def __init__(self, func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._func = func
        self._args = args

    def __call__(self) -> _Outcome:
        _compute.reported_s = 0.0
        start = time.thread_time()
        value: object = None
        error: BaseException | None = None
        try:
            value = self._func(*self._args)
        except Exception as failure:  # noqa: BLE001 - carried to the caller, when its time has come
            error = failure
        seconds = time.thread_time() - start + _compute.reported_s
        del _compute.reported_s
        return _Outcome(seconds, value, error)
