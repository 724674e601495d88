"""Recording a link."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted_link import Device, User, lines, record, run_virtual_record, sound

from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.errors import InputError
from firmware_bridge.link import Link
from firmware_bridge.link_replay import ReplaySource
from firmware_bridge.link_trace import TraceSource


def test_what_stands_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    def script(device: Device) -> None:
        device.on_value(b"early")
        device.at(0.5, sound(0))
        device.end_at(0.6)
        device.at(0.7, b"text")

    async def use(_user: User, link: Link) -> None:
        await link.write(b"\x03", response=True)
        await asyncio.sleep(1)

    async def main() -> None:
        device = Device(script)
        user = await record(path, device, use)
        assert user.values == [b"early", sound(0), b"text"]
        assert device.written == [b"\x03"]
        assert device.closed

    run_virtual(main())
    header, *rest = lines(path)
    assert header["sidelight_trace"] == 1
    assert header["media"] is False
    assert [(line["d"], line["t"], line.get("b")) for line in rest] == [
        ("connect", 0.25, None),
        ("in", 0.25, b"early".hex()),
        ("out", 0.25, "03"),
        ("in", 0.75, sound(0)[:6].hex()),
        ("ended", 0.85, None),
        ("in", 0.95, b"text".hex()),
        ("disconnect", 1.25, None),
    ]
    assert rest[0]["nonce"] == 0xDEADBEEF
    assert "C6:11:22:33:44:4F" not in path.read_text(), "the address names the wearer for good"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_voice_is_kept_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def use(_user: User, _link: Link) -> None:
        await asyncio.sleep(1)

    run_virtual_record(path, use, lambda device: device.at(0.5, sound(3)), include_media=True)
    assert lines(path)[2]["b"] == sound(3).hex()


def test_every_line_is_in_the_file_at_once(tmp_path: Path) -> None:
    """A program killed at any moment leaves all that had happened."""
    path = tmp_path / "trace.jsonl"

    async def use(_user: User, link: Link) -> None:
        for n in range(5):
            await link.write(bytes([n + 1]))
            assert lines(path)[-1]["b"] == f"{n + 1:02x}"

    run_virtual_record(path, use, None)


def test_another_recording_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text("precious")
    with pytest.raises(InputError) as caught:
        TraceSource(device_without_loop(), path)
    assert caught.value.message == f"{path} exists already"
    assert path.read_text() == "precious"


def device_without_loop() -> Device:
    return run_virtual(_make(Device))


async def _make(kind: Callable[[], Any]) -> Any:
    return kind()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        TraceSource(device_without_loop(), tmp_path / "no" / "trace.jsonl")
    assert caught.value.message.endswith("cannot be written: No such file or directory")


def test_recording_stops_at_its_limit_and_the_link_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "trace.jsonl"

    async def main() -> None:
        device = Device()

        async def use(_user: User, link: Link) -> None:
            for n in range(100):
                await link.write(bytes([n + 1]))

        await record(path, device, use, max_bytes=1000)
        assert len(device.written) == 100

    run_virtual(main())
    assert path.stat().st_size < 1050
    assert lines(path)[-1]["d"] == "full"
    assert caplog.text.count("reached its limit") == 1
    assert isinstance(ReplaySource(path), ReplaySource)


def test_a_full_disk_ends_the_recording_and_not_the_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        device = Device()

        async def use(_user: User, link: Link) -> None:
            await link.write(b"a")
            monkeypatch.setattr(os, "write", full)
            await link.write(b"b")
            monkeypatch.undo()
            await link.write(b"c")

        await record(tmp_path / "trace.jsonl", device, use)
        assert device.written == [b"a", b"b", b"c"]

    def full(_fd: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    run_virtual(main())
    assert "recording stops: No space left on device" in caplog.text


def test_the_recorded_source_is_passed_through(tmp_path: Path) -> None:
    async def main() -> None:
        device = Device()
        source = TraceSource(device, tmp_path / "trace.jsonl")
        assert source.input_ended is device.ended
        source.pause_input(paused=True)
        assert device.paused == [True]

    run_virtual(main())
