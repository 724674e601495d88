-- Turns a stock Lua 5.4 into the device's: takes away what the device lacks, puts device functions behind checks that
-- fail as C functions fail, charges time by a count hook and lets pending hooks in between two instructions.
-- Run once per VM with (host, count, as_function); returns the function that runs one chunk as luaL_dostring does.
-- Everything is local: nothing a program does to its globals can change what happens here.

local host, COUNT, as_function = ...

local error, load, next, pairs, pcall, rawget, select, tonumber, tostring, type, xpcall =
  error, load, next, pairs, pcall, rawget, select, tonumber, tostring, type, xpcall
local collect, setmetatable = collectgarbage, setmetatable
local create, wrap, resume, yield, running, isyieldable, close =
  coroutine.create, coroutine.wrap, coroutine.resume, coroutine.yield, coroutine.running, coroutine.isyieldable,
  coroutine.close
local sethook, gethook, getinfo, debug_getmetatable = debug.sethook, debug.gethook, debug.getinfo, debug.getmetatable
local getlocal, setlocal = debug.getlocal, debug.setlocal
local getupvalue, setupvalue, upvalueid, upvaluejoin =
  debug.getupvalue, debug.setupvalue, debug.upvalueid, debug.upvaluejoin
local byte, find = string.byte, string.find
local sort, move = table.sort, table.move

local tick, take, wait, power_off = as_function(host.tick), as_function(host.take), as_function(host.wait),
  as_function(host.power_off)
local notify, read_module, hooked = as_function(host.notify), as_function(host.read_module), as_function(host.hooked)
local heap_kib, collected = as_function(host.heap_kib), as_function(host.collected)
local limit_heap, fetch = as_function(host.limit_heap), as_function(host.fetch)
local call, call_with_handle, release = as_function(host.call), as_function(host.call_with_handle),
  as_function(host.release)
local SHIM = "=[C]" -- the chunk name of this file
local DEAD = "the device was reset"
local TIGHT = "tight" -- a result that the heap may not have room for: collect, then fetch it
local FULL, NO_MEMORY = "full", "not enough memory" -- there is no room even so
-- Instructions of a hook count towards the next one: so many more let COUNT of the program's pass in between.
local MAIN_COUNT, CHARGE_COUNT = COUNT + 6, COUNT + 8

-- Time and hooks -----------------------------------------------------------------------------------------------------

local main = running()
local callback_thread -- the coroutine a device callback runs in, nil outside one
local callbacks, callback_count = {}, 0 -- never forgotten, as on the device

-- While a program has set a hook of its own, the device's watchdog is not fed.
local user_hook, user_mask, user_count

local function where(level) -- as luaL_where: `level` counts from the caller of this function
  local info = getinfo(level + 1, "Sl")
  if info and info.currentline > 0 then return info.short_src .. ":" .. info.currentline .. ": " end
  return ""
end

local function charge_hook() -- in coroutines and callbacks: time passes, nothing is let in
  if tick(COUNT, not callback_thread) == DEAD then
    sethook(charge_hook, "", 1)
    error(DEAD, 0)
  end
end

local function error_text(value) -- lua_tostring, then %s
  local kind = type(value)
  if kind == "string" or kind == "number" then return tostring(value) end
  return "(null)"
end

-- Callbacks run in one coroutine of their own, because the hook that calls them stops hooks in this one and their time
-- would not be charged. It is kept: a new one for each call would fill Lua's table of hooks, whose size hangs on addresses.
local worker
local IDLE = {} -- what the worker itself yields, and nobody else can

local function work(fn, ...)
  return work(yield(IDLE, pcall(fn, ...)))
end

local function worked(alive, mark, ok, failure)
  callback_thread = nil
  if mark == IDLE then return not ok and error_text(failure) or nil end
  close(worker)
  worker = nil
  if not alive then return error_text(mark) end
  return "attempt to yield from outside a coroutine"
end

local function run_callback(id, ...) -- returns the error text, if any
  local fn = callbacks[id]
  if not fn then return "attempt to call a nil value" end
  if not worker then
    worker = create(work)
    sethook(worker, charge_hook, "", CHARGE_COUNT)
  end
  callback_thread = worker
  return worked(resume(worker, fn, ...))
end

local function act(kind, ...) -- the error text of what the pending hook does
  if kind == TIGHT then
    collect()
    return act(fetch())
  end
  if kind == FULL then return NO_MEMORY end
  if kind == "break" then return "break signal" end
  if kind == "call" then return run_callback(...) end
  if kind == "stale" then return "attempt to call a nil value" end
  if kind == "dead" then return DEAD end
end

local main_hook, due_hook

local function in_shim(level) -- whether that frame is of this file, or a C function that it called
  local info = getinfo(level + 1, "S")
  if info.what ~= "C" then return info.source == SHIM end
  info = getinfo(level + 2, "S")
  return not info or info.what ~= "C" and info.source == SHIM
end

local function dead()
  sethook(main_hook, "", 1)
  error(DEAD, 0)
end

local function fire(level) -- the pending hook does its work; `level` is the interrupted function as seen from here
  if user_hook then -- an interrupt puts its own hook in the only slot: the program's is gone
    sethook(main, main_hook, "", MAIN_COUNT)
    user_hook = nil
    hooked(false)
  end
  local failure = act(take())
  if failure and level then failure = where(level + 1) .. failure end
  return failure
end

-- A device function is one C call: a hook waits until it has returned, and is then let in at the next instruction.
main_hook = function()
  local pending = tick(COUNT, true)
  if not pending then return end
  if pending == DEAD then dead() end
  if in_shim(2) then return sethook(due_hook, "", 1) end
  local failure = fire(3)
  if failure then error(failure, 0) end
end

due_hook = function()
  local pending = tick(1, not user_hook)
  if pending == DEAD then dead() end
  if pending and in_shim(2) then return end
  sethook(main_hook, "", MAIN_COUNT)
  local failure = pending and fire(3)
  if failure then error(failure, 0) end
end

local function combined_hook(event, line) -- the program's own hook, with time passing beneath
  if event ~= "count" then
    if not in_shim(2) then user_hook(event, line) end
    return
  end
  local pending = tick(user_count > 0 and user_count or COUNT, false)
  if pending == DEAD then dead() end
  if pending then return sethook(due_hook, "", 1) end
  if user_count > 0 and not in_shim(2) then user_hook(event, line) end
end

-- Device functions ---------------------------------------------------------------------------------------------------

local expose

-- A result that holds tables comes as tokens of two values each: "v" and a value, "{" and the number of entries (a key
-- token and the value's tokens each), "f" and the number of a device function.
local function build(next_token)
  local tag, value = next_token()
  if tag == "{" then
    local t = {}
    for _ = 1, value do
      local _, key = next_token()
      t[key] = build(next_token)
    end
    return t
  elseif tag == "f" then
    return expose(value)
  end
  return value
end

-- Functions of a result are given back to Python once nothing refers to them, with the next result.
local OWNED, released, released_count = {}, {}, 0
function OWNED.__gc(owner)
  released_count = released_count + 1
  released[released_count] = owner.number
end

local function decode(...)
  local tokens, position = { ... }, -1
  for i = 1, released_count do release(released[i]) end
  released, released_count = {}, 0
  return build(function()
    position = position + 2
    return tokens[position], tokens[position + 1]
  end)
end

local function finish(ok, ...)
  if ok == true then return ... end
  if ok == TIGHT then
    collect()
    return finish(fetch())
  end
  if ok == FULL then error(NO_MEMORY, 0) end
  if ok then return decode(...) end
  error((...), 2)
end

local function handle(fn)
  callback_count = callback_count + 1
  callbacks[callback_count] = fn
  return callback_count
end

expose = function(number)
  local owner = setmetatable({ number = number }, OWNED)
  return function(...)
    if type((...)) == "function" then return finish(call_with_handle(owner.number, handle((...)), select(2, ...))) end
    return finish(call(owner.number, ...))
  end
end

-- What luaL_checktype and luaL_checklstring say; `level` 2 is the caller of the function that asks.
local function type_error(n, name, expected, count, value)
  local got = n > count and "no value" or type(value)
  error("bad argument #" .. n .. " to '" .. name .. "' (" .. expected .. " expected, got " .. got .. ")", 3)
end

-- Globals ------------------------------------------------------------------------------------------------------------

local G = _G
for _, name in pairs({ "python", "os", "io", "package", "require" }) do G[name] = nil end
G.frame = decode(as_function(host.api)())

function G.print(...)
  for i = 1, select("#", ...) do
    local text = tostring((select(i, ...)))
    if i > 1 then notify("\t") end
    notify(text)
  end
end

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
    ok, failure = pcall(chunk)
    if ok then return failure end
  end
  error("exiting module '" .. name .. "': " .. error_text(failure), 2)
end

-- Precompiled code could crash the VM, so only text is taken.
function G.load(...)
  local chunk, name, mode = ...
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
function G.dofile(name) error("cannot open " .. tostring(name), 2) end
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

local seed, seeds = host.seed, 0
local random_seed = math.randomseed
random_seed(seed)

function math.randomseed(...)
  if select("#", ...) > 0 then return random_seed(...) end
  seeds = seeds + 1
  return random_seed(seed, seeds)
end

local function scrambled(key) -- a number that depends on every byte and on the seed
  local h = seed
  for i = 1, #key do h = (h ~ byte(key, i)) * 0x100000001B3 end
  return h
end

-- Strings come in an order that hangs on a hash seed, which Lua draws anew for each state. Here the order hangs on the
-- seed of the run only: other seeds, other orders, as on the device. It costs the device no time.
local function seeded_order(t)
  local keys, marks, others, n = {}, {}, {}, 0
  for key in next, t do
    if type(key) == "string" then
      n = n + 1
      keys[n], marks[key] = key, scrambled(key)
    else
      others[#others + 1] = key
    end
  end
  if n < 2 then return nil end
  sort(keys, function(a, b)
    if marks[a] ~= marks[b] then return marks[a] < marks[b] end
    return a < b
  end)
  move(keys, 1, n, #others + 1, others)
  return others
end

function G.pairs(...)
  local t = ...
  if select("#", ...) == 0 then error("bad argument #1 to 'pairs' (value expected)", 2) end
  local meta = debug_getmetatable(t)
  if type(t) ~= "table" or (meta and rawget(meta, "__pairs") ~= nil) then return pairs(t) end
  local hook, mask, count = gethook()
  sethook()
  local ok, keys = pcall(seeded_order, t)
  sethook(hook, mask, count)
  if not ok then error(keys, 0) end
  if not keys then return next, t, nil end
  local i = 0
  return function()
    while true do
      i = i + 1
      local key = keys[i]
      if key == nil then return nil end
      local value = rawget(t, key)
      if value ~= nil then return key, value end
    end
  end, t, nil
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
  if thread == callback_thread then return main, true end
  return thread, is_main
end

function coroutine.isyieldable(...)
  if select("#", ...) == 0 then return running() ~= callback_thread and isyieldable() end
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
      if first == callback_thread or first == main then return nil end
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
  if running() ~= main and running() ~= callback_thread then return end
  if type(fn) ~= "function" or (mask == nil and count == nil) then
    fn, mask, count = function() end, "", 0 -- no hook at all, not even the one that feeds the watchdog
  end
  user_hook, user_mask, user_count = fn, tostring(mask or ""), tonumber(count) or 0
  hooked(true)
  sethook(main, combined_hook, user_mask, user_count > 0 and user_count or COUNT)
end

function debug.gethook()
  if user_hook then return user_hook, user_mask, user_count end
  return "external hook", "c", 2000 -- the firmware's own, which feeds the watchdog
end

-- System -------------------------------------------------------------------------------------------------------------

local CLOCK = "return frame.time.utc()"
local read_clock = load(CLOCK, CLOCK, "t")

function G.frame.sleep(...)
  local seconds
  if select("#", ...) == 0 then
    seconds = power_off()
    if seconds == DEAD then error(DEAD, 0) end
  else
    seconds = tonumber((...)) or 0
  end
  local deadline
  while true do
    local ok, now = pcall(read_clock)
    if not ok then error(error_text(now), 2) end
    now = tonumber(now) or 0
    deadline = deadline or now + seconds
    if now >= deadline then return end
    local _, is_main = running()
    local pending = wait(deadline - now, is_main, not (callback_thread or user_hook))
    if pending == DEAD then error(DEAD, 0) end
    if pending then
      local failure = fire()
      if failure then error(failure, 2) end
    end
  end
end

-- The REPL -----------------------------------------------------------------------------------------------------------

sethook(main_hook, "", MAIN_COUNT)

local leaked, leaked_count = {}, 0 -- what chunks returned: the firmware leaves it on its stack

local function results(ok, ...)
  if not ok then return ... end
  for i = 1, select("#", ...) do
    leaked_count = leaked_count + 1
    leaked[leaked_count] = (select(i, ...))
  end
  return nil, true
end

-- Runs text as luaL_dostring does. Returns nothing, or the error as text (false: it was not text).
return function(text)
  limit_heap()
  local failure, ok
  local chunk, refused = load(text, text, "t")
  if chunk then
    failure, ok = results(pcall(chunk))
    if ok then return nil end
  else
    failure = refused
  end
  leaked, leaked_count = {}, 0 -- lua_pop(L, -1) after an error empties the stack
  local kind = type(failure)
  if kind == "string" or kind == "number" then return tostring(failure) end
  return false
end
