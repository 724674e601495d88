"""The features of everyday mode, each on glasses that are open and on its own part of the lens."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from firmware_bridge import Glasses
from host.app import transcribe
from host.app.command_sound import SharedMicrophone
from host.app.lens_text import card_fonts
from host.app.navigate import Journey, first_fix, lead, maps_of
from host.app.navigate_places import OpenMaps
from host.app.positions import open_position
from host.app.price import PriceReader, price_language, price_once, price_reader
from host.app.run_lens import AnswerPages, SharedLens, StageLens, StageWishes
from host.app.run_voice import Voice
from host.app.sign import SignReader, sign_reader, translate_once
from host.app.sign_lens import SignLens
from host.app.sound_heard import microphone
from host.app.translate import Observer, Request
from host.app.translate_listen import Request as ListenRequest
from host.app.translate_listen import prepared
from host.app.worn import Worn
from host.assistant.stage import Rank
from host.config import Settings
from host.errors import PlaceNotFoundError
from host.lens.cards import FontOf
from host.lens.display_list import DisplayList
from host.navigate.line import distance_m
from host.navigate.phrases import Units, distance
from host.paths import data_folder
from host.store.saved_places import saved_places
from host.transcribe.pipeline import Transcription

__all__ = ["ANSWER", "CAPTIONS", "WAY", "Answer", "Features"]

CAPTIONS: Final = "captions"
ANSWER: Final = "answer"
WAY: Final = "way"
"""Sources of cards; the menu and what is beside the captions have their own."""

_OF_WAY: Final = (f"{WAY} asked", WAY, f"{WAY} far")

_ASKED_S: Final = 15.0  # that a list of places or "no position" covers what runs at most; a list is taken after 12


@dataclass(frozen=True, slots=True)
class Answer:
    """The last thing that was shown until it was read.

    Attributes:
        pages: of it.
        reading_s: that they take to read.
    """

    pages: Sequence[DisplayList]
    reading_s: float


class Features:
    """What `run` can do; what a feature needs is opened when it is first used, and closed at the end."""

    def __init__(
        self,
        glasses: Glasses,
        shared: SharedLens,
        settings: Settings,
        observer: transcribe.Observer,
        stack: contextlib.AsyncExitStack,
    ) -> None:
        """Use glasses that are open; `stack` closes what is opened here."""
        self.glasses, self.shared, self.settings = glasses, shared, settings
        self._observer, self._stack = observer, stack
        self._told = Observer(event=observer.event, elapsed=observer.elapsed)
        self._request = Request(settings=settings, glasses=settings.glasses)
        self._fonts: dict[str, FontOf] = {}
        self._prices: PriceReader | None = None
        self._signs: SignReader | None = None
        self._answer_lens = StageLens(shared, ANSWER, Rank.ANSWER)
        self.answer_wishes = StageWishes(self._answer_lens)
        self.way_wishes = StageWishes(StageLens(shared, WAY, Rank.TURN))
        self.answered: Answer | None = None
        self.charge: Callable[[], Awaitable[tuple[str, str]]] = self._charge
        self._sound = SharedMicrophone(microphone(settings, glasses, None))
        self.voice = Voice(self._sound, shared, self.font_of, settings, observer)
        stack.push_async_callback(self.voice.close)

    async def captions(self, running: Callable[[Transcription], None], *, translated: bool) -> None:
        """Write down what is said, and show it, until cancelled or until the sound ends. Raises HostError."""
        observer = replace(self._observer, running=running)
        request = transcribe.Request(settings=self.settings)
        translating = None
        if translated:
            request, translating = prepared(ListenRequest(recording=request), observer)
        lens = StageLens(self.shared, CAPTIONS, Rank.FEATURE)
        await transcribe.transcribe_worn(request, observer, translating, self.glasses, lens, sound=self._sound)

    async def price(self) -> None:
        """Photograph, and show the price for as long as that takes to read. Raises HostError, GlassesError."""
        pages = self._answers(price_language(self.settings))
        if self._prices is None:
            await pages.say("price", "starting the reader...")
            self._prices = await self._stack.enter_async_context(price_reader(self._request, self._told))
        await price_once(Worn(self.glasses, pages), self._prices, self._told, self.answer_wishes)

    async def sign(self) -> None:
        """Photograph, and show the translation for as long as that takes to read. Raises HostError, GlassesError."""
        pages = self._answers(self.settings.translate_to)
        if self._signs is None:
            await pages.say("translate sign", "starting the reader...")
            self._signs = await self._stack.enter_async_context(sign_reader(self._request, self._told))
        lens = SignLens(pages, original=self.settings.translate_original)
        await translate_once(self.glasses, lens, self._signs, self._told, self.answer_wishes)

    async def way(self, destination: str) -> None:
        """Lead to the place that is saved by this name, until they have arrived; never to another of that name.

        Raises:
            PlaceNotFoundError: none is saved so.
            HostError: as navigation raises.
        """
        if destination not in saved_places(data_folder()):
            raise PlaceNotFoundError(f"no {destination} is saved", f"Save it: sidelight maps save {destination} PLACE")
        font_of = self.font_of(self.settings.navigate_language)
        asked = StageLens(self.shared, _OF_WAY[0], Rank.ANSWER, reading_s=_ASKED_S)
        turns = StageLens(self.shared, _OF_WAY[1], Rank.TURN)
        far = StageLens(self.shared, _OF_WAY[2], Rank.FEATURE, beside=True)
        here = Worn(self.glasses, AnswerPages(asked, font_of), turns=AnswerPages(turns, font_of), aside=far)
        journey = Journey(destination=destination)
        source = open_position(self.settings.navigate_position)
        try:
            with maps_of(journey, self.settings) as maps:
                await lead(journey, maps, source, self._request, self._told, wishes=self.way_wishes, here=here)
        finally:
            for name in _OF_WAY:
                self.shared.drop(name)

    async def where(self) -> None:
        """Say what is nearest to where they are. Raises HostError."""
        settings = self.settings
        await self._answers("en").say("where am I", "looking for a position...")
        fix = await first_fix(open_position(settings.navigate_position), self._told)
        with contextlib.closing(OpenMaps(data_folder(), settings.navigate_map)) as maps:
            found = maps.at(fix.place).nearest(fix.place)
        at = f"{fix.place.lat:.5f}, {fix.place.lon:.5f}"
        if found is None:
            await self.say(at)
            return
        away = distance(distance_m(fix.place, found.place), Units(settings.navigate_units), "en")
        await self.say(f"{found.name}, {away}", "; ".join(filter(None, (found.address, found.locality, at))))

    async def say(self, text: str, more: str = "") -> None:
        """Show a sentence or two as an answer, for as long as they take to read. Raises LensError."""
        pages = self._answers("en")
        await pages.tell(text, more, self.answer_wishes)

    async def again(self, answer: Answer) -> None:
        """Show an answer once more. Raises LensError."""
        await self._answers("en").leave(answer.pages, self.answer_wishes, answer.reading_s)

    def no_answer(self) -> None:
        """Take the answer away that is shown."""
        self.shared.drop(ANSWER)

    @property
    def ends_by_itself(self) -> bool:
        """Whether there is no more to hear once a recording has ended: it is played into emulated glasses."""
        return self.settings.glasses.strip().lower().startswith("emulator:")

    async def _charge(self) -> tuple[str, str]:
        return f"battery {await self.glasses.battery()} %", ""

    def _answers(self, language: str) -> AnswerPages:
        return AnswerPages(self._answer_lens, self.font_of(language), self._keep)

    def _keep(self, pages: Sequence[DisplayList], reading_s: float) -> None:
        self.answered = Answer(tuple(pages), reading_s)

    def font_of(self, language: str) -> FontOf:
        """The fonts for cards in a language, which are loaded once."""
        if language not in self._fonts:
            self._fonts[language] = card_fonts(
                language, self.shared.lens.shape, self._observer.event, self._observer.elapsed
            )
        return self._fonts[language]
