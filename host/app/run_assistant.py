"""What the wearer asks for, done: by tap, from the menu, or from elsewhere; one call for all of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any, Final

from firmware_bridge import GlassesError
from host.app.run_features import ANSWER, CAPTIONS, WAY, Features
from host.app.run_lens import StageLens
from host.app.run_tasks import Tasks
from host.app.run_voice import SPOKEN
from host.app.transcribe import Observer
from host.assistant.actions import ACTIONS, BY, action
from host.assistant.bindings import FRONT, NOTHING, Gesture
from host.assistant.menu import Menu, chosen, moved, opened, rows
from host.assistant.situation import Situation, why_not
from host.assistant.stage import Rank
from host.errors import ActionError, HostError
from host.events import ActionDone, ErrorReport
from host.lens.cards import Block, cards
from host.lens.display_list import DisplayList
from host.suggest import suggestion
from host.transcribe.pipeline import Transcription

__all__ = ["Assistant"]

MENU: Final = "menu"

_UNDONE: Final = 20  # steps that can be taken back; nobody remembers more

Work = Coroutine[Any, Any, None]


class Assistant:
    """Does what is asked for, and knows what runs."""

    def __init__(self, features: Features, observer: Observer, tasks: Tasks) -> None:
        """Use these features; what lasts longer than a call is one of `tasks`."""
        self._features, self._observer, self._tasks = features, observer, tasks
        self._clock = asyncio.get_running_loop().time
        self._running: dict[str, asyncio.Task[None]] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # one microphone, and one camera
        self._transcription: Transcription | None = None
        self._translated = False
        self._paused = False
        self._front = ""
        self._menu: Menu | None = None
        self._menu_lens = StageLens(features.shared, MENU, Rank.ANSWER)
        self._photo = ""
        self._quiet = False
        self._undo: list[tuple[str, Callable[[], None]]] = []
        self.over = asyncio.Event()
        """Set once the program is to end."""
        self._does: dict[str, Callable[[], str]] = {
            "price": lambda: self._photographs("price"),
            "sign": lambda: self._photographs("sign"),
            "captions": lambda: self._listens(translated=False),
            "translate": lambda: self._listens(translated=True),
            "navigate-home": self._leads_home,
            "where-am-i": lambda: self._answers(self._features.where(), "looking where you are"),
            "repeat": self._repeats,
            "more": self._next,
            "back": self._takes_back,
            "bookmark": self._bookmarks,
            "photo": lambda: self._photographs(self._photo or "price"),
            "listen": self._listens_to_command,
            "pause": self._pauses,
            "resume": self._resumes,
            "quiet": self._quiets,
            "battery": lambda: self._answers(self._battery(), "asking for the charge"),
            "undo": self._undoes,
            "menu": self._opens_menu,
            "stop-captions": self._stops_captions,
            "stop-way": self._stops_way,
            "end": self._ends,
        }

    def do(self, name: str, by: BY) -> str:
        """Begin what was asked for; what is done, in a few words.

        Raises:
            ActionError: there is no such action, it needs a tap, or it makes no sense as things are.
        """
        wanted = action(name)
        if wanted is None or name not in self._does:
            raise ActionError(
                f"there is no action {name!a:.40}{suggestion(name, list(self._does))}",
                f"There are {', '.join(one.name for one in ACTIONS if one.name in self._does)}",
            )
        if not wanted.allowed(by):
            raise ActionError(f"{name} needs a tap", "Choose it in the menu: three taps, taps to it, two taps")
        if why := self.why_not(name):
            raise ActionError(why)
        said = self._does[name]()
        self._observer.event(ActionDone(t=self._observer.elapsed(), action=name, by=by, text=said))
        return said

    def why_not(self, name: str) -> str:
        """Why an action makes no sense as things are; empty where it does."""
        settings, features = self._features.settings, self._features
        now = Situation(
            captions=self._runs(CAPTIONS),
            heard=self._transcription is not None,
            translated=self._translated,
            in_front=self._front == CAPTIONS,
            paused=self._paused,
            led=self._runs(WAY),
            answering=self._runs(ANSWER),
            answered=features.answered is not None,
            undoable=bool(self._undo),
            target=bool(settings.translate_to),
            positions=bool(settings.navigate_position),
        )
        return why_not(name, now)

    # --- taps -------------------------------------------------------------------------------------------------------

    def gestured(self, gesture: Gesture, at_s: float | None = None) -> None:
        """The wearer tapped or pressed, at this event loop time where it matters: what it is bound to is done.

        Once ends listening to a command; in the open menu once goes on and twice takes.
        """
        once, bound = gesture.endswith("single"), self._features.settings.bound(gesture)
        if once and self._runs(SPOKEN):
            self._cancel(SPOKEN)
        elif self._menu is not None and (once or gesture.endswith("double")):
            self._chooses(goes_on=once)
        elif bound == FRONT and once:
            self._goes_on(at_s)
        elif bound == FRONT:
            self._is_taken()
        elif bound != NOTHING:
            self._told(bound)

    def _chooses(self, *, goes_on: bool) -> None:
        """In the menu: the next entry, or what is marked."""
        assert self._menu is not None, "it is open"  # noqa: S101
        if goes_on:
            self._menu = moved(self._menu, self._clock())
            self._shows_menu()
        else:
            name = chosen(self._menu).name
            self._close_menu()
            self._told(name, "menu")

    def _goes_on(self, at_s: float | None) -> None:
        """What the wearer sees goes on."""
        if self._runs(ANSWER):
            self._features.answer_wishes.next()
        elif self._runs(WAY) and WAY in {self._front, self._features.shared.source}:
            self._features.way_wishes.next()
        elif self._transcription is not None:
            if self._translated:
                self._transcription.toggle_originals()
            else:
                self._transcription.bookmark(at_s)
        else:
            self._told("menu")

    def _is_taken(self) -> None:
        """What the wearer sees is taken, or taken again."""
        if self._runs(ANSWER) and self._photo:
            self._told("photo")
        elif self._runs(WAY) and self._front == WAY:
            self._features.way_wishes.new()
        elif self._transcription is not None:
            self._told("resume" if self._paused else "pause")

    def _told(self, name: str, by: BY = "tap") -> None:
        """Do it; what speaks against it is shown and told."""
        try:
            self.do(name, by)
        except ActionError as error:
            self._report(error)
            self._answers(self._features.say(error.message), "")

    # --- what there is to do ----------------------------------------------------------------------------------------

    def _photographs(self, what: str) -> str:
        self._photo = what
        work = self._features.price() if what == "price" else self._features.sign()
        return self._answers(work, f"{what}: taking a photo")

    def _listens(self, *, translated: bool) -> str:
        running = self._runs(CAPTIONS)
        if running and self._translated == translated:
            self._front = CAPTIONS
            return "captions are in front"
        before = self._translated
        if running:
            self._undo_by("switch", lambda: self._starts_captions(translated=before))
        self._starts_captions(translated=translated)
        return "translating what is said" if translated else "writing down what is said"

    def _starts_captions(self, *, translated: bool) -> None:
        self._translated, self._front = translated, CAPTIONS
        self._begin(CAPTIONS, self._captions(translated=translated))

    async def _captions(self, *, translated: bool) -> None:
        shared = self._features.shared
        try:
            await self._features.captions(self._heard, translated=translated)
        finally:
            self._transcription, self._paused = None, False
            self._forget("pause")
            shared.record(recording=False)
            shared.drop(CAPTIONS)
        if self._features.ends_by_itself:
            self._tasks.begin(self._ends_when_done(), "end")

    def _heard(self, transcription: Transcription) -> None:
        self._transcription, self._paused = transcription, False
        self._features.shared.record(recording=True)

    async def _ends_when_done(self) -> None:
        """The recording that emulated glasses heard is over: what is on its way still comes."""
        while others := [task for name, task in self._running.items() if name != CAPTIONS and not task.done()]:
            await asyncio.wait(others)
        if not self._runs(CAPTIONS):
            self.over.set()

    def _leads_home(self) -> str:
        self._front = WAY
        self._begin(WAY, self._way())
        self._undo_by("start", lambda: self._cancel(WAY))
        return "looking for the way home"

    async def _way(self) -> None:
        try:
            await self._features.way("home")
        finally:
            self._forget("start")

    def _listens_to_command(self) -> str:
        voice = self._features.voice
        self._begin(SPOKEN, voice.obey(self.do, self._possible, lambda: bool(self._transcription) and not self._paused))
        return "listening"

    def _repeats(self) -> str:
        answered = self._features.answered
        if self._runs(WAY) and (self._front == WAY or answered is None):
            self._features.way_wishes.next()
            return "the way's card again"
        assert answered is not None, "asked before"  # noqa: S101
        return self._answers(self._features.again(answered), "the last answer again")

    def _next(self) -> str:
        (self._features.answer_wishes if self._runs(ANSWER) else self._features.way_wishes).next()
        return "more"

    def _takes_back(self) -> str:
        self._cancel(ANSWER)
        return "the answer is away"

    def _bookmarks(self) -> str:
        assert self._transcription is not None, "asked before"  # noqa: S101
        self._transcription.bookmark()
        return "bookmark set"

    def _pauses(self) -> str:
        self._undo_by("pause", self._toggles_pause)
        self._toggles_pause()
        return "paused"

    def _resumes(self) -> str:
        self._forget("pause")
        self._toggles_pause()
        return "hearing again"

    def _toggles_pause(self) -> None:
        if self._transcription is not None:
            self._transcription.toggle_pause()
            self._paused = not self._paused
            self._features.shared.record(recording=not self._paused)

    def _quiets(self) -> str:
        self._undo_by("quiet", self._toggles_quiet)
        self._toggles_quiet()
        return "quiet: only answers and turns" if self._quiet else "everything is shown"

    def _toggles_quiet(self) -> None:
        self._quiet = not self._quiet
        self._features.shared.quieten(quiet=self._quiet)

    async def _battery(self) -> None:
        await self._features.say(*await self._features.charge())

    def _undoes(self) -> str:
        what, undo = self._undo.pop()
        undo()
        return f"{what} undone"

    def _undo_by(self, what: str, undo: Callable[[], None]) -> None:
        self._undo = [*self._undo, (what, undo)][-_UNDONE:]

    def _forget(self, what: str) -> None:
        self._undo = [one for one in self._undo if one[0] != what]

    def _stops_captions(self) -> str:
        self._forget("switch")
        self._cancel(CAPTIONS)
        return "the transcript is ended"

    def _stops_way(self) -> str:
        self._cancel(WAY)
        return "the way is ended"

    def _ends(self) -> str:
        self.over.set()
        return "everything is saved, goodbye"

    # --- the menu ---------------------------------------------------------------------------------------------------

    def _opens_menu(self) -> str:
        if self._menu is not None:
            self._close_menu()
            return "the menu is closed"
        self._menu = opened(self._clock(), self._possible())
        self._shows_menu()
        return "the menu is open"

    def _shows_menu(self) -> None:
        assert self._menu is not None, "it is open"  # noqa: S101
        font_of = self._features.font_of("en")
        first, *others = rows(self._menu)
        blocks = [Block(first, font_of("en", "normal"), "yellow")]
        blocks += [Block(other, font_of("en", "normal"), "grey") for other in others]
        blocks.append(Block("tap: next, twice: take", font_of("en", "small"), "grey"))
        picture = cards(blocks, self._features.shared.lens.shape)[0]
        self._begin(MENU, self._menu_stays(picture, self._menu.until_s))

    async def _menu_stays(self, picture: DisplayList, until_s: float) -> None:
        await self._menu_lens.show(picture)
        await asyncio.sleep(until_s - self._clock())
        self._menu = None
        self._features.shared.drop(MENU)

    def _close_menu(self) -> None:
        self._menu = None
        self._cancel(MENU)
        self._features.shared.drop(MENU)

    def _possible(self) -> frozenset[str]:
        """What makes sense as things are, by name."""
        return frozenset(name for name in self._does if not self.why_not(name))

    def _runs(self, name: str) -> bool:
        return (task := self._running.get(name)) is not None and not task.done() and not task.cancelling()

    def _answers(self, work: Work, said: str) -> str:
        """Let an answer be given, instead of the one that is."""
        self._features.answer_wishes.forget()
        self._begin(ANSWER, self._answered(work))
        self._running[ANSWER].add_done_callback(lambda _task: work.close())  # it may have been cancelled unbegun
        return said

    async def _answered(self, work: Work) -> None:
        """Give an answer; what speaks against it is one, too."""
        try:
            await work
        except (HostError, GlassesError) as error:
            self._report(error)
            await self._features.say(error.message, error.hint)
        finally:
            self._features.no_answer()

    def _begin(self, name: str, work: Work) -> None:
        """Run something, instead of what ran under this name."""
        self._cancel(name)
        self._running[name] = task = self._tasks.begin(self._alone(name, work), name)
        task.add_done_callback(lambda _task: work.close())

    def _cancel(self, name: str) -> None:
        if (task := self._running.get(name)) is not None:
            task.cancel()

    async def _alone(self, name: str, work: Work) -> None:
        """What ran under this name is over first; what fails is told, and nothing else ends for it."""
        try:
            async with self._turns[name]:
                await work
        except (HostError, GlassesError) as error:
            self._report(error)
            if name in {CAPTIONS, WAY, SPOKEN} and not self.over.is_set():
                await self._says(error)

    async def _says(self, error: HostError | GlassesError) -> None:
        """Show what went wrong, after the answer that is being read."""
        if (reading := self._running.get(ANSWER)) is not None:
            await asyncio.wait({reading})
        self._answers(self._features.say(error.message, error.hint), "")

    def _report(self, error: HostError | GlassesError) -> None:
        self._observer.event(
            ErrorReport(t=self._observer.elapsed(), code=error.code, message=error.message, hint=error.hint)
        )
