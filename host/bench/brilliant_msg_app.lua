-- A program as users of brilliant-msg write them, on the Lua files that the library uploads.
local data = require('data.min')
local camera = require('camera.min')
local audio = require('audio.min')
local plain_text = require('plain_text.min')
local code = require('code.min')
local tap = require('tap.min')
local sprite = require('sprite.min')

local TEXT, CAPTURE, LISTEN, TAPS, SPRITE = 0x0a, 0x0d, 0x30, 0x10, 0x20
local listening = false
local on_halo = frame.HARDWARE_VERSION ~= 'Frame'
local rate = 16000
if on_halo then
    rate = 8000 -- at Halo's connection intervals 16 kHz do not fit
    frame.display.power_save(false)
    frame.camera.power_save(false)
end

-- Frame clears by itself what it showed before
local function clear(y, height)
    if on_halo then frame.display.rect(1, y, 256, height, 0, true) end
end

local handlers = {
    [TEXT] = function(block)
        local text = plain_text.parse_plain_text(block)
        local y = text.y
        clear(y, 32)
        for line in string.gmatch(text.string, '[^\n]+') do
            local color = on_halo and text.color or { color = text.color, spacing = text.spacing }
            frame.display.text(line, text.x, y, color)
            y = y + (on_halo and 16 or 60)
        end
        frame.display.show()
    end,
    [SPRITE] = function(block)
        local picture = sprite.parse_sprite(block)
        clear(1, picture.height)
        frame.display.bitmap(1, 1, picture.width, 2 ^ picture.bpp, 0, picture.pixel_data)
        frame.display.show()
    end,
    [CAPTURE] = function(block)
        camera.start_capture(camera.parse_capture_settings(block))
    end,
    [LISTEN] = function(block)
        if code.parse_code(block).value == 1 then
            listening = true
            audio.start({ sample_rate = rate, bit_depth = 16 })
        else
            audio.stop()
        end
    end,
    [TAPS] = function(block)
        frame.imu.tap_callback(code.parse_code(block).value == 1 and tap.send_tap or nil)
    end,
}

print('ready')
while true do
    local ok, err = pcall(function()
        for _, item in ipairs(data.process_raw_items()) do
            handlers[item[1]](item[2])
        end
        if listening then
            for _ = 1, 20 do
                local sent = audio.read_and_send_audio()
                if sent == nil then listening = false end
                if not sent or sent == 0 then break end
            end
        end
        if not camera.send_pending(4) then
            frame.sleep(listening and 0.001 or 0.01)
        end
    end)
    if not ok then
        print(err)
        break
    end
end
