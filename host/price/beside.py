"""What stands beside a price where another figure could be: plain ground, or something that may hide one; pure.

A mirrored lamp, a finger, a sticker or a shadow over the first figure of 17.90 leaves 7.90, as legible as can be. What
hides a figure goes on to the gap before the next one, else a part of the hidden one would be seen. So the ground about
the figures tells, before the first, behind the last, and where two of them or a sign and a figure have room between
for another: lighter than about the figures, or of another colour from above them to below, it is none. The edge of the
tag itself goes on far above and below, and nothing is printed beyond it or cut by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from host.price.cut import Gray, otsu, sampled
from host.read.line import TextLine
from host.read.reader import Picture

__all__ = ["Sides", "beside"]

HEIGHT: Final = 32  # pixels that the line is scaled to; noise of single pixels is gone
BESIDE: Final = 1.0  # line heights at either side that are looked at
ROOM: Final = 0.15  # line heights above and below: a single figure may fill most of its own box
INNER: Final = (0.2, 0.8)  # of its height: rows with figures, whatever room the reader gave them
GAP: Final = 0.4  # line heights: figures of one number are no further apart
ALONG: Final = 1.0  # line heights above and below in which the edge of a tag goes on
LEAN: Final = 0.2  # line heights that it may lean by there
MARGINAL: Final = 0.1  # of its height at the edges of a line: there most of a frame is, and little ink
INSIDE: Final = 0.35  # of what is rarer: else it is a frame
NARROW: Final = 1.2  # line heights: all of so short a line is needed to tell ink and ground apart
RUN: Final = 0.25  # line heights: an upright stroke is narrower, a frame much
DOWN: Final = 0.85  # of the rows of a column: figures have no broad part that is ink from top to bottom
BEYOND: Final = 0.1  # line heights above and below: there figures have ended, what covers one has not
OTHER: Final = 28.0  # grey levels of one colour from the ground's: no ground; light that falls off makes less in a line
LIGHTER: Final = 12.0  # grey levels above the ground's: shone on
CLIPPED: Final = 5.0  # the same, where it is the sensor's white
WHITE: Final = 250.0
WHITEST: Final = 99.0  # percentile of the levels about a line
SHARE: Final = 0.5  # of what the ground lacks to the whitest: light that leaves ink no contrast takes more
SPREAD: Final = 3.0  # times the ground's own median deviation towards ink
SHONE: Final = 0.5  # of a column's ground: so much that is lighter is no dirt
NEAR: Final = 0.6  # line heights from the figures in which light is looked for: a crease is narrower than they are
BEAM: Final = 0.12  # line heights: light over a figure is as wide at least
BETWEEN: Final = 0.35  # line heights between two figures, where a third might be
MARGIN: Final = 0.05  # of its height: a line that ends so near an edge, or beyond, is cut by it
APART: Final = 0.8  # line heights between a sign and a figure: room for one that is hidden, whatever the ground
INKED: Final = 0.08  # of its rows: a column with so much ink belongs to a figure

Colours = npt.NDArray[np.float32]


class Sides(NamedTuple):
    """Whether something may hide a figure before a number or in it, and behind it."""

    before: bool
    behind: bool


def beside(picture: Picture, line: TextLine, angle: float, lines: Sequence[TextLine] = ()) -> Sides:
    """Whether something beside a number, or on it, may hide one of its figures.

    Args:
        picture: the photo.
        line: with the number.
        angle: of the tag, radians as `TextLine.angle`.
        lines: all that were read: a tag does not end where more is printed.
    """
    strip, start, end, scale = _strip(picture, line, angle)
    seen = _seen(strip, start, end)
    if seen is None:
        return Sides(before=False, behind=False)
    columns = np.flatnonzero(seen.inked[start:end])
    if not columns.size:
        return Sides(before=True, behind=True)
    left, right = start + int(columns[0]), start + int(columns[-1]) + 1
    plain = ~seen.inked[left:right]
    gaps, apart = (_broad(plain, int(least * HEIGHT)) for least in (BETWEEN, APART))
    within = bool(seen.covered[left:right].any() or (seen.shone[left:right] & gaps).any() or apart.any())
    along = np.array([np.cos(angle), np.sin(angle)])
    begins = float((np.array(line.corners) @ along).min()) - start * scale  # where the strip does
    found = []
    for way, ends in ((-1, left), (1, right)):
        part = _nearest(seen.inked, ends, way, int(GAP * HEIGHT))  # what is left of a figure that was not read
        shone = _nearest(seen.shone, ends, way, int(NEAR * HEIGHT))
        covered = _nearest(seen.covered, ends if part is None else part, way, int(GAP * HEIGHT))
        hides = any(
            not _is_edge(seen.outside, edge, way) or _printed(begins + edge * scale, line, along, lines, way)
            for edge in (shone, covered)
            if edge is not None
        )
        found.append(within or hides)
    return Sides(*found)


class _Seen(NamedTuple):
    """What the columns about a number have between its head and its foot."""

    inked: npt.NDArray[np.bool_]
    shone: npt.NDArray[np.bool_]  # their ground is lighter
    covered: npt.NDArray[np.bool_]  # it is of another colour, from above the figures to below
    outside: npt.NDArray[np.bool_]  # of all pixels: of another colour


def _seen(strip: Colours, start: int, end: int) -> _Seen | None:
    """The same; None where ink and ground are of one level."""
    core = strip[int((ALONG - ROOM) * HEIGHT) : int((ALONG + 1 + ROOM) * HEIGHT), start:end]
    parted = _parted(core)
    if parted is None:
        return None
    ink, plain = parted
    ground = _sloping(core, plain, start, strip.shape[1])
    towards = np.sign(np.median(core[ink], axis=0) - np.median(core[plain], axis=0))
    noise = np.where((core - ground[start:end]) * towards >= 0, np.abs(core - ground[start:end]), np.nan)[plain]
    spread = np.minimum(SPREAD * np.nan_to_num(np.nanmedian(noise, axis=0)), OTHER)  # no light is on that side
    colours = strip[int((ALONG + INNER[0]) * HEIGHT) : int((ALONG + INNER[1]) * HEIGHT)]
    away = colours - ground
    whitest = SHARE * np.percentile((strip - ground) * -towards, WHITEST, axis=(0, 1))
    least = np.maximum(np.where(colours >= WHITE, CLIPPED, LIGHTER), np.maximum(spread, whitest))
    lighter = ((away * -towards > least) & (ground < WHITE - CLIPPED)).any(axis=2)
    other = (np.abs(away) > OTHER).any(axis=2)
    outside = (np.abs(strip - ground) > OTHER).any(axis=2)
    down = outside[int((ALONG - BEYOND) * HEIGHT) : int((ALONG + 1 + BEYOND) * HEIGHT)].mean(axis=0)
    covered = _broad(down >= DOWN, int(RUN * HEIGHT))
    inked = ((away * towards > OTHER).any(axis=2).mean(axis=0) >= INKED) & ~covered
    bare = (~other | lighter).sum(axis=0)
    shone = (lighter.sum(axis=0) >= SHONE * bare) & (bare >= SHONE * len(other))
    return _Seen(inked, _broad(shone, int(BEAM * HEIGHT)), covered, outside)


def _nearest(columns: npt.NDArray[np.bool_], ends: int, way: int, reach: int) -> int | None:
    """The column nearest to where a number ends on one side, so far from it at most; None for none."""
    first = max(0, ends - reach) if way < 0 else ends
    places = np.flatnonzero(columns[first : first + reach if way > 0 else ends])
    return first + int(places[-1 if way < 0 else 0]) if places.size else None


def _is_edge(outside: npt.NDArray[np.bool_], edge: int, way: int) -> bool:
    """Whether what begins at a column goes on above and below as the edge of a tag does."""
    reach = sorted((edge + way * int(LEAN * HEIGHT), edge + way * int((LEAN + RUN) * HEIGHT)))
    beyond = outside[:, max(0, reach[0]) : max(1, reach[1])].mean(axis=1) >= DOWN
    rows = int(ALONG * HEIGHT)
    return bool(min(beyond[:rows].mean(), beyond[-rows:].mean()) >= DOWN)


def _printed(edge: float, line: TextLine, along: npt.NDArray[np.float64], lines: Sequence[TextLine], way: int) -> bool:
    """Whether other lines reach up to an edge, or further to that side than the number by more than its height."""

    def end(each: TextLine) -> float:
        return float((way * np.array(each.corners) @ along).max())

    return any(
        end(other) > end(line) + line.height or -MARGIN * other.height < end(other) - way * edge < other.height
        for other in lines
        if other is not line
    )


def _strip(picture: Picture, line: TextLine, angle: float) -> tuple[Colours, int, int, float]:
    """A line with its surroundings, shape (rows, columns, 3), the columns in which it begins and ends, and its scale.

    The scale is pixels of the photo a pixel of the strip.
    """
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    x, y = np.array(line.corners) @ along, np.array(line.corners) @ across
    scale = max(1.0, float(y.max() - y.min())) / HEIGHT
    room, width = int(BESIDE * HEIGHT), max(1, int(float(x.max() - x.min()) / scale))
    columns, rows = np.meshgrid(
        x.min() + (np.arange(2 * room + width) - room) * scale,
        y.min() + np.arange(-int(ALONG * HEIGHT), int((1 + ALONG) * HEIGHT)) * scale,
    )
    places = columns[..., None] * along + rows[..., None] * across
    colours = np.stack([sampled(picture[..., n].astype(np.float32), places, scale) for n in range(3)], axis=-1)
    return colours, room, room + width, scale


def _sloping(core: Colours, plain: npt.NDArray[np.bool_], start: int, width: int) -> Colours:
    """The ground's colour in each of so many columns: light falls off along a line; beyond it, it is as at its ends."""
    columns = np.nonzero(plain)[1]
    places = np.clip(np.arange(width) - start, 0, core.shape[1] - 1)
    middle, flat = columns.mean(), float(np.var(columns)) or 1.0
    levels = core[plain]
    slope = ((columns - middle)[:, None] * (levels - levels.mean(axis=0))).mean(axis=0) / flat
    level = levels - slope * (columns - middle)[:, None]
    return np.asarray(np.median(level, axis=0) + slope * (places - middle)[:, None], np.float32)


def _parted(core: Colours) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None:
    """Which pixels are ink and which are ground; None where there is only one level. A frame about them is neither."""
    grey: Gray = core.mean(axis=2)
    rows, edge = int((ROOM + MARGINAL) * HEIGHT), core.shape[1] // 8 if core.shape[1] > NARROW * HEIGHT else 0
    known = np.ones(grey.shape, bool)
    middle, inner = np.zeros_like(known), np.zeros_like(known)
    middle[:, edge : core.shape[1] - edge] = True
    inner[rows:-rows] = middle[rows:-rows]
    while True:
        level = otsu(grey[known])
        dark, light = known & (grey <= level), known & (grey > level)
        if not dark.any() or not light.any() or grey[light].mean() - grey[dark].mean() < OTHER:
            return None
        ink, plain = (dark, light) if (dark & middle).sum() < (light & middle).sum() else (light, dark)
        if (ink & inner).sum() >= INSIDE * ink.sum():
            return ink, plain
        known = plain


def _broad(columns: npt.NDArray[np.bool_], least: int) -> npt.NDArray[np.bool_]:
    """The runs that are at least so long."""
    found = np.zeros_like(columns)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], columns.view(np.int8), [0]))))
    for left, right in edges.reshape(-1, 2).tolist():
        if right - left >= least:
            found[left:right] = True
    return found
