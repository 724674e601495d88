-- The device app's loop. The host starts it with `NONCE` set; it ends by a break or with the VM.
-- Photos and sensors are loaded when the first order for them comes.
local use, hash = ...
local dialect, wire = use("dialect"), use("wire")
local scene, audio = use("scene"), use("audio")
local unpack, pack = string.unpack, string.pack
local HELLO, TAKE_PHOTO, PHOTO_RECEIVED, CAMERA, SENSE, BATTERY = 0x01, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F
local SLEEP, READY = 0x11, 0x81
local SHOWS = 0x40 -- of an order's code: a picture is complete with it
local ACTIVE_MS, IDLE_MS = 1, 4
local BURST = 12 -- packets in one turn at most, so that orders are looked at in between

-- What a single string could get, twice: building one needs its size again.
local function free_kib()
  for _, size in ipairs({ 96, 64, 48, 32, 24, 16, 8, 4 }) do
    if pcall(string.rep, "-", size * 1024) then
      collectgarbage()
      return size * 2
    end
  end
  return 0
end

-- What C allocates finds no room where Lua's garbage has taken it, and the glasses restart: it must not grow by more
-- than a tenth, where Lua would let it double.
collectgarbage("incremental", 110, 400)
collectgarbage()
local heap_kib = free_kib()
local on = {}
scene.handlers(on)
audio.handlers(on)
local photo, sensors -- once they are needed
local function load_photo(code, body)
  photo = use("photo")
  photo.handlers(on)
  on[code](body)
end
local function load_sensors(code, body)
  sensors = use("sensors")
  sensors.handlers(on)
  on[code](body)
end
local later = {
  [TAKE_PHOTO] = load_photo, [PHOTO_RECEIVED] = load_photo, [CAMERA] = load_photo,
  [SENSE] = load_sensors, [BATTERY] = load_sensors,
}

local function ready(nonce)
  local state = pack("<I4I2BI2BI4I2", nonce, heap_kib, dialect.battery(), scene.shown, audio.epoch, scene.cache, scene.kept)
  wire.report(READY, state .. hash .. dialect.name())
end

on[HELLO] = function(body) ready((unpack("<I4", body))) end
on[SLEEP] = function() dialect.deep_sleep() end

local function handle(code, body)
  local order = code & ~SHOWS
  if on[order] then wire.try(order, on[order], body) else wire.try(order, later[order], order, body) end
  if code ~= order then scene.show() end
end

local busy = false
local function turn(in_callback)
  local now = dialect.now()
  busy = wire.turn(handle)
  scene.turn(in_callback)
  if sensors and sensors.turn(now) then busy = true end
  for _ = 1, BURST do
    local streams = audio.turn(now)
    if photo and photo.turn(now) then streams = true end
    if streams then busy = true end
    if not wire.pump(now) then break end
  end
end

local function work(in_callback) wire.try(0, turn, in_callback) end

local function run()
  dialect.stop_listening()
  dialect.wake_camera(false) -- as photo.lua believes; an app that was broken off may have left it awake
  dialect.blank() -- whatever was on the lens goes
  wire.restart(0x3F)
  local sleeps_until = 0 -- a moment instead of a flag: an error in the sleep leaves no callback that believes the loop alive
  dialect.on_packet(function(packet)
    wire.stored(packet)
    if dialect.now() <= sleeps_until then work(true) end -- at once, instead of after the sleep
  end)
  ready(NONCE or 0)
  while true do
    work(false)
    local pause = busy and ACTIVE_MS or IDLE_MS
    sleeps_until = dialect.now() + pause
    dialect.sleep(pause / 1000)
    sleeps_until = 0
  end
end

local _, err = pcall(run) -- until a break
dialect.on_packet(nil) -- nobody is left to take what it would acknowledge
dialect.sleep(0.05) -- the firmware says once why the program ended, and not while the radio is busy
error(err, 0)
