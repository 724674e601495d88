"""Whether a transcript is being recorded right now, by any program, told by a lock that dies with its holder.

Each open journal holds a lock on `recording-ID.lock` beside the database. The system drops it when the process ends,
however it ends, so an unclosed transcript without a held lock was interrupted. A transcript's number is never used
twice, so a left-over file can be removed by whoever finds it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Self

from host.store.private import create_private_file, explained

__all__ = ["RecordingLock", "is_recording", "try_lock"]

if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> None:
        """Lock an open file for as long as it is open. Raises OSError: somebody else has."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def try_lock(descriptor: int) -> None:
        """Lock an open file for as long as it is open. Raises OSError: somebody else has."""
        # flock, not lockf: it also keeps two openings in one process apart.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class RecordingLock:
    """Held for as long as a journal is open."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor

    @classmethod
    def take(cls, folder: Path, transcript_id: int) -> Self:
        """Take the lock of a new transcript. Raises StoreError, DiskFullError."""
        path = _lock_path(folder, transcript_id)
        with explained(f"the data folder {folder}"):
            descriptor = create_private_file(path)
            try:
                try_lock(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
        return cls(path, descriptor)

    def release(self) -> None:
        """Let go and remove the file. Repeated calls do nothing. Never raises."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            _remove_and_close(self._path, descriptor)


def is_recording(folder: Path, transcript_id: int) -> bool:
    """Whether some program has this transcript's journal open; removes the lock file of one that died."""
    path = _lock_path(folder, transcript_id)
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        try_lock(descriptor)
    except OSError:
        os.close(descriptor)
        return True
    _remove_and_close(path, descriptor)
    return False


def _lock_path(folder: Path, transcript_id: int) -> Path:
    return folder / f"recording-{transcript_id}.lock"


def _remove_and_close(path: Path, descriptor: int) -> None:
    if sys.platform == "win32":  # an open file cannot be removed there
        os.close(descriptor)
        _unlink_quietly(path)
    else:  # removed while it is still locked, so that no one finds it unlocked
        _unlink_quietly(path)
        os.close(descriptor)


def _unlink_quietly(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
