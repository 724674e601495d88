"""A scene drawn without glasses looks as it does on emulated ones."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from firmware_bridge import Bitmap, Glasses, Glyph, Glyphs, PlacedGlyph, Rect, Scene, Text
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.scene_picture import scene_png

DOT = Glyph(8, 2, 1, b"\xaa\x55")
SHADED = Glyph(4, 1, 2, b"\x1b")

SCENES = [
    Scene(),
    Scene((Text(1, 10, 20, "Grüße, 29.90 €", "yellow"), Text(2, 10, 90, "second", "grey", 2))),
    Scene((Rect(0, 0, 0, 33, 9, "red"), Rect(1, 600, 380, 40, 20))),
    Scene((Bitmap(3, 100, 50, 16, 1, bytes(range(64)), "green"), Bitmap(4, 200, 50, 8, 4, bytes(range(16, 48))))),
    Scene((Glyphs(5, 40, 300, (PlacedGlyph(0, 0, DOT), PlacedGlyph(9, 1, SHADED)), "orange"), Text(6, 80, 300, "x"))),
]


@pytest.mark.parametrize("scene", SCENES)
def test_it_looks_as_on_the_glasses(scene: Scene) -> None:
    watched: list[Scene] = []

    async def shown() -> np.ndarray:
        source = EmulatorSource(parse_uri("emulator:frame"))
        async with Glasses(source) as glasses:
            glasses.watch_lens(watched.append)
            await glasses.show(Scene((Text(0, 0, 0, "before"),)))
            await glasses.show(scene)
            for _ in range(5):
                await glasses.battery()  # time for it to be lit
            return np.asarray(source.device.display.picture()).copy()

    on_glasses = run_virtual(shown())
    drawn = Image.open(io.BytesIO(scene_png(scene, "frame"))).convert("RGB")
    assert np.array_equal(np.asarray(drawn), on_glasses)
    assert watched[1:2] == [scene]


ON_HALO = [
    Scene(),
    Scene((Text(1, 60, 70, "Gruesse, 29.90", "yellow", size=8), Text(2, 40, 120, "second", "grey", size=24))),
    Scene((Rect(0, 0, 0, 133, 90, "red"), Rect(1, 200, 180, 40, 20), Text(2, 60, 80, "across", "green"))),
    Scene(
        (Bitmap(3, 100, 50, 16, 1, bytes(range(64)), "green"), Bitmap(4, 100, 60, 8, 4, bytes(range(16, 48)), "red"))
    ),
    Scene(
        (Glyphs(5, 40, 150, (PlacedGlyph(0, 0, DOT), PlacedGlyph(5, 1, SHADED)), "cloudblue"), Text(6, 42, 150, "x"))
    ),
]


@pytest.mark.parametrize("scene", ON_HALO)
def test_it_looks_as_on_halo(scene: Scene) -> None:
    async def shown() -> np.ndarray:
        source = EmulatorSource(parse_uri("emulator:halo"))
        async with Glasses(source) as glasses:
            await glasses.show(Scene((Text(0, 60, 60, "before"),)))
            await glasses.show(scene)
            await glasses.battery()
            return np.asarray(source.device.display.picture()).copy()

    drawn = Image.open(io.BytesIO(scene_png(scene, "halo"))).convert("RGB")
    assert np.array_equal(np.asarray(drawn), run_virtual(shown()))
