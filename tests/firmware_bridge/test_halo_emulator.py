"""Our app on a Halo emulator by others: started, greeted, drawn on, tapped, heard, photographed; in real time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

pytest.importorskip("halo_emulator", reason="halo-emulator is not installed: pip install 'sidelight[halo-emulator]'")

from halo_emulator_end import IndependentHalo

from firmware_bridge import Bitmap, Glasses, Rect, Scene, Text, lc3

TIMES_OUT_S = 60.0  # of whatever it is waited for on a busy computer
CARD = Scene(
    (
        Text(1, 40, 100, "Main Street", size=16),
        Text(2, 40, 130, "turn left", "orange", size=8),
        Rect(3, 90, 150, 40, 8, "green"),
        Bitmap(4, 100, 170, 16, 1, bytes.fromhex("8001" * 8), "red"),
    )
)
DRAWN = (
    "frame.display.set_font(0, 16)",
    "frame.display.text('Main Street', 41, 101, 0xFFFFFF)",
    "frame.display.set_font(0, 8)",
    "frame.display.text('turn left', 41, 131, 0xFFA500)",
    "frame.display.rect(91, 151, 40, 8, 0x00FF00, true)",
    "for y = 171, 178 do frame.display.set_pixel(101, y, 0xFF0000) frame.display.set_pixel(116, y, 0xFF0000) end",
)


def on_theirs(body: Callable[[Glasses, IndependentHalo], Awaitable[None]], jpeg: bytes = b"") -> None:
    async def main() -> None:
        halo = IndependentHalo(jpeg)
        async with asyncio.timeout(TIMES_OUT_S), Glasses(halo) as glasses:
            await body(glasses, halo)

    asyncio.run(main())


async def until(come: Callable[[], bool]) -> None:
    """Look again and again: nothing there tells of itself."""
    for _ in range(round(TIMES_OUT_S / 0.02)):
        if come():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")


def lens(halo: IndependentHalo) -> np.ndarray:
    return np.asarray(halo.emulator.get_framebuffer().convert("RGB"))


def test_it_starts_and_a_card_is_what_its_own_lua_draws() -> None:
    async def body(glasses: Glasses, halo: IndependentHalo) -> None:
        assert (glasses.info.kind, glasses.info.round) == ("halo", True)
        assert glasses.info.device.startswith("halo 0.8.12")
        assert glasses.start.upload is not None
        await glasses.show(Scene((Text(1, 40, 60, "gone"), Rect(2, 30, 95, 200, 60, "red"))))
        await glasses.show(CARD)
        theirs = IndependentHalo()
        for line in DRAWN:
            theirs.written(line.encode())
        await until(lambda: bool(lens(theirs)[171:179].any() and (lens(halo) == lens(theirs)).all()))
        await theirs.close()
        await glasses.clear()
        await until(lambda: not lens(halo).any())

    on_theirs(body)


def test_who_comes_back_finds_the_app() -> None:
    async def main() -> None:
        halo = IndependentHalo()
        closing, halo.close = halo.close, lambda: asyncio.sleep(0)  # type: ignore[method-assign]
        async with asyncio.timeout(TIMES_OUT_S):
            for runs in (False, True):
                async with Glasses(halo) as glasses:
                    assert glasses.start.was_running is runs
                    await glasses.show(CARD)
            await closing()

    asyncio.run(main())


def test_taps_and_the_button_come() -> None:
    async def body(glasses: Glasses, halo: IndependentHalo) -> None:
        taps = glasses.taps()
        for act, count in (("single", 1), ("double", 2), ("triple", 3)):
            coming = [asyncio.create_task(anext(taps))]  # type: ignore[arg-type] # it is an asynchronous generator
            await asyncio.sleep(0.3)
            halo.emulator.inject_imu_tap(act)
            await coming[0]
            for _ in range(count - 1):
                await anext(taps)
        waiting = asyncio.create_task(anext(taps))  # type: ignore[arg-type] # as above
        await asyncio.sleep(0.1)
        halo.emulator.inject_button_single()
        await waiting

    on_theirs(body)


def test_sound_is_heard() -> None:
    if not lc3.available():
        pytest.skip(lc3.INSTALL)
    tone = np.rint(8000 * np.sin(np.arange(16_000) * 2 * np.pi * 440 / 16_000)).astype("<i2")

    async def body(glasses: Glasses, halo: IndependentHalo) -> None:
        codec = lc3.Codec(16_000, 1000, 32_000)
        heard = [np.zeros(0, np.int16)]
        sound = glasses.microphone()
        coming = asyncio.create_task(anext(sound))  # type: ignore[arg-type] # it is an asynchronous generator
        await until(lambda: bool(halo.emulator._microphone.status() == "streaming"))
        halo.emulator.inject_microphone_data(
            b"".join(codec.encode(tone[at : at + 160].tobytes()) for at in range(0, len(tone), 160))
        )
        heard.append((await coming).samples)
        while sum(map(len, heard)) < len(tone) - 2000:
            chunk = await anext(sound)
            assert chunk.lost_reason is None
            heard.append(chunk.samples)
        samples = np.concatenate(heard)[1600:14_000].astype(float)
        spectrum = np.abs(np.fft.rfft(samples))
        assert abs(int(spectrum.argmax()) * 16_000 / len(samples) - 440) < 3
        await sound.aclose()  # type: ignore[attr-defined] # it is an asynchronous generator

    on_theirs(body)


def test_a_photo_is_what_the_camera_gives() -> None:
    jpeg = b"\xff\xd8" + np.random.default_rng(5).bytes(20_000) + b"\xff\xd9"

    async def body(glasses: Glasses, _halo: IndependentHalo) -> None:
        assert (await glasses.take_photo()).jpeg == jpeg

    on_theirs(body, jpeg)
