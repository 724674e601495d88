"""Where positions come from: whether the source that is set is there. Asked is only this computer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import aclosing
from typing import Final

from host.app.doctor.checkup import Checkup, broken, missing, ok, unknown
from host.app.positions import Way, open_position, way_to
from host.contracts.position import Fix, Lost, PositionSource
from host.errors import HostError
from host.events import Finding
from host.paths import named

__all__ = ["position"]

ANSWER_S: Final = 1.1  # a receiver with a fix says one a second; everything may take two


def position(checkup: Checkup) -> Iterator[Finding]:
    """The source of `navigate.position`: a file is read, gpsd on this computer is asked, a device looked at."""
    address = checkup.settings.navigate_position
    if not address:
        yield missing("position", "no source of positions is set", "Set navigate.position, such as gpsd:localhost:2947")
        return
    try:
        yield _source(address)
    except HostError as error:
        yield broken("position", error.message, error.hint)


def _source(address: str) -> Finding:
    """Raises HostError: it cannot work."""
    source = open_position(address)
    way, where = way_to(address)
    if way is Way.DEVICE:
        return _device(where)
    if way is Way.ELSEWHERE:
        return unknown("position", f"{address!a:.80} is not asked before it is used")
    report, heard = asyncio.run(_first(source))
    if isinstance(report, Fix):
        return ok("position", f"{source.name} says where you are, to {report.accuracy_m:.0f} m")
    if report is not None:
        return unknown("position", f"{source.name} is there: {report.message}", report.hint)
    if heard:
        return unknown("position", f"there is no position in {address!a:.80}")
    return unknown("position", f"{source.name} is there, and said nothing in a second", "See whether a receiver is on")


def _device(path: str) -> Finding:
    device = named(path)
    if not device.exists():
        return broken("position", f"there is no device {path!a}", "Plug the receiver in, and check its name")
    if not os.access(device, os.R_OK):
        return broken("position", f"{path!a} may not be read", "sudo usermod -aG dialout $USER, and log in again")
    return ok("position", f"the device {path!a} is there")


async def _first(source: PositionSource) -> tuple[Fix | Lost | None, bool]:
    """What it says first; whether it has come to its end where that is nothing. Raises PositionError."""
    async with aclosing(source.reports()) as reports:
        try:
            async with asyncio.timeout(ANSWER_S):
                report = await anext(reports, None)
        except TimeoutError:
            return None, False
        return report, report is None
