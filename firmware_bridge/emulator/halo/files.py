"""Files of the emulated Halo: littlefs in a partition of 128 KiB (device reference 2.10)."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from firmware_bridge.emulator.board import Api, Args, Board, LuaApiError, LuaFile, LuaValue
from firmware_bridge.emulator.files import inside, levels, split
from firmware_bridge.emulator.flash_folder import HOST_NAME_MAX, FlashPath, Folder, Store, host_name
from firmware_bridge.errors import InputError

PARTITION_BYTES: Final = 128 * 1024  # 2.10
BLOCK_BYTES: Final = 4096
PATH_MAX_BYTES: Final = 255  # 2.10: with the mount point
MOUNT: Final = b"/lfs/"
READ_MAX_BYTES: Final = 512  # 2.10: LUAL_BUFFERSIZE
MAIN: Final[FlashPath] = (b"main.lua",)
SETTINGS: Final[FlashPath] = (b"settings",)
BLE: Final[FlashPath] = (b"ble",)
INLINE_MAX_BYTES: Final = BLOCK_BYTES // 8
WRITE_BLOCK_S: Final = 0.004  # estimate: MRAM needs no erasing; 4 KiB at 1 MB/s
COMMIT_S: Final = 0.001  # estimate

_FILE: Final = 1
_DIRECTORY: Final = 2


class Files:
    """The file system, and the file part of the Lua API (`frame.file`)."""

    def __init__(self, board: Board, root: Path | None) -> None:
        """Start with what `root` holds, or with what is there from the factory.

        Raises:
            InputError: the folder cannot be read or written, or holds more than the flash could.
        """
        self._board = board
        self._tree: dict[FlashPath, bytes | None] = {}  # None marks a directory
        folder = Folder(root) if root is not None else None
        self._store: Store | None = folder
        if folder is not None:
            self._tree = folder.load()
            if self._used_blocks() * BLOCK_BYTES > PARTITION_BYTES:
                raise InputError(
                    f"the folder {root} holds more than the glasses' flash ({PARTITION_BYTES // 1024} KiB)",
                    "Use an empty folder, or remove files from it.",
                )
        self._make_own()

    def keep_in(self, store: Store) -> None:
        """From here on finished changes go there; what was loaded stays."""
        self._store = store

    def reset(self) -> None:
        """The Lua VM starts: main.lua is made where there is none."""
        if MAIN not in self._tree:
            self.put(MAIN, b"")

    def format(self) -> None:
        """Wipe everything, as for shipping."""
        self._tree.clear()
        if self._store is not None:
            self._store.clear()
        self._make_own()

    def remove_main(self) -> None:
        """0x05."""
        self._delete(MAIN)

    def remove_all(self) -> None:
        """0x07, and `frame.file.remove_all()`: everything but the settings."""
        for path in sorted((path for path in self._tree if path[:1] != SETTINGS), key=len, reverse=True):
            self._delete(path)

    def read_module(self, name: bytes) -> bytes:
        """The text of `name`.lua, for `require`.

        Raises:
            LuaApiError: there is no such file.
        """
        if len(MOUNT + name + b".lua") > PATH_MAX_BYTES:
            raise LuaApiError("module name too long")
        content = self._tree.get(split(name + b".lua"))
        if content is None:
            raise LuaApiError(f"cannot open file: {name.decode('latin-1')}.lua")
        return content

    def api(self) -> Api:
        """The functions of `frame.file`."""
        return {
            "open": self._open,
            "remove": self._remove,
            "remove_all": lambda _args: self.remove_all(),
            "rename": self._rename,
            "listdir": self._listdir,
            "mkdir": self._mkdir,
        }

    # --- Lua functions ------------------------------------------------------------------------------------------

    def _open(self, args: Args) -> LuaValue:
        name = _c_string(args, 1)
        mode = b"r" if args.raw(2) is None else _c_string(args, 2)
        if mode[:1] not in (b"r", b"w", b"a"):
            raise LuaApiError("mode must be 'r', 'w', or 'a'")
        path = _path(name, "filename too long")
        problem = self._open_problem(path, writing=mode[:1] != b"r")
        if problem:
            raise LuaApiError(f"cannot open file '{name.decode('latin-1')}': -{problem}")
        if path not in self._tree:
            self.put(path, b"")
        kept = b"" if mode[:1] == b"w" else self._tree[path] or b""
        return _OpenFile(self, path, kept, mode[:1]).lua()

    def _open_problem(self, path: FlashPath, *, writing: bool) -> int:
        """An error number, or 0."""
        if not path or (path in self._tree and self._tree[path] is None):
            return errno.EISDIR
        if path in self._tree:
            return 0
        if not writing or not self._can_hold(path):
            return errno.ENOENT
        return 0

    def _remove(self, args: Args) -> None:
        path = _path(_c_string(args, 1), "filename too long")
        problem = errno.ENOENT if path not in self._tree else 0
        if any(inside(other, path) for other in self._tree):
            problem = errno.ENOTEMPTY
        if problem:
            raise LuaApiError(f"error removing file/directory: -{problem}")
        self._delete(path)

    def _rename(self, args: Args) -> None:
        old = _path(_c_string(args, 1), "source filename too long")
        new = _path(_c_string(args, 2), "destination filename too long")
        problem = self._rename_problem(old, new)
        if problem:
            raise LuaApiError(f"error renaming file/directory: -{problem}")
        if old == new:
            return
        moved = {path: content for path, content in self._tree.items() if path == old or inside(path, old)}
        if self._store is not None:
            self._store.remove(new)
            self._store.rename(old, new)
        for path, content in moved.items():
            del self._tree[path]
            self._tree[new + path[len(old) :]] = content
        self._board.charge(COMMIT_S)

    def _rename_problem(self, old: FlashPath, new: FlashPath) -> int:
        if old not in self._tree or not self._can_hold(new):
            return errno.ENOENT
        if not new or inside(new, old):
            return errno.EINVAL
        if new in self._tree and old != new:
            if (self._tree[old] is None) != (self._tree[new] is None):
                return errno.EISDIR if self._tree[new] is None else errno.ENOTDIR
            if any(inside(path, new) for path in self._tree):
                return errno.ENOTEMPTY
        return 0

    def _listdir(self, args: Args) -> LuaValue:
        path = _path(_c_string(args, 1), "path too long")
        if path and self._tree.get(path, b"") is not None:
            raise LuaApiError(f"directory not found: -{errno.ENOENT if path not in self._tree else errno.ENOTDIR}")
        names = sorted(p[-1] for p in self._tree if len(p) == len(path) + 1 and p[: len(path)] == path)
        contents = [(name, self._tree[(*path, name)]) for name in names]
        return [
            {"name": name, "size": 0, "type": _DIRECTORY}
            if content is None
            else {"name": name, "size": len(content), "type": _FILE}
            for name, content in contents
        ]

    def _mkdir(self, args: Args) -> None:
        """Levels that exist are passed over, whatever they are."""
        for level in levels(_c_string(args, 1)):
            _path(b"/".join(level), "path too long")
            if not level or level in self._tree:
                continue
            if not self._can_hold(level):
                raise LuaApiError(f"error creating directory: -{errno.ENOENT}")
            if self._full(2):
                raise LuaApiError(f"error creating directory: -{errno.ENOSPC}")
            self._tree[level] = None
            if self._store is not None:
                self._store.mkdir(level)
            self._board.charge(2 * WRITE_BLOCK_S)

    # --- used by the handles ------------------------------------------------------------------------------------

    def has_room(self, path: FlashPath, size: int) -> bool:
        """Whether a file of so many bytes at `path` would fit into the flash."""
        held = self._tree.get(path)
        return not self._full(_blocks(size) - (_blocks(len(held)) if held is not None else 0))

    def put(self, path: FlashPath, content: bytes) -> None:
        """A file has this content from here on."""
        self._tree[path] = content
        if self._store is not None:
            self._store.write(path, content)
        self._board.charge(COMMIT_S)

    def wrote(self, size: int) -> None:
        """Charge the flash work of so many bytes."""
        self._board.charge(size / BLOCK_BYTES * WRITE_BLOCK_S)

    # --- the tree -----------------------------------------------------------------------------------------------

    def _make_own(self) -> None:
        """What the firmware itself keeps there."""
        self._tree.setdefault(SETTINGS, None)
        self._tree.setdefault(BLE, None)
        if self._store is not None:
            self._store.mkdir(SETTINGS)
            self._store.mkdir(BLE)

    def _delete(self, path: FlashPath) -> None:
        if path in self._tree:
            del self._tree[path]
            if self._store is not None:
                self._store.remove(path)
            self._board.charge(COMMIT_S)

    def _can_hold(self, path: FlashPath) -> bool:
        """Whether the parent is a directory, and the host can have such a name."""
        parent = path[:-1]
        if self._store is not None and any(len(host_name(name)) > HOST_NAME_MAX for name in path):
            return False
        return not parent or self._tree.get(parent, b"") is None

    def _used_blocks(self) -> int:
        return 2 + sum(2 if content is None else _blocks(len(content)) for content in self._tree.values())

    def _full(self, more_blocks: int) -> bool:
        return (self._used_blocks() + more_blocks) * BLOCK_BYTES > PARTITION_BYTES


class _OpenFile:
    """A handle. What is written is there for others when it is closed."""

    def __init__(self, files: Files, path: FlashPath, content: bytes, mode: bytes) -> None:
        self._files = files
        self._path = path
        self._content = bytearray(content)
        self._mode = mode
        self._at = len(content) if mode == b"a" else 0
        self._open = True

    def lua(self) -> LuaFile:
        return LuaFile(self._read, self._write, self._close)

    def _read(self, args: Args) -> LuaValue:
        self._check()
        wanted = _as_number(args.raw(2))
        if wanted is not None:
            return self._take(min(wanted, READ_MAX_BYTES)) if wanted > 0 else b""
        if self._at >= len(self._content):
            return (None,)
        window = bytes(self._content[self._at : self._at + READ_MAX_BYTES])
        line, newline, _ = window.partition(b"\n")
        self._at += len(line) + len(newline)
        return line

    def _take(self, count: int) -> LuaValue:
        data = bytes(self._content[self._at : self._at + count])
        self._at += len(data)
        return data or (None,)

    def _write(self, args: Args) -> None:
        self._check()
        if self._mode == b"r":
            raise LuaApiError("file opened in read-only mode")
        data = args.string(2)
        at = len(self._content) if self._mode == b"a" else self._at
        size = max(len(self._content), at + len(data))
        if not self._files.has_room(self._path, size):
            raise LuaApiError(f"error writing to file: -{errno.ENOSPC}")
        self._files.wrote(len(data))
        self._content[at : at + len(data)] = data
        self._at = at + len(data)

    def _close(self, _args: Args) -> None:
        if self._open and self._mode != b"r":
            self._files.put(self._path, bytes(self._content))
        self._open = False

    def _check(self) -> None:
        if not self._open:
            raise LuaApiError("attempt to use a closed file")


def _as_number(value: LuaValue) -> int | None:
    """As lua_isnumber and lua_tointeger: what is no whole number counts as 0."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Args("read", (value,)).number(1)
    except LuaApiError:
        return None
    return int(number) if abs(number) < 2**53 and number.is_integer() else 0


def _c_string(args: Args, n: int) -> bytes:
    return args.string(n).partition(b"\0")[0]


def _path(name: bytes, too_long: str) -> FlashPath:
    if len(MOUNT) + len(name) > PATH_MAX_BYTES:
        raise LuaApiError(too_long)
    return split(name)


def _blocks(size: int) -> int:
    return -(-size // BLOCK_BYTES) if size > INLINE_MAX_BYTES else 0
