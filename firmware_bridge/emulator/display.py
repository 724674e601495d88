"""The emulated Frame's display: two buffers, a palette, and when things happen (device reference 2.3).

Drawing goes to the hidden buffer. `show()` asks for the buffers to be swapped; that happens when the scan-out next
restarts, and the buffer then hidden is cleared, which takes 14 ms. What is drawn between `show()` and the swap lands on
the buffer about to be shown; what is drawn during the clear is lost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.emulator import font
from firmware_bridge.emulator.board import Api, Args, Fields, FrameBoard, LuaApiError, LuaValue
from firmware_bridge.emulator.observer import OnLit, Picture
from firmware_bridge.emulator.palette import COLOURS, DEFAULT_PALETTE, Palette, from_rgb, to_rgb
from firmware_bridge.emulator.power import OnTime

WIDTH: Final = 640
HEIGHT: Final = 400
SCAN_S: Final = 858 * 525 / 18e6  # 2.3, estimate: one frame of 858 x 525 pixels at 18 MHz, 25.0 ms
CLEAR_S: Final = 512_001 / 36e6  # 2.3, estimate: 14.2 ms
SPI_BYTE_S: Final = 2e-6  # 2.3: 4 MHz
SPI_HEADER_BYTES: Final = 9
_MEMORY: Final = 1 << 18  # 2.3: 18-bit addresses; beyond the last row lies memory that is never shown
_SHOWN: Final = WIDTH * HEIGHT
_CHIP_ID: Final = 0x81
_NO_COLOUR: Final = "Invalid color name"


class Display:
    """The display, its part of the Lua API (`frame.display`), and the FPGA's.

    Attributes:
        observers: called when what the wearer sees has changed, with the device time in seconds at which the whole
            picture is lit, and a function that gives the picture, to be called before returning. They never steer.
        brightness: -2 to 2; it does not change the picture.
        on_time: how long it was not in power save.
        lost_draws: glyphs and bitmaps of which at least one pixel was lost to a clear (2.3).
    """

    def __init__(self, board: FrameBoard) -> None:
        """Dark, nothing drawn, powered on."""
        self.observers: list[OnLit] = []
        self.brightness = 0
        self.lost_draws = 0
        self.registers: dict[int, int] = {}
        self._board = board
        self._buffers = np.zeros((2, _MEMORY), np.uint8)
        self._front = 0
        self._palette: Palette = list(DEFAULT_PALETTE)
        self._asleep = False
        self.on_time = OnTime(board, on=True)
        self._time = 0.0  # the buffers are as they were then
        self._swap_at: float | None = None
        self._clear_until = 0.0

    # --- seen from outside --------------------------------------------------------------------------------------

    @property
    def time(self) -> float:
        """Device time in seconds."""
        return self._board.now()

    @property
    def size(self) -> tuple[int, int]:
        """Lens: width and height."""
        return WIDTH, HEIGHT

    def picture(self) -> Picture:
        """What the wearer sees at this moment."""
        self._advance(self._board.now())
        return self._picture()

    def indexed(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """The same as palette indices, (400, 640), and the sixteen colours, (16, 3); to be copied if kept."""
        self._advance(self._board.now())
        return self._indexed()

    def draw_text(self, text: str, x: int, y: int, colour: str = "WHITE") -> None:
        """Draw as `frame.display.text` does, from Python: for what the firmware itself shows."""
        self._text(Args("text", (text.encode(), x, y, {b"color": colour.encode()})))

    def splash(self, name: str, *, paired: bool) -> None:
        """What the firmware draws when main.lua is over (2.3)."""
        if paired:
            self.draw_text("Frame is Paired", 185, 140)
        else:
            self.draw_text("Ready to Pair", 200, 140)
        self.draw_text(name, 245, 210, "ORANGE" if paired else "GREEN")
        self.show()

    def show(self) -> None:
        """Ask for the swap, as `frame.display.show` does: never blocks."""
        now = self._board.now()
        self._advance(now)
        # A second request while one is pending is merged (2.3).
        merges = self._board.choices.show_during_clear == "merges"
        if self._swap_at is None and not (merges and now < self._clear_until):
            self._swap_at = (math.floor(now / SCAN_S) + 1) * SCAN_S
            self._board.call_at(self._swap_at, self._settle)
        self._charge_bytes(0)

    def reset(self) -> None:
        """The Lua VM starts: the default palette is put back; what is shown stays."""
        self._recolour(list(DEFAULT_PALETTE))

    def api(self) -> Api:
        """The functions of `frame.display`."""
        return {
            "text": self._text,
            "bitmap": self._bitmap,
            "show": self._show,
            "assign_color": self._assign_color,
            "assign_color_ycbcr": self._assign_color_ycbcr,
            "set_brightness": self._set_brightness,
            "power_save": self._power_save,
            "write_register": self._write_register,
        }

    def system_api(self) -> dict[str, LuaValue]:
        """What the FPGA and the light add to `frame` itself (2.1)."""
        return {
            "fpga_read": self._fpga_read,
            "fpga_write": self._fpga_write,
            "led": {"set_color": self._set_led},
        }

    # --- Lua functions ------------------------------------------------------------------------------------------

    def _show(self, _args: Args) -> None:
        self.show()

    def _text(self, args: Args) -> None:
        text = args.string(1)
        x, y = args.integer(2), args.integer(3)
        offset, spacing = _text_options(args.raw(4))
        # The firmware works on a C string: nothing behind a NUL is drawn.
        for code in _code_points(text.partition(b"\0")[0]):
            pixels = font.glyph(code)
            if pixels is None:
                continue
            height, width = pixels.shape
            if x + width > WIDTH or y + height > HEIGHT:
                continue
            _check_position(x, y)
            values = np.where(pixels.ravel(), (1 + offset) % 16, 0).astype(np.uint8)
            self._sprite(x - 1, y - 1, width, values, 8)
            x += width + spacing

    def _bitmap(self, args: Args) -> None:
        data = args.string(6)
        x, y = args.integer(1), args.integer(2)
        _check_position(x, y)
        width = args.integer(3)
        if not 1 <= width <= WIDTH:
            raise LuaApiError("width must be between 1 and 640 pixels")
        bits = {2: 1, 4: 2, 16: 4}.get(args.integer(4))
        if bits is None:
            raise LuaApiError("total_colors must be either 2, 4 or 16")
        offset = args.integer(5)
        if not 0 <= offset <= 15:
            raise LuaApiError("palette_offset must be between 0 and 15")
        if len(data) + 8 > self._board.free_heap():
            self._board.crash()  # 2.3: no room for the copy that goes out by SPI
            return
        values = _unpack(data, bits)
        self._sprite(x - 1, y - 1, width, np.where(values == 0, 0, (values + offset) % 16).astype(np.uint8), 8 // bits)

    def _assign_color(self, args: Args) -> None:
        index = _colour(args.string(1))
        rgb = (args.integer(2), args.integer(3), args.integer(4))
        for part, value in zip(("red", "green", "blue"), rgb, strict=True):
            if not 0 <= value <= 255:
                raise LuaApiError(f"{part} component must be between 0 and 255")
        self._assign(index, from_rgb(*rgb))

    def _assign_color_ycbcr(self, args: Args) -> None:
        index = _colour(args.string(1))
        parts = (args.integer(2), args.integer(3), args.integer(4))
        for part, value, highest in zip(("Y", "Cb", "Cr"), parts, (15, 7, 7), strict=True):
            if not 0 <= value <= highest:
                raise LuaApiError(f"{part} component must be between 0 and {highest}")
        self._assign(index, parts)

    def _set_brightness(self, args: Args) -> None:
        level = args.integer(1)
        if not -2 <= level <= 2:
            raise LuaApiError("level must be -2, -1, 0, 1, or 2")
        self.brightness = level
        self._charge_bytes(1)

    def _power_save(self, args: Args) -> None:
        if not isinstance(args.raw(1), bool):
            raise LuaApiError("value must be true or false")
        changed = self._asleep != args.raw(1)
        self._asleep = args.raw(1)
        self.on_time.switch(on=not self._asleep)
        self._charge_bytes(1)
        if changed:
            self._tell(self._board.now() + SCAN_S)

    def _write_register(self, args: Args) -> None:
        address, value = args.integer(1), args.integer(2)
        if not 0 <= address <= 255:
            raise LuaApiError("address must be a 8 bit unsigned number")
        if not 0 <= value <= 255:
            raise LuaApiError("value must be a 8 bit unsigned number")
        self.registers[address] = value
        self._charge_bytes(2)

    def _fpga_read(self, args: Args) -> LuaValue:
        address = _fpga_address(args)
        count = args.integer(2)
        if not 0 <= count <= self._board.free_heap():
            raise LuaApiError("not enough memory")
        self._charge_bytes(count)
        self._advance(self._board.now())
        busy = self._swap_at is not None or self._time < self._clear_until
        known = {0x18: busy << 1 | self._front, 0xDB: _CHIP_ID}
        return bytes([known.get(address, 0)])[:count].ljust(count, b"\0")

    def _fpga_write(self, args: Args) -> None:
        _fpga_address(args)
        self._charge_bytes(len(args.string(2)))  # taken and ignored: the reference lists no register to write

    def _set_led(self, args: Args) -> None:
        if any(not 0 <= args.integer(n) <= 100 for n in (1, 2, 3)):
            raise LuaApiError("led color must be between 0 and 100")  # wired on Frame Lite only

    # --- buffers and time ---------------------------------------------------------------------------------------

    def _sprite(self, x: int, y: int, width: int, values: NDArray[np.uint8], per_byte: int) -> None:
        """Send one block of pixels; each is written when its byte arrives, wherever the buffers stand by then."""
        number = np.arange(len(values))
        columns, rows = (x + number % width) & 1023, (y + number // width) & 1023  # 2.3: 10-bit coordinates
        addresses = (columns + rows * WIDTH) & (_MEMORY - 1)
        start = self._board.now()
        size = -(-len(values) // per_byte)
        arrival = start + (SPI_HEADER_BYTES + 1 + number // per_byte) * SPI_BYTE_S
        self._advance(start)
        done, lost = 0, False
        while True:
            clearing = self._time < self._clear_until
            change = self._clear_until if clearing else self._swap_at
            until = len(values) if change is None else int(np.searchsorted(arrival, change))
            if not clearing:
                self._buffers[1 - self._front, addresses[done:until]] = values[done:until]
            elif until > done:
                lost = True
            done = until
            if change is None or done == len(values):
                break
            self._advance(change)
        self.lost_draws += lost
        self._charge_bytes(size)

    def _settle(self) -> None:
        self._advance(self._board.now())

    def _advance(self, now: float) -> None:
        """Bring the buffers up to a device time."""
        if self._swap_at is not None and now >= self._swap_at:
            swapped, self._swap_at = self._swap_at, None
            self._front = 1 - self._front
            self._buffers[1 - self._front] = 0
            self._clear_until = swapped + CLEAR_S
            self._time = max(self._time, swapped)
            self._tell(swapped + SCAN_S)
        self._time = max(self._time, now)

    def _assign(self, index: int, ycbcr: tuple[int, int, int]) -> None:
        palette = list(self._palette)
        palette[index] = ycbcr
        self._charge_bytes(4)
        self._recolour(palette)

    def _recolour(self, palette: Palette) -> None:
        """Changing an entry recolours what is already shown (2.3)."""
        self._advance(self._board.now())
        if palette != self._palette:
            self._palette = palette
            self._tell(self._board.now() + SCAN_S)

    def _tell(self, lit_at: float) -> None:
        for observer in self.observers:
            observer(lit_at, self._picture)

    def _picture(self) -> Picture:
        indices, colours = self._indexed()
        return colours[indices]

    def _indexed(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        colours = np.zeros((16, 3), np.uint8) if self._asleep else to_rgb(self._palette)
        return self._buffers[self._front, :_SHOWN].reshape(HEIGHT, WIDTH), colours

    def _charge_bytes(self, count: int) -> None:
        self._board.charge((SPI_HEADER_BYTES + count) * SPI_BYTE_S)


def _text_options(options: LuaValue) -> tuple[int, int]:
    """Palette offset and spacing from text's fourth argument; anything but a table is ignored (2.3)."""
    if not isinstance(options, dict):
        return 0, 4
    fields = Fields("text", options)
    name = fields.string(b"color")
    if name == COLOURS[0]:  # VOID is refused here (5, Frame 9)
        raise LuaApiError(_NO_COLOUR)
    offset = 0 if name is None else _colour(name) - 1
    return offset, fields.integer(b"spacing", 4)


def _colour(name: bytes) -> int:
    name = name.partition(b"\0")[0]
    if name not in COLOURS:
        raise LuaApiError(_NO_COLOUR)
    return COLOURS.index(name)


def _check_position(x: int, y: int) -> None:
    if not 1 <= x <= WIDTH:
        raise LuaApiError("x_position must be between 1 and 640 pixels")
    if not 1 <= y <= HEIGHT:
        raise LuaApiError("y_position must be between 1 and 400 pixels")


def _fpga_address(args: Args) -> int:
    address = args.integer(1)
    if not 0 <= address <= 255:
        raise LuaApiError("address must be between 0x00 and 0xFF")
    return address


def _code_points(text: bytes) -> Iterator[int]:
    """As the firmware reads UTF-8: only the first byte is looked at, one that begins nothing is skipped."""
    at = 0
    while at < len(text):
        first = text[at]
        more = 0 if first < 0x80 else 1 if first >> 5 == 0b110 else 2 if first >> 4 == 0b1110 else 3
        if first >= 0x80 and (first >> 6 != 0b11 or first >> 3 == 0b11111):
            at += 1
            continue
        code = first & (0x7F >> (more + (more > 0)))
        for byte in text[at + 1 : at + 1 + more].ljust(more, b"\0"):
            code = code << 6 | byte & 0x3F
        yield code
        at += 1 + more


def _unpack(data: bytes, bits: int) -> NDArray[np.uint8]:
    """Pixels of 1, 2 or 4 bits, most significant first."""
    raw = np.frombuffer(data, np.uint8)
    shifts = np.arange(8 - bits, -1, -bits, dtype=np.uint8)
    pixels = (raw[:, np.newaxis] >> shifts) & np.uint8((1 << bits) - 1)
    return pixels.astype(np.uint8).ravel()
