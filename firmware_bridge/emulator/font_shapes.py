"""Shapes for the cells of Frame's font."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_SCALE = 8
_SIZE = 34
_BASELINE = 37
_STROKE = 0.5


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(_SIZE * _SCALE)
    assert isinstance(font, ImageFont.FreeTypeFont)  # noqa: S101
    return font


def shape(code: int, width: int, height: int) -> NDArray[np.bool_]:
    """Draw a glyph into a cell."""
    canvas = Image.new("L", (64 * _SCALE, height * _SCALE))
    ImageDraw.Draw(canvas).text(
        (8 * _SCALE, _BASELINE * _SCALE), chr(code), 255, _font(), anchor="ls", stroke_width=_STROKE * _SCALE
    )
    box = canvas.getbbox()
    if box is None:
        return np.zeros((height, width), np.bool_)
    ink = canvas.crop((box[0], 0, box[2], height * _SCALE))
    small = ink.resize((width, height), Image.Resampling.BOX)
    result: NDArray[np.bool_] = np.asarray(small) > 127
    return result
