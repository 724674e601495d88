"""Archives of models, unpacked so that nothing can get out of the folder, and none can fill the disk.

Tar archives go through Python's data filter (PEP 706), zip archives through the same rules, written out. Links, devices
and pickles are refused: no model needs the first two, and the last can run code when it is loaded.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, Self, cast

from host.errors import DownloadError
from host.store.private import explained

__all__ = ["PICKLES", "unpack"]

PICKLES: Final = (".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".npy", ".npz", ".mar")
"""How the names of files end that a library may load as a pickle."""

_MOST_FILES: Final = 2000  # models have some dozens
_COMPRESSED: Final[Mapping[bytes, Callable[[Path, str], Any]]] = {
    b"BZh": bz2.open,
    b"\x1f\x8b": gzip.open,
    b"\xfd7zXZ": lzma.open,
}
"""What opens a file that begins so."""
_BLOCK: Final = 1 << 20
_HINT: Final = "Report this, and use another model: nothing of it was kept"


def unpack(archive: Path, folder: Path, limit: int) -> None:
    """Unpack into a folder; what fails leaves a part of it there.

    Args:
        archive: a tar file, compressed in any way that Python knows, or a zip file.
        folder: where to; must be there.
        limit: bytes that all files may have together.

    Raises:
        DownloadError: it is no archive, is damaged, or holds what must not be in it.
        DiskFullError: no room.
        StoreError: it cannot be written.
    """
    opened = _zip if zipfile.is_zipfile(archive) else _tar
    left = limit
    with explained(str(folder)):
        try:
            for number, (name, content) in enumerate(opened(archive, folder), 1):
                if number > _MOST_FILES:
                    raise DownloadError(f"{archive.name} holds more than {_MOST_FILES} files", _HINT)
                left = _copy(content, _place(name, folder, archive), left, archive)
        except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise DownloadError(f"{archive.name} is no archive, or is damaged", "Get the model again") from error


def _tar(archive: Path, folder: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Names and contents of its files, after the data filter; Raises DownloadError for all but files and folders."""
    with _Plain(archive) as plain, tarfile.open(fileobj=cast("IO[bytes]", plain), mode="r:") as tar:
        for _ in range(_MOST_FILES + 1):  # folders are counted, too: each takes memory
            member = tar.next()
            if member is None:
                return
            if not member.name.isprintable():
                raise _climbs(archive, member.name)
            try:
                safe = tarfile.data_filter(member, str(folder))
            except tarfile.FilterError as error:
                raise _climbs(archive, member.name) from error
            if not (safe.isdir() or safe.isreg()) or PurePosixPath(member.name).is_absolute():
                raise _climbs(archive, member.name)
            if safe.isreg():
                content = tar.extractfile(safe)
                assert content is not None, "a regular file"  # noqa: S101
                yield safe.name, content
        raise DownloadError(f"{archive.name} holds more than {_MOST_FILES} files", _HINT)


class _Plain:
    """A tar file without its compression, of which no large piece is read at once.

    tarfile reads a header in one piece, which in a few compressed bytes may have any size.
    """

    def __init__(self, archive: Path) -> None:
        with archive.open("rb") as file:
            first = file.read(max(map(len, _COMPRESSED)))
        opener = next((o for magic, o in _COMPRESSED.items() if first.startswith(magic)), Path.open)
        self._file: IO[bytes] = opener(archive, "rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or fewer at the end. Raises tarfile.ReadError: damaged, or too many at once."""
        if not 0 <= size <= _BLOCK:
            raise tarfile.ReadError("a header that is no header")
        try:
            return self._file.read(size)
        except (OSError, lzma.LZMAError) as error:  # a damaged compressed stream
            raise tarfile.ReadError from error

    def seek(self, place: int) -> int:
        """Go there. Raises tarfile.ReadError."""
        try:
            return self._file.seek(place)
        except (OSError, lzma.LZMAError) as error:
            raise tarfile.ReadError from error

    def tell(self) -> int:
        """Where it is."""
        return self._file.tell()


def _zip(archive: Path, _folder: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _climbs(archive, member.filename)
            if not member.is_dir():
                with opened.open(member) as content:
                    yield member.filename, content


def _place(name: str, folder: Path, archive: Path) -> Path:
    """Where a file goes. Raises DownloadError: out of the folder, or what must not be."""
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or "\\" in name
        or ":" in name
        or not path.parts
        or not name.isprintable()
    ):
        raise _climbs(archive, name)
    if path.suffix.lower() in PICKLES:
        raise DownloadError(f"{archive.name} holds {name!a:.100}, a format that can run code", _HINT)
    place = folder / path
    if not place.resolve().is_relative_to(folder.resolve()):
        raise _climbs(archive, name)
    return place


def _copy(content: IO[bytes], place: Path, left: int, archive: Path) -> int:
    """Write a file; how many bytes may still come after it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as out:
        while block := _block(content):
            left -= len(block)
            if left < 0:
                raise DownloadError(f"{archive.name} becomes larger than it may be when it is unpacked", _HINT)
            out.write(block)
    return left


def _block(content: IO[bytes]) -> bytes:
    try:
        return content.read(_BLOCK)
    except OSError as error:  # a damaged compressed stream; writing fails elsewhere
        raise tarfile.ReadError from error


def _climbs(archive: Path, name: str) -> DownloadError:
    return DownloadError(f"{archive.name} holds {name!a:.100}, which does not belong in a folder of its own", _HINT)
