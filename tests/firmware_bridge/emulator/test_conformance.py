"""What a suite written for real glasses would ask of the prompt, beyond the tests of each part."""

from __future__ import annotations

import pytest
from frame_desk import Desk, on_desk

TABLES = {
    "frame": "FIRMWARE_VERSION GIT_TAG HARDWARE_VERSION battery_level bluetooth camera compression display file "
    "fpga_read fpga_write imu led microphone sleep stay_awake time update",
    "frame.bluetooth": "address is_connected max_length receive_callback send",
    "frame.display": "assign_color assign_color_ycbcr bitmap power_save set_brightness show text write_register",
    "frame.camera": "auto capture image_ready power_save read read_raw read_register set_gain set_shutter "
    "set_white_balance write_register",
    "frame.microphone": "read start stop",
    "frame.imu": "direction raw tap_callback",
    "frame.file": "listdir mkdir open remove rename",
    "frame.time": "date utc zone",
    "frame.led": "set_color",
    "frame.compression": "decompress process_function",
}


@pytest.mark.reference("2.0 tables", "2.0 probe")
@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_just_its_functions(table: str) -> None:
    async def main(desk: Desk) -> None:
        text = f"local n = {{}} for k in pairs({table}) do n[#n + 1] = k end table.sort(n) print(table.concat(n, ' '))"
        assert await desk.one(text) == TABLES[table]

    on_desk(main)


@pytest.mark.reference("2.0 tables")
def test_what_only_halo_or_the_documentation_has_is_nil() -> None:
    async def main(desk: Desk) -> None:
        for name in (
            "frame.yield",
            "halo",
            "frame.speaker",
            "frame.button",
            "frame.camera.set_exposure",
            "frame.display.clear",
            "frame.display.vector",
            "frame.file.remove_all",
        ):
            assert await desk.one(f"print({name})") == "nil"

    on_desk(main)


@pytest.mark.reference("2.10 handle")
@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("print(type(f))", "userdata"),
        ("print((tostring(f):gsub('0x%x+', '...')))", "FILE*: ..."),
        ("print(select('#', f:write('x')))", "0"),
        ("print(f.lines)", "nil"),
        ("f.x = 1", "[string \"f.x = 1\"]:1: attempt to index a FILE* value (global 'f')"),
        ("f:write({})", "[string \"f:write({})\"]:1: bad argument #1 to 'write' (string expected, got table)"),
        ("f.read()", "[string \"f.read()\"]:1: bad argument #1 to 'read' (FILE* expected, got no value)"),
        ("f.close(5)", "[string \"f.close(5)\"]:1: bad argument #1 to 'close' (FILE* expected, got number)"),
        ("print(select(2, pcall(f.read)))", "bad argument #1 to '?' (FILE* expected, got no value)"),
        (
            "t = {read = f.read} t:read()",
            "[string \"t = {read = f.read} t:read()\"]:1: calling 'read' on bad self (FILE* expected, got table)",
        ),
        ("f:close() f:close()", '[string "f:close() f:close()"]:1: attempt to use a closed file'),
        ("f:close() f:read()", '[string "f:close() f:read()"]:1: attempt to use a closed file'),
        ("f:close() f:write('x')", "[string \"f:close() f:write('x')\"]:1: attempt to use a closed file"),
    ],
)
def test_an_open_file_is_a_userdata(text: str, answer: str) -> None:
    async def main(desk: Desk) -> None:
        assert await desk.lua("f = frame.file.open('x', 'w')") == []
        assert await desk.one(text) == answer

    on_desk(main)


def test_open_files_are_forgotten_with_their_userdata() -> None:
    async def main(desk: Desk) -> None:
        before = "collectgarbage() collectgarbage() print(collectgarbage('count') // 1)"
        first = float(await desk.one(before))
        assert await desk.lua("for i = 1, 300 do frame.file.open('x', 'w') end", wait=2) == []
        assert float(await desk.one(before)) <= first + 3

    on_desk(main)


@pytest.mark.reference("2.10 open", "2.10 read", "2.10 write")
def test_files_open_for_writing_can_be_read() -> None:
    """As littlefs opens them: appending begins to read at the beginning, and ends behind what was written."""

    async def main(desk: Desk) -> None:
        await desk.lua("f = frame.file.open('x', 'write') f:write('one\\ntwo') print(f:read()) f:close()", wait=0.5)
        assert await desk.lua("f = frame.file.open('x', 'append') print(f:read()) f:write('!') print(f:read())") == [
            b"one",
            b"nil",
        ]
        await desk.lua("f:close()", wait=0.5)
        assert await desk.lua("f = frame.file.open('x') print(f:read(100)) print(f:read('a'))") == [b"one", b"two!"]

    on_desk(main)


@pytest.mark.reference("2.10 mkdir", "5 mkdir")
@pytest.mark.parametrize(("path", "made"), [("/", 0), ("", 0), (".", 0), ("a/", 1), ("a//b", 1), ("/a/b", 2)])
def test_mkdir_makes_the_path_up_to_each_slash(path: str, made: int) -> None:
    async def main(desk: Desk) -> None:
        await desk.lua(
            "n = 0 function count(p) for i, e in ipairs(frame.file.listdir(p)) do "
            "if i > 2 then n = n + 1 count(p .. '/' .. e.name) end end end"
        )
        answers = await desk.lua(f"frame.file.mkdir('{path}') print('made')", wait=1)
        assert answers == (
            [b"made"]
            if path == "/a/b"
            else [f"[string \"frame.file.mkdir('{path}') print('made')\"]:1: error creating directory".encode()]
        )
        assert await desk.one("count('') print(n)") == str(made)

    on_desk(main)


@pytest.mark.reference("1.5 error")
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("local t = frame.display.text t()", "bad argument #1 to 't' (string expected, got no value)"),
        ("frame.camera.capture{pan='x'}", "bad argument #-1 to 'capture' (number expected, got string)"),
        ("frame.display.text('a', '0x10', '1e1')", ""),
        ("frame.display.text('a', '1_0', 1)", "bad argument #2 to 'text' (number expected, got string)"),
        ("frame.display.text('a', 'inf', 1)", "bad argument #2 to 'text' (number expected, got string)"),
        ("frame.display.text('a', 1.5, 1)", "bad argument #2 to 'text' (number has no integer representation)"),
        ("frame.display.text('a', 1e30, 1)", "bad argument #2 to 'text' (number has no integer representation)"),
        (
            "frame.display.text(coroutine.create(print))",
            "bad argument #1 to 'text' (string expected, got thread)",
        ),
        ("frame.display.text('a', 1, 1, {color = {}})", "bad argument #-1 to 'text' (string expected, got table)"),
        ("frame.fpga_read(300)", "address must be between 0x00 and 0xFF"),
        ("frame.display.assign_color('X', -1)", "Invalid color name"),
        ("frame.time.date('5')", "expected a utc timestamp"),
    ],
)
def test_wrong_arguments(text: str, error: str) -> None:
    async def main(desk: Desk) -> None:
        answers = await desk.lua(text)
        assert answers == ([f'[string "{text}"]:1: {error}'.encode()] if error else [])

    on_desk(main)


@pytest.mark.reference("2.5 capture argument")
@pytest.mark.parametrize(("argument", "kind"), [("", "nil"), ("nil", "nil"), ("5", "number"), ("true", "boolean")])
def test_capture_without_a_table_fails_inside_the_vm(argument: str, kind: str) -> None:
    """So there is no position."""

    async def main(desk: Desk) -> None:
        assert await desk.one(f"frame.camera.capture({argument})") == f"attempt to index a {kind} value"

    on_desk(main)


@pytest.mark.reference("2.11 set utc")
def test_setting_the_clock_returns_nothing_and_before_1970_wraps_around() -> None:
    async def main(desk: Desk) -> None:
        assert await desk.one("frame.time.utc(-1) print(frame.time.utc() > 1e16)") == "true"
        assert await desk.one("print(select('#', frame.time.utc(5)))") == "0"
        assert await desk.one("print(frame.time.date().year)") == "1970"

    on_desk(main)


@pytest.mark.reference("1.6 0x01")
def test_printed_text_may_look_like_data() -> None:
    async def main(desk: Desk) -> None:
        assert await desk.lua("print('\\1abc')") == [b"\x01abc"]

    on_desk(main)


@pytest.mark.reference("1.5 chunk", "1.4 first byte")
def test_a_chunk_has_many_lines_and_ends_with_its_write() -> None:
    async def main(desk: Desk) -> None:
        assert await desk.lua("local x = 1\nlocal y = 2\nprint(x + y)") == [b"3"]
        assert await desk.one("if x then\nprint(1)") == (
            "[string \"if x then...\"]:2: 'end' expected (to close 'if' at line 1) near <eof>"
        )
        assert await desk.one("local x <const> = 1; x = 2") == (
            "[string \"local x <const> = 1; x = 2\"]:1: attempt to assign to const variable 'x'"
        )

    on_desk(main)


@pytest.mark.reference("3 limits", "3 out of memory")
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("local function f() return 1 + f() end f()", "not enough memory"),
        ("local function g(s) return (s:gsub('.', g)) end print(select(2, pcall(g, 'x')))", "C stack overflow"),
        ("print(select(2, load(('('):rep(300))))", "C stack overflow"),
    ],
)
def test_recursion_ends_in_an_error(text: str, error: str) -> None:
    async def main(desk: Desk) -> None:
        assert error in await desk.one(text, wait=2)
        assert await desk.one("print('alive')") == "alive"

    on_desk(main)


@pytest.mark.reference("3 libraries")
@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("math.sqrt(25)", "5.0"),
        ("string.format('%5.1f|%d|%q', 3.14159, 3, 'a')", '  3.1|3|"a"'),
        ("utf8.char(228, 8364)", "ä€".encode().decode("latin-1")),
        ("table.concat({1, 2.5, 'x'}, ',')", "1,2.5,x"),
        ("coroutine.wrap(function() coroutine.yield(7) end)()", "7"),
        ("2^53", "9.007199254741e+15"),
        ("7 // 2 .. ' ' .. -7 % 3 .. ' ' .. 7 / 2", "3 2 3.5"),
        ("string.pack('<I2', 258):byte()", "2"),
        ("math.type(1) .. math.type(1.0)", "integerfloat"),
        ("tostring(1e15) .. ' ' .. tostring(-0.0)", "1e+15 -0.0"),
        ("(pcall(dofile, 'main.lua'))", "false"),
        ("loadfile('main.lua')", "nil"),
    ],
)
def test_lua_itself(expression: str, answer: str) -> None:
    async def main(desk: Desk) -> None:
        assert (await desk.lua(f"print({expression})"))[0].decode("latin-1") == answer

    on_desk(main)


@pytest.mark.reference("2.3 bitmap memory", "3 heap", "5 assertions")
def test_a_bitmap_that_finds_no_room_restarts_the_device() -> None:
    async def main(desk: Desk) -> None:
        draw = "frame.display.bitmap(1, 1, 640, 16, 0, a) print('drawn')"
        await desk.lua("a = string.rep('x', 40000) b = string.rep('y', 40000)", wait=0.5)
        assert await desk.one(draw, wait=0.5) == "drawn"
        await desk.lua("c = {} for i = 1, 20 do c[i] = string.rep(i, 1000) end", wait=0.5)
        assert await desk.lua(draw, wait=0.5) == []
        assert desk.seen.restarts == ["restart"]

    on_desk(main)


@pytest.mark.reference("2.1 fpga_read", "2.5 read", "2.7 read memory", "3 heap")
def test_what_c_allocates_comes_out_of_the_same_heap() -> None:
    async def main(desk: Desk) -> None:
        assert await desk.one("print(#frame.fpga_read(0x18, 40000))", wait=0.5) == "40000"
        await desk.lua("a = string.rep('x', 40000) b = string.rep('y', 40000) c = string.rep('z', 20000)", wait=0.5)
        for call, error in (
            ("frame.fpga_read(0x18, 48000)", "not enough memory"),
            ("frame.camera.read(48000)", "bytes requested is too large"),
            ("frame.microphone.read(48000)", "not enough memory"),
            ("frame.microphone.read(-2)", "not enough memory"),
        ):
            assert await desk.one(call) == f'[string "{call}"]:1: {error}'

    on_desk(main)


@pytest.mark.reference("1.9 one hook")
def test_a_tap_takes_the_slot_without_a_callback_too() -> None:
    async def main(desk: Desk) -> None:
        await desk.lua("frame.bluetooth.receive_callback(function(d) print(d) end)")
        desk.frame.written(b"\x01lost")
        desk.frame.tap()
        assert await desk.lua(b"\x01heard") == [b"heard"]
        assert desk.frame.counters.receive_overwrites == 1

    on_desk(main)


@pytest.mark.reference("1.9 stale", "2.9 tap_callback")
def test_a_tap_after_a_reset_calls_a_nil_value() -> None:
    async def main(desk: Desk) -> None:
        await desk.lua("frame.imu.tap_callback(function() print('tap') end)", b"\x04")
        desk.seen.failures.clear()
        desk.frame.tap()
        assert await desk.lua("x = 1") == []
        assert [failure.split(b": ")[-1] for failure in desk.seen.failures] == [b"attempt to call a nil value"]
        await desk.lua("frame.imu.tap_callback(nil)")
        desk.frame.tap()
        await desk.lua("x = 2")
        assert len(desk.seen.failures) == 1

    on_desk(main)


@pytest.mark.reference("2.2 receive_callback", "2.9 tap_callback", "2.12 errors")
@pytest.mark.parametrize(
    "function", ["frame.bluetooth.receive_callback", "frame.imu.tap_callback", "frame.compression.process_function"]
)
@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "5",
        "'f'",
        "{}",
        "setmetatable({}, {__call = print})",
        "coroutine.create(print)",
        "frame.file.open('x', 'w')",
    ],
)
def test_a_callback_is_a_function_or_nil(function: str, wrong: str) -> None:
    async def main(desk: Desk) -> None:
        assert (await desk.one(f"{function}({wrong})")).endswith(":1: expected nil or function")
        assert await desk.lua(f"{function}(print) {function}(nil) {function}(nil)") == []

    on_desk(main)


@pytest.mark.reference("4 reset", "1.4 reset")
def test_0_2_s_after_a_reset_the_prompt_answers() -> None:
    async def main(desk: Desk) -> None:
        await desk.lua("x = 1")
        await desk.lua(b"\x03", b"\x04", wait=0.2)
        assert await desk.one("print(x)") == "nil"

    on_desk(main)


@pytest.mark.reference("2.3 splash", "1.7 survives")
def test_the_splash_comes_when_main_lua_is_broken_off() -> None:
    async def main(desk: Desk) -> None:
        await desk.store("main.lua", "frame.display.show() while true do frame.sleep(0.01) end")
        await desk.lua(b"\x04", wait=0.3)
        before = desk.frame.display.picture()
        assert await desk.one(b"\x03", wait=0.3) == (
            "[string \"frame.stay_awake(false); require('main')\"]:1: exiting module 'main': "
            '[string "main.lua"]:1: break signal'
        )
        assert (desk.frame.display.picture() != before).any()

    on_desk(main)


@pytest.mark.reference("2.1 stay_awake")
def test_stay_awake_needs_a_boolean() -> None:
    async def main(desk: Desk) -> None:
        assert await desk.one("frame.stay_awake(1)") == (
            "[string \"frame.stay_awake(1)\"]:1: bad argument #1 to 'stay_awake' (boolean expected, got number)"
        )
        assert await desk.one("frame.stay_awake(true, 1)") == (
            '[string "frame.stay_awake(true, 1)"]:1: expected 0 or 1 arguments'
        )

    on_desk(main)
