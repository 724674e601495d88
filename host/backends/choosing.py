"""What every choice among backends has in common: names that are known, libraries and programs that are here.

Nothing is imported to find out what is here.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterable

from host.errors import BackendMissingError, UsageError
from host.suggest import suggestion

__all__ = ["are_here", "not_installed", "require_known"]


def require_known(kind: str, wanted: str, known: Iterable[str]) -> None:
    """Refuse a name that is neither "auto" nor one of these.

    Args:
        kind: what it names, as in "there is no reader 'x'".
        wanted: as the user wrote it.
        known: the names there are.

    Raises:
        UsageError: with the nearest one, and all of them.
    """
    names = ("auto", *known)
    if wanted not in names:
        near = suggestion(wanted, names)
        raise UsageError(f"there is no {kind} {wanted!r:.40}{near}", f"There are {', '.join(names)}")


def are_here(libraries: Iterable[str], program: str = "") -> bool:
    """Whether these top-level packages, and the program if one is named, are on this computer."""
    found = all(importlib.util.find_spec(library) is not None for library in libraries)
    return found and (not program or shutil.which(program) is not None)


def not_installed(what: str, how: str) -> BackendMissingError:
    """The error for a backend that is not here; `how` is the command that installs it."""
    return BackendMissingError(f"{what} is not installed", f"Install it: {how}")
