"""The history of prices that the wearer saw, each on the disk when `add` returns; searched, forgotten for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from host.contracts.prices import SeenPrice, gtin_key, name_key
from host.errors import StoreError, UsageError
from host.store.database import Database, storable

__all__ = ["Prices"]

_COLUMNS = (
    "seen, price, currency, price_seen.gtin, price_seen.name, price_seen.quantity, quantity_unit, unit_price, per,"
    " without_tax, shop, country, price_seen.id"
)
_ASKED = (
    "DELETE FROM product WHERE true",
    "DELETE FROM lookup WHERE gtin_key != ''",
    "DELETE FROM open_price WHERE NOT dump",
)
_NUMBERS = 1 << 63  # what SQLite can hold
_LONGEST = 300  # characters of a text that somebody else wrote: a tag has less


class Prices:
    """The history in a data folder; close it, or use it in a `contextlib.closing`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the store in that folder, made if it is not there. Raises StoreError, DiskFullError."""
        return cls(Database.open(folder))

    def add(self, seen: SeenPrice) -> int:
        """Keep a price; its number. It is on the disk when this returns.

        Raises:
            ValueError: its price is not more than 0, or its time has no offset.
            DiskFullError, StoreError: it is not kept; what was before is.
        """
        if not (seen.price.is_finite() and seen.price > 0) or seen.seen.tzinfo is None:
            raise ValueError("a price that was seen is more than 0, at a time with an offset")
        gtin, name = _text(seen.gtin), _text(seen.name)
        values = (
            seen.seen.isoformat(timespec="seconds"),
            _written(seen.price),
            _text(seen.currency),
            gtin,
            gtin_key(gtin),
            name,
            name_key(name),
            _written(seen.quantity),
            seen.quantity_unit,
            _written(seen.unit_price),
            seen.per,
            int(seen.without_tax),
            _text(seen.shop),
            _text(seen.country),
        )
        sql = (
            "INSERT INTO price_seen (seen, price, currency, gtin, gtin_key, name, name_key, quantity, quantity_unit,"
            " unit_price, per, without_tax, shop, country) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        return self._database.write(lambda connection: int(connection.execute(sql, values).lastrowid or 0))

    def like(self, seen: SeenPrice) -> list[SeenPrice]:
        """Those of the same code or the same folded name, without this one itself. Raises StoreError."""
        rows = self._database.query(
            f"SELECT {_COLUMNS} FROM price_seen WHERE id != ? AND"  # noqa: S608 - our own names
            " ((gtin_key != '' AND gtin_key = ?) OR (name_key != '' AND name_key = ?))",
            seen.id,
            gtin_key(_text(seen.gtin)),
            name_key(_text(seen.name)),
        )
        return [_seen(row) for row in rows]

    def all(self, text: str = "") -> list[SeenPrice]:
        """The history, newest first; of articles without a name of their own, with that of an open database.

        Args:
            text: only what has all these words in its name, code, shop or currency, each from its beginning on; case,
                accents and signs do not matter.

        Raises:
            StoreError: it cannot be read.
        """
        columns = _COLUMNS.replace(
            "price_seen.name",
            "CASE price_seen.name WHEN '' THEN coalesce(product.name, '') ELSE price_seen.name END",
            1,
        )
        rows = self._database.query(
            f"SELECT {columns} FROM price_seen LEFT JOIN product ON product.gtin_key = price_seen.gtin_key"  # noqa: S608 - ours
            " AND price_seen.gtin_key != '' ORDER BY price_seen.id DESC"
        )
        wanted = _words(text)
        if text.strip() and not wanted:
            return []
        found = [_seen(row) for row in rows]
        return [seen for seen in found if _has(seen, wanted)]

    def forget(self, ids: Sequence[int] | None) -> int:
        """Delete these for good, or all of them, and what was looked up about their articles; how many there were.

        Args:
            ids: their numbers; None for all.

        Raises:
            UsageError: one of them is not there; nothing was deleted.
            StoreError: cannot be written; or they are deleted, but another program keeps the old pages from being
                overwritten, as the message says.
        """
        with self._database.transaction() as connection:
            if ids is None:
                count = connection.execute("DELETE FROM price_seen").rowcount
            else:
                count = 0
                for number in dict.fromkeys(ids):
                    found = (
                        number < _NUMBERS
                        and connection.execute("DELETE FROM price_seen WHERE id = ?", (number,)).rowcount
                    )
                    if not found:
                        raise UsageError(f"no price has the number {number}", "See sidelight price history")
                    count += 1
            for asked in _ASKED:  # what was asked about tells what was in the wearer's hand
                connection.execute(f"{asked} AND gtin_key NOT IN (SELECT gtin_key FROM price_seen)")  # noqa: S608 - ours
        try:
            self._database.shrink()
        except StoreError as error:
            raise StoreError(
                f"forgotten, but it may be readable in {self._database.path} a little longer: {error.message}",
                "It is overwritten when the last Sidelight program ends",
            ) from error
        return count

    def close(self) -> None:
        """Let go of the store. Never raises."""
        self._database.close()


def _text(text: str) -> str:
    return storable(text[:_LONGEST]).replace("\0", "")


def _written(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _seen(row: tuple[Any, ...]) -> SeenPrice:
    seen, price, currency, gtin, name, quantity, quantity_unit, unit_price, per, without_tax, shop, country, number = (
        row
    )
    return SeenPrice(
        seen=datetime.fromisoformat(seen),
        price=Decimal(price),
        currency=currency,
        gtin=gtin,
        name=name,
        quantity=_amount(quantity),
        quantity_unit=quantity_unit,
        unit_price=_amount(unit_price),
        per=per,
        without_tax=bool(without_tax),
        shop=shop,
        country=country,
        id=number,
    )


def _words(text: str) -> list[str]:
    """The words asked for, folded; digits alone are words here."""
    return name_key(f"a {text}").split()[1:]


def _has(seen: SeenPrice, wanted: Sequence[str]) -> bool:
    words = _words(f"{seen.name} {seen.gtin} {seen.shop} {seen.currency} {seen.country}")
    # Chinese and Japanese names are one word of many.
    return all(any(w.startswith(part) or (part in w and not part.isascii()) for w in words) for part in wanted)
