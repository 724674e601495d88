"""The script of the wearer's taps."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

import pytest
from frame_desk import Desk, on_desk

from firmware_bridge.emulator.taps import read_taps
from firmware_bridge.errors import InputError


def script(folder: Path, text: str | bytes) -> Path:
    path = folder / "my täps.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_kinds_and_comments(tmp_path: Path) -> None:
    taps = read_taps(script(tmp_path, "\ufeff# all\n2.5\n\n8 double # two\n1\tsingle\n12.25 triple\r\n"))
    assert taps == (1.0, 2.5, 8.0, 8.25, 12.25, 12.5, 12.75)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 twice", "line 1 is not understood"),
        ("1\nsoon", "line 2 is not understood"),
        ("-1", "line 1 is not understood"),
        ("nan", "line 1 is not understood"),
        ("inf", "line 1 is not understood"),
        ("1 single 2", "line 1 is not understood"),
        ("# nothing", "is empty"),
        ("", "is empty"),
        (b"\xff\xfe\x00", "is not text"),
        ("1\n" * 600_000, "is too long"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_taps(script(tmp_path, text))
    assert caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no-such\.txt' cannot be read: No such file or directory"):
        read_taps(tmp_path / "no-such.txt")


def test_taps_come_at_their_times(tmp_path: Path) -> None:
    path = script(tmp_path, "1\n2 double\n")

    async def main(desk: Desk) -> None:
        await desk.lua("frame.imu.tap_callback(function() frame.bluetooth.send('tap') end)")
        await asyncio.sleep(3)
        assert [round(when, 2) for when, _ in desk.heard] == [1.0, 2.0, 2.25]

    on_desk(main, f"emulator:frame?taps={quote(str(path))}")
