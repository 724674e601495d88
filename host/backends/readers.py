"""Which readers of text in photos there are, which can be used here, and which one is taken.

`auto` takes, in this order: rapidocr, where it reads the language; Tesseract, where the language's pack is here; a
vision model, if one is configured; and says why. So a photo leaves this computer only if nothing on it reads the
language, or if the server is asked for by name. A reader asked for by name is taken or is an error. Nothing is imported
to find out what is there.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from host.backends.choosing import are_here, not_installed, require_known
from host.config import Settings
from host.errors import BackendMissingError, HostError, LanguageError
from host.events import Notice
from host.languages import LANGUAGES
from host.read.fields import TagFields
from host.read.line import TextLine
from host.read.reader import BarcodeReader, FieldReader, Picture, Reader, ReaderInfo

if TYPE_CHECKING:
    from host.backends.rapidocr import RapidReader

__all__ = [
    "READERS",
    "Choice",
    "OpenedReader",
    "ReaderBackend",
    "barcode_reader",
    "choose",
    "installed",
    "languages_here",
    "missing",
    "open_reader",
    "open_tag_reader",
]

# ISO 639-1 codes of languages of which letters are missing from PP-OCRv6's alphabet of 18,708 symbols. It has all Latin
# letters of Europe, but not the tone marks of Vietnamese; Greek letters only without accents.
_NOT_RAPIDOCR: Final = frozenset((
    "ab", "am", "ar", "as", "av", "ba", "be", "bg", "bn", "bo", "ce", "cu", "cv", "dv", "dz", "el", "fa", "gn", "gu",
    "he", "hi", "hy", "ig", "iu", "ka", "kk", "km", "kn", "ko", "kr", "ks", "kv", "ky", "lo", "mk", "ml", "mn", "mr",
    "my", "ne", "or", "os", "pa", "ps", "ru", "sa", "sd", "si", "sr", "ta", "te", "tg", "th", "ti", "tt", "ug", "uk",
    "ur", "ve", "vi", "yi", "yo",
))  # fmt: skip
UNKNOWN: Final = "auto"
"""The language where nobody knows which the photo holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderBackend:
    """A row of the table.

    Attributes:
        name: as given to `--reader`.
        about: one line for a person.
        module: where its `start(language, settings, environment, on_cpu)` is.
        libraries: top-level packages that must be there.
        program: that must be there; empty for none.
        install: the command that installs it; empty where there is nothing to install.
    """

    name: str
    about: str
    module: str
    libraries: tuple[str, ...] = ()
    program: str = ""
    install: str = ""


READERS: Final[Mapping[str, ReaderBackend]] = {
    backend.name: backend
    for backend in (
        ReaderBackend(
            name="rapidocr",
            about="on this computer, Latin letters, Chinese and Japanese; brings its models",
            module="host.backends.rapidocr",
            libraries=("rapidocr", "onnxruntime", "PIL"),
            install="pip install 'sidelight[read]'",
        ),
        ReaderBackend(
            name="tesseract",
            about="the program Tesseract with its language packs, on this computer: clean print in many scripts",
            module="host.backends.tesseract",
            libraries=("PIL",),
            program="tesseract",
            install="sudo apt install tesseract-ocr, and pip install 'sidelight[read]'",
        ),
        ReaderBackend(
            name="openai",
            about="a vision model on a server that speaks OpenAI's protocol, given by vision.base_url",
            module="host.backends.openai_vision",
            libraries=("PIL",),
            install="pip install 'sidelight[read]'",
        ),
    )
}
"""The table, best first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A reader, and why it was taken, as a phrase."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class OpenedReader:
    """A reader that is ready, why it was taken, and what the user should know (with `t` 0)."""

    reader: Reader
    why: str
    notices: tuple[Notice, ...] = ()


def installed() -> frozenset[str]:
    """Names of the readers whose libraries and programs are there; imports none of them."""
    return frozenset(backend.name for backend in READERS.values() if are_here(backend.libraries, backend.program))


def missing(name: str) -> str:
    """The command that installs a reader; empty where it is there."""
    return "" if name in installed() else READERS[name].install


def languages_here() -> frozenset[str]:
    """ISO 639-1 codes (or names of packs) of the languages whose Tesseract packs are here."""
    from host.backends import tesseract  # noqa: PLC0415 - runs the program

    here = frozenset(tesseract.packs())
    return here | {code for code, pack in tesseract.LANGUAGES.items() if pack in here}


def choose(
    wanted: str, language: str, *, installed: Iterable[str], configured: bool, packs: Iterable[str] = ()
) -> Choice:
    """Take a reader.

    Args:
        wanted: a name, or "auto".
        language: ISO 639-1 code of what is to be read, or "auto" where nobody knows.
        installed: names whose libraries and programs are there.
        configured: whether a server for a vision model is.
        packs: languages that Tesseract reads here.

    Raises:
        UsageError: there is no reader of that name.
        BackendMissingError: the one asked for is not installed, or none is.
        LanguageError: the one asked for does not read the language, or none of those that are here does.
    """
    there, languages = frozenset(installed), frozenset(packs)
    if wanted != "auto":
        return _named(wanted, language, there)
    name = LANGUAGES.get(language, language)
    if "rapidocr" in there and language not in _NOT_RAPIDOCR:
        why = "it is the best on this computer"
        return Choice("rapidocr", why + ("" if language == UNKNOWN else f", and reads {name}"))
    if "tesseract" in there and (language in languages or (language == UNKNOWN and languages)):
        rapid = "rapidocr is not installed" if "rapidocr" not in there else f"rapidocr does not read {name}"
        return Choice("tesseract", f"{rapid}, and Tesseract has a pack for it" if language != UNKNOWN else rapid)
    if "openai" in there and configured:
        return Choice("openai", f"nothing on this computer reads {'' if language == UNKNOWN else name + ' '}yet")
    if "rapidocr" not in there and language not in _NOT_RAPIDOCR:
        raise _missing("rapidocr")
    raise _unread(language, there)


async def open_reader(
    settings: Settings,
    environment: Mapping[str, str],
    *,
    language: str = UNKNOWN,
    on_cpu: Callable[[float], None] | None = None,
) -> OpenedReader:
    """Choose a reader, load it, and say why.

    Args:
        settings: `reader`, `vision_base_url` and `vision_model` are read.
        environment: where a server's key is.
        language: ISO 639-1 code of what is to be read, or "auto" where nobody knows.
        on_cpu: for a model on this computer: called with the CPU seconds of each call, in the thread that made it.

    Raises:
        HostError: as `choose`, or because what was chosen cannot be loaded.
    """
    there = installed()
    packs = languages_here() if "tesseract" in there else frozenset()
    configured = bool(settings.vision_base_url)
    choice = choose(settings.reader, language, installed=there, configured=configured, packs=packs)
    module: Any = importlib.import_module(READERS[choice.name].module)
    reader: Reader = await module.start(language, settings, environment, on_cpu)
    return OpenedReader(reader, choice.why, tuple(_notices(choice.name, language, reader)))


async def open_tag_reader(
    settings: Settings,
    environment: Mapping[str, str],
    *,
    language: str = UNKNOWN,
    on_cpu: Callable[[float], None] | None = None,
) -> OpenedReader:
    """As `open_reader`, for price tags: a vision model only if asked for by name, and beside it a reader that is here.

    What a model says of a price needs a second witness (`host/price/fields.py`): rapidocr, where it is installed.

    Args:
        settings: as `open_reader`.
        environment: as `open_reader`.
        language: as `open_reader`.
        on_cpu: as `open_reader`.

    Raises:
        HostError: as `open_reader`.
    """
    if settings.reader == "auto":
        settings = replace(settings, vision_base_url="")  # not even where nothing else is here
    opened = await open_reader(settings, environment, language=language, on_cpu=on_cpu)
    if not isinstance(opened.reader, FieldReader):
        return opened
    witness: RapidReader | None = None
    if not missing("rapidocr"):
        from host.backends import rapidocr  # noqa: PLC0415 - imported when used

        try:
            witness = await rapidocr.start(language, settings, environment, on_cpu)
        except BaseException:
            await opened.reader.close()
            raise
    return replace(opened, reader=_Witnessed(opened.reader, opened.reader, witness))


def barcode_reader() -> BarcodeReader:
    """What finds barcodes. Raises BackendMissingError."""
    from host.backends.zxing import ZxingReader  # noqa: PLC0415 - imported when used

    return ZxingReader()


class _Witnessed:
    """A reader of fields on a server, whose photo goes there once, and a reader of lines on this computer, if any."""

    def __init__(self, model: Reader, fields: FieldReader, witness: RapidReader | None) -> None:
        self._model, self._fields, self._witness = model, fields, witness

    @property
    def info(self) -> ReaderInfo:
        return replace(self._model.info, places=self._witness is not None)

    async def read(self, picture: Picture) -> list[TextLine]:
        return await self._witness.read(picture) if self._witness is not None else []

    async def read_line(self, picture: Picture) -> TextLine | None:
        return await self._witness.read_line(picture) if self._witness is not None else None

    async def read_fields(self, picture: Picture) -> TagFields:
        return await self._fields.read_fields(picture)

    async def close(self) -> None:
        if self._witness is not None:
            await self._witness.close()
        await self._model.close()


def _named(wanted: str, language: str, there: frozenset[str]) -> Choice:
    require_known("reader", wanted, READERS)
    if wanted not in there:
        raise _missing(wanted)
    if wanted == "rapidocr" and language in _NOT_RAPIDOCR:
        raise _unread(language, there - {"tesseract"}, "rapidocr")
    return Choice(wanted, "asked for")


def _missing(name: str) -> BackendMissingError:
    return not_installed(f"the reader {name}", READERS[name].install)


def _unread(language: str, there: frozenset[str], who: str = "no reader here") -> HostError:
    """What would read a language that nothing here, or not the one asked for, reads."""
    from host.backends import tesseract  # noqa: PLC0415 - as above

    name = LANGUAGES.get(language, language)
    pack = tesseract.LANGUAGES.get(language, "")
    install = tesseract.how_to_install(pack if pack and "tesseract" in there else "")
    if pack and "tesseract" not in there and install.startswith("sudo apt"):
        install += f" tesseract-ocr-{pack.replace('_', '-')}"
    does = "does not read" if who == "rapidocr" else "reads"
    ways = [f"{install} (then --reader tesseract or auto)"] if pack else []
    ways.append("or set vision.base_url and vision.model to a server that does")
    return LanguageError(f"{who} {does} {name}", "Install what does: " + ", ".join(ways))


def _notices(name: str, language: str, reader: Reader) -> list[Notice]:
    found = []
    if name == "rapidocr" and language == UNKNOWN:
        lacks = reader.info.quality.partition("; ")[2]
        found.append(("reader-scripts", f"rapidocr reads {lacks}", "Say the language, and what reads it is taken"))
    if name == "tesseract":
        found.append(("rough-reader", "Tesseract reads clean print; little of what is photographed at an angle", ""))
    if not reader.info.local:
        found.append(("photo-leaves", f"photos are sent away: {reader.info.quality}", "--reader names another"))
    return [Notice(t=0.0, code=code, message=message, hint=hint) for code, message, hint in found]
