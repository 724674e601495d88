"""What the wearer is told of a price: the facts in their order, as a card of the lens and as a line of text; pure.

A price that the gate refused is in none of them: then it is said why there is none, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from host.lens.cards import Block, FontOf
from host.lens.display_list import Colour, DisplayList
from host.lens.pages import Footer, paged
from host.lens.shape import LensShape
from host.lens.shaping import TextSize
from host.price.amounts import DECIMALS
from host.price.money import Converted, Unconverted
from host.price.quantities import Quantity
from host.price.tag import MultiBuy, Refusal, Tag

__all__ = ["Fact", "Priced", "Writing", "card_pages", "facts", "line_of", "quantity_text", "what_to_do"]

Kind = Literal["product", "price", "converted", "unit", "more", "compared", "refusal", "hint", "note"]

_LOOK: Final[dict[Kind, tuple[TextSize, Colour]]] = {
    "product": ("normal", "white"),
    "price": ("large", "white"),
    "converted": ("normal", "yellow"),
    "unit": ("normal", "white"),
    "more": ("normal", "white"),
    "compared": ("normal", "skyblue"),
    "refusal": ("normal", "yellow"),
    "hint": ("small", "white"),
    "note": ("small", "grey"),
}

_DO: Final = {
    Refusal.NONE_FOUND: "Go closer and hold one tag in the middle",
    Refusal.UNSURE: "Go closer and hold still",
    Refusal.CENTS: "Go closer, straight before the tag",
    Refusal.SUMS: "Hold the whole tag in the middle",
    Refusal.SEVERAL: "Hold one tag in the middle, from closer",
    Refusal.HIDDEN: "Go aside, out of the light's mirror",
    Refusal.CUT: "Hold the whole tag in the middle",
    Refusal.MEMBERS: "Look for the price that is everybody's",
    Refusal.ASIDE: "Hold the tag in the middle",
    Refusal.PHOTOS: "Hold still until it is read",
    Refusal.READERS: "Go closer, straight before the tag",
    Refusal.ALONE: "Go closer, straight before the tag",
}
_ADVICE: Final = "Go closer and hold still"


@dataclass(frozen=True, slots=True)
class Writing:
    """How the wearer writes.

    Attributes:
        money: an amount and its currency (ISO 4217, empty if unknown) as text.
        day: a day as text.
    """

    money: Callable[[Decimal, str], str]
    day: Callable[[date], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A tag, and what is known of its product. All texts are data, whatever they say.

    Attributes:
        tag: what was read.
        product: name of the product, from the tag or from who knows the article; empty where nobody does.
        gtin: number of the article, from a barcode; empty where there was none.
        converted: the price in the wearer's currency, or why not; None where none was asked for.
        compared: what is known of the product's other prices, a sentence each.
        codes: what QR codes say.
        notes: what else is to be said: why there is no conversion, whose data this is.
    """

    tag: Tag
    product: str = ""
    gtin: str = ""
    converted: Converted | Unconverted | None = None
    compared: Sequence[str] = ()
    codes: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to tell, and how much it matters."""

    kind: Kind
    text: str


def facts(priced: Priced, writing: Writing) -> list[Fact]:
    """What is to be told, in this order."""
    tag, told = priced.tag, [Fact("product", priced.product)]
    if tag.accepted and tag.price is not None:
        told += _accepted(priced, tag, tag.price, writing)
    elif tag.refusal is not Refusal.NONE_FOUND or not priced.product:
        told += [Fact("refusal", str(tag.refusal or Refusal.NONE_FOUND)), Fact("hint", what_to_do(tag))]
    else:
        told.append(Fact("refusal", str(Refusal.NONE_FOUND)))
    told += [Fact("compared", text) for text in priced.compared]
    if tag.accepted and tag.in_view > 1:
        told.append(Fact("note", f"{tag.in_view} tags in view: the middle one"))
    told += [Fact("more", f"QR: {code}") for code in priced.codes]
    told += [Fact("note", text) for text in priced.notes]
    return [fact for fact in told if fact.text]


def line_of(priced: Priced, writing: Writing) -> str:
    """All of it in one line."""
    told = facts(priced, writing)
    head = ", ".join(fact.text for fact in told if fact.kind in ("product", "price"))
    tail = "; ".join(" ".join(fact.text.split()) for fact in told if fact.kind not in ("product", "price"))
    return "; ".join(filter(None, (head, tail)))


def card_pages(
    priced: Priced,
    writing: Writing,
    font_of: FontOf,
    shape: LensShape,
    *,
    footer: Footer,
    language: str = "",
) -> tuple[DisplayList, ...]:
    """The card, on as many pages as it takes.

    Args:
        priced: what is to be told.
        writing: how amounts and days are written.
        font_of: finds the fonts.
        shape: of the lens.
        footer: says what stands at the foot of a page.
        language: of the shop's country (BCP 47), for characters that look different in several; empty for any.
    """
    groups = []
    for fact in facts(priced, writing):
        size, colour = _LOOK[fact.kind]
        groups.append([Block(fact.text, font_of(language if fact.kind == "product" else "", size), colour)])
    return paged(groups, font_of("en", "small"), shape, footer)


def what_to_do(tag: Tag) -> str:
    """What the wearer can do for a price to be read; empty where it was."""
    return "" if tag.refusal is None else _DO.get(tag.refusal, _ADVICE)


def quantity_text(quantity: Quantity) -> str:
    """So much of something as tags write it: "500 g", "0.33 l", "1 kg", "6 pieces"."""
    amount, unit = quantity.amount, str(quantity.unit)
    if amount < 1 and unit in ("kg", "l"):
        amount, unit = amount * 1000, {"kg": "g", "l": "ml"}[unit]
    if unit == "piece" and amount != 1:
        unit = "pieces"
    return f"{_plain(amount)} {unit}"


def _accepted(priced: Priced, tag: Tag, price: Decimal, writing: Writing) -> list[Fact]:
    def money(amount: Decimal) -> str:
        return writing.money(amount, tag.currency)

    offer, several = tag.multi_buy, "" if tag.multi_buy is None else _several(tag.multi_buy, price, tag.currency, money)
    only_several = offer is not None and offer.total == price  # the tag has no price of one
    per = "" if tag.per is None else f" per {_per(tag.per)}"
    told = [Fact("price", several if only_several else money(price) + per)]
    if isinstance(priced.converted, Converted) and priced.converted.currency != tag.currency:
        told.append(Fact("converted", _converted(priced.converted, " each" if only_several else per, writing)))
    if tag.unit_price is not None and tag.unit_price.per != tag.per:
        told.append(Fact("unit", f"{money(tag.unit_price.amount)} per {_per(tag.unit_price.per)}"))
    more = [
        ("" if tag.was is None else f"was {money(tag.was)}"),
        ("" if only_several else several),
        ("" if tag.member is None else f"{money(tag.member)} for members"),
        ("" if tag.deposit is None else f"+ deposit {money(tag.deposit)}"),
        ("" if tag.taxed is None else f"{money(tag.taxed)} with tax"),
        ("without tax" if tag.tax == "out" else ""),
    ]
    told += [Fact("more", text) for text in more]
    if isinstance(priced.converted, Unconverted):
        told.append(Fact("note", priced.converted.reason))
    return told


def _converted(converted: Converted, of: str, writing: Writing) -> str:
    amount = writing.money(converted.amount, converted.currency)
    return f"{amount}{of} (rate of {writing.day(converted.day)})"


def _per(quantity: Quantity) -> str:
    return quantity_text(quantity).removeprefix("1 ")


def _several(offer: MultiBuy, price: Decimal, currency: str, money: Callable[[Decimal], str]) -> str:
    if offer.total is None:
        return f"{offer.count} for the price of {offer.paid}" if offer.paid is not None else ""
    each = offer.total / offer.count
    rounded = each.quantize(Decimal(1).scaleb(-DECIMALS.get(currency, 2)))
    mean = f" ({money(rounded)} each)" if rounded == each != price else ""
    return f"{offer.count} for {money(offer.total)}{mean}"


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
