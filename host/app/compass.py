"""Where the wearer of glasses looks: the motion of their head, turned into headings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Final

from firmware_bridge import Glasses, SensorSample
from host.app.bound import kept_as
from host.contracts.compass import Calibration, EarthField
from host.navigate.compass import Motion
from host.navigate.compass_following import followed, following
from host.navigate.trip import Heading
from host.paths import data_folder
from host.store import compasses

__all__ = ["PERIOD_S", "calibration_of", "headings", "motions"]

PERIOD_S: Final = 0.08
"""From one sample of the head's motion to the next: a turn is followed within 0.2 s (docs/compass.md)."""


async def headings(
    glasses: Glasses, calibration: Calibration, here: EarthField
) -> AsyncGenerator[Heading | None, None]:
    """Where the wearer looks, from true north, some twelve times a second; None where it is not known.

    It is not known while something of iron is near, or while no samples come. The sensor runs from when the first is
    waited for until the generator is closed, so close it when nothing is shown that turns with the head. Times are
    those of the event loop's clock, which need not be that of the fixes.

    Args:
        glasses: open.
        calibration: of these glasses.
        here: the earth's field about where they are; a hundred kilometres make less than a degree.

    Raises:
        GlassesError: the glasses are out of reach for good.
    """
    follower = following(calibration, here)
    async with contextlib.aclosing(motions(glasses)) as samples:
        async for motion in samples:
            if motion is None:
                yield None
                continue
            follower = followed(follower, motion)
            yield follower.heading


def calibration_of(glasses: Glasses, uri: str) -> Calibration | None:
    """The calibration of these glasses, which are open; None where they were never calibrated. Raises StoreError.

    Args:
        glasses: whose.
        uri: their address.
    """
    session = glasses.session
    if session is None:
        return None
    kept = compasses.calibration_of(data_folder(), session.link.info.address, kept_as(uri))
    return None if kept is None else kept.calibration


async def motions(glasses: Glasses, period_s: float = PERIOD_S) -> AsyncGenerator[Motion | None, None]:
    """Samples of the head's motion as they come; None for each second without one, as while the link is lost.

    Args:
        glasses: open.
        period_s: from one to the next; 0.02 to 60.

    Raises:
        GlassesError: the glasses are out of reach for good.
    """
    clock = asyncio.get_running_loop().time
    samples = glasses.motion(period_s)
    coming = asyncio.ensure_future(anext(samples))
    try:
        while True:
            await asyncio.wait({coming}, timeout=1.0)
            if not coming.done():
                yield None
                continue
            sample = coming.result()
            coming = asyncio.ensure_future(anext(samples))
            yield _motion(sample, clock())
    finally:
        coming.cancel()
        await asyncio.wait({coming})
        await samples.aclose()  # type: ignore[attr-defined]  # an async generator, typed as an iterator


def _motion(sample: SensorSample, time_s: float) -> Motion:
    (ax, ay, az), (cx, cy, cz) = sample.accelerometer, sample.compass
    return Motion(time_s, (float(ax), float(ay), float(az)), (float(cx), float(cy), float(cz)))
