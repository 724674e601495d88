"""What every use of an open database has in common: who asks, how often at most, what is said when it will not answer.

Nothing is asked unless the user has turned it on. A database that asks to be left alone is left alone as long as it
says, or for a minute; so is one that does not answer, for a wearer before a shelf does not wait for it twice.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from host.endpoint import Answer, Endpoint
from host.errors import BackendError

__all__ = ["OpenDatabase", "agent", "code_of"]

ANSWER_TIMEOUT_S: Final = 3.0  # a wearer stands before the shelf
BACK_OFF_S: Final = 60.0  # limits are counted by the minute
_MINUTE_S: Final = 60.0
_CONTACT: Final = "https://pypi.org/project/sidelight/"


def agent() -> str:
    """What we call ourselves: Open Food Facts asks for name, version and where we can be reached."""
    try:
        number = version("sidelight")
    except PackageNotFoundError:
        number = "0"
    return f"Sidelight/{number} (+{_CONTACT})"


def code_of(gtin: str) -> str:
    """A GTIN as these databases write it: eight digits or thirteen, so UPC-A with a zero before it."""
    digits = gtin.lstrip("0")
    return digits.zfill(8 if len(digits) <= 8 else 13)


class OpenDatabase:
    """A server with open data; requests are counted, and those beyond its limit are not sent."""

    def __init__(
        self,
        base_url: str,
        *,
        name: str,
        setting: str,
        per_minute: int,
        timeout_s: float = ANSWER_TIMEOUT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Check the address; nothing is sent.

        Args:
            base_url: https, or http on this computer.
            name: what people call it.
            setting: what the user calls the address.
            per_minute: requests in any minute, as its operators allow.
            timeout_s: for an answer.
            clock: seconds.

        Raises:
            UsageError: no such address.
        """
        self.endpoint = Endpoint(base_url, setting=setting, agent=agent())
        self.name, self._per_minute, self._timeout_s, self._clock = name, per_minute, timeout_s, clock
        self._sent: deque[float] = deque(maxlen=per_minute)
        self._quiet_until, self._why = -1.0, ""

    async def get(self, path: str, kind: str = "application/json") -> Answer:
        """The answer, of status 200 or 404. Cancelling breaks the connection.

        Raises:
            BackendError: no answer, another status, or too many requests; then nothing is sent.
        """
        now = self._clock()
        if now < self._quiet_until:
            raise self._busy(self._quiet_until - now)
        if len(self._sent) == self._per_minute and now - self._sent[0] < _MINUTE_S:
            raise self._quiet(
                f"{self.name} may be asked {self._per_minute} times a minute only", self._sent[0] + _MINUTE_S
            )
        self._sent.append(now)
        try:
            answer = await self.endpoint.get(path, timeout_s=self._timeout_s, kind=kind)
        except BackendError as error:
            said = f"{self.name} is out of reach: {error.message}"
            self._quiet(said, self._clock() + BACK_OFF_S)
            raise BackendError(said, error.hint, retry=error.retry) from error
        if answer.status in (429, 503):
            wait_s = BACK_OFF_S if answer.retry_after_s is None else answer.retry_after_s
            raise self._quiet(f"{self.name} takes no more requests", self._clock() + wait_s)
        if answer.status not in (200, 404):
            raise BackendError(
                f"{self.name} answered with status {answer.status}", "Try again later", retry=answer.status >= 500
            )
        return answer

    def object_in(self, answer: Answer) -> dict[str, Any]:
        """The JSON object of an answer. Raises BackendError."""
        try:
            found = json.loads(answer.body, parse_float=str)
        except (ValueError, RecursionError) as error:
            raise self.nonsense() from error
        if not isinstance(found, dict):
            raise self.nonsense()
        return found

    def nonsense(self) -> BackendError:
        """What an answer is that cannot be understood."""
        return BackendError(f"{self.name} answered with something that is not understood", "Try again later")

    def close(self) -> None:
        """Ask no more. Repeated calls do nothing."""
        self.endpoint.close()

    def _quiet(self, why: str, until: float) -> BackendError:
        """Ask no more before that time, and what to say of it."""
        self._quiet_until, self._why = until, why
        return self._busy(until - self._clock())

    def _busy(self, wait_s: float) -> BackendError:
        return BackendError(self._why, f"It is asked again in {max(1, round(wait_s))} s", retry=True)
