"""Halo's VM under strangers' Lua: memory, results that do not fit, and what Python keeps of it."""

from __future__ import annotations

import gc
import weakref

from halo_desk import HaloDesk, on_halo


def test_results_that_do_not_fit_the_heap_are_errors() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("f = frame.file.open('big', 'w') for i = 1, 150 do f:write(('x'):rep(500)) end", "f:close()")
        await desk.lua("pcall(function() t = {} while true do t = {t, ('x'):rep(200)} end end)", wait=20)
        await desk.lua("ok, why = pcall(require, 'big')", "f = frame.file.open('big') ok, why = pcall(f.read, f, 512)")
        await desk.lua("t = nil collectgarbage()")
        assert await desk.one("print('alive')") == "alive"

    on_halo(main)


def test_every_life_of_the_vm_frees_the_one_before() -> None:
    async def main(desk: HaloDesk) -> None:
        lives = []
        for _ in range(4):
            lives.append(weakref.ref(desk.halo.runtime.vm))
            await desk.lua("frame.button.single(function() end) t = {} for i = 1, 100 do t[i] = {i} end", b"\x04")
        gc.collect()
        assert [life() for life in lives] == [None] * 4

    on_halo(main)


def test_bombs_are_no_bombs() -> None:
    """Numbers and sizes that a C program would choke on."""

    async def main(desk: HaloDesk) -> None:
        for text in (
            "frame.display.bitmap(1, 1, 1, 2, 0, ('x'):rep(100000), {x_scale = 1 << 40, y_scale = 1 << 40})",
            "frame.display.bitmap(1, 1, 1 << 62, 16, 0, 'x')",
            "frame.display.set_font(1, 8, 255) frame.display.text(('W'):rep(50000), 1, 1)",
            "frame.display.circle(1, 1, math.maxinteger, 1) frame.display.circle(1, 1, 1 << 30, 1, true)",
            "frame.display.line(math.mininteger, 1, math.maxinteger, 9, 1)",
            "frame.display.polygon({1 << 60, 2, 3, 1 << 60, 5, 6}, 1)",
            "frame.microphone.start{sample_rate = 0/0} frame.microphone.start{gain = 1e300}",
            "frame.time.utc(1e300) frame.time.date(1e300)",
            "frame.time.date(9007199254740991)",
            "frame.standby(1e-300) frame.sleep(1e-300)",
            "frame.camera.power_save(false) frame.camera.capture{} frame.sleep(1) frame.camera.read(1 << 60)",
            "frame.speaker.start{} frame.speaker.play(('x'):rep(100000))",
            "frame.sound.play_async('hit', {duration_ms = 1 << 62})",
            "frame.file.open('x', 'w'):write(('x'):rep(200000))",
            "frame.bluetooth.send(('x'):rep(20000))",
        ):
            await desk.lua(text, wait=3)
        await desk.lua(b"\x03", b"\x04", wait=1)
        assert (await desk.lua("print('alive')", wait=8))[-1:] == [b"alive"]
        assert desk.halo.counters.watchdog_resets == 0

    on_halo(main)
