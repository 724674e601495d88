"""A made-up tag as a reader of a photo might give it: lines with boxes and the errors that readers make.

One condition a tag, on top of what is always there: jitter, a little slant, raised cents that are read apart or as one
number with the price. What the ink of the price shows is given as second looks, as the app has them, for most prices.
"""

from __future__ import annotations

import math
import random
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from host.bench.tags.layouts import laid_out
from host.bench.tags.sample import sampled
from host.bench.tags.spec import Drawing, Layout, Print, TagSpec
from host.price.amounts import DECIMALS
from host.price.figures import Look
from host.price.gate import View
from host.read.line import Point, TextLine

__all__ = ["Condition", "Photo", "photographed"]

_LOOKED: Final = 0.7  # share of prices whose ink parts into figures
_SURELY: Final = 0.15  # share of confused digits that the reader is sure of
_THIN: Final = 0.25  # share of single figures before raised cents that are not found
_APART: Final = 0.4  # share of raised cents that are read as a line of their own
# Digits that readers take for each other.
_ALIKE: Final = {
    "0": "86", "1": "74", "2": "7", "3": "89", "4": "1", "5": "63", "6": "85", "7": "12", "8": "36", "9": "43",
}  # fmt: skip


class Condition(StrEnum):
    """What went wrong in the photo or in its reading."""

    CLEAN = "clean"
    POINTS = "points lost"
    CENTS = "cents lost"
    ACCENTS = "accents lost"
    SPLIT = "lines split"
    MERGED = "lines merged"
    UNSURE = "digits confused"
    LOST = "lines lost"
    SLANTED = "slanted"
    NEIGHBOURS = "neighbours"
    EDGE = "cut off by the edge"
    SMALL = "small print unsure"


@dataclass(frozen=True, slots=True)
class Photo:
    """What a reader says of a photo of a tag.

    Attributes:
        spec: the truth.
        condition: what went wrong.
        lines: as read.
        view: what else is known.
    """

    spec: TagSpec
    condition: Condition
    lines: tuple[TextLine, ...]
    view: View


@dataclass(frozen=True, slots=True)
class _Seen:
    """A print as it was read: its text, how surely, and where."""

    text: str
    sure: float
    left: float
    top: float
    right: float
    bottom: float
    role: str
    struck: bool = False
    look: Look | None = None


def photographed(seed: int) -> Photo:
    """The tag of a seed, as read from its photo."""
    spec = sampled(seed)
    rng = random.Random(f"photo {seed}")  # noqa: S311 - dice
    condition = rng.choice(tuple(Condition))
    drawing = laid_out(spec)
    seen = _read(drawing, spec, condition, rng)
    if condition is Condition.NEIGHBOURS:
        seen += _beside(drawing, spec, rng)
        if rng.random() < 0.1:  # the price in the middle is not read
            seen = [s for s in seen if s.role not in ("price", "cents") or not 0 <= s.left < drawing.width]
    margin = 0.3 * drawing.height
    size = (drawing.width + 2 * margin, drawing.height + 2 * margin)
    shift = (margin, margin)
    if condition is Condition.NEIGHBOURS:
        size = (1.9 * drawing.width, 1.6 * drawing.height)
        shift = (0.45 * drawing.width, 0.3 * drawing.height)
    if condition is Condition.EDGE:
        shift = (_cut(drawing, size[0], rng), margin)
    turn = math.radians(rng.uniform(-13, 13) if condition is Condition.SLANTED else rng.uniform(-2, 2))
    seen = [part for one in seen if (part := _inside(one, shift, size)) is not None]
    rng.shuffle(seen)
    centre = (size[0] / 2, size[1] / 2)
    lines = [(_line(one, centre, turn, rng), one.look) for one in seen]
    country = spec.currency if rng.random() < 0.9 else ""
    looks = {line: look for line, look in lines if look is not None}
    return Photo(spec, condition, tuple(line for line, _ in lines), View(centre, country, looks))


def _read(drawing: Drawing, spec: TagSpec, condition: Condition, rng: random.Random) -> list[_Seen]:
    """The prints as lines of text, in their order."""
    seen = _cents_joined([_first(p, condition, rng) for p in drawing.prints], spec, condition, rng)
    if condition is Condition.MERGED:
        seen = _merged(seen)
    if condition is Condition.SPLIT:
        seen = [part for one in seen for part in _split(one, rng)]
    if condition is Condition.UNSURE:
        hit = rng.choice([one for one in seen if re.search(r"\d", one.text)])
        seen = [_confused(one, rng) if one is hit else one for one in seen]
    if condition is Condition.LOST:
        seen = [one for one in seen if rng.random() > 0.25]
    return seen


def _first(p: Print, condition: Condition, rng: random.Random) -> _Seen:
    sure = 1 - rng.random() ** 3 * 0.12
    if p.height < 18 or (condition is Condition.SMALL and p.height < 40):
        sure -= rng.random() * 0.4
    text = p.text
    if condition is Condition.ACCENTS or rng.random() < 0.2:
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
        text = (
            unicodedata.normalize("NFC", text).replace("ø", "o").replace("ł", "l").replace("ß", "B").replace("æ", "e")
        )
    if condition is Condition.POINTS and rng.random() < 0.6:
        text = re.sub(r"(?<=\d)[.,:](?=[\d-])", rng.choice(("", "", " ")), text)
    if rng.random() < 0.15:
        text = text.replace(" ", "")
    look = None
    if p.role in ("price", "was", "multi") and rng.random() < (0.5 if p.struck else _LOOKED):
        look = _look_of(p, "", struck=p.struck)
    return _Seen(text, sure, p.left, p.top, p.left + p.width, p.top + p.height, p.role, p.struck, look)


def _look_of(p: Print, cents: str, *, struck: bool = False) -> Look | None:
    """What the ink of a price shows: nothing where letters stand beside it."""
    digits = re.sub(r"\D", "", p.text)
    if struck:
        return Look(len(digits), 0, len(re.findall(r"[.,]", p.text)), digits, "", 0.95, struck=True)
    if re.search(r"[^\d.,]", p.text):
        return None
    return Look(len(digits), len(cents), len(re.findall(r"[.,]", p.text)), digits, cents, 0.96)


def _cents_joined(seen: list[_Seen], spec: TagSpec, condition: Condition, rng: random.Random) -> list[_Seen]:
    """Raised cents: read apart, as one number with the price, or not at all."""
    found: list[_Seen] = []
    for one in seen:
        if one.role != "cents" or not found:
            found.append(one)
            continue
        whole = found.pop()
        look = None
        if rng.random() < _LOOKED:
            digits = re.sub(r"\D", "", whole.text)
            look = Look(len(digits), 2, 0, digits, one.text, 0.95)
        lost = condition is Condition.CENTS
        if not lost and rng.random() < _APART:
            alone = Look(len(one.text), 0, 0, one.text, "", 0.97) if rng.random() < _LOOKED else None
            found += [_changed(whole, look=look), _changed(one, look=alone)]
            if len(whole.text) == 1 and rng.random() < _THIN:  # a "1" by itself looks like a stroke
                del found[-2]
            continue
        between = rng.choice(("", "", "", " ", '"', "."))
        text = whole.text if lost else whole.text + between + one.text
        right = whole.right if lost else one.right
        found.append(_changed(whole, text=text, right=right, sure=min(whole.sure, one.sure), look=look))
    if condition is Condition.CENTS and DECIMALS.get(spec.currency, 2) == 2:
        return [_without_cents(one, rng) for one in found]
    return found


def _without_cents(one: _Seen, rng: random.Random) -> _Seen:
    """The last digits of a price with a point are not read: "29.9", "29." or "29"."""
    match = re.search(r"\d[.,]\d\d(?!\d)", one.text)
    if one.role != "price" or match is None:
        return one
    keep = rng.choice((match.start() + 1, match.start() + 2, match.end() - 1))
    return _changed(one, text=one.text[:keep] + one.text[match.end() :])


def _changed(
    one: _Seen, *, text: str | None = None, left: float | None = None, right: float | None = None,
    sure: float | None = None, look: Look | None = None,
) -> _Seen:  # fmt: skip
    return _Seen(
        one.text if text is None else text, one.sure if sure is None else sure,
        one.left if left is None else left, one.top, one.right if right is None else right, one.bottom,
        one.role, one.struck, look,
    )  # fmt: skip


def _merged(seen: list[_Seen]) -> list[_Seen]:
    """Lines beside each other become one."""
    found: list[_Seen] = []
    for one in seen:
        last = found[-1] if found else None
        if last is not None and abs(one.bottom - last.bottom) < 0.5 * (last.bottom - last.top) and one.left > last.left:
            top, bottom = min(last.top, one.top), max(last.bottom, one.bottom)
            text = f"{last.text} {one.text}"
            role = "price" if "price" in (last.role, one.role) else last.role
            found[-1] = _Seen(text, min(last.sure, one.sure), last.left, top, one.right, bottom, role, last.struck)
        else:
            found.append(one)
    return found


def _split(one: _Seen, rng: random.Random) -> list[_Seen]:
    """A line becomes two, where a gap is or within."""
    if len(one.text) < 4 or rng.random() < 0.4:
        return [one]
    gaps = [match.start() for match in re.finditer(" ", one.text)] or [rng.randrange(1, len(one.text))]
    at = rng.choice(gaps)
    share = one.left + (one.right - one.left) * at / len(one.text)
    return [
        _changed(one, text=one.text[:at].strip(), right=share),
        _changed(one, text=one.text[at:].strip(), left=share + 0.05 * (one.bottom - one.top)),
    ]


def _confused(one: _Seen, rng: random.Random) -> _Seen:
    at = rng.choice([index for index, c in enumerate(one.text) if c in _ALIKE] or [-1])
    if at < 0:
        return one
    text = one.text[:at] + rng.choice(_ALIKE[one.text[at]]) + one.text[at + 1 :]
    sure = rng.uniform(0.82, 0.97) if rng.random() < _SURELY else rng.uniform(0.35, 0.8)
    return _changed(one, text=text, sure=sure, look=one.look if rng.random() < 0.5 else None)


def _beside(drawing: Drawing, spec: TagSpec, rng: random.Random) -> list[_Seen]:
    """Other tags of the same shop at the left and at the right."""
    found = []
    for side in (-1, 1):
        nearby = (sampled(seed) for seed in range(spec.seed + 10_000 + 3000 * side, spec.seed + 90_000, 2))
        same = (spec.layout, Layout.PLAIN, Layout.RAISED)
        other = next(tag for tag in nearby if tag.country == spec.country and tag.layout in same)
        placed = laid_out(other)
        gap = rng.uniform(0.2, 0.6) * drawing.height * 0.3
        by = (drawing.width + gap) if side > 0 else -(placed.width + gap)
        found += [
            _Seen(one.text, one.sure, one.left + by, one.top, one.right + by, one.bottom, one.role, one.struck)
            for one in _read(placed, other, Condition.CLEAN, rng)
        ]
    return found


def _cut(drawing: Drawing, width: float, rng: random.Random) -> float:
    """How far right the tag is moved so that an edge of the photo goes through its price, or just past it."""
    price = max(drawing.prints, key=lambda p: p.height)
    through = price.left + rng.uniform(-0.1, 0.9) * price.width
    return -through if rng.random() < 0.5 else width - through


def _inside(one: _Seen, shift: Point, size: Point) -> _Seen | None:
    """What of a line is in the photo."""
    left, right, top, bottom = one.left + shift[0], one.right + shift[0], one.top + shift[1], one.bottom + shift[1]
    shares = (max(0.0, -left) / (right - left), max(0.0, right - size[0]) / (right - left))
    if shares[0] + shares[1] >= 1 or top < 0 or bottom > size[1]:
        return None
    count = len(one.text)
    text = one.text[math.ceil(shares[0] * count - 1e-9) : count - math.ceil(shares[1] * count - 1e-9)].strip()
    cut = shares != (0.0, 0.0)
    if not text:
        return None
    return _Seen(
        text, one.sure - (0.05 if cut else 0), max(left, 0.0), top, min(right, size[0]), bottom,
        one.role, one.struck, None if cut else one.look,
    )  # fmt: skip


def _line(one: _Seen, centre: Point, turn: float, rng: random.Random) -> TextLine:
    """The line with its box: some room about the ink, shaken and turned about the photo's centre."""
    high = one.bottom - one.top
    room, shake = 0.12 * high, 0.03 * high
    cos, sin = math.cos(turn), math.sin(turn)

    def placed(x: float, y: float) -> Point:
        x, y = x + rng.uniform(-shake, shake) - centre[0], y + rng.uniform(-shake, shake) - centre[1]
        return (x * cos - y * sin + centre[0], x * sin + y * cos + centre[1])

    left, right, top, bottom = one.left - room, one.right + room, one.top - room, one.bottom + room
    corners = (placed(left, top), placed(right, top), placed(right, bottom), placed(left, bottom))
    return TextLine(one.text, corners, round(max(0.05, one.sure), 3))
