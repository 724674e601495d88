"""What speaks against a price that was read, from what stands around it; pure.

Each of these is a way in which a wrong price would otherwise pass: digits lost at the photo's edge, the tag beside it,
a unit price or an old price left alone because the price itself was not read, a number as tall that nobody understood.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from host.price.figures import Figure, Placed
from host.price.gate import View
from host.price.offers import offer
from host.price.quantities import Quantity, agrees, quantities
from host.price.roles import Part, Role, shop_or_word
from host.price.tag import Refusal, Tag
from host.price.words import says

__all__ = ["cut", "doubted"]

TALLER: Final = 1.5  # heights of a price: a number this tall at the edge is the price, and what is left a unit price
QUOTED: Final = re.compile(
    r"[+\u2212\u2013\u25b2\u25bc-]\s?\d+[.,]\d{1,2}\s?%|[+\u25b2\u25bc]\s?\d+[.,]\d+"
)  # a share's rise
EDGE: Final = 0.2  # of a number's height: so near the photo's edge it may have lost digits
ASIDE: Final = (0.38, 0.42)  # of the photo's width and height: a price so far from the middle is of another tag
PROMINENT: Final = 1.25  # heights of a tag's tallest words: no price is less tall, a unit price or a date is
LONE: Final = 0.12  # of the photo's shorter side: a number that nothing else was read beside is what is left of a tag
WEIGHED: Final = 1.6  # heights of everything else: the price of a kilogram is this tall where it is the tag's only one
AS_TALL: Final = 0.8  # of the price's height: a number that was not understood might be the price
SEEN: Final = 0.5  # of its height: a number this tall nearer the middle might be the price of another tag
LETTERS_OF_A_NAME: Final = 3
LAST_DECIMAL: Final = -2  # of most currencies
COUNTED: Final = 0.4  # of its height: several pieces in so large print are what it is for
TOUCHING: Final = 0.6  # of its height: so near a price, other digits may be a part of it
MOST_TAX: Final = Decimal("1.3")  # VAT is 27 % at most (Hungary); taxes on purchases are less
_LIKE_FIGURES: Final = frozenset("IlOoQDZzSsBGgbqTAJi?!]|")  # a line of one of them may be a figure
_PIECES: Final = re.compile(r"[2-6]\s?(?:/|[^\W\d_]{1,10}\.?)")  # more are a package
_UNITS: Final = tuple(Quantity(Decimal(1), unit) for unit in ("kg", "l"))
_NO_PRICE: Final[tuple[Role, ...]] = ("unit", "was", "deposit", "other", "taxed")


def cut(figure: Figure, view: View) -> bool:
    """Whether a number stands at the photo's edge, so that digits of it, or the word before it, may be missing."""
    room, line = EDGE * figure.height, figure.line.line.box
    width, height = 2 * view.centre[0], 2 * view.centre[1]
    ended = line.right <= width if figure.settled else line.right <= width - room  # behind raised cents is no figure
    return line.left < room or not ended or line.top < 0 or line.bottom > height


def doubted(tag: Tag, price: Part, rows: Sequence[Placed], parts: Sequence[Part], view: View) -> Refusal | None:
    """Why a price that was read cannot be this tag's; None where nothing says so.

    Args:
        tag: with its price.
        price: the number that it was read from.
        rows: the tag's lines.
        parts: the tag's numbers.
        view: what is known of the photo.
    """
    if len(rows) == 1 and price.figure.height < LONE * 2 * min(view.centre):
        return Refusal.UNSURE
    if tag.taxed is None and shop_or_word(price.figure, rows):
        return Refusal.UNSURE
    if _hidden(price.figure, tag, view):
        return Refusal.HIDDEN
    return _placed_badly(price.figure, parts, view) or _unlike_a_price(price, rows, parts) or _sums(tag)


def _hidden(figure: Figure, tag: Tag, view: View) -> bool:
    """Whether something may hide a figure; behind the cents there is none, unless they are a line of their own."""
    sides = view.beside.get(figure.line.line)
    alone = figure.box.right <= figure.line.box.right
    ended = alone and tag.price is not None and tag.price.as_tuple().exponent == LAST_DECIMAL
    return sides is not None and (sides.before or (sides.behind and not ended))


def _placed_badly(figure: Figure, parts: Sequence[Part], view: View) -> Refusal | None:
    if cut(figure, view):
        return Refusal.CUT
    away = math.dist(figure.box.centre, view.centre)
    for part in parts:
        other = part.figure
        nearer = math.dist(other.box.centre, view.centre) < away
        if other is figure or not cut(other, view):
            continue
        if other.height >= TALLER * figure.height or (nearer and other.height >= SEEN * figure.height):
            return Refusal.CUT
    across, down = (abs(figure.box.centre[axis] - view.centre[axis]) for axis in (0, 1))
    aside = across > ASIDE[0] * 2 * view.centre[0] or down > ASIDE[1] * 2 * view.centre[1]
    return Refusal.ASIDE if aside else None


def _unlike_a_price(price: Part, rows: Sequence[Placed], parts: Sequence[Part]) -> Refusal | None:
    figure = price.figure
    others = [part for part in parts if part is not price and part.figure.line is not figure.line]
    if any(part.figure.height > figure.height for part in others if part.role in _NO_PRICE):
        return Refusal.SEVERAL
    if _of_another(figure, others, rows):
        return Refusal.SUMS
    beside = [row.line for row in rows if row is not figure.line]
    if any(QUOTED.fullmatch(line.text.strip()) for line in beside) or (
        price.role == "unit" and any(figure.height < WEIGHED * line.height for line in beside)
    ):
        return Refusal.NONE_FOUND  # the unit price of a package whose price was not read, or the price of a share
    understood = {id(part.figure.line) for part in parts}
    strange = any(_strange(row, price, understood=id(row) in understood) for row in rows if row is not figure.line)
    return Refusal.UNSURE if strange else None


def _strange(row: Placed, price: Part, *, understood: bool) -> bool:
    """Whether a line has digits of the price or may itself be one, says how many it is for, or is too tall for one."""
    text, height, figure = row.line.text, row.line.height, price.figure
    digits = any(c.isdigit() for c in text)
    split_off = (digits or text.strip() in _LIKE_FIGURES) and _touches(figure, row) and not _raised(figure, row)
    if split_off or _counts(row, price):
        return True
    if understood:
        return False
    if (
        digits
        and offer(text) is None
        and not re.search(r"\d\s?[%\u2030割折]", text)
        and height > AS_TALL * figure.height
    ):
        return True
    letters = len(re.findall(r"[^\W\d_]", text))
    return letters >= LETTERS_OF_A_NAME and figure.height < PROMINENT * height and not says(text, "now")


def _of_another(figure: Figure, others: Sequence[Part], rows: Sequence[Placed]) -> bool:
    """Whether a number is what a kilogram or litre costs at another number's price, by the quantity on the tag."""
    sold = [each for row in rows for each in quantities(row.line.text) if each.amount != 1]
    return any(
        agrees(other, value, per, sold)
        for part in others
        if not part.role and part.figure.exact
        for other in part.figure.amount.values
        for value in figure.amount.values
        for per in _UNITS
    )


def _counts(row: Placed, price: Part) -> bool:
    """Whether a line by itself beside a price says in large print that it is for several pieces."""
    text, figure = row.line.text.strip(), price.figure
    apart = max(row.box.top - figure.box.bottom, figure.box.top - row.box.bottom)
    across = max(row.box.left - figure.box.right, figure.box.left - row.box.right)
    return (
        not price.offer
        and _PIECES.fullmatch(text) is not None
        and all(each.unit == "piece" for each in quantities(text))
        and row.line.height >= COUNTED * figure.height
        and max(apart, across) < TOUCHING * figure.height
    )


def _raised(figure: Figure, row: Placed) -> bool:
    """Whether a line's digits are the figure's raised cents."""
    return figure.settled and figure.box.right >= row.box.right


def _touches(figure: Figure, row: Placed) -> bool:
    """Whether digits stand beside a figure, as tall or nearly, with no room for a word between."""
    if row.line.height < SEEN * figure.height or row.box.shared_height(figure.box) < SEEN:
        return False
    text, box = row.line.text.strip(), figure.line.box
    alone = text in _LIKE_FIGURES
    behind = text[:1].isdigit() and row.box.centre[0] >= box.centre[0] and row.box.left - box.right
    before = (text[-1:].isdigit() or alone) and row.box.centre[0] <= box.centre[0] and box.left - row.box.right
    near = TOUCHING * figure.height
    return (behind is not False and behind < near) or (before is not False and before < near)


def _sums(tag: Tag) -> Refusal | None:
    """What the tag's other prices say: more was paid before, tax is added, members pay less."""
    price = tag.price
    if price is None:
        return None
    wrong = (
        (tag.taxed is not None and not price < tag.taxed <= MOST_TAX * price + 1)
        or (tag.was is not None and tag.was <= price)
        or (tag.member is not None and tag.member >= price)
    )
    return Refusal.SUMS if wrong else None
