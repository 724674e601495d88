"""What uses of a server have in common: its address and key, a second try, its refusals, how long a translation can be.

OpenAI's protocol: platform.openai.com/docs/api-reference. A request that failed for a passing reason is made once more.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from host.config import setting
from host.endpoint import Answer, Endpoint, TooSlowError
from host.errors import BackendError, UsageError

__all__ = ["Server", "longest_translation", "patiently", "refusal"]

PATIENCE_S: Final = 5.0  # how long a busy server may make us wait before the second try
_GROWS: Final = 8  # times as many characters as the original; Chinese becomes four times as long
_ROOM: Final = 200  # characters besides
_PASSING: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_OPENAI: Final = "api.openai.com"


@dataclass(frozen=True, slots=True)
class Server:
    """What the user calls things.

    Attributes:
        what: what it is asked for, as in "no transcription".
        address: the setting with its address.
        model: the setting with the name of its model.
        key: the environment variable with its key.
    """

    what: str
    address: str
    model: str
    key: str

    def endpoint(self, base_url: str, environment: Mapping[str, str]) -> Endpoint:
        """The server at this address, with its key; nothing is sent yet. Raises UsageError."""
        if not base_url:
            raise UsageError(
                f"no server for {self.what} is configured",
                f"Set {self.address}, or give {setting(self.address).flag}: http://localhost:8000/v1, or https://HOST/v1",
            )
        endpoint = Endpoint(base_url, key=environment.get(self.key, ""), setting=self.address)
        if not environment.get(self.key) and endpoint.host == _OPENAI:
            # Meant for that one host: sent anywhere else it would be given away.
            endpoint = Endpoint(base_url, key=environment.get("OPENAI_API_KEY", ""), setting=self.address)
        return endpoint


async def patiently(post: Callable[[], Awaitable[Answer]]) -> Answer:
    """Post, and post again if the failure may pass. Raises BackendError."""
    wait_s = 1.0
    try:
        answer = await post()
        if answer.status not in _PASSING or _no_credit(answer):
            return answer
        wait_s = answer.retry_after_s if answer.retry_after_s is not None else wait_s
        if wait_s > PATIENCE_S:
            return answer
    except TooSlowError:
        raise
    except BackendError as error:
        if not error.retry:
            raise
    await asyncio.sleep(wait_s)
    return await post()


def longest_translation(text: str) -> int:
    """Characters of the longest translation of a text; what is longer is none."""
    return _GROWS * len(text) + _ROOM


def refusal(answer: Answer, endpoint: Endpoint, server: Server, model: str) -> BackendError:
    """A status of 400 and more in words."""
    said = endpoint.censored(_server_words(answer))
    behind = f": {said}" if said else ""
    retry = False
    match answer.status:
        case 401:
            text, hint = "does not accept the API key", f"Set {server.key} to a key of that server"
        case 403:
            text, hint = "does not allow this", f"Check what the key in {server.key} may do"
        case 404:
            text = f"has no {server.what}, or no model {model!r:.60}{behind}"
            hint = f"Check {server.address} (it usually ends in /v1) and {server.model}"
        case 413:
            text, hint, retry = "takes no request of this size", "Shorter ones may pass", True
        case 429 if _no_credit(answer):
            text, hint = "says that the account's credit is used up", "Top it up, or choose another server"
        case 429:
            wait = f" for {answer.retry_after_s:.0f} s" if answer.retry_after_s else ""
            text, hint, retry = f"takes no more requests{wait}", "Wait, or choose a server with more room", True
        case status if status >= 500:
            text, hint, retry = f"failed with status {status}{behind}", "Look at the server, or try again later", True
        case status:
            text, hint = f"refused the request with status {status}{behind}", f"Check {server.address}"
    return BackendError(f"{endpoint} {text}", hint, retry=retry)


def _server_words(answer: Answer) -> str:
    """The error message in an answer, in any of the shapes that servers use."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    error = found.get("error", found) if isinstance(found, dict) else found
    if isinstance(error, dict):
        error = error.get("message", error.get("detail", ""))
    return error if isinstance(error, str) else ""


def _no_credit(answer: Answer) -> bool:
    return answer.status == 429 and b"insufficient_quota" in answer.body
