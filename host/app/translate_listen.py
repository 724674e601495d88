"""What is said, translated as it is written down: one way, or both ways between two languages."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Final

from host.app import transcribe, translate
from host.app.lens_text import card_fonts, letters_notice
from host.backends import registry
from host.config import Settings
from host.errors import LanguageError, UsageError
from host.languages import LANGUAGES
from host.lens.shape import LensShape
from host.models.installed import ModelFolder
from host.paths import data_folder
from host.transcribe.bilingual_captions import BilingualStyle
from host.translate.pipeline import AUTO, Interpreter
from host.translate.scripts import written_in
from host.translate.speech import OneWay, TwoWay, some_source

__all__ = ["Request", "listen", "prepared"]

# A letter of each script that several languages have: what tells those apart is loaded before anybody speaks.
_LETTERS: Final = {"Latin": "a", "Cyrillic": "а", "Arabic": "ا", "Devanagari": "अ", "Han": "一", "Hebrew": "א"}  # noqa: RUF001


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for.

    Attributes:
        recording: of what, and what is kept of it; its settings say between which languages, where `two_way` does not.
        two_way: the two languages (ISO 639-1), each put into the other; None for one way.
    """

    recording: transcribe.Request
    two_way: tuple[str, str] | None = None


async def listen(request: Request, observer: transcribe.Observer) -> int:
    """Write down, translate and show what is said; the number of the transcript. It ends as a transcription does.

    Raises:
        UsageError: settings that do not fit together; nothing was started.
        LanguageError: no recogniser hears the languages, or no translator does them.
        HostError, GlassesError: as `transcribe`.
    """
    recording, translating = prepared(request, observer)
    return await transcribe.transcribe(recording, observer, translating)


def prepared(
    request: Request, observer: transcribe.Observer
) -> tuple[transcribe.Request, AbstractAsyncContextManager[transcribe.Translating]]:
    """The recording, and what translates it, not yet open.

    Raises:
        UsageError: settings that do not fit together.
        LanguageError: no recogniser hears both languages.
    """
    settings = request.recording.settings
    if request.two_way is None:
        _check(settings)
        source = settings.translate_from if settings.translate_from != AUTO else settings.language
        settings = replace(settings, language=source)
    else:
        settings = hearing_both(settings, request.two_way)
    recording = replace(request.recording, settings=settings)
    return recording, _translating(settings, request.two_way, observer)


def hearing_both(settings: Settings, languages: tuple[str, str]) -> Settings:
    """The settings of a recogniser that hears two languages in turn.

    That is a model that knows just these, or a recogniser that tells which language it hears.

    Raises:
        UsageError: they are one language.
        LanguageError: there is none; says what would be one.
        HostError: the recogniser that was asked for cannot be used.
    """
    names = " and ".join(LANGUAGES.get(code, code) for code in languages)
    if languages[0] == languages[1]:
        raise UsageError(f"both languages are {LANGUAGES.get(languages[0], languages[0])}", "Name two: --two-way en,es")
    models = ModelFolder(data_folder()).all()
    for here in models:
        fits = settings.model in ("", here.model.name) and settings.transcriber in ("auto", here.model.backend)
        if fits and set(here.model.languages) == set(languages) and here.model.backend in registry.installed():
            return replace(settings, model=here.model.name, language=languages[0])
    settings = replace(settings, language=AUTO)
    given = registry.configured(settings, models)
    try:
        choice = registry.choose(settings.transcriber, AUTO, installed=registry.installed(), configured=given)
    except LanguageError as error:
        raise LanguageError(f"nothing here hears both {names}: {error.message}", error.hint) from error
    hears = registry.RECOGNISERS[choice.name].languages
    if hears and AUTO not in hears:  # it was asked for
        raise LanguageError(f"{choice.name} does not hear both {names}: it cannot tell them apart", _OTHERS)
    return settings


_OTHERS: Final = "Leave --transcriber out, or take whisper (sidelight models list) or openai (--openai-base-url)"


@contextlib.asynccontextmanager
async def _translating(
    settings: Settings, two_way: tuple[str, str] | None, observer: transcribe.Observer
) -> AsyncIterator[transcribe.Translating]:
    """The translators, loaded: what is not there is found out before anybody speaks. Raises HostError."""
    told = translate.Observer(event=observer.event, elapsed=observer.elapsed)
    glossary = translate.load_glossary(settings.translate_glossary)
    interpreter, translators = translate.interpreter(settings, told, glossary, glasses=settings.glasses)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(translators.close)
        source, target = two_way or (settings.language, settings.translate_to)
        pairs = [(source, target), (target, source)] if two_way else [(source, target)]
        local = True
        for spoken, read in pairs:
            if spoken != AUTO:
                local = (await translators.for_pair(spoken, read))[-1].info.local and local
            elif translators.sources(read) is None:  # a server, which is told apart from others when it is there
                with contextlib.suppress(LanguageError):
                    local = (await translators.for_pair(some_source(read), read))[-1].info.local
        if two_way:
            await _load_identifier(interpreter, two_way)

        def style(shape: LensShape) -> BilingualStyle:
            font_of = card_fonts(target, shape, observer.event, observer.elapsed)
            if (unseen := letters_notice(source)) is not None:
                observer.event(replace(unseen, t=observer.elapsed()))
            look = BilingualStyle(
                font_of=font_of,
                shape=shape,
                language="" if two_way or source == AUTO else source,
                original=settings.translate_original,
                dark_after_s=settings.captions_dark_after_s,
                sign="" if local else "words go online",
            )
            return replace(look, live="white", note="white") if settings.captions_contrast == "high" else look

        told_apart = settings.language == AUTO
        yield transcribe.Translating(
            interpreter=TwoWay(interpreter, two_way, told_apart=told_apart)
            if two_way
            else OneWay(interpreter, source, target),
            style=style,
        )


async def _load_identifier(interpreter: Interpreter, languages: tuple[str, str]) -> None:
    """Load what tells two languages of one script apart. Raises LanguageError, BackendMissingError."""
    shared = set(written_in(languages[0])) & set(written_in(languages[1]))
    for script in shared & set(_LETTERS):
        await interpreter.language_of(_LETTERS[script], languages)


def _check(settings: Settings) -> None:
    if not settings.translate_to:
        raise UsageError("it is not said which language to translate to", "Add --to LANGUAGE, such as --to es")
    if settings.translate_from == settings.translate_to:
        name = LANGUAGES.get(settings.translate_to, settings.translate_to)
        raise UsageError(f"what is said is in {name} already", "Name another language: --to, or transcribe it")
