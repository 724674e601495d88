"""Keep this computer from going to sleep while something must not be missed.

Linux: a lock of logind, held by `systemd-inhibit` as long as our end of a pipe is open, so that it ends with this
program however that ends. macOS: `caffeinate`, in the same way. Windows: a wish of this process, gone with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

__all__ = ["awake"]

_HELD: Final = b"held\n"
_HOLD: Final = ("sh", "-c", "echo held; exec cat")  # until its standard input ends
_ANSWER_S: Final = 3.0
_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001  # SetThreadExecutionState, winbase.h


@contextlib.asynccontextmanager
async def awake(why: str) -> AsyncIterator[bool]:
    """Let the computer not sleep by itself meanwhile (a lid that is closed may still win).

    Args:
        why: what the system shows who asks it, such as "recording a transcript".

    Yields:
        False where the system says no; the caller should tell the user. True also on a Linux without systemd, which
        has nothing to ask.
    """
    if sys.platform == "win32":
        with _windows_awake() as held:
            yield held
        return
    command = _command(why)
    if command is None:
        yield True
        return
    async with _held_by(command) as held:
        yield held


def _command(why: str) -> Sequence[str] | None:
    """What holds the computer awake while it runs; None where there is nothing of the kind."""
    if sys.platform == "darwin":
        return ("caffeinate", "-i", *_HOLD)
    if shutil.which("systemd-inhibit"):
        return ("systemd-inhibit", "--what=sleep:idle", "--who=Sidelight", f"--why={why}", "--mode=block", *_HOLD)
    return None


@contextlib.asynccontextmanager
async def _held_by(command: Sequence[str]) -> AsyncIterator[bool]:
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    # Of its own session, so that Ctrl-C does not end it before us.
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=nowhere, start_new_session=True
        )
    except OSError:  # no memory, no more processes, no caffeinate
        process = None
    if process is None:
        yield False
        return
    assert process.stdin is not None  # noqa: S101 - asked for above
    assert process.stdout is not None  # noqa: S101
    try:
        held = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_S):
                held = await process.stdout.readline() == _HELD
        yield held
    finally:
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_S):
                await process.wait()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@contextlib.contextmanager
def _windows_awake() -> Iterator[bool]:
    import ctypes  # noqa: PLC0415

    wish = ctypes.windll.kernel32.SetThreadExecutionState  # type: ignore[attr-defined,unused-ignore]
    try:
        yield bool(wish(_CONTINUOUS | _SYSTEM_REQUIRED))
    finally:
        wish(_CONTINUOUS)
