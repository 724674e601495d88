"""Folders and files that only their owner can read, whatever the umask is; on Windows the profile's own protection.

Errors of the operating system become `StoreError` here, with what to do next.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from host.errors import DiskFullError, StoreError

__all__ = ["create_private_file", "explained", "make_private_file", "make_private_folder", "write_private_file"]

FOLDER_MODE = 0o700
FILE_MODE = 0o600

_log = logging.getLogger(__name__)

_FULL = {errno.ENOSPC, errno.EDQUOT}


def make_private_folder(folder: Path) -> None:
    """Make sure that the folder is there and closed to others.

    A folder that was open to others is closed; where that is impossible (another owner, a file system without
    permissions) a warning is logged and the folder used as it is.

    Raises:
        StoreError: it cannot be made, or a file has its name.
        DiskFullError: no room.
    """
    with explained(f"the data folder {folder}"):
        missing = [p for p in (folder, *folder.parents) if not p.exists()]
        for path in reversed(missing):
            path.mkdir(mode=FOLDER_MODE, exist_ok=True)
            path.chmod(FOLDER_MODE)  # mkdir's own mode passes through the umask
            _sync_folder(path.parent)
        if not folder.is_dir():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
        if sys.platform != "win32" and folder.stat().st_mode & 0o777 != FOLDER_MODE:
            try:
                folder.chmod(FOLDER_MODE)
            except OSError as error:
                _log.warning("%s may be open to others: %s", folder, error)


def create_private_file(path: Path) -> int:
    """Open a file for reading and writing, made if it is not there, closed to others; its descriptor.

    The caller closes it.

    Raises:
        OSError: as the system says; the caller names the purpose, see `explained`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), FILE_MODE)
    _close_to_others(descriptor, os.fstat(descriptor).st_mode)
    return descriptor


def make_private_file(path: Path) -> None:
    """Make sure that a file is there and closed to others; one that is there is not opened.

    Closing any descriptor of a file gives up every POSIX lock that this process has on it: SQLite's, too, whose other
    connections would go on writing into a log that another program takes for nobody's, and deletes.

    Raises:
        OSError: as the system says; the caller names the purpose, see `explained`.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path)) from None
        if not os.access(path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path)) from None
        _close_to_others(path, path.stat().st_mode)
    else:
        try:
            _close_to_others(descriptor, os.fstat(descriptor).st_mode)
        finally:
            os.close(descriptor)


def write_private_file(path: Path, content: bytes, *, replace: bool) -> None:
    """Write a file whole or not at all: another program sees the old content or the new, never a part.

    Args:
        path: where; its folder must be there.
        content: all of it.
        replace: whether a file of that name may be replaced.

    Raises:
        FileExistsError: there is one and `replace` is False.
        OSError: as the system says; nothing was changed.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), FILE_MODE)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            if sys.platform != "win32":
                os.fchmod(descriptor, FILE_MODE)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if replace:
            temporary.replace(path)
        else:
            _move_to_free_name(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


@contextlib.contextmanager
def explained(what: str, otherwise: str = "set SIDELIGHT_HOME to another folder") -> Iterator[None]:
    """Turn an `OSError` of the block into a sentence.

    Args:
        what: what is being written, for the message: "the data folder /home/me/.local/share/sidelight".
        otherwise: the way out where it cannot be mended, for the hint.

    Raises:
        DiskFullError: no room, or the quota is used up.
        StoreError: anything else the system says.
    """
    try:
        yield
    except OSError as error:
        place = error.filename or what
        if error.errno in _FULL:
            raise DiskFullError(
                f"no room left on the disk for {what}", f"Free some room there, or {otherwise}"
            ) from error
        if isinstance(error, NotADirectoryError | FileExistsError):
            message, hint = f"cannot use {what}: {place} is a file where a folder must be", "Move it away"
        elif isinstance(error, IsADirectoryError):
            message, hint = f"cannot use {what}: {place} is a folder", "Move it away"
        elif isinstance(error, PermissionError) or error.errno == errno.EROFS:
            reason = "the disk is read-only" if error.errno == errno.EROFS else "permission denied"
            message, hint = f"cannot write {what}: {reason}", "Make it writable for you"
        else:
            reason = (error.strerror or type(error).__name__).lower()
            message, hint = f"cannot use {what}: {reason}", "Check the disk"
        raise StoreError(message, f"{hint}, or {otherwise}") from error


def _move_to_free_name(temporary: Path, path: Path) -> None:
    if sys.platform == "win32":
        temporary.rename(path)  # fails where the name is taken, which POSIX's rename does not
        return
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:  # no hard links here (FAT, some network shares): a small race is what is left
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        temporary.replace(path)


def _sync_folder(folder: Path) -> None:
    """Put a new name in the folder on disk, so that a power cut does not take the file with it."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):  # some file systems have nothing to sync here
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _close_to_others(file: Path | int, mode: int) -> None:
    if sys.platform != "win32" and mode & 0o777 != FILE_MODE:
        with contextlib.suppress(OSError):  # another owner, or a file system without permissions
            os.chmod(file, FILE_MODE)  # noqa: PTH101 - a descriptor, too
