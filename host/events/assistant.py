"""What was asked for in everyday mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from host.events.event import Event

__all__ = ["ActionDone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDone(Event):
    """An action was asked for and has begun.

    Attributes:
        action: its name, as `sidelight do` takes it.
        by: "tap", "menu", "voice", "model", "script" or "page".
        text: what is done, in a few words.
    """

    name: ClassVar[str] = "action"
    action: str
    by: str
    text: str
