"""The emulated Frame's font: exact glyph cells, shapes of an open font.

Width and height of each glyph are those of the firmware (`frame_font.tsv`). The shapes are not: they are those of
Aileron (CC0), which Pillow carries, brought into the firmware's cells.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

Glyph = NDArray[np.bool_]
"""One glyph's cell, (height, width)."""


@lru_cache(maxsize=1)
def cells() -> dict[int, tuple[int, int]]:
    """Code point to (width, height) in pixels of every glyph that Frame has (2.3)."""
    table = (resources.files(__package__) / "frame_font.tsv").read_text("ascii")
    rows = (line.split("\t") for line in table.splitlines()[1:])
    return {int(code.removeprefix("U+"), 16): (int(width), int(height)) for code, width, height in rows}


@lru_cache(maxsize=256)
def glyph(code: int) -> Glyph | None:
    """The pixels of a glyph, or None where Frame has none."""
    cell = cells().get(code)
    if cell is None:
        return None
    from firmware_bridge.emulator import font_shapes  # noqa: PLC0415 - loads Pillow, once something is drawn

    return font_shapes.shape(code, *cell)
