"""What a scene looks like on a lens, drawn without any glasses: for a preview of what real ones show.

Shapes of the built-in fonts are those of the emulated ones (`font.py`); everything else is exact.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from firmware_bridge.emulator import font
from firmware_bridge.emulator.halo import canvas as halo_canvas
from firmware_bridge.emulator.halo import font as halo_font
from firmware_bridge.emulator.halo import palette as halo_palette
from firmware_bridge.emulator.halo.display import VISIBLE
from firmware_bridge.emulator.palette import DEFAULT_PALETTE, to_rgb
from firmware_bridge.glasses_info import LENS_SIZES
from firmware_bridge.glyphs import pixels_of
from firmware_bridge.link import GlassesKind
from firmware_bridge.scene import COLOURS, Bitmap, Glyphs, Item, Rect, Scene, Text

Canvas = NDArray[np.uint8]

_HALO_TEXT: Final = 16
"""Pixels of a letter where an item does not say."""


def scene_png(scene: Scene, kind: GlassesKind) -> bytes:
    """A scene as a PNG file, as these glasses show it."""
    items = sorted(scene.items, key=lambda item: (item.id, isinstance(item, Bitmap)))
    buffer = io.BytesIO()
    if kind == "halo":
        _on_halo(items).save(buffer, "PNG")
    else:
        _on_frame(items).save(buffer, "PNG", bits=4)
    return buffer.getvalue()


def _on_frame(items: Iterable[Item]) -> Image.Image:
    width, height = LENS_SIZES["frame"]
    canvas = np.zeros((height, width), np.uint8)
    for item in items:
        _draw(canvas, item)
    image = Image.fromarray(canvas)
    image.putpalette(to_rgb(list(DEFAULT_PALETTE)).tobytes())
    return image


def _on_halo(items: Iterable[Item]) -> Image.Image:
    """What has no ink is transparent, and only a circle is seen."""
    pixels = np.zeros((*LENS_SIZES["halo"][::-1], 3), np.uint8)
    for item in items:
        match item:
            case Text():
                _write(pixels, item)
            case Rect():
                ink = halo_palette.DEFAULT[COLOURS.index(item.colour)]
                halo_canvas.rectangle(pixels, item.x, item.y, item.width, item.height, ink, filled=True)
            case Bitmap():
                _lay(pixels, item.x, item.y, _pixels(item), item.colour)
            case Glyphs():
                for one in item.placed:
                    _lay(pixels, item.x + one.x, item.y + one.y, pixels_of(one.glyph), item.colour)
    return Image.fromarray(np.where(VISIBLE[..., np.newaxis], pixels, 0).astype(np.uint8))


def _write(pixels: Canvas, text: Text) -> None:
    scale = (text.size if text.size >= halo_font.ADVANCE else _HALO_TEXT) // halo_font.ADVANCE
    x = text.x
    for character in text.text:
        shape = halo_font.glyph(0, ord(character))
        if shape is not None:
            ink = halo_palette.DEFAULT[COLOURS.index(text.colour)]
            x += halo_canvas.letter(pixels, shape, x, text.y, scale, ink)


def _lay(pixels: Canvas, x: int, y: int, indices: Canvas, colour: str) -> None:
    """Draw what has ink; the colours follow one another from the item's on, black behind the last."""
    part = pixels[y : y + indices.shape[0], x : x + indices.shape[1]]
    seen = indices[: part.shape[0], : part.shape[1]].astype(int)
    first = COLOURS.index(colour) - 1
    inks = np.array(halo_palette.DEFAULT, np.uint8)[(seen + first) % len(COLOURS)]
    np.copyto(part, inks, where=(seen > 0)[..., np.newaxis])


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
