"""Servers that are set: whether somebody is there. Asked is only this computer."""

from __future__ import annotations

import socket
import urllib.parse
from collections.abc import Iterator
from typing import Final

from host.app.doctor.checkup import Checkup, broken, ok, unknown
from host.endpoint import Endpoint
from host.errors import UsageError
from host.events import Finding

__all__ = ["servers"]

_SETTINGS: Final = (
    *("openai.base_url", "llm.base_url", "translate.base_url", "libretranslate.url", "vision.base_url"),
    "valhalla.url",
)
_CONNECT_S: Final = 0.5  # on this computer


def servers(checkup: Checkup) -> Iterator[Finding]:
    """Every server that an address is set for; no key and no request is sent."""
    for setting in _SETTINGS:
        if address := str(getattr(checkup.settings, setting.replace(".", "_"))):
            yield _server(setting, address)


def _server(setting: str, address: str) -> Finding:
    try:
        endpoint = Endpoint(address, setting=setting)
    except UsageError as error:
        return broken(setting, error.message, error.hint)
    host, port = endpoint.host, urllib.parse.urlsplit(str(endpoint)).port
    if not endpoint.loopback:
        return unknown(setting, f"{host!a:.80} is another computer and is not asked")
    try:
        with socket.create_connection((host, port), _CONNECT_S):
            return ok(setting, f"a server is at {host}, port {port}")
    except OSError:
        return broken(setting, f"nobody answers at {host}, port {port}", f"Start it, or set {setting}")
