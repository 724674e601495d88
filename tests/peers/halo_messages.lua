-- A program for Halo as users of brilliant-msg write them, on the Lua files that the library uploads.
local data = require('data.min')
local camera = require('camera.min')
local audio = require('audio.min')
local plain_text = require('plain_text.min')
local code = require('code.min')
local tap = require('tap.min')

local TEXT, CAPTURE, LISTEN, TAPS = 0x0a, 0x0d, 0x30, 0x10
local listening = false
frame.display.power_save(false)
frame.display.clear()
frame.camera.power_save(false)

local handlers = {
    [TEXT] = function(block)
        local text = plain_text.parse_plain_text(block)
        frame.display.text(text.string, text.x, text.y, text.color)
        print(#text.string)
    end,
    [CAPTURE] = function(block) camera.capture_and_send({ resolution = 640, quality = 'LOW' }) end,
    [LISTEN] = function(block)
        listening = code.parse_code(block).value == 1
        if listening then audio.start({ sample_rate = 8000, bit_depth = 16 }) else audio.stop() end
    end,
    [TAPS] = function(block)
        frame.imu.tap_callback(code.parse_code(block).value == 1 and tap.send_tap or nil)
    end,
}

print('ready')
while true do
    local ok, err = pcall(function()
        for _, item in ipairs(data.process_raw_items()) do handlers[item[1]](item[2]) end
        if listening then audio.read_and_send_audio() end
        frame.sleep(0.01)
    end)
    if not ok then print(err) break end
end
