"""The emulated display: its two buffers, registers, costs and observers."""

from __future__ import annotations

import numpy as np
import pytest
from display_parts import bitmap, indices, make, shown, status, text
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import call, error_of

from firmware_bridge.emulator.display import CLEAR_S, SCAN_S
from firmware_bridge.emulator.palette import COLOURS


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
