"""The glasses in trouble: faults of the link, programs that went before, the end of what is heard."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from glasses_end import HELLO, RATE, address, emulated, lit, noise, picture_of, record, settle, write_wav
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from firmware_bridge import Glasses, Link, Scene, Text
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource

pytestmark = pytest.mark.usefixtures("each_device")


@pytest.mark.parametrize(("cut_s", "lost_s"), [(0.5, 0.03), (2.5, 1.5)])
def test_a_recording_that_ends_while_the_link_is_lost_is_accounted_for_to_its_end(
    tmp_path: Path, cut_s: float, lost_s: float
) -> None:
    """A short cut the glasses bridge; of a long one they give up the oldest sound, and say how much."""
    spoken = noise(5)
    path = write_wav(tmp_path / "a.wav", spoken)

    async def main() -> None:
        async with emulated(mic=path) as (glasses, source):
            asyncio.get_running_loop().call_later(3.6, source.faults.cut_for, cut_s)
            chunks = await record(glasses)
            assert sum(len(chunk.samples) for chunk in chunks) / RATE == pytest.approx(5, abs=0.05)
            assert sum(len(chunk.samples) for chunk in chunks if chunk.lost_reason) / RATE <= lost_s

    run_virtual(main())


def test_a_lens_cleared_while_the_link_breaks_goes_dark() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            await glasses.show(HELLO)
            await settle()
            source.faults.cut_for(1)
            await glasses.clear()
            await settle()
            assert not lit(source).any()

    run_virtual(main())


def test_a_photo_that_another_program_left_behind_does_not_hold_up_the_next() -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri(address()))
        closing, source.close = source.close, settle
        async with Glasses(source) as glasses:
            left = asyncio.create_task(glasses.take_photo(resolution=100, exposures=0))
            await asyncio.sleep(0.25)
            left.cancel()
        async with Glasses(source) as glasses:
            began = asyncio.get_running_loop().time()
            photo = await glasses.take_photo(resolution=200, exposures=0)
            assert asyncio.get_running_loop().time() - began < 5
            with Image.open(io.BytesIO(photo.jpeg)) as image:
                assert image.size == ((200, 200) if glasses.info.kind == "frame" else (640, 480))
        await closing()

    run_virtual(main())


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_under_any_faults_the_lens_ends_as_asked(seed: int) -> None:
    async def main() -> None:
        wanted = await picture_of(HELLO)
        faults = "drop:0.05,corrupt:0.05,duplicate:0.05,delay:0.05"
        async with emulated(seed=seed, faults=faults, loss=0.1) as (glasses, source):
            for n in range(20):
                await glasses.show(Scene((Text(n % 3, 0, 60 * (n % 3), f"line {n}"),)))
            await glasses.show(HELLO)
            await settle()
            await settle()
            assert (lit(source) == wanted).all()

    run_virtual(main())


def test_two_runs_with_one_seed_are_identical() -> None:
    async def main() -> list[tuple[float, bytes]]:
        log: list[tuple[float, bytes]] = []
        async with emulated(seed=3, loss=0.05, faults="drop:0.02") as (glasses, source):

            class Watch:
                def __getattr__(self, name: str):
                    return lambda *args: log.append((args[0], args[1])) if name in ("sent", "received") else None

            source.device.observers.append(Watch())
            await glasses.show(HELLO)
            await record(glasses, 2)
        return log

    assert run_virtual(main()) == run_virtual(main())


@pytest.mark.parametrize("moment", [0, 2, 5])
def test_a_break_at_any_moment_ends_the_program_at_once_and_it_is_started_again(moment: int, tmp_path: Path) -> None:
    """Gone on with, what the break interrupted would be half done: sound read and not counted, a line not drawn."""
    spoken = write_wav(tmp_path / "a.wav", noise(20))

    async def main() -> None:
        async with emulated(mic=spoken) as (glasses, source), asyncio.TaskGroup() as group:
            states: list[str] = []

            async def watch() -> None:
                async for change in glasses.states():
                    states[len(states) :] = [change.detail if change.state == "trouble" else change.state]

            others = [group.create_task(watch()), group.create_task(record(glasses))]
            for n in range(4):
                await asyncio.sleep(0.2 + (moment + 6 * n) * 0.00037)
                shown = group.create_task(glasses.show(Scene((Text(1, 0, 60 * n, "a line of text " * 2),))))
                await asyncio.sleep(0.004 + moment * 0.0022)
                source.device.written(b"\x03")
                await asyncio.sleep(0.15)
                assert states == [*["lost", "connecting", "ready"] * n, "lost"]
                await asyncio.sleep(4)
                await shown
            for other in others:
                other.cancel()

    run_virtual(main())


@pytest.mark.parametrize("after_s", [1.3, 1.6])
def test_a_link_cut_during_the_first_upload_is_made_again(after_s: float) -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri(address()))
        connect, links = source.connect, 0

        async def counted(*arguments: Any, **options: Any) -> Link:
            nonlocal links
            links += 1
            if links == 1:
                asyncio.get_running_loop().call_later(after_s, source.faults.cut_now)
            return await connect(*arguments, **options)

        source.connect = counted  # type: ignore[method-assign]
        async with Glasses(source) as glasses:
            assert links == 2
            assert glasses.start.upload is not None
            await glasses.show(Scene((Text(1, 20, 100, "Hello"),)))

    run_virtual(main())
