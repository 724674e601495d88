"""Glasses in range and glasses that are bound, as one list."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

from firmware_bridge import UNKNOWN_SIGNAL_DBM, Glasses, GlassesError, glasses_in_range, radio_in
from host.app.bound import kept_as, open_glasses
from host.errors import UsageError
from host.events import DeviceSeen, Event, Notice
from host.link_record import LinkRecord
from host.paths import data_folder
from host.store.glasses import BoundPair, GlassesStore, bound_pairs

__all__ = ["devices", "forget"]


async def devices(
    uri: str,
    seconds: float,
    *,
    battery: bool,
    report: Callable[[Event], None],
    elapsed: Callable[[], float],
    record: LinkRecord | None = None,
) -> int:
    """Report who is in range, strongest signal first, then the bound glasses that are not; how many were seen.

    Args:
        uri: a `ble:` address, for its radio.
        seconds: how long to look.
        battery: connect to the bound glasses in range, one after the other, and ask for their charge.
        report: gets every event.
        elapsed: seconds since the program started.
        record: where the link is recorded to while a charge is asked for; of further pairs beside it, numbered from 2.

    Raises:
        UsageError: the address has no radio.
        GlassesError: the radio or the file of a recording cannot be used.
        StoreError: which glasses are bound cannot be read.
    """
    if radio_in(uri) is None:
        raise UsageError(f"glasses are in range of a radio, and {uri!a:.80} names none", "Add --glasses ble:")
    seen = await glasses_in_range(uri, seconds)
    pairs = {pair.address.upper(): pair for pair in bound_pairs(data_folder(), radio_in(uri))}
    records = _one_each(record)
    for one in seen:
        is_bound = pairs.pop(one.address.upper(), None) is not None
        charge = None
        if battery and is_bound:
            charge = await _charge(open_glasses(at_address(uri, one.address), next(records)), report, elapsed)
        signal = None if one.signal_dbm == UNKNOWN_SIGNAL_DBM else one.signal_dbm
        report(
            DeviceSeen(
                t=elapsed(),
                device=one.name,
                address=one.address,
                signal_dbm=signal,
                seen=True,
                connected=one.connected,
                bonded=one.bonded,
                bound=is_bound,
                battery=charge,
            )
        )
    for pair in pairs.values():
        report(
            DeviceSeen(
                t=elapsed(),
                device=pair.name,
                address=pair.address,
                signal_dbm=None,
                seen=False,
                connected=False,
                bonded=None,
                bound=True,
            )
        )
    return len(seen)


def forget(uri: str, which: str) -> list[BoundPair]:
    """Keep to the pair of that name or address no more; the computer's key for it stays with the system.

    Args:
        uri: an address, for its radio; of emulated glasses, what setup has kept of those.
        which: name or address.

    Raises:
        UsageError: no bound pair is called so.
        StoreError: it cannot be written.
    """
    pairs = bound_pairs(data_folder(), kept_as(uri))
    wanted = which.strip().casefold()
    gone = [pair for pair in pairs if wanted in (pair.name.casefold(), pair.address.casefold())]
    if not gone:
        known = ", ".join(f"{pair.name!a} ({pair.address!a})" for pair in pairs)
        raise UsageError(f"no bound glasses are called {which!a:.60}", f"Bound are: {known or 'none'}")
    store = GlassesStore.open(data_folder())
    try:
        store.forget(gone)
    finally:
        store.close()
    return gone


def _one_each(record: LinkRecord | None) -> Iterator[LinkRecord | None]:
    """A recording for each pair: a file holds one link."""
    yield record
    for number in itertools.count(2):
        yield record and replace(record, path=record.path.with_stem(f"{record.path.stem}-{number}"))


async def _charge(glasses: Glasses, report: Callable[[Event], None], elapsed: Callable[[], float]) -> int | None:
    try:
        async with glasses:
            return await glasses.battery()
    except GlassesError as error:
        report(Notice(t=elapsed(), code=error.code, message=error.message, hint=error.hint))
        return None


def at_address(uri: str, address: str) -> str:
    """The same radio, and these glasses."""
    via = radio_in(uri)
    return f"ble:{address}?via={via}" if via else f"ble:{address}"
