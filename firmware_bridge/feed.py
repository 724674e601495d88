"""One speaker, several listeners, none of whom can hold up another or fill the memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from firmware_bridge.errors import GlassesError

__all__ = ["Feed"]

T = TypeVar("T")


class Feed(Generic[T]):
    """What several listeners hear; each has a bounded queue that gives up its oldest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._queues: set[asyncio.Queue[T | GlassesError]] = set()
        self._end: GlassesError | None = None

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._queues)

    def put(self, value: T) -> None:
        """Tell everybody."""
        for queue in self._queues:
            _put(queue, value)

    def end(self, reason: GlassesError) -> None:
        """Nothing more will be told: whoever listens, and whoever begins to, gets the reason."""
        self._end = reason
        for queue in self._queues:
            _put(queue, reason)

    @contextlib.contextmanager
    def listening(self) -> Iterator[Callable[[], Awaitable[T]]]:
        """Listen within the `with`. What it gives waits for the next value, and raises the reason at the end."""
        queue: asyncio.Queue[T | GlassesError] = asyncio.Queue(self._limit)

        async def following() -> T:
            value = await queue.get()
            if isinstance(value, GlassesError):
                raise value
            return value

        if self._end is not None:
            _put(queue, self._end)
        self._queues.add(queue)
        try:
            yield following
        finally:
            self._queues.discard(queue)

    async def values(self) -> AsyncGenerator[T, None]:
        """What is told from when it is first waited for. Raises the reason at the end."""
        with self.listening() as following:
            while True:
                yield await following()


def _put(queue: asyncio.Queue[T | GlassesError], value: T | GlassesError) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(value)
