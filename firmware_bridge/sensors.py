"""Taps, motion samples and the battery's charge, through lost links."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from firmware_bridge.errors import DeviceError, GlassesError, RemoteProtocolError
from firmware_bridge.feed import Feed
from firmware_bridge.messages import Battery, BatteryLevel, Failed, Sense, SensorSample, Tapped
from firmware_bridge.reconnect import Reconnector, answered
from firmware_bridge.session import Session
from firmware_bridge.wire import SensorPacket

__all__ = ["Button", "SensorKeeper", "Tap"]

REPLY_S: Final = 10.0  # an answer that takes longer, lost links included, is not worth waiting for
TAPS: Final = 16
SAMPLES: Final = 4
NOTHING: Final = Sense(taps=0, period_ms=0)
T = TypeVar("T")

Button = Literal["", "single", "double", "long"]
"""How Halo's button was pressed: once, twice within 0.4 s, or for a second; empty for a tap on the glasses."""

BUTTONS: Final[tuple[Button, ...]] = ("", "single", "double", "long")  # as `Tapped` numbers them


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap, or one press of Halo's button.

    Attributes:
        time_s: the glasses' own clock, for telling a double tap from two.
        button: how it was pressed; empty for a tap.
    """

    time_s: float
    button: Button = ""


class SensorKeeper:
    """The sensors run while somebody listens, on every session; the shortest period asked for is that of all."""

    def __init__(self) -> None:
        self._taps: Feed[Tap] = Feed(TAPS)
        self._motion: Feed[SensorSample] = Feed(SAMPLES)
        self._periods_ms: list[int] = []
        self._session: Session | None = None  # the newest, ready or not: to one that is over nothing is sent
        self._told = NOTHING  # the newest session
        self._spared = False  # motion
        self._used = False  # an order may have reached the glasses, and one to stop may not
        self._level: asyncio.Future[int] | None = None

    def taps(self) -> AsyncGenerator[Tap, None]:
        """Taps from now on. Raises GlassesError when the glasses are out of reach for good."""
        return self._values(self._taps)

    async def motion(self, period_s: float) -> AsyncGenerator[SensorSample, None]:
        """Samples from now on. Raises GlassesError when the glasses are out of reach for good."""
        period_ms = round(min(max(period_s, 0.02), 60) * 1000)
        self._periods_ms.append(period_ms)
        try:
            async with contextlib.aclosing(self._values(self._motion)) as samples:
                async for sample in samples:
                    yield sample
        finally:
            self._periods_ms.remove(period_ms)
            self._tell()

    def spare(self, *, motion: bool) -> None:
        """No samples of motion come from here on, or those that are listened to again."""
        self._spared = motion
        self._tell()

    async def battery(self, sessions: Reconnector) -> int:
        """Charge in percent. A question that went with its session is asked again on the next.

        Raises:
            LinkTimeoutError: no answer within `REPLY_S`, lost links included.
            DeviceError: the glasses cannot tell.
            GlassesError: the glasses are out of reach for good.
        """
        if self._level is None or self._level.done():
            self._level = asyncio.get_running_loop().create_future()
        level = self._level
        async with answered(REPLY_S, "the glasses do not say how full their battery is"):
            while not level.done():
                session = await sessions.session()
                session.post(Battery())
                await asyncio.wait((level, session.over), return_when=asyncio.FIRST_COMPLETED)
        return level.result()

    def resume(self, session: Session) -> None:
        """A new session is ready: the sensors run that somebody listens to, and no others."""
        self._session = session
        self._told = NOTHING
        if self._used and session.start.was_running and self._wanted() == NOTHING:
            session.post(NOTHING)
        self._tell()

    def end(self, reason: GlassesError) -> None:
        """There will be no more values."""
        self._taps.end(reason)
        self._motion.end(reason)

    def on_tap(self, report: Tapped) -> None:
        """Pass on a tap or a press; one that is neither is passed over."""
        if report.button < len(BUTTONS):
            self._taps.put(Tap(report.time_ms / 1000, BUTTONS[report.button]))

    def on_sample(self, packet: SensorPacket) -> None:
        """Pass on a sample; what is none is passed over."""
        with contextlib.suppress(RemoteProtocolError):
            self._motion.put(SensorSample.decode(packet.data))

    def on_level(self, report: BatteryLevel) -> None:
        """Answer who asked for the charge."""
        if self._level is not None and not self._level.done():
            self._level.set_result(min(report.percent, 100))

    def on_battery_failed(self, report: Failed) -> None:
        """Tell who asked for the charge."""
        if self._level is not None and not self._level.done():
            text = report.text.decode("utf-8", "replace")
            msg = "the glasses cannot say how full their battery is"
            self._level.set_exception(DeviceError(msg, "Restart them if it stays.", text))
            self._level.exception()  # whoever asked gets it; nobody need be asking any more

    async def _values(self, feed: Feed[T]) -> AsyncGenerator[T, None]:
        try:
            with feed.listening() as following:
                self._tell()
                while True:
                    yield await following()
        finally:
            self._tell()

    def _tell(self) -> None:
        wanted = self._wanted()
        if wanted != self._told and self._session is not None:
            self._told, self._used = wanted, True
            self._session.post(wanted)

    def _wanted(self) -> Sense:
        moves = bool(self._motion.listeners) and not self._spared
        return Sense(int(self._taps.listeners > 0), min(self._periods_ms) if moves else 0)
