"""Made-up tags as photos of Frame's size: drawn, held before a shelf, seen at an angle, badly lit, blurred, compressed.

The same seed gives the same photo on the same fonts. What is done to a photo is known, so what is left of its price is
computed (`legible.py`), not judged by eye.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from host.bench.tags.hiding import Cover, covered, one_figure
from host.bench.tags.legible import Seen
from host.bench.tags.spec import Colour, Drawing, Face, Print
from host.errors import FontError
from host.fonts import Fonts
from host.read.line import script_of
from host.read.reader import Picture

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

__all__ = ["SIDE", "Condition", "Photo", "photographed"]

SIDE: Final = 720
"""Pixels of a side, as of Frame's photos."""

FINER: Final = 2  # drawn so many times as large, then made smaller, as lenses and sensors do
QUALITY: Final = 50  # of the JPEG
SAMPLING: Final = 0.5  # pixels: blur of a lens and a sensor that are at their best

Values = npt.NDArray[np.float32]
_Point = tuple[float, float]


class Condition(StrEnum):
    """What is wrong with a photo."""

    GOOD = "good"
    SMALL = "small"
    """The tag is 130 to 260 pixels wide, else 380 to 640."""
    BLUR = "out of focus"
    MOTION = "moved"
    NOISE = "noise"
    SIDE = "from the side"
    TURNED = "turned"
    GLARE = "glare"
    DARK = "dark"
    HIDDEN = "a figure hidden"
    """No one can read it, and what is left is another price."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A made-up photo.

    Attributes:
        picture: as decoded from its JPEG.
        seen: how the smallest figures of its price are in it.
    """

    picture: Picture
    seen: Seen


@dataclass(frozen=True, slots=True)
class _Spoiling:
    """How much of each."""

    width: float  # of the tag, pixels
    turn: float = 0.0  # radians
    side: float = 0.0  # share by which the far edge is shorter
    up: float = 0.0  # the same, of the upper edge
    blur: float = 0.0  # standard deviation, pixels
    motion: float = 0.0  # pixels
    noise: float = 0.0  # standard deviation, levels
    light: float = 1.0
    glare: float = 0.0  # of white, where it is strongest


def photographed(drawing: Drawing, condition: Condition, seed: int) -> Photo:
    """A photo of a tag. Raises BackendMissingError: there is no Pillow; FontError: no font for a letter on it."""
    rng = random.Random(f"photo {seed} {condition}")  # noqa: S311 - repeatable, not secret
    noise = np.random.default_rng(seed)
    spoiling = _spoiling(condition, rng)
    scale = min(spoiling.width / drawing.width, 0.86 * SIDE / drawing.height)
    corners = _corners(drawing.width * scale, drawing.height * scale, spoiling, rng)
    tag = _drawn(drawing, scale * FINER)
    projection = _projection(drawing.width, drawing.height, corners)
    values = _placed(tag, corners, rng)
    figures = _figures(drawing)
    shine = _shine(_through(projection, *_middle(figures)), rng)
    values = _lit(values, spoiling, shine, rng)
    if condition is Condition.HIDDEN:
        first = rng.random() < 0.7
        place = [_through(projection, x, y) for x, y in one_figure(figures[0], *_inked(figures[0]), first=first)]
        values = covered(values, place, rng.choice(list(Cover)), rng, first=first)
        spoiling, shine = replace(spoiling, glare=1.0), np.ones_like(shine)
    values = _moved(_blurred(values, spoiling.blur), spoiling.motion, rng.uniform(0, math.pi))
    values = values + noise.normal(0, max(spoiling.noise, 1.5), values.shape).astype(np.float32)
    return Photo(_compressed(values), _seen(drawing, figures, projection, spoiling, shine))


def _spoiling(condition: Condition, rng: random.Random) -> _Spoiling:
    """How bad it is; up to what nobody can read."""
    width = rng.uniform(130, 260) if condition is Condition.SMALL else rng.uniform(380, 640)
    slight = _Spoiling(width, math.radians(rng.uniform(-3, 3)), rng.uniform(-0.04, 0.04))
    way = rng.choice((-1, 1))
    worse: dict[Condition, dict[str, float]] = {
        Condition.BLUR: {"blur": rng.uniform(1, 6)},
        Condition.MOTION: {"motion": rng.uniform(4, 20)},
        Condition.NOISE: {"noise": rng.uniform(8, 40)},
        Condition.SIDE: {"side": rng.uniform(0.1, 0.3) * way, "up": rng.uniform(-0.2, 0.2)},
        Condition.TURNED: {"turn": math.radians(rng.uniform(5, 15)) * way},
        Condition.GLARE: {"glare": rng.uniform(0.4, 1.0)},
        Condition.DARK: {"light": rng.uniform(0.08, 0.35), "noise": rng.uniform(3, 9)},
    }
    return replace(slight, **worse.get(condition, {}))


# --- what is printed ------------------------------------------------------------------------------------------------


def _drawn(drawing: Drawing, scale: float) -> PillowImage:
    """The tag, straight."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - imported when used

    size = max(1, round(drawing.width * scale)), max(1, round(drawing.height * scale))
    image = Image.new("RGB", size, drawing.ground)
    draw = ImageDraw.Draw(image)
    for patch in drawing.patches:
        draw.rectangle(
            (patch.left * scale, patch.top * scale, patch.right * scale, patch.bottom * scale), fill=patch.colour
        )
    for item in drawing.prints:
        if item.face == "lcd":
            _segments(draw, item, scale)
        else:
            _letters(image, item, scale)
        if item.struck:
            height, left, right = item.height * scale, item.left * scale, (item.left + item.width) * scale
            low, high = item.top * scale + 0.75 * height, item.top * scale + 0.25 * height
            draw.line((left, low, right, high), fill=item.ink, width=max(1, round(0.07 * height)))
    return image


def _letters(image: PillowImage, item: Print, scale: float) -> None:
    """A print in a font of this computer, its figures as high as they should be, no wider than it may be."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - imported when used

    height = item.height * scale
    font = _font(item.text, item.face, max(4, round(height / 0.72)))
    left, top, right, bottom = font.getbbox(item.text)
    figure_top, figure_bottom = font.getbbox("0")[1::2]
    grown = height / max(1, figure_bottom - figure_top)
    mask = Image.new("L", (max(1, math.ceil(right - left)), max(1, math.ceil(bottom - top))))
    ImageDraw.Draw(mask).text((-left, -top), item.text, font=font, fill=255)
    wide = min(mask.width * grown, item.width * scale)
    mask = mask.resize((max(1, round(wide)), max(1, round(mask.height * grown))), Image.Resampling.LANCZOS)
    place = round(item.left * scale), round(item.top * scale + (top - figure_top) * grown)
    image.paste(item.ink, place, mask)


def _inked(item: Print) -> tuple[float, float]:
    """The first and the last column of a print's ink, pixels of its tag."""
    alone = _drawn(Drawing(item.left + item.width, item.top + 2 * item.height, (replace(item, ink=(0, 0, 0)),)), 1.0)
    left, _, right, _ = alone.convert("L").point(lambda level: 255 * (level < 128)).getbbox() or (0, 0, 1, 1)
    return left, right


@lru_cache(maxsize=8)  # as many as one tag has: with Chinese letters a font holds 2.6 MB, with Latin ones 0.3
def _font(text: str, face: Face, size: int) -> Any:
    """A font that has the text's letters."""
    from PIL import ImageFont  # noqa: PLC0415 - imported when used

    script = script_of(text)
    code = {"Zyyy": "Latn", "Hani": "Hans", "Jpan": "Jpan"}.get(script, script)
    file = _fonts().for_script(code, next((c for c in text if c.isalpha()), ""))
    if file is None:
        raise FontError(
            f"no font has the letters of {text[:40]!r}", "Run: sudo apt install fonts-noto-core fonts-noto-cjk"
        )
    heavier = Path(str(file.path).replace("Regular", "Bold"))
    return ImageFont.truetype(
        str(heavier if face == "bold" and heavier.exists() else file.path), size, index=file.index
    )


@cache
def _fonts() -> Fonts:
    return Fonts.of_this_computer()


# Seven-segment figures: the segments a to g of each, as the makers of displays name them.
_SEGMENTS: Final = {
    "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc", "5": "afgcd", "6": "afgedc", "7": "abc",
    "8": "abcdefg", "9": "abcdfg",
}  # fmt: skip
_LEAN: Final = 0.1  # of the height, to the right at the top


def _segments(draw: Any, item: Print, scale: float) -> None:
    """A print of seven-segment figures; other characters than figures and points leave their room empty."""
    high, left, top = item.height * scale, item.left * scale, item.top * scale
    wide, thick, gap = 0.5 * high, 0.11 * high, 0.015 * high

    def leaning(points: Sequence[_Point]) -> list[_Point]:
        return [(left + x + _LEAN * (high - y), top + y) for x, y in points]

    for character in item.text:
        if character in ".,":
            draw.polygon(leaning([(0, high - thick), (thick, high - thick), (thick, high), (0, high)]), fill=item.ink)
            left += 2 * thick
            continue
        for segment in _SEGMENTS.get(character, ""):
            draw.polygon(leaning(_bar(segment, wide, high, thick, gap)), fill=item.ink)
        left += wide + 1.6 * thick if character.isdigit() else 0.4 * wide


def _bar(segment: str, wide: float, high: float, thick: float, gap: float) -> list[_Point]:
    """The corners of a segment, x to the right and y down from the figure's top left."""
    half = thick / 2
    if segment in "agd":
        y = {"a": half, "g": high / 2, "d": high - half}[segment]
        near, far = half + gap, wide - half - gap
        return [(near, y), (near + half, y - half), (far - half, y - half), (far, y), (far - half, y + half),
                (near + half, y + half)]  # fmt: skip
    x = half if segment in "fe" else wide - half
    near, far = (half + gap, high / 2 - gap) if segment in "fb" else (high / 2 + gap, high - half - gap)
    return [(x, near), (x + half, near + half), (x + half, far - half), (x, far), (x - half, far - half),
            (x - half, near + half)]  # fmt: skip


# --- how it is seen -------------------------------------------------------------------------------------------------


def _corners(width: float, height: float, spoiling: _Spoiling, rng: random.Random) -> list[_Point]:
    """Where the tag's corners are in the photo: top left, top right, bottom right, bottom left."""
    cos, sin = math.cos(spoiling.turn), math.sin(spoiling.turn)
    places = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        near = (1 + spoiling.side * x) * (1 + spoiling.up * y)
        px, py = x * width / 2 * near * (1 - abs(spoiling.side)), y * height / 2 * near
        places.append((px * cos - py * sin, px * sin + py * cos))
    furthest = max(max(abs(x), abs(y)) for x, y in places)
    fitting = min(1.0, 0.48 * SIDE / furthest)
    room = (0.49 * SIDE - furthest * fitting) * 0.5
    move = rng.uniform(-room, room), rng.uniform(-room, room)
    return [(SIDE / 2 + x * fitting + move[0], SIDE / 2 + y * fitting + move[1]) for x, y in places]


def _projection(width: float, height: float, corners: Sequence[_Point]) -> npt.NDArray[np.float64]:
    """The matrix that takes a point of the tag to the photo."""
    return _homography([(0, 0), (width, 0), (width, height), (0, height)], corners)


def _homography(source: Sequence[_Point], target: Sequence[_Point]) -> npt.NDArray[np.float64]:
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows, float), np.array(values, float)), 1.0).reshape(3, 3)


def _through(matrix: npt.NDArray[np.float64], x: float, y: float) -> _Point:
    u, v, w = matrix @ np.array([x, y, 1.0])
    return float(u / w), float(v / w)


def _placed(tag: PillowImage, corners: Sequence[_Point], rng: random.Random) -> Values:
    """The tag before a shelf, shape (SIDE, SIDE, 3)."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - imported when used

    side = SIDE * FINER
    shelf = Image.new("RGB", (side, side), _muted(rng))
    draw = ImageDraw.Draw(shelf)
    for _ in range(8):  # packages, edges of shelves
        x, y, w, h = (rng.uniform(0, side) for _ in range(4))
        draw.rectangle((x, y, x + w / 2, y + h / 2), fill=_muted(rng))
    places = [(x * FINER, y * FINER) for x, y in corners]
    back = _homography(places, [(0, 0), (tag.width, 0), (tag.width, tag.height), (0, tag.height)]).ravel()[:8]
    laid = tag.transform((side, side), Image.Transform.PERSPECTIVE, back.tolist(), Image.Resampling.BICUBIC)
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).polygon(places, fill=255)
    shelf.paste(laid, (0, 0), mask)
    return np.asarray(shelf.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)


def _muted(rng: random.Random) -> Colour:
    level = rng.randrange(40, 170)
    red, green, blue = (min(255, max(0, level + rng.randrange(-30, 30))) for _ in range(3))
    return red, green, blue


def _shine(middle: _Point, rng: random.Random) -> Values:
    """Where glare is, 0 to 1: a lamp that is mirrored near the price."""
    x, y = middle[0] + rng.uniform(-70, 70), middle[1] + rng.uniform(-50, 50)
    across, down = rng.uniform(30, 120), rng.uniform(20, 60)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    return np.asarray(np.exp(-(((columns - x) / across) ** 2) - ((rows - y) / down) ** 2), np.float32)


def _lit(values: Values, spoiling: _Spoiling, shine: Values, rng: random.Random) -> Values:
    """Light that falls from one side, a mirrored lamp, and how much of it reaches the sensor."""
    slope = np.linspace(1, rng.uniform(0.75, 1.0), SIDE, dtype=np.float32)
    lit = values * (slope if rng.random() < 0.5 else slope[::-1])[None, :, None]
    white = (spoiling.glare * shine)[..., None]
    return np.asarray((lit * (1 - white) + 255 * white) * spoiling.light, np.float32)


def _blurred(values: Values, sigma: float) -> Values:
    if sigma <= 0:
        return values
    reach = math.ceil(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    kernel /= kernel.sum()
    for axis in (0, 1):
        padded = np.pad(values, [(reach, reach) if n == axis else (0, 0) for n in range(3)], mode="edge")
        shifted = np.lib.stride_tricks.sliding_window_view(padded, len(kernel), axis=axis)
        values = np.asarray(shifted @ kernel, np.float32)
    return values


def _moved(values: Values, way: float, angle: float) -> Values:
    """As if the glasses moved while the photo was taken."""
    if way < 1:
        return values
    steps = max(2, round(way))
    total = np.zeros_like(values)
    for step in np.linspace(-way / 2, way / 2, steps):
        total += np.roll(values, (round(step * math.sin(angle)), round(step * math.cos(angle))), axis=(0, 1))
    return np.asarray(total / steps, np.float32)


def _compressed(values: Values) -> Picture:
    from PIL import Image  # noqa: PLC0415 - imported when used

    buffer = io.BytesIO()
    Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=QUALITY)
    return np.array(Image.open(buffer).convert("RGB"))


# --- what is left of the price --------------------------------------------------------------------------------------


def _figures(drawing: Drawing) -> list[Print]:
    """The prints that the price is in; where nothing is called so it is in the offer."""
    price = [item for item in drawing.prints if item.role in ("price", "cents")]
    return price or [item for item in drawing.prints if item.role == "multi"] or list(drawing.prints)


def _middle(figures: Sequence[Print]) -> _Point:
    return (
        (min(item.left for item in figures) + max(item.left + item.width for item in figures)) / 2,
        (min(item.top for item in figures) + max(item.top + item.height for item in figures)) / 2,
    )


def _seen(
    drawing: Drawing,
    figures: Sequence[Print],
    projection: npt.NDArray[np.float64],
    spoiling: _Spoiling,
    shine: Values,
) -> Seen:
    heights, contrasts = [], []
    for item in figures:
        corners = [
            _through(projection, item.left + x * item.width, item.top + y * item.height)
            for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))
        ]
        down = min(math.dist(corners[0], corners[3]), math.dist(corners[1], corners[2]))
        across = min(math.dist(corners[0], corners[1]), math.dist(corners[3], corners[2])) / item.width * item.height
        heights.append(min(down, across))
        columns, rows = ([min(SIDE - 1, max(0, round(corner[axis]))) for corner in corners] for axis in (0, 1))
        there = shine[min(rows) : max(rows) + 1, min(columns) : max(columns) + 1].max()
        grey = abs(_grey(_ground(drawing, item)) - _grey(item.ink))
        contrasts.append(grey * (1 - spoiling.glare * float(there)) * spoiling.light)
    blur = math.sqrt(SAMPLING**2 + spoiling.blur**2 + spoiling.motion**2 / 12)
    return Seen(min(heights), blur, min(contrasts), max(spoiling.noise, 1.5))


def _ground(drawing: Drawing, item: Print) -> Colour:
    x, y = item.left + item.width / 2, item.top + item.height / 2
    under = [p.colour for p in drawing.patches if p.left <= x <= p.right and p.top <= y <= p.bottom]
    return under[-1] if under else drawing.ground


def _grey(colour: Colour) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]  # ITU-R BT.601
