"""Foreign Lua stays inside the VM: no Python, no files, no precompiled code, no way into the machinery around it."""

from __future__ import annotations

import pytest
from frame_desk import Desk, on_desk
from halo_desk import HaloDesk, on_halo
from lupa import lua54

# Each ends in `check(contained)`.
ATTEMPTS = {
    "the python table": "check(python == nil)",
    "operating system": "check((os or io or (package and package.loadlib)) == nil)",
    "string metatable": "check(getmetatable('').__index == string)",
    "the registry": "check(next(debug.getregistry()) == nil)",
    "an upvalue of a device function": """
check(debug.getupvalue(frame.bluetooth.send, 1) == nil and debug.getupvalue(print, 1) == nil)""",
    "an upvalue set": "check(debug.setupvalue(frame.sleep, 1, print) == nil)",
    "upvalues joined": """
local x = 1
local f = function() return x end
pcall(debug.upvaluejoin, f, 1, frame.sleep, 1)
check(f() == 1)""",
    "precompiled code that was changed": """
local d = string.dump(function() return 1 end)
local bad = false
for i = 1, #d do
  local other = d:sub(1, i - 1) .. string.char(d:byte(i) ~ 1) .. d:sub(i + 1)
  string.dump(function() return 1 end)
  if load(other) or load(other, 'x', 'b') or load(other, 'x', 'bt') then bad = true end
end
check(not bad)""",
    "precompiled code by reader": """
local d, done = string.dump(function() end)
check(load(function() if not done then done = true return d end end) == nil)""",
    "a file of the host": "check(loadfile('/etc/passwd') == nil and not pcall(dofile, '/etc/passwd'))",
    "a module of the host": "check(not pcall(require, '../../../../etc/passwd'))",
    "userdata anywhere in reach": """
local seen, bad = {}, false
local function walk(v)
  if type(v) == 'userdata' then bad = bad or v ~= F or getmetatable(v).__name ~= 'FILE*' end
  if type(v) ~= 'table' and v ~= F or seen[v] then return end
  if v == F then seen[v] = true return walk(getmetatable(v)) end
  seen[v] = true
  for k, w in next, v do walk(k) walk(w) end
  walk(getmetatable(v))
end
walk(_G)
walk(debug)
check(not bad)""",
    "the locals of whoever called": """
local bad = false
for l = 1, 30 do
  if not debug.getinfo(l) then break end
  for i = 1, 50 do
    local n, v = debug.getlocal(l, i)
    if type(v) == 'userdata' then bad = true end
    if n == nil then break end
  end
end
check(not bad)""",
    "a hook taken over": "debug.sethook() check(type(debug.gethook()) ~= 'userdata')",
    "an error object": """
local bad = false
for _, f in next, {frame.sleep, frame.bluetooth.send, require, print, load} do
  local ok, e = pcall(f, setmetatable({}, {__tostring = error}))
  if type(e) == 'userdata' then bad = true end
end
check(not bad)""",
    "an argument with a table as a key": """
local ok, e = pcall(frame.microphone.start, {[{}] = 1, [print] = 2, [1.5] = 3})
check(ok and e == nil)""",
    "an argument that holds itself": """
local t = {}
for i = 1, 50 do t['k' .. i] = t end
check(pcall(frame.microphone.start, t))""",
    "metatables of everything": """
local print = print
local all, meta = {1, true, print, coroutine.create(print)}, {}
for _, name in next, {'index', 'call', 'eq', 'lt', 'len', 'close', 'concat', 'add'} do meta['__' .. name] = print end
for _, v in next, all do debug.setmetatable(v, meta) end
frame.sleep(0.01)
local sent = pcall(frame.bluetooth.send, 'x')
for _, v in next, all do debug.setmetatable(v, nil) end
check(sent)""",
}


@pytest.fixture(params=[on_desk, on_halo], ids=["frame", "halo"])
def on_each(request):
    """Runs a test on a desk of either kind."""
    return request.param


@pytest.mark.parametrize("what", ATTEMPTS)
def test_attempt_is_contained(on_each, what: str) -> None:
    async def main(desk: Desk | HaloDesk) -> None:
        await desk.lua("function check(contained) print(contained and 'contained' or 'OUT') end")
        await desk.store("try.lua", ATTEMPTS[what])
        answers = await desk.lua("require('try')")
        assert answers[-1] == b"contained", answers

    on_each(main)


def test_a_function_of_the_machinery_that_is_found_harms_nothing(on_each) -> None:
    """debug.getinfo shows functions of the frames below; calling them with anything is only odd."""
    text = (
        "frame.bluetooth.receive_callback(function() for l = 1, 20 do local i = debug.getinfo(l, 'f') "
        "if i and i.func ~= debug.getinfo(1, 'f').func then for _, a in next, {0, 'x', {}, print} do "
        "pcall(i.func, a, a, a) end end end end)"
    )

    async def main(desk: Desk | HaloDesk) -> None:
        await desk.store("odd.lua", text)
        await desk.lua("require('odd')")
        for _ in range(3):
            await desk.lua(b"\x01x", wait=1)
            await desk.lua(b"\x03")
        desk.connect()
        assert await desk.one("print('alive')") == "alive"

    on_each(main)


@pytest.mark.parametrize(
    "text",
    [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(frame.sleep, 100) end",
        "local function f() return f() end f()",
        "local co = coroutine.wrap(function() while true do pcall(error) end end) while true do pcall(co) end",
        "while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end",
        "setmetatable({}, {__gc = function() X = 1 end}) while true do local t = {} end",
        "while true do xpcall(error, function() while true do end end) end",
        """while true do
  coroutine.wrap(function()
    local a <close> = setmetatable({}, {__close = function() while true do end end})
    error('x')
  end)()
end""",
    ],
)
def test_endless_lua_can_be_switched_off(on_each, text: str) -> None:
    """Closing the device ends whatever Lua does, however well it protects itself."""

    async def main(desk: Desk | HaloDesk) -> None:
        await desk.store("endless.lua", text)
        await desk.lua("require('endless')", wait=0.5)
        desk.frame.close()

    on_each(main)


@pytest.mark.parametrize(
    "call",
    [
        "pairs()",
        "for k in pairs(nil) do end",
        "for k in pairs(1) do end",
        "load(nil)",
        "load()",
        "load({})",
        "coroutine.wrap(nil)",
        "coroutine.create()",
        "coroutine.create({})",
        "collectgarbage('x')",
        "collectgarbage({})",
        "coroutine.isyieldable(1)",
        "string.rep('x', -1, {})",
        "error('x')",
        "error('x', 2)",
        "local function f() error('x', 2) end f()",
        "local f <const> = 1; f = 2",
        "string.rep()",
        "coroutine.wrap(function() error('inner') end)()",
        "coroutine.resume(1)",
        "setmetatable(1, 2)",
        "next({}, 1)",
        "select(0)",
        "debug.getlocal(50, 1)",
        "debug.setlocal(50, 1, 1)",
        "xpcall(error)",
        "xpcall(error, 1)",
        "error(select(2, xpcall(error, function(e) return e .. e end, 'x', 0)), 0)",
        "table.concat({{}})",
        "('x').y.z = 1",
    ],
)
def test_errors_read_as_those_of_a_stock_lua(call: str) -> None:
    """What stands in for a function of the library fails with the same words at the same place."""
    stock = lua54.LuaRuntime(encoding=None)
    run = stock.eval(
        b"function(text) local f, e = load(text, text) if not f then return e end return select(2, pcall(f)) end"
    )

    async def main(desk: Desk) -> None:
        assert (await desk.one(call)).encode() == run(call.encode())

    on_desk(main)


def test_pairs_keeps_its_rules_and_follows_the_seed() -> None:
    """The order of string keys hangs on the seed alone; everything else is as in a stock Lua."""
    text = """
local t = {10, 20, 30, x = 1, yy = 2, zzz = 3, [2.5] = 4, [true] = 5}
local n = 0
for k, v in pairs(t) do n = n + 1 t[k] = nil end
assert(n == 8 and next(t) == nil)
local m = setmetatable({}, {__pairs = function(o) return function(_, k) if not k then return 1, 2 end end, o, nil end})
for k, v in pairs(m) do assert(k == 1 and v == 2) end
local it, s, c = pairs({})
assert(it == next and type(s) == 'table' and c == nil)
local keys = {}
for k in pairs({alpha = 1, beta = 2, gamma = 3, delta = 4, epsilon = 5}) do keys[#keys + 1] = k end
print(table.concat(keys, ' ') .. ' ' .. math.random(1e9))
"""

    def run(seed: int) -> bytes:
        heard: list[bytes] = []

        async def main(desk: Desk) -> None:
            await desk.store("p.lua", text)
            heard.extend(await desk.lua("require('p')"))

        on_desk(main, f"emulator:frame?seed={seed}")
        assert len(heard) == 1, heard
        return heard[0]

    assert run(1) == run(1)
    assert len({run(seed) for seed in range(5)}) == 5
    assert sorted(run(1).split()[:5]) == [b"alpha", b"beta", b"delta", b"epsilon", b"gamma"]


def test_pairs_in_an_endless_loop_lets_time_pass() -> None:
    """However short the loop, it can be broken."""

    async def main(desk: Desk) -> None:
        await desk.lua("t = {a = 1, b = false, c = 3, 4} while true do for k, v in pairs(t) do t[k] = v end end")
        assert await desk.lua(b"\x03") == [b"break signal"]
        assert await desk.one("local n = 0 for k, v in pairs(t) do n = n + 1 end print(n)") == "4"
        await desk.lua("t = {} for i = 1, 1200 do t['key' .. i] = true end")
        assert await desk.one("local n = 0 for k in pairs(t) do n = n + 1 end print(n)", wait=1) == "1200"

    on_desk(main)
