-- A program as users of frame-msg write them, on the Lua files that the library uploads.
local data = require('data.min')
local camera = require('camera.min')
local audio = require('audio.min')
local plain_text = require('plain_text.min')
local code = require('code.min')
local tap = require('tap.min')
local sprite = require('sprite.min')

local TEXT, CAPTURE, LISTEN, TAPS, SPRITE = 0x0a, 0x0d, 0x30, 0x10, 0x20

data.parsers[TEXT] = plain_text.parse_plain_text
data.parsers[CAPTURE] = camera.parse_capture_settings
data.parsers[LISTEN] = code.parse_code
data.parsers[TAPS] = code.parse_code
data.parsers[SPRITE] = sprite.parse_sprite

local listening = false

local function app_loop()
    frame.display.text(' ', 1, 1)
    frame.display.show()
    print('ready')
    while true do
        rc, err = pcall(function()
            if data.process_raw_items() > 0 then
                local text = data.app_data[TEXT]
                if text ~= nil and text.string ~= nil then
                    local y = text.y
                    for line in string.gmatch(text.string, '[^\n]+') do
                        frame.display.text(line, text.x, y, { color = text.color, spacing = text.spacing })
                        y = y + 60
                    end
                    frame.display.show()
                    data.app_data[TEXT] = nil
                end
                local picture = data.app_data[SPRITE]
                if picture ~= nil then
                    frame.display.bitmap(1, 1, picture.width, 2 ^ picture.bpp, 0, picture.pixel_data)
                    frame.display.show()
                    data.app_data[SPRITE] = nil
                end
                local capture = data.app_data[CAPTURE]
                if capture ~= nil then
                    rc, err = pcall(camera.capture_and_send, capture)
                    if rc == false then print(err) end
                    data.app_data[CAPTURE] = nil
                end
                local listen = data.app_data[LISTEN]
                if listen ~= nil then
                    if listen.value == 1 then
                        listening = true
                        audio.start({ sample_rate = 16000, bit_depth = 16 })
                    else
                        audio.stop()
                    end
                    data.app_data[LISTEN] = nil
                end
                local taps = data.app_data[TAPS]
                if taps ~= nil then
                    if taps.value == 1 then
                        frame.imu.tap_callback(tap.send_tap)
                    else
                        frame.imu.tap_callback(nil)
                    end
                    data.app_data[TAPS] = nil
                end
            end
            if listening then
                for _ = 1, 20 do
                    local sent = audio.read_and_send_audio()
                    if sent == nil then
                        listening = false
                        break
                    elseif sent == 0 then
                        break
                    end
                end
                frame.sleep(0.001)
            else
                frame.sleep(0.01)
            end
        end)
        if rc == false then
            print(err)
            break
        end
    end
end

app_loop()
