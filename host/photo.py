"""Photos as files and as they come from the glasses: bounded before they are decoded, turned upright once.

A picture of a few kilobytes can claim to be of gigapixels. So the file's size is looked at before it is read, and the
size that its header claims before a pixel is decoded. Only the decoders named here are tried.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from host.errors import BackendMissingError, PhotoInputError
from host.read.reader import Picture

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "decode_photo",
    "encode_jpeg",
    "grey_levels",
    "load_photo",
    "resized",
    "turned",
]

MAX_BYTES: Final = 50_000_000  # of a file: the largest JPEGs of phones are 30 MB
MAX_PIXELS: Final = 64_000_000  # phones take 12 to 64 megapixels; decoded that is 200 MB for a moment
LONGEST_SIDE: Final = 3000  # pixels kept: readers take 2000, barcodes are found in less
FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
"""Pillow's names of the decoders that are tried; all of them are inside Pillow."""

_SCALABLE: Final = frozenset({"L", "RGB", "RGBA", "CMYK", "YCbCr"})  # Pillow's modes that it scales without steps
_ORIENTATION: Final = 0x0112  # EXIF tag
_INSTALL: Final = "Install it: pip install 'sidelight[read]'"
_TAKES: Final = "Name a JPEG, PNG, WebP, BMP, GIF or TIFF file"


def load_photo(path: Path) -> Picture:
    """The photo in a file, upright. Raises PhotoInputError, BackendMissingError."""
    name = f"{str(path)!a}"
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PhotoInputError(f"{name} cannot be read: {reason}", "Check the file's name") from error
    return decode_photo(data, name=name)


def decode_photo(data: bytes, *, orientation: int | None = None, name: str = "the photo") -> Picture:
    """Decode a photo and turn it upright; of animations the first picture.

    Transparent parts become white. Photos longer than `LONGEST_SIDE` are scaled down to it.

    Args:
        data: the file's bytes, from anywhere.
        orientation: EXIF orientation, 1 to 8, of a photo whose file does not tell it, as of the glasses; whatever the
            file says is left aside then. None is what the file says.
        name: what the photo is called in messages; printable.

    Raises:
        PhotoInputError: too large, no picture, or only a part of one.
        BackendMissingError: Pillow is not installed.
        ValueError: `orientation` is not 1 to 8.
    """
    if orientation is not None and not 1 <= orientation <= 8:
        raise ValueError(f"{orientation} is no EXIF orientation")
    try:
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - imported when used
    except ImportError as error:
        raise BackendMissingError("reading photos needs Pillow, which is not installed", _INSTALL) from error

    if not data:
        raise PhotoInputError(f"{name} is empty", _TAKES)
    if len(data) > MAX_BYTES:
        raise PhotoInputError(f"{name} is larger than {MAX_BYTES // 1_000_000} MB", "Make it smaller, or cut it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit stands below
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PhotoInputError(f"{name} is no picture that can be read here", _TAKES) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name) from error
    except Exception as error:  # decoders fail in many ways on damaged headers
        raise PhotoInputError(f"{name} is damaged: its header cannot be read", "Take or save it again") from error
    with image:
        if image.width * image.height > MAX_PIXELS:
            raise _too_many_pixels(name)
        turn = orientation or _told_orientation(image)
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG: decoded at an eighth to a half, where that suffices
        try:
            image.load()
        except Exception as error:
            raise PhotoInputError(
                f"{name} is cut off or damaged: not all of the picture is there", "Take or save it again"
            ) from error
        return _upright(_coloured(image), turn)


def encode_jpeg(picture: Picture, *, longest_px: int, quality: int = 85) -> bytes:
    """The photo as a JPEG file that tells nothing else: no place, no time, no device.

    Args:
        picture: to encode.
        longest_px: it is scaled down to this, on its longer side.
        quality: of the JPEG, 1 to 95.

    Raises:
        BackendMissingError: Pillow is not installed.
    """
    try:
        from PIL import Image  # noqa: PLC0415 - imported when used
    except ImportError as error:
        raise BackendMissingError("sending photos needs Pillow, which is not installed", _INSTALL) from error
    image = Image.fromarray(picture)
    image.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def resized(picture: Picture, scale: float) -> Picture:
    """The photo, or its grey levels, at so many times its size, smoothly; more than 0. Raises BackendMissingError."""
    if scale == 1.0:
        return picture
    try:
        from PIL import Image  # noqa: PLC0415 - imported when used
    except ImportError as error:
        raise BackendMissingError("reading photos needs Pillow, which is not installed", _INSTALL) from error
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return np.array(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))


def grey_levels(picture: Picture) -> Picture:
    """How bright each pixel is (ITU-R BT.601), 0 to 255, shape (height, width). Raises BackendMissingError."""
    try:
        from PIL import Image  # noqa: PLC0415 - imported when used
    except ImportError as error:
        raise BackendMissingError("reading photos needs Pillow, which is not installed", _INSTALL) from error
    return np.array(Image.fromarray(picture).convert("L"))


def turned(picture: Picture, degrees: float) -> Picture:
    """The photo, or its grey levels, turned counter-clockwise about its middle, with room for its corners, grey there.

    Raises:
        BackendMissingError: Pillow is not installed.
    """
    try:
        from PIL import Image  # noqa: PLC0415 - imported when used
    except ImportError as error:
        raise BackendMissingError("reading photos needs Pillow, which is not installed", _INSTALL) from error
    grey = 128 if picture.ndim == 2 else (128, 128, 128)
    image = Image.fromarray(picture).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=grey)
    return np.array(image)


def _too_many_pixels(name: str) -> PhotoInputError:
    limit = MAX_PIXELS // 1_000_000
    return PhotoInputError(f"{name} claims more than {limit} megapixels, and was not decoded", "Make it smaller")


def _told_orientation(image: PillowImage) -> int:
    """What the file's EXIF says; 1, as it is, where it says nothing of sense."""
    try:
        told = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - EXIF is as damaged as its writer likes; the picture is still good
        return 1
    return told if isinstance(told, int) and 1 <= told <= 8 else 1


def _coloured(image: PillowImage) -> PillowImage:
    """In red, green and blue, on white, and most kinds scaled to `LONGEST_SIDE`."""
    from PIL import Image  # noqa: PLC0415 - as above

    if image.mode in _SCALABLE:
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)  # before there are copies of it
    if image.mode.startswith("I;16"):  # 16-bit grey: Pillow would cut off what is above 255
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(ground, seen).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _upright(image: PillowImage, orientation: int) -> Picture:
    """Scaled to `LONGEST_SIDE` and turned."""
    from PIL import Image  # noqa: PLC0415 - as above

    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turned = image.transpose(turns[orientation]) if orientation in turns else image
    return np.array(turned, np.uint8)
