"""A line of a photo cut out upright, and where in it there is ink; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from host.read.line import TextLine
from host.read.reader import Picture

__all__ = [
    "ABOVE",
    "HEIGHT",
    "LUMA",
    "Cut",
    "Gray",
    "angle_of",
    "cut_out",
    "inks",
    "means",
    "otsu",
    "sampled",
    "without_ghosts",
]

Gray = npt.NDArray[np.float32]
"""Grey levels, 0 to 255, shape (height, width)."""

LUMA: Final = (0.299, 0.587, 0.114)  # ITU-R BT.601
HEIGHT: Final = 64  # pixels that the line is scaled to; figures of 20 px keep their gaps, and 300 px cost no more
ABOVE: Final = 0.25  # line heights of room above and below
BESIDE: Final = 0.9  # at the left: a figure that the reader left out
AFTER: Final = 1.1  # at the right: two raised figures
CONTRAST: Final = 15.0  # grey levels between ink and ground, of 255; in print of less the steps of JPEGs are seen
COLOUR: Final = 1.3  # times the contrast in grey: a colour alone shows more; in JPEGs it has half the pixels
SHARES: Final = (0.35, 0.45, 0.55, 0.65)  # levels of ink, from its own grey to that of its ground
GROUND: Final = 0.75  # line heights about each pixel: the lightest there is ground, whatever shades or shines on it
FAINT: Final = 0.4  # of the contrast of ink: less is what electronic paper has kept of the price before
LEANING: Final = 0.2  # columns a row that an edge may lean
THROUGH: Final = 0.85  # of the rows that an edge has ink in; figures have half of them
LETTERS: Final = 6  # a line with as many characters has an angle of its own


@dataclass(frozen=True, slots=True)
class Cut:
    """A line that was cut out.

    Attributes:
        grey: levels 0 to 255, shape (height, width), of the colour that shows it best.
        start: column where the reader's line begins; what is before was left out by the reader.
        end: column behind its last.
    """

    grey: Gray
    start: int
    end: int


def angle_of(lines: Sequence[TextLine]) -> float:
    """The angle of most long lines of a tag, radians as `TextLine.angle`; 0 without such lines."""
    angles = sorted(line.angle for line in lines if len(line.text) >= LETTERS and not line.vertical)
    return angles[len(angles) // 2] if angles else 0.0


def cut_out(picture: Picture, line: TextLine, *, angle: float | None = None) -> Cut:
    """A line upright, `HEIGHT` pixels high with room around it.

    Args:
        picture: the photo that the line was read in.
        line: where to cut. Room beyond the photo repeats its edge.
        angle: of the tag, radians; None for the line's own.
    """
    turn = line.angle if angle is None else angle
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    corners = np.array(line.corners)
    start, end = (corners @ along).min(), (corners @ along).max()
    top, bottom = (corners @ across).min(), (corners @ across).max()
    scale = max(1.0, bottom - top) / HEIGHT
    width = max(1, int((end - start) / scale))
    x = np.arange(int(BESIDE * HEIGHT) + width + int(AFTER * HEIGHT)) - int(BESIDE * HEIGHT)
    y = np.arange(int(HEIGHT * (1 + 2 * ABOVE))) - int(ABOVE * HEIGHT)
    columns, rows = np.meshgrid(start + x * scale, top + y * scale)
    places = columns[..., None] * along + rows[..., None] * across
    core = (
        slice(int(ABOVE * HEIGHT), int((1 + ABOVE) * HEIGHT)),
        slice(int(BESIDE * HEIGHT), int(BESIDE * HEIGHT) + width),
    )
    grey: Gray = sampled(picture.astype(np.float32) @ np.array(LUMA, np.float32), places, scale)
    best, most = grey, COLOUR * _contrast(grey[core])
    for channel in range(3):
        colour = sampled(picture[..., channel].astype(np.float32), places, scale)
        if (found := _contrast(colour[core])) > most:
            best, most = colour, found
    return Cut(best, core[1].start, core[1].stop)


def inks(cut: Cut) -> Iterator[npt.NDArray[np.bool_]]:
    """Where ink is: the rarer of two levels, dark or light, in the middle of the line, where no frame is.

    As told by several levels, from where strokes break to where what is close flows together; and at last as darker
    than the ground about it, so that neither shade nor a mirrored lamp makes ink of paper.
    """
    core = cut.grey[int(ABOVE * HEIGHT) : int((1 + ABOVE) * HEIGHT), cut.start : cut.end]
    middle = _middle(core)
    if _contrast(middle) < CONTRAST:
        return
    level = otsu(middle)
    grey = cut.grey if (middle <= level).mean() < 0.5 else 255 - cut.grey
    flat: Gray = np.asarray(255 * grey / np.maximum(_lightest(grey, int(GROUND * HEIGHT)), 1), np.float32)
    for values in (grey, flat):
        inner = _middle(values[int(ABOVE * HEIGHT) : int((1 + ABOVE) * HEIGHT), cut.start : cut.end])
        parting = otsu(inner)
        dark, light = float(inner[inner <= parting].mean()), float(inner[inner > parting].mean())
        for share in SHARES:
            yield _unframed(values <= dark + share * (light - dark))


def without_ghosts(grey: Gray) -> Gray:
    """Levels stretched so that what has a third of the ink's contrast is ground: old prices on electronic paper."""
    middle = _middle(grey)
    level = otsu(middle)
    dark, light = middle[middle <= level], middle[middle > level]
    if not dark.size or not light.size:
        return grey
    low, high = float(dark.mean()), float(light.mean())
    if dark.size < light.size:
        high -= FAINT * (high - low)
    else:
        low += FAINT * (high - low)
    return np.asarray(255 * np.clip((grey - low) / max(1.0, high - low), 0, 1), np.float32)


def sampled(gray: Gray, places: npt.NDArray[np.float64], scale: float) -> Gray:
    """Bilinear samples; where the cut-out is smaller than the photo, means of as many as fit."""
    if scale > 2:  # else every other pixel would be left out
        step = min(int(scale), *gray.shape)
        high, wide = (size // step * step for size in gray.shape)
        gray = gray[:high, :wide].reshape(high // step, step, wide // step, step).mean(axis=(1, 3))
        places = places / step
    x = np.clip(places[..., 0], 0, gray.shape[1] - 1.001)
    y = np.clip(places[..., 1], 0, gray.shape[0] - 1.001)
    left, top = x.astype(int), y.astype(int)
    fx, fy = x - left, y - top
    right, bottom = np.minimum(left + 1, gray.shape[1] - 1), np.minimum(top + 1, gray.shape[0] - 1)
    upper = gray[top, left] * (1 - fx) + gray[top, right] * fx
    lower = gray[bottom, left] * (1 - fx) + gray[bottom, right] * fx
    samples: Gray = (upper * (1 - fy) + lower * fy).astype(np.float32)
    return samples


def _unframed(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Without what goes through from top to bottom, upright or leaning a little: the edge of a tag or of its holder."""
    rows = np.arange(ink.shape[0])
    thick = ink | np.roll(ink, 1, axis=1) | np.roll(ink, -1, axis=1)
    left = ink.copy()
    for lean in np.linspace(-LEANING, LEANING, 9):
        shift = np.rint(lean * (rows - rows.size / 2)).astype(int)[:, None]
        columns = np.arange(ink.shape[1])[None, :] + shift
        inside = (columns >= 0) & (columns < ink.shape[1])
        along = thick[rows[:, None], np.clip(columns, 0, ink.shape[1] - 1)] & inside
        for column in np.flatnonzero(along.mean(axis=0) >= THROUGH):
            for beside in (-1, 0, 1):
                places = np.clip(column + shift[:, 0] + beside, 0, ink.shape[1] - 1)
                left[rows, places] = False
    return left


def _lightest(values: Gray, reach: int) -> Gray:
    """The largest value within so many pixels of each, across and down."""
    for axis in (0, 1):
        padding = [(reach, reach) if n == axis else (0, 0) for n in range(2)]
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, padding, mode="edge"), 2 * reach + 1, axis)
        values = windows.max(axis=-1)
    return values


def _middle(core: Gray) -> Gray:
    rows, columns = core.shape
    return core[rows // 8 : rows - rows // 8, columns // 8 : columns - columns // 8]


def otsu(values: Gray) -> float:
    """The level that parts values best (Otsu 1979)."""
    counts, edges = np.histogram(values, bins=64, range=(0, 256))
    levels = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * levels)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[int(np.nanargmax(np.where(np.isfinite(between), between, -1))) + 1])


def _contrast(values: Gray) -> float:
    level = otsu(values)
    dark, light = values[values <= level], values[values > level]
    return float(light.mean() - dark.mean()) if dark.size and light.size else 0.0


def means(values: Gray, window: int) -> Gray:
    """Mean of the square about each pixel."""
    half = window // 2
    padded = np.pad(values.astype(np.float64), half + 1, mode="edge")
    sums = padded.cumsum(axis=0).cumsum(axis=1)
    size = 2 * half + 1
    rows, columns = values.shape
    total = (
        sums[size : size + rows, size : size + columns]
        - sums[:rows, size : size + columns]
        - sums[size : size + rows, :columns]
        + sums[:rows, :columns]
    )
    return np.asarray(total / size**2, np.float32)
