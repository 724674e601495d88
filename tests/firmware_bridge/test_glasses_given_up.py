"""Calls that are given up in the middle, and links that break while a call begins; the soak found each of these."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from glasses_end import emulated, noise, record, write_wav

from firmware_bridge import Glasses
from firmware_bridge.emulator.clock import run_virtual

pytestmark = pytest.mark.usefixtures("each_device")

SENSORS: dict[str, Callable[[Glasses], AsyncIterator[object]]] = {
    "taps": Glasses.taps,
    "motion": Glasses.motion,
}


async def first_of(values: AsyncIterator[object]) -> object:
    async with contextlib.aclosing(values):  # type: ignore[type-var]
        return await anext(values)


@pytest.mark.parametrize("sensor", SENSORS)
def test_listening_to_a_sensor_can_be_given_up_at_any_moment(sensor: str) -> None:
    async def main() -> None:
        async with emulated() as (glasses, _):
            await asyncio.sleep(0.1)
            before = asyncio.all_tasks()
            for turns in range(6):
                listening = asyncio.create_task(first_of(SENSORS[sensor](glasses)))
                for _ in range(turns):
                    await asyncio.sleep(0)
                listening.cancel()
                await asyncio.wait({listening})
                assert listening.cancelled(), listening.exception()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await first_of(SENSORS[sensor](glasses))
            assert asyncio.all_tasks() == before

    run_virtual(main())


def test_taps_are_heard_although_the_link_breaks_while_they_are_asked_for() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            source.faults.next("down", "cut")
            listening = asyncio.create_task(first_of(glasses.taps()))
            await asyncio.sleep(3)
            source.device.tap()
            async with asyncio.timeout(1):
                await listening

    run_virtual(main())


def test_sound_is_heard_although_the_link_breaks_while_it_is_asked_for(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", noise(2))

    async def main() -> None:
        async with emulated(mic=path) as (glasses, source):
            source.faults.next("down", "cut")
            chunks = await record(glasses)
            assert sum(len(chunk.samples) for chunk in chunks if not chunk.lost_reason) == 32000

    run_virtual(main())
