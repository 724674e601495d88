"""The charge in everyday mode: a lens that goes dark, steps that save, and what is done when nothing is left."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Final

from firmware_bridge import Glasses, GlassesError, Tap
from host.app.run_lens import SharedLens, StageLens
from host.app.transcribe import Observer
from host.assistant.power import (
    AGAIN_S,
    EMPTY_PERCENT,
    FRAME,
    HALO,
    HYSTERESIS,
    Battery,
    Figures,
    Step,
    ask_again_s,
    away,
    empty_in_h,
    fresh,
    measures,
    noted,
    said,
    told,
)
from host.assistant.stage import MAIN_IDS, Rank
from host.contracts import Lens
from host.errors import ActionError, HostError, StoreError
from host.events import BatteryLevel, Notice
from host.lens.cards import Block, FontOf, cards, reading_s
from host.lens.display_list import DisplayList
from host.lens.shape import LensShape
from host.paths import data_folder
from host.store.drains import learn, learned_of

__all__ = ["AWAY_S", "Charge", "Light"]

AWAY_S: Final = 24 * 3600.0
"""Seconds for which glasses that are gone are waited for: over a night on the charger."""

_GOODBYE_S: Final = 6.0  # that a warning is seen by whoever looks up for it, and the last sentence is written down
_EMPTY_S: Final = 1.0  # that an empty lens stays on: the next card may come at once
_KEEP_S: Final = 600.0  # from one time that the drain is kept to the next
_SOURCE: Final = "battery"


class Light:
    """A lens that goes dark while nothing on it changes; a `Lens`, before which everything else stands."""

    def __init__(self, lens: Lens, glasses: Glasses, dark_s: float) -> None:
        """Go dark after `dark_s` without a change; 0 is never. To be made inside the event loop."""
        self.dark_s = dark_s
        self.holds: Callable[[], bool] = lambda: False
        """Whether what is seen takes itself away, once it was read: the lens stays on until then."""
        self._lens, self._glasses = lens, glasses
        self._clock = asyncio.get_running_loop().time
        self._shown = DisplayList()
        self._changed_s = self._clock()
        self._on, self._woken = True, False
        self._stirred = asyncio.Event()

    @property
    def shape(self) -> LensShape:
        """Of the lens."""
        return self._lens.shape

    @property
    def on(self) -> bool:
        """Whether it is to be seen."""
        return self._on

    async def show(self, picture: DisplayList) -> None:
        """As the contract says; what is there besides what was there lights the lens. Raises LensError."""
        if {*picture.items} - {*self._shown.items}:
            self.wake()
        self._shown = picture
        self._stirred.set()
        await self._lens.show(picture)

    def wake(self) -> bool:
        """Light the lens; whether that lets the wearer read what was dark."""
        was_dark = not self._on and any(item.id < MAIN_IDS for item in self._shown.items)
        self._changed_s, self._on = self._clock(), True
        self._stirred.set()
        return was_dark

    async def lit_by(self, taps: AsyncIterator[Tap]) -> AsyncGenerator[Tap, None]:
        """The same taps, each of which lights the lens at once; `taps` are closed with what is given."""
        try:
            async for tap in taps:
                self._woken = self.wake()
                yield tap
        finally:
            await taps.aclose()  # type: ignore[attr-defined]  # an async generator, typed as an iterator

    def unless_dark(self, tapped: Callable[[float], None]) -> Callable[[float], None]:
        """What one tap does, where it did not let the wearer read what was dark."""
        return lambda at_s: None if self._woken else tapped(at_s)

    async def run(self) -> None:
        """Switch it on and off as time goes on, until cancelled; it is on afterwards."""
        switched_on = True
        try:
            while True:
                self._stirred.clear()
                due_s = math.inf
                if self._on and self.dark_s and not self.holds():
                    due_s = self._changed_s + (self.dark_s if self._shown.items else min(self.dark_s, _EMPTY_S))
                    self._on = self._clock() < due_s
                if self._on != switched_on:
                    switched_on = self._on
                    with contextlib.suppress(GlassesError):  # a lost link: the next session is told
                        await self._glasses.screen(on=switched_on)
                    continue
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(None if due_s == math.inf or not self._on else due_s):
                        await self._stirred.wait()
        finally:
            if not switched_on:
                with contextlib.suppress(GlassesError, TimeoutError):
                    async with asyncio.timeout(1):
                        await self._glasses.screen(on=True)


class Charge:
    """Asks for the charge, saves where little is left, and says goodbye before nothing is."""

    def __init__(
        self,
        glasses: Glasses,
        shared: SharedLens,
        light: Light,
        font_of: Callable[[str], FontOf],
        observer: Observer,
        *,
        do: Callable[[str], object],
    ) -> None:
        """Watch these glasses.

        Args:
            glasses: open.
            shared: where warnings are shown.
            light: of their lens; goes dark the sooner the less is left.
            font_of: by language, for warnings.
            observer: is told of the charge and of what is saved.
            do: does an action, or raises ActionError: "pause" saves what is being heard.
        """
        self._glasses, self._light, self._observer = glasses, light, observer
        self._lens = StageLens(shared, _SOURCE, Rank.WARNING)
        self._shared, self._font_of = shared, font_of
        self._dark_s = light.dark_s
        self._clock = asyncio.get_running_loop().time
        self._batteries: dict[str, Battery] = {}
        self._address = ""
        self._kept_s = self._clock()
        self._asked = asyncio.Event()
        self._showing: asyncio.Task[None] | None = None
        self._do = do

    async def say(self) -> tuple[str, str]:
        """The charge and what is left, from a reading made now. Raises GlassesError."""
        battery = self._took(await self._glasses.battery())
        self._asked.set()
        charge, _, left = said(battery, self._figures()).partition(", ")
        return charge, left

    async def run(self) -> None:
        """Watch until cancelled, which keeps what was learned. Raises GlassesError: the glasses are gone for good."""
        try:
            while True:
                try:
                    percent = await self._glasses.battery()
                except GlassesError:
                    if self._glasses.session is None:
                        await _ready(self._glasses)
                    else:
                        await asyncio.sleep(AGAIN_S[0])
                    continue
                battery = self._took(percent)
                if battery.step is Step.EMPTY and battery.doubted is None:
                    await self._goodbye()
                    continue
                self._asked.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(ask_again_s(battery)):
                        await self._asked.wait()
        finally:
            self._keep()
            if self._showing is not None:
                self._showing.cancel()

    def _took(self, percent: int) -> Battery:
        """Note a reading, tell of it, and take the step that follows from it."""
        session = self._glasses.session
        address = self._address if session is None else session.link.info.address  # gone with the answer: it was theirs
        if session is not None and address != self._address:
            if self._address:
                self._exchanged(session.link.info.name)
            self._address = address
        before = self._batteries.get(address) or self._fresh()
        battery = self._batteries[address] = noted(before, self._clock(), percent)
        if battery.doubted is None:
            left = None if battery.learned is None else round(empty_in_h(battery)[1], 2)
            text = said(battery, self._figures())
            self._observer.event(BatteryLevel(t=self._observer.elapsed(), percent=percent, hours_left=left, text=text))
        savings = measures(battery.step, self._dark_s)
        self._light.dark_s = savings.dark_s
        self._glasses.spare(sound=savings.bits < 16, motion=not savings.compass)
        if battery.step not in {before.step, Step.EMPTY}:
            self._tell(*told(before.step, battery))
        if self._clock() - self._kept_s >= _KEEP_S:
            self._keep()
        return battery

    def _fresh(self) -> Battery:
        learned = None
        with contextlib.suppress(StoreError):  # it is learned again
            learned = learned_of(data_folder(), self._address)
        return fresh(self._figures(), learned)

    def _exchanged(self, name: str) -> None:
        self._keep()
        self._tell(f"on {name} now", "everything goes on", code="other-glasses")

    def _tell(self, text: str, more: str, *, code: str = "battery-saving") -> None:
        """As an event, and on the lens for as long as it takes to read."""
        self._observer.event(Notice(t=self._observer.elapsed(), code=code, message=f"{text}: {more}"))
        font_of = self._font_of("en")
        blocks = (Block(text, font_of("en", "normal"), "yellow"), Block(more, font_of("en", "small"), "grey"))
        if self._showing is not None:
            self._showing.cancel()
        self._showing = asyncio.create_task(
            self._shows(cards(blocks, self._lens.shape)[0], max(_GOODBYE_S, reading_s(text + more)))
        )

    async def _shows(self, picture: DisplayList, seconds: float) -> None:
        with contextlib.suppress(GlassesError, HostError):  # without a lens it is told as an event
            await self._lens.show(picture)
            await asyncio.sleep(seconds)
        self._shared.drop(_SOURCE)

    async def _goodbye(self) -> None:
        """Save, let it be read, send the glasses to sleep, and wait until they, or others, are there again."""
        battery = self._batteries[self._address]
        self._keep()
        paused = self._did("pause")
        self._tell(*told(Step.LOW, battery))
        await asyncio.sleep(_GOODBYE_S)
        coming = asyncio.create_task(_ready(self._glasses))
        try:
            try:
                await self._glasses.sleep()
                await coming
            except GlassesError:
                await self._charged(coming)
        finally:
            coming.cancel()
        self._batteries[self._address] = away(self._batteries[self._address])
        if paused:
            self._did("resume")

    async def _charged(self, coming: asyncio.Task[None]) -> None:
        """Wait until glasses that stayed awake were charged, or until they are there again after all.

        Raises GlassesError: they, and others, are gone for good.
        """
        while not coming.done():
            with contextlib.suppress(GlassesError):
                if await self._glasses.battery() > EMPTY_PERCENT + HYSTERESIS:
                    return
            await asyncio.wait({coming}, timeout=AGAIN_S[1])
        await coming

    def _did(self, action: str) -> bool:
        """Do an action; whether it made sense."""
        try:
            self._do(action)
        except ActionError:
            return False
        return True

    def _keep(self) -> None:
        self._kept_s = self._clock()
        learned = {address: battery.learned for address, battery in self._batteries.items()}
        with contextlib.suppress(StoreError):  # what is not kept is learned again
            learn(data_folder(), {address: one for address, one in learned.items() if one is not None})

    def _figures(self) -> Figures:
        session = self._glasses.session
        return HALO if session is not None and session.link.info.glasses == "halo" else FRAME


async def _ready(glasses: Glasses) -> None:
    """Wait for the next session. Raises GlassesError: there will be none."""
    async for change in glasses.states():
        if change.state == "ready":
            return
