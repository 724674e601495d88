"""The glasses through the public API: real Lua app, real protocol, emulated Frame, virtual time."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import numpy as np
import pytest
from glasses_end import HELLO, RATE, address, emulated, lit, noise, picture_of, record, samples_of, settle, write_wav
from PIL import Image

from firmware_bridge import Glasses, LinkLostError, LocalProtocolError, Quality, Rect, Scene, Text, lc3
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.link import Link, OnLost, OnValue

pytestmark = pytest.mark.usefixtures("each_device")


def test_first_start_uploads_later_starts_do_not() -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri(address()))
        closing, source.close = source.close, settle  # the device outlives the first two programs
        async with Glasses(source) as glasses:
            assert glasses.start.upload is not None
            assert glasses.start.upload.repeated == 0
        async with Glasses(source) as glasses:
            assert glasses.start.was_running
            assert glasses.start.rounds == 1
            assert glasses.start.upload is None
        source.device.restart()
        await settle()
        async with Glasses(source) as glasses:
            assert not glasses.start.was_running
            assert glasses.start.rounds == 2
            assert glasses.start.upload is None
        await closing()

    run_virtual(main())


def test_the_lens_shows_what_was_asked_and_only_changes_cross() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            await glasses.show(HELLO)
            await settle()
            first = lit(source)
            assert first.any()
            sent = glasses.session.traffic.bytes_out
            await glasses.show(Scene((*HELLO.items[:1], Text(2, 20, 160, "second line grows", "yellow"))))
            assert glasses.session.traffic.bytes_out - sent < 40
            await settle()
            assert (lit(source) != first).any()
            await glasses.clear()
            await settle()
            assert not lit(source).any()

    run_virtual(main())


def test_text_is_data_whatever_it_says() -> None:
    hostile = 'x\\\',1,1)print("PWNED")--]] \x03\x04'

    async def main() -> None:
        async with emulated() as (glasses, source):
            printed: list[bytes] = []

            class Watch:
                def __getattr__(self, name: str):
                    return lambda *args: printed.append(args[1]) if name == "printed" else None

            source.device.observers.append(Watch())
            await glasses.show(Scene((Text(1, 0, 0, hostile),)))
            await settle()
            assert lit(source).any()
            assert printed == []

    run_virtual(main())


@pytest.mark.frame_only("LC3 keeps what is heard, not each bit")
def test_sound_arrives_bit_identical(tmp_path: Path) -> None:
    spoken = noise(3)
    path = write_wav(tmp_path / "a b.wav", spoken)

    async def main() -> None:
        async with emulated(mic=path) as (glasses, _):
            chunks = await record(glasses)
            assert not any(chunk.lost_reason for chunk in chunks)
            assert np.array_equal(samples_of(chunks)[: len(spoken)], spoken)
            assert len(samples_of(chunks)) - len(spoken) < 256

    run_virtual(main())


@pytest.mark.frame_only("Halo's sound is LC3")
@pytest.mark.parametrize(("rate_hz", "bits"), [(8000, 16), (8000, 8), (16000, 8)])
def test_other_sound_formats_are_as_the_firmware_makes_them(tmp_path: Path, rate_hz: int, bits: int) -> None:
    spoken = noise(1)
    path = write_wav(tmp_path / "a.wav", spoken)
    expected = spoken[:: RATE // rate_hz]
    if bits == 8:
        expected = (expected >> 8) << 8

    async def main() -> None:
        async with emulated(mic=path) as (glasses, _):
            chunks = await record(glasses, rate_hz=rate_hz, bits=bits)
            assert np.array_equal(samples_of(chunks)[: len(expected)], expected)

    run_virtual(main())


def test_a_short_cut_loses_no_more_than_what_was_in_the_air() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            asyncio.get_running_loop().call_later(2, source.faults.cut_for, 0.2)
            chunks = await record(glasses, 5)
            lost = sum(len(chunk.samples) for chunk in chunks if chunk.lost_reason)
            assert lost <= 3 * 119

    run_virtual(main())


def test_sound_that_a_slow_computer_takes_late_hides_no_running_app() -> None:
    """Two seconds of sound come before the answer to the greeting; 30 ms for each value is BlueZ on a busy computer."""

    class Slow(EmulatorSource):
        async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
            free_at = 0.0

            def late(value: bytes) -> None:
                nonlocal free_at
                loop = asyncio.get_running_loop()
                free_at = max(free_at, loop.time()) + 0.03
                loop.call_at(free_at, on_value, value)

            link = await super().connect(late, on_lost, timeout_s=timeout_s)
            await asyncio.sleep(0.5)  # bleak learns of the connection later than values come
            return link

    async def main() -> None:
        source = Slow(parse_uri(address()))
        async with Glasses(source) as glasses:
            states: list[str] = []

            async def watch() -> None:
                async for change in glasses.states():
                    states.append(change.state)  # noqa: PERF401 - read while it grows

            watching = asyncio.create_task(watch())
            recording = asyncio.create_task(record(glasses, rate_hz=8000, bits=8))
            await asyncio.sleep(2)
            source.faults.cut_for(3)
            while "ready" not in states:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            assert glasses.start.was_running
            recording.cancel()
            watching.cancel()

    run_virtual(main())


def test_ten_seconds_without_link_are_a_marked_gap_and_sound_goes_on() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            states = []

            async def watch() -> None:
                async for change in glasses.states():
                    states.append(change.state)  # noqa: PERF401 - read while it grows

            watching = asyncio.create_task(watch())
            asyncio.get_running_loop().call_later(2, source.faults.cut_for, 10)
            chunks = await record(glasses, 20)
            gap = sum(len(chunk.samples) for chunk in chunks if chunk.lost_reason == "link lost")
            # What the ring still held when the link came back is not lost: 2 s, or 16 s of LC3, or 8 s of 8 bit.
            if glasses.info.kind == "frame":
                assert 8 * RATE < gap < 12.5 * RATE
            else:
                assert gap < (0.2 if lc3.available() else 4) * RATE
            assert asyncio.get_running_loop().time() < 26
            assert states == ["lost", "connecting", "ready"] or states[0] == "lost"
            assert states[-1] == "ready"
            assert glasses.start.was_running
            watching.cancel()

    run_virtual(main())


def test_the_lens_is_as_asked_after_the_link_and_after_a_restart_of_the_glasses() -> None:
    async def main() -> None:
        wanted = await picture_of(HELLO)
        async with emulated() as (glasses, source):
            await glasses.show(Scene((Text(9, 0, 0, "before"),)))
            source.faults.cut_for(3)
            await glasses.show(HELLO)
            await settle()
            assert (lit(source) == wanted).all()
            source.device.restart()
            await asyncio.sleep(8)
            assert (lit(source) == wanted).all()

    run_virtual(main())


@pytest.mark.frame_only("Halo's camera has one size")
@pytest.mark.parametrize("resolution", [100, 512, 720])
def test_a_photo_is_a_jpeg_of_the_size_asked_for(resolution: int) -> None:
    async def main() -> None:
        async with emulated() as (glasses, _):
            photo = await glasses.take_photo(resolution=resolution, quality=Quality.MEDIUM, exposures=0)
            with Image.open(io.BytesIO(photo.jpeg)) as image:
                image.load()
                assert image.size == (resolution, resolution)
            assert photo.orientation == 8

    run_virtual(main())


def test_a_photo_survives_damage_and_a_lost_link_unchanged() -> None:
    async def photo(*, faulty: bool) -> bytes:
        options = {"faults": "drop:0.05,corrupt:0.05,duplicate:0.05"} if faulty else {}
        async with emulated(seed=5, **options) as (glasses, source):
            if faulty:
                asyncio.get_running_loop().call_later(0.6, source.faults.cut_for, 1)
            return (await glasses.take_photo(exposures=2)).jpeg

    clean, mended = run_virtual(photo(faulty=False)), run_virtual(photo(faulty=True))
    assert clean == mended


def test_two_photos_asked_for_at_once_both_come() -> None:
    async def main() -> None:
        async with emulated() as (glasses, _):
            first, second = await asyncio.gather(
                glasses.take_photo(resolution=100, exposures=0), glasses.take_photo(resolution=200, exposures=0)
            )
            assert second.jpeg[:2] == first.jpeg[:2] == b"\xff\xd8"
            assert len(second.jpeg) > len(first.jpeg) or glasses.info.kind == "halo"

    run_virtual(main())


def test_taps_arrive_while_somebody_listens() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            taps = glasses.taps()
            loop = asyncio.get_running_loop()
            for after in (1.0, 1.2, 2.0):
                loop.call_later(after, source.device.tap)
            times = [(await anext(taps)).time_s for _ in range(3)]
            assert times[1] - times[0] == pytest.approx(0.2, abs=0.03)
            await taps.aclose()

    run_virtual(main())


def test_battery_and_motion() -> None:
    async def main() -> None:
        async with emulated(battery=42) as (glasses, _):
            assert await glasses.battery() == pytest.approx(42, abs=3)
            samples = glasses.motion(0.05)
            assert any((await anext(samples)).accelerometer)
            await samples.aclose()

    run_virtual(main())


@pytest.mark.frame_only("Halo's sound is LC3")
def test_a_slow_link_drops_bit_depth_first_and_says_so() -> None:
    async def main() -> None:
        async with emulated(packets=1, interval_ms=15) as (glasses, _):
            changes = []

            async def watch() -> None:
                async for change in glasses.states():
                    changes.append(change)  # noqa: PERF401 - read while it grows

            watching = asyncio.create_task(watch())
            chunks = await record(glasses, 20)
            watching.cancel()
            assert {chunk.bits for chunk in chunks} == {16, 8}
            assert [c.detail for c in changes if c.state == "quality"] == [
                "the link is too slow for 16 bit sound; it goes on with 8 bit"
            ]
            late = [chunk for chunk in chunks if chunk.start > 5 * RATE]
            assert {chunk.bits for chunk in late} == {8}
            assert not any(chunk.lost_reason for chunk in late)

    run_virtual(main())


def test_two_listeners_and_odd_formats_are_refused() -> None:
    async def main() -> None:
        async with emulated() as (glasses, _):
            first = glasses.microphone()
            await anext(first)
            with pytest.raises(LocalProtocolError, match="somebody listens"):
                await anext(glasses.microphone())
            await first.aclose()
            with pytest.raises(LocalProtocolError, match="11025 Hz"):
                await anext(glasses.microphone(rate_hz=11025))
            chunks = await record(glasses, 0.5)
            assert chunks

    run_virtual(main())


def test_a_program_that_ends_by_a_break_is_started_again() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            await glasses.show(HELLO)
            for _ in range(20):
                source.device.written(b"\x03")
                await asyncio.sleep(0.013)
            await asyncio.sleep(8)
            assert glasses.session is not None
            assert not glasses.start.was_running
            await glasses.show(Scene((Text(1, 0, 0, "back"),)))

    run_virtual(main())


def test_glasses_out_of_reach_for_good_end_every_wait() -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri(address()))
        async with Glasses(source, give_up_s=20) as glasses:
            stream = glasses.microphone()
            await anext(stream)
            source.faults.cut_for(1e6)
            with pytest.raises(LinkLostError, match="out of reach"):
                async for _ in stream:
                    pass
            with pytest.raises(LinkLostError, match="out of reach"):
                await glasses.show(HELLO)
            with pytest.raises(LinkLostError):
                await glasses.battery()

    run_virtual(main())


@pytest.mark.frame_only("corners are not seen on a round lens")
def test_a_rectangle_is_filled_exactly() -> None:
    async def main() -> None:
        for x, y, width, height in [(0, 0, 8, 1), (3, 5, 13, 7), (100, 50, 3, 20), (0, 399, 640, 1), (630, 0, 9, 399)]:
            async with emulated() as (glasses, source):
                await glasses.show(Scene((Rect(1, x, y, width, height),)))
                await settle()
                shown = lit(source).any(axis=2)
                expected = np.zeros_like(shown)
                expected[y : y + height, x : x + width] = True
                assert (shown == expected).all(), (x, y, width, height)

    run_virtual(main())
