"""Taps on the glasses: one sets a bookmark, two at once pause or go on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from firmware_bridge import GlassesError, Tap

__all__ = ["DOUBLE_S", "follow_taps"]

DOUBLE_S: Final = 0.5
"""Seconds within which a second tap belongs to the first, by the glasses' own clock; systems take 0.3 to 0.5."""

_ON_THE_WAY_S: Final = 0.25  # a report may wait for a picture's bytes, or for a lost packet to be repeated


async def follow_taps(taps: AsyncIterator[Tap], single: Callable[[float], None], double: Callable[[], None]) -> None:
    """Call these until cancelled, or until `taps` end or the glasses are out of reach for good.

    Args:
        taps: as they come; closed here.
        single: one tap was made at this event loop time, after which no other came.
        double: two taps were made.
    """
    clock = asyncio.get_running_loop().time
    coming = asyncio.ensure_future(anext(taps))
    try:
        while True:
            first = await coming
            heard_s = clock()
            coming = asyncio.ensure_future(anext(taps))
            await asyncio.wait({coming}, timeout=DOUBLE_S + _ON_THE_WAY_S)
            if not coming.done() or coming.exception() is not None:
                single(heard_s)
            elif coming.result().time_s - first.time_s > DOUBLE_S:
                single(heard_s)  # what came is the first of the next
            else:
                double()
                coming = asyncio.ensure_future(anext(taps))
    except (StopAsyncIteration, GlassesError):
        return
    finally:
        coming.cancel()
        await asyncio.wait({coming})
        close = getattr(taps, "aclose", None)
        if close is not None:
            with contextlib.suppress(Exception):
                await close()
