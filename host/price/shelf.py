"""Several tags side by side on a shelf, parted where nothing is printed between them; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from host.price.figures import Placed
from host.price.roles import Part
from host.price.words import without_price_words

__all__ = ["side_by_side"]

GUTTER: Final = 0.3  # heights of a price: the least room between what two tags have printed
LIKE: Final = 0.7  # of the taller: tags of one shelf are printed alike
LEVEL: Final = 0.8  # of its height: they hang as high
PRICED: Final = 0.5  # of the tallest number's height: another tag's price may be
LETTERS: Final = 4  # of a name
LINES: Final = 3  # of a tag: a name, a price, and a code or a unit price


def side_by_side(rows: Sequence[Placed], parts: Sequence[Part]) -> list[list[Placed]]:
    """The lines of each tag, from left to right; none unless there are two that are certainly tags of their own.

    Two prices of one tag stand beside each other as well. So there must be a name over each of them, printed alike and
    at one height, and a third line; and nothing may stand across the gap between.

    Args:
        rows: all lines of a photo.
        parts: their numbers.
    """
    prices = [part.figure for part in parts if part.role in ("", "multi")]
    tallest = max((figure.height for figure in prices), default=0.0)
    columns = _columns(rows, GUTTER * tallest)
    if len(columns) < 2:
        return []
    heads, sums = [], []
    for column in columns:
        names = [row for row in column if _is_name(row)]
        priced = [f for f in prices if f.height >= PRICED * tallest and any(f.line is row for row in column)]
        if len(column) < LINES or not names or not priced:
            return []
        heads.append(max(names, key=lambda row: row.line.height))
        sums.append(max(priced, key=lambda figure: figure.height).line)
    return columns if _alike(heads) and _alike(sums) else []


def _columns(rows: Sequence[Placed], room: float) -> list[list[Placed]]:
    """Lines parted where none stands, over so many pixels."""
    found: list[list[Placed]] = []
    end = float("-inf")
    for row in sorted(rows, key=lambda row: row.box.left):
        if row.box.left - end > room or not found:
            found.append([])
        found[-1].append(row)
        end = max(end, row.box.right)
    return found


def _is_name(row: Placed) -> bool:
    text = row.line.text
    return len(re.findall(r"[^\W\d_]", text)) >= LETTERS and not row.line.unsure and without_price_words(text)


def _alike(rows: Sequence[Placed]) -> bool:
    first = rows[0]
    return all(
        min(row.line.height, first.line.height) >= LIKE * max(row.line.height, first.line.height)
        and abs(row.box.top - first.box.top) <= LEVEL * first.line.height
        for row in rows[1:]
    )
