"""Parts of the device app alone in a Lua VM, where the emulator cannot bring about what happens to them."""

from __future__ import annotations

from importlib import resources

import pytest
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


KEPT = b"""
local source = ...
awake, clock = false, 0
local dialect = { wake_camera = function(on) awake = on end, capture = function() end,
  captured = function() return true end, expose = function() end, now = function() return clock end,
  max_length = function() return 243 end, read_photo = function(n) return string.rep("x", n) end }
local wire = { free = function() return true end, check = function() return 0 end, photo = function() end,
  report = function() return false end }
local parts = { dialect = dialect, wire = wire }
local photo = assert(load(source))(function(part) return parts[part] end)
local on = {}
photo.handlers(on)
return function(now) clock = now return photo.turn(now) end,
  function(seconds) on[0x0D](string.pack("B", seconds)) end,
  function() on[0x0B](string.pack("<BI2BhB", 1, 100, 0, 0, 0)) end
"""


@pytest.mark.parametrize("fetched", [False, True])
def test_a_camera_that_nobody_asks_for_any_more_goes_to_sleep(*, fetched: bool) -> None:
    """Also with a photo under way that nobody fetches: the host is gone, and the link with it."""
    lua = lua54.LuaRuntime(encoding=None)
    source = (resources.files("firmware_bridge") / "device_app" / "photo.lua").read_bytes()
    turn, keep, take = lua.eval(b"load")(KEPT)(source)
    state = lua.globals()
    keep(6)
    for now in range(0, 4_000, 50):
        turn(now)
    assert state[b"awake"]
    keep(6)  # at 3.95 s
    if not fetched:
        take()
    for now in range(4_000, 9_950, 50):
        turn(now)
    assert state[b"awake"]
    turn(9_950)
    assert not state[b"awake"]
    keep(6)
    assert state[b"awake"]
    keep(0)
    turn(10_000)
    assert not state[b"awake"]


def test_a_camera_whose_time_is_over_finishes_the_photo_that_it_takes() -> None:
    lua = lua54.LuaRuntime(encoding=None)
    source = (resources.files("firmware_bridge") / "device_app" / "photo.lua").read_bytes()
    turn, keep, take = lua.eval(b"load")(KEPT)(source)
    keep(1)
    turn(990)
    take()
    turn(1_010)  # the camera was just woken: it is not ready yet
    assert lua.globals()[b"awake"]
    for now in range(1_020, 1_200, 10):
        turn(now)
    assert not lua.globals()[b"awake"]
