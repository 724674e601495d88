"""Where Sidelight keeps things: one folder for data, one for the configuration.

They are the platform's usual ones (platformdirs), unless `SIDELIGHT_HOME` names a folder: then they are `data` and
`config` in it, and `run` for what lasts no longer than the program. Nothing is read or written elsewhere then; if it
names a file, asking raises `UsageError`. Nothing is created here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from host.errors import UsageError

__all__ = ["config_file", "config_folder", "data_folder", "kept_in", "named", "runtime_folder"]

_HOME_VARIABLE = "SIDELIGHT_HOME"
_NAME = "sidelight"


def data_folder() -> Path:
    """Folder of transcripts, sound, models and maps; absolute."""
    home = _home()
    return home / "data" if home else platformdirs.user_data_path(_NAME, appauthor=False)


def config_folder() -> Path:
    """Folder of the configuration file; absolute. On macOS it is the same as the data folder."""
    home = _home()
    return home / "config" if home else platformdirs.user_config_path(_NAME, appauthor=False)


def config_file() -> Path:
    """The configuration file; absolute."""
    return config_folder() / "config.toml"


def runtime_folder() -> Path:
    """Folder of what is there only while the program runs, such as a socket; absolute."""
    home = _home()
    return home / "run" if home else platformdirs.user_runtime_path(_NAME, appauthor=False)


def named(text: str) -> Path:
    """The path that a user wrote; `~` is their home, and `~nobody` is a name like any other."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - pathlib's raises RuntimeError for a user that is not there


@contextmanager
def kept_in(home: Path) -> Iterator[None]:
    """Keep everything in this folder meanwhile, as SIDELIGHT_HOME does: away from what is the user's own."""
    before = os.environ.get(_HOME_VARIABLE)
    os.environ[_HOME_VARIABLE] = str(home)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_HOME_VARIABLE]
        else:
            os.environ[_HOME_VARIABLE] = before


def _home() -> Path | None:
    folder = os.environ.get(_HOME_VARIABLE)
    if not folder:
        return None
    home = named(folder).absolute()
    if home.exists() and not home.is_dir():
        raise UsageError(f"SIDELIGHT_HOME names a file, {home}", "Set it to a folder, or unset it")
    return home
