"""A photo of a shelf tag: read, the likely prices looked at a second time, and understood."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from host.app.overlooked import overlooked
from host.app.read import Reading, judged, looks
from host.price.beside import Sides, beside
from host.price.cut import angle_of, without_ghosts
from host.price.fields import understand_fields
from host.price.figures import Look
from host.price.gate import AGREED, View
from host.price.ink import Ink, look, struck_out
from host.price.lcd import displayed
from host.price.tag import Tag
from host.price.understand import understand
from host.read.barcode import Barcode
from host.read.line import TextLine
from host.read.reader import BarcodeReader, FieldReader, LineReader, Picture, Reader

__all__ = ["TagReading", "read_tag"]

LOOKS: Final = 3  # lines that are looked at twice: price, price before, unit price; each costs about 20 ms
SIDES: Final = 6  # lines about which the ground is looked at: a price may be less tall than an offer or a code
OVER: Final = 0.5  # of the smaller: what a reader of print made of a display
_STRUCK: Final = Look(tall=0, raised=0, points=0, whole="", cents="", confidence=0.0, struck=True)
DENIED: Final = 0.7  # confidence of other figures, at which none are believed
LEAST_HEIGHT: Final = 8.0  # pixels; smaller figures have no ink to count


@dataclass(frozen=True, slots=True)
class TagReading:
    """A photo of a tag.

    Attributes:
        reading: all that is in the photo.
        tag: what it says of a price.
    """

    reading: Reading
    tag: Tag

    @property
    def barcodes(self) -> Sequence[Barcode]:
        """Those in the photo, the largest first."""
        return self.reading.barcodes


async def read_tag(
    picture: Picture, reader: Reader, *, barcodes: BarcodeReader | None = None, currency: str = ""
) -> TagReading:
    """Read an upright photo of a tag. Cancelling leaves the reader usable.

    Args:
        picture: the photo.
        reader: of its text; one that says where lines stand, and reads single ones, is looked at twice; one that says
            what a tag's texts are is believed as far as its own lines, where it says where they stand, bear it out.
        barcodes: reader of barcodes; None to look for none.
        currency: of the shop's country, ISO 4217; empty where that is not known.

    Raises:
        BackendError: the reader failed.
    """
    codes = asyncio.create_task(_codes(picture, barcodes))  # beside the reader, which is a process of its own
    found: list[TagReading] = []
    try:
        async with contextlib.aclosing(looks(picture, reader)) as more:
            async for lines in more:
                found.append(await _understood(picture, await judged(picture, reader, lines, ()), reader, currency))
                if found[-1].tag.accepted:
                    break
        best = found[-1] if found[-1].tag.accepted else found[-2:][0]  # the whole photo tells best why not
        return replace(best, reading=replace(best.reading, barcodes=await codes))
    finally:
        codes.cancel()
        await asyncio.gather(codes, return_exceptions=True)


async def _codes(picture: Picture, barcodes: BarcodeReader | None) -> Sequence[Barcode]:
    return await barcodes.read(picture) if barcodes is not None else ()


async def _understood(picture: Picture, reading: Reading, reader: Reader, currency: str) -> TagReading:
    seconds: Mapping[TextLine, Look] = {}
    if isinstance(reader, LineReader):
        seconds = await _looks(picture, reading.lines, reader, angle_of(reading.lines))
    height, width = picture.shape[:2]
    view = View(
        (width / 2, height / 2), currency, seconds, await _sides(picture, reading.lines, angle_of(reading.lines))
    )
    lines = reading.lines if reader.info.places else ()  # rows of equal height tell no price from an article's number
    if isinstance(reader, FieldReader):
        return TagReading(reading, understand_fields(await reader.read_fields(picture), lines, view))
    tag = understand(lines, view)
    if AGREED not in tag.evidence and isinstance(reader, LineReader):
        more = await overlooked(picture, lines, reader)
        if more:
            seconds = {**seconds, **await _looks(picture, more, reader, angle_of(lines))}
            sides = {**view.beside, **await _sides(picture, more, angle_of(lines))}
            lines, view = [*lines, *more], replace(view, looks=seconds, beside=sides)
            tag = understand(lines, view)
    if not tag.accepted and isinstance(reader, LineReader):
        shown = await asyncio.to_thread(_on_display, picture, lines, view)
        tag = tag if shown is None else shown
    return TagReading(reading, tag)


def _on_display(picture: Picture, lines: Sequence[TextLine], view: View) -> Tag | None:
    """The tag with the price that a display in the photo shows; None where none is accepted."""
    shown = displayed(picture, angle_of(lines))
    if shown is None:
        return None
    line, seen = shown
    if any(_longer(other, line) for other in lines if other.box.shared_area(line.box) > 0):
        return None
    rest = [other for other in lines if other.box.shared_area(line.box) < OVER]
    sides = {line: beside(picture, line, angle_of(lines), lines)}
    tag = understand([line, *rest], replace(view, looks={**view.looks, line: seen}, beside=sides))
    return tag if tag.accepted else None


def _longer(other: TextLine, line: TextLine) -> bool:
    """Whether a line has the figures of another and more before them: the other may have lost its first."""
    more, digits = (re.sub(r"\D", "", each.text) for each in (other, line))
    return len(more) > len(digits) and more.endswith(digits)


def _tallest(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines with figures that are large enough, the tallest first."""
    figures = [line for line in lines if line.height >= LEAST_HEIGHT and any(c.isdigit() for c in line.text)]
    return sorted(figures, key=lambda line: -line.height)


async def _sides(picture: Picture, lines: Sequence[TextLine], angle: float) -> Mapping[TextLine, Sides]:
    """What may hide figures of the tallest lines with such."""
    return await asyncio.to_thread(
        lambda: {line: beside(picture, line, angle, lines) for line in _tallest(lines)[:SIDES]}
    )


async def _looks(
    picture: Picture, lines: Sequence[TextLine], reader: LineReader, angle: float
) -> Mapping[TextLine, Look]:
    """Second looks at the tallest lines with figures, of a tag at that angle."""
    figures = _tallest(lines)
    struck = await asyncio.to_thread(lambda: [line for line in figures if struck_out(picture, line)])
    found = dict.fromkeys(struck, _STRUCK)
    for line in [line for line in figures if line not in found][:LOOKS]:
        ink = await asyncio.to_thread(_ink, picture, line, angle)
        if ink is None:
            continue
        whole = await reader.read_line(ink.whole)
        cents = await reader.read_line(ink.cents) if ink.cents is not None else None
        said = [part for part in (whole, cents) if part is not None]
        sure = min((1.0 if part.confidence is None else part.confidence for part in said), default=0.0)
        if whole is not None and await _denied(ink.whole, whole, reader):
            sure = 0.0
        found[line] = Look(
            tall=ink.tall,
            raised=ink.raised,
            points=ink.points,
            whole=whole.text if whole is not None else "",
            cents=cents.text if cents is not None else "",
            confidence=sure,
        )
    return found


def _ink(picture: Picture, line: TextLine, angle: float) -> Ink | None:
    """The ink of a line at the tag's angle; else at its own, or between the two: few lines do not tell a tag's.

    Where no point and no raised figures are seen, a better angle may show them: most figures count.
    """
    found: Ink | None = None
    for turn in dict.fromkeys((angle, line.angle, (angle + line.angle) / 2)):
        ink = look(picture, line, angle=turn)
        if ink is not None and (found is None or ink.tall + ink.raised > found.tall + found.raised):
            found = ink
        if found is not None and (found.raised or found.points):
            break
    return found


async def _denied(figures: Picture, said: TextLine, reader: LineReader) -> bool:
    """Whether figures say something else without the faint ones under them: electronic paper keeps the price before."""
    plain = await asyncio.to_thread(without_ghosts, figures[..., 0].astype(np.float32))
    again = await reader.read_line(np.repeat(plain.astype(np.uint8)[..., None], 3, axis=2))
    if again is None or (again.confidence or 0.0) < DENIED or not again.text.isdecimal():
        return False
    return len(again.text) == len(said.text) and again.text != said.text
