"""Live captions and a saved transcript: glasses or a file, a recogniser, captions and the store, put together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shlex
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from firmware_bridge import Glasses, loop_for
from host.app.bound import glasses_if_any, notice_of_others
from host.app.exports import exported
from host.app.glasses import (
    NO_GLASSES,
    GlassesLens,
    GlassesMicrophone,
    compute_reporter,
    frame_font,
    report_battery,
    report_states,
)
from host.app.lens_pictures import LensPictures, require_pictures
from host.app.lens_text import letters_notice, text_font
from host.app.real_time import InRealTime
from host.app.taps import follow_taps
from host.app.voices import open_voices
from host.audio import FileMicrophone
from host.awake import awake
from host.backends import registry
from host.computer_microphone import ComputerMicrophone
from host.config import Settings
from host.contracts import Microphone, Recogniser, SpeechInterpreter
from host.errors import HostError, UsageError
from host.events import ErrorReport, Event, Notice, Saved
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

__all__ = ["AUDIO_COMPUTER", "AUDIO_GLASSES", "Observer", "Request", "Translating", "caption_style", "transcribe"]

AUDIO_GLASSES = "glasses"
"""`--audio` for the microphone of the glasses."""

AUDIO_COMPUTER = "mic"
"""`--audio` for the microphone of this computer."""


_SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")

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
    """

    event: Callable[[Event], None]
    elapsed: Callable[[], float]
    level: Callable[[float], None] = lambda _db: None
    times: Callable[[StageTimes], None] = lambda _times: None
    connected: Callable[[Glasses], None] = lambda _glasses: None
    running: Callable[[Transcription], None] = lambda _transcription: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Translating:
    """What translates a transcription.

    Attributes:
        interpreter: ready.
        style: of a lens so many pixels wide and high.
    """

    interpreter: SpeechInterpreter
    style: Callable[[int, int], BilingualStyle]


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
    _check(request)
    async with contextlib.AsyncExitStack() as stack:
        translation = await stack.enter_async_context(translating) if translating else None
        own = _own_microphone(request)
        telling = await open_voices(settings, compute_reporter(settings.glasses))
        if telling.embedder is not None:
            stack.push_async_callback(telling.embedder.close)
        spoken = replace(settings, speaker_model=telling.own)  # what the recogniser's own library is to use
        recogniser, notices = await stack.enter_async_context(_recogniser(spoken))
        voice = None if recogniser.info.segments else registry.voice_activity()
        glasses = glasses_if_any(settings.glasses, request.record)
        pictures = LensPictures(glasses, request.lens_out) if glasses and request.lens_out else None
        if glasses is not None:
            await _connect(glasses, settings.glasses, observer, stack)
        notices += telling.notices
        if glasses is not None and translation is None and (unseen := letters_notice(settings.language)) is not None:
            notices.append(unseen)
        for notice in notices:  # once nothing else can stop it: an error is not to be sought among them
            observer.event(replace(notice, t=observer.elapsed()))
        style = _style(settings, glasses, translation) if glasses else None
        if style is not None and not recogniser.info.local:
            style = replace(style, sign="sound goes online")
        if _is_live(request) and not await stack.enter_async_context(awake("recording a transcript")):
            message = "this computer may go to sleep while it records"
            observer.event(
                Notice(t=observer.elapsed(), code="may-sleep", message=message, hint="Keep it from sleeping")
            )
        if pictures is not None:
            stack.enter_context(pictures)
        journal = stack.enter_context(_transcript(request, observer))
        microphone = _microphone(settings, glasses, own)
        parts = Parts(
            microphone=microphone,
            live=_is_live(request),
            recogniser=recogniser,
            voice=voice,
            journal=journal,
            lens=GlassesLens(glasses) if glasses else None,
            style=style,
            sound=_sound(settings, journal, microphone, stack, observer),
            embedder=telling.embedder,
            known=telling.known,
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
        if glasses is not None:
            await stack.enter_async_context(_reporting(_taps(glasses, transcription, translation)))
        observer.running(transcription)
        await transcription.run()
        if pictures is not None:
            await asyncio.sleep(_LIT_S)
        return journal.id


def _style(settings: Settings, glasses: Glasses, translation: Translating | None) -> Style | BilingualStyle:
    width, height = glasses.info.width, glasses.info.height
    return translation.style(width, height) if translation else caption_style(settings, width, height)


def _taps(glasses: Glasses, running: Transcription, translation: Translating | None) -> Coroutine[None, None, None]:
    """What taps do: while it is translated one shows the originals, and three set a bookmark."""
    if translation is None:
        return follow_taps(glasses.taps(), running.bookmark, running.toggle_pause)
    originals = running.toggle_originals
    return follow_taps(glasses.taps(), lambda _at_s: originals(), running.toggle_pause, running.bookmark)


def caption_style(settings: Settings, width: int, height: int) -> Style:
    """How captions look on a lens of `width` x `height` pixels.

    The glasses' font has one size. "large" is what makes it easier to read: two lines at most, further apart, with more
    room between letters. A language that is drawn as glyphs has larger letters, too.
    """
    large = settings.captions_size == "large"
    style = Style(
        font=text_font(settings.language, frame_font(spacing=6 if large else 4), large=large),
        width=width,
        height=height,
        lines=min(settings.captions_lines, 2) if large else settings.captions_lines,
        line_gap=28 if large else 12,
        dark_after_s=settings.captions_dark_after_s,
    )
    return replace(style, tail="white", note="white") if settings.captions_contrast == "high" else style


def _check(request: Request) -> None:
    """Find out before anything is started whether it can be finished."""
    no_glasses = request.settings.glasses.strip().lower() == NO_GLASSES
    if no_glasses and request.audio == AUDIO_GLASSES:
        raise UsageError("without glasses there is no microphone", "Add --audio mic or --audio FILE, or name glasses")
    if not no_glasses and Path(request.settings.glasses).suffix.lower() in _SOUND_SUFFIXES:
        _no_sound_file(request.settings.glasses)
    if request.audio == AUDIO_COMPUTER and _is_virtual(request.settings):
        raise UsageError("the computer's microphone cannot be sped up", "Leave speed=max out of --glasses")
    if request.out is not None:
        format_of(request.out)
        if request.out.exists() and not request.replace:
            raise UsageError(f"{request.out} is there already", "Add --force to replace it")
        if not request.out.parent.is_dir():
            raise UsageError(f"there is no folder {request.out.parent}", "Make it first, or write to another place")
    recorded = request.record is not None
    require_pictures(request.lens_out, glasses=not no_glasses, recorded=recorded, replace=request.replace)
    Transcripts.open(data_folder()).close()


def _no_sound_file(address: str) -> None:
    """Refuse a sound file given as glasses, and say what is meant. An address of glasses passes."""
    if re.match(r"\s*[a-z]{2,}:", address, re.IGNORECASE):  # one letter is a drive
        return
    quoted = shlex.quote(f"emulator:frame?mic={address.replace('%', '%25').replace('&', '%26')}")
    raise UsageError(
        f"{address} is a sound file, not glasses",
        f"To play it to emulated glasses write --glasses {quoted}; to leave the glasses out, "
        f"--audio {shlex.quote(address)} --glasses none",
    )


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


def _own_microphone(request: Request) -> ComputerMicrophone | FileMicrophone | None:
    """What is heard without the glasses; None where they are to listen."""
    if request.audio == AUDIO_GLASSES:
        return None
    if request.audio == AUDIO_COMPUTER:
        return ComputerMicrophone(request.settings.audio_device)
    return FileMicrophone(Path(request.audio))


def _is_live(request: Request) -> bool:
    """Whether sound comes when it is spoken and does not wait."""
    real = request.settings.glasses.strip().lower().startswith("ble:")
    return request.audio == AUDIO_COMPUTER or (request.audio == AUDIO_GLASSES and real)


def _is_virtual(settings: Settings) -> bool:
    return loop_for(settings.glasses) is not asyncio.new_event_loop


def _microphone(
    settings: Settings, glasses: Glasses | None, own: ComputerMicrophone | FileMicrophone | None
) -> Microphone:
    if isinstance(own, ComputerMicrophone):
        return own
    if own is not None:
        return InRealTime(own) if glasses else own
    assert glasses is not None, "checked before"  # noqa: S101
    return GlassesMicrophone(glasses, rate_hz=settings.audio_rate_hz, bits=settings.audio_bits)


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
