"""Fuzzed writes to the emulated Frame and fuzzed notifications to this computer.

HOSTILE_EXAMPLES=5000 pytest tests/firmware_bridge/emulator/test_hostile.py     for longer
"""

from __future__ import annotations

import asyncio
import os

from frame_desk import Desk, on_desk
from glasses_end import HELLO, emulated, lit, picture_of
from halo_desk import HaloDesk, on_halo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_bridge.emulator.clock import run_virtual

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "20"))
LONGER = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
PARTS = [
    *b"\x00\x01\x02\x03\x04\x05\x1b\xff".decode("latin-1"),
    *"(){}[]=,.:;'\"%-\n",
    *(
        "end",
        "local",
        "function",
        "return",
        "for i=1,9 do",
        "while true do",
        "if x then",
        "goto",
        "error",
        "pcall",
        "nil",
    ),
    *(
        "print",
        "require",
        "load",
        "coroutine.wrap",
        "coroutine.yield",
        "setmetatable",
        "debug.sethook",
        "collectgarbage",
    ),
    *(
        "debug.getinfo",
        "string.rep",
        "string.dump",
        "table.sort",
        "table.unpack",
        "select",
        "tostring",
        "next",
        "_G",
        "x",
    ),
    *(
        "frame.sleep",
        "frame.file.open",
        "frame.file.rename",
        "frame.display.text",
        "frame.display.bitmap",
        "frame.update",
    ),
    *("frame.bluetooth.send", "frame.bluetooth.receive_callback", "frame.microphone.start", "frame.microphone.read"),
    *(
        "frame.camera.capture",
        "frame.camera.read",
        "frame.imu.tap_callback",
        "frame.compression.decompress",
        "frame.led",
    ),
    *(
        "0",
        "1",
        "-1",
        "1e309",
        "0/0",
        "math.mininteger",
        "1<<62",
        "'x'",
        "{}",
        "print()",
        "..",
        "[[",
        "]]",
        "main",
        "\\0",
    ),
]
LUA = st.lists(st.sampled_from(PARTS), max_size=25).map(lambda parts: " ".join(parts).encode("latin-1")[:244])
DATA = st.binary(max_size=243).map(lambda data: b"\x01" + data)
WRITES = st.one_of(LUA, LUA, DATA, st.binary(max_size=300), st.sampled_from([b"\x03", b"\x04", b"\x01"]))


@LONGER
@given(st.lists(st.tuples(WRITES, st.sampled_from([0.0, 0.001, 0.05, 0.5])), max_size=12))
def test_no_write_hangs_or_breaks_the_frame(writes: list[tuple[bytes, float]]) -> None:
    """Whatever is written, a break, a restart and some seconds later it answers at its prompt."""

    async def main(desk: Desk) -> None:
        trouble: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: trouble.append(context))
        for value, wait_s in writes:
            desk.frame.written(value)
            await asyncio.sleep(wait_s)
        await asyncio.sleep(1)
        assert not trouble
        desk.frame.restart()
        await asyncio.sleep(1)
        desk.frame.tap()  # it may have been sent to sleep
        await asyncio.sleep(1)
        await desk.lua(b"\x03", b"\x04", wait=1)
        desk.connect()
        assert await desk.one("print('alive')") == "alive"

    on_desk(main)


HALO_BYTES = st.sampled_from(
    [b"\x03", b"\x04", b"\x01", b"\x05", b"\x07", b"frame.standby(0.2)", b"frame.camera.capture{}"]
)


@LONGER
@given(st.lists(st.tuples(WRITES | HALO_BYTES, st.sampled_from([0.0, 0.001, 0.05, 0.5])), max_size=12))
def test_no_write_hangs_or_breaks_the_halo(writes: list[tuple[bytes, float]]) -> None:
    """As above; what arrives for the speaker, too."""

    async def main(desk: HaloDesk) -> None:
        trouble: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: trouble.append(context))
        for value, wait_s in writes:
            desk.halo.written(value)
            desk.halo.audio_written(value)
            await asyncio.sleep(wait_s)
        await asyncio.sleep(1)
        assert not trouble
        desk.halo.restart()
        await asyncio.sleep(1)
        desk.halo.press()  # it may have been sent to sleep
        await asyncio.sleep(1)
        desk.connect()
        await desk.lua(b"\x03", b"\x04", wait=1)
        assert (await desk.lua("print('alive')", wait=1))[-1:] == [b"alive"]

    on_halo(main)


NOTIFICATIONS = st.one_of(
    st.binary(max_size=244),
    st.binary(max_size=243).map(lambda data: b"\x01" + data),
    st.tuples(st.integers(0, 255), st.binary(max_size=20)).map(lambda both: bytes([1, both[0]]) + both[1]),
    st.sampled_from(
        [b"", b"\x01", b"\x02sl:x", b"main.lua:1: x", b'[string "x"]:1: x', b"break signal", b"\xff" * 244]
    ),
)


@LONGER
@given(st.lists(NOTIFICATIONS, min_size=1, max_size=20), st.booleans())
def test_no_notification_hangs_or_breaks_the_host(values: list[bytes], listens: bool) -> None:  # noqa: FBT001
    """Whatever the glasses say, every call ends, and the lens ends as asked."""

    async def main() -> None:
        trouble: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: trouble.append(context))
        wanted = await picture_of(HELLO)
        async with emulated() as (glasses, source):
            sound = glasses.microphone()
            if listens:
                await anext(sound)
            for value in values:
                if source._link is not None:
                    source._link.radio._on_value(value)
                await asyncio.sleep(0.001)
            async with asyncio.timeout(60):
                await glasses.show(HELLO)
                assert 0 <= await glasses.battery() <= 100
                if listens:
                    await anext(sound)
                    await sound.aclose()  # type: ignore[attr-defined]
            await asyncio.sleep(0.3)
            assert (lit(source) == wanted).all()
        assert not trouble

    run_virtual(main())


@LONGER
@given(st.lists(st.one_of(DATA, NOTIFICATIONS.filter(lambda value: value[:1] == b"\x01")), min_size=1, max_size=20))
def test_no_packet_hangs_or_breaks_our_app(packets: list[bytes]) -> None:
    """What another program writes to it is no message; the app runs on and shows what it is asked for."""

    async def main() -> None:
        wanted = await picture_of(HELLO)
        async with emulated() as (glasses, source):
            lives = source.device.counters.vm_starts
            for packet in packets:
                source.device.written(packet)
                await asyncio.sleep(0.005)
            async with asyncio.timeout(60):
                await glasses.show(HELLO)
            await asyncio.sleep(0.3)
            assert (lit(source) == wanted).all()
            assert source.device.counters.vm_starts == lives
            assert glasses.start.upload is not None  # still the first session

    run_virtual(main())
