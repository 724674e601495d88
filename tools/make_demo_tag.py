"""Makes `host/data/demo-tag.jpg`: the shelf tag that the demo photographs, drawn with the font that Pillow carries.

    pip install pillow && python tools/make_demo_tag.py

It hangs a little crooked on a shelf with some grain, as tags do in photos; the same Pillow makes the same file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from host.app.demo_tag import NAME, PRICE, SIZE, UNIT_PRICE, tag  # noqa: E402 - importable from a checkout by then

SIDE = 1080  # pixels: more than the glasses' camera has
SHELF, PAPER, INK, RAIL = (116, 104, 92), (246, 244, 238), (24, 24, 26), (196, 60, 48)
LEFT, TOP, RIGHT, BOTTOM = 150, 300, 930, 790
TILT_DEG = -2.0
GRAIN = 2.0  # standard deviation of 255


def main() -> None:
    """Draw, tilt, write."""
    image = Image.new("RGB", (SIDE, SIDE), SHELF)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, TOP - 40, SIDE, BOTTOM + 40), RAIL)
    draw.rounded_rectangle((LEFT, TOP, RIGHT, BOTTOM), 16, fill=PAPER)

    def put(x: int, y: int, text: str, height: int, anchor: str) -> float:
        font = ImageFont.load_default(height)
        draw.text((x, y), text, INK, font, anchor=anchor)
        return draw.textlength(text, font)

    put(LEFT + 40, TOP + 80, NAME, 62, "ls")
    put(LEFT + 40, TOP + 150, SIZE, 48, "ls")
    whole, cents = PRICE
    wide = put(LEFT + 300, BOTTOM - 70, whole, 260, "ls")
    put(LEFT + 300 + int(wide) + 12, BOTTOM - 252, cents, 120, "lt")
    put(LEFT + 40, BOTTOM - 40, UNIT_PRICE, 40, "ls")
    tilted = image.rotate(TILT_DEG, Image.Resampling.BICUBIC, fillcolor=SHELF).filter(ImageFilter.GaussianBlur(0.7))
    grain = np.random.default_rng(1).normal(0.0, GRAIN, (SIDE, SIDE, 1))
    seen = np.clip(np.asarray(tilted, np.float64) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(seen).save(tag(), quality=80)
    print(f"{tag()}: {tag().stat().st_size} bytes")


if __name__ == "__main__":
    main()
