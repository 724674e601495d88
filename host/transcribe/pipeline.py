"""Sound in, captions and a transcript out: small stages joined by channels with a bound.

    microphone -> listen -> [chunks] -> hear -> [outcomes] -> write -> [events] -> lay out -> [picture] -> show -> lens
                                        frames, voice,        journal, then ^      `screen`
                                        recogniser            events        |
                                                              [sentences] -> translate

What a channel does when it is full: chunks wait (a live microphone bounds its own backlog and says what it gave up; a
file's clock waits for the reader); outcomes wait, but a newer wording of an utterance takes the place of an older one
that nobody has read; a picture is replaced by the next. Of live sentences that wait for the translator the oldest is
given up: it stays as it was said.

The wearer can set bookmarks and pause (`controls`): both are told at once, and take their place among what was heard.

A finished sentence is on disk before it is shown or reported (`scribe`), and that before it is translated. A full disk,
a lens that fails, a recogniser that fails once, or a translator however it fails does not stop the recording.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace

import numpy as np

from host.channels import Channel, ChannelClosedError
from host.contracts import (
    AudioChunk,
    Journal,
    Lens,
    Microphone,
    Recogniser,
    Samples,
    SoundKeeper,
    SpeakerEmbedder,
    SpeechInterpreter,
    Translation,
    Voice,
    VoiceActivity,
)
from host.errors import BackendError, HostError, StoreError
from host.events import ErrorReport, Event, Notice
from host.transcribe.attribution import Attribution
from host.transcribe.bilingual_captions import BilingualStyle, Originals
from host.transcribe.captions import Said, Status, Style
from host.transcribe.controls import PAUSED, Marked, Paused, Pauses, place_of
from host.transcribe.finishing import finish
from host.transcribe.framing import Break, Framer
from host.transcribe.hearing import Failed, Heard, Hearing, Outcome, is_rewording, unfinished
from host.transcribe.interpreting import Interpreting
from host.transcribe.keeping import Keeping
from host.transcribe.meter import Meter
from host.transcribe.screen import Screen
from host.transcribe.scribe import Scribe
from host.transcribe.times import StageTimes

__all__ = ["Parts", "Transcription"]

_LAST_PICTURE_S = 1.0
"""Seconds that the last picture has to reach the lens: a few times what it takes where the link is there."""

_CHUNKS = 64
"""Chunks that wait for the recogniser here: half a second of radio packets. More waits in the microphone."""

_OUTCOMES = 64
"""Finals and gaps that wait for the disk: minutes of talk."""

_NO_SOUND: Samples = np.zeros(0, np.int16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a transcription is made of; whoever made the parts releases them.

    Attributes:
        microphone: read to its end or until cancelled.
        live: True if what is not recognised at once cannot be had again.
        recogniser: loaded.
        voice: for this recording alone; None where the recogniser finds sentences itself.
        journal: open.
        lens: None for the terminal only.
        style: of the captions; needed with a lens. A `BilingualStyle` where there is an interpreter.
        sound: None where sound is not kept.
        embedder: loaded; None where voices are not told apart.
        known: voices with names, made by the embedder's model.
        interpreter: None where nothing is translated.
    """

    microphone: Microphone
    live: bool
    recogniser: Recogniser
    voice: VoiceActivity | None
    journal: Journal
    lens: Lens | None = None
    style: Style | BilingualStyle | None = None
    sound: SoundKeeper | None = None
    embedder: SpeakerEmbedder | None = None
    known: Sequence[Voice] = ()
    interpreter: SpeechInterpreter | None = None


class Transcription:
    """One recording; used once."""

    def __init__(
        self,
        parts: Parts,
        language: str,
        report: Callable[[Event], None],
        *,
        elapsed: Callable[[], float],
        on_level: Callable[[float], None] = lambda _db: None,
        on_times: Callable[[StageTimes], None] = lambda _times: None,
    ) -> None:
        """Prepare, inside the event loop.

        Args:
            parts: what it is made of.
            language: ISO 639-1 code, opened and written down where the recogniser does not say another; or "auto".
            report: gets every event, in order; must not block.
            elapsed: seconds since the program started, for the events.
            on_level: gets the loudness in dB below full scale (0 is the loudest, -inf silence), ten times a second.
            on_times: gets the way of each hypothesis once it is on the lens, or written down where there is no lens.
        """
        self._parts, self._language = parts, language
        self._report, self._elapsed, self._on_level = report, elapsed, on_level
        self._clock = asyncio.get_running_loop().time
        self._framer = Framer()
        self._meter = Meter()
        self._chunks: Channel[tuple[AudioChunk, float]] = Channel(_CHUNKS)
        self._outcomes: Channel[Outcome] = Channel(_OUTCOMES, is_rewording)
        self._hearing = Hearing(
            parts.recogniser,
            parts.voice,
            language,
            self._outcomes.put,
            live=parts.live,
            clock=self._clock,
            voices=Attribution(parts.embedder, parts.known) if parts.embedder else None,
        )
        self._pauses = Pauses()
        self._newest: AudioChunk | None = None
        self._group: asyncio.TaskGroup | None = None
        self._screen = Screen(parts.style, clock=self._clock, on_times=on_times, on_error=self._tell)
        interpreter = parts.interpreter
        self._interpreting: Interpreting | None = None
        if interpreter is not None:
            self._interpreting = Interpreting(interpreter, self._translated, report, live=parts.live, elapsed=elapsed)
        target_of = interpreter.target_of if interpreter else None
        spoken = "" if language == "auto" else language
        keeping = Keeping(parts.journal)
        self._scribe = Scribe(keeping.save, keeping.save_voices, report, spoken, elapsed, target_of=target_of)
        self._writing = asyncio.Lock()  # of what was heard, and of translations
        self._sound: list[Samples] | None = []
        self._listening: asyncio.Task[None] | None = None
        self._stopping = False
        self._partial = ""  # newest wording of the sentence being spoken
        self._written: asyncio.Future[None] = asyncio.get_running_loop().create_future()  # everything that was heard
        self._failure: Exception | None = None
        self._recognised = False  # anything at all
        self._refused: BackendError | None = None  # why the recogniser failed last

    def bookmark(self, moment_s: float | None = None) -> None:
        """Set a bookmark at this moment, or an earlier one (event loop time); nothing while it does not run."""
        self._post(Marked(place_of(self._clock() if moment_s is None else moment_s, self._newest)))

    def toggle_pause(self) -> None:
        """Hear nothing from now on, or hear again; nothing while it does not run."""
        if self._group is not None:
            self._post(self._pauses.toggle(self._clock()))

    def toggle_originals(self) -> None:
        """Show the originals of what is on the lens, or no longer; nothing while it does not run or translate."""
        if self._interpreting is not None:
            self._spawn(self._screen.take(Originals()))

    async def run(self) -> None:
        """Hear, write and show until the microphone ends. The journal is left open, with everything in it.

        Cancelling stops the microphone, finishes the sentence being spoken and its translation as long as
        `finish` allows, then raises. Cancelled again, nothing is finished. What is dropped is reported.

        Raises:
            LanguageError: the recogniser does not speak the language.
            BackendError: the recogniser cannot be started, failed for good on sound that can be had again, or never
                recognised anything.
            StoreError, DiskFullError: the last sentences could not be saved.
            Exception: whatever ended the microphone; what had been heard was finished first.
        """
        await self._hearing.open()
        work = asyncio.create_task(self._stages(), name="transcription")
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._stopping = True
            if self._listening is not None:
                self._listening.cancel()
            self._chunks.close()  # what has come is finished at once: stopping a microphone may take a while
            with contextlib.suppress(asyncio.CancelledError):  # asked again: at once; raised below all the same
                await finish(work, self._written, self._tell_waiting)
            self._tell_dropped()
            work.cancel()
            await asyncio.wait({work})
            try:
                await self._conclude()
            except HostError as error:
                self._tell(error)
            raise
        except Exception:
            try:
                await self._scribe.close()
            except StoreError as error:
                self._tell(error)
            raise
        finally:
            work.cancel()
            await asyncio.wait({work})
            await self._hearing.close()
        await self._conclude()

    async def _conclude(self) -> None:
        """Raise what went wrong on the way, when everything else is done."""
        await self._scribe.close()
        if self._failure is not None:
            raise self._failure
        if self._refused is not None and not self._recognised:
            raise BackendError(f"nothing could be recognised: {self._refused.message}", self._refused.hint)

    async def _stages(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self._listening = group.create_task(self._listen(), name="listen")
                group.create_task(self._hear(), name="hear")
                write = group.create_task(self._write(), name="write")
                group.create_task(self._translate(write), name="translate")
                group.create_task(self._display(group), name="display")
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None  # the others were cancelled for it
        finally:
            self._group = None

    def _post(self, outcome: Marked | Paused) -> None:
        """Send what the wearer did after what was heard; there is no more than a finger can do."""
        self._spawn(self._outcomes.put(outcome))

    def _spawn(self, sending: Coroutine[None, None, None]) -> None:
        """Let it be sent while the stages run."""
        posting = self._posted(sending)
        try:
            if self._group is not None:
                self._group.create_task(posting, name="control")
                return
        except RuntimeError:  # it is being broken off and takes no more tasks
            pass
        posting.close()
        sending.close()

    async def _posted(self, sending: Coroutine[None, None, None]) -> None:
        with contextlib.suppress(ChannelClosedError):
            await sending

    # --- listen ---------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Take sound as it comes."""
        chunks = self._parts.microphone.chunks()
        try:
            async for chunk in chunks:
                self._newest = chunk
                await self._chunks.put((chunk, self._clock()))
        except Exception as error:  # noqa: BLE001 - whatever it was, what has been heard is finished, then it is raised
            self._failure = error
        finally:
            self._chunks.close()
            close: Callable[[], Awaitable[None]] | None = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    # --- hear -----------------------------------------------------------------------------------------------------

    async def _hear(self) -> None:
        """Turn sound into hypotheses."""
        try:
            paused = False
            async for came, arrived_s in self._chunks:
                chunk = self._pauses.heard(came)
                if not paused and chunk.lost_reason == PAUSED:  # the gap is told when it is over; not so what was said
                    await self._hearing.take(Break(0))
                paused = chunk.lost_reason == PAUSED
                for level_db in self._meter.feed(chunk):
                    self._on_level(level_db)
                await self._keep(chunk.samples, at_least=chunk.rate_hz // 2)
                for item in self._framer.feed(chunk, arrived_s):
                    await self._hearing.take(item)
            await self._keep(_NO_SOUND, at_least=0)
            for item in self._framer.rest():
                await self._hearing.take(item)
            await self._hearing.finish()
        except Exception as error:  # noqa: BLE001 - whatever it was, what has been heard is finished, then it is raised
            self._failure = error
            if self._listening is not None:
                self._listening.cancel()
        finally:
            self._outcomes.close()

    async def _keep(self, samples: Samples, *, at_least: int) -> None:
        """Keep the sound itself, so many samples at a time."""
        if self._parts.sound is None or self._sound is None:
            return
        self._sound.append(samples)
        if sum(map(len, self._sound)) < at_least:
            return
        kept, self._sound = np.concatenate(self._sound), []
        try:
            await asyncio.to_thread(self._parts.sound.write, kept)
        except StoreError as error:
            self._sound = None
            self._tell(error)

    # --- write ----------------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        """Save and report what was heard, and pass it on."""
        await self._screen.take(Status("listening"))
        try:
            async for outcome in self._outcomes:
                await self._take(outcome)
            self._written.set_result(None)
        finally:
            if self._interpreting is not None:
                self._interpreting.close()

    async def _take(self, came: Outcome) -> None:
        taken_s, outcome = self._clock(), came
        if isinstance(outcome, Heard) and self._interpreting is not None:
            outcome = replace(outcome, hypothesis=await self._interpreting.identified(outcome.hypothesis))
        self._partial = unfinished(outcome, self._partial)
        self._recognised = self._recognised or isinstance(outcome, Heard)
        self._refused = outcome.error if isinstance(outcome, Failed) else self._refused
        async with self._writing:
            events = await self._scribe.take(outcome)
        times = outcome.times if isinstance(outcome, Heard) else None
        if times is not None:
            times = replace(times, written_s=taken_s, saved_s=self._clock())
        for event in events:
            await self._screen.take(event, times)
            if self._interpreting is not None and isinstance(event, Said) and event.final and event.text.strip():
                assert isinstance(outcome, Heard), "somebody has said it"  # noqa: S101
                await self._interpreting.put(event, outcome.hypothesis.start_s)

    # --- translate ------------------------------------------------------------------------------------------------

    async def _translate(self, write: asyncio.Task[None]) -> None:
        """Translate what is written down, if that is wanted."""
        if self._interpreting is not None:
            await self._interpreting.run()
        await asyncio.wait({write})
        if self._stopping:
            self._screen.close()
        else:
            await self._screen.finish()

    async def _translated(self, said: Said, start_s: float, translation: Translation) -> None:
        """Save, report and show a translation, or why there is none."""
        async with self._writing:
            events = await self._scribe.translated(said, start_s, translation)
        for event in events:
            await self._screen.take(event)

    # --- show -----------------------------------------------------------------------------------------------------

    async def _display(self, group: asyncio.TaskGroup) -> None:
        """Lay out and show, until the last picture is there, or would be if the link were."""
        show = group.create_task(self._screen.show(self._parts.lens), name="show")
        await self._screen.lay_out()
        await asyncio.wait({show}, timeout=_LAST_PICTURE_S)
        show.cancel()

    def _tell_waiting(self) -> None:
        message = "finishing the last sentence; Ctrl-C again drops it"
        self._report(Notice(t=self._elapsed(), code="finishing", message=message))

    def _tell_dropped(self) -> None:
        if not self._written.done():
            what = f"what was being said is dropped: {self._partial}" if self._partial else ""
            message = what or "sound that was not recognised yet is dropped"
            self._report(Notice(t=self._elapsed(), code="dropped", message=message))
        if self._interpreting is not None and (count := self._interpreting.waiting):
            what = "the last sentence" if count == 1 else f"the last {count} sentences"
            self._report(Notice(t=self._elapsed(), code="untranslated", message=f"{what} stayed untranslated"))

    def _tell(self, error: HostError) -> None:
        self._report(ErrorReport(t=self._elapsed(), code=error.code, message=error.message, hint=error.hint))
