"""Which models are proposed for this computer: by licence, published quality and size, and what it can carry."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.app.models import get, measured, missing_library
from host.backends.registry import choose, configured, installed, models_for
from host.config import Settings, given
from host.errors import HostError, ModelMissingError, UsageError
from host.languages import LANGUAGES
from host.models import ctranslate2_folders
from host.models.installed import ModelFolder, known
from host.models.model import Model
from host.paths import config_file, data_folder
from host.translate.speech import some_source

__all__ = [
    "Carries",
    "Proposal",
    "answered_model",
    "get_model",
    "here_for",
    "proposals",
    "this_computer",
    "translation_offer",
    "without_model",
]

OFFERED: Final = 4
LEFT_FREE: Final = 1_000_000_000  # bytes of disk that setup does not fill
# Rules of thumb, not measured: weights are in memory about twice while they are loaded; what hears whole sentences of
# large weights with few cores is slower than people speak. `sidelight models list --measure` tells for certain.
MEMORY_PER_BYTE: Final = 2.0
BYTES_PER_CORE: Final = {"whisper": 130_000_000}


@dataclass(frozen=True, slots=True)
class Carries:
    """What a computer has, for models.

    Attributes:
        memory: bytes of RAM; None where the system does not tell.
        disk: bytes free where models go.
        cores: processors.
    """

    memory: int | None
    disk: int
    cores: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A model by its name, and what speaks for and against it in a line."""

    name: str
    about: str


def this_computer(folder: Path) -> Carries:
    """What this one has; models go to that folder, which need not be there."""
    place = next(p for p in (folder, *folder.parents) if p.exists())
    try:
        memory: int | None = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        memory = None
    return Carries(memory, shutil.disk_usage(place).free, os.cpu_count() or 1)


def proposals(language: str, computer: Carries) -> list[Proposal]:
    """Models that recognise the language and that this computer can carry, at most `OFFERED`, best first.

    Those for any use come before those without commercial use; within each, the catalogue's order: models that follow
    speech before those that hear whole sentences, better ones first.
    """
    fitting = [model for model in models_for(language) if _fits(model, computer)]
    fitting.sort(key=lambda model: not model.commercial)
    return [Proposal(model.name, _about(model)) for model in fitting[:OFFERED]]


def answered_model(name: str, language: str | None) -> str:
    """The name of a model that a flag gave.

    Args:
        name: as it was given.
        language: that is spoken, if a flag gave that, too.

    Raises:
        UsageError: there is none, or it recognises no speech, or not in that language.
    """
    try:
        model = known(name)
    except ModelMissingError as error:
        raise UsageError(f"--model: {error.message}", error.hint) from None
    if model.purpose != "transcribe":
        raise UsageError(f"--model: {name} is there to {model.purpose}", f"Get it with: sidelight models get {name}")
    if language is not None and model not in models_for(language):
        fitting = ", ".join(m.name for m in models_for(language)[:OFFERED]) or "none"
        raise UsageError(
            f"--model: {name} does not recognise {LANGUAGES.get(language, language)} here", f"Take {fitting}"
        )
    return name


def here_for(language: str) -> str:
    """Which models that recognise a language are here, in a phrase; empty where none is."""
    models = [here.model for here in ModelFolder(data_folder()).all()]
    names = [m.name for m in models if m.purpose == "transcribe" and language in m.languages]
    return f"{', '.join(names)} is here" if names else ""


def without_model(settings: Settings) -> str:
    """What captions are like without a model, in a phrase."""
    try:
        given = configured(settings, ModelFolder(data_folder()).all())
        taken = choose(settings.transcriber, settings.language, installed=installed(), configured=given).name
    except HostError as error:
        return error.message
    return "captions are rough without one" if taken == "pocketsphinx" else f"{taken} recognises speech"


def translation_offer(spoken: str, read: str, computer: Carries) -> str:
    """How to get a model that translates what is spoken into what is read, in a sentence.

    Args:
        spoken: ISO 639-1 code, or "auto"; where it is that or `read`, one of many languages is offered.
        read: ISO 639-1 code.
        computer: that carries it.

    Returns:
        Empty where one is here, or none is known that this computer can carry.
    """
    source = spoken if spoken not in ("auto", read) else some_source(read)
    if any(here.model.translates(source, read) for here in ctranslate2_folders.got()):
        return ""
    fitting = [model for model in ctranslate2_folders.models_for(source, read) if _fits(model, computer)]
    if source != spoken:
        fitting = [model for model in fitting if len(model.languages) > 2]
    if not fitting:
        return ""
    return f"To translate on this computer: sidelight models get {fitting[0].name} ({_about(fitting[0])})"


def get_model(name: str, tell: Callable[[str], None], *, accepted: bool) -> str:
    """Get a model of the catalogue; what came of it, in a phrase.

    Raises:
        HostError: as `host.app.models.get`.
    """
    model, folder = known(name), ModelFolder(data_folder())
    if folder.find(name) is not None:
        return f"{name} is here"
    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        if (percent := min(100, done * 100 // max(1, total))) // 10 > told:
            told = percent // 10
            tell(f"{percent:>3} % of {total / 1e6:.0f} MB")

    mirror = given(os.environ, config_file()).get("models.mirror", "")
    got = get(model, folder, mirror=mirror, accepted=accepted, on_bytes=progress)
    if got.missing:
        return f"{name} is here; its library is not: {got.missing}"
    tell("measuring how fast it is")
    try:
        factor = measured(got.installed, folder)
    except HostError as error:
        return f"{name} is here; how fast it is could not be measured: {error.message}"
    return f"{name} is here, {factor:.2f} of real time" + ("; slower than speech" if factor >= 1.0 else "")


def _fits(model: Model, computer: Carries) -> bool:
    enough = computer.memory is None or model.size * MEMORY_PER_BYTE <= computer.memory
    per_core = BYTES_PER_CORE.get(model.backend)
    quick = per_core is None or model.size <= per_core * computer.cores
    return enough and quick and model.room + LEFT_FREE <= computer.disk


def _about(model: Model) -> str:
    size = f"{model.size / 1e6:.0f} MB"
    licence = model.licence if model.commercial else f"NON-COMMERCIAL, {model.licence}"
    library = missing_library(model)
    parts = [size, model.quality, licence, f"needs {library}" if library else ""]
    return ", ".join(part for part in parts if part)
