"""Figures of a tag that the reader overlooked, found by their ink and read by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import numpy as np

from host.price.cut import angle_of, cut_out
from host.price.unread import larger
from host.read.line import TextLine
from host.read.reader import LineReader, Picture

__all__ = ["overlooked"]

LEAST: Final = (
    0.6  # confidence of two figures; shelves, packages and hands are read as letters or as one figure, if at all
)


async def overlooked(picture: Picture, lines: Sequence[TextLine], reader: LineReader) -> list[TextLine]:
    """Lines of figures taller than any that was read, each once; mostly none. Cancelling leaves the reader usable.

    Args:
        picture: the photo.
        lines: that were read in it.
        reader: of single lines.

    Raises:
        BackendError: the reader failed.
    """
    figures = [line for line in lines if any(c.isdigit() for c in line.text)]
    tallest = max(figures or lines, key=lambda line: line.height, default=None)
    if tallest is None:
        return []
    angle = angle_of(lines)
    found: list[TextLine] = []
    for corners in await asyncio.to_thread(larger, picture, tallest, lines, angle):
        cut = await asyncio.to_thread(cut_out, picture, TextLine("", corners), angle=angle)
        said = await reader.read_line(np.repeat(np.clip(cut.grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2))
        if said is None or sum(c.isdigit() for c in said.text) < 2 or (said.confidence or 0) < LEAST:
            continue
        line = TextLine(said.text, corners, said.confidence)
        # Each figure of one number shows its neighbours beside it: the longest text has them all.
        if all(line.text not in other.text for other in found):
            found = [other for other in found if other.text not in line.text] + [line]
    return found
