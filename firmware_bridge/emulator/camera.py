"""The emulated Frame's camera: capture, read out, exposure (device reference 2.5)."""

from __future__ import annotations

import logging
from typing import Any, Final

from firmware_bridge.emulator import exposure, pictures
from firmware_bridge.emulator.board import (
    Api,
    Args,
    Fields,
    FrameBoard,
    LuaApiError,
    LuaOperationError,
    LuaValue,
    type_name,
)
from firmware_bridge.emulator.exposure import ANALOG_GAIN, COLOUR_GAIN, SHUTTER_LINES, Exposure, Settings
from firmware_bridge.emulator.jpeg import FOOTER, HEADER_BYTES, SCAN_MAX_BYTES, empty_header, encode, encode_to_fit
from firmware_bridge.emulator.pictures import Pictures
from firmware_bridge.emulator.power import OnTime
from firmware_bridge.emulator.testcard import draw_test_card

RESOLUTION: Final = (100, 720)  # 2.5
PAN: Final = (-140, 140)
LEVELS: Final[dict[bytes, int]] = {b"VERY_HIGH": 7, b"HIGH": 6, b"MEDIUM": 5, b"LOW": 4, b"VERY_LOW": 3}
"""Encoder level up to 256 pixels; one less up to 512, two less beyond (2.5)."""
ABSENT_LEVEL: Final = 6
QUALITY_OF_LEVEL: Final = (15, 20, 25, 30, 35, 40, 50, 60)  # 2.5: level to JPEG quality factor
SPI_BYTE_S: Final = 2e-6  # 2.3: 4 MHz
SPI_HEADER_BYTES: Final = 9
I2C_BYTE_S: Final = 90e-6  # 100 kHz, nine bits a byte
FRAME_LINES: Final = 810  # 2.5: a longer shutter stretches the frame
LINE_S: Final = 20.6e-6  # estimate: at the shutter set at power on a photo is ready within the 50 ms of the test
ENCODE_S: Final = 0.005  # estimate
WAKE_S: Final = 0.1  # 2.5: after waking
_AUTO_I2C_BYTES: Final = 48  # estimate: shutter, gain and three colour gains, two registers each
_LIMITS: Final[dict[str, tuple[float, float]]] = {
    "exposure": (0, 1),
    "exposure_speed": (0, 1),
    "shutter_limit": SHUTTER_LINES,
    "analog_gain_limit": ANALOG_GAIN,
    "white_balance_speed": (0, 1),
    "rgb_gain_limit": COLOUR_GAIN,
}

_logger = logging.getLogger(__name__)


class Camera:
    """The camera, and its part of the Lua API (`frame.camera`).

    Attributes:
        captures: photos taken since power on.
        reduced: photos compressed more than asked for, because their scan would not have fitted.
    """

    def __init__(self, board: FrameBoard, images: Pictures | None) -> None:
        """Photograph `images`, one after another; None is a test card."""
        self.captures = 0
        self.reduced = 0
        self._board = board
        self._images = images if images is not None else Pictures([draw_test_card])
        self._exposure = Exposure()
        self._registers: dict[int, int] = {}
        self._asleep = False
        self.on_time = OnTime(board, on=True)
        self._awake_at = 0.0
        # The photo in camera RAM, and how far it has been read.
        self._ready_at: float | None = None
        self._header = b""  # none taken yet: the header of an empty photo is read all the same
        self._scan = b""
        self._scan_read = 0  # read pointer in camera RAM
        self._header_left = HEADER_BYTES
        self._scan_left = 0  # what the firmware believes is left; latched by image_ready
        self._footer_left = len(FOOTER)

    @property
    def asleep(self) -> bool:
        """Whether the camera is in power save."""
        return self._asleep

    def reset(self) -> None:
        """The Lua VM starts: the camera does not notice (2.5: its state is static)."""

    def see(self, images: Pictures) -> None:
        """Let these lie before it from here on."""
        self._images = images

    def api(self) -> Api:
        """The functions of `frame.camera`."""
        return {
            "capture": self._capture,
            "image_ready": self._image_ready,
            "read": self._read,
            "read_raw": self._read_raw,
            "auto": self._auto,
            "set_shutter": self._set_shutter,
            "set_gain": self._set_gain,
            "set_white_balance": self._set_white_balance,
            "power_save": self._power_save,
            "read_register": self._read_register,
            "write_register": self._write_register,
        }

    # --- taking and reading photos ------------------------------------------------------------------------------

    def _capture(self, args: Args) -> None:
        self._check_awake()
        options = args.raw(1)
        if isinstance(options, bytes):
            options = {}  # indexing a string finds nothing and is no error
        elif not isinstance(options, dict):
            raise LuaOperationError(f"attempt to index a {type_name(options)} value")
        fields = Fields("capture", options)
        resolution = fields.integer(b"resolution", 512)
        if not RESOLUTION[0] <= resolution <= RESOLUTION[1] or resolution % 2:
            raise LuaApiError("resolution value must be a multiple of 2 between 100 and 720")
        pan = fields.integer(b"pan", 0)
        if not PAN[0] <= pan <= PAN[1]:
            raise LuaApiError("pan value must be value between -140 and 140")
        self._take(resolution, _quality(fields.string(b"quality"), resolution), pan)

    def _take(self, resolution: int, quality: int, pan: int) -> None:
        """Put a photo into camera RAM; the one before is gone (2.5)."""
        picture = pictures.crop(self._images.field(), resolution, pan)
        picture = pictures.exposed(picture, self._exposure.factor)
        self._images.advance()
        self._header, scan = encode(picture, quality)
        self._scan, used = scan[:SCAN_MAX_BYTES], quality
        if len(scan) > SCAN_MAX_BYTES and self._board.choices.too_much_detail == "compressed":
            self._header, self._scan, used = encode_to_fit(picture, quality)
            self.reduced += 1
            _logger.warning(
                "emulated camera: a photo of %d pixels has too much detail for the camera's memory at JPEG quality %d; "
                "it was compressed to %d",
                resolution,
                quality,
                used,
            )
        self.captures += 1
        frame_s = max(FRAME_LINES, self._exposure.shutter) * LINE_S
        waited_s = frame_s * self._board.choices.capture_delay_frames
        self._ready_at = max(self._board.now(), self._awake_at) + waited_s + frame_s + ENCODE_S
        self._scan_read = self._scan_left = 0
        self._header_left, self._footer_left = len(self._header), len(FOOTER)
        self._charge_bytes(8)

    def _image_ready(self, _args: Args) -> bool:
        self._check_awake()
        self._charge_bytes(1)
        if self._ready_at is None or self._board.now() < self._ready_at:
            return False
        # Known bug (2.5; 5, Frame 11): each call latches the whole count again, also in the middle of reading.
        self._scan_left = len(self._scan)
        return True

    def _read(self, args: Args) -> LuaValue:
        size = self._size(args)
        if self._header_left:
            self._header = self._header or empty_header()
            start = len(self._header) - self._header_left
            data = self._header[start : start + size]
            self._header_left -= len(data)
            return data
        return self._after_header(size)

    def _read_raw(self, args: Args) -> LuaValue:
        return self._after_header(self._size(args))

    def _after_header(self, size: int) -> LuaValue:
        """Scan, footer, nil; one call never crosses from one into the next (2.5)."""
        if self._scan_left:
            size = min(size, self._scan_left)
            data = self._scan[self._scan_read : self._scan_read + size].ljust(size, b"\0")  # beyond it lies nothing
            self._scan_read += size
            self._scan_left -= size
            self._charge_bytes(size)
            return data
        if self._footer_left:
            data = FOOTER[len(FOOTER) - self._footer_left :][:size]
            self._footer_left -= len(data)
            return data
        return (None,)

    # --- exposure -----------------------------------------------------------------------------------------------

    def _auto(self, args: Args) -> LuaValue:
        settings = _settings(args.raw(1) if isinstance(args.raw(1), dict) else {})
        if self._asleep:
            return None
        light = pictures.light_of(self._images.field())
        self._exposure, reading = exposure.auto(self._exposure, light, settings)
        self._charge_bytes(6)
        self._board.charge(_AUTO_I2C_BYTES * I2C_BYTE_S)
        return {
            "brightness": {
                "spot": _channels(reading.spot),
                "matrix": _channels(reading.matrix),
                "center_weighted_average": reading.centre_weighted,
                "scene": reading.scene,
            },
            "error": reading.error,
            "shutter": self._exposure.shutter,
            "analog_gain": self._exposure.gain,
            "red_gain": self._exposure.red,
            "green_gain": self._exposure.green,
            "blue_gain": self._exposure.blue,
        }

    def _set_shutter(self, args: Args) -> None:
        self._check_awake()
        shutter = args.integer(1)
        if not SHUTTER_LINES[0] <= shutter <= SHUTTER_LINES[1]:
            raise LuaApiError("shutter must be between 4 and 16383")
        self._expose(Exposure(shutter, self._exposure.gain, *self._gains()))

    def _set_gain(self, args: Args) -> None:
        self._check_awake()
        gain = args.integer(1)
        if not ANALOG_GAIN[0] <= gain <= ANALOG_GAIN[1]:
            raise LuaApiError("gain must be between 1 and 248")
        self._expose(Exposure(self._exposure.shutter, gain, *self._gains()))

    def _set_white_balance(self, args: Args) -> None:
        self._check_awake()
        gains = (args.integer(1), args.integer(2), args.integer(3))
        if any(not COLOUR_GAIN[0] <= gain <= COLOUR_GAIN[1] for gain in gains):
            raise LuaApiError("gains must be between 0 and 1023")
        self._expose(Exposure(self._exposure.shutter, self._exposure.gain, *gains))

    def _gains(self) -> tuple[float, float, float]:
        return self._exposure.red, self._exposure.green, self._exposure.blue

    def _expose(self, state: Exposure) -> None:
        self._exposure = state
        self._board.charge(8 * I2C_BYTE_S)

    # --- power and registers ------------------------------------------------------------------------------------

    def _power_save(self, args: Args) -> None:
        if not isinstance(args.raw(1), bool):
            raise LuaApiError("value must be true or false")
        if self._asleep and not args.raw(1):
            self._awake_at = self._board.now() + WAKE_S
            if self._board.choices.exposure_after_waking == "forgotten":
                self._exposure = Exposure()
        self._asleep = args.raw(1)
        self.on_time.switch(on=not self._asleep)
        self._board.charge(4 * I2C_BYTE_S)

    def _read_register(self, args: Args) -> int:
        self._check_awake()
        self._board.charge(5 * I2C_BYTE_S)
        return self._registers.get(_register(args), 0)

    def _write_register(self, args: Args) -> None:
        self._check_awake()
        args.integer(1)
        value = args.integer(2)
        address = _register(args)
        if not 0 <= value <= 0xFF:
            raise LuaApiError("value must be an 8 bit unsigned number")
        self._registers[address] = value
        self._board.charge(4 * I2C_BYTE_S)

    def _size(self, args: Args) -> int:
        size = args.integer(1)
        if size <= 0:
            raise LuaApiError("bytes must be greater than 0")
        if size > self._board.free_heap():
            raise LuaApiError("bytes requested is too large")
        return size

    def _check_awake(self) -> None:
        if self._asleep:
            raise LuaApiError("camera is asleep")

    def _charge_bytes(self, count: int) -> None:
        self._board.charge((SPI_HEADER_BYTES + count) * SPI_BYTE_S)


def _register(args: Args) -> int:
    address = args.integer(1)
    if not 0 <= address <= 0xFFFF:
        raise LuaApiError("address must be a 16 bit unsigned number")
    return address


def _quality(name: bytes | None, resolution: int) -> int:
    """JPEG quality factor for a quality name; a number is taken as text and so is no name (2.5)."""
    if name is None:
        return QUALITY_OF_LEVEL[ABSENT_LEVEL]
    level = LEVELS.get(name)
    if level is None:
        raise LuaApiError("quality must be either VERY_HIGH, HIGH, MEDIUM, LOW or VERY_LOW")
    return QUALITY_OF_LEVEL[level - (resolution > 256) - (resolution > 512)]


def _settings(options: dict[LuaValue, LuaValue]) -> Settings:
    """Arguments of `auto`, checked in the order in which the reference lists them."""
    fields = Fields("auto", options)
    given: dict[str, Any] = {}
    metering = fields.string(b"metering")
    if metering is not None:
        if metering not in (b"SPOT", b"CENTER_WEIGHTED", b"AVERAGE"):
            raise LuaApiError("metering must be SPOT, CENTER_WEIGHTED or AVERAGE")
        given["metering"] = metering.decode()
    for name, (lowest, highest) in _LIMITS.items():
        value = fields.number(name.encode())
        if value is None:
            continue
        if not lowest <= value <= highest:
            raise LuaApiError(f"{name} must be between {lowest} and {highest}")
        given[name] = value
    return Settings(**given)


def _channels(rgb: exposure.Rgb) -> dict[str, float]:
    return dict(zip("rgb", rgb, strict=True)) | {"average": sum(rgb) / 3}
