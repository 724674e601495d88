"""Python, the packages that every installation has, and the configuration."""

from __future__ import annotations

import platform
import shlex
import stat
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from host.app.doctor.checkup import Checkup, broken, in_a_row, missing, ok, unknown
from host.app.doctor.packages import BASE, EXTRAS, install, versions, wants
from host.app.service import secrets_file
from host.events import Finding
from host.paths import config_file

__all__ = ["program"]

_NEWEST: Final = (3, 13)  # the newest that is tested; recognisers publish no wheels for later ones yet


def program(checkup: Checkup) -> Iterator[Finding]:
    """This program itself."""
    here = f"Python {platform.python_version()}"
    if sys.version_info[:2] > _NEWEST:
        tried = ".".join(map(str, _NEWEST))
        yield unknown(
            "python", f"{here} is newer than what Sidelight is tested with", f"Use Python {tried} if it fails"
        )
    else:
        yield ok("python", here)
    try:
        yield ok("sidelight", f"Sidelight {version('sidelight')}")
    except PackageNotFoundError:
        how = "Install it: pip install ."
        yield unknown("sidelight", "Sidelight runs from its source, so which versions it needs is not checked", how)
    if lacking := wants(*BASE):
        yield broken("packages", in_a_row(lacking), install())
    else:
        yield ok("packages", versions(*BASE))
    if lacking := wants(*EXTRAS["web"]):
        yield missing("page", in_a_row(lacking), install("web"))
    else:
        yield ok("page", versions(*EXTRAS["web"]))
    if checkup.refused is not None:
        yield broken("configuration", checkup.refused.message, checkup.refused.hint)
        return
    file = config_file()
    yield ok("configuration", f"read from {file}" if file.exists() else f"the defaults; there is no {file}")
    secrets = secrets_file()
    if sys.platform != "win32" and secrets.exists() and stat.S_IMODE(secrets.stat().st_mode) & 0o077:
        yield broken("keys", f"others may read the keys in {secrets}", f"Run: chmod 600 {shlex.quote(str(secrets))}")
