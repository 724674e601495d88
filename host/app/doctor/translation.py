"""Whether texts can be translated, and by what."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterator
from typing import Any

from host.app.doctor.checkup import Checkup, broken, missing, ok, wanted
from host.app.translate import load_glossary
from host.backends import ctranslate2_mt
from host.backends.translators import TRANSLATORS
from host.config import Settings
from host.errors import HostError
from host.events import Finding
from host.models.ctranslate2_folders import find_models

__all__ = ["translation"]


def translation(checkup: Checkup) -> Iterator[Finding]:
    """Each translator, what tells languages, and the glossary. Nothing is sent and nothing loaded."""
    settings = checkup.settings
    for backend in TRANSLATORS.values():
        module: Any = importlib.import_module(backend.module)
        lacks = module.unready(settings, os.environ)
        if lacks is not None:
            yield wanted(backend.name, *lacks, needed=settings.translator == backend.name)
            continue
        try:
            module.sources(settings, settings.translate_to or "en")
        except HostError as error:
            yield broken(backend.name, error.message, error.hint)
        else:
            yield ok(backend.name, backend.about)
            if module is ctranslate2_mt:
                yield from _models(settings)
    if importlib.util.find_spec("py3langid") is None:
        said = "py3langid is not installed: --from must name the language where its script does not tell it"
        yield missing("language of a text", said, "pip install 'sidelight[translate]'")
    else:
        yield ok("language of a text", "told by its script and py3langid")
    if settings.translate_glossary:
        try:
            terms = len(load_glossary(settings.translate_glossary).terms)
        except HostError as error:
            yield broken("glossary", error.message, error.hint)
        else:
            yield ok("glossary", f"{terms} term{'' if terms == 1 else 's'}")


def _models(settings: Settings) -> Iterator[Finding]:
    """The neural models, with their licences, and those that cannot be used."""
    found = find_models(settings)
    for model in found.models:
        languages = " to ".join(model.names) if model.family == "pair" else f"{len(model.names)} languages"
        yield ok(f"model {model.name}", f"{languages}; licence {model.licence or 'not said in its folder'}")
    for number, error in enumerate(found.broken, 1):
        yield broken(f"unusable model {number}", error.message, error.hint)
