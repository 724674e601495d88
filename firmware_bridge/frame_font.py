"""The sizes of Frame's letters, for whoever lays out text for its lens: those of the firmware."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

__all__ = ["glyph_cells"]


@lru_cache(maxsize=1)
def glyph_cells() -> dict[int, tuple[int, int]]:
    """Code point to (width, height) in pixels of every glyph that Frame has (device reference 2.3)."""
    table = (resources.files(__package__) / "frame_font.tsv").read_text("ascii")
    rows = (line.split("\t") for line in table.splitlines()[1:])
    return {int(code.removeprefix("U+"), 16): (int(width), int(height)) for code, width, height in rows}
