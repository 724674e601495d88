"""What taps and Halo's button do: an action, what is in front decides, or nothing; pure."""

from __future__ import annotations

from typing import Final, Literal

from host.assistant.actions import ACTIONS

__all__ = ["BINDABLE", "FRONT", "NOTHING", "Gesture"]

Gesture = Literal["taps.single", "taps.double", "taps.triple", "button.single", "button.double", "button.long"]
"""What a hand does, by the name of its setting."""

FRONT: Final = "front"
"""What is in front decides: once it goes on (next page, bookmark, the card of the way), otherwise it is taken (another
photo, pause)."""

NOTHING: Final = "nothing"

BINDABLE: Final = (FRONT, NOTHING, *(one.name for one in ACTIONS))
"""What a gesture can be bound to."""
