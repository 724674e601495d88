"""An exported transcript written to where the user wants it: whole or not at all, closed to others."""

from __future__ import annotations

from pathlib import Path

from host.errors import UsageError
from host.store.private import explained, write_private_file

__all__ = ["require_place", "save"]


def require_place(path: Path, *, replace: bool) -> None:
    """Find out whether an export could be written there, before the work for it is done.

    Raises:
        UsageError: as `save`.
    """
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", "Make it first, or write to another place")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is no file", "Give the name of a file, or - for standard output")
    if path.exists() and not replace:
        raise UsageError(f"{path} is there already", "Add --force to replace it")


def save(text: str, path: Path, *, replace: bool) -> None:
    """Write an export.

    Args:
        text: as `render` made it.
        path: where.
        replace: whether a file of that name may be replaced.

    Raises:
        UsageError: there is a file of that name and `replace` is False; its folder is not there; or what has the
            name is no file.
        DiskFullError: no room; a file that was there is untouched.
        StoreError: it cannot be written, as above.
    """
    with explained(str(path), otherwise="write to another place"):
        require_place(path, replace=replace)
        try:
            write_private_file(path, text.encode("utf-8"), replace=replace)
        except FileExistsError:  # made at this moment
            require_place(path, replace=replace)
            raise
