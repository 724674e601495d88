"""Money as the wearer writes it, and in another currency with the date of its rate; pure.

Rates are those of the European Central Bank, so many of a currency for one euro. Two others are compared through the
euro, and the older of their dates counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from host.contracts.prices import Rate
from host.errors import BackendMissingError

__all__ = ["NEWER", "Converted", "Unconverted", "converted", "day_shown", "locale_of", "money_shown", "rounded"]

OLD_DAYS: Final = 31
"""Rates older than this are said to be old: a month is what the main currencies move by a percent or two in."""

TOO_OLD_DAYS: Final = 366
"""Rates older than this are not used: in a year they move by more than one shop is dearer than another."""

PAUSE_DAYS: Final = 10
"""No currency that is still quoted lacks a rate for longer beside the newest: Easter and Christmas are five days."""

NEWER: Final = "price.fresh_rates = true gets newer ones"
"""What to do about old rates."""

_FALLBACK: Final = "en"


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in another currency.

    Attributes:
        amount: rounded to what that currency has.
        currency: ISO 4217.
        day: of the rate.
        age_days: of the rate; 0 or more.
    """

    amount: Decimal
    currency: str
    day: date
    age_days: int

    @property
    def old(self) -> bool:
        """True if the wearer must be told how old the rate is."""
        return self.age_days > OLD_DAYS


@dataclass(frozen=True, slots=True)
class Unconverted:
    """Why an amount cannot be said in another currency: a phrase for the wearer."""

    reason: str


def converted(
    amount: Decimal, currency: str, into: str, rates: Mapping[str, Rate], today: date
) -> Converted | Unconverted:
    """The amount in another currency, or why not.

    Args:
        amount: in `currency`.
        currency: ISO 4217; empty where it is not known.
        into: ISO 4217.
        rates: of all currencies but the euro.
        today: for the age of the rates.
    """
    if not currency:
        return Unconverted("the currency of the price is not known")
    if currency == into:
        return Converted(amount, into, today, 0)
    newest = max((rate.day for rate in rates.values()), default=date.min)
    used = []
    for code in (currency, into):
        if code == "EUR":
            used.append(Rate(Decimal(1), newest))
        elif code not in rates:
            return Unconverted(f"the European Central Bank gives no rate for {code}")
        elif (newest - rates[code].day).days > PAUSE_DAYS:
            return Unconverted(f"there has been no rate for {code} since {rates[code].day.isoformat()}")
        else:
            used.append(rates[code])
    day = min(rate.day for rate in used)
    age = max(0, (today - day).days)
    if age > TOO_OLD_DAYS:
        return Unconverted(f"the exchange rates are too old, of {day.isoformat()}; {NEWER}")
    return Converted(rounded(amount / used[0].per_euro * used[1].per_euro, into), into, day, age)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount to as many decimals as the currency has: none of a yen, three of a Kuwaiti dinar."""
    digits = int(_babel().get_currency_precision(currency)) if currency else 2
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def money_shown(amount: Decimal, currency: str, locale: str) -> str:
    """The amount as it is written there, never with fewer digits than it has; without a currency, a number.

    Args:
        amount: any.
        currency: ISO 4217 or empty.
        locale: as `locale_of` gives it.
    """
    numbers = _babel()
    if not currency:
        digits = max(2, -int(amount.as_tuple().exponent)) if amount % 1 else 0
        text = str(numbers.format_decimal(amount, format=f"#,##0.{'0' * digits}" if digits else "#,##0", locale=locale))
    else:
        text = str(numbers.format_currency(amount, currency, locale=locale, decimal_quantization=False))
    # Spaces that fonts on glasses lack; and CLDR's space between a code and digits, which Babel leaves out.
    text = re.sub("[\u00a0\u202f\u2009]", " ", text)
    return re.sub(r"([A-Z]{3})(?=\d)|(?<=\d)([A-Z]{3})$", lambda m: f"{m[1]} " if m[1] else f" {m[2]}", text)


def day_shown(day: date, today: date, locale: str) -> str:
    """The day as it is written there: "3 Oct", with the year where that is another one."""
    from babel.dates import format_date, format_skeleton  # noqa: PLC0415 - imported when used

    if day.year == today.year:
        return str(format_skeleton("MMMd", day, locale=locale))
    return str(format_date(day, "medium", locale=locale))


def locale_of(*names: str) -> str:
    """The first of these names of locales that is one: "nb_NO" for "nb_NO.UTF-8"; "en" where none is."""
    _babel()
    from babel.core import Locale, UnknownLocaleError  # noqa: PLC0415 - imported when used

    for name in names:
        plain = re.split("[.@:]", name)[0].replace("-", "_")
        try:
            return str(Locale.parse(plain))
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return _FALLBACK


def _babel() -> Any:
    try:
        from babel import numbers  # noqa: PLC0415 - imported when used
    except ImportError as error:
        raise BackendMissingError(
            "writing prices needs Babel, which is not installed", "Install it: pip install 'sidelight[price]'"
        ) from error
    return numbers
