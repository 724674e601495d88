"""Other people's packages, unmodified, on the emulated Frame: upload, text, photo, tap, sound."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import wave
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

import peer_clients
from frame_desk import Desk
from PIL import Image

from firmware_bridge.bumble_radio import use_by_default
from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.telemetry import DeviceObserver

CLIENTS = {
    "frameutils": peer_clients.lines,
    "frame_ble": peer_clients.lines,
    "brilliant_ble": peer_clients.lines,
    "frame_msg": peer_clients.messages,
    "brilliant_msg": peer_clients.messages,
}


class Wearer(DeviceObserver):
    """Remembers what was on the lens, and how the link went."""

    def __init__(self, frame: BluetoothFrame) -> None:
        self.pictures: list[np.ndarray] = []
        self.link: list[str] = []
        frame.device.display.observers.append(lambda _when_s, picture: self.pictures.append(picture()))

    def linked(self, when_s: float, state: str) -> None:
        self.link.append(state)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory) -> tuple[Path, Path]:
    """Eight seconds of noise, no sample of which is like another stretch of it, and a picture."""
    folder = tmp_path_factory.mktemp("inputs")
    sound = np.random.default_rng(7).integers(-8000, 8000, 8 * 16000, dtype=np.int16)
    with wave.open(str(folder / "noise.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(sound.tobytes())
    rows, columns = np.mgrid[0:720, 0:1280]
    Image.fromarray(np.uint8(127 + 120 * np.sin(rows / 40) * np.cos(columns / 60))).save(folder / "waves.png")
    return folder / "noise.wav", folder / "waves.png"


def lens_with(text: str) -> np.ndarray:
    """The lens of another Frame that was told to show this, in the colour and place that the clients use."""

    async def main() -> np.ndarray:
        desk = Desk()
        await asyncio.sleep(0.5)  # draws into a picture that is about to be shown would be on it, too
        await desk.lua(f"frame.display.text('{text}',101,151,{{color='RED'}});frame.display.show()", wait=0.5)
        return desk.frame.display.picture()

    return run_virtual(main())


# The packages' own warnings are not ours to fix.
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("package", CLIENTS)
def test_a_client_by_others_does_all_it_can(package: str, inputs: tuple[Path, Path]) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: pip install 'sidelight[peers]'")
    sound, picture = inputs

    async def main() -> tuple[peer_clients.Seen, Wearer, BluetoothFrame]:
        frame = BluetoothFrame(parse_uri(f"emulator:frame?mic={sound}&camera={picture}"))
        await frame.start()
        wearer = Wearer(frame)
        frame.device.observers.append(wearer)
        computer = frame.computer()
        undo = use_by_default(lambda: computer)
        try:
            seen = await CLIENTS[package](package, frame.device.tap)
        finally:
            undo()
        await asyncio.sleep(0.1)
        await frame.close()
        return seen, wearer, frame

    seen, wearer, frame = run_virtual(main())
    assert wearer.link == ["connected", "paired", "disconnected"]
    assert "ready" in seen.prints
    text = lens_with("Guten Tag")
    assert text.any()
    assert any(np.array_equal(text, shown) for shown in wearer.pictures)
    photo = Image.open(io.BytesIO(seen.jpeg))
    photo.load()
    assert photo.size == (256, 256)
    assert seen.jpeg.endswith(b"\xff\xd9")
    assert seen.taps == 1
    with wave.open(str(sound), "rb") as file:
        spoken = file.readframes(file.getnframes())
    assert len(seen.sound) >= 32_000
    assert seen.sound in spoken
    assert frame.device.counters.receive_overwrites == 0
    assert frame.device.counters.watchdog_resets == 0
