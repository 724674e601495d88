"""The stage that translates: finished sentences in, their translations out, one after another.

Live sentences never wait for it to be heard or saved: where too many wait, the oldest is given up and stays as it was
said. A failure is told once, and once that it is over; every sentence without a translation says why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from host.channels import Channel
from host.contracts import Hypothesis, SpeechInterpreter, Translation
from host.errors import BackendError, HostError, UntranslatedError
from host.events import ErrorReport, Event, Notice
from host.transcribe.captions import Said

__all__ = ["TRANSLATED_S", "TRIED_OUT_S", "Interpreting"]

TRANSLATED_S: Final = 15.0
"""Seconds that one translation may take: whoever reads it has not forgotten the sentence."""

TRIED_OUT_S: Final = 5.0
"""Seconds that trying it out may take: the first sentence waits for that."""

_SENTENCES: Final = 4  # that wait: what is said in some 15 s
_LONGEST: Final = 200  # characters of a reason that are kept
_NOT_HELD: Final = "no translator here holds it"
_OTHER: Final = "Try another translator: --translator"


class Interpreting:
    """The translations of one recording."""

    def __init__(
        self,
        interpreter: SpeechInterpreter,
        written: Callable[[Said, float, Translation], Awaitable[None]],
        report: Callable[[Event], None],
        *,
        live: bool,
        elapsed: Callable[[], float],
    ) -> None:
        """Prepare.

        Args:
            interpreter: asked for each sentence.
            written: takes each sentence, where it begins in the recording, and its translation, or why there is none.
            report: gets what goes wrong.
            live: True where sound does not wait; else `put` waits while too many sentences do.
            elapsed: seconds since the program started, for the events.
        """
        self._interpreter, self._written, self._report = interpreter, written, report
        self._live, self._elapsed = live, elapsed
        self._sentences: Channel[tuple[Said, float]] = Channel(_SENTENCES)
        self._trouble = ""
        self._told: set[str] = set()
        self.waiting = 0
        """Sentences that have neither a translation nor a reason yet."""

    async def identified(self, heard: Hypothesis) -> Hypothesis:
        """What was heard; if it is final, in the language that the interpreter takes it for."""
        if not heard.final or not heard.text.strip():
            return heard
        return replace(heard, language=await self._interpreter.language_of(heard.text.strip(), heard.language))

    async def put(self, said: Said, start_s: float) -> None:
        """Have a sentence translated. Raises ChannelClosedError."""
        self.waiting += 1
        if not self._live:
            await self._sentences.put((said, start_s))
        elif (oldest := self._sentences.put_over((said, start_s))) is not None:
            await self._give(*oldest, self._failed(oldest[0], BackendError("the translator is too slow", _OTHER)))

    def close(self) -> None:
        """Nothing more comes: `run` ends when all has been translated."""
        self._sentences.close()

    async def run(self) -> None:
        """Try the translator out, and translate what comes."""
        await self._try_out()
        async for said, start_s in self._sentences:
            try:
                async with asyncio.timeout(TRANSLATED_S):
                    translation = await self._translated(said)
            except TimeoutError:
                slow = BackendError(f"no translation came within {TRANSLATED_S:.0f} s", _OTHER)
                translation = self._failed(said, slow)
            await self._give(said, start_s, translation)

    async def _give(self, said: Said, start_s: float, translation: Translation) -> None:
        await self._written(said, start_s, translation)
        self.waiting -= 1

    async def _try_out(self) -> None:
        try:
            async with asyncio.timeout(TRIED_OUT_S):
                await self._interpreter.try_out()
        except TimeoutError:
            slow = f"the translator has not answered within {TRIED_OUT_S:.0f} s"
            self._tell(BackendError(slow, "What is said is kept; translations come once it answers"))
        except BackendError as error:
            self._tell(error)
        except HostError:
            pass  # a word that is not held, or no pair: each sentence says so
        except Exception as error:  # noqa: BLE001 - as below
            self._tell(_fault(error))

    async def _translated(self, said: Said) -> Translation:
        try:
            translation = await self._interpreter.translate(said.text, said.language)
        except BackendError as error:
            return self._failed(said, error)
        except HostError as error:
            return self._missing(said, error)
        except Exception as error:  # noqa: BLE001 - a fault of a translator must not end the recording
            return self._failed(said, _fault(error))
        if self._trouble:
            self._trouble = ""
            self._report(Notice(t=self._elapsed(), code="translated-again", message="translations come again"))
        return translation

    def _failed(self, said: Said, error: HostError) -> Translation:
        """A sentence that is not translated because something is broken."""
        self._tell(error)
        return self._without(said, error.message)

    def _tell(self, error: HostError) -> None:
        """Something is broken; told once."""
        if error.message != self._trouble:
            self._trouble = error.message
            self._report(ErrorReport(t=self._elapsed(), code=error.code, message=error.message, hint=error.hint))

    def _missing(self, said: Said, error: HostError) -> Translation:
        """A sentence that is not translated though nothing is broken."""
        reason = _NOT_HELD if isinstance(error, UntranslatedError) else error.message
        if reason not in self._told:
            self._told.add(reason)
            self._report(Notice(t=self._elapsed(), code=error.code, message=error.message, hint=error.hint))
        return self._without(said, reason)

    def _without(self, said: Said, reason: str) -> Translation:
        return Translation("", self._interpreter.target_of(said.language), missing=f"{reason:.{_LONGEST}}")


def _fault(error: Exception) -> BackendError:
    return BackendError(f"the translator failed: {type(error).__name__}: {error}")
