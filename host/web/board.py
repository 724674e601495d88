"""What the page shows, as it stands: events in, changes out; pure.

A client that comes late, or was too slow, is given the whole board; others get each event as it is told.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Final

from host.events import Event, to_json

__all__ = ["Board", "Json"]

Json = Mapping[str, object]
"""An event as `to_json` writes it."""

SENTENCES: Final = 5000
"""Sentences that are kept, and translations: nine hours of talk at nine a minute, some 2 MB."""

OTHERS: Final = 200
"""Prices, notices and errors that are kept."""

_LISTS: Final = {
    **dict.fromkeys(("sentence", "gap", "bookmark", "speaker_merged", "translation"), SENTENCES),
    **dict.fromkeys(("price", "photo", "notice", "error", "position", "console", "packet"), OTHERS),
}
_NEWEST: Final = ("partial", "link", "battery", "instruction", "route", "fix", "saved", "emulated")
_ENDS: Final = {"sentence": ("partial",), "arrived": ("instruction",), "route": ("fix",)}
"""What an event makes out of date."""


class Board:
    """The events that still mean something, by name: all of some kinds, the newest of others."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._lists: dict[str, deque[Json]] = {}
        self._newest: dict[str, Json] = {}

    def told(self, event: Event) -> Json:
        """Take an event; as JSON, for the clients that are there."""
        known: dict[str, object] = json.loads(to_json(event))
        name = event.name
        for out_of_date in _ENDS.get(name, ()):
            self._newest.pop(out_of_date, None)
        if name in _LISTS:
            self._lists.setdefault(name, deque(maxlen=_LISTS[name])).append(known)
        elif name in _NEWEST:
            self._newest[name] = known
        return known

    def whole(self) -> list[Json]:
        """Every event that still means something, in the order in which they were told."""
        events = [event for kept in self._lists.values() for event in kept]
        return sorted([*events, *self._newest.values()], key=_when)


def _when(event: Json) -> float:
    t = event["t"]
    return float(t) if isinstance(t, int | float) else 0.0
