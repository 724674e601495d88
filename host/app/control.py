"""The control socket of everyday mode: a script or a shortcut of this user asks for an action.

A Unix socket in the runtime folder, for its owner alone: the folder is 0700, the socket 0600, and each caller's user is
asked of the system. A request is one line of JSON, {"do": "bookmark"}; so is the answer, {"ok": true, "text": ...} or
{"ok": false, "code": ..., "message": ..., "hint": ...}.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

from host.errors import ActionError, HostError, StoreError, UsageError
from host.paths import runtime_folder
from host.store.private import make_private_folder

__all__ = ["asked", "controlled", "socket_path"]

MOST_BYTES: Final = 4096
"""Of a request; the longest one of ours has 40."""

ANSWER_BYTES: Final = 65536
TOGETHER: Final = 8
"""Callers at once; more wait in the system's own queue."""

_WAIT_S: Final = 5.0  # for a caller's line, and for an answer; both are there at once

Do = Callable[[str], str]


def socket_path() -> Path:
    """Where the socket is. Raises UsageError: this system has none such, or its path would be too long."""
    if not hasattr(socket, "AF_UNIX"):
        raise UsageError("this system has no control socket", "Use the taps on the glasses")
    path = runtime_folder() / "run.sock"
    if len(os.fsencode(path)) > 103:  # macOS has room for 104 bytes, Linux for 108, with the zero at the end
        raise UsageError(f"{path} is too long for a socket", "Set XDG_RUNTIME_DIR, or SIDELIGHT_HOME, to a shorter one")
    return path


@contextlib.asynccontextmanager
async def controlled(do: Do) -> AsyncIterator[None]:
    """Take requests meanwhile; `do` gets the name of an action, and says what is done, or raises ActionError.

    Raises:
        UsageError: another one of this program takes requests there already.
        StoreError: there can be no socket.
    """
    path = socket_path()
    served = asyncio.Semaphore(TOGETHER)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with served:
            try:
                writer.write(json.dumps(await _answer(reader, writer, do)).encode() + b"\n")
                await asyncio.wait_for(writer.drain(), _WAIT_S)
            except (OSError, TimeoutError):
                pass  # the caller went away
            finally:
                writer.close()

    try:
        make_private_folder(path.parent)
        _remove_stale(path)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listening.bind(os.fspath(path))
        finally:
            os.umask(before)
        server = await asyncio.start_unix_server(serve, sock=listening, limit=MOST_BYTES)
    except OSError as error:
        raise StoreError(f"cannot make {path}: {error.strerror}", "Check that folder") from error
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


def asked(name: str) -> str:
    """Ask the program that runs for an action; what is done, as it says.

    Raises:
        ActionError: it refuses, as it says; or none runs.
        UsageError: this system has no such socket.
    """
    path = socket_path()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
            caller.settimeout(_WAIT_S)
            caller.connect(os.fspath(path))
            if _user_of(caller) != os.getuid():
                raise ActionError(
                    f"{path} is another user's", "Set XDG_RUNTIME_DIR, or SIDELIGHT_HOME, to your own folder"
                )
            caller.sendall(json.dumps({"do": name}).encode() + b"\n")
            line = _line_of(caller)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise ActionError("sidelight run is not running", "Start it: sidelight run") from error
    except TimeoutError as error:
        raise ActionError("sidelight run does not answer", "Start it again") from error
    except OSError as error:
        raise ActionError(f"cannot talk to sidelight run: {error.strerror}", f"Check {path}") from error
    return _said(line)


def _line_of(caller: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < ANSWER_BYTES and (piece := caller.recv(4096)):
        line += piece
    return line


def _said(line: bytes) -> str:
    """What an answer says. Raises ActionError: it says no, or is none."""
    try:
        answer = json.loads(line)
        if answer["ok"]:
            return str(answer["text"])
        refusal = ActionError(str(answer["message"]), str(answer["hint"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ActionError("sidelight run did not understand, and was not understood", "Start it again") from error
    raise refusal


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, do: Do) -> dict[str, Any]:
    """Do what one caller asks for, and what to answer."""
    try:
        line = await asyncio.wait_for(reader.readline(), _WAIT_S)  # first: who is answered unread may not see it
        if _user_of(writer.get_extra_info("socket")) != os.getuid():
            raise ActionError("this socket is another user's")
        return {"ok": True, "text": do(_named(line))}
    except TimeoutError:
        error: HostError = ActionError("no request came")
    except ValueError:  # what a stream raises for a line that is longer than its limit
        error = ActionError(f"a request has {MOST_BYTES} bytes at most")
    except HostError as refused:
        error = refused
    return {"ok": False, "code": error.code, "message": error.message, "hint": error.hint}


def _named(line: bytes) -> str:
    """The action that a request names. Raises ActionError: it is none."""
    try:
        name = json.loads(line)["do"]
    except (ValueError, TypeError, KeyError, RecursionError):
        name = None
    if not isinstance(name, str):
        raise ActionError("that is no request", 'One is {"do": "bookmark"}')
    return name


def _remove_stale(path: Path) -> None:
    """Remove a socket that nobody serves any more. Raises UsageError: somebody does."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
            caller.settimeout(_WAIT_S)
            caller.connect(os.fspath(path))
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
        return
    raise UsageError("sidelight run is running already", "End it first, or ask it for something: sidelight do menu")


def _user_of(caller: socket.socket) -> int:
    """The user at the other end, as the system says. Raises OSError."""
    if hasattr(socket, "SO_PEERCRED"):  # Linux
        ucred = struct.Struct("3i")  # unix(7): pid, uid, gid
        user: int = ucred.unpack(caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, ucred.size))[1]
        return user
    uid, gid = ctypes.c_uint32(), ctypes.c_uint32()  # getpeereid(3) of macOS and the BSDs
    if ctypes.CDLL(None, use_errno=True).getpeereid(caller.fileno(), ctypes.byref(uid), ctypes.byref(gid)) != 0:
        raise OSError(ctypes.get_errno(), "The system does not say whose it is")
    return uid.value
