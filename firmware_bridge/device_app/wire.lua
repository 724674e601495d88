-- The glasses' end of the wire protocol; firmware_bridge/wire.py describes it and is its far side.
local use = ...
local dialect = use("dialect")
local unpack, pack, sub, byte, char = string.unpack, string.pack, string.sub, string.byte, string.char

local SEQ <const> = 0x3F
local SYN <const> = 0x40
local NAK <const> = 0x80
local ENDS <const> = 0x20 -- of the code of a message of two bytes or more: it has no length and ends with its packet
local AUDIO, PHOTO, SENSOR = 0x40, 0x80, 0xC0
local FAILED = 0x86
local MULTIPLIER <const> = 0x9E3779B97F4A7C15
local FOLD <const> = 0x806489BF74E6BC57
local WORDS = "<I7I7I7I7I7I7I7I7"
local ZEROS = string.rep("\0", 56)
local SHORT <const> = 56 -- bytes of a packet that are checked by 16 bits instead of 32
local REPEAT_MS = 250 -- a report is repeated until the host has it
local REPORT_LIMIT = 32 -- messages waiting for the host
local INBOX_LIMIT <const> = 4 -- packets stored and not yet looked at; the host has one outstanding

local M = {}

-- Over the first `n` bytes of `s`.
local function check(s, n)
  local h, m = n, MULTIPLIER
  for i = 1, n - 55, 56 do
    local a, b, c, d, e, f, g, k = unpack(WORDS, s, i)
    h = (((((((h * m + a) * m + b) * m + c) * m + d) * m + e) * m + f) * m + g) * m + k
  end
  local rest = n % 56
  if rest > 0 then
    local a, b, c, d, e, f, g, k = unpack(WORDS, sub(s, n - rest + 1, n) .. sub(ZEROS, rest + 1))
    h = (((((((h * m + a) * m + b) * m + c) * m + d) * m + e) * m + f) * m + g) * m + k
  end
  return h * FOLD >> 32
end

-- The same for one byte: `(ONE + w * PLACE) >> 32`. An acknowledgement has no more.
local ONE, PLACE = FOLD, FOLD
for n = 1, 8 do
  ONE = ONE * MULTIPLIER
  if n < 8 then PLACE = PLACE * MULTIPLIER end
end

function M.check(s) return check(s, #s) end

-- Incoming. The callback may come between any two instructions of the loop, so `stored`, `accepted` (but for a start
-- over) and `heard` are written by it alone, `taken` and the rest by the loop alone.
local inbox, stored, taken = {}, 0, 0 -- a ring of payloads, and how many were put in and taken out
local accepted, heard = SEQ, nil -- last number accepted; last number of ours that the host has
local acked, nak = SEQ, 0 -- what the host was told last, nil where it must be told again
local greeting, hello -- a packet that begins a connection; the payload of the last one that did
local buffer = "" -- the beginning of a message
-- Outgoing, most urgent first: reports, acknowledgements (which ride on reports), what the streams put into `slot`.
local reports, report, report_seq, report_at = {}, nil, 0, 0
local slot -- a finished audio, photo or sensor packet that waits for the radio

-- Start over: `sequence` is the number of the last packet accepted.
function M.restart(sequence)
  accepted, heard, buffer, hello = sequence, nil, "", nil
  reports, report, report_seq, report_at = {}, nil, 0, 0
end

-- Queue a message for the host; false when too many wait already.
function M.report(code, body)
  if #reports >= REPORT_LIMIT then return false end
  reports[#reports + 1] = pack("<BI2", code, #body) .. body
  return true
end

-- Call `f`: true, or what went wrong is reported as the failure of order `code`. A break ends the app, as whoever sent
-- it wants: gone on with, what it interrupted would be half done. (Halo's is raised again until the app has ended.)
function M.try(code, f, ...)
  local ok, err = pcall(f, ...)
  if ok then return true end
  err = tostring(err)
  if sub(err, -12) == "break signal" then error(err, 0) end
  M.report(FAILED, char(code) .. sub(err, 1, 200))
end

local function send(packet)
  return (pcall(dialect.send, packet))
end

local function closed(body)
  local n = #body
  if n > SHORT then return body .. pack("<I4", check(body, n)) end
  return body .. pack("<I2", check(body, n) >> 16)
end

local function acknowledge()
  local told = accepted
  if not send(nak == 0 and pack("<BI2", told, (ONE + told * PLACE) >> 48) or closed(char(report_seq, told | nak))) then
    return false
  end
  acked, nak = told, 0
  return true
end

-- A packet came: keep what is new and acknowledge it at once, so that the next can come in the same connection event.
-- Where the inbox is full the loop acknowledges when it has emptied it.
function M.stored(packet)
  local n = #packet - 4
  local whole
  if n > SHORT - 2 then
    whole = unpack("<I4", packet, n + 1) == check(packet, n)
  else
    n = n + 2
    whole = n > 1 and unpack("<I2", packet, n + 1) == check(packet, n) >> 16
  end
  if not whole then
    acked, nak = nil, NAK
  else
    local seq, flags = byte(packet, 1, 2)
    acked, heard = nil, flags & SEQ
    if flags & SYN ~= 0 then
      greeting = sub(packet, 1, n)
      return
    end
    if seq == accepted + 1 & SEQ then
      inbox[stored % INBOX_LIMIT] = sub(packet, 3, n)
      accepted, stored = seq, stored + 1
    end
  end
  if stored - taken < INBOX_LIMIT and not reports[1] then acknowledge() end
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
  local all = buffer == "" and payload or buffer .. payload
  local at, stop = 1, #all + 1
  while stop - at > 2 do
    local code, length = unpack("<BI2", all, at)
    local first, after = at + 3, at + 3 + length
    if code & ENDS ~= 0 then
      code, first, after = code - ENDS, at + 1, stop
    elseif after > stop then
      break
    end
    handle(code, sub(all, first, after - 1))
    at = after
  end
  buffer = sub(all, at)
end

-- Look at what came in; `handle(code, body)` gets each complete message, in order, once. True if anything came.
function M.turn(handle)
  if report and heard == report_seq then
    report, report_seq = nil, report_seq + 1 & SEQ
  end
  local came = false
  while taken < stored do
    local payload = inbox[taken % INBOX_LIMIT]
    taken, came = taken + 1, true
    take(payload, handle)
  end
  if greeting then
    local packet = greeting
    greeting, came = nil, true
    local payload = sub(packet, 3)
    if hello ~= payload then -- not a repeat of the packet that began this connection
      M.restart(byte(packet))
      hello = payload
      take(payload, handle)
    end
  end
  return came
end

-- Give the radio what is most urgent; true if it took something.
function M.pump(now)
  if not report and reports[1] then
    local room = dialect.max_length() - 6
    local n, size = 0, 0
    while reports[n + 1] and size + #reports[n + 1] <= room do
      n = n + 1
      size = size + #reports[n]
    end
    if n == 0 then -- longer than a packet: send its beginning, keep the rest in the queue
      report = sub(reports[1], 1, room)
      reports[1] = sub(reports[1], room + 1)
    else
      report = table.concat(reports, "", 1, n)
      table.move(reports, n + 1, #reports + n, 1)
    end
    report_at = now - REPEAT_MS
  end
  if report and now - report_at >= REPEAT_MS then
    local told = accepted
    if not send(closed(char(report_seq, told | nak) .. report)) then return false end
    report_at, acked, nak = now, told, 0
    return true
  end
  if acked ~= accepted and stored - taken < INBOX_LIMIT then return acknowledge() end
  if slot and send(slot) then
    slot = nil
    return true
  end
  return false
end

return M
