"""Commands as they can be typed where this program is installed.

Hints are written for an environment that is active: `pip install ...`, `sidelight ...`. Started by the path of another
one, the names alone would be not found, or worse, mean another installation.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import sys
from pathlib import Path

__all__ = ["program", "typed"]

_COMMANDS = re.compile(r"\bpip install(?= )|\bmoonshine-voice(?= )|\bsidelight(?= [a-z-])")


def typed(text: str) -> str:
    """The text with its commands as they can be typed here."""
    return _COMMANDS.sub(lambda found: _here(found[0]), text)


def program() -> str:
    """What starts this program, as it was started."""
    started = Path(sys.argv[0])
    if started.parts[-3:] == ("host", "cli", "__main__.py"):
        return f"{shlex.quote(sys.executable)} -m host.cli"
    if started.stem != "sidelight" or _is_found("sidelight", started):
        return "sidelight"
    return shlex.quote(sys.argv[0])


def _here(command: str) -> str:
    if command == "sidelight":
        return program()
    python = Path(sys.executable)
    if command == "pip install":
        if importlib.util.find_spec("pip") is None:  # environments that uv makes have none
            return f"uv pip install --python {shlex.quote(str(python))}"
        return command if _is_found("pip", python.with_name("pip")) else f"{shlex.quote(str(python))} -m pip install"
    beside = python.with_name(command)  # if it is not there yet, what is to be installed first will bring it
    if _is_found(command, beside) or (shutil.which(command) is None and str(beside.parent) in os.get_exec_path()):
        return command
    return shlex.quote(str(beside))


def _is_found(command: str, path: Path) -> bool:
    """Whether the shell finds that file by the command's name alone."""
    found = shutil.which(command)
    return found is not None and _can_be(path) and Path(found).resolve() == Path(path).resolve()


def _can_be(path: Path) -> bool:
    return shutil.which(str(path)) is not None
