"""Telling voices apart: which model is taken, whose voices are known, and what to say of it."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from host.backends import sherpa_speakers
from host.config import Settings
from host.contracts import SpeakerEmbedder, Voice
from host.errors import BackendError, BackendMissingError, ModelMissingError, UsageError
from host.events import Notice
from host.models.catalogue import MODELS
from host.models.installed import Installed, ModelFolder
from host.models.model import TAKES
from host.paths import data_folder, named
from host.store.voices import Voices

__all__ = ["Telling", "model_for", "open_voices"]

_PURPOSE: Final = "tell voices apart"


@dataclass(frozen=True, slots=True)
class Telling:
    """What tells voices apart.

    Attributes:
        embedder: loaded; whoever asked for it closes it. None where there is none.
        known: voices with names, as its model hears them.
        own: folder of the model by which moonshine does it itself; empty where it is not to.
        notices: what the user should know, with `t` 0.
    """

    embedder: SpeakerEmbedder | None = None
    known: tuple[Voice, ...] = ()
    own: str = ""
    notices: tuple[Notice, ...] = ()


async def open_voices(settings: Settings, on_cpu: Callable[[float], None] | None) -> Telling:
    """Load the model that tells voices apart, if that is wanted and there is one.

    Args:
        settings: `speakers` and `speaker_model` are read.
        on_cpu: as for a recogniser.

    Raises:
        ModelMissingError, BackendMissingError: what was asked for by name is not here.
        UsageError: it is for something else.
        BackendError: it cannot be loaded. What was not asked for by name is left out, with a notice, instead.
        StoreError: the known voices cannot be read.
    """
    if settings.speakers == "off":
        return Telling()
    models = ModelFolder(data_folder()).all()
    path, own = model_for("sherpa", settings, models), model_for("moonshine", settings, models)
    there = importlib.util.find_spec("sherpa_onnx") is not None
    if not path or (not there and own):
        return Telling(own=own)
    try:
        return await _opened(path, on_cpu, there=there)
    except (BackendError, BackendMissingError, ModelMissingError) as error:
        if settings.speaker_model:  # asked for by name
            raise
        notice = Notice(t=0.0, code="speakers-untold", message=error.message, hint=error.hint)
        return Telling(own=own, notices=(notice,))


async def _opened(path: str, on_cpu: Callable[[float], None] | None, *, there: bool) -> Telling:
    """The model at that path, loaded, and whom it knows; `there` says whether its library is installed."""
    if not there:
        raise BackendMissingError(
            "telling voices apart needs sherpa-onnx, which is not installed",
            "Install it: pip install 'sidelight[sherpa]', or leave it out: --speakers off",
        )
    embedder = await sherpa_speakers.start(path, on_cpu)
    try:
        with contextlib.closing(Voices.open(data_folder())) as store:
            known = tuple(store.remembered(embedder.info.model))
    except BaseException:
        await embedder.close()
        raise
    names = f"; known by name: {', '.join(voice.label for voice in known)}" if known else ""
    text = f"voices are told apart by {embedder.info.model}{names}"
    return Telling(embedder, known, notices=(Notice(t=0.0, code="speakers", message=text),))


def model_for(backend: str, settings: Settings, models: Iterable[Installed]) -> str:
    """Path of the model by which a library can tell voices apart; empty where there is none.

    Args:
        backend: "sherpa" or "moonshine".
        settings: `speaker_model` is read.
        models: what is here, best first.

    Raises:
        ModelMissingError: the model that was named is not here.
        UsageError: it is for something else.
    """
    fitting = {here.model.name: here for here in models if here.model.purpose == _PURPOSE}
    wanted = settings.speaker_model
    if wanted in MODELS:
        if MODELS[wanted].purpose != _PURPOSE:
            purpose = MODELS[wanted].purpose
            raise UsageError(f"{wanted} is a model to {purpose}, not to {_PURPOSE}", f"{TAKES[purpose]} takes it")
        if wanted not in fitting:
            raise ModelMissingError(f"the model {wanted} is not here", f"Get it: sidelight models get {wanted}")
        return str(fitting[wanted].path) if fitting[wanted].model.backend == backend else ""
    if wanted:
        is_folder = named(wanted).joinpath("segmentation.ort").exists()
        return wanted if is_folder == (backend == "moonshine") else ""
    return next((str(here.path) for here in fitting.values() if here.model.backend == backend), "")
