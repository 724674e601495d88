"""The contract of readers: what takes the text, or the barcodes, off a photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from host.read.barcode import Barcode
from host.read.fields import TagFields
from host.read.line import TextLine

__all__ = ["BarcodeReader", "FieldReader", "GlancingReader", "LineReader", "Picture", "Reader", "ReaderInfo"]

Picture = npt.NDArray[np.uint8]
"""An upright photo, shape (height, width, 3): red, green and blue from 0 to 255."""


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """What a reader can do; known without loading it.

    Attributes:
        name: as given to `--reader`.
        scripts: ISO 15924 codes that it reads; empty where only the server knows.
        local: True if no photo leaves this computer.
        places: True if the corners of its lines are where the text is; else its lines are in reading order, and their
            corners are rows of equal height that say nothing of size and place.
        quality: one phrase, honest.
        licence: of code and models.
    """

    name: str
    scripts: tuple[str, ...]
    local: bool
    places: bool
    quality: str
    licence: str


class Reader(Protocol):
    """A loaded reader of text."""

    @property
    def info(self) -> ReaderInfo:
        """What it can do."""
        ...

    async def read(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a photo, in no order; none where it finds none.

        Cancelling leaves the reader usable; the answer is thrown away.

        Raises:
            BackendError: the reader failed; with `retry` the next photo may be read.
        """
        ...

    async def close(self) -> None:
        """Unload. Repeated calls do nothing. Never raises."""
        ...


@runtime_checkable
class LineReader(Protocol):
    """A reader that can also read one line that was cut out, for a second look at it."""

    async def read_line(self, picture: Picture) -> TextLine | None:
        """What a picture says that one line of text fills; None for nothing. Cancelling as `Reader.read`.

        Raises:
            BackendError: the reader failed.
        """
        ...


@runtime_checkable
class GlancingReader(Protocol):
    """A reader that can also look at a photo quickly: it finds large letters as in a full look, small ones perhaps."""

    async def glance(self, picture: Picture) -> list[TextLine]:
        """The lines of text that a quick look finds. Cancelling as `Reader.read`.

        Raises:
            BackendError: the reader failed.
        """
        ...


@runtime_checkable
class FieldReader(Protocol):
    """A reader that can also say what each text of a price tag is."""

    async def read_fields(self, picture: Picture) -> TagFields:
        """The texts of the tag in the middle of a photo, and what each is. Cancelling as `Reader.read`.

        Raises:
            BackendError: the reader failed.
        """
        ...


class BarcodeReader(Protocol):
    """Finds barcodes; fast enough to be asked before any text is read."""

    async def read(self, picture: Picture) -> Sequence[Barcode]:
        """The barcodes in a photo, the largest first; only whole ones, whose own checks hold. Raises BackendError."""
        ...
