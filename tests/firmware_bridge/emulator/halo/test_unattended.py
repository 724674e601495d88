"""What programs ask that test a Halo unattended, by brilliant-ble over Bluetooth.

pytest -m "slow or not slow" tests/firmware_bridge/emulator/halo/test_unattended.py        firmware after 0.8.8, too
"""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from halo_suite import COUNTING, Suite, both, numbered, on_air

from firmware_bridge.gatt import WRITE_UUID

pytestmark = pytest.mark.filterwarnings("default")  # the package's own warnings are not ours to fix


@both
def test_what_it_is(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        await suite.client.send_break_signal()
        assert await suite.ask("print(frame.FIRMWARE_VERSION)") != ""
        assert await suite.ask("print(frame.GIT_TAG)") != ""
        assert float(await suite.ask("print(frame.battery_level())")) == 80
        assert await suite.ask("print(frame.HARDWARE_VERSION)") == "halo"
        assert await suite.ask("print('SE: '..tostring(frame.get_se_revision()))") != "SE: nil"
        assert await suite.ask("print(frame.battery_charging())") == "false"
        assert float(await suite.ask("print(frame.battery_voltage())")) > 3000

    on_air(firmware, body)


@both
def test_writes_that_are_no_statements(firmware: str) -> None:
    """None of nothing, and one that is longer than a value: whatever becomes of it, the device answers afterwards."""

    async def body(suite: Suite) -> None:
        bleak = suite.client._client
        await bleak.write_gatt_char(WRITE_UUID, b"", response=True)
        assert await suite.alive()
        for _ in range(20):
            await bleak.write_gatt_char(WRITE_UUID, b"", response=False)
        assert await suite.alive()
        assert await suite.ask("print('sum='..tostring(111+222+333))") == "sum=666"
        long = b"print('X" + b"y" * (bleak.mtu_size + 40) + b"')"
        with contextlib.suppress(Exception):  # whatever the stack says
            await bleak.write_gatt_char(WRITE_UUID, long, response=True)
        await asyncio.sleep(0.3)
        suite.prints.clear()
        assert await suite.alive()

    on_air(firmware, body)


def test_bursts_of_packets_in_later_firmware() -> None:
    async def body(suite: Suite) -> None:
        client = suite.client
        await client.send_reset_signal()
        await asyncio.sleep(1)
        await client.send_break_signal()
        await asyncio.sleep(0.3)
        await suite.send(COUNTING, "frame.bluetooth.receive_callback(cb)")
        await suite.packets(8, 60)
        await asyncio.sleep(0.5)
        assert await suite.counted() == numbered(8, 60)
        await suite.packets(32, 100, await_bt_response=False)
        await asyncio.sleep(1)
        assert await suite.counted() == numbered(32, 100)
        for busy in ("frame.sleep(2)", "local t=frame.time.utc(); while frame.time.utc()-t<2 do end"):
            await client.send_lua(busy)
            await asyncio.sleep(0.2)
            await suite.packets(16, 100)
            await asyncio.sleep(2.5)
            assert await suite.counted() == numbered(16, 100)
        size = client.max_data_payload()
        await suite.packets(8, size)
        await asyncio.sleep(1)
        assert await suite.counted() == numbered(8, size)
        # More than the queue holds: refused, never lost.
        await client.send_lua("frame.sleep(3)")
        await asyncio.sleep(0.2)
        accepted = []
        for n in range(40):
            try:
                await client.send_data(bytes([n]) + b"B" * 199)
                accepted.append(f"200/{n}")
            except Exception:  # noqa: BLE001 - bleak's own
                await asyncio.sleep(0.05)
        assert 0 < len(accepted) < 40
        await asyncio.sleep(3.5)
        assert await suite.counted() == accepted
        # A break and a restart come through whatever waits.
        for signal in (client.send_break_signal, client.send_reset_signal):
            await client.send_lua("while true do end")
            await asyncio.sleep(0.2)
            await suite.packets(8, 60)
            await signal()
            await asyncio.sleep(1)
            await client.send_break_signal()
            await asyncio.sleep(0.3)
            suite.prints.clear()
            assert await suite.alive()
        # Without a callback they are gone.
        await suite.send(COUNTING, "frame.bluetooth.receive_callback(nil)", "frame.sleep(1)")
        await suite.packets(30, 200)
        await asyncio.sleep(1.5)
        assert await suite.counted() == []
        await suite.send("frame.bluetooth.receive_callback(cb)")
        await suite.packets(8, 60)
        await asyncio.sleep(0.5)
        assert await suite.counted() == numbered(8, 60)

    on_air("later", body)


@both
def test_a_callback_that_echoes(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        await suite.client.send_reset_signal()
        await asyncio.sleep(1)
        await suite.client.send_break_signal()
        await suite.send(
            "function ble_event(d)frame.bluetooth.send(d)end", "frame.bluetooth.receive_callback(ble_event)"
        )
        for payload in (b"hello there", b"hello"):
            suite.data.clear()
            await suite.client.send_data(payload)
            await asyncio.sleep(0.5)
            assert b"".join(suite.data) == payload
        suite.prints.clear()
        await suite.client.send_lua("for i=1,5 do print(i); frame.sleep(1) end")
        await asyncio.sleep(7)
        assert suite.prints == ["1", "2", "3", "4", "5"]

    on_air(firmware, body)


@both
def test_a_stream_until_a_break(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        size = int(await suite.ask("print(frame.bluetooth.max_length())"))
        await suite.send(
            "function s(d) while true do if pcall(frame.bluetooth.send, d) then break end end end",
            "d = string.rep('a', frame.bluetooth.max_length())",
            "while true do for i = 1, 100 do s(d) end s('\\0') end",
        )
        await asyncio.sleep(10)
        await suite.client.send_break_signal()
        await asyncio.sleep(1)
        assert suite.data.count(b"\0") >= 2
        assert {len(packet) for packet in suite.data} == {1, size}
        count = len(suite.data)
        await asyncio.sleep(1)
        assert len(suite.data) == count
        suite.prints.clear()
        assert await suite.alive()

    on_air(firmware, body)


@both
def test_time(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        assert await suite.ask("print(frame.time.utc(1708551112))") == "1708551112.0"
        await asyncio.sleep(5)
        assert 1708551116 < float(await suite.ask("print(frame.time.utc())")) < 1708551119
        for zone, zone_shown in (("+04:30", "+04:30"), ("+3:30", "+03:30"), ("5:30", "+05:30"), ("-7:30", "-07:30")):
            await suite.send(f"frame.time.zone('{zone}')")
            assert await suite.ask("print(frame.time.zone())") == zone_shown
        for field, shown in (
            ("year", 2024),
            ("month", 2),
            ("day", 21),
            ("hour", 14),
            ("day of year", 51),
            ("weekday", 3),
        ):
            assert await suite.ask(f"print(frame.time.date()['{field}'])") == str(shown)
        assert await suite.ask("print(frame.time.date()['is daylight saving'])") == "false"

    on_air(firmware, body)


@both
def test_what_the_display_refuses(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        await suite.send("frame.display.power_save(false)", "frame.display.show(true)")
        assert await suite.ask("print('Pan:', frame.display.get_pan())") == "Pan:"
        await asyncio.sleep(0.5)
        for call in ("set_font(0, 12)", "set_font(99, 8)", "set_font(0, 8, 0)"):
            assert await suite.ask(f"print(tostring(pcall(function() frame.display.{call} end)))") == "false"
        for width in (0, -1, 40_000):
            for kind in (0, 2, 4, 16):
                if firmware == "0.8.8" and (width == 0 or kind == 0):
                    continue  # divides by it, and restarts; draws nothing
                call = f"pcall(frame.display.bitmap, 1, 1, {width}, {kind}, 0, 'abc')"
                assert await suite.ask(f"local ok = {call}; print(tostring(ok))") == "false", (width, kind)
        assert await suite.ask("print(frame.display.width())") == "256"
        fonts = "local s = '' for i, n in pairs(frame.display.get_font_list()) do s = s..i..'='..n..' ' end print(s)"
        assert set((await suite.ask(fonts)).split()) == {"0=Dogica", "1=DogicaBold"}

    on_air(firmware, body)


@both
def test_sound_into_and_out_of_it(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        stream = (
            "while true do local s=frame.microphone.read(240); if s==nil then break end if s~='' then "
            "while true do if (pcall(frame.bluetooth.send,s)) then break end end end end"
        )
        for start, rate in (
            ("frame.microphone.start{sample_rate=16000, bit_depth=16, channels=1, gain=0}", 32_000),
            (
                "frame.microphone.start{encoder='lc3', sample_rate=16000, bitrate=32000, channels=1, duration=1000}",
                4000,
            ),
        ):
            await suite.client.send_break_signal()
            await asyncio.sleep(1)
            await suite.send("frame.microphone.stop()")
            suite.data.clear()
            await suite.send(start, stream)
            await asyncio.sleep(5)
            await suite.client.send_break_signal()
            await asyncio.sleep(1)
            await suite.send("frame.microphone.stop()")
            assert 4.5 * rate < sum(map(len, suite.data)) < 5.5 * rate
        await suite.send("frame.speaker.start{encoder='pcm', sample_rate=8000, bit_depth=16, channels=1}")
        await suite.send("frame.speaker.volume(10)")
        size = suite.client.max_data_payload() // 2 * 2
        for _ in range(8):
            await suite.client.send_audio(bytes(size))
            await asyncio.sleep(size / 16_000)
        await asyncio.sleep(1)
        assert len(suite.halo.device.speaker.played) == 8 * size // 2  # type: ignore[attr-defined] # it is in this process
        await suite.send("frame.speaker.stop()")

    pytest.importorskip("lc3", reason="pip install 'sidelight[lc3]'")
    on_air(firmware, body)


@both
def test_errors_and_values_at_the_prompt(firmware: str) -> None:
    async def body(suite: Suite) -> None:
        for text, answer in (
            ("1 + 2", "[string \"1 + 2\"]:1: unexpected symbol near '1'"),
            ("error('oops')", "[string \"error('oops')\"]:1: oops"),
            ("error('bare', 0)", "bare"),
            ("nothing()", "[string \"nothing()\"]:1: attempt to call a nil value (global 'nothing')"),
            ("require('none')", "[string \"require('none')\"]:1: cannot open file: none.lua"),
            ("print(nil)", "nil"),
            ("print(10/2)", "5.0"),
            ("print(1e15, 2)", "1e+15"),
            ("print(true)", "true"),
            ("print()", None),
            ("return 5", None),
            ("x = 1\nprint(x)", "1"),
            ("print(('x'):rep(2000))", "x" * 509),
        ):
            suite.prints.clear()
            await suite.client.send_lua(text)
            await asyncio.sleep(0.5)
            assert (suite.prints[0] if suite.prints else None) == answer, text
        suite.prints.clear()
        await suite.client.send_lua("print(frame, frame.bluetooth.send, 'x')")
        await asyncio.sleep(0.5)
        assert suite.prints[0].startswith("table: 0x")
        assert suite.prints[1:2] == ["\t"]
        assert suite.prints[2].startswith("function:")
        suite.prints.clear()
        await suite.client.send_lua("local function f() return f() + 1 end print(pcall(f))")
        await asyncio.sleep(1)
        assert "".join(suite.prints) == "false\tnot enough memory"  # before a million slots are full
        suite.prints.clear()
        await suite.client.send_lua("function f() local ok, e = pcall(f) error(e, 0) end print(pcall(f))")
        await asyncio.sleep(1)
        assert "".join(suite.prints) == "false\tC stack overflow"

    on_air(firmware, body)


def test_who_comes_back_finds_it_as_it_was() -> None:
    async def body(suite: Suite) -> None:
        await suite.send("kept = 7", "frame.display.power_save(false)")
        for _ in range(3):
            await suite.client.disconnect()
            await asyncio.sleep(1)
            await suite.connect()
            suite.prints.clear()
        assert await suite.ask("print(kept)") == "7"
        assert await suite.ask("print(frame.display.power_save())") == "false"

    on_air("later", body)
