"""Glasses found, paired with, bound, and tested with their wearer."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from firmware_bridge import BoundGlasses, Glasses, bound_in, glasses_in_range, radio_in
from host.app.bound import EMULATED, kept_as, open_glasses, open_unbound
from host.app.devices import at_address
from host.app.glasses import LOW_BATTERY_PERCENT, NO_GLASSES
from host.app.setup.wearer import Nobody, Wearer
from host.app.setup.wearer_tests import TESTS, run_test
from host.errors import UsageError
from host.link_record import LinkRecord
from host.paths import data_folder
from host.store.glasses import BoundPair, GlassesStore

__all__ = ["TESTS", "prepare_glasses"]

LOOK_S: Final = 3.0

_PLAYED: Final = {"microphone": "mic", "camera": "camera", "tap": "taps", "compass": "head"}
"""A test, and the part of the address that plays to emulated glasses what a wearer would do."""

Told = Callable[..., None]

_SYSTEMS: Final = {
    "darwin": "macOS will ask whether to pair: accept within 20 seconds (nobody has tried this here)",
    "win32": "Windows pairs by itself; should it ask, accept (nobody has tried this here)",
}


async def prepare_glasses(
    uri: str,
    wearer: Wearer,
    told: Told,
    bound: Callable[[], None],
    *,
    tests: Collection[str],
    again: frozenset[str],
    record: LinkRecord | None = None,
) -> bool:
    """Pair and bind where that was not done, then test what was not passed; whether all went well.

    Args:
        uri: which glasses.
        wearer: who is asked.
        told: gets step, state, detail and hint of each step.
        bound: called once they are bound, or known to be.
        tests: names of the tests to pass.
        again: what is done once more although it is known.
        record: where the link is recorded to; None for nowhere.

    Raises:
        UsageError: an address that cannot be set up, or a link to record that nothing is done over.
        GlassesError: the glasses cannot be reached, paired with or used.
        StoreError: what is bound cannot be kept.
    """
    if uri.strip().lower() == NO_GLASSES:
        _require_none(record, "without glasses", "Leave --record out, or name glasses")
        told("glasses", "skipped", "none are wanted")
        return True
    radio = _radio(uri)
    with contextlib.closing(GlassesStore.open(data_folder())) as store:
        pairs = [pair for pair in store.all() if pair.radio == radio]
        mine = None if "glasses" in again else _named(uri, pairs)
        wanted = [test for test in tests if mine is None or test in again or test not in mine.tests]
        if mine is not None:
            bound()
            how = "emulated, set up" if radio == EMULATED else f"{mine.address}, bound"
            told("glasses", "known", f"{mine.name} ({how} on {mine.bound[:10]})")
            for test in tests:
                if test not in wanted:
                    told(test, "known", "passed before")
            if not wanted:
                _require_none(record, "where all is known", "Say what to do once more, such as --again glasses")
                return True
        async with await _opened(uri, mine, wearer, record) as glasses:
            if mine is None:
                mine = _bound(glasses, radio, store, told)
                bound()
            charge = await glasses.battery()
            if charge <= LOW_BATTERY_PERCENT:
                told("battery", "failed", f"the battery is at {charge} %", "Charge the glasses before you use them")
            well = charge > LOW_BATTERY_PERCENT
            for test in wanted:
                if radio == EMULATED:
                    state = await _tested(test, glasses, Nobody(wearer), told, hint=_unplayed(test))
                else:
                    state = await _tested(test, glasses, wearer, told)
                well = well and state != "failed"
                mine = replace(mine, tests=mine.tests | {test} if state == "ok" else mine.tests - {test})
                store.bind(mine)
            return well


async def _opened(uri: str, mine: BoundPair | None, wearer: Wearer, record: LinkRecord | None) -> Glasses:
    """The glasses, not yet connected: the bound ones, or those that are to be."""
    radio = radio_in(uri)
    if mine is not None and radio is not None:
        return open_glasses(at_address(uri, mine.address), record)
    if radio is not None:
        uri = await _found(uri, wearer)
        wearer.tell(_SYSTEMS.get(sys.platform, "pairing: nothing is to be confirmed") if not radio else "pairing")
    return open_unbound(uri, record)


async def _found(uri: str, wearer: Wearer) -> str:
    """An address of one pair: the wearer chooses where several are in range."""
    if not wearer.answers or uri.partition("?via=")[0].strip().lower() != "ble:":
        return uri
    wearer.tell(f"looking for glasses for {LOOK_S:g} s; wake them, and disconnect them from any phone")
    seen = await glasses_in_range(uri, LOOK_S)
    if not seen:
        return uri  # connecting looks once more, and says what to do
    if len(seen) == 1:
        return at_address(uri, seen[0].address)
    for number, one in enumerate(seen, 1):
        wearer.tell(f"  {number}  {one.name} ({one.address}), {one.signal_dbm} dBm")
    while True:
        answer = (await wearer.ask("Which are yours (number)?", "1")).strip()
        if answer.isdecimal() and 0 < int(answer) <= len(seen):
            return at_address(uri, seen[int(answer) - 1].address)
        wearer.tell(f"a number from 1 to {len(seen)}")


def _require_none(record: LinkRecord | None, where: str, hint: str) -> None:
    """Raise UsageError where a link is to be recorded that there will not be."""
    if record is not None:
        raise UsageError(f"{where} there is no link to record", hint)


def _bound(glasses: Glasses, radio: str, store: GlassesStore, told: Told) -> BoundPair:
    assert glasses.session is not None, "just connected"  # noqa: S101
    info = glasses.session.link.info
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    pair = BoundPair(info.address.upper(), radio, info.name, now)
    store.bind(pair)
    if radio == EMULATED:
        told("glasses", "ok", f"{info.name} (emulated in this program, so there is nothing to pair)")
    else:
        told("glasses", "ok", f"{info.name} ({pair.address}) is paired and bound; ble: means it and no other")
    return pair


async def _tested(test: str, glasses: Glasses, wearer: Wearer, told: Told, hint: str = "") -> str:
    """Make a test, again where the wearer wants it; the state of the last. `hint` overrules that of a failed one."""
    while True:
        result = await run_test(test, glasses, wearer)
        told(test, result.state, result.detail, hint if hint and result.state == "failed" else result.hint)
        if result.state != "failed" or not wearer.answers:
            return result.state
        if (await wearer.ask("Try again (y/n)?", "n")).strip().lower() not in {"y", "yes"}:
            return result.state


def _unplayed(test: str) -> str:
    """What to do where emulated glasses fail a test; empty where it is nothing of theirs."""
    part = _PLAYED.get(test)
    return f"Nobody wears emulated glasses: {part}=FILE in their address plays it to them" if part else ""


def _radio(uri: str) -> str:
    if uri.strip().partition(":")[0].lower() == "replay":
        raise UsageError("a recording of glasses cannot be set up", "Name glasses: ble:, or emulator:frame")
    return kept_as(uri)


def _named(uri: str, pairs: list[BoundPair]) -> BoundPair | None:
    """The bound pair that an address means; None where it means none of them."""
    if radio_in(uri) is None:
        return pairs[0] if pairs else None
    meant = bound_in(uri, [BoundGlasses(pair.address, pair.name) for pair in pairs])
    return next((pair for pair in pairs if meant and pair.address == meant[0].address), None)
