"""A tag's lines to what it says: roles, price, cross-checks, and the gate below which no price is read; pure.

1. Every number gets a role from the words on its line and beside it (`roles.py`), else from its size and place.
2. The price is the tallest number without another role, of the tag in the middle if several are in view.
3. Its value is what its digits, its currency and its unit price allow together (`gate.py`).
4. It is accepted only if its digits were read surely, there is no doubt where the cents begin, and nothing on the tag
   contradicts it (`doubts.py`). A wrong price is worse than none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from host.price.amounts import likely_currency
from host.price.doubts import LETTERS_OF_A_NAME, SEEN, cut, doubted
from host.price.figures import Figure, Placed, placed
from host.price.gate import AGREED, SURE, View, judged
from host.price.offers import offer
from host.price.quantities import Quantity, measures
from host.price.roles import Part, Role, parts_of
from host.price.shelf import side_by_side
from host.price.tag import MultiBuy, Refusal, Tag, UnitPrice
from host.price.words import says, tax_of, without_price_words
from host.read.line import Box, TextLine, script_of

__all__ = ["SEEN", "understand"]

RIVAL: Final = 0.8  # of the price's height: another number this tall could be the price as well
NEARER: Final = 1.5  # times farther from the middle: the next tag's price, where it is clear which tag is meant
APART: Final = 2.5  # heights of a price between two tags' prices; numbers of one tag stand closer
MARKS: Final = 0.2  # of a line's characters: so many strokes and brackets are no second line of a name
TOTALLED: Final = 1.3  # heights of any number without a role: an offer's total this tall is the tag's only price
MOST_LINES: Final = 150  # that are looked at, the largest: a tag has forty at most; of more, time grows as the square
FARTHEST: Final = 1e6  # pixels; coordinates beyond any photo are none
_CODE: Final = re.compile(r"\d{5,}|\d{2,}[-/ ]\d{3,}")


def understand(lines: Sequence[TextLine], view: View) -> Tag:
    """What the tag in these lines says; the one nearest the middle if there are several.

    Args:
        lines: of one photo, in any order, from a reader that says where they stand.
        view: what else is known of the photo.
    """
    drawable = [line for line in lines if _drawable(line)]
    largest = sorted(drawable, key=lambda line: (-line.height, line.corners, line.text))[:MOST_LINES]
    rows = placed(sorted(largest, key=lambda line: (line.corners, line.text)), view.centre)
    parts = parts_of(rows, view)
    columns = side_by_side(rows, parts)
    middle = [column for column in columns if _holds(column, view.centre[0])]
    if len(middle) == 1:
        return replace(_one(middle[0], view), in_view=len(columns))
    tags = _tags(rows, parts, view)
    if not tags:
        return _one(rows, view)
    first, *others = tags
    tag = replace(_one(first.rows, view), in_view=len(tags))
    if tag.accepted and any(other.away < NEARER * first.away for other in others):
        return replace(tag, price=None, refusal=Refusal.SEVERAL)
    return tag


def _holds(column: Sequence[Placed], x: float) -> bool:
    return min(row.box.left for row in column) <= x <= max(row.box.right for row in column)


def _drawable(line: TextLine) -> bool:
    """Whether a line has a size: readers gone wrong give boxes of none."""
    return all(abs(x) < FARTHEST for point in line.corners for x in point) and line.height > 0 and line.width > 0


def _one(rows: Sequence[Placed], view: View) -> Tag:
    parts = parts_of(rows, view)
    tag = _described(rows, parts, view)
    chosen = _chosen(parts, view)
    if chosen is None:
        return replace(tag, refusal=Refusal.MEMBERS) if any(part.role == "member" for part in parts) else tag
    price, rivals = chosen
    count = price.offer.count if price.role == "multi" and price.offer is not None else 1
    sold = [Quantity(quantity.amount * count, quantity.unit) for quantity in _sold(rows)]
    others = [part.figure for part in rivals]
    read = judged(tag, price.figure, rivals=others, units=_unit_prices(parts, price), sold=sold, total=count > 1)
    if price.role == "unit" and any(price.per is None or quantity != price.per for quantity in sold):
        return replace(tag, refusal=Refusal.NONE_FOUND)  # what is packed is not sold by weight
    reason = None if AGREED in read.evidence or read.price is None else doubted(read, price, rows, parts, view)
    if reason is not None:
        read = replace(read, price=None, refusal=reason, candidates=())
    return _with_offers(_by_weight(read, price), parts, price)


def _chosen(parts: Sequence[Part], view: View) -> tuple[Part, list[Part]] | None:
    """What seems to be the price, and others that could be it as well."""

    def tallest(role: Role) -> list[Part]:
        return sorted((part for part in parts if part.role == role), key=lambda part: -part.figure.height)

    prices = tallest("")
    prices = [part for part in prices if not cut(part.figure, view)] or prices
    weighed = [
        part
        for part in tallest("unit")
        if (part.per is None or part.per.unit != "piece")
        and not any(other is not part and other.figure.line is part.figure.line for other in parts)
    ]
    for others in (tallest("multi"), weighed):
        if others and (not prices or others[0].figure.height > TOTALLED * prices[0].figure.height):
            return others[0], [part for part in others[1:] if part.figure.height >= RIVAL * others[0].figure.height]
    prices = prices or tallest("taxed")
    if not prices:
        return None
    price, away = prices[0], math.dist(prices[0].figure.box.centre, view.centre)
    rivals = [
        part
        for part in prices[1:]
        if part.figure.height >= RIVAL * price.figure.height
        or (part.figure.height >= SEEN * price.figure.height and math.dist(part.figure.box.centre, view.centre) < away)
    ]
    named = [part for part in (price, *rivals) if says(part.figure.before, "now")]
    return (named[0], []) if len(named) == 1 else (price, rivals)


def _by_weight(tag: Tag, price: Part) -> Tag:
    """The tag, with what its price is for if that is a weight or a measure."""
    if price.role != "unit" or tag.price is None:
        return tag
    per = price.per or Quantity(Decimal(1), "kg")
    return replace(tag, per=per, unit_price=UnitPrice(tag.price, per))


def _with_offers(tag: Tag, parts: Sequence[Part], price: Part) -> Tag:
    """The tag, with its offer for several if what that costs is beyond doubt."""
    if price.role == "multi" and price.offer is not None:
        return replace(tag, multi_buy=MultiBuy(price.offer.count, total=tag.price)) if tag.price is not None else tag
    found = []
    for part in parts:
        if part.role == "multi" and part.offer is not None and part.figure.confidence >= SURE:
            values = part.figure.amount.values
            if tag.price is not None:
                values = tuple(v for v in values if tag.price < v < tag.price * part.offer.count)
            if len(values) == 1 and part.figure.clean:
                found.append(MultiBuy(part.offer.count, total=values[0]))
    return replace(tag, multi_buy=found[0]) if len(found) == 1 and tag.multi_buy is None else tag


@dataclass(frozen=True, slots=True)
class _Group:
    """The lines of one of the tags in view, and how far its price is from the photo's middle, pixels."""

    rows: list[Placed]
    away: float


def _tags(rows: Sequence[Placed], parts: Sequence[Part], view: View) -> list[_Group]:
    """The tags in view, the one nearest the middle first; a tag is a large number apart from others."""
    prices = sorted((part.figure for part in parts if part.role in ("", "multi")), key=lambda figure: -figure.height)
    seeds: list[Figure] = []
    for figure in prices:
        if figure.height >= SEEN * prices[0].height and all(
            _between(figure.line.box, s.line.box) > APART * s.height for s in seeds
        ):
            seeds.append(figure)
    groups = [_Group([], math.dist(seed.box.centre, view.centre)) for seed in seeds]
    for row in rows if seeds else ():
        groups[min(range(len(seeds)), key=lambda n: _between(row.box, seeds[n].box))].rows.append(row)
    return sorted(groups, key=lambda group: group.away)


def _between(one: Box, other: Box) -> float:
    """Pixels between two boxes; 0 where they touch."""
    across = max(0.0, one.left - other.right, other.left - one.right)
    down = max(0.0, one.top - other.bottom, other.top - one.bottom)
    return math.hypot(across, down)


def _described(rows: Sequence[Placed], parts: Sequence[Part], view: View) -> Tag:
    """All of a tag but its price."""
    taxes = {tax for row in rows if (tax := tax_of(row.line.text))}
    sold = _sold(rows)
    out = "out" in taxes
    offers = [made for row in rows if not row.line.unsure and (made := offer(row.line.text)) is not None]
    paid = [MultiBuy(made.count, paid=made.paid) for made in offers if made.paid is not None]
    return Tag(
        currency=_currency(rows, parts, view),
        quantity=sold[0] if sold else None,
        name=_name(rows, parts),
        codes=tuple(match[0] for row in rows if not _priced(row, parts) for match in _CODE.finditer(row.line.text)),
        tax="out" if out else "in" if taxes else "",
        taxed=_only(parts, "taxed") if out else None,
        deposit=_only(parts, "deposit"),
        was=_only(parts, "was"),
        member=_only(parts, "member"),
        multi_buy=paid[0] if len(paid) == 1 else None,
    )


def _currency(rows: Sequence[Placed], parts: Sequence[Part], view: View) -> str:
    """What the tag is in: its signs, else its script, else the country."""
    signs = [part.figure.amount.currencies for part in parts if part.figure.amount.currencies]
    script = script_of(" ".join(row.line.text for row in rows))
    said = likely_currency(min(signs, key=len) if signs else (), script, view.currency)
    return said or ("JPY" if script == "Jpan" and not signs else "")  # no other country writes kana on its tags


def _priced(row: Placed, parts: Sequence[Part]) -> bool:
    return any(
        part.figure.line is row and part.role in ("", "unit", "was", "member", "multi", "taxed") for part in parts
    )


def _only(parts: Sequence[Part], role: Role) -> Decimal | None:
    sure = [part.figure for part in parts if part.role == role and part.figure.confidence >= SURE and part.figure.clean]
    values = {figure.amount.values[0] for figure in sure if figure.exact or len(figure.amount.values) == 1}
    return values.pop() if len(values) == 1 else None


def _sold(rows: Sequence[Placed]) -> list[Quantity]:
    """The quantities that the tag names; what an offer is for is none."""
    found = []
    for row in rows:
        if not row.line.unsure:
            made = offer(row.line.text)
            for start, end, quantity in measures(row.line.text)[0]:
                if made is None or not (start < made.start and made.begin < end):
                    found.append(quantity)
    return found


def _unit_prices(parts: Sequence[Part], price: Part) -> list[tuple[Figure, Quantity | None, bool]]:
    """Figures that are or may be unit prices, what for, and whether words say so."""
    said = [(part.figure, part.per, True) for part in parts if part.role == "unit" and part is not price]
    may_be = [
        (part.figure, None, False)
        for part in parts
        if not part.role and part is not price and part.figure.height < RIVAL * price.figure.height
    ]
    return said + may_be


def _of_words(text: str) -> bool:
    """Whether a line is words, not the form's own small print: "Pt/Veki(Kg)"."""
    marks = len(re.findall(r"[^\w\s.,%'&-]", text))
    return marks < MARKS * len(re.sub(r"\s", "", text))


def _name(rows: Sequence[Placed], parts: Sequence[Part]) -> str:
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
        and _of_words(row.line.text)
    ]
    return " ".join(row.line.text.strip() for row in (first, *more[:1]))
