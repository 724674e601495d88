"""A Valhalla server: POST {valhalla.url}/route, and /trace_attributes for the kinds of the ways.

Any server of it will do, one on this computer among them (`valhalla_service`); there is no default server.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from host.backends.valhalla_json import LANGUAGES, LICENCE, error_of, request_of, route_of, ways_request
from host.contracts import Mode, Place, Route, RouterInfo
from host.endpoint import Answer, Endpoint
from host.errors import BackendError, HostError

__all__ = ["SETTING", "ValhallaHttp"]

ANSWER_TIMEOUT_S: Final = 10.0  # a walk takes a server some milliseconds
SETTING: Final = "valhalla.url"


class ValhallaHttp:
    """A server as a `Router` of `host/contracts`."""

    def __init__(self, endpoint: Endpoint, *, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        """Prepare; nothing is sent.

        Args:
            endpoint: the server.
            timeout_s: for an answer.
        """
        self._endpoint, self._timeout_s = endpoint, timeout_s

    @property
    def info(self) -> RouterInfo:
        """What it can do."""
        local = self._endpoint.loopback
        return RouterInfo(name="valhalla-http", local=local, languages=frozenset(LANGUAGES), licence=LICENCE)

    async def route(
        self,
        places: Sequence[Place],
        mode: Mode,
        language: str,
        *,
        avoid: Sequence[Place] = (),
        heading_deg: float | None = None,
    ) -> Route:
        """As in the contract. Cancelling breaks the connection."""
        answer = await self._ask("/route", request_of(places, mode, language, avoid, heading_deg), mode)
        ways: list[object | None] = []
        for asked in ways_request(answer, mode):
            try:
                ways.append(await self._ask("/trace_attributes", asked, mode))
            except HostError:  # a server may offer routes only
                ways.append(None)
        return route_of(answer, ways, mode, language)

    async def close(self) -> None:
        """As in the contract."""
        self._endpoint.close()

    async def _ask(self, path: str, request: dict[str, Any], mode: Mode) -> object:
        body = json.dumps(request).encode()
        answer = await self._endpoint.post(path, body, "application/json", timeout_s=self._timeout_s)
        try:
            found: Any = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise self._refused(answer) from error
        if answer.status == 200:
            return found
        code = found.get("error_code") if isinstance(found, dict) else None
        if not isinstance(code, int):
            raise self._refused(answer)
        raise error_of(code, self._endpoint.censored(str(found.get("error", ""))), mode)

    def _refused(self, answer: Answer) -> BackendError:
        if answer.status == 200:
            return BackendError(f"{self._endpoint} answered with something that is no route", f"Check {SETTING}")
        late = answer.status in {429, 503}
        hint = "Try again later" if late or answer.status >= 500 else f"Check {SETTING}, the address without /route"
        return BackendError(f"{self._endpoint} answered {answer.status}", hint, retry=late)
