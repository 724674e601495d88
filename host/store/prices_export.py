"""The history of prices as a document: CSV for spreadsheets, in which no text becomes a formula, and JSON; pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from host.contracts.prices import SeenPrice
from host.errors import UsageError
from host.suggest import suggestion

__all__ = ["FORMATS", "price_fields", "price_format"]

# What Excel, LibreOffice and Sheets take for the beginning of a formula, wide forms included (OWASP, CSV injection).
_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")

_NAMES: Final = (
    *("id", "seen", "name", "gtin", "price", "currency", "quantity", "quantity_unit"),
    *("unit_price", "per", "without_tax", "shop", "country"),
)


def price_fields(seen: SeenPrice) -> dict[str, str | int | None]:
    """A price under the names that exports and events give its parts; amounts are decimal strings."""
    values = (
        seen.id,
        seen.seen.isoformat(),
        seen.name,
        seen.gtin,
        format(seen.price, "f"),
        seen.currency,
        None if seen.quantity is None else format(seen.quantity, "f"),
        seen.quantity_unit,
        None if seen.unit_price is None else format(seen.unit_price, "f"),
        seen.per,
        seen.without_tax,
        seen.shop,
        seen.country,
    )
    return dict(zip(_NAMES, values, strict=True))


def price_format(path: Path) -> str:
    """The format that a file's name asks for. Raises UsageError."""
    name = path.suffix.lower().removeprefix(".")
    if name not in FORMATS:
        known = " or ".join(f".{known}" for known in FORMATS)
        raise UsageError(f"{path.name} has no known extension{suggestion(name, FORMATS)}", f"Use {known}")
    return name


def _csv(history: Sequence[SeenPrice]) -> str:
    """RFC 4180, a line a price, with a head; a text that would be a formula has an apostrophe before it."""
    written = io.StringIO()
    # Spreadsheets on Windows take a file without this mark for one in their own code page.
    written.write("\ufeff")
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(_NAMES)
    for seen in history:
        table.writerow([_cell(value) for value in price_fields(seen).values()])
    return written.getvalue()


def _json(history: Sequence[SeenPrice]) -> str:
    """An array of objects, ASCII only, so that no terminal takes anything in it for an order."""
    return json.dumps([price_fields(seen) for seen in history], ensure_ascii=True, indent=1) + "\n"


def _cell(value: str | int | None) -> str:
    text = "" if value is None else str(value)
    text = "".join(c if c.isprintable() else " " for c in text)
    return f"'{text}" if text.lstrip()[:1] in _FORMULA and text.strip() else text


FORMATS: Final[Mapping[str, Callable[[Sequence[SeenPrice]], str]]] = MappingProxyType({"csv": _csv, "json": _json})
"""By the file's extension: what makes the document of a history."""
