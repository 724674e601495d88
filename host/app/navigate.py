"""Navigation: from a destination and positions to what is told on the way, in the terminal and on the lens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field, replace

from host.app.glasses import built_in_font
from host.app.maps import OpenedMap
from host.app.navigate_compass import compass_of
from host.app.navigate_lens import TripLens
from host.app.navigate_places import Chooser, Numbers, OpenMaps
from host.app.navigate_trip import Following, Plan, arrival, instruction_of, points_of
from host.app.translate import Observer, Request, check_pictures
from host.app.wishes import Wishes
from host.app.worn import LIT_S, Worn, accompanied, worn
from host.config import Settings
from host.contracts import Mode, Router
from host.contracts.position import Fix, Lost, PositionSource
from host.errors import PositionError
from host.events import Notice, PositionState, RouteFound
from host.lens.cards import Block, reading_s
from host.lens.pages import paged
from host.lens.shape import FRAME
from host.navigate.card import LICENCE, Look, message
from host.navigate.guidance import overview
from host.navigate.notices import Notice as Said
from host.navigate.notices import said
from host.navigate.phrases import Units, distance, duration
from host.paths import data_folder

__all__ = ["Journey", "first_fix", "lead", "maps_of", "navigate"]

_AHEAD_M = {Mode.BIKE: 300.0}
"""How much of the way a sketch has, where it is not that of a minute and a half of walking."""
_AHEAD_WALK_M = 120.0

_PATIENCE_S = 3.0  # after which it is said that there is no position yet; a receiver that runs says one a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Where somebody wants to go.

    Attributes:
        destination: name, address, kind of place, plus code, "lat,lon" or saved place.
        via: places to pass, likewise, in order.
        number: of the place in the list of those that may be meant; 0 to ask.
        typed: numbers of a terminal; None where nobody can type any.
        router: finds routes, and is closed; None for that of the settings.
    """

    destination: str
    via: tuple[str, ...] = ()
    number: int = 0
    typed: Numbers | None = field(default=None)
    router: Router | None = None


async def navigate(
    journey: Journey, source: PositionSource, request: Request, observer: Observer, wishes: Wishes
) -> bool:
    """Lead somebody; from a place that does not move, tell the whole route once. Whether it came to its end.

    Whatever ends it, the lens is dark.

    Raises:
        UsageError: settings that do not fit together, or nobody can say which place is meant.
        MapError: no map is here, or it is damaged.
        PlaceNotFoundError: there is no such place.
        OutsideMapError: they are on no map.
        NoRouteError: no way leads there.
        PositionError: there can be no positions.
        HostError: no router, or it failed.
        GlassesError: the glasses cannot be reached, or stay away for good.
    """
    check_pictures(request)
    async with contextlib.AsyncExitStack() as stack:
        maps = stack.enter_context(maps_of(journey, request.settings))
        here = await worn(request, observer, wishes, request.settings.navigate_language, stack)
        if here is not None:
            await accompanied(here.glasses, request, observer, stack, "leading you")
        arrived = await lead(journey, maps, source, request, observer, wishes=wishes, here=here)
        await asyncio.sleep(LIT_S if here is not None else 0)
        return arrived


@contextlib.contextmanager
def maps_of(journey: Journey, settings: Settings) -> Iterator[OpenMaps]:
    """The maps that may be meant, which know its places.

    Raises:
        MapError: no map is here, or it is damaged.
        PlaceNotFoundError: there is no such place.
    """
    with contextlib.closing(OpenMaps(data_folder(), settings.navigate_map)) as maps:
        for query in (*journey.via, journey.destination):
            maps.require(query, settings.navigate_language)
        yield maps


async def lead(
    journey: Journey,
    maps: OpenMaps,
    source: PositionSource,
    request: Request,
    observer: Observer,
    *,
    wishes: Wishes,
    here: Worn | None,
) -> bool:
    """As `navigate`, with maps and glasses that are open."""
    settings = request.settings
    language = settings.navigate_language
    async with contextlib.AsyncExitStack() as stack:
        mode = Mode(settings.navigate_mode)
        look = _look(here, language, Units(settings.navigate_units), _AHEAD_M.get(mode, _AHEAD_WALK_M))
        reports = await stack.enter_async_context(contextlib.aclosing(source.reports()))
        first = await _first(reports, observer, here, look)
        opened = maps.at(first.place)
        pages = None if here is None else here.pages
        chooser = Chooser(observer, look, wishes, journey.number, journey.typed, pages)
        stops = [await chooser.meant(query, opened, first.place) for query in (*journey.via, journey.destination)]
        router = opened.router(settings).router if journey.router is None else journey.router
        stack.push_async_callback(router.close)
        places = [first.place, *(stop.place.place for stop in stops)]
        route = await router.route(places, mode, language)
        plan = Plan(tuple((stop.name, stop.place.place) for stop in stops), mode, route, router)
        found = _found(plan, opened, look, observer.elapsed())
        if maps.has_several(first.place):
            found = replace(found, text=f"{found.text}, map {found.map}, the newest of those with this place")
        observer.event(found)
        if not source.moves:
            await _told_whole(plan, here, look, observer, wishes)
            return True
        lens = None if here is None else TripLens(here.turns or here.pages, look, here.aside)
        head = None if here is None else compass_of(here, first.place, request, observer)
        arrived = await Following(plan, source, look, observer, lens=lens, headings=head).run(first, reports, wishes)
        if not arrived:
            text = "the recording of positions ended before the destination"
            observer.event(Notice(t=observer.elapsed(), code="not-arrived", message=text))
        return arrived


async def first_fix(source: PositionSource, observer: Observer) -> Fix:
    """Where somebody is. Raises PositionError: that cannot be known."""
    async with contextlib.aclosing(source.reports()) as reports:
        return await _first(reports, observer, None, None)


async def _first(
    reports: AsyncGenerator[Fix | Lost, None], observer: Observer, here: Worn | None, look: Look | None
) -> Fix:
    """The first fix; that there is none yet is said. Raises PositionError where none comes."""
    told = False
    while True:
        coming = asyncio.ensure_future(anext(reports, None))
        try:
            await asyncio.wait({coming}, timeout=None if told else _PATIENCE_S)
            if not coming.done():
                await _none_yet(Lost(None, "waiting", Said.NO_POSITION.value), observer, here, look)
            report = await coming
        finally:
            coming.cancel()
            await asyncio.wait({coming})  # a generator that is waited for cannot be closed
        if report is None:
            raise PositionError("there was no position in it", "Use another recording")
        if isinstance(report, Fix):
            return report
        told = True
        await _none_yet(report, observer, here, look)


async def _none_yet(why: Lost, observer: Observer, here: Worn | None, look: Look | None) -> None:
    """Say that there is no position yet."""
    observer.event(
        PositionState(t=observer.elapsed(), state="waiting", code=why.code, message=why.message, hint=why.hint)
    )
    if here is not None and look is not None:
        text, reason = said(Said.NO_POSITION, look.language), why.message if why.hint else ""
        await here.pages.show(message("no position", text, look, reason))


def _found(plan: Plan, opened: OpenedMap, look: Look, t: float) -> RouteFound:
    """What is told of a route."""
    name, place = plan.stops[-1]
    route = plan.route
    far, long = distance(route.length_m, look.units, look.language), duration(route.duration_s, look.language)
    licence = plan.router.info.licence
    return RouteFound(
        t=t,
        destination=name,
        lat=place.lat,
        lon=place.lon,
        distance_m=round(route.length_m, 1),
        duration_s=round(route.duration_s, 1),
        mode=plan.mode.value,
        map=opened.stored.name,
        licence=licence,
        text=f"{name}: {far}, {long}, {arrival(route.duration_s)} ({licence})",
        points=points_of(route),
    )


async def _told_whole(plan: Plan, here: Worn | None, look: Look, observer: Observer, wishes: Wishes) -> None:
    """Tell every instruction of a route, and show them for as long as they take to read."""
    told = [
        instruction_of(guidance, look, plan.stops[guidance.leg][0], observer.elapsed())
        for guidance in overview(plan.route)
    ]
    for instruction in told:
        observer.event(instruction)
    if here is None:
        return
    small = look.font_of("en", "small")
    groups = [[Block(" ".join(instruction.line.split()), look.font_of("", "normal"))] for instruction in told]
    pages = paged([*groups, [Block(LICENCE, small, "grey")]], small, here.pages.shape, lambda _page, _pages: "")
    await here.pages.leave(pages, wishes, reading_s("".join(instruction.line for instruction in told)))


def _look(here: Worn | None, language: str, units: Units, ahead_m: float) -> Look:
    """How the wearer reads; without glasses only language and units matter."""
    font = built_in_font(FRAME)
    shape = FRAME if here is None else here.pages.shape
    font_of = (lambda _language, _size: font) if here is None else here.pages.font_of
    return Look(language=language, units=units, font_of=font_of, shape=shape, ahead_m=ahead_m)
