"""Opening a session on Halo in states that Frame does not have."""

from __future__ import annotations

import asyncio

import pytest

from firmware_bridge import Glasses, LinkTimeoutError, Scene, Text
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource

SCENE = Scene((Text(1, 60, 120, "Hello"),))


async def run_lua(source: EmulatorSource, *values: bytes) -> None:
    """Leave another program's Lua running on the glasses."""
    link = await source.connect(lambda _value: None, lambda _error: None)
    for value in values:
        await link.write(value)
        await asyncio.sleep(0.3)
    await link.disconnect()
    await asyncio.sleep(1)


@pytest.mark.parametrize(
    "values",
    [
        (b"frame.standby()",),
        (b"frame.standby(2)",),
        (b"frame.light_sleep(3)",),
        (b"coroutine.wrap(function() for i = 1, 2000000 do end end)()",),
        (b"frame.bluetooth.receive_callback(function() while true do frame.sleep(0.01) end end)", b"\x01hello"),
        (b"frame.display.text('x', 1, 1) frame.microphone.start{encoder='lc3'} frame.camera.power_save(false)",),
        (b"\x04",),
        (b"\x07",),
    ],
)
@pytest.mark.parametrize("options", ["", "firmware=later"])
def test_whatever_it_does_our_app_takes_over(values: tuple[bytes, ...], options: str) -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri(f"emulator:halo?{options}"))
        await run_lua(source, *values)
        async with asyncio.timeout(60), Glasses(source) as glasses:
            await glasses.show(SCENE)
            await asyncio.sleep(0.3)
            assert source.device.display.picture().any()

    run_virtual(main())


def test_where_no_lua_runs_any_more_that_is_said() -> None:
    """0x06 ends Lua until the device starts again."""

    async def main() -> None:
        source = EmulatorSource(parse_uri("emulator:halo"))
        await run_lua(source, b"\x06")
        with pytest.raises(LinkTimeoutError, match="cannot be stopped") as caught:
            async with Glasses(source):
                pass
        assert "Halo with its button" in caught.value.hint

    run_virtual(main())


@pytest.mark.parametrize("mtu", [23, 40, 100, 247, 517])
def test_whatever_the_mtu_is_the_app_is_stored_and_started(mtu: int) -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri(f"emulator:halo?mtu={mtu}"))
        async with asyncio.timeout(60), Glasses(source) as glasses:
            await glasses.show(SCENE)
            assert glasses.start.upload is not None

    run_virtual(main())
