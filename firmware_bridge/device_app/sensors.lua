-- Taps, motion samples and the battery.
local use = ...
local dialect, wire = use("dialect"), use("wire")
local unpack, pack, char = string.unpack, string.pack, string.char
local SENSE, BATTERY, TAPPED, BATTERY_LEVEL = 0x0E, 0x0F, 0x82, 0x83
local TAP_LIMIT = 8

local M = {}
local taps = {}
local period, sampled_at, number = 0, 0, 0

-- A tap, or a press of that number (halo.lua). Called in the middle of anything, so it only keeps one number.
local function tapped(press)
  if #taps < TAP_LIMIT then taps[#taps + 1] = dialect.now() << 2 | (press or 0) end
end

function M.handlers(on)
  on[SENSE] = function(body)
    local report_taps, new_period = unpack("<BI2", body)
    dialect.on_tap(report_taps == 1 and tapped or nil)
    period = new_period
  end
  on[BATTERY] = function() wire.report(BATTERY_LEVEL, char(dialect.battery())) end
end

-- True while samples are asked for.
function M.turn(now)
  while taps[1] do
    local tap = table.remove(taps, 1)
    wire.report(TAPPED, pack("<I4B", tap >> 2 & 0xFFFFFFFF, tap & 3))
  end
  if period == 0 then return false end
  if now - sampled_at >= period and wire.free() then
    sampled_at = now
    wire.sensor(number, pack("<hhhhhh", dialect.motion()))
    number = number + 1
  end
  return true
end

return M
