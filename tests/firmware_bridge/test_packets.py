"""The values of a link in words, and its recording in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge import Glasses, LinkSource, MemoryTrace, PacketReader, Scene, Text
from firmware_bridge.emulator import EmulatorSource, parse_uri, run_virtual
from firmware_bridge.emulator.telemetry import DeviceObserver
from firmware_bridge.link_replay import ReplaySource
from firmware_bridge.messages import Hello, WriteText
from firmware_bridge.wire import closed


class Values(DeviceObserver):
    def __init__(self) -> None:
        self.values: list[tuple[bool, bytes]] = []

    def received(self, when_s: float, value: bytes) -> None:
        self.values.append((True, value))

    def sent(self, when_s: float, value: bytes) -> None:
        self.values.append((False, value))


async def used(source: LinkSource) -> int:
    """What the glasses say of their battery."""
    async with Glasses(source) as glasses:
        await glasses.show(Scene((Text(1, 20, 100, "Hello <b>"),)))
        level = await glasses.battery()
        await glasses.take_photo()
    return level


def a_session(uri: str = "emulator:frame") -> list[tuple[bool, bytes]]:
    """All values of a short one."""
    seen = Values()

    async def main() -> None:
        source = EmulatorSource(parse_uri(uri))
        source.device.observers.append(seen)
        await used(source)

    run_virtual(main())
    return seen.values


def test_a_session_is_told_in_the_words_of_its_messages() -> None:
    values = a_session()
    reader = PacketReader()
    told = [(out, reader.read(value, out=out)) for out, value in values]
    said = "\n".join(("> " if out else "< ") + packet.text for out, packet in told if packet.kind == "control")
    for words in ("> #", "Hello", "'Hello <b>'", "Battery", "BatteryLevel (percent 80", "TakePhoto"):
        assert words in said, (words, said)
    assert "cannot be understood" not in said
    assert "rest of" not in said
    assert any(packet.kind == "photo" for _, packet in told)
    assert any(packet.kind == "text" and out for out, packet in told)
    assert [packet.size for _, packet in told] == [len(value) for _, value in values]


@pytest.mark.parametrize("first", range(0, 40, 7))
def test_who_comes_in_the_middle_soon_understands(first: int) -> None:
    values = a_session()[first:]
    reader = PacketReader()
    said = [reader.read(value, out=out).text for out, value in values]
    assert "BatteryLevel" in "\n".join(said)


def test_what_is_repeated_or_damaged_is_said() -> None:
    reader = PacketReader()
    packet = b"\1" + closed(bytes((5, 0x40)) + Hello(7).encode())
    assert reader.read(packet, out=True).text.startswith("#5 ack 0 start over: Hello")
    assert reader.read(packet[:-1] + b"x", out=True).text == "damaged, or not of Sidelight"
    again = b"\1" + closed(bytes((6, 0)) + WriteText(1, 1, 15, 4, 0, b"x\x1b[2J").encode())
    assert "\x1b" not in reader.read(again, out=True).text
    assert reader.read(again, out=True).text == "#6 ack 0: once more"
    assert reader.read(b"\3", out=True).text == "break"
    assert reader.read(b"\3", out=False).kind == "text"


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=300)), max_size=20))
def test_anything_can_be_looked_at(values: list[tuple[bool, bytes]]) -> None:
    reader = PacketReader()
    for out, value in values:
        for one in (value, b"\1" + closed(value)):
            text = reader.read(one, out=out).text
            assert len(text) <= 300
            assert text.isprintable()


def test_what_was_recorded_in_memory_is_played_as_glasses(tmp_path: Path) -> None:
    """Its player is told the nonce, which only the values say."""
    values = a_session()
    trace = MemoryTrace("frame", "Frame 4F", media=True)
    trace.connected(0.0, 247)
    for n, (out, value) in enumerate(values):
        trace.value(n * 0.01, value, out=out)
    path = tmp_path / "trace.jsonl"
    path.write_bytes(trace.content())

    async def main() -> int:
        return await used(ReplaySource(path))

    assert run_virtual(main()) == 80


def test_a_connection_that_ends_is_lost_for_whoever_plays_it(tmp_path: Path) -> None:
    trace = MemoryTrace("frame", "Frame 4F", media=True)
    trace.connected(0.0, 247)
    trace.ended(1.0)
    (tmp_path / "trace.jsonl").write_bytes(trace.content())
    lost: list[str] = []

    async def main() -> None:
        await ReplaySource(tmp_path / "trace.jsonl").connect(lambda _: None, lambda error: lost.append(error.message))
        await asyncio.sleep(2)

    run_virtual(main())
    assert lost == ["the connection to the glasses broke (recorded)"]


def test_a_recording_has_an_end() -> None:
    trace = MemoryTrace("halo", "Halo 4F", media=False, max_bytes=500)
    trace.value(0.0, b"before it is connected", out=False)
    trace.ended(0.0)
    trace.connected(0.0, 247)
    for n in range(100):
        trace.value(float(n), b"\1\x40\0\0\0\0" + b"voice", out=False)
    assert trace.full
    content = trace.content()
    assert content.count(b"\n") < 12
    assert content.endswith(b'"d":"full"}\n')
    assert b"voice".hex().encode() not in content
