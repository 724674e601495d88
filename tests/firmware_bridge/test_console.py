"""Statements for the prompt that are longer than one value of the link."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa import lua54

from firmware_bridge import Glasses
from firmware_bridge.console import _HELPER, _pieces, is_error
from firmware_bridge.emulator import EmulatorSource, parse_uri, run_virtual
from firmware_bridge.messages import BeginBitmap, Show, Strip
from firmware_bridge.session import Session
from firmware_bridge.wire import AudioPacket, PhotoPacket, SensorPacket

LUA = lua54.LuaRuntime(encoding="latin-1")


class Listener:
    """Hears nothing."""

    def on_state(self, state: object) -> None: ...

    def on_report(self, report: object) -> None: ...

    def on_audio(self, packet: AudioPacket) -> None: ...

    def on_photo(self, packet: PhotoPacket) -> None: ...

    def on_sensor(self, packet: SensorPacket) -> None: ...


@given(st.text("ab'\\\n\x02 1", max_size=80), st.integers(2, 12))
def test_pieces_are_the_text_again(text: str, room: int) -> None:
    pieces = list(_pieces(text.replace("\n", "n"), room))
    assert all(len(piece) <= room for piece in pieces)
    assert "".join(LUA.eval(f"'{piece}'") for piece in pieces) == text.replace("\n", "n")


def test_every_line_of_the_helper_fits_the_smallest_value() -> None:
    assert max(map(len, _HELPER)) <= 20


@pytest.mark.parametrize("mtu", [23, 24, 40, 100, 185, 206])
@pytest.mark.parametrize("slow", [0, 1])
def test_the_app_starts_whatever_the_largest_value_is(mtu: int, slow: int) -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri(f"emulator:frame?mtu={mtu}&slow={slow}"))
        async with Session(source, Listener()) as session:
            assert session.start.upload is not None
            assert session.start.upload.repeated == 0
            await session.send(Show(1))
        async with Session(source, Listener()) as session:
            assert session.start.was_running
        source.device.restart()
        async with Session(source, Listener()) as session:
            assert session.start.upload is None
            assert not session.start.was_running
            await session.send(Show(1))
        assert source.device.counters.repl_overwrites == 0
        await source.close()

    run_virtual(main())


def test_short_values_and_a_bad_link_at_once() -> None:
    async def main() -> None:
        faults = "drop:0.01,duplicate:0.01,delay:0.01"
        source = EmulatorSource(parse_uri(f"emulator:frame?mtu=60&seed=3&faults={faults}"))
        async with Session(source, Listener()) as session:
            await session.send(Show(1))
        await source.close()

    run_virtual(main())


def test_a_program_that_is_broken_off_leaves_no_memory_behind() -> None:
    """The firmware never lets go of a callback: what it holds on to must be small."""

    async def main() -> None:
        source = EmulatorSource(parse_uri("emulator:frame"))
        async with Session(source, Listener()) as session:
            free = session.greeting.heap_kib
        for _ in range(4):
            source.device.written(b"\x03")
            async with Session(source, Listener()) as session:
                assert not session.start.was_running
                assert session.greeting.heap_kib == free
        await source.close()

    run_virtual(main())


def test_what_cannot_be_drawn_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with Glasses(EmulatorSource(parse_uri("emulator:frame"))) as glasses:
            assert glasses.session is not None
            for _ in range(3):
                await glasses.session.send(BeginBitmap(1, 0, 0, 0, 1, 1), Strip(1, 1, b"\xff"), Show(1))
                await asyncio.sleep(0.2)

    with caplog.at_level(logging.WARNING):
        run_virtual(main())
    assert len(caplog.records) == 1
    assert "the glasses report an error (order 0x09)" in caplog.text
    assert "frame.lua:" in caplog.text
    assert "width must be between 1 and 640" in caplog.text


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("\x02e:ot enough memory", True),
        ("\x02e:oop: break signal", False),
        ("?:-1: attempt to call a nil value", True),
        ("?: attempt to call a nil value", True),
        ('[string "x"]:1: cannot open file: main.lua', False),
        ("hello", False),
    ],
)
def test_error_texts(text, error) -> None:
    assert is_error(text) is error
