"""Push-to-talk in everyday mode: after a tap a command is listened to, and done, or listened to once more."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from host.app.command_sound import SharedMicrophone, spoken
from host.app.glasses import compute_reporter
from host.app.run_lens import AnswerPages, SharedLens, StageLens
from host.app.spoken_commands import SpokenCommands, require_phrases
from host.app.transcribe import Observer
from host.assistant.actions import BY
from host.assistant.commands import Command, Rejected
from host.assistant.model_tools import INSTRUCTIONS, offered, picked, question
from host.assistant.stage import Rank
from host.backends import openai_chat, registry
from host.config import Settings
from host.errors import ActionError, BackendError
from host.events import ErrorReport, Notice
from host.lens.cards import FontOf, reading_s

__all__ = ["ANSWER_S", "SPOKEN", "Asked", "Voice"]

SPOKEN: Final = "spoken"
"""Source of the card that says what is listened to."""

ANSWER_S: Final = 10.0
"""That a language model has for an answer: whoever waits longer is faster by taps."""

_TRIES: Final = 2  # whoever was not understood twice is faster by taps
_SHOWN_S: Final = 2.0  # that a word or two about what came of it stay; our choice


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for.

    Attributes:
        action: its name.
        by: a phrase of ours, or free words that a language model understood.
    """

    action: str
    by: BY


class Voice:
    """Hears commands; what it needs is loaded with the first."""

    def __init__(
        self,
        sound: SharedMicrophone,
        shared: SharedLens,
        font_of: Callable[[str], FontOf],
        settings: Settings,
        told: Observer,
    ) -> None:
        """Prepare, inside the event loop; nothing is opened yet.

        Args:
            sound: shared with captions.
            shared: the lens, shared with all features.
            font_of: finds the fonts for a language.
            settings: choose recogniser and language.
            told: is told of errors, and what there is to know of the recogniser.
        """
        self._sound, self._shared, self._font_of = sound, shared, font_of
        self._settings, self._told = settings, told
        self._lens = StageLens(shared, SPOKEN, Rank.ANSWER)
        self._one = asyncio.Lock()
        self._commands: SpokenCommands | None = None
        self._model: openai_chat.ChatModel | None = None

    async def obey(
        self, do: Callable[[str, BY], str], possible: Callable[[], Collection[str]], recording: Callable[[], bool]
    ) -> None:
        """Listen to a command and do it; what comes of it is on the lens. Cancelling ends that.

        Args:
            do: does an action that was asked for in a way, and says what it does. Raises ActionError.
            possible: names of the actions that make sense as things are.
            recording: whether sound is recorded for something else.

        Raises:
            HostError, GlassesError: as `listen`.
        """
        try:
            async with self._one:  # whoever listened before lets go of the microphone first
                try:
                    self._shared.record(recording=True)
                    heard = await self.listen(possible)
                finally:
                    self._shared.record(recording=recording())
            if isinstance(heard, Rejected):
                await self._say("not understood" if heard.heard else "nothing heard", "taps and the menu do the same")
            else:
                await self._say(do(heard.action, heard.by))
            await asyncio.sleep(_SHOWN_S)
        except ActionError as error:
            event = ErrorReport(t=self._told.elapsed(), code=error.code, message=error.message, hint=error.hint)
            self._told.event(event)
            await self._say(error.message, error.hint)
            await asyncio.sleep(_SHOWN_S + reading_s(error.message + error.hint))
        finally:
            self._shared.drop(SPOKEN)

    async def listen(self, possible: Callable[[], Collection[str]]) -> Asked | Rejected:
        """Listen to a command, and once more if it was not understood. Cancelling ends that.

        Args:
            possible: names of the actions that make sense as things are.

        Raises:
            ActionError: a language model wants what it may not have.
            LanguageError: there are no commands in the language that is spoken, or the recogniser does not speak it.
            HostError: no recogniser, or it failed.
            GlassesError: the glasses are out of reach for good.
        """
        require_phrases(self._settings.language)
        heard = Rejected("")
        for number in range(_TRIES):
            await self._say("say again" if number else "listening", f"{heard.nearest}?" if heard.nearest else "")
            found = await self._command(possible)
            if not isinstance(found, Rejected):
                return found
            heard = found
            if not heard.heard:
                break
        return heard

    async def close(self) -> None:
        """Let go of the recogniser. Repeated calls do nothing. Never raises."""
        commands, self._commands = self._commands, None
        model, self._model = self._model, None
        if commands is not None:
            await commands.close()
        if model is not None:
            await model.close()

    async def _command(self, possible: Callable[[], Collection[str]]) -> Asked | Rejected:
        """What was asked for next; rejected without words if nobody said anything."""
        async with self._sound.command() as taken:
            loading = asyncio.ensure_future(self._loaded())  # while it is being said
            speaking = asyncio.ensure_future(spoken(taken, registry.voice_activity()))
            try:
                await asyncio.wait({loading, speaking}, return_when=asyncio.FIRST_COMPLETED)
                if loading.done():
                    loading.result()  # without a recogniser nobody needs to speak on
                if not len(sound := await speaking):
                    return Rejected("")
                await self._say("one moment")
                heard = await (await loading).heard(sound, self._settings.language)
                found = (
                    Asked(heard.action, "voice") if isinstance(heard, Command) else await self._asked(heard, possible)
                )
            finally:
                loading.cancel()
                speaking.cancel()
                await asyncio.wait({loading, speaking})
            taken.is_command = isinstance(found, Asked)
            return found

    async def _asked(self, heard: Rejected, possible: Callable[[], Collection[str]]) -> Asked | Rejected:
        """What a language model makes of words that are none of our phrases, where there is one."""
        if not self._settings.run_model or not heard.heard:
            return heard
        if self._model is None:
            self._model = openai_chat.start(
                self._settings, os.environ, model=self._settings.run_model, timeout_s=ANSWER_S
            )
        await self._say("one moment", f"asking {self._model.name}")
        tools = offered(possible())
        try:
            calls = await self._model.call(INSTRUCTIONS, question(heard.heard, self._settings.language), tools)
        except BackendError as error:
            raise BackendError(f"the language model failed, nothing was done: {error.message}", error.hint) from error
        name = picked(calls, tools)
        return Asked(name, "model") if name else heard

    async def _loaded(self) -> SpokenCommands:
        if self._commands is None:
            on_cpu = compute_reporter(self._settings.glasses)
            self._commands = await SpokenCommands.open(self._settings, os.environ, on_cpu)
            if self._commands.notice:
                self._told.event(Notice(t=self._told.elapsed(), code="commands", message=self._commands.notice))
        return self._commands

    async def _say(self, text: str, more: str = "") -> None:
        await AnswerPages(self._lens, self._font_of("en")).say(text, more)
