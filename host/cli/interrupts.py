"""What Ctrl-C (SIGINT), SIGTERM and a terminal that is closed (SIGHUP) do.

While modules are imported, and when the work is done, the program ends at once and without a word: nothing is left to
save, and libraries written in C turn Python's exception into other errors, or print it. Between that they cancel what
runs, which then saves what it has.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Any, Final, TypeVar

__all__ = ["INTERRUPTED", "ONE_PRESS_S", "at_once", "from_here_on_at_once", "stoppable", "terminate_as_interrupt"]

T = TypeVar("T")

INTERRUPTED: Final = 130
"""Exit code, as a shell gives for SIGINT."""

ONE_PRESS_S: Final = 0.4
"""Interrupts that come so soon after the first are the same wish: keys bounce and repeat, and some programs send a
signal to a group and its leader. Nobody has read in that time what a second one would drop."""


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """Ctrl-C in the block ends the program at once, unless something else owns the signal."""
    try:
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, _end)
    except ValueError:  # not the main thread: whoever runs us there owns the signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def from_here_on_at_once() -> None:
    """Ctrl-C ends the program at once for the rest of its life."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, _end)


@contextlib.contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the program as Ctrl-C does, so that a feature saves what it has either way.

    What was started with nohup stays when its terminal is closed.
    `asyncio.run` cancels its main task on SIGINT, but only where it finds Python's own handler. A shell starts its
    background jobs with SIGINT ignored: there the handler is set and the signal itself blocked, which keeps it ignored.
    """

    def terminate(number: int, frame: FrameType | None) -> None:
        interrupt = signal.getsignal(signal.SIGINT)
        if callable(interrupt):
            interrupt(number, frame)

    try:
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            signal.signal(signal.SIGINT, signal.default_int_handler)
        before = {number: signal.signal(number, terminate) for number in _ends()}
    except ValueError:  # as above
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ends() -> list[signal.Signals]:
    """The signals that tell a program to end, but for those that its starter has it ignore."""
    named = (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP"))  # Windows has no SIGHUP
    return [one for one in named if one is not None and signal.getsignal(one) is not signal.SIG_IGN]


async def stoppable(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main()` inside `asyncio.run` or a Runner so that it can end in order.

    The first interrupt cancels it, and gives it the time that it takes to finish. More within `ONE_PRESS_S` are the
    same one. The next cancels it again; what that gives up is for `main` to say. Further ones raise KeyboardInterrupt.
    """
    import asyncio  # noqa: PLC0415 - not loaded to answer --help

    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    inner = signal.getsignal(signal.SIGINT)
    pressed: list[float] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if pressed and now - pressed[0] < ONE_PRESS_S:
            return
        pressed.append(now)
        if len(pressed) == 2 and task is not None:
            loop.call_soon_threadsafe(task.cancel)
        elif callable(inner):
            inner(number, frame)  # the runner's: it cancels, the next time it raises

    try:
        signal.signal(signal.SIGINT, interrupt)
    except ValueError:  # as above
        return await main()
    try:
        return await main()
    except asyncio.CancelledError:
        if len(pressed) > 1 and task is not None:
            task.uncancel()  # else the runner takes it for a cancellation that is not its own
        raise
    finally:
        signal.signal(signal.SIGINT, inner)


def _end(_number: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)
