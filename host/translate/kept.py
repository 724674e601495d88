"""What a translation must not lose: numbers, prices, times, addresses, e-mails, codes; pure.

A wrong price is worse than none. Everything of this kind in the source must be in the translation, by its value, and as
often. What the translation says besides is not looked at. Words for numbers ("seven") are not numbers here; Chinese
numerals in a translation are.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Final, TypeVar

from host.translate.numbers import Time, ascii_digits, quantities

__all__ = ["is_address", "lost"]

_K = TypeVar("_K")

LONGEST: Final = 10_000
"""Characters that are looked at; nobody reads more on a lens, and the work stays bounded."""

_MAIL: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_DOMAINS: Final = "com|org|net|info|io|app|dev|eu|gov|edu|de|fr|es|it|pt|ru|cn|jp|kr|uk|us|at|ch|nl|be|pl|br|in"
_ADDRESS: Final = re.compile(
    rf"(?:https?://|www\.)[\w.~:/?#\[\]@!$&()*+,;=%-]+|(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,4}}(?:{_DOMAINS})\b(?:/[\w.~:/?#@!$&()*+,;=%-]*)?",
    re.IGNORECASE | re.ASCII,
)
# Not from the minutes of one time to the hour of the next: "9:00 - 18:30".
_PHONE: Final = re.compile(r"(?<![\w.,])(?<!\d:)(?:\+\d|\(?0)[\d ()/\u00a0-]{5,20}\d(?!\w|:\d)")
# "A4", "B-12", "SW1A", and "221B"; but not a currency's name before an amount.
_CODE: Final = re.compile(
    r"(?<![A-Za-z0-9])(?!(?:US|EUR|USD|GBP|JPY|CNY|RMB|KRW|RUB|INR|CHF|No|Nr)\d)"
    r"(?:[A-Za-z]{1,6}-?\d+[A-Za-z0-9]*|\d+[A-Z])(?![A-Za-z0-9])"
)

_CURRENCIES: Final = (
    ("$", r"\$|＄|\busd\b|dollar|d[óo]lar|доллар|美元|美金|ドル|달러|دولار"),
    ("€", r"€|\beur\b|\beuros?\b|евро|欧元|ユーロ|유로|يورو"),
    ("£", r"£|\bgbp\b|\bpounds?\b|\blivres?\b|\blibras?\b|sterlin|pfund|фунт|英镑|ポンド|파운드|جنيه"),
    ("¥", r"¥|￥|\bjpy\b|\byen\b|\bcny\b|\brmb\b|yuan|иен|юан|日元|元|円|엔|위안|يوان|\bين\b"),
    ("₩", r"₩|\bkrw\b|\bwon\b|вон|韩元|ウォン|원|\bوون\b"),
    ("₽", r"₽|\brub\b|roub|rubl|rublo|руб|卢布|ルーブル|루블|روبل"),
    ("₹", r"₹|\binr\b|rupee|rupia|roupie|рупи|卢比|ルピー|루피|روبية"),
    ("CHF", r"\bchf\b|\bfrancs?\b|franken|francos?|franchi|франк|法郎|フラン|프랑|فرنك"),
)
_MARKS: Final = tuple((name, re.compile(marks, re.IGNORECASE)) for name, marks in _CURRENCIES)
_PRICED: Final = tuple(
    (name, re.compile(rf"(?:{marks})\s?\d|\d\s?(?:{marks})", re.IGNORECASE)) for name, marks in _CURRENCIES
)


def lost(source: str, result: str, source_language: str, result_language: str) -> tuple[str, ...]:
    """What the source holds and its translation does not, each as the source writes it; empty where all is there.

    Args:
        source: the original.
        result: its translation.
        source_language: ISO 639-1 code of the source.
        result_language: of the translation.
    """
    source, result = ascii_digits(source[:LONGEST]), ascii_digits(result[:LONGEST])
    gone: list[str] = []
    for pattern in (_MAIL, _ADDRESS):
        source, result = _taken(pattern, source, result, gone)
    source, result = _phones(source, result, gone)
    gone += [name for name, priced in _PRICED if priced.search(source) and not dict(_MARKS)[name].search(result)]
    wanted_codes = [m[0] for m in _CODE.finditer(source)]
    there = Counter(re.sub(r"\W", "", m[0]).casefold() for m in _CODE.finditer(result))
    for code in wanted_codes:
        gone += [] if _spent(there, re.sub(r"\W", "", code).casefold()) else [code]
    source = _CODE.sub(" ", source)
    return (*gone, *_numbers(source, result, source_language, result_language))


def is_address(text: str) -> bool:
    """True for one e-mail or web address and nothing else."""
    return len(text) <= LONGEST and any(pattern.fullmatch(text.strip()) for pattern in (_MAIL, _ADDRESS))


def _taken(pattern: re.Pattern[str], source: str, result: str, gone: list[str]) -> tuple[str, str]:
    """Compare what the pattern finds, and take it out of both texts."""
    there = Counter(_bare(m[0]) for m in pattern.finditer(result))
    gone += [m[0] for m in pattern.finditer(source) if not _spent(there, _bare(m[0]))]
    return pattern.sub(" ", source), pattern.sub(" ", result)


def _bare(address: str) -> str:
    return address.rstrip(".,;:!?)").casefold()


def _phones(source: str, result: str, gone: list[str]) -> tuple[str, str]:
    digits = re.sub(r"\D", "", result)
    for match in _PHONE.finditer(source):
        number = re.sub(r"\D", "", match[0])
        if number not in digits:
            gone.append(match[0])
    return _PHONE.sub(" ", source), result


def _numbers(source: str, result: str, source_language: str, result_language: str) -> list[str]:
    wanted, there = quantities(source, source_language), quantities(result, result_language, spelt=True)
    times = [time for _, time in there.times]
    numbers = Counter(value for _, value in there.numbers)
    missing = []
    for written, time in wanted.times:
        found = next((t for t in times if t.may_be(time)), None)
        if found is not None:
            times.remove(found)
        elif not _as_number(time, numbers):
            missing.append(written)
    for time in times:  # "19.30" of German
        numbers[Decimal(f"{time.hour}.{time.minute:02}")] += 1
        numbers[Decimal(f"{time.hour % 12}.{time.minute:02}")] += 1
    return missing + [written for written, value in wanted.numbers if not _spent(numbers, value)]


def _as_number(time: Time, numbers: Counter[Decimal | str]) -> bool:
    """Whether a time is there as "19.30", or a full hour as "19"; takes it away."""
    hours = [time.hour, time.hour % 12] if time.sure else [time.hour, time.hour + 12]
    alike = [Decimal(f"{hour}.{time.minute:02}") for hour in hours]
    return any(_spent(numbers, number) for number in alike)


def _spent(there: Counter[_K], what: _K) -> bool:
    """Take one away, if there is one."""
    if there[what] <= 0:
        return False
    there[what] -= 1
    return True
