"""The host folder that keeps the emulated glasses' files between runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote_to_bytes

from firmware_bridge.errors import InputError

FILE_MAX_BYTES: Final = 0x10000  # 2.10: littlefs file_max
_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-.")
_DOT: Final = ord(".")
_WINDOWS_DEVICES: Final = frozenset(
    [b"con", b"prn", b"aux", b"nul", *(b"%s%d" % (port, n) for port in (b"com", b"lpt") for n in range(10))]
)
HOST_NAME_MAX: Final = 240  # most file systems allow 255 bytes; one `~` is ours
_MARKER: Final = ".sidelight-glasses"  # a leading dot never occurs in an encoded name
_BOND: Final = ".sidelight-bond"
_BONDS: Final = ".sidelight-bonds"
_OWN: Final = (_MARKER, _BOND, _BONDS)
KEY_BYTES: Final = 16  # Bluetooth Core, Vol 3 Part H 2.4.1: a long-term key

FlashPath = tuple[bytes, ...]
"""Names from the root of the flash down."""


class Store(Protocol):
    """Where finished changes of the glasses' files go, in the order in which they were made."""

    def write(self, path: FlashPath, content: bytes) -> None:
        """Keep a file's content."""
        ...

    def mkdir(self, path: FlashPath) -> None:
        """Keep a folder; nothing happens where there is one."""
        ...

    def remove(self, path: FlashPath) -> None:
        """Remove a file or a folder with what it holds; nothing happens where there is none."""
        ...

    def rename(self, old: FlashPath, new: FlashPath) -> None:
        """Move a file or folder; nothing may be at the new place."""
        ...

    def clear(self) -> None:
        """Remove everything."""
        ...


class BondTable(Protocol):
    """Where the keys of several bonds are kept, by the address of the host, the one used last at the end."""

    def load_bonds(self) -> dict[str, bytes]:
        """The long-term keys, 16 bytes each."""
        ...

    def save_bonds(self, bonds: dict[str, bytes]) -> None:
        """Keep these and no others."""
        ...


class Folder:
    """The folder of one pair of emulated glasses; each change is complete or absent.

    A marker tells such a folder from any other one, since the glasses may wipe it. The key of their bond lies beside
    the files, in a page of its own: it outlasts them.
    """

    def __init__(self, root: Path) -> None:
        """Use `root`, created if absent.

        Raises:
            InputError: it cannot be used, or holds something that is not the glasses'.
        """
        self._root = root
        with self._translated():
            root.mkdir(parents=True, exist_ok=True)
            if not (root / _MARKER).exists():
                if any(root.iterdir()):
                    raise InputError(
                        f"the folder {root} holds files that are not the glasses'",
                        "Give an empty folder or a new name.",
                    )
                (root / _MARKER).touch()

    def load(self) -> dict[FlashPath, bytes | None]:
        """Everything kept: files with their content, folders with None."""
        tree: dict[FlashPath, bytes | None] = {}
        with self._translated():
            self._load_into(tree, self._root, ())
        return tree

    def clear(self) -> None:
        """Remove everything."""
        with self._translated():
            for entry in self._root.iterdir():
                if entry.name not in _OWN:
                    self._delete(entry)

    def write(self, path: FlashPath, content: bytes) -> None:
        """Keep a file's content."""
        with self._translated():
            target = self._host_path(path)
            part = target.with_name(target.name + "~")  # `~` never occurs in an encoded name
            part.write_bytes(content)
            part.replace(target)

    def mkdir(self, path: FlashPath) -> None:
        """Keep a folder."""
        with self._translated():
            self._host_path(path).mkdir(exist_ok=True)

    def remove(self, path: FlashPath) -> None:
        """Remove a file or a folder with what it holds; nothing happens where there is none."""
        with self._translated():
            self._delete(self._host_path(path))

    def rename(self, old: FlashPath, new: FlashPath) -> None:
        """Move a file or folder; nothing may be at the new place."""
        with self._translated():
            self._host_path(old).replace(self._host_path(new))

    def load_bond(self) -> bytes | None:
        """The key of the one bond; None: there is none."""
        with self._translated():
            try:
                key = bytes.fromhex((self._root / _BOND).read_text(encoding="ascii"))
            except FileNotFoundError:
                return None
            except ValueError:
                key = b""
        if len(key) != KEY_BYTES:
            raise InputError(
                f"the bond of the emulated glasses in {self._root / _BOND} cannot be read", "Delete that file."
            )
        return key

    def save_bond(self, key: bytes | None) -> None:
        """Keep the key of the one bond, readable by its owner only; None forgets it."""
        with self._translated():
            target = self._root / _BOND
            if key is None:
                target.unlink(missing_ok=True)
                return
            part = target.with_name(_BOND + "~")
            part.touch(mode=0o600)
            part.write_text(key.hex(), encoding="ascii")
            part.replace(target)

    def load_bonds(self) -> dict[str, bytes]:
        """BondTable: the keys of the bonds."""
        with self._translated():
            try:
                lines = (self._root / _BONDS).read_text(encoding="ascii").splitlines()
                bonds = {host: bytes.fromhex(key) for host, key in map(str.split, lines)}
            except FileNotFoundError:
                return {}
            except ValueError:
                bonds = {"": b""}
        if any(len(key) != KEY_BYTES for key in bonds.values()):
            raise InputError(
                f"the bonds of the emulated glasses in {self._root / _BONDS} cannot be read", "Delete that file."
            )
        return bonds

    def save_bonds(self, bonds: dict[str, bytes]) -> None:
        """BondTable: keep the keys, readable by their owner only."""
        with self._translated():
            part = (self._root / _BONDS).with_name(_BONDS + "~")
            part.touch(mode=0o600)
            part.write_text("".join(f"{host} {key.hex()}\n" for host, key in bonds.items()), encoding="ascii")
            part.replace(self._root / _BONDS)

    def _host_path(self, path: FlashPath) -> Path:
        return self._root.joinpath(*map(host_name, path))

    def _load_into(self, tree: dict[FlashPath, bytes | None], folder: Path, path: FlashPath) -> None:
        for entry in sorted(folder.iterdir()):
            if entry.is_symlink() or entry.name in _OWN or entry.name.endswith("~"):
                continue
            inner = (*path, unquote_to_bytes(entry.name))
            if entry.is_dir():
                tree[inner] = None
                self._load_into(tree, entry, inner)
            elif entry.is_file():
                size = entry.stat().st_size
                if size > FILE_MAX_BYTES:
                    raise InputError(
                        f"{entry} is too large for the glasses ({size} bytes, at most {FILE_MAX_BYTES})",
                        "Remove it from the folder of the glasses' files.",
                    )
                tree[inner] = entry.read_bytes()

    def _delete(self, entry: Path) -> None:
        if entry.is_dir() and not entry.is_symlink():
            for inner in entry.iterdir():
                self._delete(inner)
            entry.rmdir()
        else:
            entry.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                f"the folder of the glasses' files cannot be used: {self._root}: {error.strerror or error}",
                "Give a folder that you may read and write.",
            ) from error


def host_name(name: bytes) -> str:
    """A name from Lua as a file name that means nothing to any host: lower case letters, digits, `_`, `-`, inner `.`.

    Everything else is percent-encoded, the first letter of Windows' device names (`con`, `nul`) too.
    """
    special = name.partition(b".")[0] in _WINDOWS_DEVICES
    last = len(name) - 1
    return "".join(
        chr(byte)
        if byte in _PLAIN and not (special and at == 0) and (byte != _DOT or 0 < at < last)
        else f"%{byte:02X}"
        for at, byte in enumerate(name)
    )
