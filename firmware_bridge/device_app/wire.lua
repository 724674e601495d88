-- The glasses' end of the wire protocol; firmware_bridge/wire.py describes it and is its far side.
local use = ...
local dialect = use("dialect")
local unpack, pack, sub, byte, char = string.unpack, string.pack, string.sub, string.byte, string.char

local SEQ, SYN, NAK = 0x3F, 0x40, 0x80
local AUDIO, PHOTO, SENSOR = 0x40, 0x80, 0xC0
local MULTIPLIER, FOLD = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
local WORDS = "<I4I4I4I4I4I4I4I4"
local ZEROS = string.rep("\0", 32)
local REPEAT_MS = 250 -- a report is repeated until the host has it
local REPORT_LIMIT = 32 -- messages waiting for the host
local INBOX_LIMIT = 4 -- packets stored and not yet looked at; the host has one outstanding

local M = {}

local function check(s)
  local h, n, m = #s, #s, MULTIPLIER
  for i = 1, n - 31, 32 do
    local a, b, c, d, e, f, g, k = unpack(WORDS, s, i)
    h = (((((((h * m + a) * m + b) * m + c) * m + d) * m + e) * m + f) * m + g) * m + k
  end
  local rest = n % 32
  if rest > 0 then
    local a, b, c, d, e, f, g, k = unpack(WORDS, sub(s, -rest) .. sub(ZEROS, rest + 1))
    h = (((((((h * m + a) * m + b) * m + c) * m + d) * m + e) * m + f) * m + g) * m + k
  end
  return h * FOLD >> 32
end
M.check = check

-- Incoming: the callback only stores; `turn` looks at what was stored.
local inbox, inbox_size = {}, 0
local accepted, buffer, hello = SEQ, "", nil
-- Outgoing, most urgent first: acknowledgements, reports, and what the streams put into `slot`.
local ack_due, nak = false, 0
local reports, report, report_seq, report_at = {}, nil, 0, 0
local slot -- a finished audio, photo or sensor packet that waits for the radio

function M.stored(packet)
  if inbox_size < INBOX_LIMIT then
    inbox_size = inbox_size + 1
    inbox[inbox_size] = packet
  end
end

-- Start over: `sequence` is the number of the last packet accepted.
function M.restart(sequence)
  accepted, buffer, hello = sequence, "", nil
  reports, report, report_seq, report_at = {}, nil, 0, 0
end

-- Queue a message for the host; false when too many wait already.
function M.report(code, body)
  if #reports >= REPORT_LIMIT then return false end
  reports[#reports + 1] = pack("<BI2", code, #body) .. body
  return true
end

local function send(packet)
  return (pcall(dialect.send, packet))
end

local function closed(body)
  return body .. pack("<I4", check(body))
end

-- True while a stream packet may be offered with one of the three calls below.
function M.free()
  return slot == nil
end

function M.audio(epoch, index, data)
  slot = pack("<BI4", AUDIO | epoch, index & 0xFFFFFFFF) .. data
end

function M.photo(number, data)
  slot = char(PHOTO | number & SEQ) .. data
end

function M.sensor(number, data)
  slot = closed(char(SENSOR | number & SEQ) .. data)
end

local function take(payload, handle)
  buffer = buffer == "" and payload or buffer .. payload
  local at, size = 1, #buffer
  while size - at >= 2 do
    local code, length = unpack("<BI2", buffer, at)
    if at + 2 + length > size then break end
    handle(code, sub(buffer, at + 3, at + 2 + length))
    at = at + 3 + length
  end
  buffer = sub(buffer, at)
end

local function receive(packet, handle)
  local size = #packet
  if size < 6 or unpack("<I4", packet, size - 3) ~= check(sub(packet, 1, -5)) then
    ack_due, nak = true, NAK
    return
  end
  local seq, flags = byte(packet, 1, 2)
  local payload = sub(packet, 3, -5)
  if report and flags & SEQ == report_seq then
    report, report_seq = nil, report_seq + 1 & SEQ
  end
  ack_due = true
  if flags & SYN ~= 0 then
    if hello == payload then return end -- a repeat of the packet that began this connection
    M.restart(seq)
    hello = payload
    take(payload, handle)
  elseif seq == accepted + 1 & SEQ then
    accepted = seq
    take(payload, handle)
  end
end

-- Look at what came in; `handle(code, body)` gets each complete message, in order, once. True if anything came.
function M.turn(handle)
  if inbox_size == 0 then return false end
  local packets, n = inbox, inbox_size
  inbox, inbox_size = {}, 0
  for i = 1, n do receive(packets[i], handle) end
  return true
end

-- Give the radio what is most urgent; true if it took something.
function M.pump(now)
  if report and now - report_at >= REPEAT_MS then
    if send(closed(char(report_seq, accepted) .. report)) then
      report_at, ack_due, nak = now, false, 0
      return true
    end
    return false
  end
  if not report and reports[1] then
    local room = dialect.max_length() - 6
    local n, size = 0, 0
    while reports[n + 1] and size + #reports[n + 1] <= room do
      n = n + 1
      size = size + #reports[n]
    end
    if n == 0 then -- longer than a packet: send its beginning, keep the rest in the queue
      n = 1
      local long = reports[1]
      report = sub(long, 1, room)
      reports[1] = sub(long, room + 1)
    else
      report = table.concat(reports, "", 1, n)
      table.move(reports, n + 1, #reports + n, 1)
    end
    report_at = now - REPEAT_MS
    return M.pump(now)
  end
  if ack_due then
    if send(closed(char(report_seq, accepted | nak))) then
      ack_due, nak = false, 0
      return true
    end
    return false
  end
  if slot and send(slot) then
    slot = nil
    return true
  end
  return false
end

-- True while the radio has something to take.
function M.waiting(now)
  return ack_due or slot ~= nil or (not report and reports[1] ~= nil) or (report ~= nil and now - report_at >= REPEAT_MS)
end

return M
