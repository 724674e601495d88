"""The models on this computer: a folder each, with a record of where its files came from and how they were checked.

    models/NAME/...             the files
    models/NAME/sidelight.json  the record: addresses, sizes, digests, who named them, when
    models/NAME/speed.json      how fast it was here
    models/.getting/NAME/...    what is being downloaded and unpacked; goes on after an interruption

A model appears whole and goes so (`host/store/whole_folders.py`).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from host.errors import DownloadError, ModelMissingError
from host.models.catalogue import MODELS
from host.models.digests import sha256
from host.models.model import Model
from host.store.private import explained, write_private_file
from host.store.whole_folders import WholeFolders
from host.suggest import nearest, suggestion

__all__ = ["FileRecord", "Installed", "ModelFolder", "known"]

RECORD: Final = "sidelight.json"
_SPEED: Final = "speed.json"
_GETTING: Final = ".getting"
_SPELT: Final = 0.9  # so near, one letter is another or missing


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file as it came.

    Attributes:
        url: where from; a path for one that was copied.
        path: where in the model's folder; of an archive, where it was unpacked.
        size: bytes.
        sha256: of what came, computed here.
        digest: the one it was checked against; empty where there was none.
        named_by: who named that: "catalogue", "publisher", or "nobody".
    """

    url: str
    path: str
    size: int
    sha256: str
    digest: str
    named_by: str


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is here.

    Attributes:
        model: its row.
        path: the folder that its library is given.
        real_time_factor: seconds of computing for one second of sound, as measured here; None before that.
    """

    model: Model
    path: Path
    real_time_factor: float | None = None


class ModelFolder:
    """The folder of all models; made when something is put there."""

    def __init__(self, data_folder: Path, catalogue: Mapping[str, Model] = MODELS) -> None:
        self._folders = WholeFolders(data_folder / "models", _GETTING, _busy)
        self._root = self._folders.root
        self._catalogue = catalogue

    @property
    def root(self) -> Path:
        """Where it is."""
        return self._root

    def all(self) -> list[Installed]:
        """Every model that is here, in the catalogue's order."""
        return [found for name in self._catalogue if (found := self.find(name)) is not None]

    def find(self, name: str) -> Installed | None:
        """The model of that name, if it is here; others are not looked at."""
        model = self._catalogue.get(name)
        if model is None or not (self._root / name / RECORD).is_file():
            return None
        return Installed(model, self._root / name / model.folder, self._speed(name))

    def as_it_came(self, name: str) -> tuple[FileRecord, ...] | None:
        """How the files of a model came, if they are here as they came and are still the catalogue's; else None.

        Of an archive it is only known that it was unpacked. Reads every byte of the others.
        """
        found = self.find(name)
        if found is None:
            return None
        try:
            held: Any = json.loads((self._root / name / RECORD).read_text(encoding="utf-8"))
            records = tuple(FileRecord(**record) for record in held["files"])
            if len(records) != len(found.model.files) or not found.path.is_dir():
                return None
            for file, record in zip(found.model.files, records, strict=True):
                came = self._root / name / file.path
                if record.path != file.path or (file.digest and record.digest != file.digest):
                    return None
                if not file.is_archive and sha256(came) != record.sha256:
                    return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return records

    def remove(self, name: str) -> int:
        """Remove a model, and what there is of an unfinished download of it; how many bytes that frees.

        Raises:
            ModelMissingError: there is no model of that name, or it is not here.
            DownloadError: another program is getting it.
            StoreError: it cannot be removed.
        """
        known(name, self._catalogue)
        if not self._folders.is_there(name):
            raise ModelMissingError(f"the model {name} is not here", "sidelight models list shows which are")
        return self._folders.remove(name)

    def getting(self, name: str) -> contextlib.AbstractContextManager[Path]:
        """The folder that a model is got in, to oneself; afterwards it is there only if something is in it.

        Raises:
            DownloadError: another program is getting it.
            StoreError: it cannot be made.
        """
        return self._folders.making(name)

    def put(self, model: Model, ready: Path, files: list[FileRecord], when: str) -> Installed:
        """Make a folder that is ready the model's; what was there before goes. Needs `getting`.

        Raises:
            StoreError: it cannot be moved; what was there before is there still.
            DownloadError: the folder that the library needs is not in it.
        """
        if not (ready / model.folder).is_dir():
            raise DownloadError(f"there is no folder {model.folder} in what came for {model.name}", "Get it again")
        record = {"model": model.name, "got": when, "licence": model.licence, "files": [asdict(f) for f in files]}
        place = self._folders.put(model.name, ready, RECORD, json.dumps(record, indent=1).encode())
        return Installed(model, place / model.folder)

    def record_speed(self, name: str, real_time_factor: float) -> None:
        """Keep how fast a model is on this computer. Raises StoreError."""
        with explained(str(self._root / name)):
            content = json.dumps({"real_time_factor": round(real_time_factor, 3)}).encode()
            write_private_file(self._root / name / _SPEED, content, replace=True)

    def _speed(self, name: str) -> float | None:
        try:
            held: Any = json.loads((self._root / name / _SPEED).read_text(encoding="utf-8"))
            return float(held["real_time_factor"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def known(name: str, catalogue: Mapping[str, Model] = MODELS) -> Model:
    """The row of that name. Raises ModelMissingError, with the nearest name."""
    if name in catalogue:
        return catalogue[name]
    raise ModelMissingError(
        f"there is no model named {name!a:.60}{_meant(name, catalogue)}", "sidelight models list names them all"
    )


def _busy(name: str) -> DownloadError:
    return DownloadError(
        f"another program is getting or removing {name} at this moment", "Wait until it has ended", retry=True
    )


def _meant(name: str, catalogue: Mapping[str, Model]) -> str:
    """What was meant by a name that is none: names are words, of which the first ones say most."""
    if (near := nearest(name, catalogue, near=_SPELT)) is not None:
        return f"; did you mean {near}?"
    words = name.lower().split("-")
    for count in range(len(words), 0, -1):  # "moonshine-medum": the one whose first words are the nearest
        beginnings = {"-".join(other.split("-")[:count]): other for other in reversed(list(catalogue))}
        near = nearest("-".join(words[:count]), beginnings)
        if near is not None and near.split("-")[:-1] == words[: count - 1]:
            return f"; did you mean {beginnings[near]}?"
    return suggestion(name, catalogue)
