"""The Frame's REPL, break, reset, print and VM; section numbers are those of the device reference."""

from __future__ import annotations

import asyncio

import pytest
from frame_desk import Desk, on_desk


@pytest.mark.reference("1.6 silence")
def test_a_statement_without_print_says_nothing() -> None:
    """1.6: nothing is echoed, neither results nor values."""

    async def main(desk: Desk) -> None:
        assert await desk.lua("x = 1", "return 5", "local y = x") == []
        assert await desk.one("print(x)") == "1"

    on_desk(main)


@pytest.mark.reference("3 version", "3 numbers")
def test_numbers_are_those_of_a_64_bit_lua() -> None:
    """3: 64-bit integers and doubles, and the version."""

    async def main(desk: Desk) -> None:
        assert await desk.one("print(10/2)") == "5.0"
        assert await desk.one("print(math.maxinteger)") == "9223372036854775807"
        assert await desk.one("print(_VERSION)") == "Lua 5.4"

    on_desk(main)


@pytest.mark.reference("1.6 pieces")
def test_print_is_one_notification_for_each_piece() -> None:
    """1.6: one per argument and separator, no newline; an empty print sends nothing."""

    async def main(desk: Desk) -> None:
        assert await desk.lua("print(1, 'b', nil)") == [b"1", b"\t", b"b", b"\t", b"nil"]
        assert await desk.lua("print()") == []
        assert await desk.lua("print(setmetatable({}, {__tostring = function() return 'T' end}))") == [b"T"]

    on_desk(main)


@pytest.mark.reference("1.6 lost", "5 print")
def test_print_loses_what_finds_the_link_busy() -> None:
    """1.6, 5 Frame 2: the queue is one deep, so only the first piece goes out, without an error."""

    async def main(desk: Desk) -> None:
        desk.slot_s = 0.004
        assert await desk.lua("print(1, 2) print(3)") == [b"1"]
        assert desk.frame.counters.lost_prints == 3
        assert desk.seen.prints == [b"1", b"\t", b"2", b"3"]

    on_desk(main)


@pytest.mark.reference("1.6 lost", "1.6 long text")
def test_print_is_lost_when_too_long_or_not_listened_to() -> None:
    """1.6: longer than the payload, notifications off, not connected."""

    async def main(desk: Desk) -> None:
        assert await desk.lua("print(('x'):rep(244))") == [b"x" * 244]
        assert await desk.lua("print(('x'):rep(245))") == []
        desk.frame.subscribed(False)
        assert await desk.lua("print(1)") == []
        desk.frame.disconnected()
        assert await desk.lua("print(1)") == []
        assert desk.frame.counters.lost_prints == 3

    on_desk(main)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1 + 2", "[string \"1 + 2\"]:1: unexpected symbol near '1'"),
        ("x = = 1", "[string \"x = = 1\"]:1: unexpected symbol near '='"),
        ("error('plain', 0)", "plain"),
        ("error('x')", "[string \"error('x')\"]:1: x"),
        ("\n\nerror('third')", '[string "..."]:3: third'),
        ("local t = nil; t.x = 1", "[string \"local t = nil; t.x = 1\"]:1: attempt to index a nil value (local 't')"),
        ("error(42)", "42"),
        (
            "local long_name_of_a_variable_that_is_cut = nothing_at_all.field",
            (
                '[string "local long_name_of_a_variable_that_is_cut = n..."]:1: '
                "attempt to index a nil value (global 'nothing_at_all')"
            ),
        ),
    ],
)
@pytest.mark.reference("1.5 error", "1.5 chunk", "1.6 error text")
def test_error_texts(text: str, error: str) -> None:
    """1.5, 1.6: the whole message in one notification, the chunk named by its text, cut to fit 60."""

    async def main(desk: Desk) -> None:
        assert await desk.one(text) == error

    on_desk(main)


@pytest.mark.reference("1.5 error object")
def test_an_error_that_is_no_text_sends_nothing() -> None:
    """1.5: undefined in the firmware (strlen of NULL); nothing is sent, and with strict=1 the device restarts."""

    async def main(desk: Desk) -> None:
        assert await desk.lua("error({})") == []
        assert await desk.one("print('alive')") == "alive"

    async def strict(desk: Desk) -> None:
        await desk.lua("x = 1")
        await desk.lua("error({})")
        desk.connect()
        assert await desk.one("print(x)") == "nil"
        assert desk.seen.restarts == ["restart"]

    on_desk(main)
    on_desk(strict, "emulator:frame?strict=1")


@pytest.mark.reference("1.5 one slot", "5 overwrites")
def test_the_last_text_wins_while_a_script_runs() -> None:
    """1.5: one slot; the last write replaces the one that waits and runs after the script."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.sleep(1)", wait=0.05)
        assert await desk.lua("print('first')", "print('second')", wait=0.1) == []
        await asyncio.sleep(1)
        assert [value for _, value in desk.heard] == [b"second"]
        assert desk.frame.counters.repl_overwrites == 1

    on_desk(main)


@pytest.mark.reference("1.5 poll")
def test_text_is_polled_every_10_ms() -> None:
    """1.5: an idle REPL looks every 10 ms."""

    async def main(desk: Desk) -> None:
        times = []
        for _ in range(20):
            start = desk.clock.now()
            await desk.lua("print(1)", wait=0.0137)
            times.append(desk.heard[-1][0] - start)
        assert max(times) < 0.0105
        assert max(times) > 0.005

    on_desk(main)


@pytest.mark.reference("1.5 NUL", "1.5 one slot")
def test_text_is_cut_at_the_first_nul_and_at_246_characters() -> None:
    """1.5: strcpy out of a buffer of 247 bytes; older clients may write more than the link's 244, which the SoftDevice
    refuses.
    """

    async def main(desk: Desk) -> None:
        assert await desk.lua(b"print('seen') \0 print('unseen')") == [b"seen"]
        assert await desk.lua(b"\0print('unseen')") == []
        assert await desk.lua(b"print('" + b"x" * 235 + b"')") == [b"x" * 235]
        assert await desk.lua(b"print('" + b"x" * 236 + b"')") == []

    on_desk(main)


@pytest.mark.parametrize("byte", [0x02, 0x05, 0x06, 0x07])
@pytest.mark.reference("1.4 other bytes")
def test_other_control_bytes_are_text(byte: int) -> None:
    """1.4: on Frame only 01, 03 and 04 are special; the rest are Lua text, and wrong Lua at that."""

    async def main(desk: Desk) -> None:
        assert "unexpected symbol near" in await desk.one(bytes([byte]))

    on_desk(main)


@pytest.mark.reference("1.5 return", "5 stack")
def test_returned_values_stay_on_the_stack_until_an_error() -> None:
    """1.5, 5 Frame 13: `return` leaks memory; the pop after an error frees all of it."""

    async def main(desk: Desk) -> None:
        count = "collectgarbage() print(collectgarbage('count'))"
        await desk.lua("big = 'x'")
        before = float(await desk.one(count))
        for _ in range(3):
            await desk.lua("return ('x'):rep(8192)")
        assert float(await desk.one(count)) - before > 20
        await desk.lua("error('x')")
        assert float(await desk.one(count)) - before < 2

    on_desk(main)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("while true do end", "break signal"),
        (
            "local function f() while true do end end f()",
            '[string "local function f() while true do end end f()"]:1: break signal',
        ),
        ("frame.sleep(5)", '[string "frame.sleep(5)"]:1: break signal'),
    ],
)
@pytest.mark.reference("1.4 break", "1.6 break text")
def test_break_text_has_the_position_of_the_caller(text: str, error: str) -> None:
    """1.6 Break text: none in the main chunk, the call's inside a function or `sleep`."""

    async def main(desk: Desk) -> None:
        await desk.lua(text, wait=0.3)
        assert await desk.one(b"\x03") == error
        assert await desk.one("print('alive')") == "alive"

    on_desk(main)


@pytest.mark.parametrize("text", ["pcall(frame.sleep, 60)", "pcall(function() while true do end end)"])
@pytest.mark.reference("1.7 one-shot", "5 swallowed breaks")
def test_a_break_is_one_shot_and_pcall_swallows_it(text: str) -> None:
    """1.7: each 0x03 breaks one protected call."""

    async def main(desk: Desk) -> None:
        assert await desk.lua(text + " print('second') " + text + " print('done')", wait=0.1) == []
        assert await desk.lua(b"\x03", wait=0.1) == [b"second"]
        assert await desk.lua(b"\x03", wait=0.1) == [b"done"]

    on_desk(main)


@pytest.mark.parametrize("padding", range(0, 30, 2))
def test_a_break_gets_into_a_loop_of_device_calls(padding: int) -> None:
    """1.7: between any two instructions, wherever the loop stands when the count of instructions is full."""

    async def main(desk: Desk) -> None:
        await desk.lua("while true do frame.bluetooth.is_connected() " + "x = 1 " * padding + "end", wait=0.05)
        assert await desk.lua(b"\x03", wait=0.02) == [b"break signal"]

    on_desk(main)


@pytest.mark.reference("1.5 idle errors", "1.7 survives")
def test_a_break_while_idle_is_swallowed() -> None:
    """1.5: errors of the REPL's own sleep are silent; callbacks and the VM survive (1.7)."""

    async def main(desk: Desk) -> None:
        await desk.lua("x = 7 frame.bluetooth.receive_callback(function(d) print(d) end)")
        assert await desk.lua(b"\x03") == []
        assert [text.removeprefix(b'[string "frame.sleep(0.01)"]:1: ') for text in desk.seen.failures] == [
            b"break signal"
        ]
        assert await desk.lua(b"\x01still there") == [b"still there"]
        assert await desk.one("print(x)") == "7"

    on_desk(main)


@pytest.mark.reference("1.7 coroutine")
def test_a_running_coroutine_is_not_interrupted() -> None:
    """1.7: the hook is the main thread's; break and data wait until control returns to it."""

    async def main(desk: Desk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function(d) got = d end)")
        await desk.lua("coroutine.wrap(function() frame.sleep(1) seen = got end)() while true do end", wait=0.2)
        assert await desk.lua(b"\x01data", wait=0.1) == []
        await asyncio.sleep(1.5)
        assert await desk.lua(b"\x03") == [b"break signal"]
        assert await desk.lua("print(seen, got)") == [b"nil", b"\t", b"data"]

    on_desk(main)


@pytest.mark.reference("1.4 reset")
def test_0x04_restarts_the_vm_only_when_idle() -> None:
    """1.4: while a script runs it waits in the slot, and another text replaces it."""

    async def main(desk: Desk) -> None:
        await desk.lua("x = 1")
        await desk.lua("frame.sleep(1)", b"\x04", "print(x)", wait=0.1)
        await asyncio.sleep(1.2)
        assert [value for _, value in desk.heard] == [b"1"]
        await desk.lua("frame.sleep(0.5)", b"\x04", wait=0.1)
        await asyncio.sleep(1)
        assert await desk.one("print(x)") == "nil"
        assert desk.frame.counters.vm_starts == 2

    on_desk(main)


@pytest.mark.reference("1.4 stop and restart")
def test_a_break_then_a_reset_stops_a_busy_app() -> None:
    """1.4: 0x03, a pause, 0x04."""

    async def main(desk: Desk) -> None:
        await desk.lua("x = 1")
        await desk.lua("while true do frame.sleep(0.01) end", b"\x03", b"\x04")
        assert await desk.one("print(x)") == "nil"

    on_desk(main)


@pytest.mark.reference("3 missing main", "5 missing main")
def test_a_reset_without_main_lua_reports_it() -> None:
    """3 Missing main.lua, 5 Frame 5: the firmware compares with a text that is never equal."""

    async def main(desk: Desk) -> None:
        assert await desk.one(b"\x04") == (
            "[string \"frame.stay_awake(false); require('main')\"]:1: cannot open file: main.lua"
        )

    on_desk(main)


@pytest.mark.reference("3 autorun", "1.6 module failures")
def test_main_lua_runs_at_start_and_its_errors_are_sent() -> None:
    """3 Autorun; 1.6 Module failures: `exiting module`, the chunk named after its file."""

    async def main(desk: Desk) -> None:
        await desk.store("main.lua", "print('up ' .. tostring(frame.stay_awake()))\nerror('boom')")
        assert await desk.lua(b"\x04", wait=0.5) == [
            b"up false",
            (
                b"[string \"frame.stay_awake(false); require('main')\"]:1: "
                b"exiting module 'main': [string \"main.lua\"]:2: boom"
            ),
        ]

    on_desk(main)


@pytest.mark.reference("2.10 require", "1.6 module failures")
def test_require_runs_each_time_and_returns_one_value() -> None:
    """2.10 require: no cache, one value; a syntax error names the file."""

    async def main(desk: Desk) -> None:
        await desk.store("m.lua", "n = (n or 0) + 1 return n, 'second'")
        assert await desk.lua("print(n, select('#', require('m')), require('m'), n)") == [
            b"nil",
            b"\t",
            b"1",
            b"\t",
            b"second",
            b"\t",
            b"2",
        ]
        await desk.store("quiet.lua", "")
        assert await desk.one("print(require('quiet'))") == "quiet.lua"  # what lies on the stack beneath
        await desk.store("bad.lua", "x = = 1")
        assert await desk.one("require('bad')") == (
            "[string \"require('bad')\"]:1: exiting module 'bad': [string \"bad.lua\"]:1: unexpected symbol near '='"
        )
        assert await desk.one("require('none')") == "[string \"require('none')\"]:1: cannot open file: none.lua"

    on_desk(main)
