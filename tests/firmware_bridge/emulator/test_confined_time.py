"""Glasses in another process are as quick on the air as those in this one, however late their messages come."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import wave
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

from firmware_bridge import Glasses, Scene, Text
from firmware_bridge.ble_search import Radio
from firmware_bridge.bumble_radio import backends
from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame, bonded_as_kept
from firmware_bridge.emulator.clock import DeviceClock, run_virtual
from firmware_bridge.emulator.confined import ConfinedGlasses
from firmware_bridge.emulator.confined_device import ConfinedDevice
from firmware_bridge.emulator.confinement import Order, Report
from firmware_bridge.emulator.options import FrameOptions, parse_uri
from firmware_bridge.link_ble import BleSource

RATE_HZ = 16_000
SECONDS = 8

Delays = Callable[[], float]


class Pipe:
    """Carries messages in order, each after its own delay."""

    def __init__(self, delays: Delays, deliver: Callable[[Any, bytes], None]) -> None:
        self._delays = delays
        self._deliver = deliver
        self._under_way = deque[tuple[Any, bytes]]()
        self._last_s = 0.0

    def send(self, kind: Any, body: bytes = b"") -> None:
        loop = asyncio.get_running_loop()
        self._last_s = max(self._last_s, loop.time() + self._delays())
        self._under_way.append((kind, body))
        loop.call_at(self._last_s, lambda: self._deliver(*self._under_way.popleft()))


class AsInAnotherProcess(ConfinedGlasses):
    """Both ends of confined glasses in this process, so that their time can be virtual."""

    def __init__(self, options: FrameOptions, delays: Delays) -> None:
        super().__init__(options)
        reports = Pipe(delays, self._take)
        device = ConfinedDevice(options, DeviceClock(asyncio.get_running_loop()), reports.send)
        self._orders = Pipe(delays, device.obey)
        self.address = device.address
        self.powered = True

    def _send(self, order: Order, body: bytes = b"") -> None:
        self._orders.send(order, body)


def mostly_quick() -> Delays:
    chance = random.Random(5)
    return lambda: 0.040 if chance.random() < 0.02 else chance.uniform(0.0005, 0.002)


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "noise.wav"
    samples = np.random.default_rng(3).integers(-9000, 9000, SECONDS * RATE_HZ, dtype=np.int16)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


@pytest.mark.parametrize(
    "delays", [lambda: 0.0, lambda: 0.003, mostly_quick()], ids=["at once", "3 ms each way", "now and then 40 ms"]
)
def test_full_sound_with_captions_and_a_photo_beside_it(delays: Delays, noise: Path) -> None:
    """Needs two notifications an event; where each waits for two messages before the next, there is time for one."""

    async def main() -> None:
        options = bonded_as_kept(parse_uri(f"emulator:frame?mic={noise}"))
        frame = BluetoothFrame(options, device=AsInAnotherProcess(options, delays))
        await frame.start()
        computer = frame.computer()
        worse: list[str] = []
        async with Glasses(BleSource(radio=Radio(*backends(lambda: computer)))) as glasses:

            async def show() -> None:
                for count in itertools.count():
                    await glasses.show(Scene((Text(1, 20, 20, f"Caption number {count}"),)))
                    await asyncio.sleep(0.3)

            captions = asyncio.ensure_future(show())
            photo = asyncio.ensure_future(glasses.take_photo())
            heard = b""
            async for chunk in glasses.microphone():
                assert (chunk.bits, chunk.lost_reason) == (16, None), worse
                heard += chunk.samples.tobytes()
                if len(heard) > 2 * RATE_HZ * (SECONDS - 2):
                    break
            captions.cancel()
            assert (await photo).jpeg.endswith(b"\xff\xd9")
            assert glasses.lost_samples == 0
        await frame.close()
        with wave.open(str(noise), "rb") as file:
            assert heard in file.readframes(file.getnframes())

    run_virtual(main())


@pytest.mark.parametrize("said", [math.nan, math.inf, -math.inf, -1.0, 1e300])
def test_a_time_that_is_none_delays_a_notification_by_a_second_at_most(said: float) -> None:
    class Air:
        free = True
        on_free: Callable[[], None]

        def __init__(self) -> None:
            self.clock = DeviceClock(asyncio.get_running_loop())
            self.values: list[bytes] = []

        def notify(self, value: bytes) -> bool:
            self.values.append(value)
            return True

    async def main() -> None:
        glasses = AsInAnotherProcess(FrameOptions(), lambda: 0.0)
        air = Air()
        glasses.link_up(air)
        glasses._take(Report.NOTIFY, np.float64(said).tobytes() + b"value")
        await asyncio.sleep(1.01)
        assert air.values == [b"value"]

    run_virtual(main())
