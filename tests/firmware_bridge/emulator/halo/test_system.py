"""Halo's `frame.*` itself, sleeps, button and clock."""

from __future__ import annotations

import asyncio

import pytest
from halo_desk import HaloDesk, on_halo

from firmware_bridge.emulator.halo.button import read_presses
from firmware_bridge.errors import InputError


@pytest.mark.halo_reference("2.0 constants", "2.0 probe", "2.0 absent")
def test_what_it_is() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.lua("print(frame.HARDWARE_VERSION) print(frame.FIRMWARE_VERSION)") == [b"halo", b"0.8.8"]
        assert await desk.lua("print(type(frame.yield), frame.fpga_read, frame.update, frame.led)") == [
            *(b"function", b"\t", b"nil", b"\t", b"nil", b"\t", b"nil")
        ]
        for name in ("on_wakeup", "SE_REVISION", "imu.accelerometer_callback", "camera.auto", "display.write_register"):
            assert await desk.one(f"print(frame.{name})") == "nil"
        assert len(await desk.one("print(frame.get_eui())")) == 16
        assert await desk.one("print(type(frame.get_se_revision()))") == "string"

    on_halo(main)


@pytest.mark.halo_reference("2.1 sleep", "1.7 text")
def test_sleep() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.error("frame.sleep(-1)") == "sleep duration must be non-negative"
        assert await desk.error("frame.sleep('x')") == "bad argument #1 to 'sleep' (number expected, got string)"
        await desk.lua("t = frame.time.utc() frame.sleep(0.25) t = frame.time.utc() - t", wait=0.5)
        assert 0.25 <= float(await desk.one("print(t)")) < 0.253
        desk.halo.written(b"t = frame.time.utc() pcall(frame.sleep, 9)")
        await asyncio.sleep(0.32)
        await desk.lua(b"\x03", wait=0.3)
        desk.halo.written(b"print(frame.time.utc() - t)")
        await asyncio.sleep(0.1)
        assert float(desk.heard[-1][1]) < 1.0

    on_halo(main)


@pytest.mark.halo_reference("2.1 sleep zero", "2.1 deep sleep", "5 sleep zero")
@pytest.mark.parametrize("text", ["frame.sleep()", "frame.sleep(0)"])
def test_no_sleep_at_all_is_power_off_until_the_button(text: str) -> None:
    async def main(desk: HaloDesk) -> None:
        gone: list[bool] = []
        desk.halo.on_gone = lambda: gone.append(True)
        assert await desk.lua("x = 1", text) == []
        assert (desk.halo.powered, gone) == (False, [True])
        desk.halo.tap()
        assert not desk.halo.powered
        desk.halo.press()
        await asyncio.sleep(0.2)
        desk.connect()
        assert await desk.lua("print(x, frame.wakeup_source())") == [b"nil", b"\t", b"button"]

    on_halo(main)


@pytest.mark.halo_reference("2.1 standby", "2.1 wakeup_source")
@pytest.mark.parametrize("source", ["timeout", "button", "ble", "imu"])
def test_standby_goes_on_in_place(source: str) -> None:
    async def main(desk: HaloDesk) -> None:
        timeout = "0.5" if source == "timeout" else ""
        await desk.lua(f"local kept = 7 frame.standby({timeout}) print(kept, frame.wakeup_source())", wait=0.3)
        assert desk.heard == []
        {
            "timeout": lambda: None,
            "button": desk.halo.press,
            "ble": lambda: desk.halo.written(b"y = 1"),
            "imu": desk.halo.tap,
        }[source]()
        assert await desk.lua(b"", wait=0.5) == [b"7", b"\t", source.encode()]

    on_halo(main)


@pytest.mark.halo_reference("2.1 standby", "2.1 stale interrupt")
def test_a_disconnect_wakes_nobody_and_a_stale_interrupt_hits_standby() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.standby()")
        desk.halo.disconnected()
        await asyncio.sleep(0.5)
        desk.connect()
        assert await desk.lua("print(frame.wakeup_source())") == [b"ble"]
        await desk.lua(b"\x03")
        assert await desk.error("frame.standby(0.1)", wait=0.5) == "interrupted"
        assert await desk.lua("frame.standby(0.1) print('slept')", wait=0.5) == [b"slept"]
        assert await desk.error("frame.standby(-1)") == "timeout must be non-negative"

    on_halo(main)


@pytest.mark.halo_reference("2.1 light_sleep")
def test_light_sleep_starts_the_vm_again() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.lua("x = 1 frame.light_sleep(0.3) print('never')", wait=0.6) == []
        assert await desk.lua("print(x, frame.wakeup_source(), frame.bluetooth.is_connected())") == [
            *(b"nil", b"\t", b"timeout", b"\t", b"true")
        ]

    on_halo(main)


@pytest.mark.halo_reference("2.1 stay_awake", "2.1 battery", "2.1 ship_mode", "2.1 reboot")
def test_battery_and_power() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.lua("print(frame.battery_level(), frame.battery_charging())") == [b"55.0", b"\t", b"true"]
        assert 3000 < float(await desk.one("print(frame.battery_voltage())")) < 4300
        await desk.lua("frame.charge(false)")
        assert await desk.one("print(frame.battery_charging())") == "false"
        assert await desk.error("frame.ship_mode()") == "cannot enter ship mode while charging"
        assert await desk.error("frame.stay_awake(1, 2)") == "expected 0 or 1 arguments"
        assert await desk.error("frame.stay_awake(1)") == (
            "bad argument #1 to 'stay_awake' (boolean expected, got number)"
        )
        await desk.lua("frame.stay_awake(true)")
        assert await desk.one("print(frame.stay_awake())") == "true"
        await desk.lua(b"\x04")
        assert await desk.one("print(frame.stay_awake())") == "false"
        await desk.lua("frame.reboot()")
        assert desk.seen.restarts[-1] == "restart"

    on_halo(main, "emulator:halo?battery=55&charging=1")


@pytest.mark.halo_reference("2.8 button", "1.2 long press")
def test_clicks_and_holds() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.error("frame.button.single(1)") == "expected function or nil"
        await desk.lua(
            *(f"frame.button.{kind}(function(...) print('{kind}', ...) end)" for kind in ("single", "double", "long"))
        )
        at = desk.clock.now()
        desk.halo.press()
        await asyncio.sleep(0.6)
        assert desk.heard[-1][1] == b"single"
        assert 0.4 <= desk.heard[-1][0] - at < 0.43
        desk.halo.press(-1)
        assert await desk.lua(b"") == [b"double"]
        desk.halo.press()
        await asyncio.sleep(0.3)
        desk.halo.press()  # two of a click are as good as a double one
        assert await desk.lua(b"", wait=1) == [b"double"]
        desk.halo.press(1.2)
        assert await desk.lua(b"") == [b"long"]
        desk.halo.press(2.5)
        assert not desk.halo.powered

    on_halo(main)


@pytest.mark.halo_reference("1.2 long press", "1.2 factory")
def test_fifteen_seconds_wipe_everything() -> None:
    async def main(desk: HaloDesk) -> None:
        wiped: list[bool] = []
        desk.halo.on_unbonded = lambda: wiped.append(True)
        await desk.lua("frame.file.open('a', 'w'):close()")
        desk.halo.press(16)
        assert (desk.halo.powered, wiped) == (False, [True])
        desk.halo.press()
        assert not desk.halo.powered

    on_halo(main)


def test_the_script_of_presses(tmp_path) -> None:
    script = tmp_path / "presses"
    script.write_text("# comment\n2 double\n1 single\n3.5 hold 5\n")
    assert read_presses(script) == ((1.0, 0.0), (2.0, -1.0), (3.5, 5.0))
    for text, message in (
        ("", "empty"),
        ("1 never", "line 1 is not understood"),
        ("x single", "line 1"),
        ("1 hold x", "line 1"),
    ):
        script.write_text(text)
        with pytest.raises(InputError, match=message):
            read_presses(script)
    with pytest.raises(InputError, match="cannot be read"):
        read_presses(tmp_path / "none")


@pytest.mark.halo_reference("2.11 utc", "2.11 zone", "2.11 date")
def test_clock_and_calendar() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.one("print(frame.time.utc(1698756584.5))") == "1698756584.5"
        assert await desk.error("frame.time.utc(-1)") == "timestamp must be non-negative"
        assert await desk.one("print(frame.time.zone())") == "+00:00"
        assert await desk.one("print(frame.time.zone('-3:45'))") == "-03:45"
        assert await desk.lua(
            "d = frame.time.date(1698756584.9) print(d.hour) print(d.minute) print(d['day of year'])"
        ) == [*(b"9", b"4", b"303")]
        await desk.lua("frame.time.zone('-0:30')", b"\x04")
        assert await desk.one("print(frame.time.zone())") == "-00:30"
        assert float(await desk.one("print(frame.time.utc())")) > 1698756584
        for zone, text in (
            ("x", "time zone must be in format '+HH:MM' or '-HH:MM'"),
            ("+15:00", "hour must be between -12 and +14"),
            ("-13:00", "hour must be between -12 and +14"),
            ("+1:10", "minute must be 0, 30, or 45"),
            ("+14:30", "UTC-12 and UTC+14 must have 0 minutes"),
        ):
            assert await desk.error(f"frame.time.zone('{zone}')") == text

    on_halo(main)
