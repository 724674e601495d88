"""Somebody who follows a route: what they are told as positions come, and another route where they left it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from host.app.navigate_compass import Headings
from host.app.navigate_lens import TripLens
from host.app.translate import Observer
from host.app.wishes import Wishes
from host.contracts import Mode, Place, Route, Router
from host.contracts.position import Fix, Lost, PositionSource
from host.errors import BackendError, NoRouteError, OutsideMapError
from host.events import Arrived, Instruction, PositionFix, PositionState, Reroute
from host.events import Notice as NoticeEvent
from host.navigate.card import Look, spoken
from host.navigate.guidance import Guidance, guide
from host.navigate.notices import Notice, said
from host.navigate.outline import outline
from host.navigate.phrases import distance, then
from host.navigate.route import Maneuver, Step
from host.navigate.showing import SOON_M, SOON_S, is_near
from host.navigate.trip import ARRIVED_M, Heading, Phase, Trip, asking, rerouted, start, wants_route
from host.position.timeline import LOST_S

__all__ = ["Following", "Plan", "arrival", "instruction_of", "points_of"]

DECIMALS: Final = 6  # of degrees: a decimetre
TICK_S: Final = 0.5  # between two looks at the clock: positions are reckoned, and cards go
ARRIVED_S: Final = 8.0  # the card of the destination stays; to read it at a glance, twice
HELD_S: Final = 0.2  # that positions wait for another route: a fast replay sees it as a slow one does
FRESH_S: Final = 1.0  # a heading that stays is told again: guidance forgets it after two
HERE_S: Final = 1.0  # between two fixes that are told, on the clock of the fixes
FAILED_S: Final = 10.0  # and so long is said that there is no other way

_ASTRAY: Final = {Phase.OFF_ROUTE, Phase.TURNED_BACK}
_REASONS: Final = {Phase.OFF_ROUTE: Notice.OFF_ROUTE, Phase.TURNED_BACK: Notice.TURNED_BACK}


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a trip leads.

    Attributes:
        stops: places on the way, then the destination; what they are called, and where they are.
        mode: how.
        route: that was found.
        router: finds others.
    """

    stops: tuple[tuple[str, Place], ...]
    mode: Mode
    route: Route
    router: Router


class Following:
    """One trip, from the first fix to the destination."""

    def __init__(
        self,
        plan: Plan,
        source: PositionSource,
        look: Look,
        observer: Observer,
        *,
        lens: TripLens | None = None,
        headings: Headings | None = None,
    ) -> None:
        """Prepare.

        Args:
            plan: where the trip leads.
            source: of positions.
            look: how the wearer reads.
            observer: is told what happens.
            lens: None without glasses.
            headings: of somebody's head; None where nobody knows.
        """
        self._stops, self._mode, self._router = plan.stops, plan.mode, plan.router
        self._source, self._look, self._observer = source, look, observer
        self._lens, self._headings = lens, headings
        self._trip: Trip = start(plan.route)
        self._guidance: Guidance | None = None
        self._told: tuple[Step, Phase] | None = None
        self._soon: Step | None = None
        self._done = 0  # stops that were reached
        self._lost = False
        self._failed_until_s = float("-inf")
        self._told_here_s = float("-inf")
        self._over = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    async def run(self, first: Fix, reports: AsyncGenerator[Fix | Lost, None], wishes: Wishes) -> bool:
        """Tell what is to be done until the destination is reached, or a recording ends; whether it was reached.

        Raises:
            LensError: the lens cannot be drawn on any more.
            PositionError: there can be no more positions.
        """
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._positions(first, reports, group), name="positions"),
                group.create_task(self._clock(group), name="clock"),
                group.create_task(self._taps(wishes), name="taps"),
            ]
            if self._lens is not None:
                tasks.append(group.create_task(self._lens.run(), name="lens"))
                if self._headings is not None:
                    tasks.append(group.create_task(self._head(self._lens, self._headings), name="head"))
            await self._over.wait()
            if self._lens is not None:
                await self._lens.settled()
                await asyncio.sleep(ARRIVED_S if self.arrived else 0.0)
            for task in [*tasks, *([self._looking] if self._looking else [])]:
                task.cancel()
        return self.arrived

    @property
    def arrived(self) -> bool:
        """Whether the destination was reached."""
        return self._trip.phase is Phase.ARRIVED

    async def _positions(self, first: Fix, reports: AsyncGenerator[Fix | Lost, None], group: asyncio.TaskGroup) -> None:
        self._here(first)
        self._step(first)
        async for report in reports:
            if isinstance(report, Lost):
                self._position("lost", report.code, report.message, report.hint)
                self._step(None)
            else:
                self._here(report)
                self._step(report)
                self._judge(report)
            if self.arrived:
                break
            if (looking := self._look_for_another_way(group)) is not None:
                await asyncio.wait({looking}, timeout=HELD_S)
        self._over.set()

    def _judge(self, fix: Fix) -> None:
        """Report it where fixes come that are too far off to lead by, and where they do not any more."""
        last = self._trip.last  # that was of use
        useless = not self.arrived and (last is None or fix.time_s - last.time_s > LOST_S)
        if useless and not self._lost:
            self._position("lost", "inaccurate", "positions are too far off to lead by", "Go where you see the sky")
        elif self._lost and not useless:
            self._position("back")
        else:
            return
        self._step(None)

    def _here(self, fix: Fix) -> None:
        """Tell where they are, if that was not told just now."""
        if self._told_here_s + HERE_S <= fix.time_s:
            self._told_here_s = fix.time_s
            lat, lon = round(fix.lat, DECIMALS), round(fix.lon, DECIMALS)
            self._observer.event(
                PositionFix(t=self._observer.elapsed(), lat=lat, lon=lon, accuracy_m=round(fix.accuracy_m, 1))
            )

    async def _clock(self, group: asyncio.TaskGroup) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._step(None)
            self._look_for_another_way(group)

    async def _taps(self, wishes: Wishes) -> None:
        while True:
            await wishes.wish()
            if self._lens is not None:
                self._lens.tap(self._now())
                self._step(None)

    async def _head(self, lens: TripLens, headings: Headings) -> None:
        """Follow the head, as long as there is a sketch that turns with it: the sensor costs battery."""
        clock = asyncio.get_running_loop().time
        while True:
            await lens.sketch()
            taken_s = float("-inf")
            async with contextlib.aclosing(headings()) as found:
                async for heading in found:
                    if not lens.sketched:
                        break
                    if heading is not None and (lens.turns(heading.degrees) or clock() - taken_s >= FRESH_S):
                        taken_s = clock()
                        self._step(Heading(self._now(), heading.degrees))

    def _look_for_another_way(self, group: asyncio.TaskGroup) -> asyncio.Task[None] | None:
        """Begin to, where one is wanted; what looks for it, None where nothing does anew."""
        if not wants_route(self._trip, self._now()):
            return None
        self._trip = asking(self._trip)
        self._looking = group.create_task(self._reroute(), name="another route")
        return self._looking

    async def _reroute(self) -> None:
        """Look for another way from where they are; the earlier one stays where there is none."""
        trip, guidance = self._trip, self._guidance
        assert trip.sight is not None and guidance is not None, "they left the route"  # noqa: S101, PT018
        reason = said(_REASONS[trip.phase], "en")
        self._reported("looking", reason)
        stops = self._stops[self._done :]
        places = [trip.sight.place, *(place for _, place in stops)]
        course = None if guidance.standing else guidance.course_deg
        route: Route | None = None
        try:
            route = await self._router.route(places, self._mode, self._look.language, heading_deg=course)
        except (NoRouteError, OutsideMapError, BackendError) as error:
            reason = error.message
        before = self._trip.route
        self._trip = rerouted(self._trip, route, self._now())
        if route is None:
            self._failed_until_s = self._now() + FAILED_S
            self._reported("failed", reason)
        elif self._trip.route is not before:
            self._stops, self._done = stops, 0
            self._reported("found", reason, route)
        self._step(None)

    def _step(self, seen: Fix | Heading | None) -> None:
        """Take what was seen into account, and tell what there is to tell."""
        now_s = self._now()
        self._trip, self._guidance = trip, told = guide(self._trip, seen, now_s)
        self._pass(trip, told)
        self._instruct(trip, told)
        if self._lens is not None:
            arrives = "" if trip.phase is Phase.ARRIVED else arrival(told.remaining_s)
            notices = self._notices(trip, now_s)
            self._lens.told(trip, told, notices, now_s, destination=self._stops[told.leg][0], arrives=arrives)

    def _pass(self, trip: Trip, told: Guidance) -> None:
        """Report the stops that are reached: the end as guidance has it, others where they are as near as that."""
        done = told.leg
        if trip.phase is Phase.ARRIVED or (trip.phase is Phase.ON_ROUTE and told.leg_remaining_m <= ARRIVED_M):
            done += trip.phase is Phase.ARRIVED or told.leg < len(self._stops) - 1
        for number, (name, _) in enumerate(self._stops[self._done : done], self._done + 1):
            last = number == len(self._stops)
            self._observer.event(Arrived(t=self._observer.elapsed(), destination=name, last=last))
        self._done = max(self._done, done)

    def _instruct(self, trip: Trip, told: Guidance) -> None:
        """Report what is to be done where it is another thing, or soon."""
        before, self._told = self._told, (told.step, told.phase)
        if told.phase is not Phase.ON_ROUTE:
            if before != self._told and told.phase is Phase.APPROACHING:
                text = f"{said(Notice.TO_THE_ROUTE, self._look.language)}, {self._far(told.distance_m)}"
                self._observer.event(NoticeEvent(t=self._observer.elapsed(), code="approach", message=text))
            return
        soon = is_near(told, max(SOON_M, SOON_S * trip.pace_mps))
        if before == self._told and not (soon and self._soon is not told.step):
            return
        if soon:
            self._soon = told.step
        self._observer.event(
            instruction_of(told, self._look, self._stops[told.leg][0], self._observer.elapsed(), soon=soon)
        )

    def _notices(self, trip: Trip, now_s: float) -> list[Notice]:
        """What is to be said beside the instruction."""
        found = []
        if self._lost:
            found.append(Notice.POSITION_LOST)
        if trip.phase in _ASTRAY and trip.asking:
            found.append(Notice.LOOKING)
        if trip.phase in _ASTRAY and now_s < self._failed_until_s and not trip.asking:
            found.append(Notice.NO_OTHER_WAY)
        return found

    def _position(self, state: Literal["lost", "back"], code: str = "", message: str = "", hint: str = "") -> None:
        self._lost = state == "lost"
        self._observer.event(
            PositionState(
                t=self._observer.elapsed(),
                state=state,
                code=code,
                message=message,
                hint=hint,
            )
        )

    def _reported(self, state: Literal["looking", "found", "failed"], reason: str, route: Route | None = None) -> None:
        """Report how it stands with another way."""
        self._observer.event(
            Reroute(
                t=self._observer.elapsed(),
                state=state,
                reason=reason,
                distance_m=None if route is None else round(route.length_m, 1),
                duration_s=None if route is None else round(route.duration_s, 1),
                points=None if route is None else points_of(route),
            )
        )

    def _far(self, metres: float) -> str:
        return distance(metres, self._look.units, self._look.language)

    def _now(self) -> float:
        """The time, on the clock of the fixes."""
        return self._source.now_s()


def instruction_of(told: Guidance, look: Look, stop: str, t: float, *, soon: bool = False) -> Instruction:
    """What is to be done, as it is reported at `t`; `stop` is what the next stop is called."""
    language = look.language
    after = "" if told.then is None else then(told.then, language)
    what = stop if told.step.maneuver in {Maneuver.WAYPOINT, Maneuver.ARRIVE} else spoken(told.step, language)
    text = ", ".join(filter(None, (what, after)))
    far = distance(told.distance_m, look.units, language)
    return Instruction(
        t=t,
        text=text,
        maneuver=told.step.maneuver.value,
        distance_m=round(told.distance_m, 1),
        street=told.step.streets[0] if told.step.streets else "",
        then="" if told.then is None else told.then.maneuver.value,
        sentence=told.step.text,
        remaining_m=round(told.remaining_m, 1),
        remaining_s=round(told.remaining_s, 1),
        soon=soon,
        line=f"{far:>7}  {text}",
    )


def arrival(remaining_s: float) -> str:
    """When somebody arrives who still takes so long, as a time of the day."""
    return f"{datetime.now().astimezone() + timedelta(seconds=remaining_s):%H:%M}"


def points_of(route: Route) -> list[list[float]]:
    """The way of a route, as events have it."""
    places = outline([place for step in route.steps for place in step.points])
    return [[round(place.lat, DECIMALS), round(place.lon, DECIMALS)] for place in places]
