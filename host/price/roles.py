"""What each number on a tag is for: by the words on its line, a label beside it, a line through it; pure."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from host.price.figures import Figure, Placed, figures
from host.price.gate import View
from host.price.offers import Offer, offer
from host.price.quantities import Quantity, per_unit
from host.price.terms import heads, surround
from host.price.words import Word, folded, leads, says, tax_of

__all__ = ["Part", "Role", "parts_of", "shop_or_word"]

Role = Literal["", "unit", "was", "member", "multi", "deposit", "save", "taxed", "other"]
"""Of a number; "" for what could be the price, "taxed" for one that is said to be with tax."""

TOUCHING: Final = 1.2  # line heights between a number and a word that belongs to it
HEADED: Final = 0.7  # heights of a number between it and words that make it no price of one
BESIDE: Final = 0.5  # share of the lower of two that stand in one row
LABELLED: Final = 2.5  # heights of its label: a taller number is not what a small word beside it is about
_CODE: Final = re.compile(r"(?<![\d.,])(?:\d{5,}|\d{2,}[-/ ]\d{3,}|\d{3,}-\d{2,}|\d{2,4}(?: \d{2}){2,}(?!\d))")
_SAVED: Final = re.compile(  # behind a number: what is saved, not what is paid
    r"\s?(?:[%\u2030割引折]|円引|"
    r"(?:[$€£¥]|kr\.?|zl)?\s?(?:off|korting|rabatt?|gespart|billiger|sparat|d.economie|de (?:reduction|remise))\b)"
)
_RANGE: Final = re.compile(
    r"\s?[-\u2013/]\s?\d|\s?[x\u00d7]\s?\d|"
    r"\s?(?:cm|mm|m2|watt|w|volt|v|mah|kcal|kj|[%\u2030]|\u00b0\s?[cf]?|stars?)(?![a-z])"
)
_MINUS: Final = ("-", "\u2212", "\u2013")  # "-2,00 \u20ac" is taken off
_DASHES: Final = ("-", "\u2013", "\u2014", "/")
_DAYS: Final = re.compile(r"(?<!\d)30[\s-]?(?:[^\W\d_]|$)")  # in which a price was the lowest: the EU asks for it
_SUBUNIT: Final = re.compile(r"\d\s?(?:p|ct|cent)$")
_LABELS: Final[tuple[Word, ...]] = ("deposit", "save", "was", "member", "date", "code")
_ANY_SIZE: Final[tuple[Word, ...]] = ("member", "date", "save", "was")
"""A number is what these words make it however small they are: a member's price is printed larger than the price."""

SHOP: Final = "spar"
"""Norwegian and Danish for "save", and the name of a shop, whose tags have it small beside the price."""

SHOPS: Final = (SHOP, "netto")
"""Names of shops that make an amount beside them something else where they are meant as words."""

DEPOSITS: Final = {"NOK": 4, "SEK": 4, "DKK": 4}
"""The largest deposit on a bottle, by currency, half a unit of others (schemes of 2026); no drink costs as little."""


@dataclass(frozen=True, slots=True)
class Part:
    """A figure with its role.

    Attributes:
        figure: the number.
        role: what it is for.
        per: what a unit price is for, if the tag says so.
        offer: of a total for several.
    """

    figure: Figure
    role: Role
    per: Quantity | None = None
    offer: Offer | None = None


def parts_of(rows: Sequence[Placed], view: View) -> list[Part]:
    """All numbers of these lines, with their roles."""
    found = figures(rows, view.looks)
    return [_part(figure, found, rows, view) for figure in found]


def shop_or_word(figure: Figure, rows: Sequence[Placed]) -> bool:
    """Whether a word beside a figure is a shop's name, or says that it is saved, or without tax."""
    beside = [figure.before, figure.after, *(row.line.text for row in _labels(figure, rows))]
    return any(re.sub(r"[\W\d_]", "", re.sub(r"\bkr\b", "", folded(text))) in SHOPS for text in beside)


def _part(figure: Figure, found: Sequence[Figure], rows: Sequence[Placed], view: View) -> Part:
    made = offer(figure.line.line.text)
    if made is not None:
        if made.paid is None and figure.amount.end > made.start:
            return Part(figure, "multi", offer=made)
        return Part(figure, "other")  # how many, or something else on its line
    look = view.looks.get(figure.line.line)
    if look is not None and look.struck:
        return Part(figure, "was")
    own: Role = "other" if _is_count(figure, view) else _own(figure)
    if own:
        return Part(figure, own, figure.per)
    if any(_minus(figure, row) for row in rows):
        return Part(figure, "save")
    labels = [label for label in _labels(figure, rows) if not _anothers(label, figure, found)]
    termed = any(heads(row.line.text) and _near(figure, row, found) for row in rows)
    return Part(figure, "other") if termed else _labelled(figure, labels, view)


def _near(figure: Figure, row: Placed, found: Sequence[Figure]) -> bool:
    """Whether a line of words touches a figure, and is about no other in its row."""
    reach = max(TOUCHING * row.line.height, HEADED * figure.height)
    touching = row is not figure.line and row.line.height <= TOUCHING * figure.height and _gap(figure, row) <= reach
    return touching and not _anothers(row, figure, found)


def _minus(figure: Figure, row: Placed) -> bool:
    """Whether a line is a minus sign right before a figure."""
    apart = figure.box.left - row.box.right
    beside = row.box.shared_height(figure.box) >= BESIDE and -figure.height < apart <= figure.height
    return row.line.text.strip() in _MINUS and row.box.centre[0] < figure.box.centre[0] and beside


def _labelled(figure: Figure, labels: Sequence[Placed], view: View) -> Part:
    """The role that the words beside a figure give it."""
    for label in labels:
        made = offer(label.line.text)
        if made is not None and made.paid is None and label.line.height <= figure.height:
            return Part(figure, "multi", offer=made)
    for label in labels:
        role = _by_label(figure, label, view)
        if role:
            return Part(figure, role, per_unit(label.line.text))
    return Part(figure, "")


def _in_range(figure: Figure, text: str) -> bool:
    """Whether a number is one end of "10.00-22.00": days, hours, several prices."""
    follows = figure.after.strip() in _DASHES and figure.amount.end + len(figure.after) < len(text)
    leads_up = figure.before.strip() in _DASHES and figure.amount.start > len(figure.before)
    return follows or leads_up


def _is_count(figure: Figure, view: View) -> bool:
    """Whether "12 p" or "12 ct" are pieces: only where the country has such cents are they money."""
    text = unicodedata.normalize("NFKC", figure.line.line.text)[figure.amount.start : figure.amount.end]
    return _SUBUNIT.search(text.lower()) is not None and view.currency not in figure.amount.currencies


def _own(figure: Figure) -> Role:
    """The role that the words on its own line give a figure."""
    text = unicodedata.normalize("NFKC", figure.line.line.text)
    sign = re.match(r"\D*", text[figure.amount.start : figure.amount.end])
    before, after = figure.before + (sign[0] if sign else ""), figure.after
    last = figure.amount.end + len(after) == len(text)
    tests: tuple[tuple[Role, bool], ...] = (
        ("save", before.strip() in _MINUS),
        ("save", _SAVED.match(_plain(after)) is not None or says(before, "save")),
        ("unit", figure.per is not None),
        ("deposit", says(before, "deposit") or (last and leads(after, "deposit"))),
        ("member", says(before, "member")),
        ("was", says(before, "was")),
        ("other", surround(text[: figure.amount.start], before, after)),
        ("unit", says(before, "unit") or (last and leads(after, "unit"))),
        ("taxed", tax_of(before) == "in" or (tax_of(before) == "" and tax_of(after) == "in")),
        (
            "other",
            says(before, "date")
            or says(text[: figure.amount.start], "code")
            or _RANGE.match(after.lower()) is not None,
        ),
        ("other", _in_range(figure, text)),
        ("other", not figure.settled and not figure.amount.currencies and _CODE.search(text) is not None),
    )
    return next((role for role, holds in tests if holds), "")


def _by_label(figure: Figure, label: Placed, view: View) -> Role:
    """The role that a line of words gives the number that it stands beside."""
    text, height = label.line.text, label.line.height
    per = per_unit(text)
    if per is not None and not (per.unit == "piece" and per.amount == 1):
        return "unit"
    if says(text, "unit"):
        return "unit"
    for role in _LABELS:
        small = role == "deposit" and _is_deposit(figure, view)
        large = role in _ANY_SIZE and folded(text).strip() != SHOP
        near = large or small or figure.height <= LABELLED * height
        named = leads(text, role) or (says(text, role) and (role == "member" or small))
        if near and named and len(text.split()) <= (6 if role in ("was", "member") else 4):
            return role if role in ("deposit", "save", "was", "member") else "other"
    if label.box.left >= figure.box.centre[0] and _RANGE.match(text.lower()):
        return "other"
    if tax_of(text) == "in" and label.box.shared_height(figure.box) >= 0.3:
        return "taxed"
    return ""


def _anothers(label: Placed, figure: Figure, others: Sequence[Figure]) -> bool:
    """Whether a label stands in the row of another number, as tall as that and nearer: it is about that one."""
    height = label.line.height

    def apart(other: Figure) -> float:
        return max(0.0, other.box.left - label.box.right, label.box.left - other.box.right)

    within = apart(figure) if label.box.shared_height(figure.box) >= BESIDE else math.inf
    return any(
        label.box.shared_height(other.box) >= BESIDE
        and other.height <= LABELLED * height
        and apart(other) <= TOUCHING * height
        and apart(other) < within
        for other in others
        if other is not figure and other.line is not label
    )


def _is_deposit(figure: Figure, view: View) -> bool:
    """Whether so little may be the deposit itself; what a drink costs has "+ pant" beside it."""
    return min(figure.amount.values) <= Decimal(DEPOSITS.get(view.currency, 0) or "0.5")


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not "\u0300" <= c <= "\u036f")


def _labels(figure: Figure, rows: Sequence[Placed]) -> list[Placed]:
    """The lines of words without numbers that touch a figure which is alone on its line, the nearest first."""
    if re.sub(r"[\W\d_]", "", figure.before + figure.after):
        return []
    words = [
        row
        for row in rows
        if row is not figure.line
        and row.line.height <= 1.2 * figure.height
        and re.search(r"[^\W\d_]|[%\u2030\u00b0]", row.line.text)
        and _wordy(row)
    ]
    near = [(gap, row) for row in words if (gap := _gap(figure, row)) <= TOUCHING * row.line.height]
    return [row for _, row in sorted(near, key=lambda pair: (pair[0], pair[1].line.text))]


def _wordy(row: Placed) -> bool:
    """Whether a line names no amount of its own: "100 g" and "2 for" name none."""
    text = row.line.text
    made = offer(text)
    if made is not None and made.paid is None:
        return made.start >= len(unicodedata.normalize("NFKC", text))
    return not re.search(r"\d", _DAYS.sub("", text)) or (per_unit(text) is not None and not figures([row], {}))


def _gap(figure: Figure, row: Placed) -> float:
    """Pixels between a figure and a line above, below or beside it; infinite where it stands elsewhere."""
    if row.box.shared_width(figure.box) >= BESIDE:
        return max(0.0, figure.box.top - row.box.bottom, row.box.top - figure.box.bottom)
    if row.box.shared_height(figure.box) >= BESIDE and row.box.left <= figure.box.right + row.line.height:
        return max(0.0, figure.box.left - row.box.right, row.box.left - figure.box.right)
    return math.inf
