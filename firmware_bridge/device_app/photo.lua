-- Photos: the camera's bytes in numbered packets, block by block. A block is kept until the host has checked it.
local use = ...
local dialect, wire = use("dialect"), use("wire")
local unpack, pack, char = string.unpack, string.pack, string.char
local TAKE, RECEIVED, CAMERA, BLOCK, FAILED = 0x0B, 0x0C, 0x0D, 0x85, 0x86
local BLOCK_PACKETS = 32 -- half of the numbers, so that two blocks under way share none
local BLOCKS = 2 -- sent and not yet checked by the host: 16 kB of memory
local WAKE_MS, EXPOSE_MS = 100, 100 -- device reference 2.5
local READY_MS = 6000 -- how long a picture may take: Halo's are three frames, each of a second at most
local REST_MS = 600000 -- a photo that the host does not fetch is forgotten

local M = {}
local awake, awake_at = false, 0
local kept_until = 0 -- the host says again and again that it wants the camera awake: it may be gone
local id, settings, exposures, step_at -- the photo asked for
local step -- nil, "expose", "wait" or "read"
local blocks, first, block -- blocks not yet confirmed; index of the next block; the one being filled
local number, part, ended = 0, "", false
local again, again_at -- a block that is being sent once more, and its next packet
local sent -- a block whose last packet the wire has, to be announced behind it
local failure -- what is to be reported, once there is room for it

local function wake(on, now)
  if on ~= awake then
    dialect.wake_camera(on)
    awake, awake_at = on, now
  end
end

local function forget()
  id, step, blocks, block, again, sent, part = nil, nil, nil, nil, nil, nil, ""
end

local function fail(text)
  text = tostring(text)
  if string.sub(text, -12) == "break signal" then error(text, 0) end -- as in wire.lua
  failure = char(TAKE) .. id .. ":" .. string.sub(text, 1, 200) -- the host may have asked for another photo meanwhile
  forget()
end

local function announce(b)
  return wire.report(BLOCK, pack("<BI2BBI4B", id, b.index, #b, b.first & 0x3F, wire.check(b.checks), b.last and 1 or 0))
end

function M.handlers(on)
  on[TAKE] = function(body)
    local new, resolution, quality, pan, n = unpack("<BI2BhB", body)
    if new == id then return end
    forget()
    id, exposures, settings = new, n, { resolution, quality, pan }
    blocks, first, block, number, ended = {}, 0, nil, 0, false
    local now = dialect.now()
    wake(true, now)
    step, step_at = "expose", awake_at + WAKE_MS
  end
  on[RECEIVED] = function(body)
    local which, index, ok = unpack("<BI2B", body)
    if which ~= id then return end
    for k, b in ipairs(blocks) do
      if b.index == index then
        if ok == 1 then
          table.remove(blocks, k)
          if ended and #blocks == 0 then forget() end -- the last block may have been confirmed before another
        else
          b.again = true
        end
        return
      end
    end
  end
  on[CAMERA] = function(body)
    local now, seconds = dialect.now(), unpack("B", body)
    kept_until = now + seconds * 1000
    if seconds > 0 then wake(true, now) end
  end
end

-- The next packet of the photo, or nil: from the camera, cut to full size.
local function next_packet(size)
  while #part < size and not ended do
    local data = dialect.read_photo(size - #part)
    if data then part = part .. data else ended = true end
  end
  local packet = part
  part = ""
  return packet
end

local function send_next()
  if sent then
    if not announce(sent) then return end
    sent = nil
  end
  if not again then
    for _, b in ipairs(blocks) do
      if b.again then
        again, again_at, b.again = b, 1, false
        break
      end
    end
  end
  if again then
    wire.photo(again.first + again_at - 1, again[again_at])
    again_at = again_at + 1
    if again_at > #again then again, sent = nil, again end
    return
  end
  if ended or blocks[1] and first - blocks[1].index >= BLOCKS then return end
  local packet = next_packet(dialect.max_length() - 1)
  if not block then block = { index = first, first = number, checks = "" } end
  if packet ~= "" then
    block[#block + 1] = packet
    block.checks = block.checks .. pack("<I4", wire.check(packet))
    wire.photo(number, packet)
    number = number + 1
  end
  if ended or #block == BLOCK_PACKETS then
    block.last = ended
    blocks[#blocks + 1] = block
    block, sent, first = nil, block, first + 1
  end
end

-- True while a photo is under way.
function M.turn(now)
  if failure and wire.report(FAILED, failure) then failure = nil end
  local rests = not id or step == "read" -- a picture can be read while the camera sleeps, and its reader may never come
  if rests and now >= kept_until then wake(false, now) end
  if not id then
    if awake and now - awake_at >= EXPOSE_MS then
      awake_at = now
      dialect.expose()
    end
    return false
  end
  if step == "expose" then
    if now < step_at then return true end
    if exposures > 0 then
      exposures, step_at = exposures - 1, now + EXPOSE_MS
      local ok, err = pcall(dialect.expose)
      if not ok then fail(err) end
      return true
    end
    local ok, err = pcall(dialect.capture, settings[1], settings[2], settings[3])
    if not ok then return fail(err) end
    step, step_at = "wait", now
  elseif step == "wait" then
    if dialect.captured() then
      step = "read"
    elseif now - step_at > READY_MS then
      fail("the camera did not finish a picture")
    end
  elseif now - step_at > REST_MS then
    forget()
  elseif wire.free() then
    send_next()
  end
  return true
end

return M
