"""Models got, listed and measured: the catalogue, the network, the disk and the recognisers put together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from host.app.demo_speech import recording
from host.audio import read_samples
from host.backends import registry
from host.backends.ctranslate2_mt import NeuralTranslator
from host.config import Settings
from host.errors import DiskFullError, DownloadError, LicenceError, ModelMissingError, UsageError
from host.models import ctranslate2_folders
from host.models.archive import PICKLES, unpack
from host.models.digests import has_digest, require_checks, sha256
from host.models.download import LEFT_FREE, Downloaded, download, mirrored
from host.models.installed import FileRecord, Installed, ModelFolder
from host.models.model import Model, ModelFile
from host.store.private import explained

__all__ = ["Got", "get", "measured", "missing_library", "speed", "tried"]

_SENTENCE = "The next train leaves at half past seven."  # whatever the model's language is: it is only timed
_PIECE = 1600  # samples fed at a time, as a microphone brings them: 0.1 s


@dataclass(frozen=True, slots=True)
class Got:
    """A model that has come.

    Attributes:
        installed: the model.
        files: as they came, and how they were checked.
        missing: the command that installs its library; empty where it is there.
    """

    installed: Installed
    files: tuple[FileRecord, ...]
    missing: str


def get(
    model: Model,
    folder: ModelFolder,
    *,
    mirror: str = "",
    source: Path | None = None,
    accepted: bool = False,
    on_bytes: Callable[[int, int], None] = lambda _done, _total: None,
) -> Got:
    """Get a model: download what is missing, check it, unpack it, and put it in its place, whole.

    Interrupted or failed at any moment, what was there before is there still, and what came so far is gone on with by
    the next call.

    Args:
        model: its row.
        folder: where models are.
        mirror: https address of a copy of all servers; empty for their own.
        source: a folder that has the files already; nothing is downloaded then.
        accepted: whether a licence without commercial use is accepted.
        on_bytes: told how many bytes there are, and of how many.

    Raises:
        LicenceError: it must be accepted.
        DownloadError: a file cannot be had, or is not what it must be.
        DiskFullError: no room.
        StoreError: it cannot be written.
        UsageError: the folder to take it from is none, or the mirror is no https address.
        BackendMissingError: what checks it is not installed.
    """
    require_checks(file.digest for file in model.files)  # before anything is asked of the user
    if not model.commercial and not accepted:
        raise LicenceError(
            f"{model.name} is not for commercial use, or not certainly: {model.licence}",
            f"Read it, then: sidelight models get {model.name} --accept-licence",
        )
    if mirror and not mirror.startswith("https://"):
        raise UsageError(f"models.mirror is no https address: {mirror!a:.100}", "Set it to https://HOST/PATH")
    if source is not None and not source.is_dir():
        raise UsageError(f"there is no folder {str(source)!a}", "Give the folder that has the model's files")
    with folder.getting(model.name) as place, explained(str(place)):
        came = place / "files"
        came.mkdir(exist_ok=True)
        _check_room(model, came)
        records, done = [], 0
        for number, file in enumerate(model.files):
            path = _place(came, number, file)
            path.parent.mkdir(exist_ok=True)
            url = mirrored(file.url, mirror)
            if source is not None:
                downloaded, url = _copied(model, file, source, path)
            else:
                downloaded = _downloaded(file, url, path, partial(_counted, on_bytes, model.size, done))
            records.append(_checked(file, path, url, downloaded))
            done += downloaded.size
            on_bytes(done, model.size)
        ready = place / "ready"
        shutil.rmtree(ready, ignore_errors=True)
        ready.mkdir()
        for number, file in enumerate(model.files):
            _lay(file, _place(came, number, file), ready)
        installed = folder.put(model, ready, records, datetime.now().astimezone().isoformat(timespec="seconds"))
        shutil.rmtree(place)
    return Got(installed, tuple(records), missing_library(model))


def missing_library(model: Model) -> str:
    """The command that installs what a model runs on; empty where it is there."""
    return ctranslate2_folders.lacking() if model.purpose == "translate" else registry.missing(model.backend)


def measured(here: Installed, folder: ModelFolder) -> float:
    """Seconds of computing for one second of speech on this computer, measured and kept; not on an event loop.

    Raises:
        HostError: as `speed`, or because it cannot be kept.
    """
    factor = asyncio.run(speed(here))
    folder.record_speed(here.model.name, factor)
    return factor


async def speed(here: Installed) -> float:
    """Seconds of computing for one second of speech on this computer, by twenty seconds of it as fast as it goes.

    Raises:
        BackendMissingError: its library is not installed.
        HostError: it cannot be loaded, or fails.
    """
    language = "en" if "en" in here.model.languages else here.model.languages[0]
    settings = replace(Settings(), transcriber=here.model.backend, model=str(here.path), language=language)
    opened = await registry.open_recogniser(settings, os.environ)
    speech = read_samples(recording())
    try:
        session = await opened.recogniser.open(language)
        began = time.perf_counter()
        for at in range(0, len(speech), _PIECE):
            await session.feed(speech[at : at + _PIECE])
        await session.end_utterance()
        return (time.perf_counter() - began) / (len(speech) / 16_000)
    finally:
        await opened.recogniser.close()


def tried(here: Installed) -> float:
    """Seconds that a translation model takes for a short sentence on this computer, once it is loaded.

    Not on an event loop.

    Raises:
        HostError: it cannot be loaded, or fails.
    """
    return asyncio.run(_tried(here))


async def _tried(here: Installed) -> float:
    model = ctranslate2_folders.read_model(here.path)
    target = next(language for language in ("es", "en", *here.model.languages) if model.sources(language))
    source = "en" if "en" in model.sources(target) else min(model.sources(target))
    translator = NeuralTranslator([model])
    try:
        await translator.translate([_SENTENCE], source, target)
        began = time.perf_counter()
        await translator.translate([_SENTENCE], source, target)
        return time.perf_counter() - began
    finally:
        await translator.close()


def _place(came: Path, number: int, file: ModelFile) -> Path:
    """Where a file comes to: two of them may have one name."""
    return came / str(number) / file.name


def _counted(on_bytes: Callable[[int, int], None], total: int, before: int, here: int) -> None:
    on_bytes(before + here, total)


def _downloaded(file: ModelFile, url: str, path: Path, on_bytes: Callable[[int], None]) -> Downloaded:
    """The file, downloaded now or by an earlier call."""
    note = path.with_name(f"{path.name}.from")
    if path.exists() and note.exists():
        came = Downloaded(path.stat().st_size, note.read_text(encoding="utf-8").rpartition("\n")[2])
        if note.read_text(encoding="utf-8") == _note(url, came):
            return came
    downloaded = download(file, url, path, on_bytes)
    note.write_text(_note(url, downloaded), encoding="utf-8")
    return downloaded


def _note(url: str, downloaded: Downloaded) -> str:
    """What is written beside a file that has come, so that neither another nor a part of it is taken for it."""
    return f"{url}\n{downloaded.size}\n{downloaded.published}"


def _copied(model: Model, file: ModelFile, source: Path, path: Path) -> tuple[Downloaded, str]:
    """The file out of a folder of the user's, and where it was."""
    places = [source / file.path, source / model.name / file.path, source / file.name]
    found = next((p for p in places if p.is_file()), None)
    if found is None:
        names = ", ".join(f.name for f in model.files)
        raise ModelMissingError(f"there is no {file.name} in {str(source)!a}", f"{model.name} needs {names}")
    size = found.stat().st_size
    if size > file.limit:
        raise DownloadError(
            f"{found.name} has {size:,} bytes, and at most {file.limit:,} were expected", "Get it again"
        )
    shutil.copyfile(found, path)
    return Downloaded(size, ""), str(found)


def _checked(file: ModelFile, path: Path, url: str, downloaded: Downloaded) -> FileRecord:
    """The file's record; one that is not what it must be is removed."""
    digest, named_by = file.digest or downloaded.published, "catalogue" if file.digest else "publisher"
    if digest and not has_digest(path, digest):
        path.unlink()
        raise DownloadError(
            f"{file.name} is not the file that the {named_by} names: {digest[:20]} was expected",
            "Get it again; if it stays so, the file has changed or somebody changes it on the way",
        )
    if Path(file.path).suffix.lower() in PICKLES:
        raise DownloadError(f"{file.name} is of a format that can run code", "Use another model")
    return FileRecord(url, file.path, downloaded.size, sha256(path), digest, named_by if digest else "nobody")


def _lay(file: ModelFile, path: Path, ready: Path) -> None:
    """Put a file where it belongs in the folder that becomes the model's; it stays where it is, too."""
    target = ready / file.path
    if file.is_archive:
        target.mkdir(parents=True, exist_ok=True)
        try:
            unpack(path, target, file.unpacked)
        except DownloadError:
            path.unlink()  # else the next call would take it again
            raise
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with _or_copy(path, target):
        target.hardlink_to(path)


@contextlib.contextmanager
def _or_copy(path: Path, target: Path) -> Iterator[None]:
    """Where a file system has no hard links."""
    try:
        yield
    except OSError:
        shutil.copyfile(path, target)


def _check_room(model: Model, came: Path) -> None:
    """Find out before anything is downloaded whether it fits."""
    here = sum(path.stat().st_size for path in came.rglob("*") if path.is_file())
    missing, free = max(0, model.room - here), shutil.disk_usage(came).free
    if free < missing + LEFT_FREE:
        raise DiskFullError(
            f"no room on the disk for {model.name}: it needs {missing // 1_000_000} MB of {free // 1_000_000} MB free",
            "Free some room there, or set SIDELIGHT_HOME to another folder",
        )
