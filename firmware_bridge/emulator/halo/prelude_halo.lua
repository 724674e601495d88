-- What only Halo's firmware does with Lua: `require` that remembers, two names for one table, and callbacks that wait
-- until a device function has returned.
-- Run once per VM by prelude.lua with what it shares; see there. Returns whether what chunks return is kept, and what
-- to do when a device function returns.

local shared = ...
local host, as_function, G = shared.host, shared.as_function, shared.G
local TIGHT, FULL, NO_MEMORY = shared.TIGHT, shared.FULL, shared.NO_MEMORY
local fetch, type_error, error_text, hurry = shared.fetch, shared.type_error, shared.error_text, shared.hurry

local error, load, pcall, select, tostring, type = error, load, pcall, select, tostring, type
local collect = collectgarbage
local read_module, pending = as_function(host.read_module), as_function(host.pending)
local remembers = as_function(host.remembers)()

G.halo = G.frame
if remembers then G.package = { loaded = {} } end

shared.FILE.__close = shared.FILE.__index.close

-- The firmware looks into the global each time, so a program may take it away.
local function loaded()
  return G.package.loaded
end

function G.require(...)
  local name = ...
  if type(name) == "number" then name = tostring(name) end
  if type(name) ~= "string" then type_error(1, "require", "string", select("#", ...), name) end
  local cache = remembers and loaded() or {}
  if cache[name] ~= nil then return cache[name] end
  local ok, text = read_module(name)
  if ok == TIGHT then
    collect()
    ok, text = fetch()
    if ok == FULL then error(NO_MEMORY, 0) end
  end
  if not ok then error(text, 2) end
  local chunk, failure = load(text, name .. ".lua", "t")
  if not chunk then error("error loading module '" .. name .. "': " .. error_text(failure), 2) end
  local done, result = pcall(chunk)
  if not done then error("error executing module '" .. name .. "': " .. error_text(result), 2) end
  if result == nil and remembers then result = true end
  cache[name] = result
  return result
end

return false, function()
  if pending() then hurry() end
end
