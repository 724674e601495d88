"""One speaker, several listeners, none of whom can hold up another or fill the memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from firmware_bridge.errors import GlassesError

__all__ = ["Feed"]

T = TypeVar("T")


class Feed(Generic[T]):
    """What several listeners hear; each has a bounded queue that gives up its oldest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._queues: set[asyncio.Queue[T | GlassesError]] = set()

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._queues)

    def put(self, value: T | GlassesError) -> None:
        """Tell everybody; an error ends their listening."""
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(value)

    async def values(self) -> AsyncIterator[T]:
        """What is told from now on. Raises the error that was put."""
        queue: asyncio.Queue[T | GlassesError] = asyncio.Queue(self._limit)
        self._queues.add(queue)
        try:
            while True:
                value = await queue.get()
                if isinstance(value, GlassesError):
                    raise value
                yield value
        finally:
            self._queues.discard(queue)
