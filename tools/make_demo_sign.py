"""Makes `host/data/demo-sign.jpg`: the sign that the demo photographs, drawn with the font that Pillow carries.

    pip install pillow && python tools/make_demo_sign.py

It hangs a little crooked on a wall with some grain, as signs do in photos; the same Pillow makes the same file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from host.app.demo_sign import SIGN, sign  # noqa: E402 - the line above makes it importable from a checkout

SIDE = 1080  # pixels: more than the glasses' camera has
WALL, BOARD, INK = (176, 170, 160), (24, 66, 120), (240, 240, 236)
MARGIN, TOP, STEP, LETTERS = 110, 190, 190, 72
TILT_DEG = 2.5
GRAIN = 2.0  # standard deviation of 255


def main() -> None:
    """Draw, tilt, write."""
    image = Image.new("RGB", (SIDE, SIDE), WALL)
    draw = ImageDraw.Draw(image)
    bottom = TOP + STEP * len(SIGN)
    draw.rounded_rectangle((MARGIN // 2, TOP - 60, SIDE - MARGIN // 2, bottom), 30, fill=BOARD, outline=INK, width=6)
    for row, text in enumerate(SIGN):
        draw.text((MARGIN, TOP + row * STEP), text, fill=INK, font=ImageFont.load_default(LETTERS))
    tilted = image.rotate(TILT_DEG, Image.Resampling.BICUBIC, fillcolor=WALL).filter(ImageFilter.GaussianBlur(0.7))
    grain = np.random.default_rng(1).normal(0.0, GRAIN, (SIDE, SIDE, 1))
    seen = np.clip(np.asarray(tilted, np.float64) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(seen).save(sign(), quality=80)
    print(f"{sign()}: {sign().stat().st_size} bytes")


if __name__ == "__main__":
    main()
