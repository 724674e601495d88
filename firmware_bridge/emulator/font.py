"""The emulated Frame's font: exact glyph cells, shapes of an open font.

Width and height of each glyph are those of the firmware (`frame_font.py`). The shapes are not: they are those of
Aileron (CC0), which Pillow carries, brought into the firmware's cells.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.frame_font import glyph_cells

Glyph = NDArray[np.bool_]
"""One glyph's cell, (height, width)."""


@lru_cache(maxsize=256)
def glyph(code: int) -> Glyph | None:
    """The pixels of a glyph, or None where Frame has none."""
    cell = glyph_cells().get(code)
    if cell is None:
        return None
    from firmware_bridge.emulator import font_shapes  # noqa: PLC0415 - loads Pillow, once something is drawn

    return font_shapes.shape(code, *cell)
