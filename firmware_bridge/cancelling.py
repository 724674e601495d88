"""Cancellation where libraries do not take it well: they leak their own, and leave half-done what is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

__all__ = ["STEP_S", "Startable", "brought_to_an_end", "cancel_requests", "carried_out", "started"]

STEP_S: Final = 1.0  # a system that takes longer to answer is not waited for once we are cancelled

_steps: set[asyncio.Task[None]] = set()
"""Of every loop: a loop itself does not keep its tasks alive."""


def cancel_requests() -> int:
    """How often this task has been asked to cancel: if it is no more than before, a library leaked a cancellation."""
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0


async def carried_out(step: Coroutine[Any, Any, None]) -> None:
    """Do this to its end, whether or not we are cancelled.

    Once we are, it is waited for up to `STEP_S` and then goes on alone.
    """
    task = _kept(step)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=STEP_S)
        raise


async def brought_to_an_end(step: Coroutine[Any, Any, None], patience_s: float) -> None:
    """Do this; if we are cancelled meanwhile, it still has so many seconds to end by itself before it is cancelled."""
    task = asyncio.get_running_loop().create_task(step)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        try:
            await asyncio.wait({task}, timeout=patience_s)
        finally:
            task.cancel()
            await asyncio.wait({task})
            _look_at(task)
        raise


class Startable(Protocol):
    """What is started, used and stopped."""

    async def start(self) -> None:
        """Begin."""
        ...

    async def stop(self) -> None:
        """End."""
        ...


@asynccontextmanager
async def started(what: Startable) -> AsyncIterator[None]:
    """Start it, and stop it at the end; neither is broken off when we are cancelled: what begins to start is stopped.

    It begins when steps that were left alone before have come to their end.
    """
    await _left_alone()
    starting = _kept(what.start())
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait({_kept(_stopped_once(starting, what))}, timeout=STEP_S)
        raise
    try:
        yield
    finally:
        await carried_out(what.stop())


async def _stopped_once(starting: asyncio.Task[None], what: Startable) -> None:
    await asyncio.wait({starting})
    if not starting.cancelled() and starting.exception() is None:
        await what.stop()


async def _left_alone() -> None:
    loop = asyncio.get_running_loop()
    if steps := {step for step in _steps if step.get_loop() is loop}:
        await asyncio.wait(steps)


def _kept(step: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.get_running_loop().create_task(step, name="carried out")
    _steps.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(step: asyncio.Task[None]) -> None:
    _steps.discard(step)
    _look_at(step)


def _look_at(step: asyncio.Task[None]) -> None:
    """Its error was told to whoever waited; where nobody did, there is nothing left to do about it."""
    if not step.cancelled():
        step.exception()
