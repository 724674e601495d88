"""Sidelight as a service of the user's own systemd: what runs, where the unit is, written and removed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from host.errors import UsageError
from host.paths import config_folder, data_folder, runtime_folder
from host.store.private import explained, make_private_folder, write_private_file
from host.systemd import MADE_BY, UNIT_NAME, Service, unit

__all__ = [
    "closed_kernel",
    "hidden_by_its_own_tmp",
    "install",
    "remove",
    "secrets_file",
    "unit_file",
    "unit_text",
    "unset_there",
]

_TEMPORARY: Final = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - systemd.exec(5), PrivateTmp=
_FOLDERS: Final = ("XDG_CONFIG_HOME", "XDG_DATA_HOME")  # where things are kept, if SIDELIGHT_HOME does not say

_SECRETS: Final = """\
# Keys for Sidelight's service, one NAME=value a line, such as
# SIDELIGHT_OPENAI_API_KEY=...
# They are read when it starts: systemctl --user restart sidelight
"""

# Switches of kernels that keep ordinary users from making user namespaces, and the value that does.
_SWITCHES: Final[Mapping[str, str]] = {
    "sys/kernel/unprivileged_userns_clone": "0",  # Debian and Arch, older kernels
    "sys/kernel/apparmor_restrict_unprivileged_userns": "1",  # Ubuntu since 23.10
    "sys/user/max_user_namespaces": "0",  # namespaces(7)
}


def unit_text(words: Sequence[str], *, sandboxed: bool = True) -> str:
    """The unit that runs `sidelight WORDS` as it is installed here, for the folders of this moment.

    Raises:
        UsageError: a path cannot stand in a unit, or Sidelight is not installed.
    """
    # Of a service started by systemd, which has none of the variables of this shell.
    if os.environ.get("SIDELIGHT_HOME"):
        environment = {"SIDELIGHT_HOME": str(data_folder().parent)}
    else:
        environment = {name: os.environ[name] for name in _FOLDERS if os.environ.get(name)}
    return unit(
        Service(
            command=(str(_program()), *words),
            folders=[str(folder) for folder in _folders()],
            secrets=str(secrets_file()),
            environment=environment,
            sandboxed=sandboxed,
        )
    )


def _folders() -> list[Path]:
    """What it writes to; systemd makes the folder of the control socket, unless SIDELIGHT_HOME has that, too."""
    return [data_folder(), runtime_folder()] if os.environ.get("SIDELIGHT_HOME") else [data_folder()]


def unit_file() -> Path:
    """Where the unit belongs (systemd.unit(5), user unit search path)."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(base) if base.startswith("/") else Path.home() / ".config"
    return folder / "systemd" / "user" / UNIT_NAME


def secrets_file() -> Path:
    """Where the service's keys are."""
    return config_folder() / "service.env"


def install(text: str, *, replace: bool = False) -> Path:
    """Write the unit, the folders that it needs, and a file for keys; where the unit is.

    Raises:
        UsageError: there is another unit of that name.
        StoreError: something cannot be written.
    """
    path, secrets = unit_file(), secrets_file()
    if not replace and path.exists() and _read(path) != text:
        raise UsageError(f"there is another unit at {path}", "Look at it, and add --force to replace it")
    for folder in (*_folders(), secrets.parent):
        make_private_folder(folder)
    with explained(str(secrets)):
        if not secrets.exists():
            write_private_file(secrets, _SECRETS.encode(), replace=False)
    with explained(str(path), "write it yourself"):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private_file(path, text.encode(), replace=True)
    return path


def remove(*, force: bool = False) -> Path | None:
    """Remove the unit and what starts it at login; None where there is none. Keys and data stay.

    Raises:
        UsageError: the unit was not made here.
        StoreError: it cannot be removed.
    """
    path = unit_file()
    started = path.parent / "default.target.wants" / UNIT_NAME
    if not path.exists() and not started.is_symlink():
        return None
    if path.exists() and not force and not _read(path).startswith(MADE_BY):
        raise UsageError(f"{path} was not made by this command", "Look at it, and add --force to remove it")
    with explained(str(path), "remove it yourself"):
        path.unlink(missing_ok=True)
        if started.is_symlink():
            started.unlink()
    return path


def unset_there() -> list[str]:
    """Settings and keys of this shell's environment that the service does not have."""
    return sorted(name for name in os.environ if name.startswith("SIDELIGHT_") and name != "SIDELIGHT_HOME")


def closed_kernel(kernel: Path = Path("/")) -> str:
    """The switch of this kernel that keeps a unit from being sandboxed; empty where there is none."""
    for name, closed in _SWITCHES.items():
        try:
            if (kernel / "proc" / name).read_text().strip() == closed:
                return name.removeprefix("sys/").replace("/", ".")
        except OSError:
            continue
    return ""


def hidden_by_its_own_tmp() -> str:
    """A path that the service needs and would not find where PrivateTmp= gives it another /tmp; empty for none."""
    needed = (_program(), data_folder(), config_folder())
    return next((str(path) for path in needed if any(path.resolve().is_relative_to(place) for place in _TEMPORARY)), "")


def _program() -> Path:
    """The installed program, by its absolute path."""
    beside = Path(sys.executable).with_name("sidelight")
    if beside.exists():
        return beside
    started = shutil.which(sys.argv[0]) if Path(sys.argv[0]).stem == "sidelight" else None
    if started is not None:
        return Path(started).absolute()
    raise UsageError(
        "Sidelight runs from its source, and a service needs it installed",
        "Install it in an environment: pip install .",
    )


def _read(path: Path) -> str:
    with explained(str(path), "look at it yourself"):
        return path.read_text(encoding="utf-8", errors="replace")
