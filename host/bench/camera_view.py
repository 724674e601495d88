"""A photo as somebody who looks at the tag gets it: taken by emulated glasses, at their resolution, rotation and JPEG.

The wearer holds the tag in the middle and goes as near as shows all of the photo, or less near: of the view it fills a
share, and what there is no picture of is plain, of the colour of the photo's edge.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from host.photo import decode_photo, encode_jpeg, load_photo
from host.read.reader import Picture

__all__ = ["GLASSES", "looked_at", "seen_by"]

GLASSES: Final = {"frame": 1.0, "halo": 4 / 3}
"""Whose camera it may be, and how much wider than tall that sees."""

_BEST: Final = 95  # JPEG quality of what is held before the camera; its own is 50


async def seen_by(glasses: str, share: float, path: Path) -> Picture:
    """The photo in a file, as it comes from the camera of the glasses.

    Args:
        glasses: one of `GLASSES`; with "?" and options of the emulator, such as "halo?strict=1".
        share: of the view that the photo fills, above 0 to 1.
        path: the file.

    Raises:
        PhotoInputError: it is no photo.
        BackendMissingError: nothing here can read it.
        GlassesError: there are no such options.
    """
    return await asyncio.to_thread(_seen, glasses, share, path)


def looked_at(picture: Picture, share: float = 1.0, aspect: float = 1.0) -> Picture:
    """The photo in the middle of a view of which it fills a share at most, `aspect` times as wide as tall."""
    height, width = picture.shape[:2]
    wide = max(width, height * aspect) / share
    size = round(wide / aspect), round(wide)
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    view = np.empty((*size, 3), np.uint8)
    view[:] = np.median(edge, axis=0).astype(np.uint8)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    view[top : top + height, left : left + width] = picture
    return view


def _seen(glasses: str, share: float, path: Path) -> Picture:
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - the Lua VM is loaded when it is used

    kind, _, options = glasses.partition("?")
    with tempfile.TemporaryDirectory() as folder:
        before, seen = Path(folder, "seen.jpg"), looked_at(load_photo(path), share, GLASSES[kind])
        before.write_bytes(encode_jpeg(seen, longest_px=max(seen.shape), quality=_BEST))
        photo = run_virtual(_taken(f"emulator:{kind}?camera={before}&{options}".removesuffix("&")))
    return decode_photo(photo[0], orientation=photo[1])


async def _taken(uri: str) -> tuple[bytes, int]:
    from firmware_bridge import Glasses  # noqa: PLC0415 - as above
    from firmware_bridge.emulator import EmulatorSource, parse_uri  # noqa: PLC0415 - as above

    async with Glasses(EmulatorSource(parse_uri(uri))) as glasses:
        photo = await glasses.take_photo()
        return photo.jpeg, photo.orientation
