"""The glasses' end of the wire protocol: the real wire.lua in a Lua VM, without glasses around it."""

from __future__ import annotations

from importlib import resources

from lupa import lua54

HARNESS = b"""
local source = ...
local out = {}
local dialect = { max_length = function() return LIMIT end }
function dialect.send(packet)
  if BUSY then error("bluetooth is busy") end
  out[#out + 1] = packet
end
local wire = assert(load(source))(function() return dialect end)
local got = {}
return {
  check = wire.check,
  stored = wire.stored,
  report = wire.report,
  restart = wire.restart,
  audio = wire.audio,
  photo = wire.photo,
  sensor = wire.sensor,
  free = wire.free,
  turn = function() wire.turn(function(code, body) got[#got + 1] = { code, body } end) end,
  pump = wire.pump,
  interrupt = function(after, packet, now) -- the callback comes after so many instructions of the loop's work
    local came = false
    debug.sethook(function()
      debug.sethook()
      came = true
      wire.stored(packet)
    end, "", after)
    wire.turn(function(code, body) got[#got + 1] = { code, body } end)
    wire.pump(now)
    debug.sethook()
    if not came then wire.stored(packet) end
  end,
  sent = function() local o = out out = {} return o end,
  got = function() local g = got got = {} return g end,
}
"""


class LuaEnd:
    """Python's handle on wire.lua; bytes in and out, time in whole milliseconds."""

    def __init__(self, limit: int = 243) -> None:
        lua = lua54.LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
        self._globals = lua.globals()
        self._globals[b"LIMIT"] = limit
        source = (resources.files("firmware_bridge") / "device_app" / "wire.lua").read_bytes()
        self._wire = self._globals[b"load"](HARNESS)(source)

    @property
    def busy(self) -> bool:
        return bool(self._globals[b"BUSY"])

    @busy.setter
    def busy(self, value: bool) -> None:
        self._globals[b"BUSY"] = value

    def __getattr__(self, name: str):
        return self._wire[name.encode()]

    def receive(self, packet: bytes) -> list[tuple[int, bytes]]:
        self.stored(packet)
        return self.looked()

    def looked(self) -> list[tuple[int, bytes]]:
        """What the loop finds."""
        self.turn()
        return [(entry[1], entry[2]) for entry in self._wire[b"got"]().values()]

    def interrupted(self, packet: bytes, after: int, now_ms: int) -> list[tuple[int, bytes]]:
        """Take a packet in the middle of the loop's work, `after` instructions of it."""
        self.interrupt(after, packet, now_ms)
        return [(entry[1], entry[2]) for entry in self._wire[b"got"]().values()]

    def packets(self, now_ms: int) -> list[bytes]:
        while self.pump(now_ms):
            pass
        return list(self._wire[b"sent"]().values())
