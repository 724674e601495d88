"""Shapes for the cells of Frame's font: Aileron's, and what it lacks put together from them.

Pillow carries a part of Aileron (dotcolon.net, CC0): ASCII and a few signs. Letters with marks, ligatures and the other
signs are composed here. Everything is drawn eight times as large, made as wide as its cell asks, and reduced to pixels.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFont

Shape = NDArray[np.bool_]

_SCALE: Final = 8
_SIZE: Final = 34  # pixels of the em: natural widths are then those of the cells, on average
_BASELINE: Final = 37
_CAP_TOP: Final = 13.4
_X_TOP: Final = 18.8
_WEIGHT: Final = 0.5  # pixels added around every stroke: thin strokes are hard to read on a see-through lens
_PEN: Final = 3.0  # width of the strokes drawn here before that, as of Aileron's
_STRETCH: Final = (0.72, 1.3)  # beyond it a shape is centred in its cell rather than deformed
_LEFT: Final = 12  # origin of drawing, pixels from the canvas's left edge
_CANVAS: Final = (88, 52)
_INK: Final = 112  # of 255: how much of a pixel must be covered

_Point = tuple[float, float]


def shape(code: int, width: int, height: int) -> Shape:
    """Draw a glyph into a cell of `width` times `height` pixels."""
    if code >= _FIRST_EMOJI:
        return _emoji(code - _FIRST_EMOJI, width, height)
    character = chr(code)
    if character == " ":
        return np.zeros((height, width), np.bool_)
    ink = _drawn(character)
    box = ink.getbbox()
    if box is None:
        return np.zeros((height, width), np.bool_)
    return _fitted(ink.crop((box[0], 0, box[2], height * _SCALE)), width, height)


def _fitted(ink: Image.Image, width: int, height: int) -> Shape:
    """Stretch to the cell's width, add weight, reduce to pixels."""
    room = width * _SCALE - 2 * _WEIGHT * _SCALE
    stretch = min(max(room / ink.width, _STRETCH[0]), _STRETCH[1])
    inner = min(max(1, round(ink.width * stretch)), round(room))
    cell = Image.new("L", (width * _SCALE, height * _SCALE))
    cell.paste(ink.resize((inner, ink.height), Image.Resampling.BILINEAR), ((cell.width - inner) // 2, 0))
    small = _thickened(cell, round(_WEIGHT * _SCALE)).resize((width, height), Image.Resampling.BOX)
    pixels: Shape = np.asarray(small) >= _INK
    return pixels


def _thickened(image: Image.Image, by: int) -> Image.Image:
    """Every stroke wider by so many points on each side."""
    ink = np.asarray(image)
    for axis in (0, 1):
        margin = [(by, by) if axis == along else (0, 0) for along in (0, 1)]
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(ink, margin), 2 * by + 1, axis=axis)
        ink = windows.max(axis=-1)
    return Image.fromarray(ink)


def _drawn(character: str) -> Image.Image:
    """A character at its natural width."""
    special = _SPECIAL.get(character)
    if special is not None:
        return special()
    base, mark = _decomposed(character)
    if mark is None:
        return _text(character)
    return _with_mark(base, mark)


def _decomposed(character: str) -> tuple[str, str | None]:
    parts = unicodedata.normalize("NFD", character)
    return (parts[0], parts[1]) if len(parts) == 2 else (character, None)


# --- pens -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * _SCALE)


def _blank() -> Image.Image:
    return Image.new("L", (_CANVAS[0] * _SCALE, _CANVAS[1] * _SCALE))


def _text(text: str, x: float = 0, y: float = 0, size: int = _SIZE) -> Image.Image:
    """Text of the font, shifted by so many pixels."""
    image = _blank()
    origin = ((_LEFT + x) * _SCALE, (_BASELINE + y) * _SCALE)
    ImageDraw.Draw(image).text(origin, text, 255, _font(size), anchor="ls")
    return image


def _line(points: Sequence[_Point], pen: float = _PEN) -> Image.Image:
    """A stroke with round ends through points; x from the origin, y from the top of the cell, in pixels."""
    image = _blank()
    draw = ImageDraw.Draw(image)
    scaled = [((_LEFT + x) * _SCALE, y * _SCALE) for x, y in points]
    draw.line(scaled, 255, round(pen * _SCALE), joint="curve")
    radius = pen * _SCALE / 2
    for x, y in (scaled[0], scaled[-1]):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    return image


def _dot(x: float, y: float, radius: float = 2.0) -> Image.Image:
    return _line([(x, y), (x, y + 0.01)], 2 * radius)


def _arc(centre: _Point, radii: _Point, start_deg: float, end_deg: float) -> list[_Point]:
    """Points of an ellipse's arc, degrees clockwise from the right."""
    steps = 24
    angles = (math.radians(start_deg + (end_deg - start_deg) * n / steps) for n in range(steps + 1))
    return [(centre[0] + radii[0] * math.cos(a), centre[1] + radii[1] * math.sin(a)) for a in angles]


def _over(*images: Image.Image) -> Image.Image:
    result = images[0]
    for image in images[1:]:
        result = ImageChops.lighter(result, image)
    return result


def _box(image: Image.Image) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the ink in pixels, x from the origin."""
    left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
    return left / _SCALE - _LEFT, top / _SCALE, right / _SCALE - _LEFT, bottom / _SCALE


def _cut(image: Image.Image, *, above: float = 0, below: float = 999) -> Image.Image:
    """The image without what lies above or below a line."""
    kept = _blank()
    top, bottom = round(above * _SCALE), min(round(below * _SCALE), image.height)
    kept.paste(image.crop((0, top, image.width, bottom)), (0, top))
    return kept


def _moved(image: Image.Image, x: float = 0, y: float = 0) -> Image.Image:
    moved = _blank()
    moved.paste(image, (round(x * _SCALE), round(y * _SCALE)))
    return moved


def _turned(image: Image.Image) -> Image.Image:
    """Upside down, hanging below the line: its top at that of the lower-case letters."""
    ink = image.getbbox() or (0, 0, 1, 1)
    turned = _blank()
    turned.paste(image.crop(ink).rotate(180), (ink[0], round(ink[1] + (_X_TOP - _CAP_TOP) * _SCALE)))
    return turned


# --- letters with marks -------------------------------------------------------------------------------------------


def _with_mark(base: str, mark: str) -> Image.Image:
    letter = _dotless(base) if base in "ij" else _text(base)
    left, top, right, bottom = _box(letter)
    middle = (left + right) / 2
    if mark == "\u0327":
        cedilla = [(middle, bottom - 1.0), (middle, bottom + 1.0), *_arc((middle, bottom + 3.2), (2.6, 2.2), -90, 120)]
        return _over(letter, _line(cedilla, 2.4))
    return _over(letter, *_MARKS[mark](middle, top - 3.2))


def _dotless(letter: str) -> Image.Image:
    return _cut(_text(letter), above=_X_TOP - 1.5)


def _grave(x: float, y: float) -> list[Image.Image]:
    return [_line([(x - 3.8, y - 5.0), (x + 2.0, y)])]


def _acute(x: float, y: float) -> list[Image.Image]:
    return [_line([(x + 3.8, y - 5.0), (x - 2.0, y)])]


def _circumflex(x: float, y: float) -> list[Image.Image]:
    return [_line([(x - 5.0, y), (x, y - 4.8), (x + 5.0, y)], 2.8)]


def _caron(x: float, y: float) -> list[Image.Image]:
    return [_line([(x - 5.0, y - 4.8), (x, y), (x + 5.0, y - 4.8)], 2.8)]


def _tilde(x: float, y: float) -> list[Image.Image]:
    wave = [(x - 6.0 + 12.0 * n / 24, y - 2.2 - 1.7 * math.sin(2 * math.pi * n / 24)) for n in range(25)]
    return [_line(wave, 2.7)]


def _diaeresis(x: float, y: float) -> list[Image.Image]:
    return [_dot(x - 4.6, y - 2.0), _dot(x + 4.6, y - 2.0)]


def _ring(x: float, y: float) -> list[Image.Image]:
    return [_line(_arc((x, y - 1.8), (3.4, 3.4), 0, 360), 2.2)]


_MARKS: Final[dict[str, Callable[[float, float], list[Image.Image]]]] = {
    "\u0300": _grave,
    "\u0301": _acute,
    "\u0302": _circumflex,
    "\u0303": _tilde,
    "\u0308": _diaeresis,
    "\u030a": _ring,
    "\u030c": _caron,
}


# --- ligatures and other letters ------------------------------------------------------------------------------------


def _joined(first: str, second: str, overlap: float) -> Image.Image:
    left = _text(first)
    right = _text(second)
    return _over(left, _moved(right, _box(left)[2] - _box(right)[0] - overlap))


def _struck(letter: str, *lines: Sequence[_Point]) -> Image.Image:
    """A letter with strokes across; points as fractions of its box."""
    image = _text(letter)
    left, top, right, bottom = _box(image)
    across = [[(left + x * (right - left), top + y * (bottom - top)) for x, y in line] for line in lines]
    return _over(image, *(_line(line, 2.6) for line in across))


def _serif_i() -> Image.Image:
    return _over(
        _line([(5, _CAP_TOP + 1.5), (5, _BASELINE - 1.5)]),
        _line([(0.8, _CAP_TOP + 1.5), (9.2, _CAP_TOP + 1.5)]),
        _line([(0.8, _BASELINE - 1.5), (9.2, _BASELINE - 1.5)]),
    )


def _tailed_l() -> Image.Image:
    foot = _BASELINE - 1.5
    return _line([(2, 12.5), (2, foot - 3), *_arc((5, foot - 3), (3, 3), 180, 90), (6.5, foot)])


def _thorn_capital() -> Image.Image:
    bowl = _moved(_cut(_text("P"), below=_CAP_TOP + 14.5), y=5.0)
    left = _box(bowl)[0] + _PEN / 2
    return _over(bowl, _line([(left, _CAP_TOP + 1.5), (left, _BASELINE - 1.5)]))


def _eth() -> Image.Image:
    ring = _line(_arc((8.5, 29.6), (7.0, 5.9), 0, 360), 2.8)
    stem = _line([(4.2, 13.6), (8.2, 15.4), (11.8, 18.6), (14.4, 23.4), (15.5, 29.6)], 2.8)
    return _over(ring, stem, _line([(4.6, 19.4), (11.6, 14.2)], 2.2))


def _sharp_s() -> Image.Image:
    stem = _line([(1.5, _BASELINE - 1.5), (1.5, 19.0), *_arc((7.5, 18.5), (6.0, 6.0), 180, 350)])
    middle = _line([*_arc((7.5, 19.0), (5.6, 5.0), 0, 80), (8.0, 24.0)])
    bowl = _line([(7.6, 24.2), *_arc((8.6, 29.8), (6.4, 5.8), -90, 105)])
    return _over(stem, middle, bowl)


def _florin() -> Image.Image:
    top = _line([*_arc((13.5, 17.0), (4.0, 4.2), -50, -160), (5.5, 39.5), *_arc((1.8, 39.2), (3.8, 4.0), 15, 130)])
    return _over(top, _line([(4.0, 23.2), (14.2, 23.2)], 2.6))


def _micro() -> Image.Image:
    letter = _text("u")
    left = _box(letter)[0] + _PEN / 2
    return _over(letter, _line([(left, _BASELINE - 6), (left, 43.0)]))


def _pound() -> Image.Image:
    hook = _line([*_arc((10.8, 18.6), (5.2, 4.6), -25, -180), (6.2, 28.5), *_arc((2.2, 29.0), (4.0, 6.4), 0, 80)])
    return _over(
        hook, _line([(1.5, _BASELINE - 1.5), (15.5, _BASELINE - 1.5)]), _line([(1.8, 25.6), (12.4, 25.6)], 2.6)
    )


def _registered() -> Image.Image:
    ring = _line(_arc((14.0, 25.2), (12.2, 12.2), 0, 360), 2.4)
    letter = _text("R", size=18)
    left, top, right, bottom = _box(letter)
    return _over(ring, _moved(letter, 14.2 - (left + right) / 2, 25.2 - (top + bottom) / 2))


def _divided() -> Image.Image:
    return _over(_line([(1.5, 28), (15.5, 28)]), _dot(8.5, 21.5, 2.2), _dot(8.5, 34.5, 2.2))


def _times() -> Image.Image:
    return _over(_line([(1.5, 21.5), (14.5, 34.5)]), _line([(1.5, 34.5), (14.5, 21.5)]))


_BAR_LOW: Final = ((-0.10, 0.60), (0.62, 0.60))
_BAR_HIGH: Final = ((-0.10, 0.42), (0.66, 0.42))

_SPECIAL: Final[dict[str, Callable[[], Image.Image]]] = {
    "|": lambda: _line([(0, 11), (0, 43)]),
    "I": _serif_i,
    "l": _tailed_l,
    "Ì": lambda: _over(_serif_i(), *_grave(5, _CAP_TOP - 3.2)),
    "Í": lambda: _over(_serif_i(), *_acute(5, _CAP_TOP - 3.2)),
    "Î": lambda: _over(_serif_i(), *_circumflex(5, _CAP_TOP - 3.2)),
    "Ï": lambda: _over(_serif_i(), *_diaeresis(5, _CAP_TOP - 3.2)),
    "\u0131": lambda: _dotless("i"),
    "Æ": lambda: _joined("A", "E", 6.5),
    "æ": lambda: _joined("a", "e", 3.2),
    "Œ": lambda: _joined("O", "E", 6.0),
    "œ": lambda: _joined("o", "e", 3.2),
    "Ð": lambda: _struck("D", ((-0.14, 0.5), (0.45, 0.5))),
    "ð": _eth,
    "Ø": lambda: _struck("O", ((0.02, 1.0), (0.98, 0.0))),
    "ø": lambda: _struck("o", ((-0.02, 1.02), (1.02, -0.02))),
    "Þ": _thorn_capital,
    "þ": lambda: _over(_text("p"), _text("b")),
    "ß": _sharp_s,
    "Ł": lambda: _struck("L", ((-0.2, 0.62), (0.55, 0.36))),
    "ł": lambda: _over(_text("l"), _line([(0.0, 27.5), (7.2, 22.0)], 2.6)),
    "¡": lambda: _turned(_text("!")),
    "¿": lambda: _turned(_text("?")),
    "¢": lambda: _struck("c", ((0.55, -0.25), (0.55, 1.25))),
    "£": _pound,
    "¥": lambda: _struck("Y", ((0.1, 0.58), (0.9, 0.58)), ((0.1, 0.78), (0.9, 0.78))),
    "€": lambda: _struck("C", _BAR_LOW, _BAR_HIGH),
    "®": _registered,
    "µ": _micro,
    "\u00d7": _times,
    "÷": _divided,
    "ƒ": _florin,
}


# --- emoji --------------------------------------------------------------------------------------------------------

_FIRST_EMOJI: Final = 0xF0000
_EYES: Final = ("dots", "arcs", "lines", "rings")


def _emoji(number: int, width: int, height: int) -> Shape:
    """A face for one of the private emoji: their true shapes are not known here, only their sizes."""
    image = Image.new("L", (width * _SCALE, height * _SCALE))
    draw = ImageDraw.Draw(image)
    size = min(width, height) * _SCALE
    left, top = (image.width - size) / 2, (image.height - size) / 2

    def box(x: float, y: float, w: float, h: float) -> tuple[float, float, float, float]:
        return left + (x - w) * size, top + (y - h) * size, left + (x + w) * size, top + (y + h) * size

    pen = round(4 * _SCALE)
    draw.ellipse(box(0.5, 0.5, 0.49, 0.49), outline=255, width=pen)
    for x in (0.34, 0.66):
        kind = _EYES[number % len(_EYES)]
        if kind == "dots":
            draw.ellipse(box(x, 0.4, 0.05, 0.07), fill=255)
        elif kind == "arcs":
            draw.arc(box(x, 0.43, 0.08, 0.08), 180, 360, 255, pen)
        elif kind == "lines":
            draw.line((*box(x, 0.4, 0.07, 0)[:2], *box(x, 0.4, 0.07, 0)[2:]), 255, pen)
        else:
            draw.ellipse(box(x, 0.4, 0.07, 0.07), outline=255, width=pen)
    curve = 2 - number // len(_EYES)  # from a broad smile to a frown
    if curve == 0:
        draw.line((*box(0.5, 0.68, 0.18, 0)[:2], *box(0.5, 0.68, 0.18, 0)[2:]), 255, pen)
    elif curve > 0:
        draw.arc(box(0.5, 0.55, 0.25, 0.1 + 0.07 * curve), 10, 170, 255, pen)
    else:
        draw.arc(box(0.5, 0.8, 0.22, 0.1 - 0.05 * curve), 190, 350, 255, pen)
    pixels: Shape = np.asarray(image.resize((width, height), Image.Resampling.BOX)) >= _INK
    return pixels
