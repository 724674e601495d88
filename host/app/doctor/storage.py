"""The data folder, the disk it is on, and the transcripts in it."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from host.app.doctor.checkup import Checkup, broken, in_a_row, missing, ok, unknown
from host.events import Finding
from host.paths import data_folder
from host.store.database import DATABASE_NAME, Database
from host.store.schema import SCHEMA_VERSION
from host.store.transcripts import Transcripts

__all__ = ["storage"]

_FULL: Final = 64 << 20  # bytes; what `models get` leaves free for the rest of the system
_LITTLE: Final = 1 << 30  # bytes; a model takes up to 1.6 GB, kept sound 60 MB an hour
_LOOK_S: Final = 0.7  # of the two seconds that everything may take
_NUMBERS_SHOWN: Final = 5


def storage(_checkup: Checkup) -> Iterator[Finding]:
    """Whether what is heard can be kept."""
    folder = data_folder()
    yield from _folder(folder)
    yield _disk(folder)
    if (folder / DATABASE_NAME).exists():
        yield from _transcripts(folder)
    else:
        yield ok("transcripts", "there are none yet")


def _folder(folder: Path) -> Iterator[Finding]:
    place = _nearest(folder)
    if not place.is_dir():
        yield broken("data folder", f"{place} is a file where a folder must be", "Move it away")
        return
    elsewhere = "or set SIDELIGHT_HOME to another folder"
    if not _writable(place):
        why = "the disk is read-only" if _read_only(place) else "it is not writable for you"
        how = f'Run: sudo chown -R "$USER" {shlex.quote(str(place))}, {elsewhere}'
        yield broken("data folder", f"nothing can be kept in {folder}: {why}", how)
    elif place != folder:
        yield ok("data folder", f"{folder} is made when it is needed")
    elif sys.platform != "win32" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        yield missing("data folder", f"others may look into {folder}", f"Run: chmod 700 {shlex.quote(str(folder))}")
    else:
        yield ok("data folder", f"{folder}, for you alone")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_nearest(folder)).free
    shown = f"{free / 1e9:.1f} GB" if free >= _LITTLE else f"{free // 1_000_000} MB"
    how = "Free some room there, or set SIDELIGHT_HOME to another folder"
    if free < _FULL:
        return broken("disk", f"only {shown} are free, so a recording would soon stop", how)
    if free < _LITTLE:
        said = f"{shown} are free: enough for words, little for models and for an hour of sound (60 MB)"
        return missing("disk", said, how)
    return ok("disk", f"{shown} are free")


def _transcripts(folder: Path) -> Iterator[Finding]:
    with contextlib.closing(Database.read(folder)) as database:
        if database.is_whole(_LOOK_S):
            yield ok("database", f"SQLite finds {database.path} whole")
        else:
            said = f"{database.path} is too large to be gone through here"
            yield unknown("database", said, f"Run: sqlite3 {shlex.quote(str(database.path))} 'PRAGMA quick_check'")
        if database.query("PRAGMA user_version")[0][0] < SCHEMA_VERSION:
            yield ok("transcripts", "they are of an earlier version, and brought up to date when they are next used")
            return
        found = Transcripts(database).all()
    recording = [str(t.id) for t in found if t.state == "recording"]
    now = f"; {in_a_row(recording)} being recorded" if recording else ""
    yield ok("transcripts", f"{len(found)} are kept{now}")
    interrupted = [str(t.id) for t in found if t.state == "interrupted"]
    if interrupted:
        more = f" and {len(interrupted) - _NUMBERS_SHOWN} more" if len(interrupted) > _NUMBERS_SHOWN else ""
        which = ", ".join(interrupted[:_NUMBERS_SHOWN]) + more
        yield ok("interrupted transcripts", f"{which}: the program ended early; what was said before is saved")


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest of those around it that is there."""
    return next((path for path in (folder, *folder.parents) if path.exists()), folder)


def _writable(folder: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=effective)


def _read_only(folder: Path) -> bool:
    return hasattr(os, "statvfs") and bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
