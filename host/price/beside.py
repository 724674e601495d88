"""What stands beside a price where another figure could be: plain ground, or something that may hide one; pure.

A mirrored lamp, a finger, a sticker or a shadow over the first figure of 17.90 leaves 7.90, as legible as can be. What
hides a figure goes on to the gap before the next one, else a part of the hidden one would be seen. So the ground within
that gap tells: lighter than about the figures, or of another colour all the way down, it is none. The edge of the tag
itself goes on far above and below, and nothing is printed beyond it.
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
NARROW: Final = 1.2  # line heights: all of so short a line is needed to tell ink and ground apart
RUN: Final = 0.25  # line heights: an upright stroke is narrower, a frame much
DOWN: Final = 0.85  # of the rows of a column: figures have no broad part that is ink from top to bottom
OTHER: Final = 28.0  # grey levels of one colour from the ground's: no ground; light that falls off makes less in a line
LIGHTER: Final = 12.0  # grey levels above the ground's: shone on
CLIPPED: Final = 5.0  # the same, where it is the sensor's white
WHITE: Final = 253.0
SPREAD: Final = 3.0  # times the ground's own median deviation
SHONE: Final = 0.3  # of the gap: so much lighter ground is no dirt
WITHIN: Final = 0.2  # the same of the ground among the figures
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
    strip, start, end = _strip(picture, line, angle)
    core = strip[int((ALONG - ROOM) * HEIGHT) : int((ALONG + 1 + ROOM) * HEIGHT), start:end]
    ink = _ink(core)
    if ink is None:
        return Sides(before=False, behind=False)
    ground = np.median(core[~ink], axis=0)
    spread = np.minimum(SPREAD * np.median(np.abs(core - ground)[~ink], axis=0), OTHER)
    colours = strip[int((ALONG + INNER[0]) * HEIGHT) : int((ALONG + INNER[1]) * HEIGHT)]
    outside = (np.abs(strip - ground) > OTHER).any(axis=2)
    away = colours - ground
    towards = np.sign(np.median(core[ink], axis=0) - ground)
    least = np.where(colours >= WHITE, CLIPPED, LIGHTER)
    lighter = ((away * -towards > np.maximum(least, spread)) & (ground < WHITE - CLIPPED)).any(axis=2)
    other = (np.abs(away) > OTHER).any(axis=2)
    covered = _broad(other.mean(axis=0) >= DOWN, int(RUN * HEIGHT))
    inked = ((away * towards > OTHER).any(axis=2).mean(axis=0) >= INKED) & ~covered
    columns = np.flatnonzero(inked[start:end])
    if not columns.size:
        return Sides(before=True, behind=True)
    left, right, gap = start + int(columns[0]), start + int(columns[-1]) + 1, int(GAP * HEIGHT)
    ground_within = ~other[:, left:right] | lighter[:, left:right]
    within = lighter[:, left:right].sum() > WITHIN * max(1, ground_within.sum()) or covered[left:right].any()
    found = []
    for side, way in ((slice(max(0, left - gap), left), -1), (slice(right, right + gap), 1)):
        places = np.flatnonzero(covered[side])
        edge = side.start + int(places[-1 if way < 0 else 0]) if places.size else 0
        cover = places.size > 0 and not (_is_edge(outside, edge, way) and not _printed_beyond(line, angle, lines, way))
        found.append(bool(within or cover or lighter[:, side].mean() >= SHONE))
    return Sides(*found)


def _is_edge(outside: npt.NDArray[np.bool_], edge: int, way: int) -> bool:
    """Whether what begins at a column goes on above and below as the edge of a tag does."""
    reach = sorted((edge + way * int(LEAN * HEIGHT), edge + way * int((LEAN + RUN) * HEIGHT)))
    beyond = outside[:, max(0, reach[0]) : max(1, reach[1])].mean(axis=1) >= DOWN
    rows = int(ALONG * HEIGHT)
    return bool(min(beyond[:rows].mean(), beyond[-rows:].mean()) >= DOWN)


def _printed_beyond(line: TextLine, angle: float, lines: Sequence[TextLine], way: int) -> bool:
    """Whether other lines reach further to that side than the number, by more than its height."""
    along = np.array([np.cos(angle), np.sin(angle)])
    furthest = float((way * np.array(line.corners) @ along).max()) + line.height
    return any(float((way * np.array(other.corners) @ along).max()) > furthest for other in lines)


def _strip(picture: Picture, line: TextLine, angle: float) -> tuple[Colours, int, int]:
    """A line with its surroundings, shape (rows, columns, 3), and the columns in which it begins and ends."""
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
    return colours, room, room + width


def _ink(core: Colours) -> npt.NDArray[np.bool_] | None:
    """Which pixels are ink, the rest is ground; None where there is only one level."""
    grey: Gray = core.mean(axis=2)
    edge = core.shape[1] // 8 if core.shape[1] > NARROW * HEIGHT else 0  # columns in which a frame may be
    middle = grey[:, edge : core.shape[1] - edge]
    level = otsu(middle)
    dark, light = middle[middle <= level], middle[middle > level]
    if not dark.size or not light.size or light.mean() - dark.mean() < OTHER:
        return None
    return grey <= level if dark.size < light.size else grey > level


def _broad(columns: npt.NDArray[np.bool_], least: int) -> npt.NDArray[np.bool_]:
    """The runs that are at least so long."""
    found = np.zeros_like(columns)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], columns.view(np.int8), [0]))))
    for left, right in edges.reshape(-1, 2).tolist():
        if right - left >= least:
            found[left:right] = True
    return found
