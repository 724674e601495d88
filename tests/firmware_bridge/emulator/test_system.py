"""`frame.*` itself: sleep, power, battery, cradle, update; section numbers are those of the device reference."""

from __future__ import annotations

import asyncio

import pytest
from frame_desk import Desk, on_desk


@pytest.mark.reference("2.0 constants", "2.0 probe")
def test_versions() -> None:
    """2.0: constants, and what tells Frame from Halo."""

    async def main(desk: Desk) -> None:
        assert await desk.one("print(frame.HARDWARE_VERSION)") == "Frame"
        assert len(await desk.one("print(frame.FIRMWARE_VERSION)")) == 12
        assert len(await desk.one("print(frame.GIT_TAG)")) == 7
        assert await desk.one("print(tostring(frame.yield) .. type(frame.fpga_read))") == "nilfunction"

    on_desk(main)


@pytest.mark.parametrize("seconds", ["0", "-1", "-0.5", "'0'"])
@pytest.mark.reference("2.1 sleep")
def test_sleep_of_nothing_returns_at_once(seconds: str) -> None:
    """2.1: zero and negative."""

    async def main(desk: Desk) -> None:
        text = f"local s = frame.time.utc() for i = 1, 10 do frame.sleep({seconds}) end print(frame.time.utc() - s)"
        assert float(await desk.one(text)) < 0.01

    on_desk(main)


@pytest.mark.parametrize(("seconds", "got"), [("'abc'", "string"), ("nil", "nil"), ("{}", "table")])
def test_sleep_needs_a_number(seconds: str, got: str) -> None:
    """2.1."""

    async def main(desk: Desk) -> None:
        call = f"frame.sleep({seconds})"
        assert await desk.one(call) == f"[string \"{call}\"]:1: bad argument #1 to 'sleep' (number expected, got {got})"
        assert await desk.one(f"print(select(2, pcall(frame.sleep, {seconds})))") == (
            f"bad argument #1 to '?' (number expected, got {got})"
        )

    on_desk(main)


@pytest.mark.parametrize("seconds", [0.001, 0.01, 0.0105, 0.2, 1.5])
@pytest.mark.reference("2.1 sleep")
def test_sleep_is_accurate_to_the_tick(seconds: float) -> None:
    """2.1: 1 ms tick; a numeric string is a number."""

    async def main(desk: Desk) -> None:
        text = f"local s = frame.time.utc() frame.sleep('{seconds}') print(frame.time.utc() - s)"
        slept = float(await desk.one(text, wait=2))
        assert seconds - 0.001 < slept <= seconds + 0.0025

    on_desk(main)


@pytest.mark.reference("2.1 sleep's clock")
def test_sleep_runs_lua_to_read_the_clock() -> None:
    """2.1: changing the clock from a callback changes the wait, and redefining `frame.time.utc` breaks sleep."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.time.utc(1000) frame.bluetooth.receive_callback(function() frame.time.utc(5000) end)")
        await desk.lua("frame.sleep(3000) print('woken')")
        assert await desk.lua(b"\x01") == [b"woken"]
        await desk.lua("frame.time.utc = function() return 0 end frame.sleep(1) print('never')", wait=60)
        assert [value for _, value in desk.heard] == [b"woken"]
        assert (await desk.one(b"\x03")).endswith("]:1: break signal")
        assert "boom" in await desk.one("frame.time.utc = function() error('boom') end frame.sleep(1)")

    on_desk(main)


def test_sleep_in_a_coroutine_passes_time() -> None:
    """2.1, 1.7: it runs there too, without callbacks."""

    async def main(desk: Desk) -> None:
        text = "coroutine.wrap(function() frame.sleep(0.5) end)() print(frame.time.utc() - s)"
        assert 0.5 <= float(await desk.one("s = frame.time.utc() " + text, wait=1)) < 0.51

    on_desk(main)


@pytest.mark.reference("2.1 sleep()")
def test_sleep_without_an_argument_switches_off_until_a_tap() -> None:
    """2.1: RAM and link are lost; a tap is a start from the beginning."""

    async def main(desk: Desk) -> None:
        gone: list[float] = []
        desk.frame.on_gone = lambda: gone.append(desk.clock.now())
        await desk.lua("x = 1")
        await desk.lua("frame.sleep() print('never')")
        assert len(gone) == 1
        assert not desk.frame.powered
        assert await desk.lua("print('never')", b"\x01x", b"\x03", b"\x04", wait=5) == []
        desk.frame.tap()
        desk.connect()
        await asyncio.sleep(0.5)
        assert desk.frame.powered
        assert await desk.one("print(x)") == "nil"
        assert desk.seen.restarts == ["wake"]

    on_desk(main)


def test_protected_sleep_without_an_argument_still_switches_off() -> None:
    """2.1: nothing runs after System OFF, pcall or not."""

    async def main(desk: Desk) -> None:
        await desk.lua("while true do pcall(frame.sleep) x = 1 end")
        assert not desk.frame.powered

    on_desk(main)


def test_a_tap_after_the_end_starts_nothing() -> None:
    async def main(desk: Desk) -> None:
        desk.frame.close()
        desk.frame.tap()
        await asyncio.sleep(1)
        assert not desk.frame.powered
        assert desk.frame.counters.vm_starts == 1

    on_desk(main)


@pytest.mark.reference("2.1 stay_awake")
def test_stay_awake() -> None:
    """2.1: keeps `sleep()` from switching off (it waits 0.1 s); false again after every VM start; its errors."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.stay_awake(true)")
        assert await desk.one("print(frame.stay_awake())") == "true"
        assert (
            0.1 <= float(await desk.one("local s = frame.time.utc() frame.sleep() print(frame.time.utc() - s)")) < 0.11
        )
        await desk.lua(b"\x04")
        assert await desk.one("print(frame.stay_awake())") == "false"
        assert (await desk.one("frame.stay_awake(1, 2)")).endswith("expected 0 or 1 arguments")
        assert (await desk.one("frame.stay_awake(1)")).endswith(
            "bad argument #1 to 'stay_awake' (boolean expected, got number)"
        )

    on_desk(main)


@pytest.mark.parametrize(("percent", "text"), [("80", "80.0"), ("0", "0.0"), ("100", "100.0"), ("41.6", "42.0")])
@pytest.mark.reference("2.1 battery_level")
def test_battery_level(percent: str, text: str) -> None:
    """2.1: a rounded float."""

    async def main(desk: Desk) -> None:
        assert await desk.one("print(frame.battery_level())") == text
        desk.frame.system.battery.charge(250)
        assert await desk.one("print(frame.battery_level())") == "100.0"

    on_desk(main, f"emulator:frame?battery={percent}")


@pytest.mark.reference("1.11 update")
def test_update_leaves_for_the_bootloader() -> None:
    """1.11: the device is gone for the bootloader's 180 s, then starts again."""

    async def main(desk: Desk) -> None:
        await desk.lua("x = 1 frame.update()")
        assert not desk.frame.powered
        desk.frame.tap()  # nothing that the bootloader knows
        await asyncio.sleep(179)
        assert not desk.frame.powered
        await asyncio.sleep(2)
        desk.connect()
        assert await desk.one("print(x)") == "nil"

    on_desk(main)


@pytest.mark.reference("2.9 tap_callback")
def test_taps_reach_the_callback() -> None:
    """2.9: no argument; set and removed."""

    async def main(desk: Desk) -> None:
        await desk.lua("n = 0 frame.imu.tap_callback(function(...) n = n + 1 + select('#', ...) end)")
        for _ in range(3):
            desk.frame.tap()
            await asyncio.sleep(0.1)
        await desk.lua("frame.imu.tap_callback(nil)")
        desk.frame.tap()
        assert await desk.one("print(n)") == "3"

    on_desk(main)


@pytest.mark.reference("1.2 wiped")
def test_files_are_wiped_at_each_start_until_a_host_has_paired() -> None:
    """1.2, 2.10: reformatted at every VM start while unpaired; kept once bonded."""

    async def main(desk: Desk) -> None:
        for n in range(2):
            await desk.lua("f = frame.file.open('a', 'w') f:write('x') f:close() n = #frame.file.listdir('/')", wait=1)
            desk.frame.restart()
            await asyncio.sleep(1)
            if n == 0:
                await desk.lua("m = #frame.file.listdir('/')")
                desk.connect()
                assert await desk.one("print(m)") == "2"
        desk.connect()
        assert await desk.one("print(#frame.file.listdir('/'))") == "3"

    on_desk(main, "emulator:frame?paired=no", connect=False)
