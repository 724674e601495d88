"""The way to the glasses: this computer's Bluetooth; and, if asked, the glasses themselves."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterator
from typing import Final

from firmware_bridge import GlassesInfo, check_radio, firmware_report, radio_in
from host.app.bound import notice_of_others, open_glasses
from host.app.doctor.checkup import Checkup, in_a_row, missing, ok, unknown, wanted
from host.app.doctor.packages import EXTRAS, install, versions, wants
from host.app.glasses import LOW_BATTERY_PERCENT, NO_GLASSES, run_on_clock
from host.events import Finding, Notice
from host.link_record import LinkRecord
from host.paths import data_folder
from host.store.glasses import bound_pairs

__all__ = ["emulated_glasses", "glasses"]

_FULL_VALUE: Final = 244  # bytes of a value at Frame's MTU of 247 (device reference 1.3)
_ATT_HEADER: Final = 3
_LITTLE_MEMORY: Final = 20 << 10  # bytes; a photo's block and a line of text need less together


def glasses(checkup: Checkup) -> Iterator[Finding]:
    """Bluetooth, and the glasses."""
    address = checkup.settings.glasses.strip()
    needed = address.lower().startswith("ble:") and "via=" not in address
    for found in asyncio.run(check_radio(checkup.kernel)):
        if found.condition == "broken":
            yield wanted(found.name, found.message, found.hint, needed=needed)
        elif found.condition == "missing":
            yield missing(found.name, found.message, found.hint)
        elif found.condition == "unknown":
            yield unknown(found.name, found.message, found.hint)
        else:
            yield ok(found.name, found.message)
    yield from _bound(address)
    if address.lower() == NO_GLASSES:
        return
    if not checkup.connect:
        how = "Look at them, too: sidelight doctor --glasses ble:"
        yield unknown("glasses", "the glasses were not connected to", how)
        return
    info, percent, others = run_on_clock(_met(address, checkup.record), address)
    yield from _of_glasses(info, percent)
    if others is not None:
        yield missing("whose they are", others.message, others.hint)


def emulated_glasses(checkup: Checkup) -> Iterator[Finding]:
    """Glasses without hardware, in this program and over Bluetooth without a radio."""
    address = checkup.settings.glasses.strip().lower()
    needed = {"emulator": address.startswith("emulator:"), "bumble": address.startswith("ble:") and "via=" in address}
    for extra, why in (("emulator", "emulator"), ("bumble", "Bluetooth without the system's")):
        if lacking := wants(*EXTRAS[extra]):
            yield wanted(why, in_a_row(lacking), install(extra), needed=needed[extra])
        else:
            yield ok(why, versions(*EXTRAS[extra]) or "installed")


def _bound(address: str) -> Iterator[Finding]:
    """Whose glasses `ble:` means."""
    if not address.lower().startswith("ble:"):
        return
    radio = radio_in(address)
    pairs = bound_pairs(data_folder(), radio)
    if pairs:
        yield ok("bound glasses", in_a_row([f"{pair.name!a:.60}" for pair in pairs]))
    else:
        said = "none are bound: the only glasses in range are taken, whosever they are"
        which = f" --glasses {shlex.quote(address)}" if radio else ""
        yield missing("bound glasses", said, f"Run: sidelight setup{which}")


async def _met(address: str, record: LinkRecord | None) -> tuple[GlassesInfo, int, Notice | None]:
    async with open_glasses(address, record) as met:
        return met.info, await met.battery(), notice_of_others(met, address, 0.0)


def _of_glasses(info: GlassesInfo, percent: int) -> Iterator[Finding]:
    yield ok("glasses", f"connected to {info.name!a:.60}")
    if info.max_value_bytes < _FULL_VALUE:
        slow = f"a packet carries {info.max_value_bytes} bytes instead of {_FULL_VALUE}, so everything is slow"
        yield missing("MTU", slow, "On Linux update BlueZ to 5.62 or later")
    else:
        yield ok("MTU", f"{info.max_value_bytes + _ATT_HEADER}: a packet carries {info.max_value_bytes} bytes")
    if percent <= LOW_BATTERY_PERCENT:
        yield missing("battery", f"{percent} % is little", "Charge the glasses")
    else:
        yield ok("battery", f"{percent} %")
    yield from _of_firmware(info.device)
    if info.heap_bytes < _LITTLE_MEMORY:
        how = "Restart the glasses: Frame in its cradle, Halo with its button"
        yield missing("memory", f"only {info.heap_bytes >> 10} KiB are free", how)
    else:
        yield ok("memory", f"{info.heap_bytes >> 10} KiB were free when the program on the glasses started")


def _of_firmware(device: str) -> Iterator[Finding]:
    report = firmware_report(device)
    if not report.version:
        yield unknown("firmware", f"the glasses call themselves {device!a:.60}, of which nothing is known")
        return
    for bug in report.mended:
        how = "Update the firmware with the app of Brilliant Labs"
        yield missing("firmware", f"{report.version} has a bug that an update mends: {bug}", how)
    if report.newer:
        yield unknown("firmware", f"{report.version} is newer than what Sidelight was written for")
    elif not report.mended:
        yield ok("firmware", report.version)
    yield ok("known limits of the firmware", "; ".join(report.noticed))
