"""The published dumps of Open Prices taken into the store: one country of them, all of it or nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from host.backends.open_prices import dumped_prices, places_in
from host.errors import UsageError
from host.store.prices_open import OpenPrices

__all__ = ["import_dump"]

_PLACES: Final = ("locations.jsonl.gz", "locations.jsonl")


def import_dump(
    folder: Path, dump: Path, country: str, places: Path | None, on_progress: Callable[[float, int], None]
) -> int:
    """Take the prices of a country from a dump into the store; how many. Again, it makes no duplicates.

    Interrupted or failed, nothing of it is there.

    Args:
        folder: of the store.
        dump: prices, JSON Lines, as they are or compressed by gzip.
        country: ISO 3166.
        places: the dump of places; None for the one beside `dump`, if there is one.
        on_progress: told the share that is read, 0 to 1, and how many prices were found, now and then.

    Raises:
        UsageError: no country.
        DumpError: a file cannot be read, or a line of it be understood.
        StoreError, DiskFullError: the store cannot be written.
    """
    if not country:
        raise UsageError("of which country are the prices to be imported?", "Name it: --country NO")
    beside = places or next((path for name in _PLACES if (path := dump.with_name(name)).is_file()), None)
    known = None if beside is None else places_in(beside, country)
    with contextlib.closing(OpenPrices.open(folder)) as public:
        return public.take_over(dumped_prices(dump, country, known, on_progress))
