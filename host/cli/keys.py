"""Keys pressed while a verb runs in a terminal: one character each, without Enter, and not shown; others are ignored.

The terminal is given back as it was, whatever ends the block: an error, Ctrl-C, SIGTERM, or Ctrl-Z for as long as the
program is stopped. Ctrl-C and Ctrl-Z keep their meaning. A program in the background reads no keys. There are none
where standard input is no terminal, and none on Windows.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio

__all__ = ["available", "plain", "pressed"]

_READ_BYTES: Final = 4096  # so that what one key sends is read at once

# What arrows, function keys and Alt send, whole or cut off at the end (ECMA-48, 5.4; xterm's "ESC O" for F1 to F4).
_SEQUENCE: Final = re.compile(r"\x1b+(?:\[[0-?]*[ -/]*(?:[@-~]|$)|O(?:.|$)|[^\[O]|$)", re.DOTALL)


def available() -> bool:
    """Whether somebody can press keys here."""
    try:
        import termios  # noqa: F401, PLC0415 - not on Windows
    except ImportError:
        return False
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):  # closed, or replaced by what is no file
        return False


def plain(typed: str) -> str:
    """The characters among what a terminal sent: an arrow key, which sends "ESC [ B", is no B."""
    return _SEQUENCE.sub("", typed)


@contextlib.contextmanager
def pressed(on_key: Callable[[str], None]) -> Iterator[None]:
    """Call this for each key pressed in the block, in the running event loop.

    Does nothing where keys are not `available`, or where time is virtual: nobody can press one at the right moment.
    """
    import asyncio  # noqa: PLC0415 - not loaded to answer --help

    if not available() or type(asyncio.get_running_loop()) is not asyncio.SelectorEventLoop:
        yield
        return
    keys = _Keys(sys.stdin.fileno(), asyncio.get_running_loop(), on_key)
    try:
        keys.take()
        yield
    finally:
        keys.close()


class _Keys:
    """The terminal's keys, taken and given back."""

    def __init__(self, terminal: int, loop: asyncio.AbstractEventLoop, on_key: Callable[[str], None]) -> None:
        import termios  # noqa: PLC0415 - not on Windows

        self._terminal, self._loop, self._on_key = terminal, loop, on_key
        self._before: list[Any] = termios.tcgetattr(terminal)
        self._taken = False
        atexit.register(self.give_back)  # for ends that unwind nothing
        loop.add_signal_handler(signal.SIGTSTP, self._stop)
        loop.add_signal_handler(signal.SIGCONT, self.take)

    def take(self) -> None:
        """Read keys from here on; not in the background, where reading would stop the program."""
        import tty  # noqa: PLC0415 - as above

        if self._taken or not available():
            return
        self._taken = True
        tty.setcbreak(self._terminal)
        self._loop.add_reader(self._terminal, self._read)

    def give_back(self) -> None:
        """Leave the terminal as it was found; repeated calls do nothing."""
        import termios  # noqa: PLC0415 - as above

        if not self._taken:
            return
        self._taken = False
        with contextlib.suppress(RuntimeError, ValueError):  # the loop is closed
            self._loop.remove_reader(self._terminal)
        if available():  # in the background it is somebody else's by now
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)

    def close(self) -> None:
        """Give the terminal back for good."""
        self.give_back()
        atexit.unregister(self.give_back)
        self._loop.remove_signal_handler(signal.SIGTSTP)
        self._loop.remove_signal_handler(signal.SIGCONT)

    def _read(self) -> None:
        try:
            typed = os.read(self._terminal, _READ_BYTES)
        except OSError:
            typed = b""
        if not typed:  # the terminal is gone
            self._taken = False
            self._loop.remove_reader(self._terminal)
        for key in plain(typed.decode("utf-8", "ignore")):
            self._on_key(key)

    def _stop(self) -> None:
        """Ctrl-Z: the shell gets its terminal back, and this program stops until it is continued."""
        self.give_back()
        os.kill(os.getpid(), signal.SIGSTOP)
