"""Texts translated, told and shown: settings, glossary, translators, and the glasses where there are any."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware_bridge import Glasses
from host.app.bound import glasses_if_any, notice_of_others
from host.app.glasses import NO_GLASSES, GlassesLens, compute_reporter, report_states
from host.app.in_use import alone_with
from host.app.lens_pictures import LensPictures, require_pictures
from host.app.lens_text import card_fonts
from host.backends.langid import TextIdentifier
from host.backends.translators import TranslatorsHere
from host.config import Settings
from host.contracts import Translator
from host.errors import (
    BackendError,
    HostError,
    LanguageError,
    UntranslatedError,
    UsageError,
)
from host.events import ErrorReport, Event, Notice, Partial, Translation
from host.languages import LANGUAGES
from host.lens.cards import reading_s
from host.lens.display_list import DisplayList
from host.link_record import LinkRecord
from host.paths import named
from host.translate.bilingual import Bilingual, bilingual_cards
from host.translate.glossary import EMPTY, Glossary, parse
from host.translate.pipeline import AUTO, Interpreter

__all__ = [
    "MAX_TEXT",
    "Observer",
    "Request",
    "check",
    "check_pictures",
    "connect",
    "interpreter",
    "load_glossary",
    "translate",
]

MAX_TEXT: Final = 10_000
"""Characters of one text: ten pages of a lens, and what a translator answers within its time."""

GLOSSARY_LIMIT: Final = 1 << 20  # bytes: 10 000 terms
SHORTEST_S: Final = 4.0  # a card is never gone sooner
_LIT_S: Final = 0.1  # from the glasses having the last picture to its being lit, twice over


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for.

    Attributes:
        settings: from configuration, environment and flags.
        glasses: address of the glasses that show the cards, or `NO_GLASSES`.
        several: True where each text stands for itself, so that one that fails does not end the others.
        lens_out: folder for pictures and a film of the lens of emulated glasses; None for none.
        replace: whether earlier pictures there may be replaced.
        record: where the link is recorded to; None for nowhere.
    """

    settings: Settings
    glasses: str = NO_GLASSES
    several: bool = False
    lens_out: Path | None = None
    replace: bool = False
    record: LinkRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """Who is told what happens; none of the calls may block.

    Attributes:
        event: gets every event, in order.
        elapsed: seconds since the program started, for the events.
        connected: gets the glasses once they are ready, to look at while they are open.
    """

    event: Callable[[Event], None]
    elapsed: Callable[[], float]
    connected: Callable[[Glasses], None] = lambda _glasses: None


async def translate(texts: AsyncIterator[str], request: Request, observer: Observer) -> int:
    """Translate, tell and show texts, one after the other; how many failed, which is 0 unless there may be several.

    Raises:
        UsageError: settings that do not fit together; nothing was started.
        HostError: no translator, or the only text has no translation.
        GlassesError: the glasses cannot be reached, or stay away for good.
    """
    settings = request.settings
    check(request)
    glossary = load_glossary(settings.translate_glossary)
    failed = 0
    async with contextlib.AsyncExitStack() as stack:
        interpreting, told = interpreter(settings, observer, glossary, glasses=request.glasses)
        stack.push_async_callback(told.close)
        glasses = glasses_if_any(request.glasses, request.record)
        pictures = LensPictures(glasses, request.lens_out) if glasses and request.lens_out else None
        cards = None
        if glasses is not None:
            await connect(glasses, request.glasses, observer, stack)
            cards = _Cards(glasses, settings, observer)
        if pictures is not None:
            await asyncio.sleep(_LIT_S)  # what the start has drawn is no picture of a text
            stack.enter_context(pictures)
        report = pictures.watching(observer.event) if pictures else observer.event
        taken_for = ""
        async for text in texts:
            try:
                both = await interpreting.translate(
                    _bounded(text), settings.translate_from, settings.translate_to, progress=_partial(observer)
                )
            except (BackendError, LanguageError, UntranslatedError, UsageError) as error:
                if not request.several:
                    raise
                failed += 1
                observer.event(_report_of(error, observer.elapsed()))
                continue
            if settings.translate_from == AUTO and both.source_language != taken_for:
                taken_for = both.source_language
                observer.event(_taken(taken_for, observer.elapsed()))
            report(_event_of(both, observer.elapsed()))
            if cards is not None:
                await cards.show(both)
        if cards is not None:
            await cards.dark()
            await asyncio.sleep(_LIT_S)
    return failed


def interpreter(
    settings: Settings, observer: Observer, glossary: Glossary = EMPTY, *, glasses: str = NO_GLASSES
) -> tuple[Interpreter, TranslatorsHere]:
    """What translates with these settings, and what is to be closed at the end. Raises UsageError.

    Each translator that is taken is told, with why, and whether what it is given leaves this computer.
    """

    def taken(translator: Translator, why: str) -> None:
        info = translator.info
        text = f"translated by {info.name} ({info.quality}): {why}"
        observer.event(Notice(t=observer.elapsed(), code="translator", message=text))
        if not info.local:
            where = getattr(translator, "where", info.name)
            observer.event(
                Notice(t=observer.elapsed(), code="words-leave", message=f"what is translated is sent to {where}")
            )

    translators = TranslatorsHere(settings, os.environ, on_choice=taken, on_cpu=compute_reporter(glasses))
    return Interpreter(translators, TextIdentifier(), glossary=glossary), translators


def load_glossary(path: str) -> Glossary:
    """The glossary in a file; an empty one where none is named. Raises UsageError: it cannot be read, or is none."""
    if not path:
        return EMPTY
    file = named(path)
    try:
        with file.open("rb") as opened:
            content = opened.read(GLOSSARY_LIMIT + 1)
        if len(content) > GLOSSARY_LIMIT:
            raise UsageError(f"the glossary {file} has more than {GLOSSARY_LIMIT >> 20} MB", "Make it shorter")
        return parse(content.decode("utf-8-sig"), str(file))
    except OSError as error:
        raise UsageError(f"cannot read the glossary {file}: {error.strerror}", "Name another file") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"the glossary {file}, line {line}: it is not UTF-8", "Save it as UTF-8") from error


class _Cards:
    """The cards of one pair of glasses, each left as long as it takes to read."""

    def __init__(self, glasses: Glasses, settings: Settings, observer: Observer) -> None:
        self._lens = GlassesLens(glasses)
        self._original = settings.translate_original
        self._font_of = card_fonts(settings.translate_to, self._lens.shape, observer.event, observer.elapsed)

    async def show(self, both: Bilingual) -> None:
        """Show all its cards. Raises LensError, FontError."""
        lens = self._lens
        pages = bilingual_cards(both, self._font_of, lens.shape, original=self._original)
        reading = reading_s(both.target) + reading_s(both.source)
        for page in pages:
            await lens.show(page)
            await asyncio.sleep(max(SHORTEST_S, reading / len(pages)))

    async def dark(self) -> None:
        """Show nothing. Raises LensError."""
        await self._lens.show(DisplayList())


async def connect(glasses: Glasses, uri: str, observer: Observer, stack: contextlib.AsyncExitStack) -> None:
    """Connect, for as long as the stack is open; the link's states are reported from here on.

    Raises:
        UsageError: another program has these glasses.
        GlassesError: they cannot be reached.
    """
    stack.enter_context(alone_with(uri))
    states = asyncio.create_task(report_states(glasses, observer.event, observer.elapsed))
    stack.push_async_callback(asyncio.wait, {states})
    stack.callback(states.cancel)
    await asyncio.sleep(0)  # it hears of what happens from here on
    await stack.enter_async_context(glasses)
    if (notice := notice_of_others(glasses, uri, observer.elapsed())) is not None:
        observer.event(notice)
    observer.connected(glasses)


def check(request: Request) -> None:
    """Find out before anything is started whether it can be finished."""
    if not request.settings.translate_to:
        raise UsageError("it is not said which language to translate to", "Add --to LANGUAGE, such as --to es")
    check_pictures(request)


def check_pictures(request: Request) -> None:
    """Find out before anything is started whether the lens can be pictured. Raises UsageError, StoreError."""
    glasses, recorded = request.glasses != NO_GLASSES, request.record is not None
    require_pictures(request.lens_out, glasses=glasses, recorded=recorded, replace=request.replace)


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise UsageError(f"the text has more than {MAX_TEXT} characters", "Give it in parts")
    return text


def _partial(observer: Observer) -> Callable[[str], None]:
    return lambda text: observer.event(Partial(t=observer.elapsed(), text=text))


def _event_of(both: Bilingual, t: float) -> Translation:
    return Translation(
        t=t,
        source=both.source,
        target=both.target,
        from_=both.source_language,
        to=both.target_language,
        backend=both.backend,
        uncertain=both.uncertain,
        reason="; ".join(both.doubts),
        keep_source=both.keep_source,
    )


def _taken(language: str, t: float) -> Notice:
    name = LANGUAGES.get(language, language)
    return Notice(t=t, code="language", message=f"the text is taken for {name}", hint="If it is not: --from LANGUAGE")


def _report_of(error: HostError, t: float) -> ErrorReport:
    return ErrorReport(t=t, code=error.code, message=error.message, hint=error.hint)
