"""Open Prices: what articles cost, as people reported it, by HTTP or from its published dumps. Data under the ODbL 1.0.

Reference: prices.openfoodfacts.org/api/docs; the fields are those of its serializers, which its dumps have, too. A dump
(prices.jsonl.gz, an object a line) names the place of a price by a number; which country that is in is in the dump of
the places beside it (locations.jsonl.gz).
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlencode

from host.backends.open_data import OpenDatabase, code_of
from host.contracts.prices import OpenPrice
from host.errors import DumpError

__all__ = ["LICENCE", "OpenPricesServer", "dumped_prices", "places_in"]

LICENCE: Final = "Prices: Open Prices contributors, ODbL 1.0 (prices.openfoodfacts.org)"
PER_MINUTE: Final = 30
"""No limit is published; this is what a person with a basket makes."""

LINE_LIMIT: Final = 1 << 20
"""Bytes of a line; those of the dumps have one or two thousand."""

DUMP_LIMIT: Final = 16 << 30
"""Bytes of an unpacked dump; the one of all prices has some hundred million."""

_PAGE: Final = 100  # the most that the server gives at once; the newest tell enough
_LONGEST: Final = 100  # characters of a shop's name
_LINES_BETWEEN_REPORTS: Final = 5000
_AMOUNT: Final = re.compile(r"\d{1,10}(?:\.\d{1,4})?")
_GTIN: Final = re.compile(r"\d{8}|\d{12,14}")


class OpenPricesServer:
    """The database of prices at an address; nothing is asked before the first call."""

    def __init__(self, base_url: str, **options: Any) -> None:
        """As `OpenDatabase`, whose other arguments may be given. Raises UsageError."""
        self.database = OpenDatabase(
            base_url, name="Open Prices", setting="price.prices_url", per_minute=PER_MINUTE, **options
        )

    async def prices(self, gtin: str, currency: str) -> list[OpenPrice]:
        """The newest prices of an article in a currency, 100 at most, of all countries. Cancelling breaks off.

        Raises:
            BackendError: no answer, or none that is understood.
        """
        wanted = {"product_code": code_of(gtin), "currency": currency, "order_by": "-date", "size": _PAGE}
        answer = await self.database.get(f"/api/v1/prices?{urlencode(wanted)}")
        found = self.database.object_in(answer).get("items")
        if answer.status != 200 or not isinstance(found, list):
            raise self.database.nonsense()
        prices = []
        for row in found[:_PAGE]:
            try:
                price = _price(row, _nested_place)
            except ValueError as error:
                raise self.database.nonsense() from error
            if price is not None and price.gtin.lstrip("0") == gtin.lstrip("0"):
                prices.append(price)
        return prices

    def close(self) -> None:
        """Ask no more. Repeated calls do nothing."""
        self.database.close()


Place = tuple[str, str]
"""Country (ISO 3166) and name of a shop."""


def places_in(path: Path, country: str) -> dict[int, Place]:
    """The places of a country in a dump of places: number, country and name.

    Raises:
        DumpError: it is none.
    """
    found = {}
    for number, row in _lines(path):
        try:
            place = _place(row)
            if place[0] == country:
                found[_number(row)] = place
        except ValueError as error:
            raise _malformed(path, number, error) from error
    return found


def dumped_prices(
    path: Path,
    country: str,
    places: Mapping[int, Place] | None,
    on_progress: Callable[[float, int], None] | None = None,
) -> Iterator[OpenPrice]:
    """The prices of a country in a dump of prices, one after the other; those that say nothing of use are left out.

    Args:
        path: JSON Lines, as they are or compressed by gzip.
        country: ISO 3166.
        places: as `places_in`, for prices that do not say themselves where they were seen; None where there are none.
        on_progress: told the share of the file that is read, 0 to 1, and how many prices were found, now and then.

    Raises:
        DumpError: a line cannot be understood, the message has its number; or the file is none, or too large.
    """
    found = 0

    def place_of(row: Mapping[str, Any]) -> Place | None:
        own = _nested_place(row)
        number = row.get("location_id")
        if own is None and places is None and number is not None:
            raise ValueError("it names its place by a number, and there is no locations.jsonl.gz to look that up in")
        return own or (places.get(number) if places is not None and isinstance(number, int) else None)

    def told(share: float) -> None:
        if on_progress is not None:
            on_progress(share, found)

    for number, row in _lines(path, told):
        try:
            price = _price(row, place_of)
        except ValueError as error:
            raise _malformed(path, number, error) from error
        if price is not None and price.country == country:
            found += 1
            yield price


def _lines(path: Path, on_share: Callable[[float], None] = lambda _: None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line's number and object."""
    number = unpacked = 0
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            size = path.stat().st_size or 1
            lines: IO[bytes] | gzip.GzipFile = file
            if file.read(2) == b"\x1f\x8b":
                file.seek(0)
                lines = stack.enter_context(gzip.GzipFile(fileobj=file))
            else:
                file.seek(0)
            while line := lines.readline(LINE_LIMIT + 1):
                number += 1
                unpacked += len(line)
                if len(line) > LINE_LIMIT:
                    raise _malformed(path, number, ValueError(f"it is longer than {LINE_LIMIT >> 20} MB"))
                if unpacked > DUMP_LIMIT:
                    raise DumpError(
                        f"{path.name} is larger than {DUMP_LIMIT >> 30} GB unpacked; nothing was imported",
                        "Check the file",
                    )
                yield number, _object(path, number, line)
                if number % _LINES_BETWEEN_REPORTS == 0:
                    on_share(min(1.0, file.tell() / size))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DumpError(
                f"{path.name} is damaged behind line {number}; nothing was imported", "Get the file again"
            ) from error
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise DumpError(f"cannot read {path}: {reason}", "Check the name of the file") from error
    if not number:
        raise DumpError(f"{path.name} is empty", "Get the file again")


def _object(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line, parse_float=str, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise _malformed(path, number, ValueError("it is no JSON")) from error
    if not isinstance(row, dict):
        raise _malformed(path, number, ValueError("it is no object"))
    return row


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _malformed(path: Path, number: int, error: ValueError) -> DumpError:
    return DumpError(
        f"{path.name}, line {number}: {error}; nothing was imported",
        "Get it again, with locations.jsonl.gz of the same day beside it, from prices.openfoodfacts.org/data",
    )


def _price(row: object, place_of: Callable[[Mapping[str, Any]], Place | None]) -> OpenPrice | None:
    """The price in an object; None where it is of no use here. Raises ValueError: it is none."""
    if not isinstance(row, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - of a line, as all else here
    number = _number(row)
    if "price" not in row or "product_code" not in row:
        raise ValueError("it is no price")
    gtin, amount, currency = row["product_code"], _amount(row["price"]), row.get("currency")
    day = _day(row.get("date"))
    for value in (gtin, currency):
        if not isinstance(value, str | None):
            raise ValueError("product_code and currency must be text")  # noqa: TRY004 - as above
    place = place_of(row)
    if not (gtin and amount and currency and day and place) or row.get("duplicate_of") or row.get("price_per"):
        return None
    if not _GTIN.fullmatch(gtin) or not re.fullmatch("[A-Z]{3}", currency):
        return None
    return OpenPrice(
        id=number,
        gtin=gtin,
        price=amount,
        currency=currency,
        day=day,
        country=place[0],
        shop=place[1],
        discounted=row.get("price_is_discounted") is True,
    )


def _number(row: Mapping[str, Any]) -> int:
    number = row.get("id")
    if type(number) is not int or not 0 < number < 1 << 63:
        raise ValueError("it has no id")
    return number


def _amount(value: object) -> Decimal | None:
    if value is None:
        return None
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _AMOUNT.fullmatch(text):
        raise ValueError("price is no amount")
    return Decimal(text)


def _day(value: object) -> date | None:
    if value is None:
        return None
    if not isinstance(value, str) or not re.match(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("date is no day")
    return date.fromisoformat(value[:10])


def _place(row: Mapping[str, Any]) -> Place:
    code = row.get("osm_address_country_code")
    if not isinstance(code, str | None):
        raise ValueError("osm_address_country_code must be text")  # noqa: TRY004 - as above
    name = next((v for k in ("osm_brand", "osm_name") if isinstance(v := row.get(k), str) and v), "")
    return (code or "").upper(), " ".join("".join(c if c.isprintable() else " " for c in name[:_LONGEST]).split())


def _nested_place(row: Mapping[str, Any]) -> Place | None:
    """Where a price says itself that it was seen: those of the server, and of the table for spreadsheets."""
    place = row.get("location")
    if isinstance(place, dict):
        return _place(place)
    flat = {key.removeprefix("location_"): value for key, value in row.items() if key.startswith("location_osm_")}
    return _place(flat) if "osm_address_country_code" in flat else None
