"""Whether speech becomes captions: recognisers, their models, and voice activity."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

from host.app.doctor.checkup import Checkup, broken, in_a_row, missing, ok
from host.app.doctor.packages import EXTRAS, install, versions, wants
from host.backends import registry
from host.backends.computer import Computer
from host.errors import HostError
from host.events import Finding
from host.models.installed import Installed, ModelFolder
from host.paths import data_folder

__all__ = ["captions"]


def captions(checkup: Checkup) -> Iterator[Finding]:
    """Everything between a sound and a sentence."""
    folder = ModelFolder(data_folder())
    models = folder.all()
    if lacking := wants(*EXTRAS["transcribe"]):
        yield broken("voice activity and sound files", in_a_row(lacking), install("transcribe"))
    else:
        yield ok("voice activity and sound files", versions(*EXTRAS["transcribe"]))
    if lacking := wants(*EXTRAS["lc3"]):
        said = f"{in_a_row(lacking)}: it comes with 8 bit at 8 kHz"
        yield missing("sound of Halo", said, f"{install('lc3')}; there are wheels for Linux on x86-64")
    else:
        yield ok("sound of Halo", versions(*EXTRAS["lc3"]))
    chosen = ""
    try:
        chosen = _chosen(checkup, models)
    except HostError as error:
        yield broken("recogniser", error.message, error.hint)
    else:
        yield from _recogniser(chosen, checkup)
    for name, backend in registry.RECOGNISERS.items():
        if backend.automatic and backend.libraries:
            yield _library(name, needed=name == chosen)
    yield from _models(folder, [here for here in models if here.model.purpose != "translate"])
    if chosen == "openai" and not checkup.settings.openai_base_url:
        yield broken("speech server", "no speech server is set", "Set openai.base_url")


def _chosen(checkup: Checkup, models: list[Installed]) -> str:
    """The recogniser that would be taken, with a model if it needs one. Raises HostError."""
    settings = checkup.settings
    given = registry.configured(settings, models)
    wanted = settings.transcriber
    if settings.model and wanted == "auto":
        wanted = next(name for name in given if given[name])
    name = registry.choose(wanted, settings.language, installed=registry.installed(), configured=given).name
    backend = registry.RECOGNISERS[name]
    if backend.mark:
        importlib.import_module(backend.module).find_model(given.get(name, ""))
    return name


def _recogniser(name: str, checkup: Checkup) -> Iterator[Finding]:
    language = checkup.settings.language
    yield ok("recogniser", f"{name} is taken for the language {language}: {registry.RECOGNISERS[name].about}")
    if name == "pocketsphinx":
        better = next((m for m in registry.models_for(language) if m.commercial), None)
        how = ""
        if better is not None:
            library = registry.missing(better.backend)
            how = f"Get one: {library}, then " if library else "Get one: "
            how += f"sidelight models get {better.name}"
        yield missing("good recogniser", "pocketsphinx is rough: about one word in three is wrong", how)


def _library(name: str, *, needed: bool) -> Finding:
    backend, computer = registry.RECOGNISERS[name], Computer.this()
    packages = [library.replace("_", "-") for library in backend.libraries]
    lacking = wants(*packages)
    if not lacking:
        return ok(name, versions(*packages) or "installed")
    if not backend.has_wheel(computer):
        return missing(name, f"its makers publish nothing that installs with {computer}")
    return (broken if needed else missing)(name, in_a_row(lacking), install(backend.extra))


def _models(folder: ModelFolder, models: list[Installed]) -> Iterator[Finding]:
    for here in models:
        name = here.model.name
        again = f"Get it again: sidelight models remove {name}, then sidelight models get {name}"
        if not here.path.is_dir() or not any(here.path.iterdir()):
            yield broken(f"model {name}", "its files are gone", again)
        elif here.real_time_factor is None:
            yield ok(f"model {name}", "it is here; its speed was not measured")
        elif here.real_time_factor >= 1.0:
            slow = f"it needs {here.real_time_factor:.2f} s here for a second of speech, which is too slow for captions"
            yield missing(f"model {name}", slow, "Get a smaller one: sidelight models list")
        else:
            yield ok(f"model {name}", f"it needs {here.real_time_factor:.2f} s here for a second of speech")
    if not models:
        yield missing("models", "no model is here", "See sidelight models list")
    for name in _unfinished(folder.root):
        yield missing(f"model {name}", "its download is not finished", f"Go on: sidelight models get {name}")


def _unfinished(root: Path) -> list[str]:
    """Models of the catalogue whose download was broken off."""
    from host.models.catalogue import MODELS  # noqa: PLC0415 - a name of the module: tests put models there

    getting = root / ".getting"
    return [name for name in MODELS if (getting / name).is_dir()] if getting.is_dir() else []
