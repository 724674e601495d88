"""Animated GIF, written frame by frame: memory does not grow with its length."""

from __future__ import annotations

import io
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Indices = NDArray[np.uint8]
"""(height, width), each below the number of colours."""
Palette = NDArray[np.uint8]
"""(16, 3) or (256, 3), red, green and blue."""

_LOOP_FOR_EVER: Final = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
_KEEP_BENEATH: Final = 0b0000_0100  # graphic control: the next frame is drawn over this one
_LOCAL_PALETTE: Final = 0b1000_0000  # image descriptor: colours follow; the lowest bits say how many
_TRAILER: Final = b"\x3b"
_LONGEST_CS: Final = 0xFFFF


class GifWriter:
    """Frames of 16 or 256 colours, one after another; only what changed is stored.

    Until `close` the file lacks its last byte, which no viewer minds: a program killed leaves a GIF that plays.
    """

    def __init__(self, file: BinaryIO, width: int, height: int) -> None:
        """Begin a GIF in `file`, which stays the caller's to close."""
        self._file = file
        self._shown: tuple[Indices, Palette] | None = None
        size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
        file.write(b"GIF89a" + size + b"\0\0\0" + _LOOP_FOR_EVER)

    def add(self, indices: Indices, palette: Palette, duration_cs: int) -> None:
        """Append a frame that stays for so many hundredths of a second (1 to 65 535).

        Raises:
            OSError: the file cannot be written.
        """
        top, left, part = self._changed(indices, palette)
        image = Image.fromarray(part)
        image.putpalette(palette.tobytes())
        buffer = io.BytesIO()
        image.save(buffer, "GIF", optimize=False, interlace=False)
        box = b"".join(value.to_bytes(2, "little") for value in (left, top, image.width, image.height))
        control = (
            b"\x21\xf9\x04" + bytes([_KEEP_BENEATH]) + min(duration_cs, _LONGEST_CS).to_bytes(2, "little") + b"\0\0"
        )
        descriptor = b"\x2c" + box + bytes([_LOCAL_PALETTE | len(palette).bit_length() - 2]) + palette.tobytes()
        self._file.write(control + descriptor + _pixel_data(buffer.getvalue()))
        self._shown = indices, palette

    def close(self) -> None:
        """End the GIF."""
        self._file.write(_TRAILER)

    def _changed(self, indices: Indices, palette: Palette) -> tuple[int, int, Indices]:
        """The smallest rectangle that holds every changed pixel, and where it lies; one pixel where none did."""
        if self._shown is None:
            return 0, 0, indices
        changed = palette[indices] != self._shown[1][self._shown[0]]
        rows, columns = np.flatnonzero(changed.any(axis=(1, 2))), np.flatnonzero(changed.any(axis=(0, 2)))
        if not len(rows):
            return 0, 0, indices[:1, :1]
        top, left = int(rows[0]), int(columns[0])
        return top, left, np.ascontiguousarray(indices[top : rows[-1] + 1, left : columns[-1] + 1])


def _pixel_data(gif: bytes) -> bytes:
    """The compressed pixels of a GIF of one frame: code size and sub-blocks, as they stand in the file."""
    at = 13 + (3 << (gif[10] & 7) + 1 if gif[10] & 0x80 else 0)
    while gif[at] == 0x21:  # extensions
        at = _after_blocks(gif, at + 2)
    start = at + 10 + (3 << (gif[at + 9] & 7) + 1 if gif[at + 9] & 0x80 else 0)
    return gif[start : _after_blocks(gif, start + 1)]


def _after_blocks(gif: bytes, at: int) -> int:
    while gif[at]:
        at += gif[at] + 1
    return at + 1
