"""What the link must achieve on the emulated Frame, in virtual time: figures that follow from the named estimates.

pytest -s tests/firmware_bridge/test_link_targets.py        shows each figure beside its limit
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.mark.structures import ParameterSet
from glasses_end import RATE, emulated, noise, record, samples_of, write_wav

from firmware_bridge import Bitmap, Glasses, Quality, Scene, Text
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.source import EmulatorSource

CAPTION = "so the meeting begins at nine in room fo"  # 40 characters, two lines of the glasses' font
GOLDEN = 0.6180339887
PHASES_S = 0.075  # five connection intervals and three scans of the display: waits within it meet every phase of both
SLOW = pytest.mark.parametrize("slow", [0, 1], ids=["nominal", "slow"])


def at_length(slow: int, amount: int) -> ParameterSet:
    return pytest.param(slow, amount, marks=pytest.mark.slow)


def caption(text: str, y: int = 100) -> Scene:
    return Scene((Text(1, 20, y, text[:20]), Text(2, 20, y + 60, text[20:])))


def picture(seed: int) -> Bitmap:
    return Bitmap(3, 0, 0, 320, 4, np.random.default_rng(seed).bytes(24_000))


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def told(figure: str, value: float, limit: float, unit: str = "ms") -> None:
    print(f"\n{figure}: {value:.2f} {unit} (at most {limit:g})", end="")  # noqa: T201 - what `pytest -s` is asked for
    assert value <= limit


def traffic(glasses: Glasses) -> int:
    assert glasses.session is not None
    return glasses.session.traffic.bytes_out + glasses.session.traffic.bytes_in


class Lens:
    """When each picture was lit, and whether anything was on it below `from_row`."""

    def __init__(self, source: EmulatorSource, from_row: int = 0) -> None:
        self.lit: list[tuple[float, bool]] = []
        power_on = asyncio.get_running_loop().time() - source.device.now()
        source.device.display.observers.append(
            lambda at, see: self.lit.append((power_on + at, bool(see()[from_row:].any())))
        )


@contextlib.asynccontextmanager
async def listening(glasses: Glasses, *, on: bool = True) -> AsyncIterator[None]:
    """The microphone streams 16 kHz and 16 bit to somebody."""
    task = asyncio.create_task(record(glasses)) if on else None
    await asyncio.sleep(1)
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            await asyncio.wait({task})


def virtual(main: Coroutine[Any, Any, None]) -> None:
    run_virtual(main)


@SLOW
def test_24_kb_go_as_fast_as_the_radio_takes_them(slow: int) -> None:
    """Four packets an event: 105 packets take 27 events of 15 ms, 0.4 s."""

    async def main() -> None:
        async with emulated(slow=slow) as (glasses, source):
            await asyncio.sleep(1)
            loop = asyncio.get_running_loop()
            asked = loop.time()
            await glasses.show(Scene((picture(1),)))
            told("24 kB to the glasses", (loop.time() - asked) * 1000, 420)
            assert source.device.counters.receive_overwrites == 0

    virtual(main())


@pytest.mark.slow
@pytest.mark.parametrize(("sound", "limit"), [(True, 65), (False, 70)], ids=["while it listens", "on a quiet link"])
def test_a_caption_is_lit_soon(*, sound: bool, limit: float) -> None:
    """On a quiet link the wait for the next event (15 ms), SPI (8 ms) and display (50 ms) alone make a p95 of 67 ms."""

    async def main() -> None:
        async with emulated() as (glasses, source), listening(glasses, on=sound):
            lens, delays = Lens(source), []
            loop = asyncio.get_running_loop()
            start = loop.time()
            for n in range(150):
                await asyncio.sleep(start + n * 0.5 + n * GOLDEN % 1 * PHASES_S - loop.time())
                before, asked = len(lens.lit), loop.time()
                await glasses.show(caption(CAPTION))
                await asyncio.sleep(0.2)
                delays.append(lens.lit[before][0] - asked)
                await glasses.clear()
            told("caption of 40 characters, call to lit, p95", p95(delays) * 1000, limit)

    virtual(main())


@pytest.mark.parametrize(("slow", "seconds"), [(0, 5), at_length(0, 60), at_length(1, 60)])
def test_ten_captions_a_second(slow: int, seconds: int) -> None:
    async def main() -> None:
        async with emulated(slow=slow) as (glasses, source):
            await asyncio.sleep(1)
            lens, asked, shown, text = Lens(source), [], [], ""
            loop = asyncio.get_running_loop()
            start, before = loop.time(), traffic(glasses)
            words = cycle(f"{CAPTION}ur and the talk goes on about this and that".split())
            for n in range(10 * seconds):
                await asyncio.sleep(start + n * 0.1 - loop.time())
                word = next(words)
                text = f"{text} {word}" if len(text) + len(word) < 40 else word
                asked.append(loop.time())
                shown.append(asyncio.create_task(glasses.show(caption(text))))
            await asyncio.gather(*shown)
            await asyncio.sleep(0.3)
            # Each of them was lit, whole, and never was the lens dark in between.
            assert len(lens.lit) == len(asked)
            assert all(anything for _, anything in lens.lit)
            assert source.device.display.lost_draws == 0
            delays = [at - ask for (at, _), ask in zip(lens.lit, asked, strict=True)]
            told("ten captions a second, call to lit, p95", p95(delays) * 1000, 90)
            told("bytes a caption, both directions", (traffic(glasses) - before) / len(asked), 21, "B")
            assert source.device.counters.receive_overwrites == 0

    virtual(main())


@pytest.mark.parametrize(("slow", "times"), [(1, 8), at_length(0, 40), at_length(1, 40)])
def test_a_caption_overtakes_24_kb(slow: int, times: int) -> None:
    async def main() -> None:
        async with emulated(slow=slow) as (glasses, source):
            lens, delays = Lens(source, from_row=300), []
            loop = asyncio.get_running_loop()
            for n in range(times):
                big = asyncio.create_task(glasses.show(Scene((picture(n),))))
                await asyncio.sleep(0.02 + n * GOLDEN % 1 * 0.3)
                assert not big.done()
                before, asked = len(lens.lit), loop.time()
                await glasses.show(Scene((picture(n), Text(1, 20, 345, CAPTION[:30]))))
                await asyncio.sleep(0.3)
                delays.append(next(at for at, anything in lens.lit[before:] if anything) - asked)
                await glasses.clear()
                await asyncio.sleep(0.3)
                assert big.done()
            told("caption while 24 kB are under way, call to lit, p95", p95(delays) * 1000, 150)
            assert source.device.counters.receive_overwrites == 0

    virtual(main())


@pytest.mark.parametrize(("resolution", "quality"), [(512, Quality.HIGH), (720, Quality.VERY_HIGH)])
def test_a_photo_costs_little_more_than_its_bytes(resolution: int, quality: Quality) -> None:
    async def main() -> None:
        async with emulated() as (glasses, _):
            await asyncio.sleep(1)
            before = traffic(glasses)
            jpeg = (await glasses.take_photo(resolution=resolution, quality=quality, exposures=0)).jpeg
            await asyncio.sleep(0.5)
            more = (traffic(glasses) - before) / len(jpeg) - 1
            told(f"photo of {len(jpeg)} bytes, all bytes of both directions", more * 100, 1.7, "% more")

    virtual(main())


def test_a_photo_goes_on_after_a_cut_where_it_was() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            whole = (await glasses.take_photo(exposures=0)).jpeg
            values: list[int] = []

            class Watch:
                def __getattr__(self, name: str):
                    return lambda *args: values.append(len(args[1])) if name == "sent" else None

            source.device.observers.append(Watch())
            asyncio.get_running_loop().call_later(0.45, source.faults.cut_for, 3)
            assert (await glasses.take_photo(exposures=0)).jpeg == whole
            assert source.device.camera.captures == 2
            assert source.faults.counts == {}
            twice = sum(values) - len(whole) * 1.017
            told("sent twice after a cut in the middle of a photo", twice / 1000, 17, "kB")

    virtual(main())


@SLOW
def test_a_lost_packet_costs_little_and_nothing_is_dead(slow: int) -> None:
    async def main() -> None:
        async with emulated(slow=slow) as (glasses, source):
            loop = asyncio.get_running_loop()
            more = []
            for n in range(20):
                await asyncio.sleep(0.1 + n * GOLDEN % 1 * PHASES_S)
                asked = loop.time()
                await glasses.show(caption(f"{n} undisturbed"))
                undisturbed = loop.time() - asked
                source.faults.drop_next("down" if n % 2 else "up")
                asked = loop.time()
                await glasses.show(caption(f"{n} disturbed"))
                more.append(loop.time() - asked - undisturbed)
            told("a lost packet costs, at most", max(more) * 1000, 200)

    virtual(main())


def test_sound_photos_and_captions_at_once_lose_no_sample(tmp_path: Path) -> None:
    spoken = noise(12)
    path = write_wav(tmp_path / "talk.wav", spoken)

    async def main() -> None:
        async with emulated(mic=path) as (glasses, source):
            lens, delays = Lens(source), []
            loop = asyncio.get_running_loop()

            async def talk() -> None:
                for n in range(50):
                    await asyncio.sleep(0.2)
                    before, asked = len(lens.lit), loop.time()
                    await glasses.show(caption(f"{n} {CAPTION}"[:40]))
                    await asyncio.sleep(0.1)
                    delays.extend(at - asked for at, _ in lens.lit[before : before + 1])

            async def photo() -> None:
                await asyncio.sleep(3)
                asked = loop.time()
                assert (await glasses.take_photo(exposures=3)).jpeg.endswith(b"\xff\xd9")
                told("photo beside sound and captions", loop.time() - asked, 6, "s")

            async with asyncio.TaskGroup() as group:
                group.create_task(talk())
                group.create_task(photo())
                chunks = await record(glasses)
            assert {chunk.lost_reason for chunk in chunks} == {None}
            assert np.array_equal(samples_of(chunks)[: len(spoken)], spoken)
            told("captions beside a photo and sound, p95", p95(delays) * 1000, 150)
            assert source.device.counters.receive_overwrites == 0

    virtual(main())


def test_every_lost_sample_is_known(tmp_path: Path) -> None:
    spoken = noise(12)
    path = write_wav(tmp_path / "talk.wav", spoken)

    async def main() -> None:
        async with emulated(mic=path, seed=5, faults="drop:0.02,duplicate:0.02,reorder:0.02") as (glasses, source):
            photo = asyncio.create_task(glasses.take_photo(exposures=3))
            chunks = await record(glasses)
            await photo
            heard = samples_of(chunks)[: len(spoken)]
            lost = np.concatenate([np.full(len(chunk.samples), chunk.lost_reason is not None) for chunk in chunks])
            assert source.faults.counts["drop"] > 5
            assert lost.any()
            assert lost.sum() < 0.05 * len(spoken)
            known = ~lost[: len(heard)]
            assert np.array_equal(heard[known], spoken[: len(heard)][known])
            assert len(heard) > len(spoken) - RATE // 2

    virtual(main())
