from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import PartsBoard, call, error_of

from firmware_bridge import glyph_cells
from firmware_bridge.emulator import font
from firmware_bridge.emulator.display import CLEAR_S, SCAN_S, Display, _code_points
from firmware_bridge.emulator.palette import COLOURS, DEFAULT_PALETTE, from_rgb, to_rgb

RGB = to_rgb(list(DEFAULT_PALETTE))
WEIGHTS = np.array([1 << 16, 1 << 8, 1], np.int64)


def make(*, strict: bool = False) -> tuple[PartsBoard, Display]:
    board = PartsBoard(strict=strict)
    return board, Display(board)


def text(display: Display, text: bytes, x: int, y: int, **options: Any) -> None:
    table = {key.encode(): value for key, value in options.items()}
    call(display.api(), "text", text, x, y, *([table] if options else []))


def bitmap(display: Display, *arguments: Any) -> None:
    call(display.api(), "bitmap", *arguments)


def shown(board: PartsBoard, display: Display) -> np.ndarray:
    """Show what is drawn, wait until it is lit, and give back the palette index of each pixel."""
    call(display.api(), "show")
    board.wait(0.1)
    return indices(display)


def indices(display: Display) -> np.ndarray:
    order = np.argsort(RGB @ WEIGHTS)
    found: np.ndarray = order[np.searchsorted((RGB @ WEIGHTS)[order], display.picture() @ WEIGHTS)]
    return found


def status(display: Display) -> int:
    return call(display.system_api(), "fpga_read", 0x18, 1)[0]


@pytest.mark.reference("2.3 buffers")
def test_drawing_is_hidden_until_shown() -> None:
    """2.3: all drawing goes to the hidden buffer."""
    board, display = make()
    bitmap(display, 1, 1, 8, 2, 0, b"\xff")
    board.wait(1)
    assert not display.picture().any()
    assert shown(board, display)[0, :9].tolist() == [1] * 8 + [0]


@pytest.mark.reference("2.3 swap")
def test_the_hidden_buffer_is_cleared_after_the_swap() -> None:
    """2.3: the new hidden buffer is auto-cleared to index 0."""
    board, display = make()
    bitmap(display, 1, 1, 8, 2, 0, b"\xff")
    shown(board, display)
    bitmap(display, 1, 3, 8, 2, 0, b"\xff")
    shown(board, display)
    bitmap(display, 1, 5, 8, 2, 0, b"\xff")
    assert np.flatnonzero(shown(board, display).any(axis=1)).tolist() == [4]


@pytest.mark.reference("2.3 draw before swap", "5 draw after show")
def test_drawing_between_show_and_swap_lands_on_the_buffer_about_to_be_shown() -> None:
    """2.3 (a) and 5, Frame 10."""
    board, display = make()
    bitmap(display, 1, 1, 8, 2, 0, b"\xff")
    call(display.api(), "show")
    bitmap(display, 1, 3, 8, 2, 0, b"\xff")
    board.wait(0.1)
    assert np.flatnonzero(indices(display).any(axis=1)).tolist() == [0, 2]
    assert display.lost_draws == 0


@pytest.mark.reference("2.3 draw during clear", "5 draw after show")
def test_drawing_during_the_clear_is_lost() -> None:
    """2.3 (b) and 5, Frame 10."""
    board, display = make()
    call(display.api(), "show")
    board.wait(SCAN_S + CLEAR_S / 2)
    bitmap(display, 1, 1, 8, 2, 0, b"\xff")
    assert display.lost_draws == 1
    board.wait(CLEAR_S)
    bitmap(display, 1, 3, 8, 2, 0, b"\xff")
    assert np.flatnonzero(shown(board, display).any(axis=1)).tolist() == [2]


def test_a_drawing_that_takes_longer_is_split_where_the_buffers_change() -> None:
    """2.3: 2 us a byte; the rows that arrive before the swap are shown, those during the clear are lost."""
    board, display = make()
    call(display.api(), "show")
    board.wait(SCAN_S - board.now() - 0.010)
    before = board.now()
    bitmap(display, 1, 1, 640, 2, 0, b"\xff" * 80 * 300)  # 48 ms: swap after 10 ms, clear until 24.2 ms
    assert board.now() - before == pytest.approx((24000 + 9) * 2e-6)
    first = np.flatnonzero(indices(display).any(axis=1))
    assert first.tolist() == list(range(63))
    second = np.flatnonzero(shown(board, display).any(axis=1))
    assert second.tolist() == list(range(151, 300))
    assert display.lost_draws == 1


@pytest.mark.reference("2.3 second show")
def test_a_second_show_while_one_is_pending_is_merged() -> None:
    """2.3 (c)."""
    board, display = make()
    lit: list[float] = []
    display.observers.append(lambda at, _picture: lit.append(at))
    call(display.api(), "show")
    call(display.api(), "show")
    board.wait(1)
    assert lit == [pytest.approx(2 * SCAN_S)]


@pytest.mark.reference("2.3 swap")
def test_a_show_during_the_clear_waits_or_is_lost() -> None:
    """2.3 leaves it open: a swap of its own, and merged under strict."""
    for strict, swaps in ((False, 2), (True, 1)):
        board, display = make(strict=strict)
        lit: list[float] = []
        display.observers.append(lambda at, _picture, lit=lit: lit.append(at))
        call(display.api(), "show")
        board.wait(SCAN_S + CLEAR_S / 2)
        call(display.api(), "show")
        board.wait(1)
        assert len(lit) == swaps


@pytest.mark.reference("2.1 fpga status")
def test_status_register_tells_busy_and_the_shown_buffer() -> None:
    """2.1 and 2.3: fpga_read(0x18, 1): bit 1 switch or clear busy, bit 0 shown buffer; 0xDB is 0x81."""
    board, display = make()
    assert status(display) == 0b00
    call(display.api(), "show")
    assert status(display) == 0b10
    board.wait(SCAN_S)
    assert status(display) == 0b11
    board.wait(CLEAR_S)
    assert status(display) == 0b01
    assert call(display.system_api(), "fpga_read", 0xDB, 1) == b"\x81"
    assert call(display.system_api(), "fpga_read", 0xDB, 3) == b"\x81\0\0"


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


@pytest.mark.reference("2.3 text defaults")
def test_text_cells_and_spacing() -> None:
    """2.3: each glyph in its cell, spacing 4 after each drawn one by default."""
    board, display = make()
    text(display, b"HH", 11, 21)
    width, height = glyph_cells()[ord("H")]
    picture = shown(board, display)
    expected = np.zeros((400, 640), int)
    for x in (10, 10 + width + 4):
        expected[20 : 20 + height, x : x + width] = font.glyph(ord("H"))
    assert np.array_equal(picture, expected)


@pytest.mark.parametrize("name", COLOURS[1:])
@pytest.mark.reference("2.3 text colours")
def test_text_colours(name: bytes) -> None:
    """2.3: the fifteen names; glyph bit 1 plus the colour's offset."""
    board, display = make()
    text(display, b"H", 1, 1, color=name)
    assert set(np.unique(shown(board, display))) == {0, COLOURS.index(name)}


@pytest.mark.parametrize("name", [b"VOID", b"white", b"", b"PURPLE"])
@pytest.mark.reference("2.3 text colours", "5 text")
def test_text_refuses_void_and_unknown_names(name: bytes) -> None:
    """2.3 and 5, Frame 9: exact names only, and not VOID."""
    _, display = make()
    assert error_of(display.api(), "text", b"a", 1, 1, {b"color": name}) == "Invalid color name"


@pytest.mark.parametrize("ignored", [True, 5, b"RED", None])
@pytest.mark.reference("2.3 text defaults")
def test_text_ignores_a_fourth_argument_that_is_no_table(ignored: Any) -> None:
    """2.3."""
    board, display = make()
    call(display.api(), "text", b"H", 1, 1, ignored)
    assert shown(board, display).max() == 1


@pytest.mark.reference("2.3 text fit")
def test_text_skips_what_does_not_fit_without_advancing() -> None:
    """2.3: drawn only if x + width <= 640 and y + height <= 400; a narrower glyph may still be drawn."""
    board, display = make()
    wide, narrow = glyph_cells()[ord("M")][0], glyph_cells()[ord("i")][0]
    text(display, b"Mi", 640 - wide + 1, 1)
    columns = np.flatnonzero(shown(board, display).any(axis=0))
    assert columns.min() >= 640 - wide
    assert columns.max() < 640 - wide + narrow
    text(display, b"M", 640 - wide, 352)
    assert shown(board, display).any()
    text(display, b"M", 1, 353)
    assert not shown(board, display).any()


@pytest.mark.reference("2.3 text position")
def test_text_position_errors_come_only_with_a_drawn_glyph() -> None:
    """2.3: x < 1 or y < 1 raises the bitmap error, but only when a glyph is drawn."""
    _, display = make()
    assert error_of(display.api(), "text", b"a", 0, 1) == "x_position must be between 1 and 640 pixels"
    assert error_of(display.api(), "text", b"a", 1, -5) == "y_position must be between 1 and 400 pixels"
    for nothing in (b"", b"/", "一".encode(), b"\xff\xfe"):
        text(display, nothing, -3, -3)


@pytest.mark.reference("2.3 text unknown", "5 text")
def test_text_skips_unknown_code_points_and_broken_utf8() -> None:
    """2.3 and 5, Frame 9: no '/', no typographic punctuation; nothing of them advances."""
    board, display = make()
    text(display, b"H" + b"\xff\x80" + "/–…Ж漢".encode() + b"H\xe4\xb8", 1, 1)
    odd = shown(board, display)
    text(display, b"HH", 1, 1)
    assert np.array_equal(odd, shown(board, display))


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(exclude_characters="\0"), max_size=20))
def test_utf8_is_read_as_everywhere(text: str) -> None:
    assert list(_code_points(text.encode("utf-8", "surrogatepass"))) == [ord(character) for character in text]


@settings(max_examples=200, deadline=None)
@given(text=st.binary(max_size=20))
def test_broken_utf8_is_read_to_its_end(text: bytes) -> None:
    """2.3: a byte that begins nothing is skipped; what follows one that does is taken without a look."""
    assert len(list(_code_points(text))) <= len(text)
    assert list(_code_points(b"\xc3A")) == [0xC1]


@pytest.mark.reference("2.3 text cell", "5 text")
def test_text_erases_what_was_beneath_its_cell() -> None:
    """2.3: draws the whole glyph cell."""
    board, display = make()
    bitmap(display, 1, 1, 640, 2, 6, b"\xff" * 80 * 60)
    text(display, b" ", 11, 6)
    picture = shown(board, display)
    assert not picture[5:53, 10:23].any()
    assert (picture[:60] == 0).sum() == 48 * 13


def test_text_spacing_and_type_errors() -> None:
    """2.3."""
    board, display = make()
    text(display, b"ii", 1, 1, spacing=30)
    assert np.flatnonzero(shown(board, display).any(axis=0)).max() >= 5 + 30
    assert "number expected, got string" in error_of(display.api(), "text", b"a", 1, 1, {b"spacing": b"x"})
    assert "string expected, got boolean" in error_of(display.api(), "text", b"a", 1, 1, {b"color": True})
    assert error_of(display.api(), "text", b"a") == "bad argument #2 to 'text' (number expected, got no value)"


@pytest.mark.reference("2.3 font", "5 text")
def test_no_glyph_for_slash_and_200_in_all() -> None:
    """2.3: 200 glyphs, 183 of 48 px, 17 emoji; '/' missing; space 13 px."""
    cells = glyph_cells()
    assert len(cells) == 200
    assert sum(height == 48 for _, height in cells.values()) == 183
    assert ord("/") not in cells
    assert cells[ord(" ")] == (13, 48)
    for code, (width, height) in cells.items():
        pixels = font.glyph(code)
        assert pixels is not None
        assert pixels.shape == (height, width)
        assert pixels.any() == (code != ord(" "))


@pytest.mark.reference("2.3 palette")
def test_palette_changes_recolour_what_is_shown() -> None:
    """2.3: changing an entry recolours what is already shown; VOID is allowed here."""
    board, display = make()
    bitmap(display, 1, 1, 8, 2, 2, b"\xff")
    shown(board, display)
    lit: list[np.ndarray] = []
    display.observers.append(lambda _at, picture: lit.append(picture()))
    call(display.api(), "assign_color", b"RED", 255, 255, 255)
    call(display.api(), "assign_color_ycbcr", b"VOID", 7, 4, 4)
    assert len(lit) == 2
    assert display.picture()[0, 0].tolist() == [255, 255, 255]
    assert display.picture()[0, 20].tolist() == [119, 119, 119]
    display.reset()
    assert display.picture()[0, 0].tolist() == RGB[3].tolist()
    assert display.picture()[0, 20].tolist() == [0, 0, 0]


@pytest.mark.reference("2.3 assign_color", "2.3 assign_color_ycbcr")
def test_palette_errors() -> None:
    """2.3: texts of assign_color and assign_color_ycbcr; an index is not accepted."""
    _, display = make()
    api = display.api()
    for n, part in enumerate(("red", "green", "blue")):
        for wrong in (-1, 256):
            rgb = [0, 0, 0]
            rgb[n] = wrong
            assert error_of(api, "assign_color", b"RED", *rgb) == f"{part} component must be between 0 and 255"
    for n, (part, highest) in enumerate((("Y", 15), ("Cb", 7), ("Cr", 7))):
        parts = [0, 0, 0]
        parts[n] = highest + 1
        expected = f"{part} component must be between 0 and {highest}"
        assert error_of(api, "assign_color_ycbcr", b"RED", *parts) == expected
    assert error_of(api, "assign_color", b"Red", 0, 0, 0) == "Invalid color name"
    assert error_of(api, "assign_color", 3, 0, 0, 0) == "Invalid color name"
    assert error_of(api, "assign_color_ycbcr", b"Red", 0, 0, 0) == "Invalid color name"


@pytest.mark.reference("2.3 assign_color")
def test_rounding_of_assign_color() -> None:
    """2.3: floor of the weighted sum, then shifted to 4, 3 and 3 bits."""
    assert from_rgb(255, 255, 255) == (15, 4, 4)
    assert from_rgb(0, 0, 0) == (0, 4, 4)
    assert from_rgb(255, 0, 0) == (4, 2, 7)
    assert from_rgb(0, 0, 255) == (1, 7, 3)


@settings(max_examples=100, deadline=None)
@given(y=st.integers(1, 14), cb=st.integers(2, 6), cr=st.integers(2, 6))
def test_palette_colours_look_alike_both_ways(y: int, cb: int, cr: int) -> None:
    """What a picture shows of an entry is a colour that the firmware would give (nearly) that entry."""
    red, green, blue = (int(part) for part in to_rgb([(y, cb, cr)])[0])
    back = from_rgb(red, green, blue)
    if min(red, green, blue) > 0 and max(red, green, blue) < 255:
        assert all(abs(a - b) <= 1 for a, b in zip(back, (y, cb, cr), strict=True))


@pytest.mark.reference("2.3 power_save")
def test_power_save_darkens_and_drawing_goes_on() -> None:
    """2.3: drawing continues to work in power_save."""
    board, display = make()
    bitmap(display, 1, 1, 8, 2, 0, b"\xff")
    shown(board, display)
    call(display.api(), "power_save", True)
    assert not display.picture().any()
    bitmap(display, 1, 3, 8, 2, 0, b"\xff")
    call(display.api(), "show")
    board.wait(0.1)
    call(display.api(), "power_save", False)
    assert np.flatnonzero(indices(display).any(axis=1)).tolist() == [2]


@pytest.mark.reference(
    "2.3 set_brightness", "2.3 power_save", "2.3 write_register", "2.1 fpga_read", "2.1 fpga_write", "2.1 led"
)
def test_other_errors() -> None:
    """2.1 and 2.3: texts of power_save, set_brightness, write_register, fpga_read, fpga_write, led."""
    _, display = make()
    api, system = display.api(), display.system_api()
    for value in (None, 1, b"true"):
        assert error_of(api, "power_save", value) == "value must be true or false"
    for level in (-3, 3):
        assert error_of(api, "set_brightness", level) == "level must be -2, -1, 0, 1, or 2"
    assert error_of(api, "write_register", 256, 0) == "address must be a 8 bit unsigned number"
    assert error_of(api, "write_register", 0, -1) == "value must be a 8 bit unsigned number"
    assert error_of(system, "fpga_read", 256, 1) == "address must be between 0x00 and 0xFF"
    assert error_of(system, "fpga_write", -1, b"") == "address must be between 0x00 and 0xFF"
    assert error_of(system, "fpga_read", 0, -1) == "not enough memory"
    assert error_of(system, "led.set_color", 0, 0, 101) == "led color must be between 0 and 100"
    for level in range(-2, 3):
        call(api, "set_brightness", level)
    call(api, "write_register", 255, 255)
    call(system, "fpga_write", 0, b"abc")
    call(system, "led.set_color", 100, 0, 50)
    assert display.brightness == 2


@pytest.mark.reference("2.3 cost")
def test_costs() -> None:
    """2.3: 2 us a byte and 9 bytes a call; an 18 x 48 glyph takes about 0.24 ms."""
    board, display = make()
    text(display, b"0", 1, 1)
    assert board.now() == pytest.approx((18 * 48 / 8 + 9) * 2e-6)
    before = board.now()
    call(display.api(), "show")
    assert board.now() - before == pytest.approx(18e-6)


@pytest.mark.reference("2.3 swap")
def test_observers_learn_when_the_new_picture_is_wholly_lit() -> None:
    """2.3: the swap happens at the next restart of the scan-out, and a scan takes 25 ms."""
    board, display = make()
    seen: list[tuple[float, np.ndarray]] = []
    display.observers.append(lambda at, picture: seen.append((at, picture())))
    board.wait(3.3 * SCAN_S)
    bitmap(display, 1, 1, 8, 2, 0, b"\xff")
    call(display.api(), "show")
    board.wait(0.1)
    ((at, picture),) = seen
    assert at == pytest.approx(5 * SCAN_S)
    assert np.array_equal(picture, display.picture())
    assert picture[0, 0].tolist() == [255, 255, 255]


@pytest.mark.reference("2.3 splash")
def test_splash() -> None:
    """2.3: after main.lua returns."""
    board, display = make()
    display.splash("Frame 4F", paired=True)
    board.wait(0.1)
    picture = indices(display)
    assert set(np.unique(picture[139:187])) == {0, 1}
    assert set(np.unique(picture[209:257])) == {0, COLOURS.index(b"ORANGE")}
    display.splash("Frame 4F", paired=False)
    board.wait(0.1)
    picture = indices(display)
    assert set(np.unique(picture[139:187])) == {0, 1}
    assert set(np.unique(picture[209:257])) == {0, COLOURS.index(b"GREEN")}


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["draw", "show", "wait"]), st.integers(1, 400), st.floats(0, 0.05)), max_size=25
    ),
    strict=st.booleans(),
)
def test_buffers_follow_a_simple_model_in_any_order_of_calls(
    steps: list[tuple[str, int, float]], *, strict: bool
) -> None:
    """2.3: rows drawn in one call are on screen exactly where (a), (b) and (c) say."""
    board, display = make(strict=strict)
    front: set[int] = set()
    back: set[int] = set()
    swap_at, clear_until = None, 0.0
    for kind, row, wait in steps:
        now = board.now()
        if swap_at is not None and now >= swap_at:
            front, back, clear_until, swap_at = back, set(), swap_at + CLEAR_S, None
        if kind == "draw":
            arrived = now + 10 * 2e-6  # eight pixels, one byte
            if swap_at is not None and arrived >= swap_at:
                front, back, clear_until, swap_at = back, set(), swap_at + CLEAR_S, None
            if arrived >= clear_until:
                back.add(row - 1)
            bitmap(display, 1, row, 8, 2, 0, b"\xff")
        elif kind == "show":
            if swap_at is None and not (strict and now < clear_until):
                swap_at = (now // SCAN_S + 1) * SCAN_S
            call(display.api(), "show")
        board.wait(wait)
    now = board.now()
    if swap_at is not None and now >= swap_at:
        front = back
    assert set(np.flatnonzero(display.picture().any(axis=(1, 2))).tolist()) == front
