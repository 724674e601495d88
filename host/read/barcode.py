"""What the digits of a barcode mean: article numbers, shops' own numbers, GS1 element strings; pure.

Sources: GS1 General Specifications, sections 2.1.11 and 2.1.12 (restricted circulation numbers), 7.9 (check digit);
python-stdnum knows the application identifiers and is asked by the adapter (`host/backends/zxing.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from host.read.line import Corners

__all__ = ["Barcode", "Kind", "check_digit", "expanded_upc_e", "gs1_measures", "is_gtin", "is_in_store"]

Kind = Literal["ean13", "ean8", "upca", "upce", "gs1", "qr"]

_GTIN_LENGTHS: Final = (8, 12, 13, 14)

# ISO 4217 numbers are what GS1 prices carry (393n); those of the currencies on price tags here.
_CURRENCIES: Final = {
    "036": "AUD", "124": "CAD", "156": "CNY", "203": "CZK", "208": "DKK", "344": "HKD", "348": "HUF", "352": "ISK",
    "356": "INR", "360": "IDR", "376": "ILS", "392": "JPY", "410": "KRW", "458": "MYR", "484": "MXN", "554": "NZD",
    "578": "NOK", "608": "PHP", "643": "RUB", "702": "SGD", "710": "ZAR", "752": "SEK", "756": "CHF", "764": "THB",
    "784": "AED", "826": "GBP", "840": "USD", "901": "TWD", "946": "RON", "949": "TRY", "975": "BGN", "978": "EUR",
    "980": "UAH", "985": "PLN", "986": "BRL",
}  # fmt: skip

MOST_WEIGHT_KG: Final = Decimal(1000)  # that a person carries out of a shop, and more
MOST_PRICE: Final = Decimal(100_000_000)  # a million in dong or rupiah is nothing
_VALUE: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")  # GS1 has 15 digits at most, 9 of them decimals


@dataclass(frozen=True, slots=True)
class Barcode:
    """One barcode.

    Attributes:
        kind: its symbology; "gs1" is any that carries GS1 element strings (Code 128, DataBar, Data Matrix, QR).
        text: what it holds, as a person would read it; data, whatever it says: a QR code's address is never opened.
        corners: where it stands in the photo.
        gtin: the article's number, 8, 12, 13 or 14 digits, its check digit verified; empty where it has none.
        elements: GS1 application identifier to value as text, such as {"3103": "1.250"}; empty for other kinds.
    """

    kind: Kind
    text: str
    corners: Corners
    gtin: str = ""
    elements: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_store(self) -> bool:
        """True if the number is a shop's own: it means nothing elsewhere, and no database knows it."""
        return bool(self.gtin) and is_in_store(self.gtin)

    @property
    def weight_kg(self) -> Decimal | None:
        """Net weight that a GS1 barcode carries."""
        return gs1_measures(self.elements).weight_kg

    @property
    def price(self) -> Decimal | None:
        """Price of the item that a GS1 barcode carries."""
        return gs1_measures(self.elements).price

    @property
    def currency(self) -> str:
        """ISO 4217 code of that price; empty where the barcode does not say."""
        return gs1_measures(self.elements).currency


@dataclass(frozen=True, slots=True)
class Measures:
    """Weight and price in a GS1 barcode; None and "" for what it does not carry."""

    weight_kg: Decimal | None = None
    price: Decimal | None = None
    currency: str = ""


def check_digit(digits: str) -> str:
    """The digit that makes a GTIN of these: weights 3 and 1 from the right (7.9). Raises ValueError for non-digits."""
    if not (digits.isascii() and digits.isdecimal()):
        raise ValueError(f"{digits!r:.40} are no digits")
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def is_gtin(text: str) -> bool:
    """True for 8, 12, 13 or 14 digits of which the last is the check digit of the others."""
    digits = text.isascii() and text.isdecimal() and len(text) in _GTIN_LENGTHS
    return digits and check_digit(text[:-1]) == text[-1]


def is_in_store(gtin: str) -> bool:
    """True for numbers that only mean something inside one shop or company, such as of what is weighed there.

    Of 13 digits those that begin with 02, 04 or 20 to 29, of 8 those with 0 or 2. UPC-A is 13 digits with a 0 before.
    """
    if len(gtin) == 8:
        return gtin[0] in "02"
    digits = gtin.zfill(14)
    return digits[0] == "0" and (digits[1] == "2" or digits[1:3] in ("02", "04"))


def expanded_upc_e(digits: str) -> str:
    """The 12 digits of UPC-A that 8 of UPC-E stand for (5.2.2.4). Raises ValueError where they are none."""
    if not (len(digits) == 8 and digits.isascii() and digits.isdecimal() and digits[0] in "01"):
        raise ValueError(f"{digits!r:.40} is no UPC-E number")
    system, body, check = digits[0], digits[1:7], digits[7]
    if body[5] in "012":
        inner = body[:2] + body[5] + "0000" + body[2:5]
    elif body[5] == "3":
        inner = body[:3] + "00000" + body[3:5]
    elif body[5] == "4":
        inner = body[:4] + "00000" + body[4]
    else:
        inner = body[:5] + "0000" + body[5]
    return system + inner + check


def gs1_measures(elements: Mapping[str, str]) -> Measures:
    """Weight and price among GS1 element strings.

    310n is a net weight in kilograms, 320n in pounds; 392n a price without, 393n with its currency; the last digit of
    an identifier, its number of decimals, has been applied to the value. What no shop sells or asks is neither.
    """
    weight, price, currency = None, None, ""
    for identifier, value in elements.items():
        if identifier[:3] == "310":
            weight = _positive(value, MOST_WEIGHT_KG)
        elif identifier[:3] == "320":
            pounds = _positive(value, MOST_WEIGHT_KG)
            weight = None if pounds is None else pounds * Decimal("0.45359237")  # the international pound
        elif identifier[:3] == "392":
            price, currency = _positive(value, MOST_PRICE), ""
        elif identifier[:3] == "393":
            number, _, amount = value.partition(" ")
            price, currency = _positive(amount, MOST_PRICE), _CURRENCIES.get(number, "")
    return Measures(weight, price, currency if price is not None else "")


def _positive(digits: str, most: Decimal) -> Decimal | None:
    """A value of a label; None for one that no label in a shop has."""
    value = Decimal(digits) if _VALUE.fullmatch(digits) else Decimal(0)
    return value if 0 < value < most else None
