"""Where everything on a made-up tag stands: the same tag gives the same drawing; pure but for its own dice.

All lengths are in heights of the price's figures, `figure` pixels; widths are those of a plain sans-serif type.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from host.bench.tags.locales import Locale
from host.bench.tags.sample import locale_of
from host.bench.tags.spec import Colour, Drawing, Face, Layout, Patch, Print, Role, TagSpec
from host.price.quantities import Quantity

__all__ = ["FIGURE", "laid_out", "text_width"]

FIGURE: Final = (40.0, 90.0)  # pixels that the price's figures are high, of a photo 720 pixels wide
RAISED: Final = 0.48  # of the price's height
_RED: Final = (196, 22, 30)
_YELLOW: Final = (255, 214, 0)
_WHITE: Final = (255, 255, 255)
_BLACK: Final = (20, 20, 20)
_EINK: Final = (205, 206, 198)
_LCD: Final = (168, 178, 160)


def text_width(text: str, height: float) -> float:
    """Pixels that a text is wide whose figures are that high."""
    return height * sum(_advance(c) for c in text)


def _advance(character: str) -> float:
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 1.25
    if character in " .,:;'|!il":
        return 0.36
    return 0.68 if character.isdigit() else 0.78


@dataclass
class _Sheet:
    """A tag while it is laid out."""

    figure: float
    ink: Colour = _BLACK
    prints: list[Print] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)

    def put(
        self, role: Role, text: str, left: float, top: float, height: float,
        *, face: Face = "regular", ink: Colour | None = None, struck: bool = False,
    ) -> float:  # fmt: skip
        """Print a text; lengths in figures. Returns where it ends."""
        unit = self.figure
        width = text_width(text, height * unit)
        if text:
            self.prints.append(
                Print(
                    text=text, role=role, left=left * unit, top=top * unit, width=width, height=height * unit,
                    face=face, ink=ink or self.ink, struck=struck,
                )
            )  # fmt: skip
        return left + width / unit


def laid_out(spec: TagSpec) -> Drawing:
    """The tag as it is printed."""
    rng = random.Random(f"layout {spec.seed}")  # noqa: S311 - dice
    locale = locale_of(spec)
    sheet = _Sheet(figure=rng.uniform(*FIGURE))
    ground: Colour = _WHITE
    if spec.layout is Layout.EINK:
        ground = _EINK
    elif spec.layout is Layout.LCD:
        ground = _LCD
    elif spec.layout is Layout.SPLASH:
        ground, sheet.ink = rng.choice(((_RED, _WHITE), (_YELLOW, _BLACK)))
    elif rng.random() < 0.15:
        ground = _YELLOW
    down = _heading(sheet, spec, locale, rng)
    down = _prices(sheet, spec, locale, rng, down)
    _footing(sheet, spec, rng, down)
    width = max(p.left + p.width for p in sheet.prints) + 0.25 * sheet.figure
    height = max(p.top + p.height for p in sheet.prints) + 0.25 * sheet.figure
    return Drawing(width, height, tuple(sheet.prints), ground, tuple(sheet.patches))


def _heading(sheet: _Sheet, spec: TagSpec, locale: Locale, rng: random.Random) -> float:
    """Name, and how much is sold: on its line or on one of its own; by weight it is said at the price."""
    letters = rng.uniform(0.26, 0.4)
    sold = _sold(spec.quantity, locale, rng)
    if sold and rng.random() < 0.5:
        sheet.put("name", f"{spec.name} {sold}", 0.25, 0.2, letters)
        return 0.2 + 1.6 * letters
    sheet.put("name", spec.name, 0.25, 0.2, letters)
    down = 0.2 + 1.6 * letters
    if sold:
        sheet.put("quantity", sold, 0.25, down, 0.2)
        down += 0.36
    return down


def _prices(sheet: _Sheet, spec: TagSpec, locale: Locale, rng: random.Random, down: float) -> float:
    """Everything that costs something. Returns where the lines below begin."""
    left = 0.25
    beside = spec.layout in (Layout.EINK, Layout.LCD) or rng.random() < 0.3  # unit price at the left of the price
    each = _each(spec, locale, rng)
    if beside and each:
        left = max(2.2, sheet.put("unit", each, 0.25, down + 0.75, 0.19) + 0.4)
    elif rng.random() < 0.4:
        left = rng.uniform(0.8, 2.5)
    down = _above(sheet, spec, rng, left, down)
    right = _price(sheet, spec, rng, left, down)
    if spec.per is not None:
        sheet.put("unit", rng.choice(locale.per), right + 0.15, down + 0.7, 0.25)
    if spec.deposit is not None:
        sheet.put("deposit", _form(rng, locale.deposit, _number(spec.deposit, locale)), left, down + 1.2, 0.24)
        down += 0.45
    if spec.taxed is not None:
        words = (
            locale.tax_in
            + rng.choice(("", " "))
            + _number(spec.taxed, locale)
            + ("円" if spec.currency == "JPY" else "")
        )
        sheet.put("taxed", words, left, down + 1.2, 0.26)
        down += 0.45
    if spec.layout is Layout.MULTI and spec.multi_buy is not None:
        sheet.put("multi", _offer(spec, locale, rng), left, down + 1.25, rng.uniform(0.3, 0.55))
        down += 0.75
    if each and not beside:
        sheet.put("unit", each, 0.25, down + 1.25, rng.uniform(0.18, 0.26))
        down += 0.4
    return down + 1.3


def _above(sheet: _Sheet, spec: TagSpec, rng: random.Random, left: float, down: float) -> float:
    """What stands above the price: the one before, what is saved, the members'. Returns where the price begins."""
    locale = locale_of(spec)
    if spec.was is not None:
        struck = spec.layout is Layout.SPLASH or rng.random() < 0.5
        plain = _number(spec.was, locale)
        words = plain if struck and rng.random() < 0.5 else _form(rng, locale.was, plain)
        sheet.put("was", words, left, down, rng.uniform(0.25, 0.45), struck=struck)
        down += 0.65
    if spec.layout is Layout.SPLASH:
        words = _form(rng, locale.save, _number((spec.was or spec.price) - spec.price, locale))
        sheet.put("save", words, left + 0.2, down, 0.33)
        down += 0.6
    if spec.member is not None:
        words = _form(rng, locale.member, _number(spec.member, locale))
        sheet.put("member", words, left, down, rng.uniform(0.5, 1.0))
        down += 1.25
    return down


def _price(sheet: _Sheet, spec: TagSpec, rng: random.Random, left: float, down: float) -> float:
    """The price itself. Returns where it ends."""
    locale = locale_of(spec)
    if spec.layout is Layout.ONLY_MULTI and spec.multi_buy is not None:
        return sheet.put("multi", _offer(spec, locale, rng), left, down, 1.0, face="bold")
    if spec.layout is Layout.TAX:
        left = sheet.put("words", locale.tax_out, left, down + 0.7, 0.22) + 0.2
    if spec.layout is Layout.CENTS:
        return sheet.put("price", _cents(spec.price, locale, rng), left, down, 1.0, face="bold")
    cents = spec.price != spec.price.to_integral_value()
    raised = spec.layout in (Layout.RAISED, Layout.EINK) or (
        spec.layout in (Layout.MEMBER, Layout.SPLASH, Layout.WEIGHED, Layout.DEPOSIT) and rng.random() < 0.4
    )
    if spec.currency != "JPY" and raised and (cents or rng.random() < 0.5):
        whole, fraction = f"{spec.price:.2f}".split(".")
        sign = rng.choice(("", "", "€", "$", "£")) if spec.currency in ("EUR", "USD", "GBP") else ""
        if sign and {"EUR": "€", "USD": "$", "GBP": "£"}[spec.currency] == sign:
            left = sheet.put("sign", sign, left, down + 0.05, 0.4) + 0.05
        right = sheet.put("price", _grouped(whole, locale), left, down, 1.0, face="bold")
        return sheet.put("cents", fraction, right + 0.04, down, RAISED, face="bold")
    if spec.layout is Layout.LCD:
        return sheet.put("price", _number(spec.price, locale).replace(locale.group, ""), left, down, 1.0, face="lcd")
    now = (Layout.WAS_NOW, Layout.SPLASH, Layout.CHINESE)
    if spec.layout in now and rng.random() < 0.5:
        return sheet.put("price", _form(rng, locale.now, _number(spec.price, locale)), left, down, 1.0, face="bold")
    forms = locale.whole if locale.whole and not cents else locale.price
    number = _number(spec.price, locale) if forms is locale.price else _grouped(f"{spec.price:.0f}", locale)
    return sheet.put("price", _form(rng, forms, number), left, down, 1.0, face="bold")


def _footing(sheet: _Sheet, spec: TagSpec, rng: random.Random, down: float) -> None:
    right = sheet.put("code", spec.code, 0.25, down, 0.16)
    if rng.random() < 0.3:
        date = f"{rng.randrange(1, 29):02}.{rng.randrange(1, 13):02}.{rng.choice(('26', '2026'))}"
        sheet.put("date", date, right + 0.5, down, 0.15)


def _form(rng: random.Random, forms: tuple[str, ...], number: str) -> str:
    return rng.choice(forms).format(number)


def _number(value: Decimal, locale: Locale) -> str:
    """As the country writes it, with cents if the currency has them."""
    if locale.currency == "JPY":
        return _grouped(f"{value:.0f}", locale)
    whole, fraction = f"{value:.2f}".split(".")
    return _grouped(whole, locale) + locale.point + fraction


def _grouped(whole: str, locale: Locale) -> str:
    return f"{int(whole):,}".replace(",", locale.group)


def _each(spec: TagSpec, locale: Locale, rng: random.Random) -> str:
    if spec.unit_price is None:
        return ""
    forms = locale.each if spec.unit_price.per.unit == "kg" else [form for form in locale.each if "{unit}" in form]
    if spec.unit_price.per.amount != 1 and spec.unit_price.per.unit == "kg":
        forms = [form for form in forms if "100g" in form] or list(forms)
    elif spec.unit_price.per.amount == 1:
        forms = [form for form in forms if "100g" not in form and "500g" not in form] or list(forms)
    if spec.unit_price.per.unit == "l":
        forms = [form for form in locale.each if "{unit}" in form] or ["{}/{unit}"]
    unit = spec.unit_price.per.unit if spec.unit_price.per.amount == 1 else "100ml"
    return rng.choice(list(forms)).format(_number(spec.unit_price.amount, locale), unit=unit)


def _offer(spec: TagSpec, locale: Locale, rng: random.Random) -> str:
    offer = spec.multi_buy
    if offer is None:
        return ""
    if offer.paid is not None:
        return rng.choice(locale.free).format(count=offer.count, paid=offer.paid)
    total = offer.total or Decimal(0)
    whole = total == total.to_integral_value() and rng.random() < 0.7
    number = _grouped(f"{total:.0f}", locale) if whole else _number(total, locale)
    return rng.choice(locale.multi).format(number, count=offer.count)


def _cents(price: Decimal, locale: Locale, rng: random.Random) -> str:
    cents = f"{price.scaleb(2):.0f}"
    forms = {"USD": "{}¢", "GBP": "{}p", "EUR": "{} ct", "CHF": "-.{}"}
    forms["EUR"] = rng.choice(("{} ct", "-,{}", "0,{}")) if locale.language in ("de", "nl") else f"0{locale.point}{{}}"
    return forms.get(locale.currency, f"0{locale.point}{{}}").format(cents)


def _sold(quantity: Quantity | None, locale: Locale, rng: random.Random) -> str:
    """As packages have it: "250G", "1,5 l", "6x33cl"."""
    if quantity is None or rng.random() < 0.2:
        return ""
    space = rng.choice(("", " "))
    if quantity.unit == "l":
        if quantity.amount >= 1 or rng.random() < 0.3:
            return f"{quantity.amount.normalize():f}".replace(".", locale.point) + space + rng.choice(("l", "L"))
        return rng.choice((f"{quantity.amount * 1000:.0f}{space}ml", f"{quantity.amount * 100:.0f}{space}cl"))
    if quantity.amount >= 1 and rng.random() < 0.7:
        return f"{quantity.amount.normalize():f}".replace(".", locale.point) + space + rng.choice(("kg", "KG"))
    return f"{quantity.amount * 1000:.0f}{space}{rng.choice(('g', 'G', 'g'))}"
