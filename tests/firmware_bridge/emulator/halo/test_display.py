"""Halo's display: what is drawn where, and what is refused."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from halo_desk import HaloDesk, on_halo
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import PartsBoard, call, error_of

from firmware_bridge.emulator import LensFilm, save_png
from firmware_bridge.emulator.halo.display import VISIBLE, Display

RED, BLUE = 0xFF0000, 0x0000FF


class Screen:
    def __init__(self) -> None:
        self.board = PartsBoard()
        self.display = Display(self.board)
        self.api = self.display.api()

    def __call__(self, name: str, *arguments: object) -> object:
        return call(self.api, name, *arguments)

    @property
    def pixels(self) -> np.ndarray:
        return self.display.framebuffer()

    def inked(self) -> set[tuple[int, int]]:
        """(x, y) from 1, as Lua counts."""
        ys, xs = np.nonzero(self.pixels.any(axis=2))
        return {(int(x) + 1, int(y) + 1) for x, y in zip(xs, ys, strict=True)}


@pytest.mark.halo_reference("2.4 immediate", "2.4 power_save", "2.4 round", "2.4 size", "5 display")
def test_dark_until_switched_on_and_drawn_at_once() -> None:
    screen = Screen()
    assert (screen("width"), screen("height"), screen("power_save")) == (256, 256, True)
    screen("clear", RED)
    assert not screen.display.picture().any()
    screen("power_save", False)
    seen = screen.display.picture()
    assert (seen[128, 128] == (255, 0, 0)).all()
    assert not seen[0, 0].any()
    assert (seen.any(axis=2) == VISIBLE).all()
    screen("show")
    assert (screen.display.picture() == seen).all()
    screen("clear")
    assert not screen.display.picture().any()
    assert error_of(screen.api, "power_save", 1) == "argument must be boolean"


@pytest.mark.halo_reference("2.4 kept", "2.4 power_save")
def test_the_panel_survives_the_vm_and_not_the_power() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua(
            "frame.display.power_save(false) frame.display.clear(255) frame.display.set_font(1, 16)", b"\x04"
        )
        assert desk.halo.display.picture()[128, 128].tolist() == [0, 0, 255]
        assert await desk.one("print(frame.display.power_save())") == "false"
        await desk.lua("frame.display.assign_color(1, 1, 2, 3)", b"\x04", "frame.display.bitmap(1,1,8,2,0,'\\xff')")
        assert desk.halo.display.framebuffer()[0, 0].tolist() == [1, 2, 3]
        await desk.lua(b"\x02")
        assert not desk.halo.display.picture().any()

    on_halo(main)


@pytest.mark.halo_reference("2.4 clamped", "2.4 clipped")
def test_origins_below_one_are_one_and_the_far_side_is_cut() -> None:
    screen = Screen()
    screen("set_pixel", -5, 0, RED)
    assert screen.inked() == {(1, 1)}
    screen("clear")
    screen("rect", -9, 255, 3, 9, RED, True)
    assert screen.inked() == {(x, y) for x in (1, 2, 3) for y in (255, 256)}
    screen("clear")
    screen("set_pixel", 257, 1, RED)
    screen("line", 300, 300, 400, 900, RED)
    assert screen.inked() == set()


@pytest.mark.halo_reference("2.4 shapes")
def test_shapes() -> None:
    screen = Screen()
    screen("rect", 10, 10, 3, 3, RED)
    assert screen.inked() == {(x, y) for x in (10, 11, 12) for y in (10, 11, 12)} - {(11, 11)}
    screen("clear")
    screen("line", 1, 1, 4, 4, RED)
    assert screen.inked() == {(n, n) for n in range(1, 5)}
    screen("clear")
    screen("circle", 20, 20, 2, RED, True)
    assert len(screen.inked()) == 13
    screen("clear")
    screen("circle", 20, 20, 0, RED)
    assert screen.inked() == {(20, 20)}
    screen("clear")
    screen("circle", 128, 128, 100, RED)
    assert {(228, 128), (28, 128), (128, 228)} <= screen.inked()
    assert (128, 128) not in screen.inked()


@pytest.mark.halo_reference("2.4 polygon")
def test_three_points_are_filled_and_four_are_not() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.display.polygon({10,10, 30,10, 10,30}, 0xFF0000)")
        assert desk.halo.display.framebuffer()[14, 12].tolist() == [255, 0, 0]
        await desk.lua("frame.display.clear() frame.display.polygon({10,10, 30,10, 30,30, 10,30}, 255)")
        assert not desk.halo.display.framebuffer()[14, 12].any()
        assert desk.halo.display.framebuffer()[9, 12].tolist() == [0, 0, 255]
        assert await desk.error("t = {} for i = 1, 66 do t[i] = i end frame.display.polygon(t, 1)") == (
            "too many polygon points (max 64)"
        )
        assert "table expected, got number" in await desk.error("frame.display.polygon(1, 1)")

    on_halo(main)


@pytest.mark.halo_reference("2.4 text", "2.4 cells", "2.4 transparent text", "2.4 text top")
def test_text() -> None:
    screen = Screen()
    screen("clear", BLUE)
    screen("text", b"H", 11, 21, RED)
    inked = (screen.pixels == (255, 0, 0)).all(axis=2)
    ys, xs = np.nonzero(inked)
    assert ys.min() == 20  # the top of a capital H
    assert 10 <= xs.min() < xs.max() < 18
    assert (screen.pixels[~inked] == (0, 0, 255)).all()  # what lies behind stays
    one = screen.pixels[20:28, 10:18].copy()
    screen("clear", BLUE)
    screen("text", b"\xc3\xa9\nH", 11, 21, RED)  # what the font lacks takes no room
    assert (screen.pixels[20:28, 10:18] == one).all()
    screen("clear")
    screen("text", b"i" * 40, 1, 1)
    assert max(x for x, _ in screen.inked()) > 248
    screen("clear")
    screen("char", ord("H"), 11, 21, RED)
    assert (screen.pixels[20:28, 10:18].any(axis=2) == (one == (255, 0, 0)).all(axis=2)).all()


@pytest.mark.halo_reference("2.4 text error", "5 display")
def test_a_table_is_no_colour() -> None:
    async def main(desk: HaloDesk) -> None:
        assert await desk.error("frame.display.text('a', 1, 1, {color='RED'})") == (
            "bad argument #4 to 'text' (number expected, got table)"
        )

    on_halo(main)


@pytest.mark.halo_reference("2.4 set_font", "2.4 wide runs")
def test_fonts_and_sizes() -> None:
    screen = Screen()
    assert screen("get_font_list") == {0: b"Dogica", 1: b"DogicaBold"}
    screen("text", b"-", 1, 1)
    thin = len(screen.inked())
    screen("clear")
    screen("set_font", 0, 16)
    screen("text", b"-", 1, 1)
    assert len(screen.inked()) == (thin - 1) * 4  # at scale 1 a run is a pixel too long
    screen("clear")
    screen("text", b"HH", 1, 1)
    xs = {x for x, _ in screen.inked()}
    assert max(xs) - min(xs) >= 16
    assert max(xs) <= 32
    for arguments, text in (
        ((2,), "invalid font id (must be 0-1)"),
        ((0, 12), "invalid font size (must be a multiple of 8)"),
        ((0, 8, 0), "invalid scale"),
        ((0, 8, 256), "invalid scale"),
    ):
        assert error_of(screen.api, "set_font", *arguments) == text


@pytest.mark.halo_reference("2.4 bitmap", "2.4 transparent index", "2.4 offset", "2.4 excess", "2.4 palette")
def test_bitmaps() -> None:
    screen = Screen()
    screen("clear", BLUE)
    screen("bitmap", 3, 3, 4, 2, 2, b"\xa0\xff")  # 1010 0000 1111 1111: rows run on
    assert (screen.pixels[2, 2:6].tolist()) == [[255, 0, 0], [0, 0, 255], [255, 0, 0], [0, 0, 255]]
    assert (screen.pixels[3, 2:6] == (0, 0, 255)).all()
    assert (screen.pixels[4, 2:6] == (255, 0, 0)).all()
    screen("clear")
    screen("bitmap", 1, 1, 3, 16, 0, b"\x12\x3f")  # the fourth pixel begins a row that is not full: left out
    assert screen.inked() == {(1, 1), (2, 1), (3, 1)}
    screen("clear")
    screen("bitmap", 1, 1, 2, 16, 8, b"\x79")  # 7 + 8 is the last colour, 9 + 8 is none
    assert screen.inked() == {(1, 1)}
    screen("assign_color", b"red", 9, 8, 7)
    assert screen.pixels[0, 0].tolist() == [240, 248, 255]  # what is drawn stays
    screen("bitmap", 1, 1, 1, 16, 0, b"\x30")
    assert screen.pixels[0, 0].tolist() == [9, 8, 7]


@pytest.mark.halo_reference("2.4 scale", "2.4 palette_data", "2.4 RGB888")
def test_scaled_coloured_and_rgb_bitmaps() -> None:
    screen = Screen()
    options = {b"x_scale": 2, b"y_scale": 3, b"palette_data": bytes([0, 0, 0, 1, 2, 3])}
    screen("bitmap", 1, 1, 8, 2, 0, b"\x80", options)
    assert screen.inked() == {(x, y) for x in (1, 2) for y in (1, 2, 3)}
    assert screen.pixels[0, 0].tolist() == [1, 2, 3]
    screen("clear")
    screen("bitmap", 255, 255, 3, 0, 0, bytes(range(1, 28)))
    assert screen.pixels[254:, 254:].reshape(-1, 3).tolist() == [[1, 2, 3], [4, 5, 6], [10, 11, 12], [13, 14, 15]]
    screen("bitmap", 1, 1, 1, 16, 0, b"\x10", {b"x_scale": 10**9, b"y_scale": 10**9})
    assert len(screen.inked()) == 256 * 256


@pytest.mark.halo_reference("2.4 bitmap errors", "2.4 width 0")
def test_bitmap_errors() -> None:
    screen = Screen()
    for arguments, text in (
        ((1, 1, 8, 2, 0, b"\xff", {b"x_scale": 0}), "scale factors must be positive integers"),
        ((1, 1, 8, 3, 0, b"\xff"), "unsupported color format: 3. Must be 0, 2, 4, or 16"),
        ((1, 1, 8, 2, 16, b"\xff"), "palette_offset must be between 0 and 15"),
        ((1, 1, 9, 2, 0, b"\xff"), "invalid data length for given width and color format"),
        ((1, 1, 8, 2, 0), "bad argument #6 to 'bitmap' (string expected, got no value)"),
    ):
        assert error_of(screen.api, "bitmap", *arguments) == text
    screen("bitmap", 1, 1, 0, 2, 0, b"\xff")
    assert screen.board.crashes == 1


@pytest.mark.halo_reference("2.4 assign_color")
def test_palette_errors() -> None:
    screen = Screen()
    for name, arguments, text in (
        ("assign_color", (b"PURPLE", 1, 2, 3), "invalid color name: PURPLE"),
        ("assign_color", (16, 1, 2, 3), "color_index must be between 0 and 15"),
        ("assign_color", (1, 1, 2, 256), "RGB values must be between 0 and 255"),
        ("assign_color", (True, 1, 2, 3), "color_index must be integer (0-15) or string color name"),
        ("assign_color_ycbcr", (1, 16, 2, 3), "Y value must be between 0 and 15 (4-bit)"),
        ("assign_color_ycbcr", (1, 1, 8, 3), "Cb value must be between 0 and 7 (3-bit)"),
        ("assign_color_ycbcr", (1, 1, 2, 8), "Cr value must be between 0 and 7 (3-bit)"),
    ):
        assert error_of(screen.api, name, *arguments) == text
    screen("assign_color_ycbcr", b"White", 15, 4, 4)
    screen("bitmap", 1, 1, 1, 16, 0, b"\x10")
    assert (screen.pixels[0, 0] > 200).all()


@pytest.mark.halo_reference("2.4 brightness", "2.4 pan")
def test_brightness_and_pan_are_kept() -> None:
    screen = Screen()
    assert (screen("brightness"), screen("get_brightness")) == (50, 0)
    screen("set_brightness", -2)
    assert (screen("brightness"), screen("get_brightness")) == (10, -2)
    screen("brightness", 77)
    assert screen("brightness") == 77
    assert error_of(screen.api, "brightness", 101) == "Brightness must be 0-100"
    assert error_of(screen.api, "set_brightness", 3) == "brightness level must be between -2 and 2"
    screen("set_pan", 300, -5)
    assert screen("get_pan") == (44, -5)


@given(
    st.lists(st.integers(-(2**40), 2**40), min_size=6, max_size=6),
    st.sampled_from(("rect", "line", "circle", "set_pixel")),
)
@settings(max_examples=150, deadline=None)
def test_no_coordinates_break_or_hold_up_anything(numbers: list[int], shape: str) -> None:
    screen = Screen()
    screen(shape, *numbers)
    assert screen.pixels.shape == (256, 256, 3)


@pytest.mark.halo_reference("2.4 immediate")
def test_a_film_and_a_picture_of_the_lens(tmp_path) -> None:
    async def main(desk: HaloDesk) -> None:
        with LensFilm(desk.halo.display, tmp_path / "lens.gif") as film:
            await desk.lua("frame.display.power_save(false) frame.display.text('Hello', 90, 120, 0xFFAA00)")
            await asyncio.sleep(0.5)
            await desk.lua("for i = 1, 250 do frame.display.line(i, 1, i, 250, i * 70000) end", wait=1)
        assert film.frames >= 3
        save_png(desk.halo.display, tmp_path / "lens.png")

    on_halo(main)
    assert (tmp_path / "lens.gif").stat().st_size > 1000
    assert (tmp_path / "lens.png").stat().st_size > 300
