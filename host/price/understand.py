"""A tag's lines to what it says: roles, price, cross-checks, and the gate below which no price is read; pure.

1. Every number gets a role from the words on its line and beside it (`words.py`), else from its size and place.
2. The price is the tallest number without another role, of the tag in the middle if several are in view.
3. Its value is what its digits, its currency and its unit price allow together.
4. The gate accepts it only if its digits were read surely, there is no doubt where the cents begin, and nothing on the
   tag contradicts it. A wrong price is worse than none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from host.price.amounts import likely_currency
from host.price.figures import Figure, Placed, figures, placed
from host.price.gate import SURE, View, judged
from host.price.quantities import Quantity, per_unit, quantities
from host.price.tag import Tag
from host.price.words import says, tax_of, without_price_words
from host.read.line import Box, TextLine, script_of

__all__ = ["understand"]

RIVAL: Final = 0.8  # of the price's height: another number this tall could be the price as well
SEEN: Final = 0.5  # of the tallest price's height: a number this tall may be the price of another tag
APART: Final = 2.5  # heights of a price between two tags' prices; numbers of one tag stand closer
LETTERS_OF_A_NAME: Final = 3
TOUCHING: Final = 1.2  # line heights between a number and a word that belongs to it
_CODE: Final = re.compile(r"\d{5,}|\d{2,}[-/ ]\d{3,}")


@dataclass(frozen=True, slots=True)
class _Part:
    """A figure with its role: "unit", "was", "deposit", "save", "other", or "" for what could be the price."""

    figure: Figure
    role: str
    per: Quantity | None = None


def understand(lines: Sequence[TextLine], view: View) -> Tag:
    """What the tag in these lines says; the one nearest the middle if there are several.

    Args:
        lines: of one photo, in any order, from a reader that says where they stand.
        view: what else is known of the photo.
    """
    rows = placed(lines)
    tags = _tags(rows, view)
    return replace(_one(tags[0], view), in_view=len(tags)) if tags else _one(rows, view)


def _one(rows: Sequence[Placed], view: View) -> Tag:
    parts = _parts(rows, view)
    tag = _described(rows, parts, view)
    prices = sorted((part for part in parts if not part.role), key=lambda part: -part.figure.height)
    if not prices:
        return tag
    price = prices[0]
    rivals = [part for part in prices[1:] if part.figure.height >= RIVAL * price.figure.height]
    named = [part for part in (price, *rivals) if says(part.figure.before, "now")]
    if len(named) == 1:
        price, rivals = named[0], []
    others = [part.figure for part in rivals]
    return judged(tag, price.figure, rivals=others, units=_unit_prices(parts, price), sold=_sold(rows))


def _parts(rows: Sequence[Placed], view: View) -> list[_Part]:
    return [_Part(figure, *_role(figure, rows)) for figure in figures(rows, view.looks)]


def _tags(rows: Sequence[Placed], view: View) -> list[list[Placed]]:
    """The lines of each tag in view, the one nearest the middle first; a tag is a large number apart from others."""
    prices = sorted((part.figure for part in _parts(rows, view) if not part.role), key=lambda figure: -figure.height)
    seeds: list[Figure] = []
    for figure in prices:
        if figure.height >= SEEN * prices[0].height and all(
            _between(figure.box, s.box) > APART * s.height for s in seeds
        ):
            seeds.append(figure)
    seeds.sort(key=lambda figure: math.dist(figure.box.centre, view.centre))
    belonging: list[list[Placed]] = [[] for _ in seeds]
    for row in rows:
        if seeds:
            belonging[min(range(len(seeds)), key=lambda n: _between(row.box, seeds[n].box))].append(row)
    return belonging


def _between(one: Box, other: Box) -> float:
    """Pixels between two boxes; 0 where they touch."""
    across = max(0.0, one.left - other.right, other.left - one.right)
    down = max(0.0, one.top - other.bottom, other.top - one.bottom)
    return math.hypot(across, down)


def _role(figure: Figure, rows: Sequence[Placed]) -> tuple[str, Quantity | None]:
    """The role that words give a figure, and what a unit price is for; "" for what could be the price."""
    own = _own_role(figure)
    if own:
        return own, figure.per
    label = _label(figure, rows)
    if label is None:
        return "", None
    per, text = per_unit(label.line.text), label.line.text
    if per is not None or says(text, "unit"):
        return "unit", per
    return next((role for role in ("deposit", "was", "save") if says(text, role)), ""), None


def _own_role(figure: Figure) -> str:
    """The role that the words on its own line give a figure."""
    before, after = figure.before, figure.after
    tests = {
        "unit": figure.per is not None,
        "save": after.lstrip()[:1] in ("%", "\u2030") or says(before, "save"),
        "deposit": says(before, "deposit") or says(after, "deposit"),
        "was": says(before, "was"),
        "unit ": says(before, "unit") or says(after, "unit"),
        "other": says(before, "date") or (not figure.amount.currencies and bool(_CODE.search(figure.line.line.text))),
    }
    return next((role.strip() for role, holds in tests.items() if holds), "")


def _label(figure: Figure, rows: Sequence[Placed]) -> Placed | None:
    """The nearest line of words above, below or left of a figure that is alone on its line, and touches it."""
    if re.sub(r"[\W\d_]", "", figure.before + figure.after):
        return None
    words = [
        row
        for row in rows
        if row is not figure.line
        and re.search(r"[^\W\d_]{2}", row.line.text)
        and row.line.height <= 1.2 * figure.height
    ]
    near = [(gap, row) for row in words if (gap := _gap(figure, row)) <= TOUCHING * row.line.height]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _gap(figure: Figure, row: Placed) -> float:
    """Pixels between a figure and a line above, below or left of it; infinite where it stands elsewhere."""
    if row.box.shared_width(figure.box) >= 0.5:
        return max(0.0, figure.box.top - row.box.bottom, row.box.top - figure.box.bottom)
    if row.box.shared_height(figure.box) >= 0.5 and row.box.right <= figure.box.left + row.line.height:
        return max(0.0, figure.box.left - row.box.right)
    return math.inf


def _described(rows: Sequence[Placed], parts: Sequence[_Part], view: View) -> Tag:
    """All of a tag but its price."""
    taxes = {tax for row in rows if (tax := tax_of(row.line.text))}
    signs = [part.figure.amount.currencies for part in parts if part.figure.amount.currencies]
    script = script_of(" ".join(row.line.text for row in rows))
    sold = _sold(rows)
    return Tag(
        currency=likely_currency(min(signs, key=len) if signs else (), script, view.currency),
        quantity=sold[0] if sold else None,
        name=_name(rows, parts),
        codes=tuple(match[0] for row in rows if not _priced(row, parts) for match in _CODE.finditer(row.line.text)),
        tax="in" if taxes == {"in"} else "out" if taxes == {"out"} else "",
        deposit=_only(parts, "deposit"),
        was=_only(parts, "was"),
    )


def _priced(row: Placed, parts: Sequence[_Part]) -> bool:
    return any(part.figure.line is row and part.role in ("", "unit", "was") for part in parts)


def _only(parts: Sequence[_Part], role: str) -> Decimal | None:
    sure = [part.figure for part in parts if part.role == role and part.figure.exact and part.figure.confidence >= SURE]
    return sure[0].amount.values[0] if len(sure) == 1 else None


def _sold(rows: Sequence[Placed]) -> list[Quantity]:
    return [quantity for row in rows if not row.line.unsure for quantity in quantities(row.line.text)]


def _unit_prices(parts: Sequence[_Part], price: _Part) -> list[tuple[Figure, Quantity | None, bool]]:
    """Figures that are or may be unit prices, what for, and whether words say so."""
    said = [(part.figure, part.per, True) for part in parts if part.role == "unit"]
    may_be = [
        (part.figure, None, False)
        for part in parts
        if not part.role and part is not price and part.figure.height < RIVAL * price.figure.height
    ]
    return said + may_be


def _name(rows: Sequence[Placed], parts: Sequence[_Part]) -> str:
    """The tallest line of words that says nothing of prices, and the one below that goes on in its size."""
    words = [
        row
        for row in rows
        if not _priced(row, parts)
        and len(re.findall(r"[^\W\d_]", row.line.text)) >= LETTERS_OF_A_NAME
        and (row.line.confidence is None or row.line.confidence >= SURE)
        and without_price_words(row.line.text)
    ]
    if not words:
        return ""
    first = max(words, key=lambda row: row.line.height)
    more = [
        row
        for row in words
        if row is not first
        and row.line.height >= RIVAL * first.line.height
        and row.box.shared_width(first.box) > 0
        and 0 <= row.box.top - first.box.top <= 1.8 * first.line.height  # the next line, not one further down
    ]
    return " ".join(row.line.text.strip() for row in (first, *more[:1]))
