-- Halo's dialect: what differs between the devices. Coordinates come in from 0; Halo counts from 1.
local use = ...
local f = frame
local display, bluetooth, microphone, camera, imu, time = f.display, f.bluetooth, f.microphone, f.camera, f.imu, f.time
local rep, floor, unpack, sub, gsub = string.rep, math.floor, string.unpack, string.sub, string.gsub

-- The colours that both devices name, as Halo has them; its own palette may be another program's.
local COLOURS <const> = "\xFF\xFF\xFF\x80\x80\x80\xFF\x00\x00\xFF\xC0\xCB\x65\x43\x21\x96\x4B\x00\xFF\xA5\x00"
  .. "\xFF\xFF\x00\x00\x64\x00\x00\xFF\x00\x90\xEE\x90\x19\x19\x70\x00\x00\xCD\x87\xCE\xEB\xF0\xF8\xFF"
local LEVELS = { [-2] = 10, [-1] = 25, [0] = 50, [1] = 75, [2] = 100 }
local QUALITIES = { [0] = "VERY_HIGH", "HIGH", "MEDIUM", "LOW", "VERY_LOW" }
local TAPS = { single = 1, double = 2, triple = 3 }
local PRESSES = { "single", "double", "long" }
local SIDE <const> = 256
local TEXT_SIZE <const> = 16
local RING_BYTES <const> = 65536
local ROOM <const> = 494 -- of a notification: two packets of the link layer (2 x 251), L2CAP, ATT and the first byte less
local STALE_MS <const> = 50 -- so long the camera may say of the picture before that it is ready

local M = { send = bluetooth.send, sleep = f.sleep }

function M.max_length() return math.min(bluetooth.max_length(), ROOM) end

function M.on_packet(callback) bluetooth.receive_callback(callback) end

-- A double tap is two. The callback gets the number of a press of the button, and nothing for a tap.
function M.on_tap(callback)
  imu.tap_callback(callback and function(kind)
    for _ = 1, TAPS[kind] or 1 do callback() end
  end)
  for press, kind in ipairs(PRESSES) do
    f.button[kind](callback and function() callback(press) end)
  end
end

-- Milliseconds since some moment, whole.
function M.now() return floor(time.utc() * 1000) end

function M.battery() return floor(f.battery_level()) end

function M.name() return f.HARDWARE_VERSION .. " " .. f.FIRMWARE_VERSION end

-- Drawing is seen at once; direct.lua knows what to erase and to draw again.
function M.drawable() return true end

function M.picture(items, keys, cache) use("direct").picture(items, keys, cache) end

function M.blank()
  display.clear(0)
  display.power_save(false)
end

local area -- while something is measured: its left, top, right and bottom so far
local function measured(x, y, width, height)
  if not area then return false end
  if x < area[1] then area[1] = x end
  if y < area[2] then area[2] = y end
  if x + width > area[3] then area[3] = x + width end
  if y + height > area[4] then area[4] = y + height end
  return true
end

-- The box of what `draw(...)` would draw; all of the lens where that fails.
function M.measure(draw, ...)
  area = { SIDE, SIDE, 0, 0 }
  local ok, box = pcall(draw, ...), area
  area = nil
  return ok and box or { 0, 0, SIDE, SIDE }
end

function M.erase(box) display.rect(box[1] + 1, box[2] + 1, box[3] - box[1], box[4] - box[2], 0, true) end

local function rgb(colour) return (unpack(">I3", COLOURS, colour * 3 - 2)) end

-- Letters behind the first `skip` bytes; size in pixels, the least is 8.
function M.text(text, x, y, colour, size, skip)
  size = size < 8 and TEXT_SIZE or size // 8 * 8
  local before = gsub(sub(text, 1, skip), "[^ -~]", "")
  local rest = gsub(sub(text, skip + 1), "[^ -~]", "") -- what the font lacks takes no room
  x = x + #before * size
  if rest == "" or measured(x, y, #rest * size + 1, size) then return end -- small letters may be a pixel too wide
  display.set_font(0, size)
  display.text(rest, x + 1, y + 1, rgb(colour))
end

-- Colours follow one another from `colour` on; 0 leaves what is there.
local options, palettes = {}, {}
function M.bitmap(x, y, width, bits, colour, pixels)
  if measured(x, y, width, #pixels * 8 // bits // width) then return end
  if not palettes[colour] then
    local from = colour * 3 - 2
    palettes[colour] = "\0\0\0" .. sub(COLOURS, from) .. "\0\0\0" .. sub(COLOURS, 1, from - 1)
  end
  options.palette_data = palettes[colour]
  display.bitmap(x + 1, y + 1, width, 1 << bits, 0, pixels, options)
end

function M.rect(x, y, width, height, colour)
  if measured(x, y, width, height) then return end
  display.rect(x + 1, y + 1, width, height, rgb(colour), true)
end

function M.screen(on, brightness)
  display.power_save(not on)
  display.brightness(LEVELS[brightness])
end

-- More bits than a sample has are the bytes of an LC3 frame of 10 ms. Says how much sound is kept, in ms.
function M.listen(rate_hz, bits)
  if bits > 16 then
    microphone.start({ encoder = "lc3", sample_rate = rate_hz, duration = 1000, bitrate = bits * 800 })
    return RING_BYTES * 10 // bits
  end
  microphone.start({ sample_rate = rate_hz, bit_depth = bits })
  return RING_BYTES * 8000 // (rate_hz * bits)
end

M.stop_listening, M.read_sound = microphone.stop, microphone.read

function M.wake_camera(on) camera.power_save(not on) end

-- The camera finds its exposure by itself.
function M.expose() end

local captured_at = 0
function M.capture(_, quality)
  camera.capture({ resolution = 640, quality = QUALITIES[quality] })
  captured_at = M.now()
end

function M.captured() return M.now() - captured_at > STALE_MS and camera.image_ready() end

M.read_photo = camera.read

-- Accelerometer in mg, compass in mG, on axes of its own.
function M.motion()
  local raw = imu.raw()
  local a, c = raw.accelerometer, raw.compass
  return floor(a.x), floor(a.y), floor(a.z), floor(c.x), floor(c.y), floor(c.z)
end

function M.deep_sleep() f.sleep() end

return M
