"""What navigation needs of a receiver of positions: fixes in the order of their times, and when there are none."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from host.navigate.position import Fix
from host.position.measurement import Measurement, NoFix

__all__ = ["Fix", "Lost", "PositionSource", "Receiver"]


@dataclass(frozen=True, slots=True)
class Lost:
    """There are no fixes; the next one says that there are again.

    Attributes:
        since_s: time of the last fix, on the source's clock; None where there was none yet.
        code: stable name of the reason: "no-fix" (the receiver sees too few satellites), "silent" (it says nothing),
            "unreachable" (it is not there any more, and is tried again).
        message: one sentence, what happened; no full stop.
        hint: what to do next; empty where there is nothing to do.
    """

    since_s: float | None
    code: str
    message: str
    hint: str = ""


class PositionSource(Protocol):
    """Where somebody is: a receiver, a recording of one, a fixed place. Used once."""

    @property
    def name(self) -> str:
        """What it is: "gpsd", "nmea", "geoclue", "gpx" or "fixed"; also the `source` of its fixes."""
        ...

    @property
    def moves(self) -> bool:
        """Whether more than one place can come."""
        ...

    def now_s(self) -> float:
        """The time on the clock of its fixes, which never goes back; a replay's runs faster or slower than others.

        Only to be asked while `reports` is being iterated over. Never before the newest fix, and in a replay never
        beyond the next one.
        """
        ...

    def reports(self) -> AsyncGenerator[Fix | Lost, None]:
        """Fixes, each later than the one before, and when they cease; one `Lost` for each reason that there are none.

        It ends where a recording ends, and never for a receiver: one that dies is a `Lost`, and is tried again.
        Closing it (`contextlib.aclosing`), or cancelling who waits for it, closes connections, devices and files at
        once; nothing else is left behind. A reader who is slow loses the oldest fixes, never the newest.

        Raises:
            PositionError: there can be no positions: a file is no recording, a device is missing, and at the start
                also that a receiver is not in reach.
        """
        ...


class Receiver(Protocol):
    """A device or program that says where it is. It may be connected again after it was closed."""

    @property
    def name(self) -> str:
        """As that of the source."""
        ...

    @property
    def quiet_s(self) -> float:
        """Seconds of silence after which it is taken to have no position; infinite where it speaks only on moving."""
        ...

    async def connect(self) -> None:
        """Reach it, in bounded time. Raises PositionError. Cancelled or failed, nothing stays open."""
        ...

    async def read(self) -> Measurement | NoFix:
        """The next that it says. Raises PositionError where it has gone. Cancelling loses nothing that was said."""
        ...

    async def close(self) -> None:
        """Let go of it. Repeated calls do nothing. Never raises."""
        ...
