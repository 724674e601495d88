"""What open databases said, kept with its days: articles, prices, exchange rates, whole dumps of prices.

A dump is put together in a temporary database of its own and then taken over in one transaction: reading it takes
minutes, in which a transcript must be written, and nothing of it is here before all of it is.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from host.contracts.prices import OpenPrice, Product, Rate, gtin_key
from host.errors import DiskFullError
from host.store.database import Database, storable

__all__ = ["OpenPrices"]

_LONGEST = 300  # characters of a text from outside
_COLUMNS = "id, gtin_key, price, currency, day, country, shop, discounted, dump"
_MARKS = "?, ?, ?, ?, ?, ?, ?, ?, ?"


class OpenPrices:
    """The tables of open databases in a data folder; close it, or use it in a `contextlib.closing`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the store in that folder, made if it is not there. Raises StoreError, DiskFullError."""
        return cls(Database.open(folder))

    def product(self, gtin: str) -> tuple[Product | None, date] | None:
        """What was said of an article, None where there is no such article, and the day; None where nobody asked."""
        day = self._asked("product", gtin)
        if day is None:
            return None
        rows = self._database.query(
            "SELECT name, brand, quantity FROM product WHERE gtin_key = ? AND known", gtin_key(gtin)
        )
        return (Product(gtin=gtin, name=rows[0][0], brand=rows[0][1], quantity=rows[0][2]) if rows else None), day

    def keep_product(self, gtin: str, product: Product | None, day: date) -> None:
        """Keep what was said of an article. Raises StoreError, DiskFullError."""
        said = (product.name, product.brand, product.quantity) if product else ("", "", "")
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO product (gtin_key, name, brand, quantity, known) VALUES (?, ?, ?, ?, ?)",
                (gtin_key(gtin), *map(_text, said), int(product is not None)),
            )
            _note(connection, "product", gtin, day)

    def prices(self, gtin: str, country: str) -> tuple[list[OpenPrice], date | None]:
        """The prices of an article in a country, and the day on which they were asked about; None where nobody did."""
        rows = self._database.query(
            "SELECT id, price, currency, day, country, shop, discounted FROM open_price"
            " WHERE gtin_key = ? AND country = ? ORDER BY day DESC, id DESC",
            gtin_key(gtin),
            country,
        )
        found = [
            OpenPrice(
                id=number,
                gtin=gtin,
                price=Decimal(price),
                currency=currency,
                day=date.fromisoformat(day),
                country=of,
                shop=shop,
                discounted=bool(discounted),
            )
            for number, price, currency, day, of, shop, discounted in rows
        ]
        return found, self._asked("prices", gtin)

    def keep_prices(self, gtin: str, found: Iterable[OpenPrice], day: date) -> None:
        """Keep the prices of an article, beside those that are here. Raises StoreError, DiskFullError."""
        with self._database.transaction() as connection:
            connection.executemany(
                f"INSERT INTO open_price ({_COLUMNS}) VALUES ({_MARKS}) ON CONFLICT (id) DO UPDATE SET"  # noqa: S608 - ours
                " gtin_key = excluded.gtin_key, price = excluded.price, currency = excluded.currency,"
                " day = excluded.day, country = excluded.country, shop = excluded.shop,"
                " discounted = excluded.discounted",
                (_row(price, dump=False) for price in found),
            )
            _note(connection, "prices", gtin, day)

    def take_over(self, dump: Iterable[OpenPrice]) -> int:
        """Keep all prices of a dump, or none: how many. One that is here already is replaced.

        Memory does not grow with the dump; it is read to its end before this store is touched. If reading it raises,
        or this is cancelled, nothing of it is kept.

        Raises:
            StoreError, DiskFullError: nothing of it is kept.
        """
        with _gathered(dump) as (gathered, count), self._database.transaction() as connection:
            connection.executemany(
                f"INSERT OR REPLACE INTO open_price ({_COLUMNS}) VALUES ({_MARKS})",  # noqa: S608 - ours
                gathered.execute(f"SELECT {_COLUMNS} FROM gathered"),  # noqa: S608 - ours
            )
        return count

    def count(self) -> int:
        """How many prices are here. Raises StoreError."""
        return int(self._database.query("SELECT count(*) FROM open_price")[0][0])

    def rates(self) -> tuple[dict[str, Rate], date | None]:
        """The exchange rates that were got, and the day on which; none and None where nobody asked."""
        rows = self._database.query("SELECT currency, per_euro, day FROM exchange_rate")
        found = {code: Rate(Decimal(per_euro), date.fromisoformat(day)) for code, per_euro, day in rows}
        return found, self._asked("rates", "")

    def keep_rates(self, rates: Mapping[str, Rate], day: date) -> None:
        """Keep exchange rates, in place of those of the same currencies. Raises StoreError, DiskFullError."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO exchange_rate (currency, per_euro, day) VALUES (?, ?, ?)",
                [(code, format(rate.per_euro, "f"), rate.day.isoformat()) for code, rate in rates.items()],
            )
            _note(connection, "rates", "", day)

    def close(self) -> None:
        """Let go of the store. Never raises."""
        self._database.close()

    def _asked(self, what: str, gtin: str) -> date | None:
        rows = self._database.query("SELECT day FROM lookup WHERE what = ? AND gtin_key = ?", what, gtin_key(gtin))
        return date.fromisoformat(rows[0][0]) if rows else None


@contextlib.contextmanager
def _gathered(dump: Iterable[OpenPrice]) -> Iterator[tuple[sqlite3.Connection, int]]:
    """A temporary database with all of the dump, and how many prices it has; SQLite deletes it."""
    with contextlib.closing(sqlite3.connect("", isolation_level=None, check_same_thread=False)) as connection:
        columns = f"id INTEGER PRIMARY KEY, {_COLUMNS.removeprefix('id, ')}"
        connection.execute(f"CREATE TABLE gathered ({columns})")
        connection.execute("BEGIN")
        try:
            for price in dump:
                connection.execute(f"INSERT OR REPLACE INTO gathered VALUES ({_MARKS})", _row(price, dump=True))  # noqa: S608 - ours
            count = int(connection.execute("SELECT count(*) FROM gathered").fetchone()[0])
        except sqlite3.OperationalError as error:
            raise DiskFullError(
                "no room left for temporary files while the dump is read",
                "Free some room there, or set SQLITE_TMPDIR to a folder with more; nothing was imported",
            ) from error
        yield connection, count


def _note(connection: sqlite3.Connection, what: str, gtin: str, day: date) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO lookup (what, gtin_key, day) VALUES (?, ?, ?)", (what, gtin_key(gtin), day.isoformat())
    )


def _row(price: OpenPrice, *, dump: bool) -> tuple[Any, ...]:
    return (
        price.id,
        gtin_key(price.gtin),
        format(price.price, "f"),
        price.currency,
        price.day.isoformat(),
        price.country,
        _text(price.shop),
        int(price.discounted),
        int(dump),
    )


def _text(text: str) -> str:
    return storable(text[:_LONGEST]).replace("\0", "")
