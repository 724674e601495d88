"""A photo is read: decoded, looked at for barcodes, read by a reader, put into order, and judged.

This is what translating a sign and reading a price stand on; neither knows which reader it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.errors import NoTextError
from host.photo import decode_photo, load_photo
from host.read.barcode import Barcode
from host.read.layout import Block, arrange
from host.read.line import TextLine
from host.read.looks import merged, middle, moved
from host.read.quality import Advice, Quality, advice, measure
from host.read.reader import BarcodeReader, GlancingReader, Picture, Reader

__all__ = ["MAX_LINES", "Reading", "decoded", "judged", "loaded", "looks", "read_picture", "require_text"]

MAX_LINES: Final = 1000
"""Lines of a photo that are put in order, the largest: a page of a book has fifty."""

_DO = {
    Advice.MORE_LIGHT: ("the photo is too dark to read", "Take it again with more light"),
    Advice.HOLD_STILL: ("the photo is blurred", "Take it again and hold still"),
    Advice.CLOSER: ("the letters in the photo are too small to read", "Take it again from closer"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a photo says.

    Attributes:
        width: of the photo, pixels.
        height: of the photo, pixels.
        blocks: its text in reading order.
        lines: the same text as the reader gave it, in no order.
        barcodes: those in it, the largest first.
        quality: figures of the photo.
        advice: what would make it readable; None where its figures do not speak against it.
    """

    width: int
    height: int
    blocks: Sequence[Block]
    lines: Sequence[TextLine]
    barcodes: Sequence[Barcode]
    quality: Quality
    advice: Advice | None

    @property
    def text(self) -> str:
        """All of it for a person to read, a row a line, blocks parted by an empty line, doubtful parts marked "?"."""
        return "\n\n".join(block.text for block in self.blocks)


async def loaded(path: Path) -> Picture:
    """The photo in a file, upright. Raises PhotoInputError, BackendMissingError."""
    return await asyncio.to_thread(load_photo, path)


async def decoded(jpeg: bytes, orientation: int) -> Picture:
    """A photo of the glasses, upright; `orientation` as `firmware_bridge.Photo` tells it. Raises as `loaded`."""
    return await asyncio.to_thread(decode_photo, jpeg, orientation=orientation)


async def read_picture(
    picture: Picture, reader: Reader, *, barcodes: BarcodeReader | None = None, two_looks: bool = False
) -> Reading:
    """Read an upright photo. Cancelling leaves the reader usable.

    Args:
        picture: the photo.
        reader: of its text.
        barcodes: reader of barcodes; None to look for none.
        two_looks: read its middle a second time, by itself, for small letters there; it takes about as long again.
            Readers that say no places look once whatever is asked.

    Raises:
        BackendError: the reader failed.
    """
    codes = await barcodes.read(picture) if barcodes is not None else ()
    lines = await reader.read(picture)
    if two_looks and reader.info.places:
        lines = await _with_middle(picture, reader, lines)
    return await judged(picture, reader, lines, codes)


async def looks(picture: Picture, reader: Reader) -> AsyncGenerator[list[TextLine], None]:
    """The lines of an upright photo by one look after the other, each more thorough and as long as all before it.

    A glance, where the reader can; the whole photo; and its middle by itself as well, where lines have places.

    Raises:
        BackendError: the reader failed.
    """
    if isinstance(reader, GlancingReader):
        yield await reader.glance(picture)
    lines = await reader.read(picture)
    yield lines
    if reader.info.places:
        yield await _with_middle(picture, reader, lines)


async def judged(picture: Picture, reader: Reader, lines: list[TextLine], codes: Sequence[Barcode]) -> Reading:
    """What lines and barcodes that were found in an upright photo make of it."""
    height, width = picture.shape[:2]
    lines = sorted(lines, key=lambda line: -line.height)[:MAX_LINES]
    blocks = await asyncio.to_thread(arrange, lines)
    placed = [line for line in lines if not line.unsure] if reader.info.places else []
    quality = await asyncio.to_thread(measure, picture, placed)
    return Reading(width, height, blocks, lines, codes, quality, advice(quality))


async def _with_middle(picture: Picture, reader: Reader, lines: list[TextLine]) -> list[TextLine]:
    """The lines of a photo, its middle looked at by itself, too."""
    look = left, top, right, bottom = middle(picture.shape[1], picture.shape[0])
    return merged(lines, moved(await reader.read(picture[top:bottom, left:right]), left, top), look)


def require_text(reading: Reading) -> Reading:
    """The reading, if there is text in it. Raises NoTextError, which says what the wearer can do."""
    if reading.blocks:
        return reading
    if reading.advice is not None:
        raise NoTextError(*_DO[reading.advice])
    raise NoTextError("no text was found in the photo", "Go closer, and hold the text in the middle")
