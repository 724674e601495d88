"""Halo's prompt, interrupt, restart, print and VM; section numbers are those of the device reference."""

from __future__ import annotations

import asyncio

import pytest
from halo_desk import HaloDesk, on_halo

from firmware_bridge.gatt import INSUFFICIENT_RESOURCES


@pytest.mark.halo_reference("1.6 pieces", "1.6 silence", "3 version")
def test_print_is_one_notification_for_each_piece() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.lua("print(1, 'b', nil)") == [b"1", b"\t", b"b", b"\t", b"nil"]
        assert await desk.lua("print()", "x = 1", "return 5") == []
        assert await desk.lua("print(10/2, _VERSION)") == [b"5.0", b"\t", b"Lua 5.4"]

    on_halo(main)


@pytest.mark.halo_reference("1.6 waits", "1.6 long text")
def test_print_waits_until_each_piece_is_out_and_loses_none() -> None:
    async def main(desk: HaloDesk) -> None:
        desk.slot_s = 0.04
        assert await desk.lua("print(1, 2) print(3)", wait=0.5) == [b"1", b"\t", b"2", b"3"]
        pieces = await desk.lua("print(('x'):rep(1200))", wait=1.0)
        assert [len(piece) for piece in pieces] == [509, 509, 182]

    on_halo(main)


@pytest.mark.halo_reference("1.6 unheard")
def test_print_that_nobody_hears_costs_10_ms() -> None:
    async def main(desk: HaloDesk) -> None:
        desk.halo.subscribed(False)
        assert await desk.lua("t = frame.time.utc() print(1) print(2) t = frame.time.utc() - t") == []
        desk.halo.subscribed(True)
        assert 0.02 <= float(await desk.one("print(t)")) < 0.03
        assert desk.halo.counters.lost_prints == 2

    on_halo(main)


@pytest.mark.halo_reference("1.5 lines", "1.5 chunk", "5 lines")
def test_each_line_of_a_write_is_a_chunk_of_its_own() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.lua("x=1\nprint(x)\n\nprint(2)") == [b"1", b"2"]
        first, end, *rest = await desk.lua("function f()\nprint('in f')\nend")
        assert first == b"[string \"function f()\"]:1: 'end' expected near <eof>"
        assert (end, rest[0]) == (b"\n", b"in f")

    on_halo(main)


@pytest.mark.halo_reference("1.5 error", "1.5 error object", "1.6 error text")
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1 + 2", "[string \"1 + 2\"]:1: unexpected symbol near '1'"),
        ("error('plain', 0)", "plain"),
        ("local a = nil; a.b = 1", "[string \"local a = nil; a.b = 1\"]:1: attempt to index a nil value (local 'a')"),
    ],
)
def test_an_error_is_two_notifications(text: str, error: str) -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.lua(text) == [error.encode(), b"\n"]
        assert await desk.lua("error({})") == []

    on_halo(main)


@pytest.mark.halo_reference("1.5 queue", "1.5 full")
def test_texts_queue_while_a_script_runs_and_are_refused_when_there_is_no_room() -> None:
    async def main(desk: HaloDesk) -> None:
        desk.halo.written(b"frame.sleep(0.3)")
        await asyncio.sleep(0.05)
        assert [desk.halo.written(b"print(%d)" % n) for n in range(3)] == [0, 0, 0]
        assert desk.halo.written(b"-" * 500) == 0
        assert desk.halo.written(b"-" * 500) == INSUFFICIENT_RESOURCES
        assert await desk.lua(b"", wait=0.5) == [b"0", b"1", b"2"]
        assert desk.halo.counters.repl_overwrites == 1

    on_halo(main)


@pytest.mark.halo_reference("1.5 queue", "1.4 interrupt")
def test_control_bytes_clear_the_queue() -> None:
    async def main(desk: HaloDesk) -> None:
        desk.halo.written(b"frame.sleep(0.3)")
        await asyncio.sleep(0.05)
        desk.halo.written(b"print('never')")
        assert await desk.lua(b"\x03", wait=0.5) == [b'[string "frame.sleep(0.3)"]:1: interrupted', b"\n"]

    on_halo(main)


@pytest.mark.halo_reference("1.5 poll", "1.9 idle")
def test_at_the_idle_prompt_callbacks_come_with_the_next_poll() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function(d) print(d) end)")
        at = desk.clock.now()
        await desk.lua(b"\x01hello", wait=0.1)
        assert desk.heard[-1][1] == b"hello"
        assert 0 < desk.heard[-1][0] - at <= 0.023

    on_halo(main)


@pytest.mark.halo_reference("1.4 lone data", "1.4 data")
def test_a_lone_01_is_text() -> None:
    async def main(desk: HaloDesk) -> None:
        answer = await desk.lua(b"\x01")
        assert answer[0].startswith(b'[string "\x01"]:1: unexpected symbol')

    on_halo(main)


@pytest.mark.halo_reference("1.7 persistent", "1.7 text")
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("while true do end", b"interrupted"),
        ("while true do pcall(function() while true do end end) end", b"interrupted"),
        ("while true do pcall(frame.sleep, 0.01) end", b"interrupted"),
        ("function f() while true do end end f()", b'[string "function f() while true do end end f()"]:1: interrupted'),
    ],
)
def test_an_interrupt_breaks_loops_of_pcall(text: str, error: bytes) -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua(text)
        answer = await desk.lua(b"\x03")
        assert answer[0].endswith(b"interrupted")
        if "sleep" not in text:
            assert answer == [error, b"\n"]
        assert await desk.one("print('free')") == "free"

    on_halo(main)


@pytest.mark.halo_reference("1.7 cleanup")
def test_what_would_clean_up_after_an_interrupt_fails_too() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("done = 0 pcall(function() while true do end end) done = 1")
        assert await desk.lua(b"\x03") == [b"interrupted", b"\n"]
        assert await desk.one("print(done)") == "0"

    on_halo(main)


@pytest.mark.halo_reference("1.7 lets go", "5 lines")
def test_an_interrupt_lets_go_of_callbacks_and_peripherals() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua(
            "frame.bluetooth.receive_callback(function(d) print('data') end)",
            "frame.imu.tap_callback(function(k) print(k) end) frame.button.single(function() print('click') end)",
            "frame.compression.process_function(print) frame.microphone.start{} frame.speaker.start{}",
        )
        assert await desk.lua(b"\x03") == []
        desk.halo.tap()
        desk.halo.press()
        await desk.lua(b"\x01abc", wait=1.0)
        assert [value for _, value in desk.heard] == []
        assert await desk.lua("print(frame.microphone.status())") == [b"stopped"]
        assert await desk.error("frame.speaker.play('ab')") == "Speaker not started"
        assert await desk.error("frame.compression.decompress('x', 1)") == "no process_function registered"

    on_halo(main)


@pytest.mark.halo_reference("1.7 coroutine")
def test_a_running_coroutine_is_not_interrupted() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua(
            "coroutine.wrap(function() for i = 1, 2000000 do end print('through') end)() for i = 1, 1000 do end",
            wait=0.1,
        )
        assert await desk.lua(b"\x03", wait=8.0) == [b"through", b"interrupted", b"\n"]

    on_halo(main)


@pytest.mark.halo_reference("1.4 restart", "1.4 stop and restart", "5 wedged")
def test_0x04_alone_waits_for_the_script() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("x = 1")
        assert await desk.one("print(x)") == "1"
        await desk.lua(b"\x04")
        assert await desk.one("print(x)") == "nil"
        await desk.lua("x = 1 while true do end", b"\x04")
        starts = desk.halo.counters.vm_starts
        await asyncio.sleep(1)
        assert desk.halo.counters.vm_starts == starts
        await desk.lua(b"\x03")
        assert desk.halo.counters.vm_starts == starts + 1

    on_halo(main)


@pytest.mark.halo_reference("1.4 reboot", "1.4 remove main", "1.4 exit", "1.4 remove all", "3 main.lua")
def test_the_other_control_bytes() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("f = frame.file.open('main.lua', 'w') f:write([[print('main')]]) f:close()")
        await desk.lua("f = frame.file.open('more.lua', 'w') f:close()")
        assert await desk.lua(b"\x04") == [b"main"]
        await desk.lua(b"\x02")
        assert desk.seen.restarts[-1] == "restart"
        desk.connect()
        assert await desk.lua(b"\x05") == []
        assert await desk.lua("for _, f in ipairs(frame.file.listdir('/')) do print(f.name) end") == [
            *(b"ble", b"main.lua", b"more.lua", b"settings")
        ]
        await desk.lua(b"\x07")
        assert await desk.lua("for _, f in ipairs(frame.file.listdir('/')) do print(f.name) end") == [b"settings"]
        assert await desk.lua(b"\x06", "print(1)") == []
        await desk.lua(b"\x02")
        desk.connect()
        assert await desk.one("print(1)") == "1"

    on_halo(main)


@pytest.mark.halo_reference("2.10 require", "1.6 module failures", "2.0 tables", "3 libraries")
def test_require_remembers_until_it_is_told_to_forget() -> None:
    async def main(desk: HaloDesk) -> None:
        for name, text in (("m", "n = (n or 0) + 1 return n"), ("b", "x = = 1"), ("e", "error('oh')"), ("v", "")):
            await desk.lua(f"f = frame.file.open('{name}.lua', 'w') f:write([[{text}]]) f:close()")
        assert await desk.lua("print(require('m'), require('m'))") == [b"1", b"\t", b"1"]
        assert await desk.lua("package.loaded['m'] = nil print(require('m'))") == [b"2"]
        assert await desk.lua("print(require('v'))") == [b"true"]
        assert await desk.error("require('nix')") == "cannot open file: nix.lua"
        assert (await desk.error("require('b')")).startswith("error loading module 'b': [string \"b.lua\"]:1:")
        assert await desk.error("require('e')") == "error executing module 'e': [string \"e.lua\"]:1: oh"
        assert await desk.lua("print(package.searchers, io, os, halo == frame)") == [
            *(b"nil", b"\t", b"nil", b"\t", b"nil", b"\t", b"true")
        ]

    on_halo(main)


@pytest.mark.halo_reference("3 watchdog", "3 heap", "3 out of memory")
def test_a_busy_loop_never_resets_and_memory_runs_out_as_a_lua_error() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("for i = 1, 3e7 do end", wait=15)
        assert desk.halo.counters.watchdog_resets == 0
        kib = float(await desk.one("print(collectgarbage('count'))"))
        assert 10 < kib < 40
        answer = await desk.lua("t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end", wait=10)
        assert answer == [b"not enough memory", b"\n"]
        assert int(await desk.one("print(#t)")) > 600

    on_halo(main)


@pytest.mark.halo_reference("4 Lua")
def test_lua_is_as_fast_as_is_chosen() -> None:
    taken = []

    async def main(desk: HaloDesk) -> None:
        count = "t = frame.time.utc() for i = 1, 200000 do end t = frame.time.utc() - t"
        await desk.lua(count, wait=3)
        taken.append(float(await desk.one("print(t)")))

    on_halo(main)
    on_halo(main, "emulator:halo?strict=1")
    on_halo(main, "emulator:halo?slow=1")
    assert taken[1] == pytest.approx(2.5 * taken[0], rel=0.05)
    assert taken[2] == pytest.approx(4 * taken[0], rel=0.05)


@pytest.mark.halo_reference("1.9 later firmware")
def test_later_firmware_breaks_off_at_0x04_and_runs_a_file_each_time() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("f = frame.file.open('m.lua', 'w') f:write('n = (n or 0) + 1 print(n)') f:close()")
        assert await desk.lua("print(require('m'))", "require('m')") == [b"1", b"nil", b"2"]
        await desk.lua("while true do pcall(frame.sleep, 0.01) end")
        assert await desk.lua(b"\x04", wait=1) == []
        assert await desk.one("print(n)") == "nil"

    on_halo(main, "emulator:halo?firmware=later")
