"""A line of a menu or a price list: the words, and the amount at their end, which nobody is to translate; pure."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_amount", "parted"]

_MARK: Final = (
    r"(?:(?:US|AU|NZ|HK|R|A|C|S)?[$\uff04]|[€£¥₩₽₹￥₺₴₪฿₫]|(?:EUR|USD|GBP|JPY|CNY|RMB|KRW|CHF|NOK|SEK|DKK|PLN|CZK|HUF|kr|Kč|zł|Ft|Fr|SFr|Rs|\u0440\u0443\u0431|\u0440)\b\.?"
    r"|[円元원])"
)
_DIGITS: Final = r"\d{1,3}(?:(?:[ .,'\u2019\u00a0\u202f]?\d{3}){0,3}|\d{0,3})"
_ENDING: Final = r"(?:[.,]\s?(?:\d{1,2}|[-\u2013\u2014]{1,2}))"
_ONE: Final = rf"(?:{_MARK}\s?)?{_DIGITS}{_ENDING}?\s?{_MARK}?"
_AMOUNT: Final = re.compile(rf"{_ONE}(?:\s?/\s?{_ONE})?", re.IGNORECASE)
_AT_THE_END: Final = re.compile(rf"(?<![\d.,:/\-+#]){_ONE}(?:\s?/\s?{_ONE})?\s*$", re.IGNORECASE)
_MARKED: Final = re.compile(_MARK, re.IGNORECASE)
_CENTS: Final = re.compile(r"\d[.,]\s?(?:\d\d|[-\u2013\u2014]{1,2})(?!\d)")
_LEADER: Final = re.compile(r"\s*(?:(?:[.·•_・‥]\s?){3,}|…+[.…\s]*|\s{3,})$")
_LONGEST: Final = 32  # characters: two prices and their currency


def is_amount(text: str) -> bool:
    """True for a price or a bare number, or two with a stroke between them, and nothing else."""
    return len(text) <= _LONGEST and _AMOUNT.fullmatch(text.strip()) is not None


def parted(text: str) -> tuple[str, ...]:
    """The words and the amount behind them; the text as it is where it does not end in one.

    A number is an amount where a currency stands at it, where it has cents, or where dots lead to it.
    """
    found = _AT_THE_END.search(text, max(0, len(text) - _LONGEST))
    if found is None:
        return (text,)
    words, amount = text[: found.start()], found[0].strip()
    led = _LEADER.search(words, max(0, len(words) - 200))
    bare = (words[: led.start()] if led else words).rstrip()
    if not any(c.isalpha() for c in bare):
        return (text,)
    if led or _CENTS.search(amount) or _MARKED.search(amount):
        return bare, amount
    return (text,)
