local request = nil

local function send(data)
    while not pcall(frame.bluetooth.send, data) do frame.sleep(0.002) end
end

frame.bluetooth.receive_callback(function(data) request = data end)
frame.imu.tap_callback(function() send('tap') end)
print('ready')

while true do
    if request then
        local order = request
        request = nil
        if string.sub(order, 1, 5) == 'text:' then
            frame.display.text(string.sub(order, 6), 101, 151, { color = 'RED' })
            frame.display.show()
            send('shown')
        elseif order == 'photo' then
            frame.camera.capture { resolution = 256, quality = 'MEDIUM' }
            while not frame.camera.image_ready() do frame.sleep(0.01) end
            while true do
                local chunk = frame.camera.read(frame.bluetooth.max_length())
                if chunk == nil then break end
                send(chunk)
            end
            send('done')
        elseif order == 'listen' then
            frame.microphone.start { sample_rate = 16000, bit_depth = 16 }
        end
    end
    local sound = frame.microphone.read(240)
    if sound and sound ~= '' then
        send(sound)
    else
        frame.sleep(0.005)
    end
end
