"""What a reader says that each text of a tag is, to what may be shown of it; pure.

A model that reads a tag is one witness, and an eloquent one: it names a price for every photo. So its price goes
through the gate that every price goes through, and needs a second witness besides: a unit price and a quantity on the
tag that make it, or the same digits, as tall as a price's, among the lines that a reader on this computer found in the
same photo.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from host.price.amounts import amounts, likely_currency
from host.price.figures import Figure, figures, placed
from host.price.gate import AGREED, BACKED, SURE, View, judged
from host.price.offers import offer
from host.price.quantities import Quantity, per_unit, quantities
from host.price.roles import parts_of, shop_or_word
from host.price.tag import MultiBuy, Refusal, Tag
from host.price.terms import surround
from host.price.understand import SEEN, understand
from host.price.words import Word, says, tax_of
from host.read.fields import Role, TagField, TagFields
from host.read.line import TextLine, script_of

__all__ = ["understand_fields"]

CERTAIN: Final = 0.9  # confidence of a field that the reader does not doubt; it gives no figures of its own
DOUBTED: Final = 0.3  # of one that it doubts
_NO_PRICE: Final[tuple[Word, ...]] = ("was", "save", "deposit", "unit", "member")
_CODE: Final = re.compile(r"\d{4,14}")


def understand_fields(said: TagFields, lines: Sequence[TextLine], view: View) -> Tag:
    """What a tag says by a model's word, as far as something else bears it out.

    Args:
        said: the model's word.
        lines: of the same photo, from a reader that says where they stand; empty where there is none.
        view: what else is known of the photo.
    """
    told = _told(said, view)
    seen = understand(lines, view) if lines else Tag()
    price = told.price
    if price is None:
        return told
    refusal = None
    if (told.was is not None and told.was <= price) or (told.member is not None and told.member >= price):
        refusal = Refusal.SUMS
    elif seen.price not in (None, price) or price in (seen.was, seen.member, seen.deposit):
        refusal = Refusal.READERS
    elif not (AGREED in told.evidence or seen.price == price or _printed(price, lines, view)):
        refusal = Refusal.ALONE
    return told if refusal is None else replace(told, price=None, refusal=refusal, candidates=(price,))


def _told(said: TagFields, view: View) -> Tag:
    """The model's word through the gate."""
    prices = {figure.amount.values: figure for figure in _figures(said, "price") if not _termed(figure)}
    tag = _described(said, view)
    if not prices:
        return tag
    first, *rivals = prices.values()
    units = [(figure, figure.per or per_unit(figure.line.line.text), True) for figure in _figures(said, "unit_price")]
    return judged(tag, first, rivals=rivals, units=units, sold=_sold(said))


def _described(said: TagFields, view: View) -> Tag:
    signs = [f.amount.currencies for role in ("price", "unit_price", "was") for f in _figures(said, role)]
    signs = [currencies for currencies in signs if currencies]
    sold = _sold(said)
    script = script_of(" ".join(field.text for field in said.fields))
    taxes = {tax for field in said.fields if (tax := tax_of(field.text))}
    return Tag(
        currency=likely_currency(min(signs, key=len) if signs else (), script, view.currency),
        was=_only(said, "was"),
        member=_only(said, "member_price"),
        deposit=_only(said, "deposit"),
        multi_buy=_offered(said),
        quantity=sold[0] if sold else None,
        name=" ".join(field.text for field in _of(said, "name")[:2]),
        codes=tuple(code for field in _of(said, "code") for code in _CODE.findall(field.text.replace(" ", ""))),
        tax="in" if taxes == {"in"} else "out" if taxes == {"out"} else "",
        in_view=said.tags,
    )


def _of(said: TagFields, role: Role) -> list[TagField]:
    return [field for field in said.fields if field.role == role]


def _figures(said: TagFields, role: Role) -> list[Figure]:
    """The amounts in the fields of a role."""
    return [figure for field in _of(said, role) for figure in figures(placed([_line(field)]), {})]


def _line(field: TagField) -> TextLine:
    width = float(len(field.text))
    return TextLine(field.text, ((0, 0), (width, 0), (width, 1), (0, 1)), CERTAIN if field.sure else DOUBTED)


def _sold(said: TagFields) -> list[Quantity]:
    return [
        quantity
        for role in ("quantity", "name")
        for field in _of(said, role)
        if field.sure
        for quantity in quantities(field.text)
    ]


def _only(said: TagFields, role: Role) -> Decimal | None:
    sure = [figure for figure in _figures(said, role) if figure.exact and figure.confidence >= SURE]
    return sure[0].amount.values[0] if len(sure) == 1 else None


def _offered(said: TagFields) -> MultiBuy | None:
    sure = [field.text for field in _of(said, "offer") if field.sure]
    made = offer(sure[0]) if len(sure) == 1 else None
    if made is None:
        return None
    if made.paid is not None:
        return MultiBuy(made.count, paid=made.paid)
    total = amounts(sure[0])[-1:]
    return MultiBuy(made.count, total=total[0].values[0]) if total and len(total[0].values) == 1 else None


def _printed(price: Decimal, lines: Sequence[TextLine], view: View) -> bool:
    """Whether the lines hold these digits, as tall as a price's are."""
    rows = placed(lines, view.centre)
    parts = parts_of(rows, view)
    tallest = max((part.figure.height for part in parts), default=0.0)
    return any(
        price in figure.amount.values
        for figure in (part.figure for part in parts if part.role in ("", "multi"))
        if not any(view.beside.get(figure.line.line, ())) and not shop_or_word(figure, rows)
        if figure.clean and figure.confidence >= BACKED and figure.height >= SEEN * tallest
        if figure.per is None and not any(says(figure.line.line.text, role) for role in _NO_PRICE)
    )


def _termed(figure: Figure) -> bool:
    """Whether words in the same field make an amount no price of one: "from", "a month"."""
    text = unicodedata.normalize("NFKC", figure.line.line.text)
    return surround(text[: figure.amount.start], figure.before, figure.after)
