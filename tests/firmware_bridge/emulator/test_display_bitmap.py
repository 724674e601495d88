"""The emulated display's bitmaps."""

from __future__ import annotations

import numpy as np
import pytest
from display_parts import bitmap, make, shown
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import error_of


@pytest.mark.reference("2.3 bitmap checks")
def test_bitmap_errors_in_order() -> None:
    """2.3: argument 6 is type-checked first, then x, y, width, format, offset."""
    _, display = make()
    api = display.api()
    wrong = [0, 0, 0, 3, 16]
    texts = [
        "x_position must be between 1 and 640 pixels",
        "y_position must be between 1 and 400 pixels",
        "width must be between 1 and 640 pixels",
        "total_colors must be either 2, 4 or 16",
        "palette_offset must be between 0 and 15",
    ]
    assert error_of(api, "bitmap", *wrong) == "bad argument #6 to 'bitmap' (string expected, got no value)"
    for n, expected in enumerate(texts):
        arguments = [1, 1, 8, 2, 0][:n] + wrong[n:]
        assert error_of(api, "bitmap", *arguments, b"x") == expected
    for too_much in ((641, 1, 8), (1, 401, 8), (1, 1, 641)):
        assert "must be between 1 and" in error_of(api, "bitmap", *too_much, 2, 0, b"x")


@pytest.mark.reference("2.3 bitmap packing")
def test_bitmap_rows_are_not_byte_aligned() -> None:
    """2.3: most significant bits first, pixels run on from row to row; trailing bits are drawn too."""
    board, display = make()
    bitmap(display, 1, 1, 3, 2, 0, bytes([0b101_011_10]))
    assert shown(board, display)[:4, :4].tolist() == [[1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize(("colours", "pixels"), [(4, [0, 1, 2, 3]), (16, [0, 15, 7, 1])])
@pytest.mark.reference("2.3 bitmap index")
def test_bitmap_offset_leaves_zero_alone_and_wraps(colours: int, pixels: list[int]) -> None:
    """2.3: index 0 stays 0; else (value + offset) modulo 16."""
    board, display = make()
    bits = {4: 2, 16: 4}[colours]
    number = 0
    for pixel in pixels:
        number = number << bits | pixel
    bitmap(display, 1, 1, 4, colours, 14, number.to_bytes(4 * bits // 8))
    expected = [0 if pixel == 0 else (pixel + 14) % 16 for pixel in pixels]
    assert shown(board, display)[0, :4].tolist() == expected


@pytest.mark.reference("2.3 bitmap zero")
def test_bitmap_zero_pixels_erase() -> None:
    """2.3: zero pixels are written, not transparent."""
    board, display = make()
    bitmap(display, 1, 1, 8, 2, 0, b"\xff")
    bitmap(display, 3, 1, 8, 2, 0, b"\x00")
    assert shown(board, display)[0, :8].tolist() == [1, 1, 0, 0, 0, 0, 0, 0]


@pytest.mark.reference("2.3 bitmap address")
def test_bitmap_runs_on_past_the_right_edge_and_the_bottom() -> None:
    """2.3: address x + y * 640: past x = 639 on the next line; past row 399 into memory not shown, then to the top."""
    board, display = make()
    bitmap(display, 637, 2, 8, 2, 0, b"\xff")
    picture = shown(board, display)
    assert np.argwhere(picture).tolist() == [[1, 636], [1, 637], [1, 638], [1, 639], *([2, n] for n in range(4))]
    bitmap(display, 1, 400, 640, 2, 0, b"\xff" * 80 * 12)  # rows 399 to 410; 262144 = 409 * 640 + 384
    picture = shown(board, display)
    assert np.flatnonzero(picture.any(axis=1)).tolist() == [0, 1, 399]
    assert np.flatnonzero(picture[0]).tolist() == list(range(640))
    assert np.flatnonzero(picture[1]).tolist() == list(range(256))


@settings(max_examples=60, deadline=None)
@given(
    x=st.integers(1, 640),
    y=st.integers(1, 400),
    width=st.integers(1, 640),
    colours=st.sampled_from([2, 4, 16]),
    offset=st.integers(0, 15),
    data=st.binary(max_size=400),
)
@pytest.mark.reference("2.3 coordinates", "2.3 bitmap packing", "2.3 bitmap address")
def test_bitmap_pixel_by_pixel(x: int, y: int, width: int, colours: int, offset: int, data: bytes) -> None:
    """2.3: the whole rule: packing, offset, rows, 10-bit coordinates, 18-bit addresses."""
    board, display = make()
    bitmap(display, x, y, width, colours, offset, data)
    bits = {2: 1, 4: 2, 16: 4}[colours]
    memory = [0] * (1 << 18)
    number = 0
    for byte in data:
        for shift in range(8 - bits, -1, -bits):
            value = byte >> shift & ((1 << bits) - 1)
            column, row = (x - 1 + number % width) % 1024, (y - 1 + number // width) % 1024
            memory[(column + row * 640) % (1 << 18)] = (value + offset) % 16 if value else 0
            number += 1
    assert shown(board, display).ravel().tolist() == memory[: 640 * 400]
