"""The demo's translations: what is heard, what is seen and what is typed, each on emulated glasses in virtual time.

Each is the verb that anybody uses, with the phrasebook, which needs no network: it holds some hundred phrases, so what
it does not hold is shown untranslated, and said to be.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from host.app import transcribe
from host.app.demo_sign import sign
from host.app.demo_speech import questions
from host.app.lens_pictures import FILM
from host.app.lens_text import letters_notice
from host.app.sign import translate_camera
from host.app.translate import Observer, Request, translate
from host.app.translate_listen import Request as Listening
from host.app.translate_listen import listen
from host.app.wishes import Wishes
from host.config import Settings
from host.events import Event, Translation

__all__ = ["TYPED", "Heard", "Translated", "heard", "seen", "typed"]

TYPED = "Where is the train station?"
"""What is typed."""

T = TypeVar("T")

_GLASSES = "emulator:frame?speed=max"
_PHRASEBOOK = "phrasebook"


@dataclass(frozen=True, slots=True)
class Translated:
    """What came of a part.

    Attributes:
        translated: texts that have a translation.
        untranslated: texts that have none.
        pictures: of the lens, in order; the film last. None where it could not be shown.
    """

    translated: int
    untranslated: int
    pictures: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Heard(Translated):
    """What came of what was heard; `transcript` is its number."""

    transcript: int


def heard(folder: Path, observer: transcribe.Observer) -> Heard:
    """English questions, heard, saved, and shown in Spanish; pictures and transcript go into `folder`, which is there.

    Raises:
        HostError: a part that is needed is missing, or failed.
    """
    uri = f"{_GLASSES}&mic={quote(str(questions()))}"
    settings = Settings(glasses=uri, translate_from="en", translate_to="es", translator=_PHRASEBOOK)
    recording = transcribe.Request(
        settings=settings, out=folder / "transcript.md", lens_out=folder, title="Demo, translated"
    )
    watching = _Counting(observer.event)
    number = _virtual(listen(Listening(recording=recording), replace(observer, event=watching)))
    counted = watching.of(folder)
    return Heard(counted.translated, counted.untranslated, counted.pictures, number)


def seen(folder: Path, report: Callable[[Event], None], elapsed: Callable[[], float]) -> Translated:
    """A French sign, photographed, read and shown in English; pictures go into `folder`. Raises HostError."""
    settings = Settings(translate_from="fr", translate_to="en", translator=_PHRASEBOOK, reader="rapidocr")
    uri = f"{_GLASSES}&camera={quote(str(sign()))}"
    request = Request(settings=settings, glasses=uri, lens_out=folder, replace=True)
    watching = _Counting(report)
    _virtual(translate_camera(request, Observer(event=watching, elapsed=elapsed), Wishes(), once=True))
    return watching.of(folder)


def typed(folder: Path, report: Callable[[Event], None], elapsed: Callable[[], float]) -> Translated:
    """A typed English phrase, shown in Japanese; as `seen`. Without a font for it there are no pictures, as is told."""
    settings = Settings(translate_from="en", translate_to="ja", translator=_PHRASEBOOK)
    request = Request(settings=settings, glasses=_GLASSES, lens_out=folder, replace=True)
    if (unseen := letters_notice(settings.translate_to)) is not None:
        report(replace(unseen, t=elapsed()))
        request = Request(settings=settings)
    watching = _Counting(report)
    _virtual(translate(_one(TYPED), request, Observer(event=watching, elapsed=elapsed)))
    return watching.of(folder)


async def _one(text: str) -> AsyncIterator[str]:
    yield text


def _virtual(work: Coroutine[Any, Any, T]) -> T:
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - an extra

    return run_virtual(work, charge_compute=True)


class _Counting:
    """Passes events on, and counts translations."""

    def __init__(self, report: Callable[[Event], None]) -> None:
        self._report = report
        self._translated = self._missing = 0

    def __call__(self, event: Event) -> None:
        """Count it, pass it on."""
        if isinstance(event, Translation):
            self._translated += not event.missing
            self._missing += bool(event.missing)
        self._report(event)

    def of(self, folder: Path) -> Translated:
        """What came of it."""
        pictures = sorted(folder.glob("lens-*.png"))
        return Translated(self._translated, self._missing, (*pictures, folder / FILM) if pictures else ())
