"""List, get and remove the models that recognisers and translators run on.

Nothing is downloaded but by `models get`, over https. What has come is checked against a digest where one can be had,
and it is said against which. A model that is here and knows your language is taken by itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from host.cli.options import add_output_options, add_settings, examples, settings_of
from host.cli.output import Output
from host.errors import HostError, UsageError
from host.events import ModelEntry
from host.languages import language_code
from host.models.catalogue import MODELS
from host.models.installed import FileRecord, Installed, ModelFolder, known
from host.models.model import Model
from host.paths import data_folder

__all__ = ["add_arguments", "run"]

_STEP = 10  # per cent between two lines of progress
_LANGUAGES_SHOWN = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the sub-verbs."""
    parser.epilog = examples(
        "sidelight models list",
        "sidelight models list --language de",
        "sidelight models get moonshine-small-streaming-en",
        "sidelight models get moonshine-tiny-streaming-es --accept-licence",
        "sidelight models get opus-mt-en-es",
        "sidelight models get whisper-small --from /media/usb/faster-whisper-small",
        "sidelight models list --measure",
        "sidelight models remove whisper-small",
    )
    verbs = parser.add_subparsers(metavar="WHAT", required=True)

    def sub_verb(name: str, action: Callable[..., int], text: str) -> argparse.ArgumentParser:
        sub_parser = verbs.add_parser(name, help=text, description=text)
        sub_parser.set_defaults(action=action)
        add_output_options(sub_parser)
        return sub_parser

    listing = sub_verb("list", _list, "all models, with what is known of them, and those that are here")
    listing.add_argument("--language", default="", metavar="CODE", help="only those that know this language")
    listing.add_argument("--measure", action="store_true", help="measure how fast those are that are here")

    get = sub_verb(
        "get", _get, "download a model, check it and put it in its place; goes on where an earlier try ended"
    )
    get.add_argument("model", metavar="NAME", help="as models list shows it")
    get.add_argument("--from", dest="source", type=Path, metavar="FOLDER", help="take the files from here; no network")
    get.add_argument("--accept-licence", action="store_true", help="you have read a licence that is not for commerce")
    add_settings(get, "models.mirror")

    remove = sub_verb("remove", _remove, "remove a model, and what there is of an unfinished download")
    remove.add_argument("model", metavar="NAME", help="as models list shows it")


def run(args: argparse.Namespace, out: Output) -> int:
    """Do what the sub-verb says; the exit code."""
    action: Callable[[argparse.Namespace, Output], int] = args.action
    return action(args, out)


def _list(args: argparse.Namespace, out: Output) -> int:
    folder = ModelFolder(data_folder())
    code = _measured(folder, out) if args.measure else 0
    language = _code(args.language)
    shown = [m for m in MODELS.values() if not language or language in m.languages]
    if not shown:
        out.note(f"no model of the catalogue knows the language {args.language}")
    purpose = ""
    for model in shown:
        if model.purpose != purpose:
            purpose = model.purpose
            out.line(f"to {purpose}:")
        here = folder.find(model.name)
        out.told(_entry(out, model, here), _row(model, here))
    sources = dict.fromkeys(model.quality_source for model in shown if model.quality)
    if sources:
        out.line(f"word errors as published: {', '.join(sources)}")
    return code


def _code(language: str) -> str:
    """The code of a language however it was written; one that is not known stays as it is."""
    try:
        return language_code(language) if language else ""
    except UsageError:
        return language


def _measured(folder: ModelFolder, out: Output) -> int:
    """Measure every model that is here and recognises speech."""
    code = 0
    for here in folder.all():
        if here.model.purpose != "transcribe":
            continue
        try:
            _measure(here, folder, out)
        except HostError as error:
            code = 1
            out.error(error.code, error.message, error.hint)
    return code


def _measure(here: Installed, folder: ModelFolder, out: Output) -> None:
    """Measure how fast a model is on this computer, and keep it. Raises HostError."""
    from host.app.models import measured  # noqa: PLC0415 - loaded when used

    out.note(f"measuring {here.model.name}: twenty seconds of speech, as fast as it goes")
    factor = measured(here, folder)
    slow = f"; slower than speech, so it is taken only by --model {here.model.name}" if factor >= 1.0 else ""
    out.note(f"{here.model.name}: {factor:.2f} of real time{slow}")


def _try(here: Installed, _folder: ModelFolder, out: Output) -> None:
    """Have a translation model translate a sentence. Raises HostError."""
    from host.app.models import tried  # noqa: PLC0415 - loaded when used

    out.note(f"{here.model.name}: {tried(here):.2f} s for a short sentence")


_TIMED: Final = {"transcribe": _measure, "translate": _try}
"""How a model that has come is tried, by what it is for."""


def _get(args: argparse.Namespace, out: Output) -> int:
    from host.app.models import get, missing_library  # noqa: PLC0415 - loaded when used

    model, folder = known(args.model), ModelFolder(data_folder())
    here, records = folder.find(model.name), folder.as_it_came(model.name)
    if here is not None and records is not None:
        return _told_of(out, model, here, records, "is here already, whole, in")
    mirror = settings_of(args).models_mirror
    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        percent = min(100, done * 100 // max(1, total))
        if percent // _STEP > told:
            told = percent // _STEP
            out.note(f"{percent:>3} %  {_megabytes(done)} of {_megabytes(total)}")

    out.note(f"{model.name}: {_megabytes(model.size)}, licence {model.licence}")
    if library := missing_library(model):
        out.note(f"its library is not installed yet: {library}")
    try:
        got = get(model, folder, mirror=mirror, source=args.source, accepted=args.accept_licence, on_bytes=progress)
    except KeyboardInterrupt:
        out.note("what has come is kept: the same command goes on with it, models remove removes it")
        raise
    for record in got.files:
        out.note(_told(record, model))
    if model.purpose in _TIMED and not library:
        try:
            _TIMED[model.purpose](got.installed, folder, out)
        except HostError as error:  # it is here all the same
            out.note(f"its speed could not be measured: {error.message}")
        except KeyboardInterrupt:
            out.note(f"{model.name} is here; how fast it is was not measured")
            raise
    return _told_of(out, model, folder.find(model.name) or got.installed, got.files, "is in")


def _told_of(out: Output, model: Model, here: Installed, records: tuple[FileRecord, ...], says: str) -> int:
    """Say where a model is; the exit code."""
    out.told(_entry(out, model, here, records), f"{model.name} {says} {here.path}")
    return 0


def _remove(args: argparse.Namespace, out: Output) -> int:
    freed = ModelFolder(data_folder()).remove(args.model)
    out.told(_entry(out, MODELS[args.model], None), f"{args.model} is removed; {_megabytes(freed)} are free again")
    return 0


def _row(model: Model, here: Installed | None) -> str:
    one_way = model.purpose == "translate"
    languages = (" to " if one_way else " ").join(model.languages[:_LANGUAGES_SHOWN])
    if len(model.languages) > _LANGUAGES_SHOWN:
        languages = f"{len(model.languages)} languages"
    state = "" if here is None else "here"
    if here is not None and here.real_time_factor is not None:
        state = f"here, {here.real_time_factor:.2f} of real time"
    marked = model.licence if model.commercial else f"NON-COMMERCIAL, {model.licence}"
    said = "; ".join(part for part in (marked, model.quality) if part)
    columns = f"{model.name:<29} {model.backend:<11} {languages:<13} {_megabytes(model.size):>7}  {state:<23}"
    return f"  {columns} {said}".rstrip()


def _told(record: FileRecord, model: Model) -> str:
    """How a file was checked."""
    name = record.url.rpartition("/")[2]
    if record.named_by == "catalogue":
        return f"{name}: checked, its digest is named by {model.digest_source}"
    if record.named_by == "publisher":
        return f"{name}: checked against the digest that its server gives; recorded"
    return f"{name}: nobody names a digest; recorded as it came, sha256 {record.sha256}"


def _entry(out: Output, model: Model, here: Installed | None, files: tuple[FileRecord, ...] = ()) -> ModelEntry:
    return ModelEntry(
        t=out.elapsed(),
        id=model.name,
        purpose=model.purpose,
        backend=model.backend,
        languages=model.languages,
        size=model.size,
        licence=model.licence,
        commercial=model.commercial,
        quality=model.quality,
        quality_source=model.quality_source,
        source=model.source,
        installed=here is not None,
        real_time_factor=here.real_time_factor if here else None,
        path=str(here.path) if here else "",
        files=[{f: getattr(record, f) for f in FileRecord.__slots__} for record in files],
    )


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.0f} MB" if count >= 10_000_000 else f"{count / 1_000_000:.1f} MB"
