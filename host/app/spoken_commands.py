"""Push-to-talk: the sound of a few seconds becomes a command, or "say again".

pocketsphinx knows only the phrases and says how sure it is. The other recognisers have no grammar: what they write is
compared with the phrases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from host.assistant.commands import Command, Rejected, chosen, understood
from host.assistant.phrases import PHRASES, phrases
from host.audio import RATE_HZ
from host.backends import pocketsphinx_commands, registry
from host.config import Settings
from host.contracts import Recogniser, Samples
from host.errors import LanguageError

__all__ = ["LONGEST_S", "SpokenCommands"]

LONGEST_S: Final = 10.0
"""What is longer than this is cut: the longest phrase lasts three seconds."""


@dataclass(frozen=True, slots=True)
class SpokenCommands:
    """A recogniser that is loaded for commands.

    Attributes:
        recogniser: who hears them.
        grammar: whether it knows the phrases, and says how sure it is of the one it chose.
        notice: what the wearer should know about it; empty for nothing.
    """

    recogniser: Recogniser
    grammar: bool
    notice: str = ""

    @classmethod
    async def open(
        cls, settings: Settings, environment: Mapping[str, str], on_cpu: Callable[[float], None] | None = None
    ) -> SpokenCommands:
        """Load the recogniser that the settings choose, for `settings.language`; close it when done.

        Args:
            settings: choose recogniser and language.
            environment: has keys of servers.
            on_cpu: called with the CPU seconds of each call.

        Raises:
            LanguageError: nobody has written down commands in that language.
            HostError: no recogniser, or it cannot be loaded.
        """
        require_phrases(settings.language)
        if registry.chosen_for(settings).name == pocketsphinx_commands.INFO.name:
            return cls(await pocketsphinx_commands.start(phrases(settings.language), on_cpu), grammar=True)
        opened = await registry.open_recogniser(settings, environment, on_cpu=on_cpu)
        name = opened.recogniser.info.name
        return cls(
            opened.recogniser,
            grammar=False,
            notice=f"{name} has no grammar: what it writes is compared with the phrases",
        )

    async def heard(self, sound: Samples, language: str) -> Command | Rejected:
        """What was said after a tap. Cancelling leaves nothing behind.

        Args:
            sound: 16 kHz, of a few seconds; what is after `LONGEST_S` is not heard.
            language: ISO 639-1 code.

        Raises:
            LanguageError: there are no commands in that language, or the recogniser does not speak it.
            BackendError: the recogniser failed.
        """
        require_phrases(language)
        session = await self.recogniser.open(language)
        try:
            found = await session.feed(sound[: round(LONGEST_S * RATE_HZ)])
            found = [*found, *await session.end_utterance()]
        finally:
            await session.close()
        said = [one for one in found if one.final and one.text]
        if self.grammar and said:
            command = chosen(said[-1].text, language, said[-1].confidence or 0.0)
            words = " ".join(one.text for one in found if not one.final)
            return replace(command, heard=words or command.heard) if isinstance(command, Rejected) else command
        return understood(" ".join(one.text for one in said), language)

    async def close(self) -> None:
        """Unload the recogniser. Repeated calls do nothing. Never raises."""
        await self.recogniser.close()


def require_phrases(language: str) -> None:
    """Refuse a language without commands. Raises LanguageError."""
    if language not in PHRASES:
        raise LanguageError(
            f"there are no spoken commands in the language {language!a:.20}",
            f"There are in {', '.join(PHRASES)}; taps, the menu and scripts do the same",
        )
