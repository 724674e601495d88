"""Which routers there are, and which one is taken.

`auto` takes the one in this process, on the map that is here, and says so; a server only where one is configured and
the library is not here. One asked for by name is taken or is an error. Nothing is imported to find out what is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.backends.choosing import are_here, not_installed, require_known
from host.config import Settings
from host.contracts import Bounds, Router
from host.endpoint import Endpoint
from host.errors import UsageError

__all__ = ["INSTALL", "ROUTERS", "Choice", "OpenedRouter", "choose", "installed", "open_router"]

ROUTERS: Final = ("valhalla", "valhalla-http")
INSTALL: Final = "pip install 'sidelight[navigate]'"


@dataclass(frozen=True, slots=True)
class Choice:
    """A router, and why it was taken, as a phrase."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class OpenedRouter:
    """A router that is ready, and why it was taken."""

    router: Router
    why: str


def installed() -> bool:
    """Whether the router that runs in this process is installed; imports nothing."""
    return are_here(("valhalla",))


def choose(wanted: str, *, installed: bool, configured: bool) -> Choice:
    """Take a router.

    Args:
        wanted: a name, or "auto".
        installed: whether the one that runs in this process is.
        configured: whether a server is.

    Raises:
        UsageError: there is no router of that name, or no server is set.
        BackendMissingError: what is needed is not installed.
    """
    require_known("router", wanted, ROUTERS)
    if wanted == "valhalla-http" and not configured:
        raise UsageError("no Valhalla server is set", "Set valhalla.url, such as http://localhost:8002")
    if wanted == "valhalla-http" or (wanted == "auto" and not installed and configured):
        return Choice("valhalla-http", "asked for" if wanted != "auto" else "Valhalla is not installed here")
    if not installed:
        raise not_installed("the router valhalla", INSTALL)
    return Choice("valhalla", "asked for" if wanted != "auto" else "routes are found on this computer")


def open_router(settings: Settings, config: Path, bounds: Bounds) -> OpenedRouter:
    """Choose a router and make it ready; nothing is sent, and no library loaded.

    Args:
        settings: `router` and `valhalla_url` are read.
        config: of the map's tiles.
        bounds: of the map.

    Raises:
        UsageError: as `choose`, or the server's address is none.
        BackendMissingError: as `choose`.
    """
    choice = choose(settings.router, installed=installed(), configured=bool(settings.valhalla_url))
    if choice.name == "valhalla-http":
        from host.backends.valhalla_http import SETTING, ValhallaHttp  # noqa: PLC0415 - loaded when used

        return OpenedRouter(ValhallaHttp(Endpoint(settings.valhalla_url, setting=SETTING)), choice.why)
    from host.backends.valhalla import Valhalla  # noqa: PLC0415 - loaded when used

    return OpenedRouter(Valhalla(config, bounds), choice.why)
