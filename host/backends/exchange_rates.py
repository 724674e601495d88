"""Exchange rates of the European Central Bank: those that come with CurrencyConverter (Apache-2.0), and fresh ones.

Reference: ecb.europa.eu/stats/policy_and_exchange_rates. The fresh ones are the small archive of one day, a table of
two lines; no XML is read. Rates are published at about 16:00 CET on working days, for information only.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from host.backends.open_data import OpenDatabase
from host.contracts.prices import Rate
from host.errors import BackendMissingError

__all__ = ["ExchangeRates", "bundled_rates"]

TABLE_LIMIT: Final = 64 << 10
"""Bytes of the unpacked table; it has five hundred."""

_FILE: Final = "/stats/eurofxref/eurofxref.zip"
_PER_MINUTE: Final = 2
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_RATE: Final = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
_DAY: Final = re.compile(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4})")
_CURRENCY: Final = re.compile("[A-Z]{3}")


def bundled_rates() -> dict[str, Rate]:
    """The newest rate of every currency that the ECB has ever quoted, read from the disk (0.4 s, 45 MB).

    Those of currencies that are no more are the last there were.

    Raises:
        BackendMissingError: the library is not installed.
    """
    try:
        from currency_converter import CurrencyConverter  # noqa: PLC0415 - imported when used
    except ImportError as error:
        raise BackendMissingError(
            "exchange rates need CurrencyConverter, which is not installed",
            "Install it: pip install 'sidelight[price]'",
        ) from error
    history: Any = CurrencyConverter()
    # The library computes in binary; the shortest decimal of its number is the one that was published.
    return {
        code: Rate(Decimal(repr(history.convert(1, "EUR", code, bounds.last_date))), bounds.last_date)
        for code, bounds in history.bounds.items()
        if code != "EUR"
    }


class ExchangeRates:
    """The server of fresh rates; nothing is asked before the first call."""

    def __init__(self, base_url: str, **options: Any) -> None:
        """As `OpenDatabase`, whose other arguments may be given. Raises UsageError."""
        self.database = OpenDatabase(
            base_url, name="the European Central Bank", setting="price.rates_url", per_minute=_PER_MINUTE, **options
        )

    async def newest(self, today: date) -> dict[str, Rate]:
        """Today's rates, or those of the last working day. Cancelling breaks the connection.

        Raises:
            BackendError: no answer, or none that is understood.
        """
        answer = await self.database.get(_FILE, "application/zip")
        if answer.status != 200:
            raise self.database.nonsense()
        try:
            return _rates(_table(answer.body), today)
        except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
            raise self.database.nonsense() from error

    def close(self) -> None:
        """Ask no more. Repeated calls do nothing."""
        self.database.close()


def _table(archive: bytes) -> str:
    """The one table in the archive, never more of it unpacked than a table has."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        names = packed.namelist()
        if len(names) != 1:
            raise ValueError("one file is expected")
        with packed.open(names[0]) as file:
            content = file.read(TABLE_LIMIT + 1)
    if len(content) > TABLE_LIMIT:
        raise ValueError("too large")
    return content.decode("ascii")


def _rates(table: str, today: date) -> dict[str, Rate]:
    """Currencies in the first line, their rates below; behind a rate there is a comma, too. Raises ValueError."""
    lines = [_cells(line) for line in table.splitlines() if line.strip()]
    if len(lines) != 2 or len(lines[0]) != len(lines[1]) or len(lines[0]) < 2:
        raise ValueError("two lines of one length are expected")
    day = _day(lines[1][0])
    if day > today:
        raise ValueError("rates of a day to come")
    return dict(_pairs(zip(lines[0][1:], lines[1][1:], strict=True), day))


def _day(text: str) -> date:
    """From "30 October 2026": English whatever the system's language is. Raises ValueError."""
    said = _DAY.fullmatch(text)
    if said is None:
        raise ValueError("no day")
    return date(int(said[3]), _MONTHS.index(said[2]) + 1, int(said[1]))


def _pairs(cells: Iterable[tuple[str, str]], day: date) -> Iterable[tuple[str, Rate]]:
    for code, text in cells:
        if text == "N/A":
            continue
        if not _CURRENCY.fullmatch(code) or not _RATE.fullmatch(text) or not Decimal(text):
            raise ValueError("no rate")
        yield code, Rate(Decimal(text), day)


def _cells(line: str) -> list[str]:
    cells = [cell.strip() for cell in line.split(",")]
    return cells[:-1] if cells[-1] == "" else cells
