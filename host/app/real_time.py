"""A file that is played to somebody who reads along: no faster than it was spoken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from host.contracts import AudioChunk, Microphone

__all__ = ["InRealTime"]


class InRealTime:
    """A source of sound at the pace of its own clock; never faster, and slower where its reader is."""

    def __init__(self, source: Microphone) -> None:
        """Play `source`, which can give its sound at any speed."""
        self._source = source

    @property
    def rate_hz(self) -> int:
        """Samples a second of every chunk."""
        return self._source.rate_hz

    async def chunks(self) -> AsyncGenerator[AudioChunk, None]:
        """The source's chunks, each when its last sample would have been spoken."""
        loop = asyncio.get_running_loop()
        began_s: float | None = None
        async with aclosing(self._source.chunks()) as chunks:  # type: ignore[type-var]  # typed as an iterator
            async for chunk in chunks:
                began_s = loop.time() if began_s is None else began_s
                end_s = (chunk.start + len(chunk.samples)) / chunk.rate_hz
                wait_s = began_s + end_s - loop.time()
                if wait_s > 0:
                    await asyncio.sleep(wait_s)
                else:
                    began_s -= wait_s  # the reader was slower; its backlog is not made up for by a rush
                yield replace(chunk, heard_at_s=loop.time())
