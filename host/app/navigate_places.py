"""Where a trip leads: the map that somebody is on, and the places that they mean; several are a list to choose from."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.app.maps import OpenedMap, open_map
from host.app.pages import Pages
from host.app.taps import DOUBLE_S
from host.app.translate import Observer
from host.app.wishes import Wishes
from host.contracts import Bounds, Place
from host.errors import OutsideMapError, PlaceNotFoundError, UsageError
from host.events import Notice, PlaceEntry
from host.navigate.card import Look, choice
from host.navigate.phrases import distance
from host.navigate.places import Found, Places
from host.store.maps import MapFolder

__all__ = ["Chooser", "Numbers", "OpenMaps"]

WAIT_S: Final = 12.0
"""On the lens the place that is marked is taken after so long without a tap: a list is read in less."""

_SECOND_TAP_S: Final = DOUBLE_S + 0.25  # a report may wait for a picture's bytes


class Numbers:
    """The number that was typed last, until it is taken."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._typed = asyncio.Event()

    def typed(self, number: int) -> None:
        """A number was typed."""
        self._number = number
        self._typed.set()

    async def next(self) -> int:
        """The next number; those typed before the call are forgotten."""
        self._typed.clear()
        await self._typed.wait()
        return self._number or 0


@dataclass(frozen=True, slots=True)
class Chooser:
    """Finds the places that somebody means, and who says which, where it may be several.

    Attributes:
        observer: is told of the places that may be meant.
        look: how the wearer reads.
        number: that was given beforehand; 0 for none.
        typed: numbers of a terminal; None where nobody can type any.
        wishes: of somebody who wears glasses.
        pages: of their lens; None without glasses.
    """

    observer: Observer
    look: Look
    wishes: Wishes
    number: int = 0
    typed: Numbers | None = None
    pages: Pages | None = None

    async def meant(self, query: str, opened: OpenedMap, near: Place) -> Found:
        """The place of a map that somebody near there means; where it may be several, they are told, one is chosen.

        Raises:
            PlaceNotFoundError: there is none; with the nearest names.
            UsageError: it may be several, and nobody can choose.
            LensError: the list cannot be shown.
        """
        places = opened.find(query, near=near, language=self.look.language.partition("-")[0])
        if places.clear:
            return places.found[0]
        for entry in _entries(places, self.observer.elapsed()):
            self.observer.event(entry)
        if self.typed is not None and not self.number:
            text = f"which one? Press 1 to {len(places.found)}"
            self.observer.event(Notice(t=self.observer.elapsed(), code="choose", message=text))
        return places.found[await self._chosen(query, places.found)]

    async def _chosen(self, query: str, places: Sequence[Found]) -> int:
        """The index of the place that is meant."""
        if self.number:
            if self.number > len(places):
                raise UsageError(
                    f"there is no number {self.number}: {query!a:.80} may mean {len(places)} places",
                    f"Give one of 1 to {len(places)}",
                )
            return self.number - 1
        ways = []
        if self.typed is not None:
            ways.append(asyncio.create_task(self._by_number(self.typed, len(places))))
        if self.pages is not None:
            ways.append(asyncio.create_task(self._by_tap(self.pages, query, places)))
        if not ways:
            raise UsageError(f"several places may be meant by {query!a:.80}", "Add --number N of the list, or be exact")
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.wait(ways)

    async def _by_number(self, typed: Numbers, count: int) -> int:
        while not 1 <= (number := await typed.next()) <= count:
            text = f"there is no number {number}: press 1 to {count}"
            self.observer.event(Notice(t=self.observer.elapsed(), code="choose", message=text))
        return number - 1

    async def _by_tap(self, pages: Pages, query: str, places: Sequence[Found]) -> int:
        """A tap marks the next one; two at once, or waiting, take it."""
        marked = 0
        titles = [_titled(found, self.look) for found in places]
        self.wishes.forget()
        while True:
            await pages.show(choice(query, titles, marked, self.look))
            wish = await self.wishes.wish(WAIT_S)
            if wish == "next":
                wish = await self.wishes.wish(_SECOND_TAP_S)
                if wish != "new":  # one tap, or two keys
                    marked = (marked + (1 if wish is None else 2)) % len(places)
                    continue
            return marked


class OpenMaps:
    """The maps that may be meant, opened; close them."""

    def __init__(self, data_folder: Path, name: str) -> None:
        """Open the one of that name, or all. Raises MapError: there is none, or it is damaged."""
        folder = MapFolder(data_folder)
        stored = [folder.find(name)] if name else folder.all() or [folder.find("")]
        self._opened: list[OpenedMap] = []
        try:
            for one in stored:
                self._opened.append(open_map(data_folder, one.name))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Release them all. Never raises."""
        for opened in self._opened:
            opened.close()

    def require(self, query: str, language: str) -> None:
        """Find out whether any map has such a place, before anybody waits for a position.

        Raises:
            PlaceNotFoundError: none has.
        """
        errors = []
        for opened in self._opened:
            try:
                opened.find(query, near=_middle(opened.bounds), language=language)
            except PlaceNotFoundError as error:
                errors.append(error)
        if len(errors) == len(self._opened):
            raise max(errors, key=lambda error: len(error.nearest))

    def has_several(self, place: Place) -> bool:
        """Whether a place is on more than one map."""
        return len(self._covering(place)) > 1

    def _covering(self, place: Place) -> list[OpenedMap]:
        return [opened for opened in self._opened if place in opened.bounds]

    def at(self, place: Place) -> OpenedMap:
        """The map that a place is on; of several the newest. Raises OutsideMapError."""
        covering = self._covering(place)
        if covering:
            return max(covering, key=lambda opened: opened.stored.record.added)
        if len(self._opened) == 1:
            self._opened[0].bounds.require(place)
        names = ", ".join(opened.stored.name for opened in self._opened)
        raise OutsideMapError(
            f"{place.lat:.4f},{place.lon:.4f} is on no map: there are {names}",
            "Add the map of where you are: sidelight maps add FILE.osm.pbf",
        )


def _titled(found: Found, look: Look) -> str:
    """A place as a line of a list."""
    away = "" if found.distance_m is None else distance(found.distance_m, look.units, look.language)
    return ", ".join(part for part in (found.name, found.place.address, away) if part)


def _entries(places: Places, t: float) -> Iterator[PlaceEntry]:
    for number, found in enumerate(places.found, 1):
        where = found.place
        yield PlaceEntry(
            t=t,
            number=number,
            title=found.name,
            lat=where.place.lat,
            lon=where.place.lon,
            kind=where.kind,
            address=where.address,
            distance_m=None if found.distance_m is None else round(found.distance_m, 1),
            saved="",
        )


def _middle(bounds: Bounds) -> Place:
    return Place((bounds.south + bounds.north) / 2, (bounds.west + bounds.east) / 2)
