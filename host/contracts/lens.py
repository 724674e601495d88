"""What the wearer looks at."""

from __future__ import annotations

from typing import Protocol

from host.lens.display_list import DisplayList
from host.lens.shape import LensShape

__all__ = ["Lens"]


class Lens(Protocol):
    """What the wearer looks at."""

    @property
    def shape(self) -> LensShape:
        """How large it is, and what of it is seen."""
        ...

    async def show(self, picture: DisplayList) -> None:
        """Make the lens show this and nothing else; only what changed crosses the link.

        Returns when the glasses have it. While a call waits, a newer picture replaces it: the newest always wins,
        and every waiting call returns when its picture or a newer one is there. During a lost link it waits for
        the link to come back. Cancelling leaves either the old or the new picture, whole.

        Raises:
            LensError: it cannot be drawn, or the glasses are gone for good.
        """
        ...
