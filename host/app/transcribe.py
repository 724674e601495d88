"""Live captions and a saved transcript: glasses or a file, a recogniser, captions and the store, put together."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from firmware_bridge import Glasses
from host.app.glasses import (
    NO_GLASSES,
    GlassesLens,
    GlassesMicrophone,
    frame_font,
    report_battery,
    report_states,
)
from host.app.lens_pictures import LensPictures
from host.app.real_time import InRealTime
from host.audio import FileMicrophone
from host.backends import registry
from host.config import Settings
from host.contracts import Microphone, Recogniser
from host.errors import HostError, UsageError
from host.events import ErrorReport, Event, Notice, Saved
from host.paths import data_folder
from host.store.audio import AudioFile
from host.store.export import format_of, render, save
from host.store.journal import SqliteJournal
from host.store.transcripts import Transcripts
from host.transcribe.captions import Style
from host.transcribe.pipeline import Parts, Transcription
from host.transcribe.times import StageTimes

__all__ = ["AUDIO_GLASSES", "Observer", "Request", "caption_style", "transcribe"]

AUDIO_GLASSES = "glasses"
"""`--audio` for the microphone of the glasses."""


_LIT_S = 0.1
"""From the glasses having the last picture to its being lit, twice over: two frames of the display and its clearing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for.

    Attributes:
        settings: from configuration, environment and flags.
        audio: `AUDIO_GLASSES`, or a sound file.
        out: where the transcript is exported to at the end, in the format of its extension; None for the store only.
        replace: whether a file that is there may be replaced.
        record: file that all traffic with the glasses is recorded to, without voice; None for no recording.
        title: of the transcript; empty for the one that is made from when it began and how.
        lens_out: folder for pictures and a film of the lens of emulated glasses; None for none.
    """

    settings: Settings
    audio: str = AUDIO_GLASSES
    out: Path | None = None
    replace: bool = False
    record: Path | None = None
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
    """

    event: Callable[[Event], None]
    elapsed: Callable[[], float]
    level: Callable[[float], None] = lambda _db: None
    times: Callable[[StageTimes], None] = lambda _times: None
    connected: Callable[[Glasses], None] = lambda _glasses: None


async def transcribe(request: Request, observer: Observer) -> int:
    """Write down and show what is said, until the sound ends or until cancelled; the number of the transcript.

    Whatever ends it once sound was heard: what was heard is saved, exported, and reported as `Saved`.

    Raises:
        UsageError: settings that do not fit together; nothing was started.
        HostError: no recogniser, no sound, or a store that cannot be used.
        GlassesError: the glasses cannot be reached, or stay away for good.
    """
    settings = request.settings
    _check(request)
    async with contextlib.AsyncExitStack() as stack:
        file = None if request.audio == AUDIO_GLASSES else FileMicrophone(Path(request.audio))
        recogniser = await stack.enter_async_context(_recogniser(settings, observer))
        voice = None if recogniser.info.segments else registry.voice_activity()
        glasses = await _glasses(request, observer, stack)
        style = caption_style(settings, glasses.info.width, glasses.info.height) if glasses else None
        if style is not None and not recogniser.info.local:
            style = replace(style, sign="sound goes online")
        pictures = _pictures(glasses, request, stack)
        journal = _journal(request.title)
        stack.callback(_leave, journal, request, observer)
        microphone = _microphone(settings, glasses, file)
        parts = Parts(
            microphone=microphone,
            live=file is None and settings.glasses.strip().lower().startswith("ble:"),
            recogniser=recogniser,
            voice=voice,
            journal=journal,
            lens=GlassesLens(glasses) if glasses else None,
            style=style,
            sound=_sound(settings, journal, microphone, stack, observer),
        )
        await Transcription(
            parts,
            settings.language,
            pictures.watching(observer.event) if pictures else observer.event,
            elapsed=observer.elapsed,
            on_level=observer.level,
            on_times=observer.times,
        ).run()
        if pictures is not None:
            await asyncio.sleep(_LIT_S)
        return journal.id


def caption_style(settings: Settings, width: int, height: int) -> Style:
    """How captions look on a lens of `width` x `height` pixels.

    The glasses' font has one size. "large" is what makes it easier to read: two lines at most, further apart, with more
    room between letters.
    """
    large = settings.captions_size == "large"
    style = Style(
        font=frame_font(spacing=6 if large else 4),
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
        raise UsageError("without glasses there is no microphone", "Add --audio FILE, or name glasses with --glasses")
    if request.audio == "mic":
        raise UsageError("the computer's microphone cannot be used yet", "Use --audio glasses, or --audio FILE")
    if request.out is not None:
        format_of(request.out)
        if request.out.exists() and not request.replace:
            raise UsageError(f"{request.out} is there already", "Add --force to replace it")
        if not request.out.parent.is_dir():
            raise UsageError(f"there is no folder {request.out.parent}", "Make it first, or write to another place")
    Transcripts.open(data_folder()).close()


@contextlib.asynccontextmanager
async def _recogniser(settings: Settings, observer: Observer) -> AsyncIterator[Recogniser]:
    """The recogniser that was asked for or is best here, loaded; which one and why is told."""
    opened = await registry.open_recogniser(settings, os.environ, on_cpu=_charged(settings))
    recogniser = opened.recogniser
    try:
        taken = f"speech is recognised by {recogniser.info.name}: {opened.why}"
        for notice in (Notice(t=0.0, code="recogniser", message=taken), *opened.notices):
            observer.event(replace(notice, t=observer.elapsed()))
        yield recogniser
    finally:
        await recogniser.close()


def _charged(settings: Settings) -> Callable[[float], None] | None:
    """In virtual time that charges for computing, the model's own process is charged for too."""
    if not settings.glasses.strip().lower().startswith("emulator:"):
        return None
    from firmware_bridge.emulator import report_compute  # noqa: PLC0415 - an extra

    return report_compute


async def _glasses(request: Request, observer: Observer, stack: contextlib.AsyncExitStack) -> Glasses | None:
    """The glasses, connected, with their states and battery reported; None where none are wanted."""
    uri = request.settings.glasses.strip()
    if uri.lower() == NO_GLASSES:
        return None
    glasses = Glasses.open(uri, record=request.record)
    await stack.enter_async_context(_reporting(report_states(glasses, observer.event, observer.elapsed)))
    await stack.enter_async_context(glasses)
    observer.connected(glasses)
    await stack.enter_async_context(_reporting(report_battery(glasses, observer.event, observer.elapsed)))
    return glasses


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


def _pictures(glasses: Glasses | None, request: Request, stack: contextlib.AsyncExitStack) -> LensPictures | None:
    """Pictures of the lens, if they are wanted."""
    if request.lens_out is None:
        return None
    if glasses is None:
        raise UsageError("without glasses there is no lens to picture", "Leave --lens-out out, or name glasses")
    return stack.enter_context(LensPictures(glasses, request.lens_out))


def _journal(title: str) -> SqliteJournal:
    """A new transcript with that title. Raises UsageError: it cannot be a title."""
    journal = SqliteJournal.open(data_folder(), datetime.now().astimezone())
    if title:
        with contextlib.closing(Transcripts.open(data_folder())) as store:
            try:
                store.rename(journal.id, title)
            except HostError:
                journal.close()
                store.delete([journal.id])
                raise
    return journal


def _microphone(settings: Settings, glasses: Glasses | None, file: FileMicrophone | None) -> Microphone:
    if file is not None:
        return InRealTime(file) if glasses else file
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
            transcript = render(store.get(journal.id), store.entries(journal.id), format_of(request.out))
            save(transcript, request.out, replace=request.replace)
            path = request.out
    observer.event(Saved(t=observer.elapsed(), id=journal.id, path=str(path)))


@contextlib.contextmanager
def _told(observer: Observer) -> Iterator[None]:
    """Report an error of the store and go on."""
    try:
        yield
    except HostError as error:
        observer.event(ErrorReport(t=observer.elapsed(), code=error.code, message=error.message, hint=error.hint))
