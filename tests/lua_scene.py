"""The glasses' end of the scene: the real scene.lua in a Lua VM, with a display that writes down what is drawn."""

from __future__ import annotations

from importlib import resources

from lupa import lua54

from firmware_bridge.messages import Order
from firmware_bridge.wire import Reassembler

HARNESS = b"""
local source = ...
local drawn, failed = {}, {}
local dialect = { drawable = function() return true end }
for _, name in ipairs({ "text", "rect", "bitmap" }) do
  dialect[name] = function(...) drawn[#drawn + 1] = { name, ... } end
end
local wire = { try = function(code, f, ...)
  local ok, err = pcall(f, ...)
  if not ok then failed[#failed + 1] = { code, tostring(err) } end
end }
function dialect.picture(items, keys)
  for _, key in ipairs(keys) do wire.try(9, items[key].draw, items[key], 0) end
end
local parts = { dialect = dialect, wire = wire }
local scene = assert(load(source))(function(part) return parts[part] end)
local on = {}
scene.handlers(on)
return {
  handle = function(code, body) wire.try(code, on[code], body) end,
  complete = scene.show,
  draw = function() scene.turn(false) end,
  state = function() return scene.shown, scene.cache, scene.kept end,
  drawn = function() local d = drawn drawn = {} return d end,
  failed = function() local f = failed failed = {} return f end,
}
"""


class LuaScene:
    """Python's handle on scene.lua."""

    def __init__(self) -> None:
        lua = lua54.LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
        source = (resources.files("firmware_bridge") / "device_app" / "scene.lua").read_bytes()
        self._scene = lua.globals()[b"load"](HARNESS)(source)

    def obey(self, *orders: Order) -> None:
        """Carry orders out; those that fail are in `failed`."""
        for order in orders:
            ((code, body),) = Reassembler().feed(order.encode())
            self._scene[b"handle"](code, body)

    def complete(self) -> None:
        """The last order was one that shows."""
        self._scene[b"complete"]()

    def draw(self) -> list[tuple[object, ...]]:
        """What is drawn if something is to be shown: name of the call, then its arguments."""
        self._scene[b"draw"]()
        return [tuple(call.values()) for call in self._scene[b"drawn"]().values()]

    @property
    def failed(self) -> list[tuple[int, bytes]]:
        """Code and text of what failed since it was asked last."""
        return [tuple(entry.values()) for entry in self._scene[b"failed"]().values()]

    @property
    def shown(self) -> int:
        return self._scene[b"state"]()[0]

    @property
    def cache(self) -> tuple[int, int]:
        """Number of the glyph cache, and how many glyphs came."""
        return self._scene[b"state"]()[1:]
