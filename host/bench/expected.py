"""What a manifest expects of a photographed tag's price."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from host.currencies import currency_code
from host.errors import UsageError

__all__ = ["Expected", "parse_expected"]

_PRICE: Final = re.compile(
    r"(?P<before>[A-Za-z]{2,3}\.?|[$€£¥])?\s*(?P<digits>\d[\d.,'\u2019\s]*)(?P<whole>[.,:]-)?\s*(?P<after>[A-Za-z]{2,3}\.?|[$€£¥])?"
)
_SIGNS: Final = {"€": "EUR", "£": "GBP", "kr": "", "$": "", "¥": ""}
"""To a currency; empty for those of several countries."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a manifest says of a tag.

    Attributes:
        price: on it; None where it has none that can be read.
        currency: ISO 4217; empty where the manifest does not say.
    """

    price: Decimal | None
    currency: str = ""


def parse_expected(text: str) -> Expected | None:
    """What a manifest's column says of the price; None where it names none at all.

    "price=29.90 NOK; name=..." has amount and currency, "price=" says that there is none to be read. The fields may
    stand in any order; of two prices the first counts, since a name may have anything in it.

    Raises:
        UsageError: what follows "price=" is no amount.
    """
    for part in text.split(";"):
        name, _, said = part.partition("=")
        if name.strip().lower() == "price":
            return _priced(said.strip().strip('"').strip())
    return None


def _priced(said: str) -> Expected:
    if not said or said in ("-", "?"):
        return Expected(None)
    match = _PRICE.fullmatch(said)
    if match is None or (match["before"] and match["after"]):
        raise UsageError(f"it expects a price of {said[:40]!a}, which is no amount", "Write it as price=29.90 NOK")
    sign = (match["before"] or match["after"] or "").lower().rstrip(".")
    return Expected(_amount(match["digits"]), _SIGNS[sign] if sign in _SIGNS else currency_code(sign))


def _amount(digits: str) -> Decimal:
    """Spaces part thousands; of several points and commas only the last parts the cents, and not if they repeat."""
    plain = re.sub(r"[\s'\u2019]", "", digits)
    whole, _, last = plain.replace(",", ".").rpartition(".")
    if plain.count(".") > 1 or plain.count(",") > 1:
        return Decimal(re.sub(r"[.,]", "", plain)) if len({*plain} & {".", ","}) == 1 else _point(whole, last)
    return _point(whole, last)


def _point(whole: str, last: str) -> Decimal:
    return Decimal(f"{whole.replace('.', '')}.{last}") if whole else Decimal(last or 0)
