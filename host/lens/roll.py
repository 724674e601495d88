"""Roll-up lines: the newest line at the bottom, whole lines move up, and none goes before it can be read; pure.

A `Roll` holds the lines that can be seen and those that wait. What it promises, and tests hold:

- a line that stays never moves down; lines keep their order; never more lines than rows;
- a line leaves at the top only when its words, read one line after the other at `READING_SPEED`, have been read. Live
  speech never waits for that; a long text that comes at once is shown rows by rows. Only a line that a rewrite puts
  in between may push an unread one out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from host.lens.paragraph import Line
from host.lens.words import joined

__all__ = ["READING_SPEED", "Roll", "advanced", "next_change_s", "replaced"]

READING_SPEED = 30.0
"""Characters a second. Fast speech is about 25, so live captions are never held back; subtitles for leisure use 15 to
20. While more than a lens full waits, the speed grows with what waits, up to `_HASTE` times."""

_WIDE = 3
"""Fast speech has some 8 ideographs or Korean syllables a second, a third of its letters in other scripts."""

_HASTE = 4
"""A line every quarter of a second: as fast as anybody can follow, and a tenth of what the radio carries."""

_WAITING = 500
"""Lines that wait at most, some two minutes at the greatest speed; the oldest are given up beyond. No speech comes so
fast; a text of many pages may."""


@dataclass(frozen=True, slots=True)
class Roll:
    """Lines on the lens and lines that wait, oldest first.

    Attributes:
        rows: lines that can be seen at once; at least 1.
        lines: those that have not left yet.
        visible: how many of them, from the first, are on the lens.
        top: row of the first of them, 0 at the top to `rows` (nothing is shown).
    """

    rows: int
    lines: tuple[Line, ...] = ()
    visible: int = 0
    top: int = 0

    def shown(self) -> list[tuple[int, Line]]:
        """Row and line of everything on the lens."""
        return [(self.top + k, line) for k, line in enumerate(self.lines[: self.visible])]


def replaced(roll: Roll, lines: Sequence[Line], now: float) -> tuple[Roll, tuple[Line, ...]]:
    """Put these lines in the place of the roll's; a line of the same key is the same line with other words.

    Args:
        roll: as it was.
        lines: all of them, in order.
        now: seconds.

    Returns:
        The roll as it is, and the lines that left it: at the top, or given up.
    """
    rows = {line.key: row for row, line in roll.shown()}
    kept = [(k, rows[line.key]) for k, line in enumerate(lines) if line.key in rows]
    visible = kept[-1][0] + 1 if kept else 0
    top = min([roll.rows - visible, *(row - k for k, row in kept)])
    pushed = max(0, -top)
    old = {line.key: line for line in roll.lines}
    timed = _timed(lines, visible, old, roll.rows, now)
    surplus = max(0, len(lines) - visible - _WAITING)
    staying = timed[pushed:visible] + timed[visible + surplus :]
    revised, left = advanced(replace(roll, lines=tuple(staying), visible=visible - pushed, top=top + pushed), now)
    return revised, (*timed[:pushed], *timed[visible : visible + surplus], *left)


def advanced(roll: Roll, now: float) -> tuple[Roll, tuple[Line, ...]]:
    """Let waiting lines come as far as there is room, or as what is in the way has been read."""
    lines = list(roll.lines)
    visible, top = roll.visible, roll.top
    left: list[Line] = []
    while visible < len(lines):
        if top + visible == roll.rows:
            if top == 0:
                if lines[0].read_s > now:
                    break
                left.append(lines.pop(0))
                visible -= 1
            else:
                top -= 1
        visible += 1
        lines = _timed(lines, visible, {line.key: line for line in lines[: visible - 1]}, roll.rows, now)
    return replace(roll, lines=tuple(lines), visible=visible, top=top), tuple(left)


def next_change_s(roll: Roll) -> float | None:
    """When `advanced` will move lines; None where nothing waits."""
    return roll.lines[0].read_s if roll.visible < len(roll.lines) else None


def _timed(lines: Sequence[Line], visible: int, old: dict[int, Line], rows: int, now: float) -> list[Line]:
    """The lines with the time by which each visible one has been read, one after the other."""
    speed = READING_SPEED * min(_HASTE, 1 + (len(lines) - visible) // rows)
    timed: list[Line] = []
    for line in lines[:visible]:
        known = old.get(line.key)
        read_s = line.read_s
        if known is None or known.words != line.words:
            more = _length(line) - (_length(known) if known and known.read_s else 0)
            before = timed[-1].read_s if timed else now
            read_s = max(now, line.read_s, before) + max(0, more) / speed
        timed.append(replace(line, read_s=read_s))
    return [*timed, *lines[visible:]]


def _length(line: Line) -> int:
    """Characters to be read; an ideograph or a syllable says as much as `_WIDE` letters."""
    return sum(_WIDE if unicodedata.east_asian_width(c) in {"W", "F"} else 1 for c in joined(line.words))
