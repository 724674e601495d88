"""The picture before the emulated camera when none is given: a test card, drawn here."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from firmware_bridge.emulator.jpeg import Picture

_SIZE = 1280
_BARS = ("#ffffff", "#ffe000", "#00d0e0", "#00b030", "#d030c0", "#d02020", "#2040d0", "#101010")


def draw_test_card() -> Picture:
    """A square card: which way is up, colours, greys, fine lines, and print in several sizes."""
    card = Image.new("RGB", (_SIZE, _SIZE), "#d8d8d0")
    draw = ImageDraw.Draw(card)
    _frame(draw)
    _bars(draw)
    _greys(draw)
    _lines(draw)
    _print(draw)
    return np.asarray(card)


def _frame(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((20, 20, _SIZE - 21, _SIZE - 21), outline="#202020", width=8)
    draw.ellipse((60, 60, _SIZE - 61, _SIZE - 61), outline="#808078", width=6)
    draw.polygon([(640, 70), (560, 190), (720, 190)], fill="#202020")  # the arrow points up
    draw.text((640, 195), "UP", "#202020", _font(70), anchor="mt")


def _bars(draw: ImageDraw.ImageDraw) -> None:
    for n, colour in enumerate(_BARS):
        draw.rectangle((240 + 100 * n, 290, 339 + 100 * n, 429), fill=colour)


def _greys(draw: ImageDraw.ImageDraw) -> None:
    for n in range(16):
        draw.rectangle((240 + 50 * n, 440, 289 + 50 * n, 509), fill=(17 * n,) * 3)


def _lines(draw: ImageDraw.ImageDraw) -> None:
    """Four fields of lines, 8, 6, 4 and 2 pixels apart."""
    for n, pitch in enumerate((16, 12, 8, 4)):
        for x in range(240 + 200 * n, 430 + 200 * n, pitch):
            draw.rectangle((x, 990, x + pitch // 2 - 1, 1079), fill="#101010")


def _print(draw: ImageDraw.ImageDraw) -> None:
    draw.text((640, 530), "Sidelight", "#101010", _font(120), anchor="mt")
    draw.text((640, 665), "TEST CARD 0123456789", "#101010", _font(64), anchor="mt")
    draw.text((640, 755), "Milk 1 litre    1.29", "#101010", _font(88), anchor="mt")
    for n, size in enumerate((40, 32, 26)):
        draw.text(
            (640, 865 + 42 * n), "The quick brown fox jumps over the lazy dog", "#101010", _font(size), anchor="mt"
        )


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
