"""The emulated Halo's palette: sixteen colours, for bitmaps only (device reference 2.4); pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.emulator.board import LuaApiError, LuaValue
from firmware_bridge.emulator.halo.canvas import Colour, colour
from firmware_bridge.emulator.palette import COLOURS

_DEFAULT: Final = (
    *(0x000000, 0xFFFFFF, 0x808080, 0xFF0000, 0xFFC0CB, 0x654321, 0x964B00, 0xFFA500),
    *(0xFFFF00, 0x006400, 0x00FF00, 0x90EE90, 0x191970, 0x0000CD, 0x87CEEB, 0xF0F8FF),
)
DEFAULT: Final = tuple(colour(rgb) for rgb in _DEFAULT)


def colour_index(value: LuaValue) -> int:
    """The entry of a name in whatever case, or of a number as it is.

    Raises:
        LuaApiError: it is neither.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, bytes):
        name = value.partition(b"\0")[0]
        if name.upper() not in COLOURS:
            raise LuaApiError(f"invalid color name: {name.decode('latin-1')}")
        return COLOURS.index(name.upper())
    raise LuaApiError("color_index must be integer (0-15) or string color name")


def from_ycbcr(y: int, cb: int, cr: int) -> Colour:
    """ITU-R BT.601 in whole numbers, from four and three bits."""
    luma, blue, red = (value * span // top + 16 for value, span, top in ((y, 219, 15), (cb, 224, 7), (cr, 224, 7)))
    blue, red = blue - 128, red - 128
    rgb = (luma + (91881 * red >> 16), luma - (22554 * blue + 46788 * red >> 16), luma + (116130 * blue >> 16))
    r, g, b = (min(max(part, 0), 255) for part in rgb)
    return r, g, b


def with_own(data: LuaValue, standard: list[Colour]) -> NDArray[np.uint8]:
    """Sixteen colours: those given as text, the rest black; or the standard ones."""
    if not isinstance(data, bytes) or len(data) < 3 or len(data) % 3:
        return np.array(standard, np.uint8)
    given = np.frombuffer(data[:48], np.uint8).reshape(-1, 3)
    return np.concatenate([given, np.zeros((16 - len(given), 3), np.uint8)])
