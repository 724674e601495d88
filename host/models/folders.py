"""Models of the user's own, by path."""

from __future__ import annotations

from pathlib import Path

from host.errors import ModelMissingError
from host.paths import named

__all__ = ["model_files"]


def model_files(path: str, what: str, how: str) -> tuple[Path, list[str]]:
    """A folder with a model, and the names of what is in it, sorted.

    Args:
        path: as the user wrote it.
        what: the kind of model, as in "a Whisper model".
        how: to get one.

    Raises:
        ModelMissingError: there is no such folder, or it cannot be read.
    """
    folder = named(path)
    try:
        return folder, sorted(file.name for file in folder.iterdir())
    except PermissionError as error:
        raise ModelMissingError(f"the folder {path!a:.200} may not be read", "Make it readable for you") from error
    except (OSError, ValueError) as error:  # not there, a file, or no name at all
        raise ModelMissingError(f"there is no folder {path!a:.200} with {what}", how) from error
