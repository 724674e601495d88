-- The microphone: packets of whole samples, each with the index of its first sample. What cannot be sent stays in
-- the microphone's own ring (2 s); before that would overrun unseen, the oldest sound is read and counted as lost.
local use = ...
local dialect, wire = use("dialect"), use("wire")
local unpack = string.unpack
local LISTEN = 0x0A
local RING_MS = 2048
local KEEP_MS = 1200 -- what is kept of a backlog that would soon overrun
local DROP_MS = 1700 -- a backlog that is cut back; the rest of the ring is for one slow turn
local DROP_BYTES = 960
local FLUSH_MS = 40 -- a packet that is not full is sent when nothing came for so long

local M = { epoch = 255 }
local rate, bits, width = 0, 0, 2 -- samples a second, bits and bytes a sample
local index = 0 -- of the first sample in `part`
local part, part_at = "", 0
local size = 0 -- bytes of sound in a packet
local dropped = false -- the host does not know yet that `index` has moved on
local empty_at, read_since = 0, 0 -- when the ring was last empty, and bytes read from it since

local function read(bytes, now)
  local data = dialect.read_sound(bytes) or ""
  if #data < bytes then
    empty_at, read_since = now, 0
  else
    read_since = read_since + #data
  end
  return data
end

local function backlog_ms(now)
  return now - empty_at - read_since * 1000 // (rate * width)
end

local function start(epoch, new_rate, new_bits, now)
  if M.epoch ~= 255 then
    dialect.stop_listening()
    M.epoch = 255
  end
  if new_bits > 0 then
    while dialect.read_sound(DROP_BYTES) do end -- what is left of an older stream
    dialect.listen(new_rate, new_bits)
    M.epoch, rate, bits, width = epoch, new_rate, new_bits, new_bits // 8
    index, part = 0, ""
    size = (dialect.max_length() - 5) // 2 * 2
    empty_at, read_since = now, 0
  end
end

function M.handlers(on)
  on[LISTEN] = function(body)
    local epoch, new_rate, new_bits = unpack("<BI2B", body)
    if epoch ~= M.epoch or new_bits == 0 then start(epoch, new_rate, new_bits, dialect.now()) end
  end
end

-- Offer a packet to the wire where it is free and there is enough sound. True while a stream runs.
function M.turn(now)
  if M.epoch == 255 then return false end
  if backlog_ms(now) > DROP_MS then
    index, part = index + #part // width, ""
    if backlog_ms(now) >= RING_MS then -- the ring has overrun: what it holds is younger than it seems
      index = index + (backlog_ms(now) - RING_MS) * rate // 1000
      empty_at, read_since = now - RING_MS, 0
    end
    while backlog_ms(now) > KEEP_MS do
      index = index + #read(DROP_BYTES, now) // width
    end
    dropped = true
  end
  if wire.free() then
    local data = read(size - #part, now)
    if data ~= "" then
      part, part_at = part .. data, now
    end
    if #part == size or (part ~= "" and now - part_at >= FLUSH_MS) then
      wire.audio(M.epoch, index, part)
      index, part, dropped = index + #part // width, "", false
    elseif dropped and part == "" then -- nothing follows what was given up: say how much it was
      wire.audio(M.epoch, index, "")
      dropped = false
    end
  end
  return true
end

return M
