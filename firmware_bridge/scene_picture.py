"""What a scene looks like on a lens, drawn without any glasses: for a preview of what real ones show.

Shapes of the built-in font are those of the emulated one (`font.py`); everything else is exact.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from firmware_bridge.emulator import font
from firmware_bridge.emulator.palette import DEFAULT_PALETTE, to_rgb
from firmware_bridge.glyphs import pixels_of
from firmware_bridge.scene import COLOURS, Bitmap, Glyphs, Item, Rect, Scene, Text

Canvas = NDArray[np.uint8]


def scene_png(scene: Scene, width: int, height: int) -> bytes:
    """A scene as a PNG file of so many pixels."""
    canvas = np.zeros((height, width), np.uint8)
    for item in sorted(scene.items, key=lambda item: (item.id, isinstance(item, Bitmap))):
        _draw(canvas, item)
    image = Image.fromarray(canvas)
    image.putpalette(to_rgb(list(DEFAULT_PALETTE)).tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", bits=4)
    return buffer.getvalue()


def _draw(canvas: Canvas, item: Item) -> None:
    colour = COLOURS.index(item.colour)
    match item:
        case Text():
            x = item.x
            for character in item.text:
                cell = font.glyph(ord(character))
                if cell is not None:
                    _put(canvas, x, item.y, cell.astype(np.uint8), colour)
                    x += cell.shape[1] + item.spacing
        case Rect():
            _put(canvas, item.x, item.y, np.ones((item.height, item.width), np.uint8), colour)
        case Bitmap():
            _put(canvas, item.x, item.y, _pixels(item), colour)
        case Glyphs():
            for one in item.placed:  # they may overlap: none erases what another has drawn
                x, y = item.x + one.x, item.y + one.y
                pixels = pixels_of(one.glyph)
                under = canvas[y : y + pixels.shape[0], x : x + pixels.shape[1]]
                np.copyto(under, pixels + np.uint8(colour - 1), where=pixels > 0)


def _put(canvas: Canvas, x: int, y: int, pixels: Canvas, colour: int) -> None:
    """Draw a block as the glasses do: index 0 is the background and erases, the others follow the colour's."""
    part = canvas[y : y + pixels.shape[0], x : x + pixels.shape[1]]
    block = pixels[: part.shape[0], : part.shape[1]]
    part[:] = np.where(block == 0, 0, (block + np.uint8(colour - 1)) % 16)


def _pixels(bitmap: Bitmap) -> Canvas:
    raw = np.frombuffer(bitmap.data, np.uint8)
    shifts = np.arange(8 - bitmap.bits, -1, -bitmap.bits, dtype=np.uint8)
    values = (raw[:, np.newaxis] >> shifts & np.uint8((1 << bitmap.bits) - 1)).ravel()
    rows = len(values) // bitmap.width
    return values[: rows * bitmap.width].reshape(rows, bitmap.width)
