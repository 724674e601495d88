"""Our app on Halo through the whole Bluetooth stack: our link, two stacks, the emulated Halo."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Awaitable, Callable

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

from PIL import Image

from firmware_bridge import Glasses, Scene, Text
from firmware_bridge.ble_search import Radio
from firmware_bridge.bumble_radio import backends
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.halo.bluetooth_halo import BluetoothHalo
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.link_ble import BleSource

SCENE = Scene((Text(1, 60, 120, "Hello"),))


def worn(body: Callable[[BluetoothHalo, Glasses], Awaitable[None]], uri: str = "emulator:halo") -> None:
    async def main() -> None:
        halo = BluetoothHalo(parse_uri(uri))
        await halo.start()
        computer = halo.computer(1)
        source = BleSource(radio=Radio(*backends(lambda: computer)))
        async with asyncio.timeout(60), Glasses(source) as glasses:
            await body(halo, glasses)
        await halo.close()

    run_virtual(main())


async def shows(halo: BluetoothHalo, glasses: Glasses) -> None:
    for scene, is_lit in ((Scene(), False), (SCENE, True)):
        await glasses.show(scene)
        await asyncio.sleep(0.3)
        assert halo.device.display.picture().any() == is_lit


def test_it_is_told_from_frame_by_its_characteristics_and_shows_hears_and_sees() -> None:
    async def body(halo: BluetoothHalo, glasses: Glasses) -> None:
        assert (glasses.info.kind, glasses.info.width, glasses.info.height) == ("halo", 256, 256)
        assert glasses.info.max_value_bytes == 495
        await shows(halo, glasses)
        heard = 0
        async with contextlib.aclosing(glasses.microphone()) as sound:
            async for chunk in sound:
                assert chunk.lost_reason is None
                heard += len(chunk.samples)
                if heard > 16000:
                    break
        with Image.open(io.BytesIO((await glasses.take_photo()).jpeg)) as photo:
            photo.load()
        assert 70 <= await glasses.battery() <= 90

    worn(body)


def test_a_smaller_mtu_and_the_larger_header() -> None:
    async def body(halo: BluetoothHalo, glasses: Glasses) -> None:
        await shows(halo, glasses)
        assert (await glasses.take_photo()).jpeg.startswith(b"\xff\xd8")

    worn(body, "emulator:halo?strict=1&slow=1")


@pytest.mark.parametrize("away_s", [3.0, 20.0])
def test_out_of_range_and_back(away_s: float) -> None:
    async def body(halo: BluetoothHalo, glasses: Glasses) -> None:
        await shows(halo, glasses)
        halo.faults.cut_for(away_s)
        await asyncio.sleep(away_s + 6)
        assert glasses.start.was_running
        await shows(halo, glasses)

    worn(body)


def test_restarted_and_broken_off_by_others() -> None:
    async def body(halo: BluetoothHalo, glasses: Glasses) -> None:
        await shows(halo, glasses)
        halo.device.restart()
        await asyncio.sleep(10)
        assert glasses.start.upload is None
        assert not glasses.start.was_running
        await shows(halo, glasses)
        for value in (b"\x03", b"while true do end"):
            halo.device.written(value)
            await asyncio.sleep(0.2)
        await asyncio.sleep(5)
        await shows(halo, glasses)

    worn(body)
