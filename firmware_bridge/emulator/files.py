"""Files of the emulated Frame: littlefs in the flash that the firmware leaves over (device reference 2.10).

Everything is kept in memory; with a folder given, finished changes also go there and are read back next time. Names
come from Lua and are never trusted as host file names: see `flash_folder.py`.

What flash costs (nRF52840 Product Specification, NVMC electrical specification): 85 ms to erase a page of 4 KiB,
41 us to program a word of 4 bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from firmware_bridge.emulator.board import Api, Args, FrameBoard, LuaApiError, LuaFile, LuaValue
from firmware_bridge.emulator.flash_folder import FILE_MAX_BYTES, HOST_NAME_MAX, FlashPath, Folder, Store, host_name
from firmware_bridge.errors import InputError

NAME_MAX_BYTES: Final = 256  # 2.10
LINE_MAX_BYTES: Final = 512  # 2.10: LUAL_BUFFERSIZE of a 32-bit build
BLOCK_BYTES: Final = 4096  # 2.10: littlefs block, one flash page
ERASE_BLOCK_S: Final = 0.085
PROGRAM_WORD_S: Final = 41e-6
INLINE_MAX_BYTES: Final = BLOCK_BYTES // 8  # littlefs keeps smaller files inside its metadata
_METADATA_COMMIT_BYTES: Final = 48  # estimate: tags, name and checksum of one littlefs commit

_REGULAR: Final = 1
_DIRECTORY: Final = 2


class Files:
    """The file system, and the file part of the Lua API (`frame.file`).

    Attributes:
        paired: False: everything is wiped when the Lua VM starts, as the firmware does until it is bonded (1.2).
    """

    def __init__(self, board: FrameBoard, root: Path | None, *, paired: bool) -> None:
        """Start with what `root` holds, or empty.

        Args:
            board: the device.
            root: folder that keeps the files between runs, created if absent; None keeps nothing.
            paired: whether a host is bonded at power on.

        Raises:
            InputError: the folder cannot be read or written, or holds more than the flash could.
        """
        self.paired = paired
        self._board = board
        self._capacity = board.choices.flash_bytes
        self._tree: dict[FlashPath, bytes | None] = {}  # None marks a directory
        self._metadata_used = 0
        folder = Folder(root) if root is not None else None
        self._store: Store | None = folder
        if folder is not None:
            self._tree = folder.load()
            if self._used_blocks() * BLOCK_BYTES > self._capacity:
                raise InputError(
                    f"the folder {root} holds more than the glasses' flash ({self._capacity // 1024} KiB)",
                    "Use an empty folder, or remove files from it.",
                )

    def keep_in(self, store: Store) -> None:
        """From here on finished changes go there; what was loaded stays."""
        self._store = store

    def reset(self) -> None:
        """The Lua VM starts: unfinished handles are gone with it; while unpaired the flash is formatted (1.2)."""
        if not self.paired:
            self._tree.clear()
            self._metadata_used = 0
            if self._store is not None:
                self._store.clear()
            self._board.charge(2 * ERASE_BLOCK_S)  # a fresh superblock pair

    def read_module(self, name: bytes) -> bytes:
        """The text of `name`.lua, for `require`.

        Raises:
            LuaApiError: there is no such file.
        """
        content = self._regular(name + b".lua")
        if content is None:
            raise LuaApiError(f"cannot open file: {name.decode('latin-1')}.lua")
        return content

    def api(self) -> Api:
        """The functions of `frame.file`."""
        return {
            "open": self._open,
            "remove": self._remove,
            "rename": self._rename,
            "listdir": self._listdir,
            "mkdir": self._mkdir,
        }

    # --- Lua functions ------------------------------------------------------------------------------------------

    def _open(self, args: Args) -> LuaValue:
        name = args.string(1)
        mode = b"r" if args.raw(2) is None else args.string(2)
        if mode[:1] not in (b"r", b"w", b"a"):
            raise LuaApiError("mode must be 'r', 'w', or 'a'")
        path = split(name)
        writing = mode[:1] != b"r"
        content = self._tree.get(path, b"") if writing else self._regular(name)
        possible = path and content is not None and (not writing or self._can_hold(path))
        if not possible or content is None:
            raise LuaApiError(f"cannot open file {name.decode('latin-1')}")
        kept = b"" if mode[:1] == b"w" else content
        return _OpenFile(self, path, kept, mode[:1], endless=self._board.choices.end_after_newline == "empty").lua()

    def _remove(self, args: Args) -> None:
        path = split(args.string(1))
        if path not in self._tree or any(inside(other, path) for other in self._tree):
            raise LuaApiError("error deleting file/directory")
        del self._tree[path]
        if self._store is not None:
            self._store.remove(path)
        self.commit_metadata()

    def _rename(self, args: Args) -> None:
        old, new = split(args.string(1)), split(args.string(2))
        if not self._can_rename(old, new):
            raise LuaApiError("error renaming file/directory")
        if old == new:
            return
        moved = {path: content for path, content in self._tree.items() if path == old or inside(path, old)}
        if self._store is not None:
            self._store.remove(new)
            self._store.rename(old, new)
        for path, content in moved.items():
            del self._tree[path]
            self._tree[new + path[len(old) :]] = content
        self.commit_metadata()

    def _can_rename(self, old: FlashPath, new: FlashPath) -> bool:
        if old not in self._tree or not new or not self._can_hold(new) or inside(new, old):
            return False
        if new not in self._tree or old == new:
            return True
        same_kind = (self._tree[old] is None) == (self._tree[new] is None)
        return same_kind and not any(inside(path, new) for path in self._tree)

    def _listdir(self, args: Args) -> LuaValue:
        path = split(args.string(1))
        if path and self._tree.get(path, b"") is not None:
            raise LuaApiError("directory not found")
        names = sorted(p[-1] for p in self._tree if len(p) == len(path) + 1 and p[: len(path)] == path)
        entries = [{"name": dots, "size": 0, "type": _DIRECTORY} for dots in (b".", b"..")]
        for name in names:
            content = self._tree[(*path, name)]
            entries.append(
                {"name": name, "size": 0, "type": _DIRECTORY}
                if content is None
                else {"name": name, "size": len(content), "type": _REGULAR}
            )
        return entries

    def _mkdir(self, args: Args) -> None:
        name = args.string(1)
        if len(name) > NAME_MAX_BYTES:
            raise LuaApiError("path too long")
        for level in levels(name):
            # Known bug (5, Frame 8): a level that exists already is an error, so `a/b` fails where `a` exists.
            if not level or level in self._tree or not self._can_hold(level) or self._full(2):
                raise LuaApiError("error creating directory")
            self._tree[level] = None
            if self._store is not None:
                self._store.mkdir(level)
            self._board.charge(2 * ERASE_BLOCK_S)  # a metadata pair of its own
            self.commit_metadata()

    # --- used by the handles ------------------------------------------------------------------------------------

    def has_room(self, path: FlashPath, size: int) -> bool:
        """Whether a file of so many bytes at `path` would fit into the flash."""
        held = self._tree.get(path)
        return not self._full(_blocks(size) - (_blocks(len(held)) if held is not None else 0))

    def store(self, path: FlashPath, content: bytes) -> None:
        """A handle was closed: its content becomes the file's."""
        self._tree[path] = content
        if self._store is not None:
            self._store.write(path, content)
        self.commit_metadata(len(content) if len(content) <= INLINE_MAX_BYTES else 0)

    def program(self, size: int, *, at: int) -> None:
        """Charge the flash work of `size` bytes of a file from offset `at`: a page is erased where one begins."""
        if at + size > INLINE_MAX_BYTES:
            erased = _pages(at + size) - (_pages(at) if at > INLINE_MAX_BYTES else 0)
            carried = at if at <= INLINE_MAX_BYTES else 0  # leaves the metadata for a page of its own
            self._board.charge(erased * ERASE_BLOCK_S + _words(size + carried) * PROGRAM_WORD_S)

    def commit_metadata(self, inline: int = 0) -> None:
        """Charge one entry of the metadata log; a full log is compacted into an erased page."""
        size = _METADATA_COMMIT_BYTES + inline
        self._metadata_used += size
        if self._metadata_used > BLOCK_BYTES:
            self._metadata_used = BLOCK_BYTES // 2
            self._board.charge(ERASE_BLOCK_S + _words(BLOCK_BYTES // 2) * PROGRAM_WORD_S)
        self._board.charge(_words(size) * PROGRAM_WORD_S)

    # --- the tree -----------------------------------------------------------------------------------------------

    def _regular(self, name: bytes) -> bytes | None:
        return self._tree.get(split(name))

    def _can_hold(self, path: FlashPath) -> bool:
        """Whether every name is short enough and the parent is a directory."""
        parent = path[:-1]
        return (
            all(len(name) <= NAME_MAX_BYTES for name in path)
            and (self._store is None or all(len(host_name(name)) <= HOST_NAME_MAX for name in path))
            and (not parent or self._tree.get(parent, b"") is None)
        )

    def _used_blocks(self) -> int:
        return 2 + sum(2 if content is None else _blocks(len(content)) for content in self._tree.values())

    def _full(self, more_blocks: int) -> bool:
        return (self._used_blocks() + more_blocks) * BLOCK_BYTES > self._capacity


class _OpenFile:
    """A handle. What is written reaches the file when it is closed, never before (5, Frame 7)."""

    def __init__(self, files: Files, path: FlashPath, content: bytes, mode: bytes, *, endless: bool) -> None:
        self._files = files
        self._path = path
        self._content = bytearray(content)
        self._writable = mode != b"r"
        self._endless = endless
        self._partial = len(content) % BLOCK_BYTES if len(content) > INLINE_MAX_BYTES else 0
        self._at = 0
        self._open = True

    def lua(self) -> LuaFile:
        return LuaFile(self._read, self._write, self._close)

    def _read(self, _args: Args) -> LuaValue:
        self._check()
        if self._at >= len(self._content):
            # 2.10: after a final newline the end may be reported as "" for ever, from an uninitialised variable.
            return b"" if self._endless and self._content.endswith(b"\n") else (None,)
        window = bytes(self._content[self._at : self._at + LINE_MAX_BYTES])
        line, newline, _ = window.partition(b"\n")
        self._at += len(line) + len(newline)
        return line

    def _write(self, args: Args) -> None:
        self._check()
        if not self._writable:
            raise LuaApiError("file opened in read-only mode")
        data = args.string(2)
        size = len(self._content) + len(data)
        if size > FILE_MAX_BYTES or not self._files.has_room(self._path, size):
            raise LuaApiError("error writing to file")
        # Appending copies the last, partly filled page into a fresh one first.
        carried, self._partial = self._partial, 0
        self._files.program(len(data) + carried, at=len(self._content) - carried)
        self._content += data
        self._at = size

    def _close(self, _args: Args) -> None:
        self._check()
        self._open = False
        if self._writable:
            self._files.store(self._path, bytes(self._content))

    def _check(self) -> None:
        if not self._open:
            raise LuaApiError("attempt to use a closed file")


def split(name: bytes) -> FlashPath:
    """A path's names as littlefs resolves them: empty names and `.` fall away, `..` goes up, never above the root."""
    path: list[bytes] = []
    for part in name.partition(b"\0")[0].split(b"/"):
        if part == b"..":
            del path[-1:]
        elif part not in (b"", b"."):
            path.append(part)
    return tuple(path)


def levels(name: bytes) -> list[FlashPath]:
    """What mkdir makes one after another: the path up to each slash but a leading one, then the whole."""
    name = name.partition(b"\0")[0]
    ends = [at for at, byte in enumerate(name) if byte == ord("/") and at > 0]
    return [split(name[:end]) for end in (*ends, len(name))]


def inside(path: FlashPath, folder: FlashPath) -> bool:
    """Whether a path is somewhere below a folder."""
    return len(path) > len(folder) and path[: len(folder)] == folder


def _words(size: int) -> int:
    return -(-size // 4)


def _pages(size: int) -> int:
    return -(-size // BLOCK_BYTES)


def _blocks(size: int) -> int:
    return _pages(size) if size > INLINE_MAX_BYTES else 0
