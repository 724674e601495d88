"""The emulated Halo's camera: a sensor of 640 x 480 and a JPEG encoder (device reference 2.6).

Its photos are upright: the vendor's own examples turn Frame's and leave Halo's as they are.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image

from firmware_bridge.emulator.board import Api, Args, Fields, LuaApiError, LuaOperationError, LuaValue, type_name
from firmware_bridge.emulator.halo.bluetooth import EventBoard
from firmware_bridge.emulator.halo.choices import HaloChoices
from firmware_bridge.emulator.jpeg import Picture
from firmware_bridge.emulator.pictures import Pictures
from firmware_bridge.emulator.power import OnTime
from firmware_bridge.emulator.testcard import draw_test_card

WIDTH: Final = 640  # 2.6
HEIGHT: Final = 480
JPEG_MAX_BYTES: Final = 128 * 1024  # 2.6
FRAMES: Final = 3  # 2.6: taken in one go; the last one is the photo
ENCODE_S: Final = 0.060  # estimate: what the pipeline takes
THREAD_S: Final = 0.002  # estimate: until the capture thread has seen the trigger, and `ready` is still the old one
WAKE_S: Final = (
    0.4  # the driver holds the reset for 0.15 s, waits 0.2 s and writes some 270 registers; Lua stands still
)
READY_S: Final = 15e-6  # estimate: asking lets other threads run first
READ_BYTE_S: Final = 5e-9  # estimate
LEVELS: Final = {b"VERY_HIGH": 0, b"HIGH": 1, b"MEDIUM": 2, b"LOW": 3, b"VERY_LOW": 3}
QUALITY: Final = (92, 80, 55, 35)  # estimate of the four levels of the encoder, best first


class Camera:
    """The camera, and its part of the Lua API (`frame.camera`).

    Attributes:
        captures: photos taken since power on.
    """

    def __init__(self, board: EventBoard, images: Pictures | None, choices: HaloChoices) -> None:
        """See a test picture where there are no others."""
        self.captures = 0
        self._board = board
        self._images = images if images is not None else Pictures([draw_test_card])
        self._size = choices.photo_width, choices.photo_width * HEIGHT // WIDTH
        self._photo_s = FRAMES * choices.camera_frame_s + ENCODE_S
        self._quality = 0  # remembered between photos (2.6)
        self._asleep = True
        self.on_time = OnTime(board)
        self._ready = False
        self._jpeg = b""
        self._raw = b""
        self._at = self._raw_at = 0
        self._shot = 0  # counts triggers: what a break or a later one has overtaken is not finished

    @property
    def asleep(self) -> bool:
        """Whether it was put to sleep, or never woken."""
        return self._asleep

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
            "power_save": self._power_save,
        }

    def reset(self) -> None:
        """The Lua VM starts: asleep (2.6)."""
        self._asleep = True
        self.on_time.switch(on=False)
        self.interrupt()

    def interrupt(self) -> None:
        """0x03: what it held is gone (1.7)."""
        self._shot += 1
        self._ready = False
        self._jpeg = self._raw = b""
        self._at = self._raw_at = 0

    def _capture(self, args: Args) -> None:
        self._check_awake()
        options = args.raw(1)
        if not isinstance(options, dict):
            raise LuaOperationError(f"attempt to index a {type_name(options)} value")
        fields = Fields("capture", options)
        if fields.integer(b"resolution", WIDTH) & 0xFFFF != WIDTH:
            raise LuaApiError("camera resolution not supported")
        name = fields.string(b"quality")
        if name is not None:
            if name not in LEVELS:
                raise LuaApiError("quality must be either VERY_HIGH, HIGH, MEDIUM, LOW or VERY_LOW")
            self._quality = LEVELS[name]
        self._shot += 1
        shot, now = self._shot, self._board.now()
        self._board.call_at(now + THREAD_S, lambda: self._begin(shot))
        self._board.call_at(now + THREAD_S + self._photo_s, lambda: self._finish(shot))

    def _begin(self, shot: int) -> None:
        if shot == self._shot:
            self._ready = False

    def _finish(self, shot: int) -> None:
        if shot != self._shot or self._asleep:
            return
        picture = self._images.field(_on_sensor)
        self._images.advance()
        photo = Image.fromarray(picture).resize(self._size, Image.Resampling.BOX)
        for quality in range(QUALITY[self._quality], 0, -5):
            buffer = io.BytesIO()
            photo.save(buffer, "JPEG", quality=quality, subsampling="4:2:0")
            if buffer.tell() <= JPEG_MAX_BYTES:
                break
        self._jpeg, self._raw = buffer.getvalue(), _bayer(picture)
        self._at = self._raw_at = 0
        self._ready = True
        self.captures += 1

    def _image_ready(self, _args: Args) -> bool:
        """Known trap (2.6): for a moment after a trigger this is what it was for the photo before."""
        self._check_awake()
        self._board.charge(READY_S)
        return self._ready

    def _read(self, args: Args) -> LuaValue:
        size = _size(args)
        if not self._ready:
            return (None,)
        data = self._jpeg[self._at : self._at + size]
        self._at += len(data)
        self._board.charge(len(data) * READ_BYTE_S)
        return data or (None,)

    def _read_raw(self, args: Args) -> LuaValue:
        size = _size(args)
        if not self._raw:
            raise LuaApiError("raw buffer not set")
        data = self._raw[self._raw_at : self._raw_at + size]
        self._raw_at += len(data)
        self._board.charge(len(data) * READ_BYTE_S)
        return data or (None,)

    def _power_save(self, args: Args) -> None:
        if not isinstance(args.raw(1), bool):
            raise LuaApiError("value must be true or false")
        if self._asleep is not args.raw(1):
            self._asleep = args.raw(1)
            self.on_time.switch(on=not self._asleep)
            self._board.charge(WAKE_S)
            if self._asleep:
                self._shot += 1

    def _check_awake(self) -> None:
        if self._asleep:
            raise LuaApiError("camera is asleep")


def _size(args: Args) -> int:
    size = args.integer(1)
    if size <= 0:
        raise LuaApiError("bytes must be greater than 0")
    return size


def _on_sensor(picture: Picture) -> Picture:
    """All of an upright picture, as large as fits; what is missing is continued by its edge."""
    height, width = picture.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
    left, top = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
    around = (top, HEIGHT - size[1] - top), (left, WIDTH - size[0] - left), (0, 0)
    field: Picture = np.pad(image, around, mode="edge")
    return field


def _bayer(picture: Picture) -> bytes:
    """What the sensor itself gives: of each pixel one colour, blue first (BGGR)."""
    raw = np.empty((HEIGHT, WIDTH), np.uint8)
    raw[0::2, 0::2] = picture[0::2, 0::2, 2]
    raw[0::2, 1::2] = picture[0::2, 1::2, 1]
    raw[1::2, 0::2] = picture[1::2, 0::2, 1]
    raw[1::2, 1::2] = picture[1::2, 1::2, 0]
    return raw.tobytes()
