"""Glasses by their address, as every verb opens them: `ble:` means those that this computer is bound to."""

from __future__ import annotations

from firmware_bridge import BoundGlasses, Glasses, radio_in
from host.app.glasses import NO_GLASSES
from host.errors import UsageError
from host.events import Notice
from host.link_record import LinkRecord
from host.paths import data_folder
from host.store.glasses import bound_pairs

__all__ = ["EMULATED", "glasses_if_any", "kept_as", "notice_of_others", "open_glasses", "open_unbound"]

EMULATED = "emulator"
"""The radio, in the store, of emulated glasses in this program."""


def kept_as(uri: str) -> str:
    """The radio of an address, as bound pairs are kept by it."""
    radio = radio_in(uri)
    return EMULATED if radio is None else radio


def open_glasses(
    uri: str, record: LinkRecord | None = None, *, any_bound: bool = False, give_up_s: float | None = None
) -> Glasses:
    """The glasses of an address, not yet connected.

    Args:
        uri: the address.
        record: where to record the link to; None for nowhere.
        any_bound: whether another bound pair is taken where the one that was connected stays away.
        give_up_s: how long a lost link is tried again; None for an hour.

    Raises:
        GlassesError: the address cannot be used.
        StoreError: which glasses are bound cannot be read.
    """
    bound = [BoundGlasses(p.address, p.name) for p in bound_pairs(data_folder(), radio_in(uri))]
    return _opened(uri, bound, record, any_bound=any_bound, give_up_s=give_up_s)


def open_unbound(uri: str, record: LinkRecord | None = None) -> Glasses:
    """As `open_glasses`, of all in range and not only of the bound ones: what is to be bound."""
    return _opened(uri, [], record)


def glasses_if_any(uri: str, record: LinkRecord | None = None) -> Glasses | None:
    """The glasses of an address, not yet connected; None where none are wanted.

    Raises:
        UsageError: a link is to be recorded that there is not.
        GlassesError, StoreError: as `open_glasses`.
    """
    if uri.strip().lower() != NO_GLASSES:
        return open_glasses(uri.strip(), record)
    if record is not None:
        raise UsageError("without glasses there is no link to record", "Leave --record out, or name glasses")
    return None


def notice_of_others(glasses: Glasses, uri: str, t: float) -> Notice | None:
    """What to tell of glasses that are connected and are not those bound; None where they are, or none are bound."""
    pairs = bound_pairs(data_folder(), radio_in(uri))
    if not pairs or glasses.session is None:
        return None
    info = glasses.session.link.info
    if info.address.upper() in {pair.address.upper() for pair in pairs}:
        return None
    return Notice(
        t=t,
        code="not-bound",
        message=f"these are not your glasses: {info.name} ({info.address}) is not bound to this computer",
        hint="Bind them too with: sidelight setup",
    )


def _opened(
    uri: str,
    bound: list[BoundGlasses],
    record: LinkRecord | None,
    *,
    any_bound: bool = False,
    give_up_s: float | None = None,
) -> Glasses:
    path, media = (None, False) if record is None else (record.path, record.media)
    return Glasses.open(uri, bound=bound, record=path, record_media=media, any_bound=any_bound, give_up_s=give_up_s)
