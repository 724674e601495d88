"""A made-up tag from a seed: what it says, as shops might have it; the same seed gives the same tag."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from host.bench.tags.locales import LOCALES, Locale
from host.bench.tags.spec import Layout, TagSpec
from host.price.amounts import DECIMALS
from host.price.quantities import Quantity
from host.price.tag import MultiBuy, UnitPrice

__all__ = ["locale_of", "sampled"]

# Of one package: the cheapest and the dearest usual price in a supermarket, by currency, in 2026.
_RANGES: Final = {
    "EUR": (0.35, 25), "GBP": (0.3, 20), "USD": (0.5, 25), "CHF": (0.6, 40), "NOK": (8, 350), "SEK": (8, 300),
    "DKK": (4, 250), "PLN": (1.5, 90), "CNY": (1.5, 160), "MXN": (8, 400), "BRL": (2, 90), "JPY": (68, 2980),
}  # fmt: skip
_DEAR: Final = 0.06  # share of tags at thirty times that, such as tools and bicycles
_ENDINGS: Final = ("99", "99", "90", "90", "95", "49", "50", "00", "79", "29")
_KILOGRAM: Final = Quantity(Decimal(1), "kg")
_POUND: Final = Quantity(Decimal("0.45359237"), "kg")
_HUNDRED_GRAMS: Final = Quantity(Decimal("0.1"), "kg")
_GRAMS: Final = (80, 100, 125, 150, 200, 250, 300, 330, 400, 450, 500, 750, 800, 1000, 1500)
_MILLILITRES: Final = (200, 250, 330, 500, 700, 750, 1000, 1500, 2000)


def locale_of(spec: TagSpec) -> Locale:
    """How the country of a tag writes it."""
    return next(locale for locale in LOCALES if (locale.language, locale.country) == (spec.language, spec.country))


def sampled(seed: int) -> TagSpec:
    """The tag of a seed."""
    rng = random.Random(f"tag {seed}")  # noqa: S311 - dice
    layout = rng.choice(tuple(Layout))
    locale = rng.choice([locale for locale in LOCALES if _fits(locale, layout)])
    kinds = [name for name in locale.names if (name[1] in ("kg", "lb", "g100")) == (layout is Layout.WEIGHED)]
    name, kind = rng.choice(kinds)
    price = _price(rng, locale.currency, layout)
    quantity = _quantity(rng, kind)
    unit_price = None
    if quantity is not None and rng.random() < 0.75:
        unit_price = _unit_price(price, quantity, locale)
    per = {"kg": _KILOGRAM, "lb": _POUND, "g100": _HUNDRED_GRAMS}.get(kind)
    least = Decimal(10) if locale.currency == "JPY" else Decimal("0.10")
    more = price * Decimal(rng.choice(("1.15", "1.25", "1.4", "1.5")))
    less = price * Decimal(rng.choice(("0.7", "0.8", "0.85")))
    taxed = price * Decimal(rng.choice(("1.08", "1.1") if locale.currency == "JPY" else ("1.19", "1.25", "1.077")))
    was = max(_ended(rng, more, locale.currency), price + least)
    member = min(_ended(rng, less, locale.currency), price - least)
    return TagSpec(
        seed=seed,
        layout=layout,
        language=locale.language,
        country=locale.country,
        currency=locale.currency,
        price=price,
        per=per,
        unit_price=unit_price,
        was=was if layout in (Layout.WAS_NOW, Layout.SPLASH) else None,
        multi_buy=_multi_buy(rng, layout, locale, price),
        quantity=quantity,
        deposit=Decimal(rng.choice(("0.25", "1.00", "2.00", "3.00"))) if layout is Layout.DEPOSIT else None,
        member=member if layout is Layout.MEMBER else None,
        taxed=_rounded(taxed, DECIMALS.get(locale.currency, 2)) if layout is Layout.TAX else None,
        name=name,
        code=rng.choice(
            ("", f"{rng.randrange(10**4, 10**7)}", f"{rng.randrange(100, 999)}-{rng.randrange(9999):04}")
        ),
        tax="out" if layout is Layout.TAX else "",
    )  # fmt: skip


def _fits(locale: Locale, layout: Layout) -> bool:
    if layout is Layout.CHINESE:
        return locale.language == "zh"
    if layout is Layout.DEPOSIT:
        return bool(locale.deposit)
    if layout is Layout.TAX:
        return bool(locale.tax_out)
    cents = DECIMALS.get(locale.currency, 2) == 2
    return cents or layout not in (Layout.RAISED, Layout.CENTS)


def _price(rng: random.Random, currency: str, layout: Layout) -> Decimal:
    if layout is Layout.CENTS:
        return Decimal(rng.randrange(19, 99)).scaleb(-2)
    least, most = _RANGES[currency]
    value = Decimal(least * (most / least) ** rng.random())
    if rng.random() < _DEAR and layout in (Layout.PLAIN, Layout.RAISED, Layout.WAS_NOW, Layout.EINK):
        value *= 30
    return _ended(rng, value, currency)


def _ended(rng: random.Random, value: Decimal, currency: str) -> Decimal:
    """A price near a value with an ending that shops like."""
    if DECIMALS.get(currency, 2) == 0:
        return max(Decimal(38), value // 10 * 10 + rng.choice((8, 9, 0)))
    return (value // 1) + Decimal(rng.choice(_ENDINGS)).scaleb(-2) + (Decimal(1) if value < 1 else 0)


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _quantity(rng: random.Random, kind: str) -> Quantity | None:
    if kind in ("kg", "lb", "g100"):
        return None
    if kind == "ml":
        return Quantity(Decimal(rng.choice(_MILLILITRES)) / 1000, "l")
    return Quantity(Decimal(rng.choice(_GRAMS)) / 1000, "kg")


def _unit_price(price: Decimal, quantity: Quantity, locale: Locale) -> UnitPrice:
    hundred = locale.language == "ja" or locale.country == "CH"
    per = Quantity(Decimal("0.1") if hundred else Decimal(1), quantity.unit)
    return UnitPrice(_rounded(price / quantity.amount * per.amount, DECIMALS.get(locale.currency, 2)), per)


def _multi_buy(rng: random.Random, layout: Layout, locale: Locale, price: Decimal) -> MultiBuy | None:
    count = rng.choice((2, 2, 3, 3, 4))
    if layout is Layout.ONLY_MULTI:  # the total is the price
        return MultiBuy(count, total=price)
    if layout is not Layout.MULTI:
        return None
    if locale.free and rng.random() < 0.3:
        return MultiBuy(count, paid=count - 1)
    total = (price * count * Decimal("0.85") // 1) if price > 3 else price * count - Decimal("0.20")
    return MultiBuy(count, total=total)
