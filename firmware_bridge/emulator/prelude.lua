-- Turns a stock Lua 5.4 into the device's: puts device functions behind checks that fail as C functions fail, charges
-- time by a count hook and lets pending hooks in between two instructions. What changes in Lua's own libraries is in
-- prelude_library.lua.
-- Run once per VM with (host, count, as_function, library, dialect); returns the function that runs one chunk as
-- luaL_dostring does. What one firmware alone does is its dialect: prelude_frame.lua, halo/prelude_halo.lua.
-- Everything is local: nothing a program does to its globals can change what happens here.

local host, COUNT, as_function, library, dialect = ...

local error, ipairs, load, pcall, select, tonumber, tostring, type =
  error, ipairs, load, pcall, select, tonumber, tostring, type
local collect, setmetatable = collectgarbage, setmetatable
local create, resume, yield, running, close =
  coroutine.create, coroutine.resume, coroutine.yield, coroutine.running, coroutine.close
local sethook, getinfo, get_metatable, set_metatable = debug.sethook, debug.getinfo, debug.getmetatable,
  debug.setmetatable
local get_user_value, set_user_value = debug.getuservalue, debug.setuservalue
local match = string.match

local tick, take, logged = as_function(host.tick), as_function(host.take), as_function(host.logged)
local notify, hooked = as_function(host.notify), as_function(host.hooked)
local limit_heap, fetch = as_function(host.limit_heap), as_function(host.fetch)
local call, call_with_handle, release = as_function(host.call), as_function(host.call_with_handle),
  as_function(host.release)
local SHIM = "=[C]" -- the chunk name of this file
local DEAD = "the device was reset"
local TIGHT = "tight" -- a result that the heap may not have room for: collect, then fetch it
local FULL, NO_MEMORY = "full", "not enough memory" -- there is no room even so
local HANDLE = "handle" -- a result that is an open file
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

local held -- an interrupt lasts: it is raised at every instruction until the device takes it back

local function act(kind, ...) -- the error text of what the pending hook does
  held = kind == "interrupt"
  if kind == TIGHT then
    collect()
    return act(fetch())
  end
  if kind == FULL then return NO_MEMORY end
  if kind == "break" then return "break signal" end
  if held then return "interrupted" end
  if kind == "call" then return run_callback(...) end
  if kind == "event" then -- its errors hit nobody
    local failure = run_callback(...)
    if failure == DEAD then return DEAD end
    return failure and logged(failure)
  end
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

local function raise(failure) -- what a hook's work failed with
  if held then sethook(due_hook, "", 1) end
  error(failure, 0)
end

-- A device function is one C call: a hook waits until it has returned, and is then let in at the next instruction.
main_hook = function()
  local pending = tick(COUNT, true)
  if not pending then return end
  if pending == DEAD then dead() end
  if in_shim(2) then return sethook(due_hook, "", 1) end
  local failure = fire(3)
  if failure then raise(failure) end
end

due_hook = function()
  local pending = tick(1, not user_hook)
  if pending == DEAD then dead() end
  if pending and in_shim(2) then return end
  sethook(main_hook, "", MAIN_COUNT)
  local failure = pending and fire(3)
  if failure then raise(failure) end
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

local expose, expose_setter
local arm -- called when a device function returns, where the dialect says so

-- A result that holds tables comes as tokens of two values each: "v" and a value, "{" and the number of entries (a key
-- token and the value's tokens each), "f" and the number of a device function, "c" and that of one that takes a callback.
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
  elseif tag == "c" then
    return expose_setter(value)
  end
  return value
end

-- Functions of a result are given back to Python once nothing refers to them, with the next result. Their owner lists
-- their numbers, and waits in a chain, which takes no memory.
local OWNED, released = {}, false
function OWNED.__gc(owner) owner.next, released = released, owner end

local function owner_of(...)
  return setmetatable({ next = false, ... }, OWNED)
end

local function give_back()
  while released do
    local owner = released
    released = owner.next
    for i = 1, #owner do release(owner[i]) end
  end
end

local function decode(...)
  local tokens, position = { ... }, -1
  give_back()
  return build(function()
    position = position + 2
    return tokens[position], tokens[position + 1]
  end)
end

-- An open file is a userdata, made of an object of Python's whose metatable is replaced before anyone sees it. Its user
-- value, which programs cannot reach, is the numbers of its methods.
local FILE = { __name = "FILE*" }

local function open_file(block, ...)
  give_back()
  set_metatable(block, FILE)
  return set_user_value(block, owner_of(...), 1)
end

-- luaL_argerror counts and names as the call was written; `level` is that of the device function.
local function as_called(text, level)
  local n, what = match(text, "^bad argument #(%-?%d+) to '[^']*' (%(.*)$")
  if not n then return text end
  local info = getinfo(level + 1, "n")
  local name = info.name or "?"
  if info.namewhat ~= "method" then return "bad argument #" .. n .. " to '" .. name .. "' " .. what end
  if n == "1" then return "calling '" .. name .. "' on bad self " .. what end
  return "bad argument #" .. tonumber(n) - 1 .. " to '" .. name .. "' " .. what
end

-- Called by a device function, never in tail position: level 2 is that function, level 3 its caller.
local function finish(ok, ...)
  if ok == true then return ... end
  if ok == TIGHT then
    collect()
    return finish(fetch())
  end
  if ok == FULL then error(NO_MEMORY, 0) end
  if arm then arm() end
  if ok == HANDLE then return open_file(...) end
  if ok then return decode(...) end
  local text, bare = ...
  if bare then error(text, 0) end
  error(as_called(text, 2), 3)
end

local function pass(...)
  if arm then arm() end
  return ...
end

local function handle(fn)
  callback_count = callback_count + 1
  callbacks[callback_count] = fn
  return callback_count
end

expose = function(number)
  local owner = owner_of(number)
  return function(...) return pass(finish(call(owner[1], ...))) end
end

expose_setter = function(number)
  local owner = owner_of(number)
  return function(...)
    if type((...)) ~= "function" then return pass(finish(call(owner[1], ...))) end
    return pass(finish(call_with_handle(owner[1], handle((...)), select(2, ...))))
  end
end

FILE.__index = {}
for i, name in ipairs({ "read", "write", "close" }) do
  FILE.__index[name] = function(...)
    if type((...)) == "userdata" and get_metatable((...)) == FILE then
      return pass(finish(call(get_user_value((...), 1)[i], ...)))
    end
    local got = select("#", ...) == 0 and "no value" or type((...))
    finish(false, "bad argument #1 to '" .. name .. "' (FILE* expected, got " .. got .. ")")
  end
end

-- What luaL_checktype and luaL_checklstring say; `level` 2 is the caller of the function that asks.
local function type_error(n, name, expected, count, value)
  local got = n > count and "no value" or type(value)
  error("bad argument #" .. n .. " to '" .. name .. "' (" .. expected .. " expected, got " .. got .. ")", 3)
end

-- Globals ------------------------------------------------------------------------------------------------------------

local G = _G
for _, name in ipairs({ "python", "os", "io", "package", "require" }) do G[name] = nil end
G.frame = decode(as_function(host.api)())

function G.print(...)
  for i = 1, select("#", ...) do
    local text = tostring((select(i, ...)))
    if i > 1 then notify("\t") end
    notify(text)
  end
end

-- What prelude_library.lua needs of this file.
local shared = { SHIM = SHIM, DEAD = DEAD, CHARGE_COUNT = CHARGE_COUNT, main = main, charge_hook = charge_hook,
  type_error = type_error, seed = host.seed, heap_kib = as_function(host.heap_kib),
  collected = as_function(host.collected), order = as_function(host.order), fetch = fetch, TIGHT = TIGHT, FULL = FULL,
  NO_MEMORY = NO_MEMORY, give_back = give_back }

function shared.in_callback(thread) return thread ~= nil and thread == callback_thread end

function shared.set_user_hook(fn, mask, count)
  user_hook, user_mask, user_count = fn, mask, count
  hooked(true)
  sethook(main, combined_hook, user_mask, user_count > 0 and user_count or COUNT)
end

function shared.get_user_hook() return user_hook, user_mask, user_count end

library(shared)

-- What the dialects need besides.
shared.host, shared.as_function, shared.G, shared.fire, shared.finish, shared.decode, shared.error_text, shared.running =
  host, as_function, G, fire, finish, decode, error_text, running
shared.FILE = FILE
shared.in_main = function()
  local _, is_main = running()
  return is_main
end
shared.feeds = function() return not (callback_thread or user_hook) end
shared.hurry = function() -- the next instruction of the program lets in what waits
  if not user_hook then sethook(main, due_hook, "", 1) end
end
local keeps_results
keeps_results, arm = dialect(shared)

-- The REPL -----------------------------------------------------------------------------------------------------------

sethook(main_hook, "", MAIN_COUNT)

local leaked, leaked_count = {}, 0 -- what chunks returned, where the firmware leaves it on its stack

local function results(ok, ...)
  if not ok then return ... end
  for i = 1, keeps_results and select("#", ...) or 0 do
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
