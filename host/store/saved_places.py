"""Places that the user gave a name: "home", "work"."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from host.contracts import Place
from host.errors import PlaceNotFoundError, UsageError
from host.store.database import DATABASE_NAME, Database, storable
from host.suggest import suggestion

__all__ = ["SavedPlace", "forget_place", "save_place", "saved_places"]

_LONGEST = 60  # characters of a name


@dataclass(frozen=True, slots=True)
class SavedPlace:
    """A place of the user's.

    Attributes:
        name: what they call it, in lower case.
        place: where.
        title: what is there, as the map calls it; empty where nobody knows.
    """

    name: str
    place: Place
    title: str


def save_place(folder: Path, saved: SavedPlace) -> None:
    """Keep a place in that data folder; one of the same name is replaced.

    Raises:
        UsageError: it cannot be called so.
        StoreError: it cannot be kept.
    """
    name = _name(saved.name)
    if not name or len(name) > _LONGEST or not any(c.isalpha() for c in name):
        raise UsageError(f"a place cannot be called {saved.name!a:.80}", "Use a word or two, such as home")
    with contextlib.closing(Database.open(folder)) as database, database.transaction() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO saved_place (name, lat, lon, title) VALUES (?, ?, ?, ?)",
            (name, saved.place.lat, saved.place.lon, storable(saved.title)),
        )


def saved_places(folder: Path) -> dict[str, SavedPlace]:
    """All saved places by name; nothing is made where nothing was ever kept. Raises StoreError."""
    if not (folder / DATABASE_NAME).exists():
        return {}
    with contextlib.closing(Database.open(folder)) as database:
        rows = database.query("SELECT name, lat, lon, title FROM saved_place ORDER BY name")
    return {row[0]: SavedPlace(row[0], Place(row[1], row[2]), row[3]) for row in rows}


def forget_place(folder: Path, name: str) -> None:
    """Keep a place no more. Raises PlaceNotFoundError, StoreError."""
    here = saved_places(folder)
    if _name(name) not in here:
        known = f"Saved are {', '.join(here)}" if here else "None is saved"
        raise PlaceNotFoundError(f"no place is saved as {name!a:.80}{suggestion(_name(name), here)}", known)
    with contextlib.closing(Database.open(folder)) as database, database.transaction() as connection:
        connection.execute("DELETE FROM saved_place WHERE name = ?", (_name(name),))


def _name(text: str) -> str:
    """As names are kept and looked up."""
    return " ".join(storable(text).lower().split())
