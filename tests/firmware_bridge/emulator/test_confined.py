"""Emulated glasses in a process of their own: strangers' Lua, and strangers that got out of Lua."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

from bleak import BleakClient, BleakScanner
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.bumble_radio import adapter_at, backends
from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.confined import ConfinedGlasses
from firmware_bridge.emulator.confinement import Report
from firmware_bridge.emulator.on_air import on_air
from firmware_bridge.emulator.options import FrameOptions, parse_uri
from firmware_bridge.emulator.telemetry import DeviceObserver
from firmware_bridge.errors import InputError
from firmware_bridge.gatt import NOTIFY_UUID, WRITE_UUID

ENDLESS = "('a'):rep(40):find(('a-'):rep(20) .. 'b')"  # nothing can interrupt it, and it takes years
HANGS = {
    "backtracking": ENDLESS,
    "a finaliser": "setmetatable({}, {__gc = function() while true do end end}) collectgarbage()",
    "a hook": "debug.sethook(function() while true do end end, '', 1) local x = 1",
    "a finaliser in a coroutine": (
        "coroutine.wrap(function() setmetatable({}, {__gc = function() " + ENDLESS + " end}) collectgarbage() end)()"
    ),
    "a sort": "local t = {} for i = 1, 1e3 do t[i] = i end table.sort(t, function() " + ENDLESS + " return true end)",
}
BOMBS = {
    "a string": "local s = 'x' while true do s = s .. s end",
    "a repeated string": "return ('x'):rep(1 << 40)",
    "a repeated string with a separator": "return ('x'):rep(1 << 30, ('y'):rep(1 << 10))",
    "a table": "local t = {} while true do t[#t + 1] = {} end",
    "recursion": "local function f() return 1 + f() end f()",
    "recursion through pcall": "local function f() return pcall(f) end f() error('deep')",
    "recursion through a metamethod": (
        "local t = setmetatable({}, {__index = function(t, k) return t[k .. 'x'] end}) x = t.x"
    ),
    "recursion through sort": "local function f() table.sort({1, 2, 3}, f) end f()",
    "recursion through gsub": "local function f() ('x'):gsub('x', f) end f()",
    "coroutines in coroutines": "local function f() coroutine.wrap(f)() end f()",
    "coroutines without end": "local t = {} while true do t[#t + 1] = coroutine.create(print) end",
    "brackets": "assert(load(('('):rep(9000)))",
    "closures": "local t = {} while true do t[#t + 1] = function() return t end end",
    "a long format": "local f = ('%5.99f'):rep(2000) return f:format(table.unpack({}, 1, 2000))",
    "many results": "return table.unpack({}, 1, 1e7)",
    "a finaliser that comes back": (
        "local m = {} m.__gc = function() setmetatable({}, m) end m.__gc() "
        "for i = 1, 99 do collectgarbage() end error('x')"
    ),
    "a packed number": "return string.pack(('i16'):rep(5000), table.unpack({}, 1, 5000))",
    "concatenation": "local t = {} for i = 1, 1e3 do t[i] = ('x'):rep(1e3) end return table.concat(t)",
    "a key": "local t = {} t[0/0] = 1",
    "Python": "return python.eval('1')",
    "the system": "return os.execute('id') or io.open('/etc/passwd') or package.loadlib('libc.so.6', 'system')",
}


class Heard(DeviceObserver):
    def __init__(self) -> None:
        self.failures: list[str] = []
        self.restarts: list[str] = []
        self.reset = asyncio.Event()

    def failed(self, when_s: float, text: bytes) -> None:
        self.failures.append(text.decode("latin-1"))

    def restarted(self, when_s: float, reason: str) -> None:
        self.restarts.append(reason)
        self.reset.set()


class Bench:
    """Confined glasses, and a radio that takes everything at once."""

    free = True
    on_free: Callable[[], None]

    def __init__(self, options: FrameOptions) -> None:
        self.clock = DeviceClock(asyncio.get_running_loop())
        self.glasses = ConfinedGlasses(options)
        self.heard = Heard()
        self.glasses.observers.append(self.heard)
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    def notify(self, value: bytes) -> bool:
        self._answers.put_nowait(value)
        return True

    def connect(self) -> None:
        self.glasses.link_up(self)
        self.glasses.mtu_exchanged(247)
        self.glasses.subscribed(True)

    async def answer(self, text: str, limit_s: float = 20.0) -> str:
        async with asyncio.timeout(limit_s):
            self.glasses.written(text.encode())
            return (await self._answers.get()).decode("latin-1")

    async def store(self, name: str, text: str) -> None:
        assert await self.answer(f"F=frame.file.open('{name}','w')print(1)") == "1"
        for at in range(0, len(text), 150):
            assert await self.answer(f"F:write([==[{text[at : at + 150]}]==])print(1)") == "1"
        assert await self.answer("F:close()print(1)") == "1"


@contextlib.asynccontextmanager
async def bench(options: str = "") -> AsyncIterator[Bench]:
    made = Bench(parse_uri(f"emulator:frame?{options}"))
    await made.glasses.start()
    try:
        await asyncio.sleep(0.3)
        made.connect()
        yield made
    finally:
        await made.glasses.close()


def test_bombs_are_errors_of_lua_and_nothing_else() -> None:
    async def main() -> None:
        async with bench("speed=20") as made:
            for name, text in BOMBS.items():
                await made.store("bomb.lua", text)
                said = await made.answer("print(select(2, pcall(require, 'bomb')) or 'nil')", 60)
                assert "bomb" in said or "memory" in said or said == "nil", (name, said)
                assert await made.answer("collectgarbage() print('alive')") == "alive", name
            assert made.glasses.resets == 0

    asyncio.run(main())


def test_lua_that_hangs_is_a_lost_link_and_glasses_that_start_again() -> None:
    """Section 3, Watchdog: seen by a program that knows only bleak, over the socket that is lent to it."""

    async def main() -> None:
        async with on_air(parse_uri("emulator:frame"), "tcp:127.0.0.1:0") as lent:
            adapter = adapter_at(lent.where)
            scanner, client = backends(lambda: adapter)
            lost, heard = asyncio.Event(), asyncio.Queue[bytes]()

            async def connect() -> BleakClient:
                found = await BleakScanner.find_device_by_name("Frame 4F", backend=scanner)
                assert found is not None
                made = BleakClient(found, lambda _: lost.set(), backend=client)
                await made.connect()
                await made.start_notify(NOTIFY_UUID, lambda _, value: heard.put_nowait(bytes(value)))
                return made

            program = await connect()
            began = time.monotonic()
            await program.write_gatt_char(WRITE_UUID, f"x=1 {ENDLESS}".encode(), response=False)
            async with asyncio.timeout(60):
                await lost.wait()
            assert time.monotonic() - began > 5
            assert lent.glasses.resets == 1
            async with asyncio.timeout(30):
                program = await connect()
                await program.write_gatt_char(WRITE_UUID, b"print(tostring(x) .. ' alive')", response=True)
                assert await heard.get() == b"nil alive"
            await program.disconnect()
            await adapter.settled()

    asyncio.run(main())


@pytest.mark.slow
@pytest.mark.parametrize("name", HANGS)
def test_whatever_hangs_is_ended(name: str) -> None:
    async def main() -> None:
        async with bench() as made:
            await made.store("hang.lua", HANGS[name])
            made.glasses.written(b"require('hang')")
            async with asyncio.timeout(60):
                await made.heard.reset.wait()
            await asyncio.sleep(0.3)
            made.connect()
            assert await made.answer("print('alive')") == "alive"
            assert made.heard.restarts == ["watchdog"]

    asyncio.run(main())


def test_a_process_that_dies_is_a_reset_and_keeps_the_files(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(f"flash={tmp_path / 'flash'}") as made:
            await made.store("../é x.lua", "return 7")
            gone: list[bool] = []
            made.glasses.on_gone = lambda: gone.append(True)
            assert made.glasses._process is not None
            made.glasses._process.kill()
            async with asyncio.timeout(30):
                await made.heard.reset.wait()
            assert gone == [True]
            await asyncio.sleep(0.3)
            made.connect()
            assert await made.answer("print(require('../é x'))") == "7"

    asyncio.run(main())
    assert [path.name for path in tmp_path.iterdir()] == ["flash"]


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path) -> None:
    async def main() -> None:
        with pytest.raises(InputError, match="does not exist"):
            await ConfinedGlasses(parse_uri(f"emulator:frame?camera={tmp_path / 'none.jpg'}")).start()

    asyncio.run(main())


ESCAPED = """
import json, os, socket, sys
from firmware_bridge.emulator.confined_device import confine
confine()
def tried(what):
    try:
        what()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
print(json.dumps({
    "read": tried(lambda: open("/etc/passwd")),
    "write": tried(lambda: open("escaped", "w")),
    "append": tried(lambda: os.write(2, b"") and os.ftruncate(3, 1)),
    "socket": tried(socket.socket),
    "memory": tried(lambda: bytearray(1 << 30)),
    "program": tried(lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", "print(1)"], {})),
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limits of other systems are fewer")
def test_who_got_out_of_lua_finds_no_files_no_network_and_little_memory(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", ESCAPED], env=environment, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert {name: found[name] for name in ("read", "write", "socket", "memory")} == {
        "read": "OSError",
        "write": "OSError",
        "socket": "OSError",
        "memory": "MemoryError",
    }
    assert not list(tmp_path.iterdir())


ORPHAN = """
import asyncio, sys
from firmware_bridge.emulator.confined import ConfinedGlasses
from firmware_bridge.emulator.options import parse_uri
async def main():
    glasses = ConfinedGlasses(parse_uri("emulator:frame"))
    await glasses.start()
    print(glasses._process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on this system")
def test_the_process_ends_with_the_program_that_started_it() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN], env=environment, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        confined = psutil.Process(int(program.stdout.readline()))
        program.kill()
    gone, _ = psutil.wait_procs([confined], timeout=20)
    assert gone


class Radio:
    free = True
    clock: DeviceClock
    on_free: Callable[[], None]

    def notify(self, value: bytes) -> bool:
        return True


CHANGES = st.tuples(
    st.sampled_from(["write", "mkdir", "remove", "rename", "clear", "x"]),
    st.lists(st.sampled_from(["..", "/", "", "a", "/etc/x", "\0", ".sidelight-bond", "~", "x" * 300]), max_size=3),
    st.sampled_from(["AAAA", ["..", "b"], ["c"], None, 7]),
).map(lambda change: json.dumps(change).encode())
REPORTS = st.one_of(
    st.tuples(st.sampled_from(Report), st.binary(max_size=300)), st.tuples(st.just(Report.KEEP), CHANGES)
)


@settings(max_examples=100, deadline=None)
@given(st.lists(REPORTS, max_size=8))
def test_a_process_that_lies_does_no_harm_outside(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[Report, bytes]]
) -> None:
    """What comes from it is taken for what it is, or taken as its end."""
    place = tmp_path_factory.mktemp("desk")

    async def main() -> None:
        glasses = ConfinedGlasses(FrameOptions(flash=place / "flash"))
        glasses.observers.append(DeviceObserver())
        glasses.watch_lens()
        radio = Radio()
        radio.clock = DeviceClock(asyncio.get_running_loop())
        glasses.link_up(radio)
        for report, body in said:
            with contextlib.suppress(EOFError):
                glasses._take(report, body)

    asyncio.run(main())
    assert [path.name for path in place.iterdir()] == ["flash"]
    assert (place / "flash" / ".sidelight-glasses").exists()
    assert not (place / "flash" / ".sidelight-bond").exists()
