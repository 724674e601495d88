"""Amounts where they stand on a tag: pure.

A reader gives lines; what is printed is figures, some with raised cents that were read as a line of their own. Boxes
are of the photo turned upright by the angle of its lines, so that "beside" and "above" mean what they say.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from typing import Final

from host.price.amounts import Amount, amounts
from host.price.quantities import Quantity, measures
from host.read.line import Box, Point, TextLine

__all__ = ["Figure", "Look", "Placed", "figures", "placed"]

_WHOLE: Final = re.compile(r"[^\d]{0,3}(?P<digits>\d{1,5})[.,:]?")  # the part before raised cents, its sign included
_RAISED: Final = re.compile(r"[.,:]?(?P<digits>\d{2})[^\d]{0,3}")
# Raised cents, in heights of the figures beside them: of ten chains' tags they are two fifths to three fifths as tall.
RAISED_LEAST: Final = 0.25
RAISED_MOST: Final = 0.8
LONGEST: Final = 3  # figures before raised cents that can hide no cents themselves
RAISED_GAP: Final = 0.6  # across
RAISED_OVERLAP: Final = 0.5  # two slanted boxes overlap
RAISED_SHARED: Final = 0.5  # of the cents' own height, the width of one of them
RAISED_TOP: Final = 0.35  # their tops stand as high as each other, as far
_LOST: Final = re.compile(r"(?<![^\W\d_])[IlOoQDZzSsBGgbqTAJi?!\]|]$")  # touching an amount: its first figure, misread
_JUNK: Final = re.compile("[.,:\"'^\u00b0`\u201d\u2019\\d|]")  # touching an amount: a part of it that was misread


@dataclass(frozen=True, slots=True)
class Look:
    """What a second look at a price's line found (`ink.py`): its figures counted, and read apart.

    Attributes:
        tall: figures of full height.
        raised: figures behind them that are smaller and stand high.
        points: marks between the tall ones on the base line.
        whole: the tall ones as read by themselves.
        cents: the raised ones alike; empty where there are none.
        confidence: of the less sure of the two, 0 to 1.
        struck: True if a line goes through them.
    """

    tall: int
    raised: int
    points: int
    whole: str
    cents: str
    confidence: float
    struck: bool = False

    @property
    def value(self) -> Decimal | None:
        """What it says, if the ink has as many figures as were read; None where it says nothing."""
        if not (self.whole.isascii() and self.whole.isdecimal() and len(self.whole) == self.tall <= 5) or self.points:
            return None
        if self.raised == 0:
            return Decimal(self.whole)
        two = self.raised == 2 == len(self.cents) and self.cents.isascii() and self.cents.isdecimal()
        return Decimal(f"{self.whole}.{self.cents}") if two else None


@dataclass(frozen=True, slots=True)
class Placed:
    """A line and its box in the photo turned upright."""

    line: TextLine
    box: Box


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount and where it stands.

    Attributes:
        amount: what it may say.
        box: around it, upright.
        height: of its digits, pixels.
        confidence: of its line, 0 to 1; the least of its lines.
        line: the text that it stands in.
        before: the text of its line between the amount before and this one.
        after: the text between this one and the next.
        per: what it is the price for, if its line says that it is a unit price.
        settled: True if its ink leaves no doubt about the point: raised cents.
        clean: False if something that was not understood touches it.
    """

    amount: Amount
    box: Box
    height: float
    confidence: float
    line: Placed
    before: str = ""
    after: str = ""
    per: Quantity | None = None
    settled: bool = False
    clean: bool = True

    @property
    def exact(self) -> bool:
        """True if there is no doubt about the point."""
        return self.clean and (self.settled or self.amount.exact)


def placed(lines: Sequence[TextLine], centre: Point = (0.0, 0.0)) -> list[Placed]:
    """The lines with boxes turned upright about a point, by the angle of most of them; the photo's order is kept."""
    angles = [line.angle for line in lines if not line.vertical and len(line.text) > 1]
    turn = -median(angles) if angles else 0.0
    if abs(turn) > math.pi / 4:  # upside down or on its side: the reader was wrong about most lines, or right about few
        turn = 0.0
    return [Placed(line, _turned(line, turn, centre)) for line in lines]


def figures(lines: Sequence[Placed], looks: Mapping[TextLine, Look]) -> list[Figure]:
    """All amounts of a tag; those whose cents are certainly raised stand first.

    Args:
        lines: of the tag.
        looks: second looks at some of them.
    """
    joined, used = _joined(lines, looks)
    single = [
        _seconded(figure, looks.get(line.line))
        for index, line in enumerate(lines)
        if index not in used
        for figure in _of_line(line)
    ]
    looked = [_looked(line, look) for line in lines if (look := looks.get(line.line)) is not None]
    seen = [figure for figure in looked if figure is not None and not any(_same(figure, other) for other in joined)]
    rest = [figure for figure in single if not any(_same(figure, other) for other in (*seen, *joined))]
    return [*joined, *seen, *rest]


def _same(one: Figure, other: Figure) -> bool:
    return one.line is other.line or one.box.shared_area(other.box) > 0.5


def _looked(place: Placed, look: Look) -> Figure | None:
    """A line as the second look has it, with raised cents; None where that says nothing, or not what the line says."""
    if look.value is None or not look.raised:
        return None
    text = unicodedata.normalize("NFKC", place.line.text)
    digits = re.sub(r"\D", "", text)
    if re.search(r"[^\W\d_]", text) or not digits.startswith(look.whole):
        return None
    told = digits[len(look.whole) :]
    confidence = 0.0 if len(told) == len(look.cents) and told != look.cents else look.confidence
    signs = amounts(text)[:1]
    amount = Amount((look.value,), signs[0].currencies if signs else (), True, 0, len(text))
    return Figure(amount, place.box, place.line.height, confidence, place, settled=True)


def _seconded(figure: Figure, look: Look | None) -> Figure:
    """A figure that is not clean where a second look counts other characters than were read, and reads others, too.

    That there are no raised cents proves no whole price: raised cents that were found alone, without the "1" before
    them, have none either.
    """
    if look is None:
        return figure
    digits = re.sub(r"\D", "", figure.line.line.text[figure.amount.start : figure.amount.end])
    sure = len(digits) == look.tall + look.raised or re.sub(r"\D", "", look.whole + look.cents) == digits
    return figure if sure else replace(figure, clean=False)


def _of_line(place: Placed) -> list[Figure]:
    """The amounts of a line; how much is sold, and for how much a unit price is, are none."""
    text = unicodedata.normalize("NFKC", place.line.text)
    sold, priced = measures(text)
    rest = list(text)
    for start, end, _ in (*sold, *priced):
        rest[start:end] = " " * (end - start)
    found = amounts("".join(rest))
    nearest = (
        {min(range(len(found)), key=lambda n: _apart(found[n], s, e)): per for s, e, per in priced} if found else {}
    )
    share = place.box.width / max(1, len(text))
    figures = []
    for number, amount in enumerate(found):
        ends = (amount.end, found[number + 1].start if number + 1 < len(found) else len(text))
        starts = (found[number - 1].end if number else 0, amount.start)
        box = Box(
            place.box.left + share * amount.start, place.box.top, place.box.left + share * amount.end, place.box.bottom
        )
        before, after = text[slice(*starts)], text[slice(*ends)]
        figures.append(
            Figure(
                amount=amount,
                box=box,
                height=place.line.height,
                confidence=_confidence(place.line),
                line=place,
                before=before,
                after=after,
                per=nearest.get(number),
                clean=not (_JUNK.match(after) or _JUNK.match(before[-1:].strip(".:")) or _LOST.search(before)),
            )
        )
    return figures


def _apart(amount: Amount, start: int, end: int) -> int:
    return max(start - amount.end, amount.start - end)


def _confidence(line: TextLine) -> float:
    return 1.0 if line.confidence is None else line.confidence


def _joined(lines: Sequence[Placed], looks: Mapping[TextLine, Look]) -> tuple[list[Figure], set[int]]:
    found, used = [], set()
    for index, whole in enumerate(lines):
        digits = _WHOLE.fullmatch(whole.line.text)
        if digits is None or not _may_go_on(digits["digits"], looks.get(whole.line)):
            continue
        cents = [
            (other, match["digits"])
            for other, line in enumerate(lines)
            if other not in used
            and other != index
            and (match := _RAISED.fullmatch(line.line.text))
            and _is_raised(whole, line)
        ]
        if len(cents) != 1:
            continue
        other, fraction = cents[0]
        beside = lines[other]
        value = Decimal(f"{digits['digits']}.{fraction}")
        signs = amounts(whole.line.text)[:1] or amounts(beside.line.text)[:1]
        amount = Amount((value,), signs[0].currencies if signs else (), True, 0, len(whole.line.text))
        box = Box(
            whole.box.left, min(whole.box.top, beside.box.top), max(whole.box.right, beside.box.right), whole.box.bottom
        )
        sure = min(_confidence(whole.line), _confidence(beside.line))
        if _read_twice(whole, beside, len(digits["digits"]), value, looks.get(whole.line)):
            sure = 0.0
        found.append(Figure(amount, box, whole.line.height, sure, whole, settled=True))
        used |= {index, other}
    return found, used


def _may_go_on(digits: str, look: Look | None) -> bool:
    """Whether raised cents may follow: of four figures and more the last two may be the cents themselves."""
    return len(digits) <= LONGEST or (look is not None and look.tall == len(digits))


def _read_twice(whole: Placed, cents: Placed, count: int, value: Decimal, look: Look | None) -> bool:
    """Whether both lines may hold the same figure: 15 with raised 29 was read as 152 and 29."""
    if look is None:
        return whole.box.right - cents.box.left > RAISED_SHARED * cents.line.height
    return look.tall != count or (look.raised > 0 and look.value not in (None, value))


def _is_raised(whole: Placed, cents: Placed) -> bool:
    tall = whole.line.height
    return (
        RAISED_LEAST * tall <= cents.line.height <= RAISED_MOST * tall
        and -RAISED_OVERLAP * tall <= cents.box.left - whole.box.right <= RAISED_GAP * tall
        and abs(cents.box.top - whole.box.top) <= RAISED_TOP * tall
    )


def _turned(line: TextLine, turn: float, centre: Point) -> Box:
    cos, sin = math.cos(turn), math.sin(turn)
    around = [(x - centre[0], y - centre[1]) for x, y in line.corners]
    across = [centre[0] + x * cos - y * sin for x, y in around]
    down = [centre[1] + x * sin + y * cos for x, y in around]
    return Box(min(across), min(down), max(across), max(down))
