"""A folder of photos that a benchmark reads, what its manifest expects of them, and the memory that reading takes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from host.errors import UsageError

__all__ = ["expected", "photos", "resident_bytes"]

_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif"}
)


def photos(folder: Path, *, needed: bool = True) -> list[Path]:
    """The pictures in a folder, in order of their names. Raises UsageError: there are none, where some are needed."""
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}", "Name a folder of photos") from error
    if not found and needed:
        raise UsageError(f"there are no photos in {folder}", "Name a folder of JPEG or PNG files")
    return found


def expected(folder: Path) -> dict[str, str]:
    """Column `expected` of a folder's `manifest.tsv` by column `file`; empty without one. Raises UsageError."""
    path = folder / "manifest.tsv"
    try:
        lines = _decoded(path.read_bytes()).splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "Save it as text in UTF-8, or take it away") from error
    heading, *rows = [[cell.strip() for cell in text.split("\t")] for text in lines if text.strip()] or [[""]]
    places = {name.lower(): place for place, name in enumerate(heading)}
    if "file" not in places:
        raise UsageError(
            f"{path} has no column 'file'", "Its first line names its columns, with tabs between: file, expected"
        )
    said = {}
    for row in rows:
        file, text = (
            row[places[name]] if places.get(name, len(row)) < len(row) else "" for name in ("file", "expected")
        )
        if file:
            said[file] = text
    return said


def _decoded(data: bytes) -> str:
    """Text as editors and spreadsheets save it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def resident_bytes() -> int:
    """Memory of this program and its processes; 0 where psutil, of the test extra, is not installed."""
    try:
        import psutil  # noqa: PLC0415 - as said
    except ImportError:
        return 0
    me = psutil.Process()
    return int(sum(process.memory_info().rss for process in (me, *me.children(recursive=True))))
