"""Where the head of somebody who is led is turned: the compass of their glasses, if it is calibrated."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from datetime import datetime

from firmware_bridge import Glasses
from host.app.bound import kept_as
from host.app.compass import headings
from host.app.translate import Observer, Request
from host.app.worn import Worn
from host.backends.geomagnetism import earth_field
from host.contracts import Place
from host.errors import BackendMissingError
from host.events import Notice
from host.navigate.trip import Heading
from host.paths import data_folder
from host.store.compasses import calibration_of

__all__ = ["Headings", "compass_of"]

Headings = Callable[[], AsyncGenerator[Heading | None, None]]
"""Begins to tell where the head is turned; the sensor runs until what it gives is closed."""


def compass_of(here: Worn, place: Place, request: Request, observer: Observer) -> Headings | None:
    """The compass of these glasses about that place; None, which is told, where there is none to be relied on.

    Raises:
        StoreError: what is kept of it cannot be read.
    """
    session = here.glasses.session
    address = "" if session is None else session.link.info.address
    kept = calibration_of(data_folder(), address, kept_as(request.glasses))
    if kept is None:
        _told(observer, "the compass of these glasses is not calibrated", "Calibrate it: sidelight calibrate compass")
        return None
    try:
        field = earth_field(place, datetime.now().astimezone().date())
    except BackendMissingError as error:
        _told(observer, error.message, error.hint)
        return None
    return lambda: _of_these(here.glasses, address, headings(here.glasses, kept.calibration, field))


async def _of_these(
    glasses: Glasses, address: str, told: AsyncGenerator[Heading | None, None]
) -> AsyncGenerator[Heading | None, None]:
    """The headings of the pair with this address: another one that is put on is not calibrated so."""
    async with contextlib.aclosing(told):
        async for heading in told:
            session = glasses.session
            yield heading if session is not None and session.link.info.address == address else None


def _told(observer: Observer, why: str, hint: str) -> None:
    text = f"{why}: up in the sketch is where you walk, not where you look"
    observer.event(Notice(t=observer.elapsed(), code="walking-direction", message=text, hint=hint))
