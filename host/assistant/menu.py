"""The menu on the lens: one tap goes on, two choose, and after a while it closes by itself; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from host.assistant.actions import ACTIONS, Action

__all__ = ["Menu", "chosen", "moved", "opened", "rows"]

STAYS_S: Final = 8.0
"""After the last tap: to read an entry and make up one's mind takes two or three seconds; our choice."""

ROWS: Final = 3
"""Entries that are seen at once: the one that two taps choose, and what follows."""


@dataclass(frozen=True, slots=True)
class Menu:
    """The menu while it is open.

    Attributes:
        entries: at least one.
        at: number of the entry that is chosen by two taps.
        until_s: it closes then.
    """

    entries: tuple[Action, ...]
    at: int
    until_s: float


def opened(now_s: float, possible: frozenset[str]) -> Menu | None:
    """The menu with what is possible at the moment, by name; None where nothing is."""
    entries = tuple(one for one in ACTIONS if one.in_menu and one.name in possible)
    return Menu(entries, 0, now_s + STAYS_S) if entries else None


def moved(menu: Menu, now_s: float) -> Menu:
    """One entry further; behind the last comes the first."""
    return replace(menu, at=(menu.at + 1) % len(menu.entries), until_s=now_s + STAYS_S)


def chosen(menu: Menu) -> Action:
    """The entry that two taps choose."""
    return menu.entries[menu.at]


def rows(menu: Menu) -> tuple[str, ...]:
    """Labels as they are seen, the one that two taps choose first."""
    count = min(ROWS, len(menu.entries))
    return tuple(menu.entries[(menu.at + row) % len(menu.entries)].label for row in range(count))
