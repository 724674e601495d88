"""The Frame's VM: globals, heap, watchdog, time; section numbers are those of the device reference."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys

import pytest
from frame_desk import Desk, on_desk

from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.telemetry import DeviceObserver
from firmware_bridge.emulator.vm import LuaVm

GLOBALS = """
L _G _VERSION assert collectgarbage coroutine debug dofile error frame getmetatable ipairs load loadfile math next
pairs pcall print rawequal rawget rawlen rawset require select setmetatable string table tonumber tostring type utf8
warn xpcall
"""


@pytest.mark.reference("3 libraries")
def test_the_device_has_just_these_globals() -> None:
    """3 Libraries: no io, os, package; `loadfile` and `dofile` exist and find nothing."""

    async def main(desk: Desk) -> None:
        await desk.lua("L = {} for k in next, _G do L[#L + 1] = k end table.sort(L)")
        names = await desk.one("print(table.concat(L, ' '))")
        assert names.split() == GLOBALS.split()
        assert await desk.one("print(select(2, loadfile('main.lua')))") == "cannot open main.lua"
        assert await desk.one("dofile('main.lua')") == "cannot open main.lua"

    on_desk(main)


@pytest.mark.reference("3 heap", "3 out of memory")
def test_the_heap_is_limited_and_an_error_of_lua() -> None:
    """3 Heap, Out of memory: about 150 KiB, 64 KiB with strict=1; freed, everything works again."""

    async def room(desk: Desk) -> int:
        await desk.lua("N = 0 for kib = 4, 160, 4 do if pcall(string.rep, 'x', kib * 1024) then N = kib end end")
        return int(await desk.one("print(N)", wait=1))

    async def main(desk: Desk) -> None:
        assert 45 <= await room(desk) <= 130
        fill = "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(100) .. i end"
        assert (await desk.one(fill, wait=3)).endswith("not enough memory")
        assert 45 <= await room(desk) <= 130
        assert 10 < float(await desk.one("collectgarbage() print(collectgarbage('count'))")) < 40

    async def strict(desk: Desk) -> None:
        assert 10 <= await room(desk) <= 44

    on_desk(main)
    on_desk(strict, "emulator:frame?strict=1")


@pytest.mark.reference("3 out of memory")
def test_results_that_do_not_fit_the_heap_are_errors() -> None:
    """3 Out of memory: also where the string comes from a device function; the device goes on."""

    async def main(desk: Desk) -> None:
        await desk.store("f.txt", "x" * 400)
        await desk.lua("function fill(n) T = {} for i = 1, n do T[i] = ('x'):rep(990) .. i end end")
        await desk.lua(
            "function hog() local t, f = {} while true do f = frame.file.open('f.txt') t[#t + 1] = f:read() "
            "t[#t + 1] = frame.fpga_read(1, 500) end end"
        )
        for n in range(90, 125):
            assert await desk.lua(f"T = nil fill({n}) print(select(2, pcall(hog)))", wait=0.3) == [b"not enough memory"]
        assert await desk.one("T = nil collectgarbage() print('alive')") == "alive"

    on_desk(main)


def test_text_arrives_even_when_the_heap_is_full() -> None:
    """3 Out of memory: a text that finds no room is an error of Lua, not the end of the process."""

    async def main(desk: Desk) -> None:
        await desk.lua("T = {} pcall(function() for i = 1, 1e9 do T[i] = {} end end)", wait=3)
        await desk.lua("pcall(function() for i = #T, #T + 1e9 do T[i] = i end end)", wait=3)
        await desk.lua("frame.bluetooth.receive_callback(function(d) S = d end)")
        for n in range(40):
            await desk.lua(b"\x01" + b"y" * 200, b"--" + b"x" * (n * 5))
        assert await desk.one("T = nil collectgarbage() print('alive')") == "alive"

    on_desk(main)


@pytest.mark.reference("3 watchdog", "5 assertions")
def test_a_c_call_longer_than_the_watchdog_restarts_the_device() -> None:
    """3 Watchdog: 6 s without a hook; the link is gone and RAM lost."""

    async def main(desk: Desk) -> None:
        gone: list[float] = []
        desk.frame.on_gone = lambda: gone.append(desk.clock.now())
        await desk.lua("x = 1")
        desk.frame.system._update = lambda: desk.frame.charge(5.5)
        await desk.lua("frame.update() print(x)", wait=6)
        assert [value for _, value in desk.heard] == [b"1"]
        desk.frame.system._update = lambda: desk.frame.charge(6.5)
        start = desk.clock.now()
        await desk.lua("frame.update() print(x)", wait=6.2)
        assert gone == [pytest.approx(start + 6, abs=0.02)]
        assert desk.frame.counters.watchdog_resets == 1
        desk.connect()
        assert await desk.one("print(x)") == "nil"

    on_desk(main)


@pytest.mark.reference("3 watchdog", "3 hooks")
def test_a_hook_of_the_programs_own_stops_the_feeding_until_an_event() -> None:
    """3 Watchdog, Hooks: debug.sethook takes the slot; an event takes it back."""

    async def main(desk: Desk) -> None:
        await desk.lua("n = 0 debug.sethook(function() n = n + 1 end, '', 1000) while true do end", wait=1)
        assert await desk.lua(b"\x03") == [b"break signal"]
        await asyncio.sleep(10)
        assert desk.frame.counters.watchdog_resets == 0
        assert int(await desk.one("print(n)")) == pytest.approx(660, rel=0.05)
        await desk.lua("debug.sethook(function() end, '', 1000) while true do end", wait=7)
        assert desk.frame.counters.watchdog_resets == 1

    on_desk(main)


def test_a_callback_that_takes_longer_than_the_watchdog_restarts_the_device() -> None:
    """3 Hooks, Watchdog: inside a hook no other hook fires, so nothing feeds it."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function() frame.sleep(10) end)")
        await desk.lua(b"\x01x", wait=7)
        assert desk.frame.counters.watchdog_resets == 1

    on_desk(main)


@pytest.mark.reference("3 watchdog")
def test_lua_and_long_sleeps_do_not_trip_the_watchdog() -> None:
    """3 Watchdog: any Lua is fine, and so are sleep, coroutines and an idle REPL."""

    async def main(desk: Desk) -> None:
        await desk.lua("for i = 1, 5e6 do end", wait=9)
        await desk.lua("frame.sleep(20)", wait=21)
        await desk.lua("coroutine.wrap(function() frame.sleep(20) for i = 1, 5e6 do end end)()", wait=30)
        await asyncio.sleep(30)
        assert desk.frame.counters.watchdog_resets == 0

    on_desk(main)


def test_instructions_take_time_and_slow_takes_four_times_as_much() -> None:
    """Time model: the nominal rate and the slow one."""

    def seconds(uri: str) -> float:
        taken = []

        async def main(desk: Desk) -> None:
            await desk.lua("local s = frame.time.utc() for i = 1, 3e5 do end print(frame.time.utc() - s)", wait=4)
            taken.append(float(desk.heard[-1][1]))

        on_desk(main, uri)
        return taken[0]

    nominal = seconds("emulator:frame")
    assert nominal == pytest.approx(0.45, rel=0.01)
    assert seconds("emulator:frame?slow=1") == pytest.approx(4 * nominal, rel=0.01)


def test_every_life_of_the_vm_frees_the_one_before() -> None:
    """A restart leaks nothing on our side: one VM is alive at a time."""

    def alive() -> int:
        gc.collect()
        return sum(isinstance(thing, LuaVm) for thing in gc.get_objects())

    async def main(desk: Desk) -> None:
        before = alive()  # this one, and what other tests have left
        for _ in range(5):
            await desk.lua("frame.bluetooth.receive_callback(print) f = frame.file.open('a', 'w')", b"\x04")
        assert alive() <= before + 1

    on_desk(main)


def test_a_fault_of_a_part_ends_the_device_and_is_not_hidden() -> None:
    """A Python error in a device function is ours: pcall cannot eat it, and the loop hears of it."""

    async def main() -> None:
        failures: list[BaseException] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))
        desk = Desk()
        await asyncio.sleep(0.5)

        def wrong() -> None:
            raise ZeroDivisionError

        desk.frame.system._update = wrong
        await desk.lua("while true do pcall(frame.update) end")
        assert [type(failure) for failure in failures] == [ZeroDivisionError]
        assert not desk.frame.powered
        desk.frame.close()

    run_virtual(main())


def test_a_fault_of_an_observer_ends_the_device_and_is_not_hidden() -> None:
    class Faulty(DeviceObserver):
        def printed(self, when_s: float, text: bytes) -> None:
            raise ZeroDivisionError

    async def main() -> None:
        failures: list[BaseException] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))
        desk = Desk()
        await asyncio.sleep(0.5)
        desk.frame.observers.append(Faulty())
        await desk.lua("while true do pcall(print, 1) end")
        assert [type(failure) for failure in failures] == [ZeroDivisionError]
        assert not desk.frame.powered

    run_virtual(main())


def test_a_program_that_never_closes_its_glasses_ends_all_the_same() -> None:
    program = (
        "from frame_desk import *\n"
        "async def main():\n"
        "    await Desk().lua('while true do pcall(frame.sleep, 1) end', wait=0.5)\n"
        "run_virtual(main())\n"
        "print('end')\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True, timeout=60
    )
    assert ended.stdout == "end\n"


def test_functions_that_lua_forgets_are_forgotten() -> None:
    """An open file is a table of functions: thousands of them one after the other leave nothing behind."""

    async def main(desk: Desk) -> None:
        vm = desk.frame._luaport.vm
        assert vm is not None
        before = len(vm._functions)
        await desk.lua("for i = 1, 100 do local f = frame.file.open('a', 'w') f:close() end", wait=99)
        await desk.lua("collectgarbage() frame.file.listdir('/')")
        assert len(vm._functions) <= before + 3

    on_desk(main)
