"""Other people's packages, unmodified, on the emulated Halo: upload, text, photo, taps, sound."""

from __future__ import annotations

import asyncio
import importlib
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")
pytest.importorskip("brilliant_msg", reason="brilliant_msg is not installed: pip install 'sidelight[peers]'")

from PIL import Image

from firmware_bridge.bumble_radio import use_by_default
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.halo.bluetooth_halo import BluetoothHalo
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.gatt import AUDIO_UUID

PROGRAM = Path(__file__).parents[3] / "peers" / "halo_messages.lua"
TEXT, CAPTURE, LISTEN, TAPS = 0x0A, 0x0D, 0x30, 0x10

# The packages' own warnings are not ours to fix.
pytestmark = pytest.mark.filterwarnings("default")


def on_air(uri: str, body: Callable[[BluetoothHalo], Awaitable[None]]) -> None:
    async def main() -> None:
        halo = BluetoothHalo(parse_uri(uri))
        await halo.start()
        computer = halo.computer()
        undo = use_by_default(lambda: computer)
        try:
            await body(halo)
        finally:
            undo()
        await halo.close()

    run_virtual(main())


def test_brilliant_ble_knows_it_and_drives_its_prompt() -> None:
    library: Any = importlib.import_module("brilliant_ble")

    async def body(halo: BluetoothHalo) -> None:
        printed: list[str] = []
        data: list[bytes] = []
        client = library.BrilliantBle()
        name = await client.connect(
            print_response_handler=printed.append, data_response_handler=lambda value: data.append(bytes(value))
        )
        assert (name, client.type, client.max_lua_payload()) == ("Halo 4F", library.BrilliantDeviceType.HALO, 509)
        assert await client.send_lua("print(frame.HARDWARE_VERSION)", await_print=True) == "halo"
        await client.upload_file_from_string("x = (x or 0) + 1\nprint('loaded ' .. x)\n", "m.lua")
        assert await client.send_lua("require('m')", await_print=True) == "loaded 1"
        await client.send_lua("frame.bluetooth.receive_callback(function(d) frame.bluetooth.send(d:upper()) end)")
        await asyncio.sleep(0.1)
        await client.send_data(b"some data")
        await asyncio.sleep(0.3)
        assert data == [b"SOME DATA"]
        await client.send_lua("while true do pcall(frame.sleep, 0.01) end")
        await asyncio.sleep(0.2)
        await client.send_break_signal()
        await asyncio.sleep(0.3)
        assert printed[-2].endswith("interrupted")
        await client.send_reset_signal()
        await asyncio.sleep(0.3)
        assert await client.send_lua("print(x)", await_print=True) == "nil"
        await client.send_lua("frame.speaker.start{}")
        await asyncio.sleep(0.1)
        bleak: Any = client._client
        await bleak.write_gatt_char(AUDIO_UUID, bytes(300), response=True)
        await asyncio.sleep(0.3)
        assert len(halo.device.speaker.played) == 150
        await client.disconnect()

    on_air("emulator:halo", body)


def test_brilliant_msg_does_all_it_can() -> None:
    library: Any = importlib.import_module("brilliant_msg")

    async def body(halo: BluetoothHalo) -> None:
        printed: list[str] = []
        client = library.BrilliantMsg()
        await client.connect()
        await client.upload_stdlua_libs(["data", "camera", "audio", "plain_text", "code", "tap"])
        await client.upload_frame_app(str(PROGRAM))
        client.attach_print_response_handler(printed.append)
        await client.start_frame_app()
        await asyncio.sleep(0.5)
        for text in ("Guten Tag", "long " * 600):
            await client.send_message(TEXT, library.TxPlainText(text=text, x=91, y=120, palette_offset=3).pack())
        await asyncio.sleep(1)
        assert printed == ["ready", "9", "3000"]
        assert halo.device.display.picture()[119:127, 90:162, 0].any()

        photos = library.RxPhoto(upright=False)
        queue = await photos.attach(client)
        await client.send_message(CAPTURE, library.TxCaptureSettings(resolution=640, quality_index=1).pack())
        with Image.open(io.BytesIO(await asyncio.wait_for(queue.get(), 20))) as photo:
            photo.load()
            assert photo.size == (640, 480)
        photos.detach(client)

        taps = library.RxTap()
        queue = await taps.attach(client)
        await client.send_message(TAPS, library.TxCode(1).pack())
        await asyncio.sleep(0.2)
        halo.device.tap("double")
        assert await asyncio.wait_for(queue.get(), 5) == 2
        taps.detach(client)

        audio = library.RxAudio(streaming=True)
        queue = await audio.attach(client)
        await client.send_message(LISTEN, library.TxCode(1).pack())
        heard = 0
        while heard < 16_000:
            heard += len(await asyncio.wait_for(queue.get(), 5))
        await client.send_message(LISTEN, library.TxCode(0).pack())
        audio.detach(client)
        await client.stop_frame_app()
        await client.disconnect()
        assert halo.device.counters.refused_packets == 0

    on_air("emulator:halo?firmware=later", body)
