"""What the page shows, as it stands: events in, changes out; pure.

A client that comes late, or was too slow, is given the whole board; others get each event as it is told.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Final

from host.events import Event, to_json
from host.web.controls import Json

__all__ = ["Board"]

SENTENCES: Final = 5000
"""Sentences that are kept, and translations: nine hours of talk at nine a minute, some 2 MB."""

OTHERS: Final = 200
"""Prices, notices and errors that are kept."""

_LISTS: Final = {
    **dict.fromkeys(("sentence", "gap", "bookmark", "speaker_merged", "translation"), SENTENCES),
    **dict.fromkeys(("price", "photo", "notice", "error", "position", "console", "packet"), OTHERS),
}
_NEWEST: Final = ("partial", "link", "battery", "instruction", "route", "reroute", "fix", "recording")
_ENDS: Final = {"sentence": ("partial",), "arrived": ("instruction",), "route": ("fix", "reroute")}
"""What an event makes out of date."""


class Board:
    """The events that still mean something, by name: all of some kinds, the newest of others. As they are sent."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._told = 0
        self._lists: dict[str, deque[tuple[int, str]]] = {}
        self._newest: dict[str, tuple[int, str]] = {}

    def told(self, event: Event) -> str:
        """Take an event; as JSON, for the clients that are there."""
        return self._take(event.name, to_json(event))

    def take(self, event: Json) -> str:
        """The same of one that is none of the features'."""
        return self._take(str(event["event"]), json.dumps(event, separators=(",", ":")))

    def whole(self) -> list[str]:
        """Every event that still means something, in the order in which they were told."""
        told = [one for kept in self._lists.values() for one in kept]
        return [text for _, text in sorted([*told, *self._newest.values()])]

    def _take(self, name: str, text: str) -> str:
        self._told += 1
        for out_of_date in _ENDS.get(name, ()):
            self._newest.pop(out_of_date, None)
        if name in _LISTS:
            self._lists.setdefault(name, deque(maxlen=_LISTS[name])).append((self._told, text))
        elif name in _NEWEST:
            self._newest[name] = self._told, text
        return text
