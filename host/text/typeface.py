"""One font at one size: HarfBuzz shapes with it, FreeType draws it; the only file that imports either."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from host.errors import FontError
from host.fonts import FontFile
from host.lens.display_list import Glyph

__all__ = ["Drawn", "SetGlyph", "Typeface"]

_UNIT: Final = 64  # both libraries count 64ths of a pixel
_CONTEXT: Final = 8  # characters on each side that a run is shaped in sight of; HarfBuzz itself looks at five
_KEPT: Final = 4096
"""Pictures of glyphs that are kept; some 150 bytes each. Chinese newspapers use 3000 ideographs."""


@dataclass(frozen=True, slots=True)
class SetGlyph:
    """A glyph as it was shaped: its number, the character it stands for, and, in 64ths of a pixel, how far it takes the
    pen, and how far it stands off it, right and up.
    """

    name: int
    cluster: int
    advance: int
    right: int
    up: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """Ink of a glyph: the picture, and where its left edge and its top are from the pen, right and up, in pixels."""

    glyph: Glyph
    left: int
    top: int


class Typeface:
    """A font file at one size."""

    def __init__(self, file: FontFile, size: int) -> None:
        """Open it.

        Args:
            file: which font.
            size: of the em, pixels, at least 1.

        Raises:
            FontError: the file cannot be read as a font.
        """
        import freetype  # noqa: PLC0415 - an extra
        import uharfbuzz as hb  # noqa: PLC0415 - an extra

        self.file = file
        try:
            self._font = hb.Font(hb.Face(hb.Blob.from_file_path(str(file.path)), file.index))
            self._face = freetype.Face(str(file.path), file.index)
            self._face.set_pixel_sizes(0, size)
        except (hb.HarfBuzzError, freetype.FT_Exception, OSError) as error:
            raise FontError(f"{file.path} cannot be read as a font", "Reinstall the font") from error
        self._font.scale = (size * _UNIT, size * _UNIT)
        self._flags = freetype.FT_LOAD_NO_BITMAP | freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_TARGET_MONO
        self._mono = freetype.FT_RENDER_MODE_MONO
        self._failed = freetype.FT_Exception
        self.drawn = lru_cache(_KEPT)(self._drawn)

    def has(self, character: str) -> bool:
        """Whether the font has a glyph for the character."""
        return self._font.get_nominal_glyph(ord(character)) is not None

    def shape(self, text: str, start: int, end: int, script: str, language: str, *, rtl: bool) -> list[SetGlyph]:
        """Shape characters `start` to `end` of a text; what is around them counts for joining.

        Returns:
            The glyphs from left to right; `cluster` counts from the beginning of the text.
        """
        import uharfbuzz as hb  # noqa: PLC0415 - an extra

        buffer = hb.Buffer()
        first = max(0, start - _CONTEXT)
        buffer.add_codepoints([*map(ord, text[first : end + _CONTEXT])], start - first, end - start)
        buffer.direction = "rtl" if rtl else "ltr"
        buffer.script = script
        if language:
            buffer.language = language
        hb.shape(self._font, buffer)
        return [
            SetGlyph(info.codepoint, first + info.cluster, place.x_advance, place.x_offset, place.y_offset)
            for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        ]

    def _drawn(self, name: int) -> Drawn | None:
        """Ink of a glyph, one bit a pixel, cut to what there is; None for a blank one."""
        try:
            self._face.load_glyph(name, self._flags)
            self._face.glyph.render(self._mono)
        except self._failed:  # a damaged outline; a font of coloured pictures has none at all
            return None
        slot: Any = self._face.glyph
        rows, pitch = slot.bitmap.rows, slot.bitmap.pitch
        packed = np.array(slot.bitmap.buffer, np.uint8).reshape(rows, pitch)
        pixels = np.unpackbits(packed, axis=1)[:, : slot.bitmap.width]
        if not pixels.any():
            return None
        top, bottom = _extent(np.flatnonzero(pixels.any(axis=1)))
        left, right = _extent(np.flatnonzero(pixels.any(axis=0)))
        ink = pixels[top:bottom, left:right]
        glyph = Glyph(right - left, bottom - top, 1, np.packbits(ink).tobytes())
        return Drawn(glyph, slot.bitmap_left + left, slot.bitmap_top - top)


def _extent(used: npt.NDArray[np.intp]) -> tuple[int, int]:
    return int(used[0]), int(used[-1]) + 1
