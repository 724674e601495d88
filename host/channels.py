"""What stands between two stages of a pipeline: a queue with a bound and a rule for when it is full."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

__all__ = ["Channel", "ChannelClosedError"]

T = TypeVar("T")


class ChannelClosedError(Exception):
    """Nothing more comes, or nothing more is taken."""


class Channel(Generic[T]):
    """Values from one task to another, in order.

    When it is full the sender waits; nothing is dropped, unless `replaces` says that a new value makes the one that
    was put before it superfluous: then it takes its place.
    """

    def __init__(self, limit: int, replaces: Callable[[T, T], bool] = lambda _old, _new: False) -> None:
        """Make a channel.

        Args:
            limit: values that wait at most, at least 1.
            replaces: called with the value put last, if it still waits, and the new one.
        """
        self._limit, self._replaces = limit, replaces
        self._items: deque[T] = deque()
        self._closed = False
        self._ready, self._space = asyncio.Event(), asyncio.Event()

    def __len__(self) -> int:
        return len(self._items)

    async def put(self, value: T) -> None:
        """Send a value. Cancelling sends nothing. Raises ChannelClosedError."""
        while not self._closed:
            if self._items and self._replaces(self._items[-1], value):
                self._items[-1] = value
                return
            if len(self._items) < self._limit:
                self._items.append(value)
                self._ready.set()
                return
            self._space.clear()
            await self._space.wait()
        raise ChannelClosedError

    def put_over(self, value: T) -> T | None:
        """Send a value at once; where the channel is full, the oldest gives way and is returned.

        Raises:
            ChannelClosedError: nothing was sent.
        """
        if self._closed:
            raise ChannelClosedError
        oldest = self._items.popleft() if len(self._items) >= self._limit else None
        self._items.append(value)
        self._ready.set()
        return oldest

    async def get(self, timeout_s: float | None = None) -> T:
        """The next value. Cancelling takes none.

        Args:
            timeout_s: seconds to wait at most; None for as long as it takes.

        Raises:
            ChannelClosedError: it is closed and empty.
            TimeoutError: nothing came.
        """
        async with asyncio.timeout(timeout_s):
            while not self._items:
                if self._closed:
                    raise ChannelClosedError
                self._ready.clear()
                await self._ready.wait()
        self._space.set()
        return self._items.popleft()

    async def __aiter__(self) -> AsyncIterator[T]:
        """Values until it is closed and empty."""
        while True:
            try:
                value = await self.get()
            except ChannelClosedError:
                return
            yield value

    def close(self) -> None:
        """Let nothing more in; what waits can still be taken. Repeated calls do nothing."""
        self._closed = True
        self._ready.set()
        self._space.set()
