"""Folders that appear whole, by one renaming, and go so: what models and maps are kept in.

ROOT/NAME/...           what is there
ROOT/.MAKING/NAME/...   what is being made; goes on after an interruption
ROOT/.MAKING/NAME.lock  held by who makes or removes it, and let go of when that process dies
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from host.errors import HostError
from host.store.liveness import try_lock
from host.store.private import create_private_file, explained, make_private_folder, write_private_file

__all__ = ["WholeFolders", "bytes_in"]

_OLD: Final = "old"
_GONE: Final = "gone"


class WholeFolders:
    """Folders by name; the one of them all is made when something is put there."""

    def __init__(self, root: Path, making: str, busy: Callable[[str], HostError]) -> None:
        """Use a folder.

        Args:
            root: of all; need not be there.
            making: name of the folder in it in which they are made.
            busy: the error where another program makes or removes the one of that name.
        """
        self.root, self._making, self._busy = root, root / making, busy

    def is_there(self, name: str) -> bool:
        """Whether there is one of that name, or an unfinished one. `name` is that of a file, and no path."""
        return (self.root / name).exists() or (self._making / name).exists()

    @contextlib.contextmanager
    def making(self, name: str) -> Iterator[Path]:
        """The folder that one is made in, to oneself; afterwards it is there only if something is in it.

        Raises:
            HostError: `busy`.
            StoreError: it cannot be made.
        """
        folder = self._making / name
        for parent in (self.root, self._making):
            make_private_folder(parent)
        lock = self._making / f"{name}.lock"
        with explained(str(lock)):
            descriptor = create_private_file(lock)
        try:
            try:
                try_lock(descriptor)
            except OSError as error:
                raise self._busy(name) from error
            make_private_folder(folder)
            try:
                with explained(str(folder)):
                    self._resume(name, folder)
                yield folder
            finally:
                _remove_if_empty(folder)  # else it is a download that goes on another time
        finally:
            os.close(descriptor)

    def put(self, name: str, ready: Path, record: str, content: bytes) -> Path:
        """Make a folder that is ready the one of that name; what was there before goes. Needs `making`.

        Args:
            name: of it.
            ready: the folder, inside the one of `making`.
            record: name of a file in it that says what it is.
            content: of that file.

        Returns:
            Where it is.

        Raises:
            StoreError: it cannot be moved; what was there before is there still.
        """
        place, old = self.root / name, self._making / name / _OLD
        with explained(str(place)):
            write_private_file(ready / record, content, replace=True)
            _sync(ready)
            if place.exists():
                place.rename(old)
            try:
                ready.rename(place)
            except OSError:
                if old.exists():
                    old.rename(place)
                raise
            shutil.rmtree(old, ignore_errors=True)
        return place

    def remove(self, name: str) -> int:
        """Remove what `is_there`; how many bytes that frees.

        Raises:
            HostError: `busy`.
            StoreError: it cannot be removed.
        """
        place = self.root / name
        with self.making(name) as folder, explained(str(place)):
            freed = bytes_in(place) + bytes_in(folder)
            if place.exists():
                place.rename(folder / _GONE)
            shutil.rmtree(folder)
        return freed

    def _resume(self, name: str, folder: Path) -> None:
        """Finish what a program that was killed has left in the middle."""
        shutil.rmtree(folder / _GONE, ignore_errors=True)
        old, place = folder / _OLD, self.root / name
        if old.exists() and not place.exists():
            old.rename(place)  # the new one never got its name
        shutil.rmtree(old, ignore_errors=True)


def bytes_in(folder: Path) -> int:
    """Bytes of all files in a folder, which need not be there."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0


def _sync(folder: Path) -> None:
    """Have all files on the disk before the folder gets its name."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _remove_if_empty(folder: Path) -> None:
    """Remove a folder in which there is no file, only folders."""
    for inner, _, _ in os.walk(folder, topdown=False):
        with contextlib.suppress(OSError):  # not empty
            Path(inner).rmdir()
