-- The scene: what the lens shows, kept by item and drawn anew each time, in order of id. Bitmaps have ids of their own
-- (the host sends them beside the rest, in their own time) and are drawn over what has the same id. Glyphs are kept by
-- slot; which one is where the host alone decides (glyph_cache.py).
local use = ...
local dialect, wire = use("dialect"), use("wire")
local unpack, sub = string.unpack, string.sub
local WRITE_TEXT, REPLACE_TAIL, FILL_RECT, BEGIN_BITMAP, STRIP, REMOVE, CLEAR, SHOW, SCREEN = 2, 3, 4, 5, 6, 7, 8, 9, 0x10
local FORGET_GLYPHS, KEEP_GLYPH, WRITE_GLYPHS, COPY_TEXT = 0x12, 0x13, 0x14, 0x15

local M = { shown = 0, cache = 0, kept = 0 }
local items, keys = {}, {} -- a key is twice the id, and one more for a bitmap
local pixels, shapes = {}, {} -- of glyphs by slot; a shape is a glyph's width, plus 256 times its bits
local wanted -- version of the scene that is to be drawn, until it is

local function put(key, item)
  if not items[key] then
    keys[#keys + 1] = key
    table.sort(keys)
  end
  items[key] = item
end

-- `skip` bytes of a text need not be drawn, where the lens has them.
local function draw_text(i, skip) dialect.text(i.text, i.x, i.y, i.colour, i.spacing, skip) end

local function draw_rect(i) dialect.rect(i.x, i.y, i.width, i.height, i.colour) end

local function draw_bitmap(i)
  local y = i.y
  for k = 1, #i, 2 do
    dialect.bitmap(i.x, y, i.width, i.bits, i.colour, i[k])
    y = y + i[k + 1]
  end
end

local function draw_glyphs(i, skip)
  local steps, x, y, colour = i.text, i.x, i.y, i.colour
  for at = 1, #steps, 3 do
    local slot, right, down = unpack("Bbb", steps, at)
    x, y = x + right, y + down
    if slot > 0 and at > skip then
      local shape = shapes[slot]
      dialect.bitmap(x, y, shape & 255, shape >> 8, colour, pixels[slot])
    end
  end
end

function M.handlers(on)
  on[WRITE_TEXT] = function(body)
    local id, x, y, colour, spacing, at = unpack("<BI2I2BB", body)
    put(2 * id, { draw = draw_text, x = x, y = y, colour = colour, spacing = spacing, text = sub(body, at) })
  end
  on[REPLACE_TAIL] = function(body)
    local id, keep, at = unpack("<BB", body)
    local item = items[2 * id]
    item.text = sub(item.text, 1, keep) .. sub(body, at)
  end
  on[COPY_TEXT] = function(body)
    local id, other = unpack("BB", body)
    items[2 * id].text = items[2 * other].text
  end
  on[WRITE_GLYPHS] = function(body)
    local id, x, y, colour, at = unpack("<BI2I2B", body)
    put(2 * id, { draw = draw_glyphs, x = x, y = y, colour = colour, text = sub(body, at) })
  end
  on[FORGET_GLYPHS] = function(body)
    pixels, shapes, M.cache, M.kept = {}, {}, unpack("<I4", body), 0
  end
  on[KEEP_GLYPH] = function(body)
    M.kept = M.kept + 1 & 0xFFFF
    local slot, width, bits, at = unpack("BBB", body)
    if at > #body then
      pixels[slot], shapes[slot] = nil, nil
    else
      pixels[slot], shapes[slot] = sub(body, at), width | bits << 8
    end
  end
  on[FILL_RECT] = function(body)
    local id, x, y, width, height, colour = unpack("<BI2I2I2I2B", body)
    put(2 * id, { draw = draw_rect, x = x, y = y, width = width, height = height, colour = colour })
  end
  on[BEGIN_BITMAP] = function(body)
    local id, x, y, width, bits, colour = unpack("<BI2I2I2BB", body)
    put(2 * id + 1, { draw = draw_bitmap, x = x, y = y, width = width, bits = bits, colour = colour })
  end
  on[STRIP] = function(body)
    local id, rows, at = unpack("<BI2", body)
    local item = items[2 * id + 1]
    item[#item + 1] = sub(body, at)
    item[#item + 1] = rows
  end
  on[REMOVE] = function(body)
    local id, bitmap = unpack("BB", body)
    local key = 2 * id + bitmap
    items[key] = nil
    for k, v in ipairs(keys) do
      if v == key then table.remove(keys, k) break end
    end
  end
  on[CLEAR] = function() items, keys = {}, {} end
  on[SHOW] = function(body) wanted = unpack("<I2", body) end
  on[SCREEN] = function(body)
    local lit, brightness = unpack("Bb", body)
    dialect.screen(lit == 1, brightness)
  end
end

local function has_bitmaps()
  for _, key in ipairs(keys) do
    if key % 2 == 1 then return true end
  end
  return false
end

-- The picture is complete; its version is the next.
function M.show() wanted = (wanted or M.shown) % 0xFFFF + 1 end

-- Draw what is wanted, if the lens can be drawn on; with `briefly` only what packets can wait for.
function M.turn(briefly)
  if not wanted or briefly and has_bitmaps() or not dialect.drawable() then return end
  dialect.picture(items, keys, M.cache)
  M.shown, wanted = wanted, nil
end

return M
