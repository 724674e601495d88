-- Loads the app's parts from its one file on flash, line by line, so that no more than one line of source is in memory.
-- Where memory is short the parts are stripped of what only error messages need, and a part that is not always used
-- (photos) stays on flash until it is.
local name, hash = NAME, HASH
local parts = {}
ON_PACKET, ON_TAP = nil, nil -- of an app before this one
collectgarbage()
local lean = not pcall(string.rep, "-", 40960) -- building a string takes its size twice
collectgarbage()

local function use(part)
  local loaded = parts[part]
  if loaded == nil then
    local file = frame.file.open(name, "r")
    local line = file:read()
    while line and line ~= "--" .. part do line = file:read() end
    local code = assert(load(function()
      line = file:read()
      if line and line:sub(1, 2) ~= "--" then return line .. "\n" end
    end, "=" .. part))
    file:close()
    if lean then code = assert(load(string.dump(code, true))) end
    loaded = code(use, hash) or true
    parts[part] = loaded
    collectgarbage()
  end
  return loaded
end

use("main")
