"""Parts of the device app alone in a Lua VM, where the emulator cannot bring about what happens to them."""

from __future__ import annotations

from importlib import resources

from lupa import lua54

PHOTO = b"""
local source = ...
local left = 3000
reported, sent, full = {}, 0, false
local dialect = { wake_camera = function() end, capture = function() end, captured = function() return true end,
  expose = function() end, now = function() return 0 end, max_length = function() return 243 end,
  read_photo = function(n)
    if left == 0 then return nil end
    if n > left then n = left end
    left = left - n
    return string.rep("x", n)
  end }
local wire = { free = function() return true end, check = function() return 0 end,
  photo = function() sent = sent + 1 end,
  report = function(code)
    if full then return false end
    reported[#reported + 1] = code
    return true
  end }
local parts = { dialect = dialect, wire = wire }
local photo = assert(load(source))(function(part) return parts[part] end)
local on = {}
photo.handlers(on)
on[0x0B](string.pack("<BI2BhB", 1, 100, 0, 0, 0))
return function(now) photo.turn(now) end
"""


def test_a_block_is_announced_as_soon_as_there_is_room_for_the_report() -> None:
    lua = lua54.LuaRuntime(encoding=None)
    source = (resources.files("firmware_bridge") / "device_app" / "photo.lua").read_bytes()
    turn = lua.eval(b"load")(PHOTO)(source)
    state = lua.globals()
    state[b"full"] = True
    for now in range(200, 300):
        turn(now)
    packets = state[b"sent"]
    assert packets == -(-3000 // 242)
    assert len(state[b"reported"]) == 0
    state[b"full"] = False
    turn(300)
    assert list(state[b"reported"].values()) == [0x85]
    assert state[b"sent"] == packets
