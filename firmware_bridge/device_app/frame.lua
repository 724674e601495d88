-- Frame's dialect: what differs between the devices. Coordinates come in from 0; Frame counts from 1.
local use = ...
local f = frame
local display, bluetooth, microphone, camera, imu, time = f.display, f.bluetooth, f.microphone, f.camera, f.imu, f.time
local rep, floor = string.rep, math.floor

local NAMES = {
  "WHITE", "GREY", "RED", "PINK", "DARKBROWN", "BROWN", "ORANGE", "YELLOW",
  "DARKGREEN", "GREEN", "LIGHTGREEN", "NIGHTBLUE", "SEABLUE", "SKYBLUE", "CLOUDBLUE",
}
local QUALITIES = { [0] = "VERY_HIGH", "HIGH", "MEDIUM", "LOW", "VERY_LOW" }
local STATUS, BUSY = 0x18, 2 -- FPGA register and its bit for "switching or clearing buffers"
local FILL_BYTES = 1024
local SHOW = 9
local RING_MS = 2048

local M = { send = bluetooth.send, max_length = bluetooth.max_length, sleep = f.sleep }

-- The firmware never lets go of a function it was given. So it gets small ones, or an app that was broken off would stay
-- in memory beside the next (boot.lua takes it out of these two globals).
function M.on_packet(callback)
  ON_PACKET = callback
  bluetooth.receive_callback(callback and function(packet)
    if ON_PACKET then ON_PACKET(packet) end
  end)
end

function M.on_tap(callback)
  ON_TAP = callback
  imu.tap_callback(callback and function()
    if ON_TAP then ON_TAP() end
  end)
end

-- Milliseconds since some moment, whole.
function M.now() return floor(time.utc() * 1000) end

function M.battery() return floor(f.battery_level()) end

function M.name() return f.HARDWARE_VERSION .. " " .. f.FIRMWARE_VERSION end

-- Drawing goes to a hidden buffer that is busy for up to 40 ms after `show`.
function M.drawable() return f.fpga_read(STATUS, 1):byte() & BUSY == 0 end

M.blank = display.show -- what is drawn next begins with nothing

function M.picture(items, keys)
  local try = use("wire").try
  for _, key in ipairs(keys) do try(SHOW, items[key].draw, items[key], 0) end
  display.show()
end

local options = {}
function M.text(text, x, y, colour, spacing)
  options.color, options.spacing = NAMES[colour], spacing
  display.text(text, x + 1, y + 1, options)
end

function M.bitmap(x, y, width, bits, colour, pixels)
  display.bitmap(x + 1, y + 1, width, 1 << bits, colour - 1, pixels)
end

-- Fill w x h pixels in blocks of whole bytes, `step` rows at most; the last block overlaps the one before.
local function fill(x, y, w, h, step, colour)
  local row = 0
  while row < h do
    local rows = h - row
    if rows > step then rows = step end
    if w * rows % 8 > 0 then
      rows = rows < 8 and 8 or rows // 8 * 8
      if row + rows > h then row = h - rows end
    end
    M.bitmap(x, y + row, w, 1, colour, rep("\255", w * rows // 8))
    row = row + rows
  end
end

-- A rectangle at least 8 pixels wide or high: Frame draws whole bytes, and a spare bit would erase a neighbour.
function M.rect(x, y, width, height, colour)
  local even = width // 8 * 8
  if even > 0 then
    fill(x, y, even, height, FILL_BYTES * 8 // even, colour)
    if even < width then fill(x + width - 8, y, 8, height, FILL_BYTES, colour) end
  else
    fill(x, y, width, height, FILL_BYTES, colour)
  end
end

function M.screen(on, brightness)
  display.power_save(not on)
  display.set_brightness(brightness)
end

-- Says how much sound is kept, in ms.
function M.listen(rate_hz, bits)
  microphone.start({ sample_rate = rate_hz, bit_depth = bits })
  return RING_MS
end

-- After `stop` what was recorded can still be read, until nil.
M.stop_listening, M.read_sound = microphone.stop, microphone.read

function M.wake_camera(on) camera.power_save(not on) end

function M.expose() camera.auto({}) end

function M.capture(resolution, quality, pan)
  camera.capture({ resolution = resolution, quality = QUALITIES[quality], pan = pan })
end

M.captured, M.read_photo = camera.image_ready, camera.read

-- Accelerometer and compass, raw counts.
function M.motion()
  local raw = imu.raw()
  local a, c = raw.accelerometer, raw.compass
  return floor(a.x), floor(a.y), floor(a.z), floor(c.x), floor(c.y), floor(c.z)
end

function M.deep_sleep() f.sleep() end

return M
