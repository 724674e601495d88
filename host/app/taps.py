"""Taps on the glasses, told apart by how many come at once; and presses of Halo's button, which come told apart."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from firmware_bridge import Button, GlassesError, Tap

__all__ = ["DOUBLE_S", "follow_taps"]

DOUBLE_S: Final = 0.5
"""Seconds within which a second tap belongs to the first, by the glasses' own clock; systems take 0.3 to 0.5."""

_ON_THE_WAY_S: Final = 0.25  # a report may wait for a picture's bytes, or for a lost packet to be repeated
_TAPS: Final = {"double": 2, "long": 3}  # that a press stands for, where it has no meaning of its own


async def follow_taps(
    taps: AsyncIterator[Tap],
    single: Callable[[float], None],
    double: Callable[[], None],
    triple: Callable[[float], None] | None = None,
    pressed: Callable[[Button], None] | None = None,
) -> None:
    """Call these until cancelled, or until `taps` end or the glasses are out of reach for good.

    Args:
        taps: as they come; closed here.
        single: one tap was made at this event loop time, after which no other came.
        double: two taps were made.
        triple: three were, the first at this event loop time; None where a third tap is the first of the next.
        pressed: the button was; None where a click is a tap, two clicks are two, and a long press is three.
    """
    clock = asyncio.get_running_loop().time
    most = 3 if triple else 2
    coming = asyncio.ensure_future(anext(taps))
    try:
        while True:
            last = await coming
            heard_s = clock()
            coming = asyncio.ensure_future(anext(taps))
            if last.button and pressed:
                pressed(last.button)
                continue
            count = _TAPS.get(last.button, 1)
            while not last.button and count < most and await _follows(last, coming):
                last, count = coming.result(), count + 1
                coming = asyncio.ensure_future(anext(taps))
            if count == 1:
                single(heard_s)
            elif count == 2:
                double()
            elif triple is not None:
                triple(heard_s)
    except (StopAsyncIteration, GlassesError):
        return
    finally:
        coming.cancel()
        await asyncio.wait({coming})
        close = getattr(taps, "aclose", None)
        if close is not None:
            with contextlib.suppress(Exception):
                await close()


async def _follows(last: Tap, coming: asyncio.Future[Tap]) -> bool:
    """Whether the tap that is coming belongs to the last one; else it is the first of the next, or there is none."""
    await asyncio.wait({coming}, timeout=DOUBLE_S + _ON_THE_WAY_S)
    if not coming.done() or coming.exception() is not None:
        return False
    then = coming.result()
    return not then.button and then.time_s - last.time_s <= DOUBLE_S
