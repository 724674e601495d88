"""JPEG files of the form that Frame's camera makes (device reference 2.5): a header of fixed length, then the scan."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
"""(height, width, 3), red, green and blue from 0 to 255, at least one pixel."""

HEADER_BYTES: Final = 623  # 2.5: SOI 2, APP0 18, two DQT 138, SOF0 19, four DHT 432, SOS 14
_SIZE_AT: Final = 163  # height and width in SOF0, two bytes each
FOOTER: Final = b"\xff\xd9"
SCAN_MAX_BYTES: Final = 65_535  # 2.5: the byte count has 16 bits
_JFIF: Final = bytes.fromhex("ffe0 0010 4a46494600 0102 00 0064 0064 0000")  # version 1.2, 100 : 100, no unit


def encode(picture: Picture, quality: int) -> tuple[bytes, bytes]:
    """Compress: baseline, 8 bit, 4:2:0, standard Huffman tables.

    Args:
        picture: what to compress.
        quality: scale of the standard quantisation tables, 1 to 100.

    Returns:
        The header of 623 bytes (up to and including SOS) and the scan; the file ends with `FOOTER`.
    """
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality, subsampling="4:2:0")
    data = buffer.getvalue()
    segments, scan_at = _segments(data)
    header = b"\xff\xd8" + _JFIF + b"".join(segments)
    if len(header) != HEADER_BYTES:
        # A libjpeg that was built to write its tables otherwise; none that Pillow is shipped with does.
        msg = f"the JPEG library made a header of {len(header)} bytes"
        raise RuntimeError(msg)
    return header, data[scan_at : -len(FOOTER)]


def encode_to_fit(picture: Picture, quality: int) -> tuple[bytes, bytes, int]:
    """Compress as `encode` does, at the highest quality up to `quality` whose scan the camera can hold.

    Returns:
        Header, scan, and the quality used.
    """
    while True:
        header, scan = encode(picture, quality)
        if len(scan) <= SCAN_MAX_BYTES or quality == 1:
            return header, scan[:SCAN_MAX_BYTES], quality
        quality = max(1, quality - 5)


def empty_header() -> bytes:
    """What the firmware makes before the first photo: no size, and quantisation by 1 throughout."""
    header, _ = encode(np.zeros((16, 16, 3), np.uint8), 100)
    return header[:_SIZE_AT] + bytes(4) + header[_SIZE_AT + 4 :]


def _segments(data: bytes) -> tuple[list[bytes], int]:
    """The segments of a JPEG file from the first DQT to SOS, and where the scan begins."""
    found, at = [], 2
    while True:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] != 0xE0:
            found.append(data[at:end])
        if data[at + 1] == 0xDA:
            # The camera has both tables for DC before those for AC, libjpeg those of luma before those of chroma.
            found[3:7] = sorted(found[3:7], key=lambda table: table[4])
            return found, end
        at = end
