"""What a soak stands on: random glasses and radios, what is known of a run, and what came of it."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from firmware_bridge import AudioChunk
from firmware_bridge.emulator.faults import FaultRates
from firmware_bridge.emulator.link_layer import RadioConditions
from firmware_bridge.emulator.options import FrameOptions
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.emulator.telemetry import DeviceObserver
from firmware_bridge.link import Link, OnLost, OnValue

HANG_S = 180.0  # no call takes longer: a photo is given up after 60 s, a cut lasts 30 s


@dataclass
class Outcome:
    """What one seed came to.

    Attributes:
        seed: that repeats it.
        operations: begun.
        seconds: of virtual time.
        wrong: what must not be; empty where all is well.
        counts: what happened, by name.
        digest: of all that crossed the radio, with its times.
    """

    seed: int
    operations: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    digest: str = ""

    def count(self, what: str, by: int = 1) -> None:
        """One more."""
        self.counts[what] = self.counts.get(what, 0) + by


def random_options(chance: random.Random, sound: Path) -> FrameOptions:
    """Glasses, radio and faults of a run."""
    some = [chance.choice((0.0, 0.0, 0.005, 0.03)) for _ in range(5)]
    faults = FaultRates(*some, cut=chance.choice((0.0, 0.0, 0.001)))
    radio = RadioConditions(
        interval_s=chance.choice((0.015, 0.015, 0.03, 0.0075)),
        packets=chance.choice((1, 2, 4, 6)),
        loss=chance.choice((0.0, 0.02, 0.1, 0.3)),
    )
    return FrameOptions(
        mic=sound,
        loop=True,
        seed=chance.getrandbits(32),
        slow=chance.random() < 0.25,
        mtu=chance.choice((247, 247, 247, 185, 100)),
        radio=radio,
        faults=faults,
    )


class Kept:
    """Glasses that stay switched on when a program closes them."""

    def __init__(self, source: EmulatorSource) -> None:
        self._source = source
        self.input_ended = None
        self.pause_input = source.pause_input

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
        return await self._source.connect(on_value, on_lost, timeout_s=timeout_s)

    async def close(self) -> None:
        pass


class Digest(DeviceObserver):
    """Of all that crosses the radio, with its times."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()

    def received(self, when_s: float, value: bytes) -> None:
        self.hash.update(b"%r %r" % (when_s, value))

    sent = received


async def progressing(stream: AsyncIterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
    """Sound, as long as it goes on coming: how long it takes is the link's affair. Raises TimeoutError."""
    while True:
        async with asyncio.timeout(HANG_S):
            try:
                chunk = await anext(stream)
            except StopAsyncIteration:
                return
        yield chunk
