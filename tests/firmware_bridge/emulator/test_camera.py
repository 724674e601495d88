"""The emulated camera: captures, how they are read, what is in them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from camera_parts import CARD, capture, decoded, make, photo, read_all, settle
from hypothesis import example, given, settings
from hypothesis import strategies as st
from parts_board import call, error_of
from PIL import Image

from firmware_bridge.emulator.pictures import on_sensor


@pytest.mark.reference("2.5 capture argument", "2.5 resolution", "2.5 pan", "2.5 quality")
def test_capture_errors() -> None:
    """2.5: texts of capture."""
    _, _, api = make()
    for wrong in (98, 101, 721, 722, -2):
        assert error_of(api, "capture", {b"resolution": wrong}) == (
            "resolution value must be a multiple of 2 between 100 and 720"
        )
    for wrong in (-141, 141):
        assert error_of(api, "capture", {b"pan": wrong}) == "pan value must be value between -140 and 140"
    for wrong in (b"BEST", b"high", b"", 50):
        assert error_of(api, "capture", {b"quality": wrong}) == (
            "quality must be either VERY_HIGH, HIGH, MEDIUM, LOW or VERY_LOW"
        )
    assert error_of(api, "capture") == "attempt to index a nil value"
    assert error_of(api, "capture", 5) == "attempt to index a number value"
    for field in ("resolution", "pan"):
        assert error_of(api, "capture", {field.encode(): b"x"}) == (
            "bad argument #-1 to 'capture' (number expected, got string)"
        )
    assert error_of(api, "capture", {b"quality": {}}) == "bad argument #-1 to 'capture' (string expected, got table)"
    in_turn = {b"resolution": 99, b"pan": 200, b"quality": b"x"}
    for field in ("resolution", "pan", "quality"):
        assert field in error_of(api, "capture", in_turn)
        del in_turn[field.encode()]


@pytest.mark.reference("2.5 read", "2.5 read boundaries")
def test_header_scan_and_footer_come_in_separate_reads() -> None:
    """2.5: 623-byte header, then scan data, then FF D9, then nil; a call never crosses a boundary."""
    board, _, api = make(CARD)
    capture(board, api)
    assert call(api, "image_ready") is True
    reads = read_all(api, 240)
    assert [len(data) for data in reads[:4]] == [240, 240, 143, 240]
    assert reads[-1] == b"\xff\xd9"
    assert all(len(data) == 240 for data in reads[3:-2])
    data = b"".join(reads)
    assert data[:2] == b"\xff\xd8"
    assert decoded(data).size == (512, 512)
    assert call(api, "read", 240) is None


@pytest.mark.parametrize("size", [1, 2, 623, 100_000])
@pytest.mark.reference("2.5 read boundaries")
def test_any_read_size_gives_the_same_photo(size: int) -> None:
    """2.5: also the footer as two reads of one byte."""
    board, _, api = make(CARD)
    capture(board, api, resolution=100)
    assert call(api, "image_ready") is True
    reads = read_all(api, size)
    assert [len(data) for data in reads[-2:]] == ([1, 1] if size == 1 else [len(reads[-2]), 2])
    assert decoded(b"".join(reads)).size == (100, 100)


@pytest.mark.reference("2.5 read")
def test_read_errors() -> None:
    """2.5."""
    _, _, api = make()
    for name in ("read", "read_raw"):
        for wrong in (0, -5):
            assert error_of(api, name, wrong) == "bytes must be greater than 0"
        assert error_of(api, name, 10**6) == "bytes requested is too large"


def test_reading_before_the_first_capture() -> None:
    """2.5 read: the order is the same: header, footer, nil; the header has no size."""
    _, _, api = make()
    header, footer = call(api, "read", 1000), call(api, "read", 1000)
    assert (len(header), footer, call(api, "read", 1000)) == (623, b"\xff\xd9", None)
    assert header[163:167] == bytes(4)
    _, _, api = make()
    assert call(api, "read_raw", 1) == b"\xff"


@pytest.mark.reference("2.5 header")
def test_the_header_is_the_cameras_own() -> None:
    """2.5: JFIF 1.2, density 100 x 100, baseline 8 bit, 4:2:0, width = height = resolution, 4 DHT."""
    board, _, api = make(CARD)
    data = photo(board, api, resolution=300)
    assert data[:20] == bytes.fromhex("ffd8ffe000104a46494600010200006400640000")
    tables = [data[at + 4] for at in range(len(data)) if data[at : at + 2] == b"\xff\xc4"]
    assert tables == [0x00, 0x01, 0x10, 0x11]
    markers, at = [], 2
    while data[at + 1] != 0xDA:
        markers.append(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    assert markers == [0xE0, 0xDB, 0xDB, 0xC0, 0xC4, 0xC4, 0xC4, 0xC4]
    assert at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") == 623
    image = decoded(data)
    assert image.size == (300, 300)
    assert [(part[1], part[2]) for part in image.layer] == [(2, 2), (1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("quality", "factors"),
    [
        (b"VERY_HIGH", (60, 50, 40)),
        (b"HIGH", (50, 40, 35)),
        (b"MEDIUM", (40, 35, 30)),
        (b"LOW", (35, 30, 25)),
        (b"VERY_LOW", (30, 25, 20)),
        (None, (50, 50, 50)),
    ],
)
@pytest.mark.reference("2.5 quality levels")
def test_quality_depends_on_the_resolution(quality: bytes | None, factors: tuple[int, int, int]) -> None:
    """2.5: encoder levels up to 256, up to 512, larger; level to JPEG quality; absent is level 6."""
    board, _, api = make(CARD)
    for resolution, factor in zip((256, 512, 514), factors, strict=True):
        data = photo(board, api, resolution=resolution, **({"quality": quality} if quality else {}))
        expected = io.BytesIO()
        Image.new("RGB", (16, 16)).save(expected, "JPEG", quality=factor)
        assert decoded(data).quantization == decoded(expected.getvalue()).quantization


@pytest.mark.reference("2.5 orientation")
def test_the_photo_comes_sideways() -> None:
    """2.5: upright is a quarter turn counter-clockwise of what arrives."""
    upright = np.zeros((720, 720, 3), np.uint8)
    upright[:200] = 255  # bright at the top
    board, _, api = make(upright)
    settle(board, api)
    arrived = decoded(photo(board, api, resolution=720))
    found = np.asarray(arrived.transpose(Image.Transpose.ROTATE_90).convert("L"))
    assert found[:190].mean() > 200
    assert found[210:].mean() < 10
    assert np.asarray(arrived.convert("L"))[:, 530:].mean() > 200


@pytest.mark.reference("2.5 resolution")
def test_a_smaller_resolution_is_a_narrower_view() -> None:
    """2.5: square centre crop, not scaled."""
    board, _, api = make(CARD)
    settle(board, api)
    whole = np.asarray(decoded(photo(board, api, resolution=720, quality=b"VERY_HIGH"))).astype(int)
    part = np.asarray(decoded(photo(board, api, resolution=200, quality=b"VERY_HIGH"))).astype(int)
    assert np.abs(whole[260:460, 260:460] - part).mean() < 3


@pytest.mark.reference("2.5 pan")
def test_pan_moves_along_the_upright_axis() -> None:
    """2.5: -140 to 140; the crop starts at 2 * pan + 280 of the sensor's 1280 columns."""
    tall = np.zeros((1280, 720, 3), np.uint8)
    tall[:, :, 0] = (np.arange(1280) // 6)[:, np.newaxis]
    board, _, api = make(tall)
    settle(board, api)
    tops = []
    for pan in (-140, 0, 140):
        upright = decoded(photo(board, api, resolution=720, pan=pan)).transpose(Image.Transpose.ROTATE_90)
        tops.append(int(np.asarray(upright)[4, 300, 0]))
    assert tops == [pytest.approx(expected, abs=5) for expected in (560 // 6, 280 // 6, 0)]


@settings(max_examples=40, deadline=None)
@given(height=st.integers(1, 3000), width=st.integers(1, 3000))
@example(height=175, width=175)
def test_any_picture_fills_the_sensors_lines(height: int, width: int) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[(height - 1) // 2 : height // 2 + 1, (width - 1) // 2 : width // 2 + 1] = 255
    field = on_sensor(picture)
    assert field.shape == (720, 1280, 3)
    # The middle stays the middle; where the scale is near 1 a filter spreads one bright pixel over four.
    assert field[359:361, 639:641].max() > (0 if min(height, width) > 720 else 60)


def test_a_picture_of_the_sensors_lines_is_not_scaled() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (720, 1280, 3)).astype(np.uint8)
    assert np.array_equal(np.rot90(on_sensor(picture))[280:1000], picture[:, 280:1000])


@pytest.mark.reference("2.5 image_ready", "2.5 latency")
def test_image_ready() -> None:
    """2.5: false immediately after capture, true after 50 ms; asked for before it can be read."""
    for strict in (False, True):
        board, _, api = make(CARD, strict=strict)
        assert call(api, "image_ready") is False
        call(api, "capture", {})
        assert call(api, "image_ready") is False
        board.wait(0.055 if strict else 0.050)
        assert call(api, "image_ready") is True


@pytest.mark.reference("2.5 image_ready")
def test_without_image_ready_there_is_no_scan() -> None:
    """2.5: image_ready must be called and return true to latch the byte count."""
    board, _, api = make(CARD)
    capture(board, api)
    reads = read_all(api, 1000)
    assert [len(data) for data in reads] == [623, 2]


@pytest.mark.reference("2.5 re-latch", "5 time, heading, capture")
def test_asking_again_in_the_middle_corrupts_the_photo() -> None:
    """2.5 and 5, Frame 11: calling image_ready again re-latches the total."""
    board, _, api = make(CARD)
    capture(board, api)
    call(api, "image_ready")
    good = b"".join(read_all(api, 1000))
    capture(board, api)
    call(api, "image_ready")
    reads = [call(api, "read", 1000) for _ in range(4)]  # header and 3000 bytes
    call(api, "image_ready")
    bad = b"".join(reads + read_all(api, 1000))
    assert len(bad) == len(good) + 3000
    assert bad[: len(good) - 2] == good[:-2]


@pytest.mark.reference("2.5 read_raw")
def test_read_raw_has_no_header() -> None:
    """2.5: data, footer, nil."""
    board, _, api = make(CARD)
    whole = photo(board, api, resolution=100)
    capture(board, api, resolution=100)
    call(api, "image_ready")
    assert b"".join(read_all(api, 100, "read_raw")) == whole[623:]


@pytest.mark.reference("2.5 one capture")
def test_a_second_capture_replaces_the_first() -> None:
    """2.5: one capture at a time in camera RAM."""
    board, camera, api = make(CARD, 255 - CARD)
    capture(board, api, resolution=100)
    call(api, "image_ready")
    read_all(api, 300)[:3]
    second = photo(board, api, resolution=100)
    assert decoded(second).size == (100, 100)
    assert camera.captures == 2


def test_pictures_come_in_order_and_again() -> None:
    reds = [np.full((100, 100, 3), (level, 120, 120), np.uint8) for level in (20, 120, 220)]
    board, _, api = make(*reds)
    for _ in range(30):
        call(api, "auto", {b"metering": b"AVERAGE"})
    found = [int(np.asarray(decoded(photo(board, api, resolution=100)))[:, :, 0].mean()) for _ in range(4)]
    assert found[0] < found[1] < found[2]
    assert found[3] == found[0]


@pytest.mark.reference("2.5 sleep", "2.5 power_save")
def test_sleep() -> None:
    """2.5: asleep: most calls raise, auto returns nothing, reads still work."""
    board, _, api = make(CARD)
    capture(board, api, resolution=100)
    call(api, "image_ready")
    call(api, "power_save", True)
    for name, arguments in (
        ("capture", ({},)),
        ("image_ready", ()),
        ("set_shutter", (100,)),
        ("set_gain", (1,)),
        ("set_white_balance", (1, 1, 1)),
        ("read_register", (1,)),
        ("write_register", (1, 1)),
    ):
        assert error_of(api, name, *arguments) == "camera is asleep"
    assert call(api, "auto", {}) is None
    assert len(read_all(api, 1000)) == 3
    call(api, "power_save", False)
    call(api, "capture", {})
    board.wait(0.09)
    assert call(api, "image_ready") is False  # after waking allow 0.1 s
    board.wait(0.1)
    assert call(api, "image_ready") is True
    for wrong in (None, 1, b"true"):
        assert error_of(api, "power_save", wrong) == "value must be true or false"


@pytest.mark.reference("4 photo size")
def test_too_much_detail_is_compressed_more_and_said(caplog: pytest.LogCaptureFixture) -> None:
    """2.5: at most 65535 bytes of scan data."""
    noise = np.random.default_rng(1).integers(0, 256, (720, 720, 3)).astype(np.uint8)
    board, camera, api = make(noise)
    settle(board, api)
    data = photo(board, api, resolution=720, quality=b"VERY_HIGH")
    assert len(data) - 625 <= 65_535
    assert decoded(data).size == (720, 720)
    assert camera.reduced == 1
    assert "too much detail" in caplog.text


def test_reading_costs_spi_time() -> None:
    """2.3 and 2.5: 2 us a byte and 9 bytes a call; the header comes out of the processor's own memory."""
    board, _, api = make(CARD)
    capture(board, api)
    call(api, "image_ready")
    before = board.now()
    call(api, "read", 623)
    assert board.now() == before
    call(api, "read", 1000)
    assert board.now() - before == pytest.approx(1009 * 2e-6)


def test_without_a_picture_a_test_card() -> None:
    board, _, api = make()
    settle(board, api)
    upright = decoded(photo(board, api, resolution=720)).transpose(Image.Transpose.ROTATE_90)
    pixels = np.asarray(upright.convert("L")).astype(int)
    assert pixels[80:100, 355:365].mean() < 60  # the arrow at the top
    assert pixels[690:700, 355:365].mean() > 180
