-- The microphone: packets of whole samples, each with the index of its first sample. What cannot be sent stays in
-- the microphone's own ring; before that would overrun unseen, the oldest sound is read and counted as lost.
local use = ...
local dialect, wire = use("dialect"), use("wire")
local unpack = string.unpack
local LISTEN = 0x0A
local SPARE_MS = 350 -- of the ring, for one slow turn; a backlog that needs it is cut back
local CUT_MS = 850 -- to the ring less this
local DROP_BYTES = 960
local FLUSH_MS = 40 -- a packet that is not full is sent so long after it was begun

local M = { epoch = 255 }
local rate, ring_ms = 0, 0 -- samples a second, and how much sound the microphone keeps
local unit, span = 2, 1 -- bytes that belong together, and samples in them: a sample, or a frame of LC3
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
  return now - empty_at - read_since * span * 1000 // (rate * unit)
end

local function start(epoch, new_rate, new_bits, now)
  if M.epoch ~= 255 then
    dialect.stop_listening()
    M.epoch = 255
  end
  if new_bits > 0 then
    while dialect.read_sound(DROP_BYTES) do end -- what is left of an older stream
    ring_ms = dialect.listen(new_rate, new_bits)
    M.epoch, rate = epoch, new_rate
    if new_bits > 16 then unit, span = new_bits, new_rate // 100 else unit, span = new_bits // 8, 1 end
    index, part = 0, ""
    local whole = unit == 1 and 2 or unit -- the microphone is read in even numbers of bytes
    size = (dialect.max_length() - 5) // whole * whole
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
  if backlog_ms(now) > ring_ms - SPARE_MS then
    index, part = index + #part // unit * span, ""
    if backlog_ms(now) >= ring_ms then -- the ring has overrun: what it holds is younger than it seems
      index = index + (backlog_ms(now) - ring_ms) * rate // 1000 // span * span
      empty_at, read_since = now - ring_ms, 0
    end
    while backlog_ms(now) > ring_ms - CUT_MS do
      index = index + #read(DROP_BYTES // unit * unit, now) // unit * span
    end
    dropped = true
  end
  if wire.free() then
    local data = read(size - #part, now)
    if data ~= "" then
      if part == "" then part_at = now end
      part = part .. data
    end
    if #part == size or (part ~= "" and now - part_at >= FLUSH_MS) then
      wire.audio(M.epoch, index, part)
      index, part, dropped = index + #part // unit * span, "", false
    elseif dropped and part == "" then -- nothing follows what was given up: say how much it was
      wire.audio(M.epoch, index, "")
      dropped = false
    end
  end
  return true
end

return M
