"""Push-to-talk in everyday mode: after a tap a command is listened to, and done, or listened to once more."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from host.app.command_sound import SharedMicrophone, spoken
from host.app.glasses import compute_reporter
from host.app.run_lens import AnswerPages, SharedLens, StageLens
from host.app.spoken_commands import SpokenCommands, require_phrases
from host.app.transcribe import Observer
from host.assistant.actions import BY
from host.assistant.commands import Command, Rejected
from host.assistant.stage import Rank
from host.backends import registry
from host.config import Settings
from host.errors import ActionError
from host.events import ErrorReport, Notice
from host.lens.cards import FontOf, reading_s

__all__ = ["SPOKEN", "Asked", "Voice"]

SPOKEN: Final = "spoken"
"""Source of the card that says what is listened to."""

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

    async def obey(self, do: Callable[[str, BY], str], recording: Callable[[], bool]) -> None:
        """Listen to a command and do it; what comes of it is on the lens. Cancelling ends that.

        Args:
            do: does an action that was asked for in a way, and says what it does. Raises ActionError.
            recording: whether sound is recorded for something else.

        Raises:
            HostError, GlassesError: as `listen`.
        """
        try:
            async with self._one:  # whoever listened before lets go of the microphone first
                try:
                    self._shared.record(recording=True)
                    heard = await self.listen()
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

    async def listen(self) -> Asked | Rejected:
        """Listen to a command, and once more if it was not understood. Cancelling ends that.

        Raises:
            LanguageError: there are no commands in the language that is spoken, or the recogniser does not speak it.
            HostError: no recogniser, or it failed.
            GlassesError: the glasses are out of reach for good.
        """
        require_phrases(self._settings.language)
        heard = Rejected("")
        for number in range(_TRIES):
            await self._say("say again" if number else "listening", f"{heard.nearest}?" if heard.nearest else "")
            found = await self._command()
            if found is None:
                return Rejected("")
            if isinstance(found, Command):
                return Asked(found.action, "voice")
            heard = found
        return heard

    async def close(self) -> None:
        """Let go of the recogniser. Repeated calls do nothing. Never raises."""
        commands, self._commands = self._commands, None
        if commands is not None:
            await commands.close()

    async def _command(self) -> Command | Rejected | None:
        """What was said next; None if nothing was."""
        async with self._sound.command() as taken:
            loading = asyncio.ensure_future(self._loaded())  # while it is being said
            speaking = asyncio.ensure_future(spoken(taken, registry.voice_activity()))
            try:
                await asyncio.wait({loading, speaking}, return_when=asyncio.FIRST_COMPLETED)
                if loading.done():
                    loading.result()  # without a recogniser nobody needs to speak on
                if not len(sound := await speaking):
                    return None
                await self._say("one moment")
                found = await (await loading).heard(sound, self._settings.language)
            finally:
                loading.cancel()
                speaking.cancel()
                await asyncio.wait({loading, speaking})
            taken.is_command = isinstance(found, Command)
            return found

    async def _loaded(self) -> SpokenCommands:
        if self._commands is None:
            on_cpu = compute_reporter(self._settings.glasses)
            self._commands = await SpokenCommands.open(self._settings, os.environ, on_cpu)
            if self._commands.notice:
                self._told.event(Notice(t=self._told.elapsed(), code="commands", message=self._commands.notice))
        return self._commands

    async def _say(self, text: str, more: str = "") -> None:
        await AnswerPages(self._lens, self._font_of("en")).say(text, more)
