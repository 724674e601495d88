"""Live captions and a saved transcript: glasses or a file, a recogniser, captions and the store, put together."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from firmware_bridge import Glasses, Tap
from host.app.bound import glasses_if_any, notice_of_others
from host.app.exports import exported
from host.app.glasses import GlassesLens, compute_reporter, report_battery, report_states
from host.app.in_use import alone_with
from host.app.lens_pictures import LensPictures
from host.app.lens_text import letters_notice, text_font
from host.app.sound_heard import AUDIO_GLASSES, check, is_live, microphone, own_microphone
from host.app.taps import follow_taps
from host.app.voices import Telling, open_voices
from host.audio import FileMicrophone
from host.awake import awake
from host.backends import registry
from host.computer_microphone import ComputerMicrophone
from host.config import Settings
from host.contracts import Lens, Microphone, Recogniser, SpeechInterpreter
from host.errors import HostError
from host.events import ErrorReport, Event, Notice, Saved
from host.lens.shape import LensShape
from host.link_record import LinkRecord
from host.paths import data_folder
from host.store.audio import AudioFile, audio_path
from host.store.export import format_of, save
from host.store.journal import SqliteJournal
from host.store.transcripts import Transcripts
from host.transcribe.bilingual_captions import BilingualStyle
from host.transcribe.captions import Style
from host.transcribe.pipeline import Parts, Transcription
from host.transcribe.times import StageTimes

__all__ = ["Observer", "Request", "Translating", "caption_style", "transcribe", "transcribe_worn"]

_LIT_S = 0.1
"""From the glasses having the last picture to its being lit, twice over: two frames of the display and its clearing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for.

    Attributes:
        settings: from configuration, environment and flags.
        audio: `AUDIO_GLASSES`, `AUDIO_COMPUTER`, or a sound file.
        out: where the transcript is exported to at the end, in the format of its extension; None for the store only.
        replace: whether `out` and earlier pictures in `lens_out` may be replaced.
        record: where the link is recorded to; None for nowhere.
        title: of the transcript; empty for the one that is made from how it begins.
        lens_out: folder for pictures and a film of the lens of emulated glasses; None for none.
    """

    settings: Settings
    audio: str = AUDIO_GLASSES
    out: Path | None = None
    replace: bool = False
    record: LinkRecord | None = None
    title: str = ""
    lens_out: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """Who is told what happens; none of the calls may block.

    Attributes:
        event: gets every event, in order.
        elapsed: seconds since the program started, for the events.
        level: gets the loudness of the sound in dB below full scale, ten times a second.
        times: gets the way of each hypothesis through the stages.
        connected: gets the glasses once they are ready, to look at while they are open.
        running: gets the recording as it begins, to set bookmarks and to pause.
        assisting: gets what begins an action of everyday mode by its name, and says what is done or raises ActionError.
    """

    event: Callable[[Event], None]
    elapsed: Callable[[], float]
    level: Callable[[float], None] = lambda _db: None
    times: Callable[[StageTimes], None] = lambda _times: None
    connected: Callable[[Glasses], None] = lambda _glasses: None
    running: Callable[[Transcription], None] = lambda _transcription: None
    assisting: Callable[[Callable[[str], str]], None] = lambda _do: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Translating:
    """What translates a transcription.

    Attributes:
        interpreter: ready.
        style: of a lens so many pixels wide and high.
    """

    interpreter: SpeechInterpreter
    style: Callable[[LensShape], BilingualStyle]


async def transcribe(
    request: Request, observer: Observer, translating: AbstractAsyncContextManager[Translating] | None = None
) -> int:
    """Write down and show what is said, until the sound ends or until cancelled; the number of the transcript.

    Whatever ends it: what was heard is saved, exported, and reported as `Saved`. If it is cancelled or fails before
    anything was heard, no transcript is left.

    Raises:
        UsageError: settings that do not fit together; nothing was started.
        HostError: no recogniser, no sound, or a store that cannot be used.
        GlassesError: the glasses cannot be reached, or stay away for good.
    """
    settings = request.settings
    check(request)
    async with contextlib.AsyncExitStack() as stack:
        speech = await _speech(request, translating, stack)
        glasses = glasses_if_any(settings.glasses, request.record)
        pictures = LensPictures(glasses, request.lens_out) if glasses and request.lens_out else None
        if glasses is not None:
            await _connect(glasses, settings.glasses, observer, stack)
        if is_live(request) and not await stack.enter_async_context(awake("recording a transcript")):
            message = "this computer may go to sleep while it records"
            observer.event(
                Notice(t=observer.elapsed(), code="may-sleep", message=message, hint="Keep it from sleeping")
            )
        lens = GlassesLens(glasses) if glasses else None
        taps = glasses.taps() if glasses else None
        return await _written_down(speech, request, observer, glasses, lens, taps=taps, pictures=pictures)


async def transcribe_worn(
    request: Request,
    observer: Observer,
    translating: AbstractAsyncContextManager[Translating] | None,
    glasses: Glasses,
    lens: Lens,
    *,
    sound: Microphone,
) -> int:
    """As `transcribe`, with glasses that are open and somebody else looks after: their link, charge and taps.

    Args:
        request: what was asked for.
        observer: is told what happens.
        translating: what translates; None where nothing does.
        glasses: that are open.
        lens: that captions are shown on.
        sound: that is heard.
    """
    check(request)
    async with contextlib.AsyncExitStack() as stack:
        speech = await _speech(request, translating, stack)
        return await _written_down(speech, request, observer, glasses, lens, sound=sound)


@dataclass(frozen=True, slots=True)
class _Speech:
    """What is heard without the glasses, and what recognises and translates it, loaded."""

    own: ComputerMicrophone | FileMicrophone | None
    recogniser: Recogniser
    notices: list[Notice]
    telling: Telling
    translation: Translating | None


async def _speech(
    request: Request, translating: AbstractAsyncContextManager[Translating] | None, stack: contextlib.AsyncExitStack
) -> _Speech:
    """Load it; it is closed with the stack."""
    settings = request.settings
    own = own_microphone(request)
    translation = await stack.enter_async_context(translating) if translating else None
    telling = await open_voices(settings, compute_reporter(settings.glasses))
    if telling.embedder is not None:
        stack.push_async_callback(telling.embedder.close)
    spoken = replace(settings, speaker_model=telling.own)  # what the recogniser's own library is to use
    recogniser, notices = await stack.enter_async_context(_recogniser(spoken))
    return _Speech(own, recogniser, [*notices, *telling.notices], telling, translation)


async def _written_down(
    speech: _Speech,
    request: Request,
    observer: Observer,
    glasses: Glasses | None,
    lens: Lens | None,
    *,
    taps: AsyncIterator[Tap] | None = None,
    pictures: LensPictures | None = None,
    sound: Microphone | None = None,
) -> int:
    """Write down and show what is said; as `transcribe`."""
    settings, translation, recogniser = request.settings, speech.translation, speech.recogniser
    notices = list(speech.notices)
    if lens is not None and translation is None and (unseen := letters_notice(settings.language)) is not None:
        notices.append(unseen)
    for notice in notices:  # once nothing else can stop it: an error is not to be sought among them
        observer.event(replace(notice, t=observer.elapsed()))
    style = _style(settings, lens, translation) if lens is not None else None
    if style is not None and not recogniser.info.local:
        style = replace(style, sign="sound goes online")
    async with contextlib.AsyncExitStack() as stack:
        if pictures is not None:
            stack.enter_context(pictures)
        journal = stack.enter_context(_transcript(request, observer))
        heard = sound or microphone(settings, glasses, speech.own)
        parts = Parts(
            microphone=heard,
            live=is_live(request),
            recogniser=recogniser,
            voice=None if recogniser.info.segments else registry.voice_activity(),
            journal=journal,
            lens=lens,
            style=style,
            sound=_sound(settings, journal, heard, stack, observer),
            embedder=speech.telling.embedder,
            known=speech.telling.known,
            interpreter=translation.interpreter if translation else None,
        )
        transcription = Transcription(
            parts,
            settings.language,
            pictures.watching(observer.event, translated=translation is not None) if pictures else observer.event,
            elapsed=observer.elapsed,
            on_level=observer.level,
            on_times=observer.times,
        )
        if taps is not None:
            await stack.enter_async_context(_reporting(_taps(taps, transcription, translation)))
        observer.running(transcription)
        await transcription.run()
        if pictures is not None:
            await asyncio.sleep(_LIT_S)
        return journal.id


def _style(settings: Settings, lens: Lens, translation: Translating | None) -> Style | BilingualStyle:
    return translation.style(lens.shape) if translation else caption_style(settings, lens.shape)


def _taps(
    taps: AsyncIterator[Tap], running: Transcription, translation: Translating | None
) -> Coroutine[None, None, None]:
    """What taps do: while it is translated one shows the originals, and three set a bookmark."""
    if translation is None:
        return follow_taps(taps, running.bookmark, running.toggle_pause)
    originals = running.toggle_originals
    return follow_taps(taps, lambda _at_s: originals(), running.toggle_pause, running.bookmark)


def caption_style(settings: Settings, shape: LensShape) -> Style:
    """How captions look on a lens.

    Frame's font has one size. "large" is what makes it easier to read: two lines at most, further apart, with more
    room between letters. A language that is drawn as glyphs has larger letters, too.
    """
    large = settings.captions_size == "large"
    style = Style(
        font=text_font(settings.language, shape, spacing=6 if large else 4, large=large),
        shape=shape,
        lines=min(settings.captions_lines, 2) if large else settings.captions_lines,
        line_gap=shape.gap * 7 // 3 if large else shape.gap,
        dark_after_s=settings.captions_dark_after_s,
    )
    return replace(style, tail="white", note="white") if settings.captions_contrast == "high" else style


@contextlib.asynccontextmanager
async def _recogniser(settings: Settings) -> AsyncIterator[tuple[Recogniser, list[Notice]]]:
    """The recogniser that was asked for or is best here, loaded; and what to tell of it and of why it was taken."""
    opened = await registry.open_recogniser(settings, os.environ, on_cpu=compute_reporter(settings.glasses))
    taken = f"speech is recognised by {opened.recogniser.info.name}: {opened.why}"
    try:
        yield opened.recogniser, [Notice(t=0.0, code="recogniser", message=taken), *opened.notices]
    finally:
        await opened.recogniser.close()


async def _connect(glasses: Glasses, uri: str, observer: Observer, stack: contextlib.AsyncExitStack) -> None:
    """Connect; states and battery are reported from here on."""
    stack.enter_context(alone_with(uri))
    await stack.enter_async_context(_reporting(report_states(glasses, observer.event, observer.elapsed)))
    await stack.enter_async_context(glasses)
    if (notice := notice_of_others(glasses, uri, observer.elapsed())) is not None:
        observer.event(notice)
    observer.connected(glasses)
    await stack.enter_async_context(_reporting(report_battery(glasses, observer.event, observer.elapsed)))


@contextlib.asynccontextmanager
async def _reporting(report: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """A task that reports beside what is done here."""
    task = asyncio.create_task(report)
    await asyncio.sleep(0)  # it hears of what happens from here on
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


@contextlib.contextmanager
def _transcript(request: Request, observer: Observer) -> Iterator[SqliteJournal]:
    """A new transcript; at the end it is closed, exported and reported, or discarded if nothing came of it."""
    journal = SqliteJournal.open(data_folder(), datetime.now().astimezone(), request.title)
    ended = False
    try:
        yield journal
        ended = True
    finally:
        if not journal.empty or audio_path(data_folder(), journal.id).exists():
            _leave(journal, request, observer)
        elif ended:
            observer.event(_notice(observer, "nothing-heard", "no words were heard; the transcript is empty"))
            _leave(journal, request, observer)
        else:
            with _told(observer):
                journal.discard()
            observer.event(_notice(observer, "nothing-heard", "nothing was heard, so no transcript is kept"))


def _sound(
    settings: Settings,
    journal: SqliteJournal,
    microphone: Microphone,
    stack: contextlib.AsyncExitStack,
    observer: Observer,
) -> AudioFile | None:
    """The file that the sound is kept in, if it is to be kept."""
    if not settings.keep_audio:
        return None
    sound = AudioFile(data_folder(), journal.id, microphone.rate_hz)

    def close() -> None:
        with _told(observer):
            sound.close()

    stack.callback(close)
    return sound


def _leave(journal: SqliteJournal, request: Request, observer: Observer) -> None:
    """Close the journal, export it, and say where it is. What goes wrong is reported; the transcript is safe."""
    with _told(observer):
        journal.close()
    path = journal.path
    if request.out is not None:
        with _told(observer), contextlib.closing(Transcripts.open(data_folder())) as store:
            transcript = exported(store.get(journal.id), store.entries(journal.id), format_of(request.out))
            save(transcript, request.out, replace=request.replace)
            path = request.out
    observer.event(Saved(t=observer.elapsed(), id=journal.id, path=str(path)))


def _notice(observer: Observer, code: str, message: str) -> Notice:
    return Notice(t=observer.elapsed(), code=code, message=message)


@contextlib.contextmanager
def _told(observer: Observer) -> Iterator[None]:
    """Report an error of the store and go on."""
    try:
        yield
    except HostError as error:
        observer.event(ErrorReport(t=observer.elapsed(), code=error.code, message=error.message, hint=error.hint))
