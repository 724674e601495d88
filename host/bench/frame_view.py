"""A photo as somebody who looks at the tag gets it: taken by the emulated Frame, at its resolution, rotation and JPEG.

The wearer holds the tag in the middle and goes as near as shows all of the photo: it fills the view across its longer
side, and what there is no picture of, above and below or at the sides, is plain, of the colour of the photo's edge.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from host.photo import decode_photo, encode_jpeg, load_photo
from host.read.reader import Picture

__all__ = ["looked_at", "seen_by_frame"]

_BEST: Final = 95  # JPEG quality of what is held before the camera; its own is 50


async def seen_by_frame(path: Path) -> Picture:
    """The photo in a file, as it comes from the camera of the glasses. Raises PhotoInputError, BackendMissingError."""
    return await asyncio.to_thread(_seen, path)


def looked_at(picture: Picture) -> Picture:
    """The photo in the middle of a square on which it just fits."""
    height, width = picture.shape[:2]
    side = max(height, width)
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    square = np.empty((side, side, 3), np.uint8)
    square[:] = np.median(edge, axis=0).astype(np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = picture
    return square


def _seen(path: Path) -> Picture:
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - the Lua VM is loaded when it is used

    with tempfile.TemporaryDirectory() as folder:
        before, seen = Path(folder, "seen.jpg"), looked_at(load_photo(path))
        before.write_bytes(encode_jpeg(seen, longest_px=len(seen), quality=_BEST))
        photo = run_virtual(_taken(before))
    return decode_photo(photo[0], orientation=photo[1])


async def _taken(before: Path) -> tuple[bytes, int]:
    from firmware_bridge import Glasses  # noqa: PLC0415 - as above
    from firmware_bridge.emulator import EmulatorSource, parse_uri  # noqa: PLC0415 - as above

    async with Glasses(EmulatorSource(parse_uri(f"emulator:frame?camera={before}"))) as glasses:
        photo = await glasses.take_photo()
        return photo.jpeg, photo.orientation
