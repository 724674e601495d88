"""The emulated Halo in a process of its own: what needs files was opened before, and refusals come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from firmware_bridge import lc3
from firmware_bridge.emulator import parse_uri
from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.confined import ConfinedGlasses
from firmware_bridge.gatt import INSUFFICIENT_RESOURCES


class Bench:
    """Confined glasses, and a radio that takes everything at once."""

    free = True
    on_free: Callable[[], None]

    def __init__(self, uri: str) -> None:
        self.clock = DeviceClock(asyncio.get_running_loop())
        self.glasses = ConfinedGlasses(parse_uri(uri))
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    def notify(self, value: bytes) -> bool:
        self._answers.put_nowait(value)
        self.clock.loop.call_soon(self.on_free)
        return True

    async def start(self) -> None:
        await self.glasses.start()
        await asyncio.sleep(0.3)
        self.glasses.link_up(self)
        self.glasses.mtu_exchanged(512)
        self.glasses.subscribed(True)

    async def answer(self, text: str, limit_s: float = 60.0) -> str:
        async with asyncio.timeout(limit_s):
            assert await self.glasses.written(text.encode()) == 0
            return (await self._answers.get()).decode("latin-1")


def test_it_works_without_files_and_says_what_it_refuses(tmp_path: Path) -> None:
    async def main() -> None:
        made = Bench(f"emulator:halo?flash={tmp_path / 'flash'}")
        await made.start()
        try:
            lens = made.glasses.watch_lens()
            assert await made.answer("print(frame.HARDWARE_VERSION)") == "halo"
            draw = "frame.display.power_save(false) frame.display.clear(255) frame.sleep(0.2) print('drawn')"
            assert await made.answer(draw) == "drawn"
            async with asyncio.timeout(60):
                while not lens.picture().any():  # noqa: ASYNC110 - it comes when it comes
                    await asyncio.sleep(0.02)
            assert lens.size == (256, 256)
            assert lens.picture()[128, 128].tolist() == [0, 0, 255]
            if lc3.available():
                start = "frame.microphone.start{encoder='lc3'} frame.speaker.start{encoder='lc3'} frame.sleep(0.3) "
                assert int(await made.answer(start + "print(#frame.microphone.read(4096))")) > 100
            await made.answer("f = frame.file.open('kept', 'w') f:write('x') f:close() frame.speaker.stop() print(1)")
            assert (tmp_path / "flash" / "kept").read_bytes() == b"x"
            for _ in range(17):
                code = await made.glasses.audio_written(bytes(500))
            assert code == INSUFFICIENT_RESOURCES
            assert made.glasses.resets == 0
        finally:
            await made.glasses.close()

    asyncio.run(main())
