"""Errors on the glasses that no call waits for: in drawing, in the app's loop, in orders sent without waiting."""

from __future__ import annotations

import logging
from typing import Final

from firmware_bridge.app_image import app_image
from firmware_bridge.messages import Failed

__all__ = ["Troubles"]

log = logging.getLogger(__name__)

KINDS: Final = 32  # glasses that go on with ever new ones are not listened to
TEXT_BYTES: Final = 200  # what the device app keeps of an error text


class Troubles:
    """Tells each kind of error once: what fails once a turn of the glasses' loop would fill any log."""

    def __init__(self) -> None:
        self._known: set[tuple[int, bytes]] = set()

    def told(self, report: Failed, glasses: str) -> str | None:
        """The error in one sentence, logged; None if it was told before. The text in it is data, quoted.

        `glasses` is their kind.
        """
        kind = (report.order, report.text[:TEXT_BYTES])
        if kind in self._known or len(self._known) >= KINDS:
            return None
        self._known.add(kind)
        where = app_image(glasses).locate(kind[1].decode("utf-8", "replace"))
        log.warning("the glasses report an error (order %#04x): %r", report.order, where)
        return f"the glasses report an error: {where!r}"
