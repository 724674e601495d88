"""Cancellation where libraries do not take it well: they leak their own, and leave half-done what is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol

STEP_S: Final = 1.0  # a system that takes longer to answer is not waited for once we are cancelled


def cancel_requests() -> int:
    """How often this task has been asked to cancel: if it is no more than before, a library leaked a cancellation."""
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0


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
    """Start it, and stop it at the end; neither is broken off when we are cancelled, unless it takes `STEP_S`."""
    starting = asyncio.ensure_future(what.start())
    try:
        await _carried_out(starting)
    except asyncio.CancelledError:
        if starting.done() and not starting.cancelled() and starting.exception() is None:
            await _carried_out(asyncio.ensure_future(what.stop()))
        raise
    try:
        yield
    finally:
        await _carried_out(asyncio.ensure_future(what.stop()))


async def _carried_out(step: asyncio.Future[None]) -> None:
    try:
        await asyncio.shield(step)
    except asyncio.CancelledError:
        await asyncio.wait({step}, timeout=STEP_S)
        step.cancel()
        raise
