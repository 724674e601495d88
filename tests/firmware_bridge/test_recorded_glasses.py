"""A whole session with emulated glasses, recorded; the same program sees the same in the recording."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_bridge import Scene, Text
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.glasses import Glasses
from firmware_bridge.link import LinkSource
from firmware_bridge.link_replay import ReplaySource
from firmware_bridge.link_trace import TraceSource
from firmware_bridge.sources import open_source

Sound = NDArray[np.int16]


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    samples = (8000 * np.sin(np.arange(32_000) * 0.2)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return path


async def heard(source: LinkSource) -> tuple[Sound, float]:
    """All sound until it ends, and the device's battery, asked for meanwhile."""
    async with Glasses(source) as glasses:
        asking = asyncio.ensure_future(glasses.battery())
        chunks = [chunk.samples async for chunk in glasses.microphone()]
        return np.concatenate(chunks), float(await asking)


@pytest.mark.parametrize("cut", ["", "&cut=3:4"])
def test_a_session_plays_as_it_was(tone: Path, tmp_path: Path, cut: str) -> None:
    path = tmp_path / "trace.jsonl"

    async def live() -> tuple[Sound, float]:
        source = open_source(f"emulator:frame?mic={tone}&speed=max{cut}")
        return await heard(TraceSource(source, path, include_media=True))

    sound, battery = run_virtual(live())
    assert np.abs(sound).max() > 7000
    assert ('"d":"lost"' in path.read_text()) == bool(cut)
    replayed, battery_again = run_virtual(heard(ReplaySource(path, strict=not cut)))
    assert battery_again == battery
    assert np.array_equal(replayed, sound)


def test_a_session_without_voice_plays_as_long_and_silent(tone: Path, tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def live() -> tuple[Sound, float]:
        async with asyncio.timeout(60):
            return await heard(TraceSource(open_source(f"emulator:frame?mic={tone}&speed=max"), path))

    sound, _ = run_virtual(live())
    replayed, _ = run_virtual(heard(ReplaySource(path)))
    assert len(replayed) == len(sound)
    assert not replayed.any()


def test_a_program_that_needs_more_packets_than_were_recorded_is_not_left_alone(tone: Path, tmp_path: Path) -> None:
    """A slower computer puts fewer orders into one packet; beyond the recording nobody would acknowledge them."""
    path = tmp_path / "trace.jsonl"

    async def shows(open_: Callable[[], LinkSource], *, pause_s: float) -> None:
        async with asyncio.timeout(60), Glasses(open_()) as glasses, asyncio.TaskGroup() as group:
            for n in range(9):
                group.create_task(glasses.show(Scene((Text(n, 0, 40 * n, "a line"),))))
                await asyncio.sleep(pause_s)
            assert [chunk async for chunk in glasses.microphone()]

    uri = f"emulator:frame?mic={tone}&speed=max"
    run_virtual(shows(lambda: TraceSource(open_source(uri), path), pause_s=0))
    run_virtual(shows(lambda: ReplaySource(path), pause_s=0.1))
    assert "lost" not in path.read_text()
