"""The emulated camera's exposure, by hand and by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from camera_parts import CARD, decoded, make, photo, settle
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import call, error_of
from PIL import Image

from firmware_bridge.emulator.exposure import SETTLED_LIGHT


@pytest.mark.reference("2.5 manual settings", "2.5 registers")
def test_ranges_of_the_manual_settings() -> None:
    """2.5: texts of set_shutter, set_gain, set_white_balance."""
    _, _, api = make()
    for wrong in (3, 16384):
        assert error_of(api, "set_shutter", wrong) == "shutter must be between 4 and 16383"
    for wrong in (0, 249):
        assert error_of(api, "set_gain", wrong) == "gain must be between 1 and 248"
    for n in range(3):
        gains = [0, 0, 0]
        gains[n] = 1024
        assert error_of(api, "set_white_balance", *gains) == "gains must be between 0 and 1023"
    call(api, "set_shutter", 4)
    call(api, "set_gain", 248)
    call(api, "set_white_balance", 0, 1023, 64)
    call(api, "write_register", 0x3012, 0xFF)
    assert call(api, "read_register", 0x3012) == 0xFF
    for wrong in (-1, 0x10000):
        assert error_of(api, "read_register", wrong) == "address must be a 16 bit unsigned number"
        assert error_of(api, "write_register", wrong, 0) == "address must be a 16 bit unsigned number"
    for wrong in (-1, 256):
        assert error_of(api, "write_register", 0, wrong) == "value must be an 8 bit unsigned number"


@pytest.mark.reference("2.5 frame time")
def test_a_long_shutter_stretches_the_frame() -> None:
    """2.5: frame time stretches when shutter > 810 lines."""
    times = []
    for shutter in (100, 810, 1620, 16_200):
        board, _, api = make(CARD)
        call(api, "set_shutter", shutter)
        call(api, "capture", {b"resolution": 100})
        start = board.now()
        while not call(api, "image_ready"):
            board.wait(0.001)
        times.append(board.now() - start)
    assert times[0] == pytest.approx(times[1], abs=0.002)
    assert times[2] - times[1] == pytest.approx(810 * 20.6e-6, abs=0.003)
    assert times[3] > 0.3


@pytest.mark.parametrize(
    ("name", "wrong", "text"),
    [
        ("metering", b"MATRIX", "metering must be SPOT, CENTER_WEIGHTED or AVERAGE"),
        ("exposure", 1.1, "exposure must be between 0 and 1"),
        ("exposure_speed", -0.1, "exposure_speed must be between 0 and 1"),
        ("shutter_limit", 3, "shutter_limit must be between 4 and 16383"),
        ("analog_gain_limit", 249, "analog_gain_limit must be between 1 and 248"),
        ("white_balance_speed", 2, "white_balance_speed must be between 0 and 1"),
        ("rgb_gain_limit", 1024, "rgb_gain_limit must be between 0 and 1023"),
    ],
)
@pytest.mark.reference("2.5 auto arguments")
def test_auto_errors(name: str, wrong: Any, text: str) -> None:
    """2.5: "<name> must be between A and B"."""
    _, _, api = make(CARD)
    assert error_of(api, "auto", {name.encode(): wrong}) == text


@pytest.mark.reference("2.5 auto result", "2.5 auto arguments", "2.5 auto state")
def test_auto_returns_its_table_and_ignores_what_is_no_table() -> None:
    """2.5: returns brightness, error, shutter, gains; initial state; a non-table argument is ignored."""
    _, camera, api = make(np.full((720, 720, 3), 128, np.uint8))
    found = call(api, "auto", 5)
    level = 0.1 * 1600 / SETTLED_LIGHT
    assert set(found) == {"brightness", "error", "shutter", "analog_gain", "red_gain", "green_gain", "blue_gain"}
    assert set(found["brightness"]) == {"spot", "matrix", "center_weighted_average", "scene"}
    assert set(found["brightness"]["spot"]) == {"r", "g", "b", "average"}
    assert found["brightness"]["center_weighted_average"] == pytest.approx(level, abs=0.003)
    measured = found["brightness"]["matrix"]["average"]
    assert found["shutter"] == pytest.approx(1600 * (0.45 * (0.1 / measured - 1) + 1))
    assert found["error"] == pytest.approx(1)  # the shutter has taken all of it
    assert found["brightness"]["scene"] == pytest.approx(4166400 * measured / found["shutter"])
    assert found["analog_gain"] == 1
    assert (found["red_gain"], found["green_gain"], found["blue_gain"]) == pytest.approx((121.6, 64, 140.8))
    camera.reset()
    assert call(api, "auto")["shutter"] > found["shutter"]  # static: outlives a restart of the VM


@pytest.mark.reference("2.5 auto model", "2.5 settling")
def test_auto_settles_on_the_picture_as_given() -> None:
    board, _, api = make(CARD)
    dark = np.asarray(decoded(photo(board, api, resolution=720))).astype(int)
    found = settle(board, api)
    assert found["shutter"] * found["analog_gain"] == pytest.approx(SETTLED_LIGHT, rel=0.03)
    settled = np.asarray(decoded(photo(board, api, resolution=720)).transpose(Image.Transpose.ROTATE_90)).astype(int)
    assert dark.mean() < 0.85 * settled.mean()
    assert np.abs(settled - CARD).mean() < 4


@settings(max_examples=30, deadline=None)
@given(
    exposure=st.floats(0.0, 1.0),
    speed=st.floats(0, 1),
    shutter_limit=st.integers(4, 16383),
    gain_limit=st.integers(1, 248),
    metering=st.sampled_from([b"SPOT", b"CENTER_WEIGHTED", b"AVERAGE"]),
    level=st.integers(0, 255),
)
@pytest.mark.reference("2.5 auto model")
def test_auto_stays_within_its_limits(
    exposure: float, speed: float, shutter_limit: int, gain_limit: int, metering: bytes, level: int
) -> None:
    """2.5: caps of shutter and gain, floors of 4 and 1."""
    _, _, api = make(np.full((100, 100, 3), level, np.uint8))
    for _ in range(6):
        found = call(
            api,
            "auto",
            {
                b"exposure": exposure,
                b"exposure_speed": speed,
                b"shutter_limit": shutter_limit,
                b"analog_gain_limit": gain_limit,
                b"metering": metering,
            },
        )
        if found["error"] > 1:
            assert found["shutter"] <= shutter_limit
            assert found["analog_gain"] <= gain_limit
        assert found["shutter"] >= 4
        assert found["analog_gain"] >= 1
        assert all(0 <= found[name] <= 1023 for name in ("red_gain", "green_gain", "blue_gain"))
