-- What differs in the device's Lua libraries from a stock Lua 5.4, with the same words where a call is wrong.
-- Run once per VM by prelude.lua with what it shares; see there.

local shared = ...
local SHIM, DEAD, CHARGE_COUNT, main, charge_hook = shared.SHIM, shared.DEAD, shared.CHARGE_COUNT, shared.main,
  shared.charge_hook
local type_error, in_callback, set_user_hook, get_user_hook = shared.type_error, shared.in_callback,
  shared.set_user_hook, shared.get_user_hook
local seed, heap_kib, collected, give_back = shared.seed, shared.heap_kib, shared.collected, shared.give_back
local order, fetch, TIGHT, FULL, NO_MEMORY = shared.order, shared.fetch, shared.TIGHT, shared.FULL, shared.NO_MEMORY

local G = _G
local error, load, next, pairs, rawget, select, tonumber, tostring, type, xpcall =
  error, load, next, pairs, rawget, select, tonumber, tostring, type, xpcall
local collect = collectgarbage
local create, wrap, running, isyieldable =
  coroutine.create, coroutine.wrap, coroutine.running, coroutine.isyieldable
local sethook, getinfo, debug_getmetatable = debug.sethook, debug.getinfo, debug.getmetatable
local getlocal, setlocal = debug.getlocal, debug.setlocal
local getupvalue, setupvalue, upvalueid, upvaluejoin =
  debug.getupvalue, debug.setupvalue, debug.upvalueid, debug.upvaluejoin
local find = string.find

-- Made up precompiled code could crash the VM, so of that only what was just dumped here is taken.
local dump, dumped = string.dump
function G.string.dump(...)
  dumped = dump(...)
  return dumped
end

function G.load(...)
  local chunk, name, mode = ...
  if dumped and chunk == dumped and mode ~= "t" then
    dumped = nil
    if select("#", ...) > 3 then return load(chunk, name, "b", (select(4, ...))) end
    return load(chunk, name, "b")
  end
  if type(chunk) ~= "string" and type(chunk) ~= "function" then
    type_error(1, "load", "function", select("#", ...), chunk)
  end
  if mode ~= nil and (type(mode) ~= "string" or not find(mode, "t", 1, true)) then
    return nil, "attempt to load a text chunk (mode is '" .. tostring(mode) .. "')"
  end
  if name ~= nil and type(name) ~= "string" then name = tostring(name) end
  if select("#", ...) > 3 then return load(chunk, name, "t", (select(4, ...))) end
  return load(chunk, name, "t")
end

-- They open files through the C library, which finds none on the device.
function G.loadfile(name) return nil, "cannot open " .. tostring(name) end
function G.dofile(name) error("cannot open " .. tostring(name), 0) end
function G.warn() end -- the device's standard error goes nowhere

local OPTIONS = { collect = true, step = true, isrunning = true, stop = true, restart = true, incremental = true,
  generational = true, setpause = true, setstepmul = true }

function G.collectgarbage(...)
  local option = ... == nil and "collect" or (...)
  if option == "count" then return heap_kib() end
  if type(option) ~= "string" then type_error(1, "collectgarbage", "string", select("#", ...), option) end
  if not OPTIONS[option] then
    error("bad argument #1 to 'collectgarbage' (invalid option '" .. tostring(option) .. "')", 2)
  end
  local result = collect(option, select(2, ...))
  give_back()
  if option == "collect" or option == "step" then collected() end
  return result
end

-- A handler runs with hooks off where the error came out of one: it must not get to hold up a reset.
function G.xpcall(...)
  local fn, handler = ...
  if type(handler) ~= "function" then type_error(2, "xpcall", "function", select("#", ...), handler) end
  return xpcall(fn, function(failure)
    if failure == DEAD then return failure end
    return handler(failure)
  end, select(3, ...))
end

-- Chance: on the device it comes from addresses and the clock, here from the seed of the run.

local seeds = 0
local random_seed = math.randomseed
random_seed(seed)

function math.randomseed(...)
  if select("#", ...) > 0 then return random_seed(...) end
  seeds = seeds + 1
  return random_seed(seed, seeds)
end

-- Strings come in an order that hangs on a hash seed, which Lua draws anew for each state. Here the order hangs on the
-- seed of the run only: other seeds, other orders, as on the device. `order` gives the strings, or nothing below two.
local function ordered(t, first, second, ...)
  if second == nil then
    if first == TIGHT then
      collect()
      return ordered(t, fetch())
    end
    if first == FULL then error(NO_MEMORY, 0) end
    return next, t, nil
  end
  local strings, i, other, others = { first, second, ... }, 0, nil, true
  return function()
    local value
    while others do
      other, value = next(t, other)
      if other == nil then
        others = false
      elseif type(other) ~= "string" then
        return other, value
      end
    end
    repeat
      i = i + 1
      local key = strings[i]
      if key == nil then return nil end
      value = rawget(t, key)
    until value ~= nil
    return strings[i], value
  end, t, nil
end

function G.pairs(...)
  local t = ...
  if select("#", ...) == 0 then error("bad argument #1 to 'pairs' (value expected)", 2) end
  local meta = debug_getmetatable(t)
  if type(t) ~= "table" or (meta and rawget(meta, "__pairs") ~= nil) then return pairs(t) end
  return ordered(t, order(t))
end

-- Coroutines: the device's hook is set in the main thread only; theirs only lets time pass.

local function charged(fn)
  return function(...)
    sethook(charge_hook, "", CHARGE_COUNT)
    return fn(...)
  end
end

function coroutine.create(...)
  if type((...)) ~= "function" then type_error(1, "create", "function", select("#", ...), (...)) end
  return create(charged((...)))
end

function coroutine.wrap(...)
  if type((...)) ~= "function" then type_error(1, "wrap", "function", select("#", ...), (...)) end
  return wrap(charged((...)))
end

function coroutine.running()
  local thread, is_main = running()
  if in_callback(thread) then return main, true end
  return thread, is_main
end

function coroutine.isyieldable(...)
  if select("#", ...) == 0 then return not in_callback((running())) and isyieldable() end
  if type((...)) ~= "thread" then type_error(1, "isyieldable", "thread", 1, (...)) end
  return isyieldable((...))
end

-- Debug: everything that cannot reach the machinery of this file.

local function hidden(fn)
  if type(fn) ~= "function" then return false end
  local info = getinfo(fn, "S")
  return info.what == "C" or info.source == SHIM
end

local function guarded(inner)
  return function(fn, ...)
    if hidden(fn) or hidden((select(2, ...))) then return nil end
    return inner(fn, ...)
  end
end

debug.getupvalue, debug.setupvalue = guarded(getupvalue), guarded(setupvalue)
debug.upvalueid, debug.upvaluejoin = guarded(upvalueid), guarded(upvaluejoin)

local function guarded_local(name, inner)
  return function(first, second, ...)
    if type(first) == "thread" then
      if in_callback(first) or first == main then return nil end
      return inner(first, second, ...)
    end
    if type(first) ~= "number" then return inner(first, second, ...) end
    local info = first >= 0 and getinfo(first + 1, "S")
    if not info then error("bad argument #1 to '" .. name .. "' (level out of range)", 2) end
    if info.source == SHIM or info.what == "C" then return nil end
    local a, b = inner(first + 1, second, ...)
    return a, b
  end
end

debug.getlocal, debug.setlocal = guarded_local("getlocal", getlocal), guarded_local("setlocal", setlocal)
function debug.getregistry() return {} end
function debug.debug() end -- reads standard input, which the device has none of
debug.getuservalue, debug.setuservalue = nil, nil

function debug.sethook(...)
  local fn, mask, count = ...
  if type(fn) == "thread" then
    if fn ~= main then return end -- a coroutine's hook is never the device's
    fn, mask, count = select(2, ...)
  end
  local thread = running()
  if thread ~= main and not in_callback(thread) then return end
  if type(fn) ~= "function" or (mask == nil and count == nil) then
    fn, mask, count = function() end, "", 0 -- no hook at all, not even the one that feeds the watchdog
  end
  set_user_hook(fn, tostring(mask or ""), tonumber(count) or 0)
end

function debug.gethook()
  local fn, mask, count = get_user_hook()
  if fn then return fn, mask, count end
  return "external hook", "c", 2000 -- the firmware's own, which feeds the watchdog
end
