-- What only Frame's firmware does with Lua: `require`, and a `sleep` that runs Lua while it waits.
-- Run once per VM by prelude.lua with what it shares; see there. Returns whether what chunks return is kept.

local shared = ...
local host, as_function, G = shared.host, shared.as_function, shared.G
local DEAD, TIGHT, FULL, NO_MEMORY = shared.DEAD, shared.TIGHT, shared.FULL, shared.NO_MEMORY
local fire, finish, fetch, type_error, error_text = shared.fire, shared.finish, shared.fetch, shared.type_error,
  shared.error_text
local in_main, feeds = shared.in_main, shared.feeds

local error, load, pcall, select, tonumber, tostring, type = error, load, pcall, select, tonumber, tostring, type
local collect, table_pack = collectgarbage, table.pack
local read_module, wait, power_off = as_function(host.read_module), as_function(host.wait), as_function(host.power_off)

function G.require(...)
  local name = ...
  if type(name) == "number" then name = tostring(name) end
  if type(name) ~= "string" then type_error(1, "require", "string", select("#", ...), name) end
  local ok, text = read_module(name)
  if ok == TIGHT then
    collect()
    ok, text = fetch()
    if ok == FULL then error(NO_MEMORY, 0) end
  end
  if not ok then error(text, 2) end
  local chunk, failure = load(text, name .. ".lua", "t")
  if chunk then
    local results = table_pack(pcall(chunk))
    -- One value is returned, whatever is on top of the stack: the last of several, the name of the file for none.
    if results[1] then return results.n == 1 and name .. ".lua" or results[results.n] end
    failure = results[2]
  end
  error("exiting module '" .. name .. "': " .. error_text(failure), 2)
end

local CLOCK = "return frame.time.utc()"
local read_clock = load(CLOCK, CLOCK, "t")

function G.frame.sleep(...)
  local seconds
  if select("#", ...) == 0 then
    seconds = power_off()
    if seconds == DEAD then error(DEAD, 0) end
  else
    seconds = tonumber((...))
    if not seconds then finish(false, "bad argument #1 to 'sleep' (number expected, got " .. type((...)) .. ")") end
  end
  local deadline
  while true do
    local ok, now = pcall(read_clock)
    if not ok then error(error_text(now), 2) end
    now = tonumber(now) or 0
    deadline = deadline or now + seconds
    if now >= deadline then return end
    local pending = wait(deadline - now, in_main(), feeds())
    if pending == DEAD then error(DEAD, 0) end
    if pending then
      local failure = fire()
      if failure then error(failure, 2) end
    end
  end
end

return true
