"""Photos with text, drawn for the readers' tests with the font that Pillow carries: Latin letters only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

BOARD = (205, 190, 160)


def photo(
    rows: Sequence[tuple[int, int, int, str]], *, size: tuple[int, int] = (720, 720), font: Path | None = None
) -> np.ndarray:
    """Black text on a board: (left, top, height, text) a row."""
    image = Image.new("RGB", size, BOARD)
    draw = ImageDraw.Draw(image)
    for left, top, height, text in rows:
        face = ImageFont.load_default(height) if font is None else ImageFont.truetype(font, height)
        draw.text((left, top), text, fill=(15, 15, 15), font=face)
    return np.array(image)


TAG = ((160, 200, 44, "TOMATO SOUP"), (160, 270, 30, "Organic 500 g"), (300, 340, 110, "29.90"))
