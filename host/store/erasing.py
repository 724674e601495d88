"""Everything that is kept on this computer, found and erased; only what is known to be ours is touched."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.errors import UsageError
from host.store.database import DATABASE_NAME
from host.store.drains import DRAINS_NAME
from host.store.liveness import is_recording
from host.store.private import explained

__all__ = ["Holding", "erase", "holdings"]

_DATA: Final = (
    ("transcripts, prices and bound glasses", re.compile(re.escape(DATABASE_NAME) + r"(-wal|-shm|-journal)?")),
    ("transcripts", re.compile(r"recording-\d+\.lock")),
    ("what batteries last", re.compile(re.escape(DRAINS_NAME))),
    ("sound", re.compile(r"audio")),
    ("models", re.compile(r"models")),
    ("maps", re.compile(r"maps")),
    ("unfinished files", re.compile(r"\.[0-9a-f]{16}\.part")),
)
_CONFIG: Final = (
    ("settings", re.compile(r"config\.toml")),
    ("keys", re.compile(r"service\.env")),
    ("unfinished files", re.compile(r"\.[0-9a-f]{16}\.part")),
)


@dataclass(frozen=True, slots=True)
class Holding:
    """A file or folder of ours.

    Attributes:
        what: what is in it, in a word.
        path: absolute.
        size_bytes: of all files in it.
    """

    what: str
    path: Path
    size_bytes: int


def holdings(data: Path, config: Path) -> tuple[list[Holding], list[Path]]:
    """What is ours in the two folders, and what else is there, which stays.

    Raises:
        StoreError: a folder cannot be read.
    """
    ours: dict[Path, Holding] = {}
    others: set[Path] = set()
    for folder, known in ((data, _DATA), (config, _CONFIG)):
        with explained(f"the folder {folder}"):
            inside = sorted(folder.iterdir()) if folder.is_dir() else []
        for path in inside:
            what = next((what for what, name in known if name.fullmatch(path.name)), None)
            if what is None:
                others.add(path)
            else:
                ours[path] = Holding(what, path, _size(path))
    return list(ours.values()), sorted(others - ours.keys())


def erase(found: Iterable[Holding], data: Path, config: Path) -> Iterator[Holding]:
    """Remove them, each given back once it is gone, and the two folders if nothing else is left in them.

    Stopped by an error or its caller, what was removed before stays removed.

    Raises:
        UsageError: a transcript is being recorded; nothing was removed.
        StoreError: something cannot be removed.
    """
    for lock in data.glob("recording-*.lock"):
        number = lock.stem.partition("-")[2]
        if number.isdigit() and is_recording(data, int(number)):
            raise UsageError(f"transcript {number} is being recorded", "Stop the recording first")
    for holding in found:
        with explained(f"{holding.path}", "remove it yourself"):
            # A link is removed, not what it leads to: a folder of models may lie on another disk.
            if holding.path.is_dir() and not holding.path.is_symlink():
                shutil.rmtree(holding.path)
            else:
                holding.path.unlink(missing_ok=True)
        yield holding
    for folder in {data, config}:
        with explained(f"{folder}", "remove it yourself"):
            # A link to a folder is its owner's, as the folder is.
            if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
                folder.rmdir()


def _size(path: Path) -> int:
    """Bytes in a file or folder, without what goes away while it is looked at."""
    if path.is_symlink() or not path.is_dir():
        return _bytes_of(path)
    return sum(_bytes_of(inner) for inner in path.rglob("*") if not inner.is_dir())


def _bytes_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0
