"""Sound in, captions and a transcript out: four small stages joined by channels with a bound.

    microphone -> listen -> [chunks] -> hear -> [outcomes] -> write -> [picture] -> show -> lens
                                        frames, voice,        journal, then
                                        recogniser            events, captions

What a channel does when it is full: chunks wait (a live microphone bounds its own backlog and says what it gave up; a
file's clock waits for the reader); outcomes wait, but a newer wording of an utterance takes the place of an older one
that nobody has read; a picture is replaced by the next.

The wearer can set bookmarks and pause (`controls`): both are told at once, and take their place among what was heard.

A finished sentence is on disk before it is shown or reported (`scribe`). A full disk, a lens that fails or a recogniser
that fails once does not stop the recording.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from host.channels import Channel, ChannelClosedError
from host.contracts import (
    AudioChunk,
    Journal,
    JournalEntry,
    Lens,
    Microphone,
    Recogniser,
    Samples,
    SoundKeeper,
    SpeakerEmbedder,
    Voice,
    VoiceActivity,
)
from host.errors import BackendError, HostError, LensError, StoreError
from host.events import ErrorReport, Event, Notice
from host.lens.display_list import DisplayList
from host.transcribe import captions
from host.transcribe.attribution import Attribution
from host.transcribe.captions import CaptionEvent, Status, Style
from host.transcribe.controls import PAUSED, Marked, Paused, Pauses, place_of
from host.transcribe.framing import Break, Framer
from host.transcribe.hearing import Failed, Heard, Hearing, Outcome, is_rewording, unfinished
from host.transcribe.meter import Meter
from host.transcribe.scribe import Scribe
from host.transcribe.times import StageTimes

__all__ = ["FINISH_S", "Parts", "Transcription"]

FINISH_S = 3.0
"""Seconds that a cancelled recording has to finish its last sentence; somebody pressed Ctrl-C and waits."""

_LAST_PICTURE_S = 1.0
"""Seconds that the last picture has to reach the lens: a few times what it takes where the link is there."""

_CHUNKS = 64
"""Chunks that wait for the recogniser here: half a second of radio packets. More waits in the microphone."""

_OUTCOMES = 64
"""Finals and gaps that wait for the disk: minutes of talk."""

_ON_THE_WAY = 256
"""Hypotheses that are timed while they wait for the lens; the oldest are forgotten while the link is lost."""

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
        style: of the captions; needed with a lens.
        sound: None where sound is not kept.
        embedder: loaded; None where voices are not told apart.
        known: voices with names, made by the embedder's model.
    """

    microphone: Microphone
    live: bool
    recogniser: Recogniser
    voice: VoiceActivity | None
    journal: Journal
    lens: Lens | None = None
    style: Style | None = None
    sound: SoundKeeper | None = None
    embedder: SpeakerEmbedder | None = None
    known: Sequence[Voice] = ()


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
        self._report, self._elapsed, self._on_level, self._on_times = report, elapsed, on_level, on_times
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
        self._pictures: Channel[DisplayList] = Channel(1, lambda _old, _new: True)
        self._captions = captions.start(parts.style, self._clock()) if parts.style else None
        self._picture = DisplayList()
        self._on_the_way: deque[StageTimes] = deque(maxlen=_ON_THE_WAY)
        self._scribe = Scribe(self._add, self._keep_voices, report, "" if language == "auto" else language, elapsed)
        self._adding: tuple[JournalEntry, asyncio.Future[None]] | None = None
        self._sound: list[Samples] | None = []
        self._listening: asyncio.Task[None] | None = None
        self._stopping = False
        self._partial = ""  # newest wording of the sentence being spoken
        self._written = False  # everything that was heard
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

    async def run(self) -> None:
        """Hear, write and show until the microphone ends. The journal is left open, with everything in it.

        Cancelling stops the microphone, finishes the sentence being spoken within `FINISH_S`, then raises. Cancelled
        again, it is not finished. What is dropped either way is reported.

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
                await asyncio.wait({work}, timeout=FINISH_S)
            if not self._written:
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
                show = group.create_task(self._show(self._parts.lens), name="show")
                group.create_task(self._write(show), name="write")
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None  # the others were cancelled for it
        finally:
            self._group = None

    def _post(self, outcome: Marked | Paused) -> None:
        """Send what the wearer did after what was heard; there is no more than a finger can do."""
        if self._group is not None:
            posting = self._posted(outcome)
            try:
                self._group.create_task(posting, name="control")
            except RuntimeError:  # it is being broken off and takes no more tasks
                posting.close()

    async def _posted(self, outcome: Marked | Paused) -> None:
        with contextlib.suppress(ChannelClosedError):
            await self._outcomes.put(outcome)

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

    async def _write(self, show: asyncio.Task[None]) -> None:
        """Save, report and lay out what was heard."""
        await self._caption(Status("listening"))
        try:
            while (outcome := await self._next_outcome()) is not None:
                taken_s = self._clock()
                self._partial = unfinished(outcome, self._partial)
                self._recognised = self._recognised or isinstance(outcome, Heard)
                self._refused = outcome.error if isinstance(outcome, Failed) else self._refused
                events = await self._scribe.take(outcome)
                times = outcome.times if isinstance(outcome, Heard) else None
                if times is not None:
                    times = replace(times, written_s=taken_s, saved_s=self._clock())
                for event in events:
                    await self._caption(event, times)
            self._written = True
        finally:
            self._pictures.close()
        await asyncio.wait({show}, timeout=_LAST_PICTURE_S)
        show.cancel()

    async def _next_outcome(self) -> Outcome | None:
        """What was heard next; meanwhile lines move and the lens goes dark by themselves. None at the end."""
        while True:
            style, state = self._parts.style, self._captions
            due_s = captions.due_s(state, style) if state and style else None
            try:
                return await self._outcomes.get(None if due_s is None else max(0.0, due_s - self._clock()))
            except TimeoutError:
                await self._caption(None)
            except ChannelClosedError:
                if self._stopping or not (state and captions.waits(state)):
                    return None
                await asyncio.sleep(max(0.0, (due_s or 0.0) - self._clock()))
                await self._caption(None)

    async def _caption(self, event: CaptionEvent | None, times: StageTimes | None = None) -> None:
        """Let the lens show what an event, or the time that passed, makes of the captions."""
        if self._captions is None or self._parts.style is None:
            if times is not None:
                self._on_times(times)
            return
        self._captions = captions.updated(self._captions, event, self._clock(), self._parts.style)
        picture = captions.picture(self._captions, self._parts.style)
        if picture == self._picture:
            return
        self._picture = picture
        if times is not None:
            self._on_the_way.append(replace(times, drawn_s=self._clock()))
        await self._pictures.put(picture)

    # --- show -----------------------------------------------------------------------------------------------------

    async def _show(self, lens: Lens | None) -> None:
        """Keep the lens at the newest picture."""
        told = ""
        async for picture in self._pictures:
            on_the_way = [self._on_the_way.popleft() for _ in range(len(self._on_the_way))]
            if lens is None:
                continue
            try:
                await lens.show(picture)
            except LensError as error:
                if error.message != told:
                    told = error.message
                    self._tell(error)
                continue
            shown_s = self._clock()
            for times in on_the_way:
                self._on_times(replace(times, shown_s=shown_s))

    def _tell_dropped(self) -> None:
        what = f"what was being said is dropped: {self._partial}" if self._partial else ""
        message = what or "sound that was not recognised yet is dropped"
        self._report(Notice(t=self._elapsed(), code="dropped", message=message))

    def _tell(self, error: HostError) -> None:
        self._report(ErrorReport(t=self._elapsed(), code=error.code, message=error.message, hint=error.hint))

    async def _add(self, entry: JournalEntry) -> None:
        """Save an entry. One that is on its way is waited for, not sent twice, even if whoever waited was cancelled."""
        if self._adding is None or self._adding[0] is not entry:
            self._adding = entry, asyncio.ensure_future(asyncio.to_thread(self._parts.journal.add, entry))
        adding = self._adding[1]
        try:
            await asyncio.shield(adding)
        finally:
            if adding.done():
                self._adding = None

    async def _keep_voices(self, model: str, voices: Sequence[Voice], merged: Mapping[str, str]) -> None:
        await asyncio.to_thread(self._parts.journal.keep_voices, model, voices, merged)
