"""What a made-up shelf tag says, and where each piece of it is printed; pure values.

`TagSpec` is the truth that a reading is judged by. `Drawing` is the same tag as placed prints: the bench draws it as a
picture, and `misread.py` turns it into the lines that an optical reader might have found in such a picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from host.price.quantities import Quantity
from host.price.tag import MultiBuy, Tax, UnitPrice

__all__ = ["Colour", "Drawing", "Face", "Layout", "Patch", "Print", "Role", "TagSpec"]

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255 each."""

Face = Literal["regular", "bold", "lcd"]
"""Of the letters; "lcd" are seven-segment digits."""

Role = Literal[
    "price", "cents", "sign", "unit", "was", "multi", "member", "taxed", "save", "deposit", "name", "quantity",
    "code", "date", "words",
]  # fmt: skip
"""What a print is for. "cents" are raised ones that belong to the price before them, "sign" a currency by itself."""


class Layout(StrEnum):
    """Kinds of tags."""

    PLAIN = "plain"
    """The price on one line with its point."""
    RAISED = "raised cents"
    LCD = "lcd"
    """Seven-segment digits."""
    EINK = "e-ink"
    """Black on grey, unit price left, raised cents right."""
    MULTI = "single and multi-buy"
    ONLY_MULTI = "multi-buy only"
    """ "2/$5": the price is the total, see `MultiBuy`."""
    WAS_NOW = "was and now"
    SPLASH = "discount splash"
    """Light on red, with what one saves."""
    WEIGHED = "by weight"
    """The price is for a kilogram."""
    TAX = "tax out and in"
    CHINESE = "chinese"
    MEMBER = "members' price"
    DEPOSIT = "deposit"
    CENTS = "cents only"
    """ "99¢", "-,99"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSpec:
    """What a tag says.

    Attributes:
        seed: that it was made from; even ones are for tuning, odd ones for judging.
        layout: how it looks.
        language: ISO 639-1.
        country: ISO 3166-1.
        currency: ISO 4217.
        price: that one pays for one package, for `multi_buy.count` if the tag has no other, or for `per`.
        per: what the price is for, of weighed goods; None of packages.
        unit_price: as printed; None where none is.
        was: the price before.
        multi_buy: an offer for several.
        quantity: how much is sold, if the tag says so.
        deposit: on top of the price.
        member: the price for members.
        taxed: the price with tax, where `price` is without.
        name: of the product.
        code: the shop's own number.
        tax: whether `price` is with tax, as far as the tag says.
    """

    seed: int
    layout: Layout
    language: str
    country: str
    currency: str
    price: Decimal
    per: Quantity | None = None
    unit_price: UnitPrice | None = None
    was: Decimal | None = None
    multi_buy: MultiBuy | None = None
    quantity: Quantity | None = None
    deposit: Decimal | None = None
    member: Decimal | None = None
    taxed: Decimal | None = None
    name: str = ""
    code: str = ""
    tax: Tax = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """One piece of text on a tag.

    Attributes:
        text: as printed.
        role: what it is for.
        left: of its ink, pixels.
        top: of its capitals or figures, pixels.
        width: room that it has, pixels; to be drawn no wider.
        height: of its capitals or figures, pixels.
        face: of its letters.
        ink: their colour.
        struck: True if a line goes through it.
    """

    text: str
    role: Role
    left: float
    top: float
    width: float
    height: float
    face: Face = "regular"
    ink: Colour = (20, 20, 20)
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of colour under the prints; pixels."""

    left: float
    top: float
    right: float
    bottom: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Drawing:
    """A tag laid out; the origin is its top left corner.

    Attributes:
        width: of the tag, pixels.
        height: of the tag, pixels.
        prints: in the order of reading.
        ground: the tag's colour.
        patches: over the ground, under the prints.
    """

    width: float
    height: float
    prints: tuple[Print, ...]
    ground: Colour = (250, 250, 248)
    patches: tuple[Patch, ...] = field(default=())
