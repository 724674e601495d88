"""A recording through lost links, at every moment at which one can be lost, and with a listener that is too slow."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from glasses_end import RATE, emulated, noise, record, samples_of, write_wav
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_glasses import ScriptedGlasses

from firmware_bridge import AudioChunk, DeviceError, Glasses, LinkLostError
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.messages import Failed, Listen

pytestmark = pytest.mark.usefixtures("each_device")

PACKET = np.arange(100, dtype="<i2")


def listen(glasses: Glasses, **format_: int) -> AsyncIterator[AudioChunk]:
    return glasses.microphone(**format_)


async def play(source: ScriptedGlasses, packets: int, *, first: int = 0, rate_hz: int = RATE) -> None:
    """Sound of the stream that runs, as fast as it is spoken: 100 samples a packet, with 8 kHz of 8 bits."""
    for n in range(first, first + packets):
        source.audio(n * len(PACKET), PACKET.astype("<i2" if rate_hz == RATE else "i1").tobytes())
        await asyncio.sleep(len(PACKET) / rate_hz)


def lost_in(chunks: list[AudioChunk]) -> int:
    return sum(len(chunk.samples) for chunk in chunks if chunk.lost_reason)


def test_a_link_lost_before_the_microphone_is_acknowledged_does_not_end_the_recording() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            source.on[Listen] = lambda _order: (source.on.clear(), source.cut())
            chunks = asyncio.create_task(record(glasses, 0.5))
            await asyncio.sleep(2)
            assert source.connections == 2
            await play(source, 100)
            assert len(samples_of(await chunks)) >= 0.5 * RATE

    run_virtual(main())


@pytest.mark.parametrize("cut_ms", range(0, 48, 6))
def test_a_cut_at_any_moment_of_the_start_costs_the_start_only(cut_ms: int) -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            asyncio.get_running_loop().call_later(cut_ms / 1000, source.faults.cut_now)
            async with asyncio.timeout(10):
                chunks = await record(glasses, 1)
            assert lost_in(chunks) == glasses.lost_samples < 0.2 * RATE

    run_virtual(main())


@pytest.mark.frame_only("Halo's sound is LC3")
def test_sound_is_spared_and_comes_back_without_a_word_lost(tmp_path: Path) -> None:
    async def main() -> None:
        heard = noise(6)
        async with emulated(mic=write_wav(tmp_path / "talk.wav", heard)) as (glasses, _):
            at = asyncio.get_running_loop().call_later
            at(1, lambda: glasses.spare(sound=True, motion=False))
            at(3, lambda: glasses.spare(sound=False, motion=False))
            chunks = await record(glasses, 5.5)
            sound = [chunk for chunk in chunks if not chunk.lost_reason]
            assert [bits for bits, _ in itertools.groupby(chunk.bits for chunk in sound)] == [16, 8, 16]
            assert lost_in(chunks) < 0.1 * RATE
            glasses.spare(sound=True, motion=False)
            assert {chunk.bits for chunk in await record(glasses, 0.2)} == {8}

    run_virtual(main())


@pytest.mark.frame_only("Halo's sound is LC3")
@pytest.mark.parametrize("cut_ms", [0, 10, 25, 40])
def test_a_cut_while_the_bit_depth_changes_is_a_gap_and_no_end(cut_ms: int) -> None:
    async def main() -> None:
        async with emulated(packets=1, interval_ms=15) as (glasses, source):
            loop = asyncio.get_running_loop()

            async def cut_at_the_change() -> None:
                async for change in glasses.states():
                    if change.state == "quality":
                        loop.call_later(cut_ms / 1000, source.faults.cut_now)

            cutting = asyncio.create_task(cut_at_the_change())
            async with asyncio.timeout(40):
                chunks = await record(glasses, 5)
            cutting.cancel()
            assert chunks[-1].bits == 8
            assert chunks[-1].lost_reason is None
            assert lost_in(chunks) == glasses.lost_samples > 0

    run_virtual(main())


@pytest.mark.parametrize("away_s", [1.2, 2.5])
def test_what_the_ring_kept_through_a_fade_or_a_lost_link_is_no_sign_of_a_slow_one(away_s: float) -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            asyncio.get_running_loop().call_later(1, source.faults.cut_for, away_s)
            chunks = await record(glasses, 6)
            assert {chunk.bits for chunk in chunks} == {16}

    run_virtual(main())


@pytest.mark.parametrize("cut_before_the_stop", [True, False])
def test_a_microphone_that_nobody_listens_to_is_stopped_through_a_lost_link(*, cut_before_the_stop: bool) -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            chunks = listen(glasses)
            first = asyncio.create_task(anext(chunks))
            await asyncio.sleep(0.1)
            await play(source, 2)
            await first
            if cut_before_the_stop:
                source.cut()
            closing = asyncio.create_task(chunks.aclose())  # type: ignore[attr-defined]
            await asyncio.sleep(0)
            if not cut_before_the_stop:
                source.cut()
            await closing
            await asyncio.sleep(2)
            assert source.connections == 2
            assert source.epoch == 255

    run_virtual(main())


def test_a_recording_given_up_while_the_next_session_resumes_leaves_no_microphone_on() -> None:
    async def main() -> None:
        for turns in range(40):
            source = ScriptedGlasses()
            async with Glasses(source) as glasses:
                chunks = listen(glasses)
                first = asyncio.create_task(anext(chunks))
                await asyncio.sleep(0.1)
                source.cut()
                source.epoch = 255
                await asyncio.sleep(0.3 + turns * 0.002)
                first.cancel()
                await asyncio.wait({first})
                await asyncio.sleep(1)
                assert source.epoch == 255, turns

    run_virtual(main())


def test_a_recording_that_begins_while_the_link_is_lost_has_one_stream() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            source.cut()
            chunks = asyncio.create_task(record(glasses, 0.1))
            await asyncio.sleep(1)
            assert len(source.given(Listen)) == 1
            await play(source, 20)
            assert lost_in(await chunks) == 0

    run_virtual(main())


def test_a_recording_that_has_ended_ends_although_the_link_breaks_at_its_end() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            taps = asyncio.create_task(anext(glasses.taps()))  # so that resuming takes a moment
            chunks = asyncio.create_task(record(glasses))
            await asyncio.sleep(0.1)
            await play(source, 5)
            source.ended.set()
            await asyncio.sleep(0.1)
            source.away = True
            source.cut()
            await asyncio.sleep(3)
            source.away = False
            async with asyncio.timeout(10):
                assert len(samples_of(await chunks)) == 5 * len(PACKET)
            taps.cancel()

    run_virtual(main())


def test_a_microphone_that_does_not_start_says_why() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            source.on[Listen] = lambda _order: source.report(Failed(Listen.CODE, b"already started"))
            with pytest.raises(DeviceError, match="microphone does not start") as caught:
                await record(glasses, 1)
            assert caught.value.device_text == "already started"
            source.on.clear()
            chunks = asyncio.create_task(record(glasses, 0.1))
            await asyncio.sleep(0.1)
            await play(source, 20)
            await chunks

    run_virtual(main())


def test_closing_the_glasses_ends_a_recording_in_another_task() -> None:
    async def main() -> None:
        async with emulated() as (glasses, _):
            chunks = asyncio.create_task(record(glasses, 1e6))
            await asyncio.sleep(1)
        with pytest.raises(LinkLostError, match="the glasses were closed"):
            async with asyncio.timeout(1):
                await chunks

    run_virtual(main())


def test_sound_lost_and_sound_given_up_are_counted_and_named() -> None:
    """A minute away is the link's doing; what a listener leaves for more than half a minute is the computer's."""

    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            stream = listen(glasses, rate_hz=8000, bits=8)
            taking = asyncio.create_task(anext(stream))
            await asyncio.sleep(0.1)
            await play(source, 80, rate_hz=8000)
            chunks = [await taking]
            source.away = True
            source.cut()
            await asyncio.sleep(60)
            source.away = False
            await asyncio.sleep(6)
            await play(source, 80, first=80 + 80 * 66, rate_hz=8000)
            while chunks[-1].start + len(chunks[-1].samples) < 68 * 8000:
                chunks.append(await anext(stream))
            assert {chunk.lost_reason for chunk in chunks} == {None, "link lost"}
            assert lost_in(chunks) == glasses.lost_samples == 66 * 8000
            await play(source, 80 * 50, first=160 + 80 * 66, rate_hz=8000)  # and nobody takes it
            lost = glasses.lost_samples
            while chunks[-1].start + len(chunks[-1].samples) < 118 * 8000:
                chunks.append(await anext(stream))
            given_up = sum(len(c.samples) for c in chunks if c.lost_reason == "this computer is too slow")
            assert given_up == 20 * 8000
            assert lost_in(chunks) == lost == glasses.lost_samples == 86 * 8000
            at = 0
            for chunk in chunks:
                assert chunk.start == at
                at += len(chunk.samples)
            await stream.aclose()  # type: ignore[attr-defined]
            assert glasses.lost_samples == lost  # also when the recording is over

    run_virtual(main())


@settings(max_examples=6, deadline=None)
@given(
    seed=st.integers(0, 9999),
    cuts=st.lists(st.tuples(st.floats(0, 4), st.floats(0, 4)), max_size=3),
    naps=st.lists(st.floats(0, 3), max_size=3),
)
def test_whatever_happens_sound_is_in_its_place_and_every_gap_is_counted(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cuts: list[tuple[float, float]], naps: list[float]
) -> None:
    spoken = noise(3, seed)
    path = write_wav(tmp_path_factory.mktemp("sound") / "a.wav", spoken)

    async def main() -> None:
        async with emulated(mic=path, seed=seed, faults="drop:0.02,corrupt:0.01,duplicate:0.02") as (glasses, source):
            for at, seconds in cuts:
                asyncio.get_running_loop().call_later(at, source.faults.cut_for, seconds)
            chunks: list[AudioChunk] = []
            async with asyncio.timeout(300), contextlib.aclosing(listen(glasses)) as stream:  # type: ignore[type-var]
                async for chunk in stream:
                    chunks.append(chunk)
                    if len(chunks) % 100 == 0 and naps:
                        await asyncio.sleep(naps[len(chunks) // 100 % len(naps)])
            at = 0
            for chunk in chunks:
                assert chunk.start == at
                at += len(chunk.samples)
            assert lost_in(chunks) == glasses.lost_samples
            assert at / RATE == pytest.approx(3, abs=0.1)

    run_virtual(main())
