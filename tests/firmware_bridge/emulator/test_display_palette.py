"""The emulated display's palette."""

from __future__ import annotations

import numpy as np
import pytest
from display_parts import RGB, bitmap, make, shown
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import call, error_of

from firmware_bridge.emulator.palette import from_rgb, to_rgb


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
