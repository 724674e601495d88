-- A lens on which drawing is seen at once: only what changed is erased and drawn, so that nothing flickers.
-- Letters, glyphs and bitmaps are transparent where they have no ink. What is erased takes away what lies across it,
-- and that is drawn again, with all that lies over that.
local use = ...
local dialect, wire = use("dialect"), use("wire")
local byte, sub = string.byte, string.sub
local SHOW = 9
local FIELDS = { "draw", "x", "y", "colour", "spacing", "width", "height" }

local M = {}
local seen = {} -- by key: the item on the lens, its text, how many strips of it, and its box
local seen_cache -- number of the glyph cache that its slots are of

local function meets(a, b) return a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4] end

-- How many bytes of its text an item on the lens keeps; nil where all of it is another, true where nothing changes.
local function kept(old, item)
  local before = old.item
  for _, field in ipairs(FIELDS) do
    if before[field] ~= item[field] then return nil end
  end
  if not item.text then -- a rectangle, or a bitmap, whose strips only become more
    return (item.height or before == item and old.strips == #item) and true or nil
  end
  local a, b = old.text, item.text
  if a == b then return true end
  local n = 0
  while n < #a and byte(a, n + 1) == byte(b, n + 1) do n = n + 1 end
  return item.spacing and n or n // 3 * 3 -- a glyph is three bytes
end

-- The box of an item if this was its text, without the first `skip` bytes of that.
local function box_of(item, text, skip)
  local own = item.text
  item.text = text
  local box = dialect.measure(item.draw, item, skip)
  item.text = own
  return box
end

local function met(box, boxes)
  for _, other in ipairs(boxes) do
    if meets(box, other) then return true end
  end
  return false
end

function M.picture(items, keys, cache)
  local same_glyphs = cache == seen_cache
  seen_cache = cache
  local erased, stays = {}, {} -- boxes; by key what `kept` says
  for key, old in pairs(seen) do
    local item = items[key]
    stays[key] = item and same_glyphs and kept(old, item)
    if not stays[key] then
      erased[#erased + 1] = old.box
    elseif stays[key] ~= true and stays[key] < #old.text then
      erased[#erased + 1] = box_of(old.item, old.text, stays[key])
    end
  end
  local drawn = table.move(erased, 1, #erased, 1, {}) -- boxes that items further up must not have lost ink in
  local skips = {}
  for _, key in ipairs(keys) do
    local item, stay = items[key], stays[key]
    local skip
    if stay == true then
      if met(seen[key].box, drawn) then skip = 0 end
    else
      skip = stay or 0
      if skip > 0 and met(box_of(item, sub(item.text, 1, skip), 0), drawn) then skip = 0 end
    end
    if skip then
      skips[key] = skip
      drawn[#drawn + 1] = box_of(item, item.text, skip)
    end
  end
  for _, box in ipairs(erased) do
    if box[3] > box[1] and box[4] > box[2] then dialect.erase(box) end
  end
  local now = {}
  for _, key in ipairs(keys) do
    local item = items[key]
    if skips[key] then wire.try(SHOW, item.draw, item, skips[key]) end
    now[key] = stays[key] == true and seen[key]
      or { item = item, text = item.text, strips = #item, box = box_of(item, item.text, 0) }
  end
  seen = now
end

return M
