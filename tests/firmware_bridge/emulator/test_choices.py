"""Where the reference is not sure: what the device does, and what it does at worst. Each part's tests have the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from frame_desk import Desk, on_desk
from parts_board import PartsBoard, call

from firmware_bridge.emulator.camera import Camera
from firmware_bridge.emulator.choices import NOMINAL, STRICT
from firmware_bridge.emulator.imu import Imu
from firmware_bridge.emulator.jpeg import SCAN_MAX_BYTES
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.pictures import Pictures

NOISE = np.random.default_rng(1).integers(0, 256, (720, 720, 3), np.uint8)
STRICTLY = pytest.mark.parametrize("strict", [False, True])


def camera_of(picture: np.ndarray, *, strict: bool) -> tuple[PartsBoard, Any]:
    board = PartsBoard(strict=strict)
    return board, Camera(board, Pictures([lambda: picture])).api()


def test_strict_in_the_address_makes_all_of_them() -> None:
    assert parse_uri("emulator:frame").choices is NOMINAL
    assert parse_uri("emulator:frame?strict=0").choices is NOMINAL
    assert parse_uri("emulator:frame?strict=1").choices is STRICT


@pytest.mark.reference("4 throughput")
def test_fewer_packets_in_an_event_unless_the_address_says_how_many() -> None:
    assert parse_uri("emulator:frame").radio.packets == 4
    assert parse_uri("emulator:frame?strict=1").radio.packets == 3
    assert parse_uri("emulator:frame?packets=6&strict=1").radio.packets == 6


@pytest.mark.reference("1.6 long text")
def test_a_long_text_is_lost_or_cut() -> None:
    async def lost(desk: Desk) -> None:
        assert await desk.lua("print(('x'):rep(245))") == []
        assert await desk.lua("error(('x'):rep(300), 0)") == []

    async def cut(desk: Desk) -> None:
        assert await desk.lua("print(('x'):rep(245))") == [b"x" * 244]
        assert await desk.lua("error(('x'):rep(300), 0)") == [b"x" * 244]

    on_desk(lost)
    on_desk(cut, "emulator:frame?strict=1")


def test_the_link_decides_what_is_long_not_the_mtu_of_the_link_before() -> None:
    async def main(desk: Desk) -> None:
        desk.frame.disconnected()
        desk.frame.link_up(desk)
        desk.frame.subscribed(True)
        assert await desk.lua("print(('x'):rep(20))") == [b"x" * 20]
        assert await desk.lua("print(('x'):rep(21))") == []
        assert await desk.one("print(frame.bluetooth.max_length())") == "243"

    on_desk(main)


@STRICTLY
@pytest.mark.reference("2.5 latency")
def test_a_capture_may_have_to_wait_for_the_next_frame(*, strict: bool) -> None:
    board, api = camera_of(NOISE, strict=strict)
    call(api, "capture", {b"resolution": 100})
    start = board.now()
    while not call(api, "image_ready"):
        board.wait(0.0005)
    assert board.now() - start == pytest.approx(0.0495 if strict else 0.038, abs=0.0005)


@STRICTLY
@pytest.mark.reference("2.5 sleep", "2.5 settling")
def test_the_camera_may_forget_its_exposure_while_asleep(*, strict: bool) -> None:
    _, api = camera_of(np.full((720, 720, 3), 128, np.uint8), strict=strict)
    for _ in range(20):
        settled = call(api, "auto")["shutter"]
    call(api, "power_save", True)
    call(api, "power_save", False)
    assert (call(api, "auto")["shutter"] == pytest.approx(settled, rel=0.1)) is not strict


@STRICTLY
@pytest.mark.reference("2.5 image_ready", "4 photo size")
def test_too_much_detail_is_compressed_or_cut(*, strict: bool) -> None:
    board, api = camera_of(NOISE, strict=strict)
    call(api, "capture", {b"resolution": 720, b"quality": b"VERY_HIGH"})
    board.wait(1)
    assert call(api, "image_ready") is True
    scan = 0
    while (data := call(api, "read_raw", 4096)) is not None:
        scan += len(data)
    assert (scan == SCAN_MAX_BYTES + 2) is strict


@STRICTLY
@pytest.mark.reference("2.9 raw")
def test_the_scale_of_the_motion_sensor_is_not_known(*, strict: bool) -> None:
    raw = call(Imu(PartsBoard(strict=strict), None).api(), "raw")
    assert raw["accelerometer"]["z"] == pytest.approx(1024 if strict else 4096, abs=40)
    strength = sum(value**2 for value in raw["compass"].values()) ** 0.5
    assert (strength < 150) is strict
    assert all(value.is_integer() for value in raw["compass"].values())
