"""What programs ask that test a Halo unattended, by brilliant-ble over Bluetooth: files, programs, sleep.

pytest -m "slow or not slow" tests/firmware_bridge/emulator/halo/test_unattended_files.py    later firmware, too
"""

from __future__ import annotations

import asyncio

import pytest
from halo_suite import Suite, both, on_air

pytestmark = pytest.mark.filterwarnings("default")  # the package's own warnings are not ours to fix


FILES = [
    ("f=frame.file.open('test.lua', 'w')", "OK nil"),
    ("f:write('test 123')", "OK nil"),
    ("f:close()", "OK nil"),
    ("f=frame.file.open('test.lua', 'a')", "OK nil"),
    ("f:write('\\n456')", "OK nil"),
    ("f:close()", "OK nil"),
    ("f=frame.file.open('test.lua', 'r')", "OK nil"),
    ("f:write('789')", "ERR file opened in read-only mode"),
    ("return f:read()", "OK test 123"),
    ("return f:read()", "OK 456"),
    ("return f:read()", "OK nil"),
    ("f:close()", "OK nil"),
    ("f=frame.file.open('test.lua', 'write') f:write('test 789') f:close()", "OK nil"),
    ("f=frame.file.open('test.lua') return f:read(4)..'|'..f:read(100)..'|'..tostring(f:read(4))", "OK test| 789|nil"),
    ("f:close() f:close()", "OK nil"),
    ("f:read()", "ERR attempt to use a closed file"),
    ("f:write('000')", "ERR attempt to use a closed file"),
    ("return find('/', 'test.lua').size", "OK 8"),
    ("return find('/', 'test.lua').type", "OK 1"),
    ("frame.file.rename('test.lua', 'test2.lua')", "OK nil"),
    ("return find('/', 'test2.lua').name", "OK test2.lua"),
    ("return find('/', 'test.lua')", "OK nil"),
    ("frame.file.remove('test2.lua')", "OK nil"),
    ("frame.file.mkdir('/this/is/some/path')", "OK nil"),
    ("return find('/', 'this').type", "OK 2"),
    ("frame.file.listdir('/this')", "OK nil"),
    ("frame.file.listdir('/this/is/not')", "ERR directory not found: -2"),
    ("frame.file.remove('/this/is/some/path')", "OK nil"),
    ("frame.file.remove('/this/is/some')", "OK nil"),
    ("frame.file.remove('/this/is')", "OK nil"),
    ("frame.file.remove('/this')", "OK nil"),
    ("frame.file.open('none.lua', 'r')", "ERR cannot open file 'none.lua': -2"),
]


@both
def test_files(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        await suite.client.send_break_signal()
        await suite.send(
            "function find(d, n) for _, e in ipairs(frame.file.listdir(d)) do if e.name == n then return e end end end"
        )
        before = await suite.value("return #frame.file.listdir('/')")
        for text, answer in FILES:
            state, _, words = (await suite.value(text)).partition(" ")
            assert (state, words.rpartition(":1: ")[2] if state == "ERR" else words) == tuple(answer.split(" ", 1)), (
                text
            )
        assert await suite.value("return #frame.file.listdir('/')") == before

    on_air(firmware, body)


@both
def test_a_program_that_is_run_stopped_and_removed(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        client = suite.client
        await client.upload_file_from_string("while true do\nprint('test')\nframe.sleep(1)\nend\n", "main.lua")
        if firmware == "0.8.8":
            await client.send_lua("package.loaded.main = nil")
        for start in (lambda: client.send_lua("require('main')"), client.send_reset_signal):
            suite.prints.clear()
            await start()
            await asyncio.sleep(3)
            assert "".join(suite.prints).count("test") >= 2
            await client.send_break_signal()
            await asyncio.sleep(0.2)
            suite.prints.clear()
            await asyncio.sleep(3)
            assert suite.prints == []
        await client.send_lua("while true do end")
        await asyncio.sleep(0.2)
        if firmware == "0.8.8":  # does not break it off by itself
            await client.send_break_signal()
            await asyncio.sleep(0.2)
        await client.send_remove_signal()
        await asyncio.sleep(1)
        suite.prints.clear()
        assert await suite.alive()
        assert await suite.value("f=frame.file.open('main.lua') return f:read()") == "OK nil"

    on_air(firmware, body)


LIGHT_SLEEP = (
    "print('BOOT '..tostring(frame.wakeup_source())) count = 0 while true do count = count + 1 print('Count: '..count) "
    "if count == 3 then frame.light_sleep(3) print('RESUMED') end frame.sleep(1) end"
)


@both
def test_light_sleep_begins_again(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        await suite.client.send_break_signal()
        await suite.client.upload_file_from_string(LIGHT_SLEEP, "main.lua")
        suite.prints.clear()
        await suite.client.send_reset_signal()
        await asyncio.sleep(25)
        await suite.client.send_break_signal()
        text = "\n".join(suite.prints)
        assert text.count("BOOT") >= 2
        assert "BOOT timeout" in text
        assert "RESUMED" not in text
        assert "Count: 3" in text
        assert "Count: 4" not in text
        await asyncio.sleep(0.2)

    on_air(firmware, body)


@both
def test_standby_goes_on(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        await suite.client.send_lua("print('before') frame.standby(2) print('after '..frame.wakeup_source())")
        await asyncio.sleep(3)
        assert suite.prints == ["before", "after timeout"]

    on_air(firmware, body)
