"""The emulated Halo's display: 256 x 256 pixels, drawn into as it is shown (device reference 2.4).

There is one buffer, and `show()` does nothing. The panel is off until `power_save(false)`, and round: of the square the
wearer sees the circle that fits in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.emulator.board import Api, Args, Board, LuaApiError, LuaValue, type_name
from firmware_bridge.emulator.halo import canvas
from firmware_bridge.emulator.halo.font import NAMES, glyph
from firmware_bridge.emulator.halo.palette import DEFAULT, colour_index, from_ycbcr, with_own
from firmware_bridge.emulator.observer import OnLit, Picture, indexed
from firmware_bridge.emulator.power import OnTime

SIZE: Final = canvas.SIZE
SCAN_S: Final = 1 / 60  # estimate: the panel's own frame
RESUME_S: Final = 0.12  # estimate: the panel wakes up
PIXEL_S: Final = 40e-9  # estimate: six cycles of the 160 MHz processor for each pixel drawn
CALL_S: Final = 5e-6  # estimate
WHITE: Final = 0xFFFFFF
_BAD_LENGTH: Final = "invalid data length for given width and color format"
POLYGON_MAX: Final = 64
BRIGHTNESS: Final = {-2: 10, -1: 25, 0: 50, 1: 75, 2: 100}
_ACROSS: Final = np.arange(SIZE) - (SIZE - 1) / 2
VISIBLE: Final = np.hypot(_ACROSS[:, None], _ACROSS[None, :]) <= SIZE / 2
"""(256, 256): True where the round panel has a pixel."""


class Display:
    """The display, and its part of the Lua API (`frame.display`). A `Lens`.

    Attributes:
        observers: called when what the wearer sees has changed, with the device time in seconds at which the picture
            is lit, and a function that gives the picture, to be called before returning. They never steer.
        brightness: 0 to 100 per cent, as set; it does not change the picture.
    """

    def __init__(self, board: Board, *, checks_widths: bool = False) -> None:
        """Dark.

        Args:
            board: the device.
            checks_widths: a bitmap of an impossible width is an error, as in firmware after 0.8.8.
        """
        self.observers: list[OnLit] = []
        self.brightness = BRIGHTNESS[0]
        self._board = board
        self._checks_widths = checks_widths
        self._pixels = np.zeros((SIZE, SIZE, 3), np.uint8)
        self._palette = list(DEFAULT)
        self._font = (0, 1)  # face, scale
        self._pan = (0, 0)
        self._on = False
        self._suspended = False
        self.on_time = OnTime(board)
        self._telling = False

    # --- seen from outside --------------------------------------------------------------------------------------

    @property
    def time(self) -> float:
        """Device time in seconds."""
        return self._board.now()

    @property
    def size(self) -> tuple[int, int]:
        """Lens: width and height."""
        return SIZE, SIZE

    def framebuffer(self) -> Picture:
        """What was drawn, whether the panel is on or not, corners included; to be copied if kept."""
        return self._pixels

    def picture(self) -> Picture:
        """What the wearer sees at this moment."""
        if not self._on or self._suspended:
            return np.zeros_like(self._pixels)
        seen: Picture = np.where(VISIBLE[..., None], self._pixels, 0).astype(np.uint8)
        return seen

    def indexed(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Lens: the same as indices of at most 256 colours."""
        return indexed(self.picture())

    def power_on(self) -> None:
        """The device starts: nothing is drawn, and the panel is off."""
        self._pixels[:] = 0
        self._palette = list(DEFAULT)
        self._font = (0, 1)
        self._on = False
        self._count()
        self._changed()

    def suspend(self, asleep: bool) -> None:  # noqa: FBT001 - a state
        """Standby or light sleep begins or ends; the panel comes back as it was."""
        self._suspended = asleep
        self._count()
        self._changed()

    def api(self) -> Api:
        """The functions of `frame.display`."""
        return {
            "text": self._text,
            "char": self._char,
            "bitmap": self._bitmap,
            "clear": self._clear,
            "show": lambda _args: None,
            "set_pixel": self._set_pixel,
            "line": self._line,
            "rect": self._rect,
            "circle": self._circle,
            "polygon": self._polygon,
            "set_font": self._set_font,
            "get_font_list": lambda _args: {number: name for number, name in enumerate(NAMES)},  # noqa: C416 - as Lua
            "assign_color": self._assign_color,
            "assign_color_ycbcr": self._assign_color_ycbcr,
            "brightness": self._brightness,
            "set_brightness": self._set_brightness,
            "get_brightness": self._get_brightness,
            "power_save": self._power_save,
            "set_pan": self._set_pan,
            "get_pan": lambda _args: self._pan,
            "width": lambda _args: SIZE,
            "height": lambda _args: SIZE,
        }

    # --- text ---------------------------------------------------------------------------------------------------

    def _text(self, args: Args) -> None:
        text = args.string(1).partition(b"\0")[0]
        x, y = _corner(args, 2)
        ink = canvas.colour(_optional(args, 4, WHITE))
        for code in text:
            if x >= SIZE:
                break
            x += self._letter(code, x, y, ink)
        self._drawn(len(text) * 64)

    def _char(self, args: Args) -> None:
        code = _int(args, 1)
        x, y = _corner(args, 2)
        self._letter(code & 0xFFFF, x, y, canvas.colour(_int(args, 4)))
        self._drawn(64)

    def _letter(self, code: int, x: int, y: int, ink: canvas.Colour) -> int:
        face, scale = self._font
        shape = glyph(face, code)
        return 0 if shape is None else canvas.letter(self._pixels, shape, x, y, scale, ink) & 0xFF

    def _set_font(self, args: Args) -> None:
        face, size, scale = _int(args, 1), _optional(args, 2, 8), _optional(args, 3, 1)
        if not 0 <= face < len(NAMES):
            raise LuaApiError(f"invalid font id (must be 0-{len(NAMES) - 1})")
        if size < 8 or size % 8:
            raise LuaApiError("invalid font size (must be a multiple of 8)")
        if scale < 1 or size // 8 * scale > 255:
            raise LuaApiError("invalid scale")
        self._font = face, size // 8 * scale

    # --- bitmaps ------------------------------------------------------------------------------------------------

    def _bitmap(self, args: Args) -> None:
        x, y = max(args.integer(1), 1) - 1, max(args.integer(2), 1) - 1
        width, kind = args.integer(3), args.integer(4)
        offset = 0 if args.raw(5) is None else args.integer(5)
        data = args.string(6)
        options = args.raw(7) if isinstance(args.raw(7), dict) else {}
        across, down = _scale(options, b"x_scale"), _scale(options, b"y_scale")
        if across < 1 or down < 1:
            raise LuaApiError("scale factors must be positive integers")
        if kind not in (0, 2, 4, 16):
            raise LuaApiError(f"unsupported color format: {kind}. Must be 0, 2, 4, or 16")
        if not 0 <= offset <= 15:
            raise LuaApiError("palette_offset must be between 0 and 15")
        if self._checks_widths and not 0 < width <= len(data) * 8:
            raise LuaApiError(_BAD_LENGTH)
        if width == 0:
            self._board.crash()  # 2.4: the firmware divides by it
            return
        if kind == 0:
            self._colours(x, y, width, data)
            return
        bits = {2: 1, 4: 2, 16: 4}[kind]
        height = len(data) * 8 // bits // width if width > 0 else 0
        if height <= 0:
            raise LuaApiError(_BAD_LENGTH)
        palette = with_own(options.get(b"palette_data"), self._palette)
        rows = _rows(data, bits, width, height, -(-SIZE // across), -(-SIZE // down))
        self._indices(x, y, rows, offset, palette, (across, down))
        self._drawn(min(width, SIZE) * min(height, SIZE) * across * down)

    def _colours(self, x: int, y: int, width: int, data: bytes) -> None:
        """RGB888: no scale, no palette."""
        height = len(data) // (width * 3) if width > 0 else 0
        if self._checks_widths and not height:
            raise LuaApiError(_BAD_LENGTH)
        if height:
            rows = np.frombuffer(data, np.uint8, width * height * 3).reshape(height, width, 3)
            if x < SIZE and y < SIZE:
                canvas.picture(self._pixels, x, y, rows)
        self._drawn(min(width, SIZE) * min(height, SIZE))

    def _indices(  # noqa: PLR0917
        self,
        x: int,
        y: int,
        rows: NDArray[np.uint8],
        offset: int,
        palette: NDArray[np.uint8],
        scale: tuple[int, int],
    ) -> None:
        """Index 0 is left as it was, and so is what the offset pushes out of the palette (2.4)."""
        if x >= SIZE or y >= SIZE:
            return
        across, down = (min(factor, SIZE) for factor in scale)
        large = np.repeat(np.repeat(rows, down, 0), across, 1)[: SIZE - y, : SIZE - x].astype(np.intp)
        shifted = large + offset
        drawn = (large > 0) & (shifted <= 15)
        part = self._pixels[y : y + large.shape[0], x : x + large.shape[1]]
        part[drawn] = palette[shifted[drawn]]

    # --- shapes -------------------------------------------------------------------------------------------------

    def _clear(self, args: Args) -> None:
        self._pixels[:] = canvas.colour(_optional(args, 1, 0))
        self._drawn(SIZE * SIZE)

    def _set_pixel(self, args: Args) -> None:
        x, y = _corner(args, 1)
        canvas.dot(self._pixels, x, y, canvas.colour(_int(args, 3)))
        self._drawn(1)

    def _line(self, args: Args) -> None:
        x0, y0 = _corner(args, 1)
        x1, y1 = _corner(args, 3)
        canvas.line(self._pixels, x0, y0, x1, y1, canvas.colour(_int(args, 5)))
        self._drawn(SIZE)

    def _rect(self, args: Args) -> None:
        x, y = _corner(args, 1)
        width, height, ink = _int(args, 3), _int(args, 4), canvas.colour(_int(args, 5))
        canvas.rectangle(self._pixels, x, y, width, height, ink, filled=_truth(args, 6))
        self._drawn(max(min(width, SIZE), 0) * max(min(height, SIZE), 0))

    def _circle(self, args: Args) -> None:
        x, y = _corner(args, 1)
        radius, ink = _int(args, 3), canvas.colour(_int(args, 4))
        canvas.circle(self._pixels, x, y, radius, ink, filled=_truth(args, 5))
        self._drawn(max(min(radius, SIZE), 0) ** 2)

    def _polygon(self, args: Args) -> None:
        table = args.raw(1)
        if not isinstance(table, dict):
            args.error(1, f"table expected, got {'no value' if len(args) == 0 else type_name(table)}")
        ink = canvas.colour(_int(args, 2))
        count = 0
        while count + 1 in table:
            count += 1
        if count > POLYGON_MAX:
            raise LuaApiError("too many polygon points (max 64)")
        flat = [max(_int(Args("polygon", (table[n + 1],)), -1), 1) - 1 for n in range(count)]
        canvas.polygon(self._pixels, list(zip(flat[::2], flat[1::2], strict=False)), ink)
        self._drawn(SIZE * SIZE // 2)

    # --- colours and power --------------------------------------------------------------------------------------

    def _assign_color(self, args: Args) -> None:
        index = colour_index(args.raw(1))
        rgb = (args.integer(2), args.integer(3), args.integer(4))
        if not 0 <= index <= 15:
            raise LuaApiError("color_index must be between 0 and 15")
        if any(not 0 <= part <= 255 for part in rgb):
            raise LuaApiError("RGB values must be between 0 and 255")
        self._palette[index] = rgb

    def _assign_color_ycbcr(self, args: Args) -> None:
        index = colour_index(args.raw(1))
        parts = (args.integer(2), args.integer(3), args.integer(4))
        if not 0 <= index <= 15:
            raise LuaApiError("color_index must be between 0 and 15")
        for name, value, bits in zip(("Y", "Cb", "Cr"), parts, (4, 3, 3), strict=True):
            if not 0 <= value < 1 << bits:
                raise LuaApiError(f"{name} value must be between 0 and {(1 << bits) - 1} ({bits}-bit)")
        self._palette[index] = from_ycbcr(*parts)

    def _set_brightness(self, args: Args) -> None:
        """Known trap (5, Halo 2): it is kept, and used when the panel is switched on again."""
        level = args.integer(1)
        if level not in BRIGHTNESS:
            raise LuaApiError("brightness level must be between -2 and 2")
        self.brightness = BRIGHTNESS[level]

    def _get_brightness(self, _args: Args) -> int:
        return next((level for level, percent in BRIGHTNESS.items() if percent == self.brightness), 0)

    def _brightness(self, args: Args) -> LuaValue:
        if len(args) == 0:
            return self.brightness
        percent = _int(args, 1)
        if not 0 <= percent <= 100:
            raise LuaApiError("Brightness must be 0-100")
        self.brightness = percent
        return None

    def _power_save(self, args: Args) -> LuaValue:
        if len(args) == 0:
            return not self._on
        if not isinstance(args.raw(1), bool):
            raise LuaApiError("argument must be boolean")
        if self._on is args.raw(1):
            self._on = not args.raw(1)
            self._count()
            self._board.charge(RESUME_S)
            self._changed()
        return None

    def _set_pan(self, args: Args) -> None:
        x, y = ((args.integer(n) + 128) % 256 - 128 for n in (1, 2))
        self._pan = x, y

    # --- telling ------------------------------------------------------------------------------------------------

    def _drawn(self, pixels: int) -> None:
        self._board.charge(CALL_S + min(pixels, 4 * SIZE * SIZE) * PIXEL_S)
        self._changed()

    def _count(self) -> None:
        self.on_time.switch(on=self._on and not self._suspended)

    def _changed(self) -> None:
        """Tell once for each frame of the panel, when it is lit."""
        if self._telling or not self.observers:
            return
        self._telling = True
        lit_at = (math.floor(self._board.now() / SCAN_S) + 1) * SCAN_S

        def tell() -> None:
            self._telling = False
            seen: Callable[[], Picture] = self.picture
            for observer in self.observers:
                observer(lit_at, seen)

        self._board.call_at(lit_at, tell)


def _int(args: Args, n: int) -> int:
    """As a C int: the lower 32 bits."""
    return (args.integer(n) + 2**31) % 2**32 - 2**31


def _optional(args: Args, n: int, default: int) -> int:
    """As luaL_optinteger."""
    return default if args.raw(n) is None else _int(args, n)


def _corner(args: Args, n: int) -> tuple[int, int]:
    """Two coordinates that count from 1; smaller ones are 1 (2.4)."""
    return max(_int(args, n), 1) - 1, max(_int(args, n + 1), 1) - 1


def _truth(args: Args, n: int) -> bool:
    return args.raw(n) is not None and args.raw(n) is not False


def _scale(options: dict[Any, Any], name: bytes) -> int:
    value = options.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 1
    return int(value) if value == int(value) else 0


def _rows(data: bytes, bits: int, width: int, height: int, wide: int, high: int) -> NDArray[np.uint8]:  # noqa: PLR0917
    """The part of a bitmap that the screen could show: at most `high` rows of `wide` indices.

    Rows follow each other without a gap, the highest bits first.
    """
    height = min(height, high)
    raw = np.frombuffer(data[: -(-width * height * bits // 8)], np.uint8)
    shifts = np.arange(8 - bits, -1, -bits, dtype=np.uint8)
    flat = (raw[:, None] >> shifts & np.uint8((1 << bits) - 1)).ravel()[: width * height]
    part: NDArray[np.uint8] = flat.reshape(height, width)[:, :wide].astype(np.uint8)
    return part
