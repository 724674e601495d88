"""Emulated glasses opened through the public API, in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from firmware_bridge import AudioChunk, Glasses, Scene, Text
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource

RATE = 16000
device = "frame"
"""Which glasses are emulated; see the fixture `each_device`."""
on_halo_slowly = [
    pytest.mark.usefixtures("each_device"),
    pytest.mark.parametrize("each_device", ["frame", pytest.param("halo", marks=pytest.mark.slow)], indirect=True),
]
"""Marks of what runs with each kind of glasses, with Halo among the slow ones: pytest -m "slow or not slow" FILE"""


def on_both(test: Callable[..., None]) -> Callable[..., None]:
    """Let one test run so."""
    for mark in on_halo_slowly:
        test = mark(test)
    return test


def address(query: str = "") -> str:
    """Of the emulated glasses that this test is for."""
    return f"emulator:{device}?{query}"


def write_wav(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def noise(seconds: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(-20000, 20000, round(seconds * RATE)).astype(np.int16)


@contextlib.asynccontextmanager
async def emulated(**options: object) -> AsyncIterator[tuple[Glasses, EmulatorSource]]:
    query = "&".join(f"{name}={quote(str(value))}" for name, value in options.items())
    source = EmulatorSource(parse_uri(address(query)))
    async with Glasses(source) as glasses:
        yield glasses, source


async def record(glasses: Glasses, seconds: float | None = None, **format_: int) -> list[AudioChunk]:
    """Sound until the source ends, or for so many seconds of it."""
    chunks: list[AudioChunk] = []
    stream = glasses.microphone(**format_)
    async with contextlib.aclosing(stream):
        async for chunk in stream:
            assert chunk.start == (chunks[-1].start + len(chunks[-1].samples) if chunks else 0)
            chunks.append(chunk)
            if seconds is not None and chunk.start + len(chunk.samples) >= seconds * chunk.rate_hz:
                break
    return chunks


def samples_of(chunks: list[AudioChunk]) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in chunks])


HELLO = Scene((Text(1, 20, 100, "Hello there"), Text(2, 20, 160, "second line", "yellow")))


async def settle() -> None:
    await asyncio.sleep(0.3)


def lit(source: EmulatorSource) -> np.ndarray:
    return np.asarray(source.device.display.picture())


async def picture_of(scene: Scene) -> np.ndarray:
    async with emulated() as (glasses, source):
        await glasses.show(scene)
        await settle()
        return lit(source)
