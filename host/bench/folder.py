"""A folder of photos that a benchmark reads, what its manifest expects of them, and the memory that reading takes."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from host.errors import UsageError

__all__ = ["expected", "photos", "resident_bytes"]

_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})


def photos(folder: Path) -> list[Path]:
    """The pictures in a folder, in order of their names. Raises UsageError: there are none."""
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}", "Name a folder of photos") from error
    if not found:
        raise UsageError(f"there are no photos in {folder}", "Name a folder of JPEG or PNG files")
    return found


def expected(folder: Path) -> dict[str, str]:
    """Column `expected` of a folder's `manifest.tsv` by column `file`; empty without one. Raises UsageError."""
    path = folder / "manifest.tsv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read: {error}", "Mend it, or take it away") from error
    return {file: row.get("expected") or "" for row in rows if (file := row.get("file") or "")}


def resident_bytes() -> int:
    """Memory of this program and its processes; 0 where psutil, of the test extra, is not installed."""
    try:
        import psutil  # noqa: PLC0415 - as said
    except ImportError:
        return 0
    me = psutil.Process()
    return int(sum(process.memory_info().rss for process in (me, *me.children(recursive=True))))
