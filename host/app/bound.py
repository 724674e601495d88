"""Glasses by their address, as every verb opens them: `ble:` means those that this computer is bound to."""

from __future__ import annotations

from pathlib import Path

from firmware_bridge import BoundGlasses, Glasses, radio_in
from host.events import Notice
from host.paths import data_folder
from host.store.glasses import bound_pairs

__all__ = ["notice_of_others", "open_glasses"]


def open_glasses(uri: str, *, record: Path | None = None, record_media: bool = False) -> Glasses:
    """The glasses of an address, not yet connected.

    Args:
        uri: the address.
        record: a file to record all traffic to, for a report; it must not exist.
        record_media: whether voice and pictures are in it, too.

    Raises:
        GlassesError: the address cannot be used.
        StoreError: which glasses are bound cannot be read.
    """
    bound = [BoundGlasses(pair.address, pair.name) for pair in bound_pairs(data_folder(), radio_in(uri))]
    return Glasses.open(uri, bound=bound, record=record, record_media=record_media)


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
