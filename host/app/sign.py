"""Signs and menus translated: from photos or the glasses' camera to texts in the terminal and pages on the lens."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from firmware_bridge import DeviceError, Glasses, GlassesError, LinkTimeoutError, RemoteProtocolError
from host.app.capture import Shot, capture, photo_event
from host.app.glasses import NO_GLASSES, compute_reporter
from host.app.read import Reading, loaded, read_picture, require_text
from host.app.sign_lens import SignLens
from host.app.translate import Observer, Request, check, interpreter, load_glossary
from host.app.wishes import Wishes
from host.app.worn import LIT_S, worn
from host.backends.readers import barcode_reader, open_reader
from host.contracts import Translation
from host.errors import BackendError, BackendMissingError, HostError, LensError, NoTextError, UsageError
from host.events import ErrorReport, Notice
from host.events import Translation as TranslationEvent
from host.languages import LANGUAGES
from host.read.quality import Advice
from host.read.reader import BarcodeReader, Reader
from host.translate.pipeline import AUTO
from host.translate.sign import SignInterpreter, TranslatedPassage, bounded

__all__ = [
    "CUT_OFF",
    "MAX_CODE",
    "SignReader",
    "cut_off",
    "sign_reader",
    "translate_camera",
    "translate_once",
    "translate_photos",
    "untranslated",
]

MAX_CODE: Final = 300
"""Characters of a QR code that are shown."""

CUT_OFF: Final = "text is cut off at the edge of the photo"

_EDGE: Final = 0.2  # of a line's height: so near the photo's edge it may have lost letters

_AGAIN: Final = (HostError, DeviceError, RemoteProtocolError, LinkTimeoutError)
"""What may go better with the next photo, but for a lens that cannot be drawn on and what is not installed."""


async def translate_photos(photos: Sequence[Path], request: Request, observer: Observer, wishes: Wishes) -> int:
    """Read and translate photos in files, tell, and show them; how many failed, which is 0 where there is only one.

    Raises:
        UsageError: settings that do not fit together; nothing was started.
        HostError: no reader or translator, or the only photo cannot be read or translated.
        GlassesError: the glasses cannot be reached, or stay away for good.
    """
    failed = 0
    async with _opened(request, observer, wishes) as (signs, _, lens):
        for path in photos:
            passages: Sequence[TranslatedPassage] = ()
            try:
                reading = await _read_file(path, signs, observer)
                passages = await signs.translated(reading)
                error = untranslated(passages)
            except HostError as caught:
                error = caught
            if lens is not None and passages:
                await lens.leave(passages, wishes, error)
            if error is not None:
                if len(photos) == 1 or isinstance(error, BackendMissingError):
                    raise error
                failed += 1
                message = f"{path.name}: {error.message}" if path.name not in error.message else error.message
                observer.event(replace(_report_of(error, observer.elapsed()), message=message))
    return failed


async def translate_camera(request: Request, observer: Observer, wishes: Wishes, *, once: bool) -> None:
    """Photograph with the glasses and translate, at once and whenever a new photo is wanted, until cancelled.

    What goes wrong with one photo is told, here and on the lens, and the next may be taken. Whatever ends it, the lens
    is dark, and the camera asleep within three seconds.

    Args:
        request: what was asked for; with glasses.
        observer: is told what happens.
        wishes: of the wearer.
        once: one photo, whose pages turn by themselves; what goes wrong is raised.

    Raises:
        UsageError: settings that do not fit together; nothing was started.
        HostError: no reader.
        GlassesError: the glasses cannot be reached, or stay away for good.
    """
    if request.glasses == NO_GLASSES:
        raise UsageError("without glasses there is no camera", "Leave --glasses none out, or add --photo FILE")
    async with _opened(request, observer, wishes) as (signs, glasses, lens):
        assert glasses is not None and lens is not None, "there are glasses"  # noqa: S101, PT018
        if once:
            await translate_once(glasses, lens, signs, observer, wishes)
            return
        while True:
            try:
                passages = await _look_at(glasses, lens, signs, observer, wishes)
            except _AGAIN as failure:
                if isinstance(failure, LensError | BackendMissingError):
                    raise
                observer.event(_report_of(failure, observer.elapsed()))
                wishes.forget()
                await lens.turn((), wishes, failure)
                continue
            error = untranslated(passages)
            if error is not None:
                observer.event(_report_of(error, observer.elapsed()))
            await lens.turn(passages, wishes, error)


async def translate_once(
    glasses: Glasses, lens: SignLens, signs: SignReader, observer: Observer, wishes: Wishes
) -> None:
    """Photograph, translate, and show it for as long as that takes to read; the camera is asleep by then.

    Raises:
        HostError, DeviceError, RemoteProtocolError, LinkTimeoutError: there is nothing; the next photo may have more.
        GlassesError: the glasses are out of reach for good.
    """
    passages = await _look_at(glasses, lens, signs, observer, wishes)
    error = untranslated(passages)
    await lens.leave(passages, wishes, error)
    if error is not None:
        raise error


class SignReader:
    """What is in photos, in another language: reads, translates, and reports each passage."""

    def __init__(
        self, reader: Reader, barcodes: BarcodeReader | None, signs: SignInterpreter, observer: Observer, target: str
    ) -> None:
        """Use what is open; `target` is the language (ISO 639-1) that `signs` translates into."""
        self.reader, self.barcodes = reader, barcodes
        self._signs, self._observer, self._target = signs, observer, target

    async def translated(self, reading: Reading, lens: SignLens | None = None) -> list[TranslatedPassage]:
        """All passages of a photo in reading order, then its QR codes; reported, and shown on the lens, as they come.

        Raises:
            NoTextError: there is nothing to read in it.
            BackendMissingError: what would tell its language is not installed.
        """
        codes = _codes(reading)
        if not codes:
            self._require_text(reading)
        if cut_off(reading):
            how = "Go back or turn until it is all in the photo" if lens is not None else "Take one with more around it"
            self._note("cut-off", CUT_OFF, how)
        blocks, left_out = bounded(reading.blocks)
        letters = sum(len(passage.text) for block in blocks for passage in block) + sum(map(len, codes))
        done: list[TranslatedPassage] = []
        async for passage in self._signs.translate(blocks):
            done.append(passage)
            self._told(passage)
            if lens is not None:
                await lens.growing(done, letters)
        for code in codes:
            done.append(TranslatedPassage(code, "", Translation(code, self._target)))
            self._told(done[-1])
        if left_out:
            self._note(
                "left-out", f"{left_out} passages of the photo are left out: it has more text than is translated"
            )
        self._remark(done)
        return done

    def _require_text(self, reading: Reading) -> None:
        try:
            require_text(reading)
        except NoTextError as error:
            if reading.advice is None and self.reader.info.scripts and self._signs.source == AUTO:
                other = (
                    f"{error.hint}; if its letters are of a script that {self.reader.info.name} does not read: --from"
                )
                raise NoTextError(error.message, other) from error
            raise

    def _told(self, passage: TranslatedPassage) -> None:
        translation = passage.translation
        self._observer.event(
            TranslationEvent(
                t=self._observer.elapsed(),
                source=passage.source,
                target=translation.text,
                from_=passage.language,
                to=translation.language,
                backend=translation.translator,
                uncertain=translation.uncertain,
                reason="; ".join(translation.doubts),
                keep_source=not passage.kept,
                missing=translation.missing,
            )
        )

    def _remark(self, done: Sequence[TranslatedPassage]) -> None:
        """Say what has no translation, each kind of reason once; `untranslated` has the one of a sign that has none."""
        errors = _errors(done)
        if untranslated(done) is None:
            for error in errors:
                self._note(error.code, error.message, error.hint)
        if not errors and done and not any(passage.translation.translator for passage in done):
            words = any(passage.language for passage in done)
            name = LANGUAGES.get(self._target, self._target)
            told = f"what it says is in {name} already" if words else "there are no words in it to translate"
            self._note("nothing-to-translate", told)

    def _note(self, code: str, message: str, hint: str = "") -> None:
        self._observer.event(Notice(t=self._observer.elapsed(), code=code, message=message, hint=hint))


def cut_off(reading: Reading) -> bool:
    """Whether a line of text stands at the photo's edge, so that letters or words of it may be missing."""
    return any(
        line.box.left < _EDGE * line.height
        or line.box.right > reading.width - _EDGE * line.height
        or line.box.top < 0
        or line.box.bottom > reading.height
        for line in reading.lines
    )


def untranslated(passages: Sequence[TranslatedPassage]) -> HostError | None:
    """Why nothing of a sign could be translated; None where something was, or where there was nothing to translate."""
    if any(passage.translation.translator for passage in passages):
        return None
    return next(iter(_errors(passages)), None)


def _errors(passages: Sequence[TranslatedPassage]) -> list[HostError]:
    """The first error of each kind; that of a translator that failed goes first."""
    kinds = {type(passage.error): passage.error for passage in reversed(passages) if passage.error is not None}
    return sorted(kinds.values(), key=lambda error: not isinstance(error, BackendError))


@contextlib.asynccontextmanager
async def _opened(
    request: Request, observer: Observer, wishes: Wishes
) -> AsyncIterator[tuple[SignReader, Glasses | None, SignLens | None]]:
    """All that is needed, opened and told; closed in order, whatever ends it."""
    check(request)
    settings = request.settings
    async with contextlib.AsyncExitStack() as stack:
        signs, notices = await stack.enter_async_context(_reader(request, observer))
        here = await worn(request, observer, wishes, settings.translate_to, stack)
        glasses = None if here is None else here.glasses
        lens = None if here is None else SignLens(here.pages, original=settings.translate_original)
        for notice in notices:
            observer.event(replace(notice, t=observer.elapsed()))
        yield signs, glasses, lens
        await asyncio.sleep(LIT_S if lens is not None else 0)


@contextlib.asynccontextmanager
async def sign_reader(request: Request, observer: Observer) -> AsyncIterator[SignReader]:
    """What reads and translates signs, opened and told.

    Raises:
        UsageError: it is not said which language to translate to, or the glossary cannot be read.
        HostError: there is no reader.
    """
    check(request)
    async with _reader(request, observer) as (signs, notices):
        for notice in notices:
            observer.event(replace(notice, t=observer.elapsed()))
        yield signs


@contextlib.asynccontextmanager
async def _reader(request: Request, observer: Observer) -> AsyncIterator[tuple[SignReader, list[Notice]]]:
    """What reads and translates, and what is to be told of it."""
    settings = request.settings
    glossary = load_glossary(settings.translate_glossary)
    async with contextlib.AsyncExitStack() as stack:
        interpreting, translators = interpreter(settings, observer, glossary, glasses=request.glasses)
        stack.push_async_callback(translators.close)
        among = translators.sources(settings.translate_to)
        opened = await open_reader(
            settings, os.environ, language=settings.translate_from, on_cpu=compute_reporter(request.glasses)
        )
        stack.push_async_callback(opened.reader.close)
        taken = f"text is read by {opened.reader.info.name}: {opened.why}"
        notices = [Notice(t=0.0, code="reader", message=taken), *opened.notices]
        signs = SignInterpreter(interpreting, settings.translate_from, settings.translate_to, among)
        yield SignReader(opened.reader, _barcodes(), signs, observer, settings.translate_to), notices


async def _look_at(
    glasses: Glasses, lens: SignLens, signs: SignReader, observer: Observer, wishes: Wishes
) -> list[TranslatedPassage]:
    """What is before the camera, translated."""
    reading = await _photographed(glasses, lens, signs, observer)
    await lens.say("translating...", "cut off at the edge: go back or turn" if cut_off(reading) else "")
    wishes.forget()  # who taps while a photo is taken does not mean the pages of it
    return await signs.translated(reading, lens)


async def _read_file(path: Path, signs: SignReader, observer: Observer) -> Reading:
    """The photo in a file, read and told."""
    clock = asyncio.get_running_loop().time
    began = clock()
    picture = await loaded(path)
    here = clock()
    reading = await read_picture(picture, signs.reader, barcodes=signs.barcodes)
    stages = {"decode": round(here - began, 3), "read": round(clock() - here, 3)}
    observer.event(photo_event(Shot(reading, 1, stages), path.name, observer.elapsed()))
    return reading


async def _photographed(glasses: Glasses, lens: SignLens, signs: SignReader, observer: Observer) -> Reading:
    """A photo of the glasses that can be read, or the best of several."""
    online = "" if signs.reader.info.local else "the photo goes online"

    async def advise(advice: Advice) -> None:
        await lens.say(advice.value, online)

    async def taken() -> None:
        await lens.say("reading...", online)

    def tell(shot: Shot) -> None:
        observer.event(photo_event(shot, "", observer.elapsed()))

    shot = await capture(glasses, signs.reader, barcodes=signs.barcodes, say=advise, taken=taken, report=tell)
    return shot.reading


def _barcodes() -> BarcodeReader | None:
    """What finds QR codes; None where it is not installed: they are not what signs are photographed for."""
    with contextlib.suppress(BackendMissingError):
        return barcode_reader()
    return None


def _codes(reading: Reading) -> list[str]:
    """What QR codes say, bounded; to be shown, never opened."""
    return [f"QR: {' '.join(code.text.split()):.{MAX_CODE}}" for code in reading.barcodes if code.kind == "qr"]


def _report_of(error: HostError | GlassesError, t: float) -> ErrorReport:
    return ErrorReport(t=t, code=error.code, message=error.message, hint=error.hint)
