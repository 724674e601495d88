"""A receiver as a source of positions: what it says is sifted, its silence is told, and it is reached again."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator
from typing import Final

from host.contracts.position import Fix, Lost, Receiver
from host.errors import PositionError
from host.position.measurement import Measurement, NoFix
from host.position.sift import Sieve, reconnected, sifted

__all__ = ["Receiving"]

RETRY_S: Final = (0.5, 30.0)  # before it is reached again: at first, and at most; each time twice as long
DEAD_S: Final = 30.0  # without a word: what it is connected through may be gone without one


class _SilentError(PositionError):
    """It is connected, and says nothing."""


class Receiving:
    """A `Receiver` as a `PositionSource`, both of `host/contracts`. The clock is the event loop's."""

    moves: Final = True

    def __init__(self, receiver: Receiver) -> None:
        """Prepare; nothing is connected."""
        self._receiver = receiver
        self._sieve = Sieve(receiver.name)
        self._told = ("", "")  # code and message of the newest loss; empty after a fix
        self._fixed_s = 0.0  # when there was a fix,
        self._heard_s = 0.0  # or a word; or the newest connection, whichever was later

    @property
    def name(self) -> str:
        """As in the contract."""
        return self._receiver.name

    def now_s(self) -> float:
        """As in the contract."""
        return asyncio.get_running_loop().time()

    async def reports(self) -> AsyncGenerator[Fix | Lost, None]:
        """As in the contract."""
        wait_s, reached = RETRY_S[0], False
        try:
            while True:
                try:
                    await self._receiver.connect()
                    self._heard_s = self._fixed_s = self.now_s()
                    self._sieve, reached = reconnected(self._sieve), True
                    while True:
                        report = await self._report()
                        if report is not None:
                            wait_s = RETRY_S[0] if isinstance(report, Fix) else wait_s
                            yield report
                except PositionError as error:
                    if not reached:
                        raise
                    trouble = error
                await self._receiver.close()
                code = "silent" if isinstance(trouble, _SilentError) else "unreachable"
                if wait_s > RETRY_S[0]:  # it did not come back at once
                    lost = self._lost(code, trouble.message, trouble.hint)
                    if lost is not None:
                        yield lost
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, RETRY_S[1])
        finally:
            await self._receiver.close()

    async def _report(self) -> Fix | Lost | None:
        """What there is to tell of its next word, or of its silence. Raises PositionError where it has gone."""
        quiet_s = self._receiver.quiet_s
        is_told = self._told[0] == "silent"
        limit_s = max(DEAD_S, quiet_s) if is_told else quiet_s
        try:
            async with asyncio.timeout_at(self._heard_s + limit_s if math.isfinite(limit_s) else None):
                said = await self._receiver.read()
        except TimeoutError:
            silent = _SilentError("the receiver says nothing", "See whether it is switched on and connected")
            if is_told:
                raise silent from None
            return self._lost("silent", silent.message, silent.hint)
        self._heard_s = self.now_s()
        return self._understood(said)

    def _understood(self, said: Measurement | NoFix) -> Fix | Lost | None:
        if isinstance(said, Measurement):
            self._sieve, fix = sifted(self._sieve, said, self._heard_s)
            if fix is not None:
                self._told, self._fixed_s = ("", ""), self._heard_s
                return fix
            said = NoFix()  # nothing new, or what cannot be
        if self._sieve.last is not None and self._heard_s - self._fixed_s < self._receiver.quiet_s:
            return None
        return self._lost("no-fix", said.message, said.hint)

    def _lost(self, code: str, message: str, hint: str) -> Lost | None:
        """A loss, unless it was told."""
        if self._told == (code, message):
            return None
        self._told = code, message
        last = self._sieve.last
        return Lost(None if last is None else last.time_s, code, message, hint)
